"""Finds what was altered in a workbook of ours: labels, formulas, rows, validation, names, protection, links.

Of a workbook that is not ours it says what could not be read, and which labels were taken by their place alone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import accumulate
from typing import NamedTuple

from workbook.excel.reading.entry_reader import NarrativeTexts
from workbook.excel.reading.external_content import list_external_findings
from workbook.excel.reading.figure_reader import find_previous_year
from workbook.excel.reading.label_alignment import (
    RowShift,
    find_anchors,
    find_column_shifts,
    find_current_place,
    find_row_shifts,
)
from workbook.excel.reading.label_index import WorkbookView, find_name, fold_label
from workbook.excel.reading.program_losses import (
    find_program_losses,
    report_program_losses,
)
from workbook.excel.reading.reading_context import (
    CELLS_NAMED,
    LocatedTable,
    WorkbookReading,
    describe_places,
    get_table_title,
    shorten_text,
)
from workbook.excel.reading.table_locator import find_second_copies, select_with_previous
from workbook.excel.reading.template_index import IssuedTable, IssuedTemplate
from workbook.excel.reading.workbook_contents import Cell, Sheet
from workbook.excel.template_layout import TEMPLATE_VERSION
from workbook.model import identity
from workbook.model.cell_address import Area, Place, format_address, parse_range
from workbook.model.finding import Finding
from workbook.model.rule_catalog import get_phrase, make_finding
from workbook.safety import unsafe_text
from workbook.safety.messages import Bilingual, load_messages

messages = load_messages("workbook.excel.template")


def list_tampering(reading: WorkbookReading) -> list[Finding]:
    """List everything that differs from the template as issued, or is missing from a workbook that is not ours."""
    said = [*_origin(reading), *_links(reading), *_sheets(reading), *_missing(reading), *_twice(reading)]
    if reading.stamp:
        validations = {code: list(check_validations(reading, found)) for code, found in reading.found.items()}
        losses = find_program_losses(reading, validations)
        resaved = report_program_losses(reading, losses)
        said += [resaved] if resaved else []
        said += [*([] if losses.names else _names(reading)), *_moved(reading)]
        for code, found in reading.found.items():
            table = reading.issued.tables[code]
            said += [*_labels(reading, table, found), *_guessed(reading, found)]
            said += [] if losses.formulas else check_formulas(reading, found)
            said += [] if losses.validations else validations[code]
        said += [*_cover(reading), *_headings(reading), *_protection(reading, resaved)]
    else:
        said += [one for found in reading.found.values() for one in _guessed(reading, found)]
    return said + list(_extras(reading))


# the file as a whole


def _origin(reading: WorkbookReading) -> Iterator[Finding]:
    stamp = reading.stamp
    if stamp is None:
        what = get_phrase("stamp-lost" if reading.ours else "foreign", form=reading.form.id)
        yield make_finding("structure-template", what=what).at(reading.at())
        return
    ours = f"{TEMPLATE_VERSION}/{reading.issued.places.fingerprint}"
    theirs = f"{stamp.version}/{stamp.fingerprint}"
    if ours != theirs:
        yield make_finding("structure-template", what=get_phrase("other-version", actual=theirs, expected=ours)).at(
            reading.at()
        )


def _links(reading: WorkbookReading) -> Iterator[Finding]:
    for target in reading.view.book.external_links:
        yield make_finding("structure-link", what=unsafe_text.make_one_line(target)).at(reading.at())
    yield from list_external_findings(reading)


def _missing(reading: WorkbookReading) -> Iterator[Finding]:
    """Tables, rows and columns of the form that are not in the workbook: their figures were not read."""
    for table in reading.form.tables:
        found, named = reading.found.get(table.code), get_table_title(reading.form, table)
        if found is None:
            cells = tuple(cell.code for cell in reading.form.cells if cell.table.code == table.code)
            yield make_finding("structure-missing", cells=cells, expected=table.title, table=named).at(reading.at())
            continue
        for label, cells in found.missing:
            one = make_finding("structure-missing", cells=cells, expected=label.zh, table=named)
            yield one.at(reading.at(found.sheet))


def _twice(reading: WorkbookReading) -> Iterator[Finding]:
    for table, sheet in find_second_copies(reading.form, reading.view, reading.found):
        what = get_phrase("sheet-twice", actual=sheet.name, table=get_table_title(reading.form, table))
        yield make_finding("structure-sheet", what=what).at(reading.at(sheet))


def _extras(reading: WorkbookReading) -> Iterator[Finding]:
    for sheet, place, where, value in list_unmapped_values(
        reading.issued, reading.view, reading.found, reading.texts, ours=reading.ours
    ):
        what = get_phrase("extra-value", where=f"{sheet.name}!{where}", value=value)
        yield make_finding("structure-extra", what=what).at(reading.at(sheet, place))


# sheets, names, protection


def _renamed(reading: WorkbookReading) -> dict[str, str]:
    """Sheets of the template that are not there by name: the name they go by now, or nothing where they are gone."""
    have, now = reading.view.sheets, {}
    homes = {name: area[0] for name, text in reading.issued.places.names.items() if (area := parse_range(text))}
    homes["checks"] = messages.text("sheet.checks")
    tables = {reading.issued.tables[code].sheet: found.sheet.name for code, found in reading.found.items()}
    for wanted in dict.fromkeys(homes.values()):
        if wanted not in have:
            named = [at[0].name for name, home in homes.items() if home == wanted and (at := reading.view.named(name))]
            now[wanted] = tables.get(wanted) or next(iter(named), "")
    return now


def _sheets(reading: WorkbookReading) -> Iterator[Finding]:
    if reading.stamp is None:
        return
    for wanted, actual in _renamed(reading).items():
        what = (
            get_phrase("sheet-renamed", expected=wanted, actual=actual)
            if actual
            else get_phrase("sheet-gone", expected=wanted)
        )
        yield make_finding("structure-sheet", what=what).at(reading.at(reading.view.sheets.get(actual)))


def _names(reading: WorkbookReading) -> Iterator[Finding]:
    gone = {wanted for wanted, actual in _renamed(reading).items() if not actual}
    for name, text in reading.issued.places.names.items():
        home = parse_range(text)
        if reading.view.named(name) is not None or (home and home[0] in gone):
            continue
        value = find_name(reading.view.book.names, name)
        what = get_phrase("name-gone") if value is None else get_phrase("name-broken", value=value)
        yield make_finding("structure-name", expected=name, what=what).at(reading.at())


def _protection(reading: WorkbookReading, resaved: Finding | None) -> Iterator[Finding]:
    """Name the sheets of tables that are not protected; all of them are part of what was told of a program."""
    names = list(dict.fromkeys(found.sheet.name for found in reading.found.values()))
    bare = [name for name in names if not reading.view.sheets[name].protected]
    if not bare or (resaved and bare == names):
        return
    where = Bilingual("”“".join(bare), "”, “".join(bare))
    yield make_finding("structure-protection", where=where).at(reading.at(reading.view.sheets[bare[0]]))


# rows and labels


def _moved(reading: WorkbookReading) -> Iterator[Finding]:
    """Rows and columns put in or taken out, once for each sheet."""
    sheets: dict[str, list[tuple[IssuedTable, LocatedTable]]] = {}
    for code, found in reading.found.items():
        sheets.setdefault(found.sheet.name, []).append((reading.issued.tables[code], found))
    for name, tables in sheets.items():
        if not all(found.as_issued for _, found in tables):
            sheet = reading.view.sheets[name]
            index = reading.view.index(sheet)
            yield from (_shifted(reading, sheet, shift, "row") for shift in find_row_shifts(tables, index))
            yield from (_shifted(reading, sheet, shift, "column") for shift in find_column_shifts(tables, index))


def _shifted(reading: WorkbookReading, sheet: Sheet, shift: RowShift, kind: str) -> Finding:
    place = (shift.at, 0) if kind == "row" else (0, shift.at)
    where = str(shift.at + 1) if kind == "row" else format_address(*place).rstrip("1")
    what = get_phrase(f"{kind}-added" if shift.more > 0 else f"{kind}-gone", row=where, count=abs(shift.more))
    return make_finding("structure-row", table=get_table_title(reading.form, shift.table.table), what=what).at(
        reading.at(sheet, place)
    )


def _labels(reading: WorkbookReading, table: IssuedTable, found: LocatedTable) -> Iterator[Finding]:
    """Every printed label of the table that no longer reads as issued, at the place it has moved to."""
    if found.as_issued:
        return
    known = find_anchors(table, found, reading.view.index(found.sheet))
    lost = {table.row_labels[code] for code in table.row_labels if code not in found.rows}
    lost |= {table.column_labels[key] for key in table.column_labels if key not in found.columns}
    guessed = {place for _, place in found.guessed}
    for issued_at, text in table.labels.items():
        place = find_current_place(issued_at, known)
        if issued_at not in lost and place not in guessed:
            yield from _label(reading, found, place, text)


def _guessed(reading: WorkbookReading, found: LocatedTable) -> Iterator[Finding]:
    for line, place in found.guessed:
        yield from _label(reading, found, place, line.printed)


def _label(reading: WorkbookReading, found: LocatedTable, place: Place, expected: str) -> Iterator[Finding]:
    cell = found.sheet.cells.get(place)
    actual = "" if cell is None or cell.value is None else str(cell.value)
    if fold_label(actual) != fold_label(expected):
        source = reading.at(found.sheet, place)
        yield make_finding("structure-label", actual=shorten_text(actual), expected=expected, where=str(source)).at(
            source
        )


def _cover(reading: WorkbookReading) -> Iterator[Finding]:
    """The labels beside the fields of the agency."""
    for field in identity.list_identity_fields():
        source = reading.view.named(f"agency.{field.code}")
        if source is None or reading.view.index(source[0]).find([fold_label(field.label)]):
            continue
        sheet, (row, column, _, _) = source
        cell = sheet.cells.get((row, column - 1))
        actual = "" if cell is None or cell.value is None else str(cell.value)
        at = reading.at(sheet, (row, column - 1))
        yield make_finding("structure-label", actual=shorten_text(actual), expected=field.label, where=str(at)).at(at)


def _headings(reading: WorkbookReading) -> Iterator[Finding]:
    """The headings of the written parts."""
    for section in reading.form.texts:
        area = reading.texts.areas.get(section.code)
        if area is not None:
            place = area.first - 1, area.column - 1
            cell = area.sheet.cells.get(place)
            actual = "" if cell is None or cell.value is None else str(cell.value)
            if not fold_label(actual).startswith(fold_label(section.label)):
                at = reading.at(area.sheet, place)
                one = make_finding(
                    "structure-label", actual=shorten_text(actual), expected=section.label, where=str(at)
                )
                yield one.at(at)


# What guards a table of ours: totals that are formulas, and entry cells that refuse what is no figure


def check_formulas(reading: WorkbookReading, found: LocatedTable) -> Iterator[Finding]:
    """Totals that no longer are the template's formula: each by itself, or in one sentence where there are many."""
    altered = [
        (code, place, what)
        for code, place in found.cells.items()
        if code in reading.issued.sums and code not in reading.typed and not reading.sums.get(code)
        for what in [_altered(found.sheet.cells.get(place))]
    ]
    if len(altered) > CELLS_NAMED:
        source = reading.at(found.sheet, altered[0][1])
        cells = tuple(code for code, _, _ in altered)
        where, count = describe_places([place for _, place, _ in altered]), len(altered)
        words = get_phrase("cells", count=count)
        at = Bilingual(f"{found.sheet.name}!{where.zh}", f"{found.sheet.name}!{where.en}")
        yield make_finding("structure-formula", cells=cells, what=get_phrase("altered"), where=at, place=words).at(
            source
        )
        return
    for code, place, what in altered:
        source = reading.at(found.sheet, place)
        words = reading.form.cell(code).words
        yield make_finding("structure-formula", cells=(code,), where=str(source), what=what, place=words).at(source)


def _altered(cell: Cell | None) -> Bilingual:
    """What became of a total's formula."""
    if cell is None or (not cell.formula and cell.value in (None, "")) or cell.formula == "":
        return get_phrase("cleared")
    if cell.formula is None:
        return get_phrase("filled-over", value=shorten_text(str(cell.value)))
    return get_phrase("changed", value=shorten_text(cell.formula))


def check_validations(reading: WorkbookReading, found: LocatedTable) -> Iterator[Finding]:
    """Cells for entry, and totals left as published, that no longer refuse what is no count or amount."""
    if found.sheet.validations is None:
        return
    areas = [
        area[1:]
        for validation in found.sheet.validations
        if validation.stops and validation.kind in ("whole", "decimal")
        for text in validation.ranges
        if (area := parse_range(text)) is not None
    ]
    entries = {
        place: code for code, place in found.cells.items() if code not in reading.issued.sums or code in reading.typed
    }
    covered = _covered(entries, areas)
    lost = [(place, code) for place, code in entries.items() if place not in covered]
    if lost:
        where = describe_places([place for place, _ in lost])
        table = get_table_title(reading.form, found.table)
        cells = tuple(code for _, code in lost)
        one = make_finding("structure-validation", cells=cells, table=table, count=len(lost), where=where)
        yield one.at(reading.at(found.sheet, lost[0][0]))


def _covered(places: Collection[Place], areas: Iterable[Area]) -> set[Place]:
    """The places within any of the areas, each of which is looked at once, however many they are."""
    rows, columns = sorted({row for row, _ in places}), sorted({column for _, column in places})
    edges = [[0] * (len(columns) + 1) for _ in range(len(rows) + 1)]
    for top, left, bottom, right in areas:
        first, last = bisect_left(rows, top), bisect_right(rows, bottom)
        begin, end = bisect_left(columns, left), bisect_right(columns, right)
        if first < last and begin < end:
            edges[first][begin] += 1
            edges[first][end] -= 1
            edges[last][begin] -= 1
            edges[last][end] += 1
    covered: set[Place] = set()
    above = [0] * (len(columns) + 1)
    for row, line in zip(rows, edges, strict=False):
        above = [one + more for one, more in zip(above, line, strict=True)]
        covered |= {(row, column) for column, count in zip(columns, accumulate(above), strict=False) if count}
    return covered & set(places)


# Figures typed where no table has a cell, and words beside the written parts: what would otherwise be


NAMED = 8
"""How many values of one row a message names."""
QUOTED = 20
"""How much of a text it quotes."""


class UnmappedValues(NamedTuple):
    """Values of one row that were not read: the first place, all places and values in words."""

    sheet: Sheet
    place: Place
    where: str
    value: str


def list_unmapped_values(
    issued: IssuedTemplate, view: WorkbookView, found: Mapping[str, LocatedTable], texts: NarrativeTexts, *, ours: bool
) -> Iterator[UnmappedValues]:
    """Values outside the tables: on our sheets anywhere, in other workbooks beside the figures of a table."""
    with_previous = found if ours else select_with_previous(found, view)
    year = find_previous_year(issued.form, view) if with_previous else None
    for name in dict.fromkeys(one.sheet.name for one in found.values()):
        sheet = view.sheets[name]
        tables = [one for one in found.values() if one.sheet is sheet]
        known = {place for one in tables for place in one.cells.values()}
        known |= {place for one in tables if one.table.code in with_previous for place in one.previous.values()}
        if year is not None and year[0] is sheet:
            known.add(year[1])
        inside = _anywhere if ours else _beside(tables)
        yield from _rows(sheet, [p for p, c in sheet.cells.items() if p not in known and inside(p) and _figure(c)])
    if ours:
        yield from _beside_texts(texts)


def _figure(cell: Cell) -> bool:
    """Whether a cell was meant to hold a figure."""
    if cell.error or isinstance(cell.value, bool):
        return False
    if isinstance(cell.value, str):
        return len(cell.value) < QUOTED and cell.formula is None and fold_label(cell.value).isdecimal()
    return cell.value is not None


def _anywhere(_: Place) -> bool:
    return True


class _beside:  # noqa: N801 -- reads as the condition it is
    """Within the rows of a table, from its first column of figures on."""

    def __init__(self, tables: list[LocatedTable]) -> None:
        self.boxes = [(min(t.rows.values()), max(t.rows.values()), min(t.columns.values())) for t in tables]

    def __call__(self, place: Place) -> bool:
        return any(top <= place[0] <= bottom and place[1] >= left for top, bottom, left in self.boxes)


def _beside_texts(texts: NarrativeTexts) -> Iterator[UnmappedValues]:
    """Words in another column than the paragraphs of a written part."""
    for area in texts.areas.values():
        rows = range(area.first, area.last + 1)
        yield from _rows(
            area.sheet,
            [
                place
                for place, cell in area.sheet.cells.items()
                if place[0] in rows and place[1] != area.column and isinstance(cell.value, str) and cell.formula is None
                and cell.value.strip()
            ],
        )  # fmt: skip


def _rows(sheet: Sheet, places: list[Place]) -> Iterator[UnmappedValues]:
    rows: dict[int, list[Place]] = {}
    for place in sorted(places):
        rows.setdefault(place[0], []).append(place)
    for some in rows.values():
        named = some[:NAMED]
        more = "等" if len(some) > NAMED else ""
        where = "、".join(format_address(*place) for place in named) + more
        value = "、".join(str(sheet.cells[place].value)[:QUOTED] for place in named) + more
        yield UnmappedValues(sheet, some[0], where, value)
