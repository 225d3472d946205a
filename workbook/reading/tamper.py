"""What was altered in a workbook of ours: labels, formulas, rows, validation, names, protection, links. Exactly what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from workbook.finding import Finding, Source, Words
from workbook.form import Line, Table
from workbook.layout import Box, Label
from workbook.reading.book import Book, Place, Sheet, a1, parse_range
from workbook.reading.locate import Located, fold
from workbook.rulebook import finding, phrase
from workbook.template.places import TABLE_TOP, TEMPLATE_VERSION, Places

CELLS_NAMED = 8


class Stamp(NamedTuple):
    """What the template says of itself: form, template version, fingerprint of its structure."""

    form: str
    version: str
    fingerprint: str


def stamp_of(book: Book) -> Stamp | None:
    """The stamp of a workbook of ours; None for any other."""
    text = book.properties.get("ogi.stamp") or book.names.get("ogi.stamp", "").strip('"')
    parts = text.split("|")
    return Stamp(*parts) if len(parts) == 3 else None


def same_formula(one: str, other: str) -> bool:
    """Whether two formulas read the same, however a program spaces, cases or anchors them."""
    return _plain(one) == _plain(other)


def _plain(formula: str) -> str:
    return re.sub(r"[\s$]", "", formula).upper().replace(";", ",")


def findings(
    book: Book, stamp: Stamp | None, places: Places, tables: Mapping[str, Located], typed: frozenset[str]
) -> list[Finding]:
    """Everything that differs from the template as issued, or is missing from a workbook that is not ours.

    `typed` are totals that our own writer left as published; they are no alteration.
    """
    found = [*_links(book), *_missing(book, places, tables)]
    if stamp is None:
        what = phrase("foreign", form=places.form.id)
        return [finding("structure-template", what=what).at(Source(book.path.name)), *found]
    found += _version(book, stamp, places)
    found += _sheets(book, places, tables)
    found += _names(book, places)
    for located in tables.values():
        moved = list(_moved(book, places, located))
        found += moved
        found += _labels(book, places, located)
        found += _formulas(book, places, located, typed, as_issued=not moved)
        found += _validations(book, places, located, typed)
    return [*found, *_protection(book, tables)]


def _at(book: Book, sheet: Sheet | str, place: Place | None = None) -> Source:
    name = sheet if isinstance(sheet, str) else sheet.name
    return Source(book.path.name, name, a1(*place) if place else "")


def _links(book: Book) -> Iterator[Finding]:
    for target in book.external_links:
        yield finding("structure-link", what=target).at(Source(book.path.name))


def _version(book: Book, stamp: Stamp, places: Places) -> Iterator[Finding]:
    ours = f"{TEMPLATE_VERSION}/{places.fingerprint}"
    theirs = f"{stamp.version}/{stamp.fingerprint}"
    if ours != theirs:
        what = phrase("other-version", actual=theirs, expected=ours)
        yield finding("structure-template", what=what).at(Source(book.path.name))


def _missing(book: Book, places: Places, tables: Mapping[str, Located]) -> Iterator[Finding]:
    """Tables, rows and columns of the form that are not in the workbook: their figures were not read."""
    for table in places.form.tables:
        located = tables.get(table.code)
        title = _title(places, table)
        lines: Sequence[Line | Table] = (table,) if located is None else located.missing
        for line in lines:
            label = line.words if isinstance(line, Table) else line.brief
            cells = tuple(c.code for c in places.form.cells if c.table is table and line in (table, c.row, c.column))
            sheet = located.sheet.name if located else ""
            one = finding("structure-missing", cells=cells, expected=label.zh, table=title)
            yield one.at(Source(book.path.name, sheet))


def _title(places: Places, table: Table) -> Words:
    sheet = next(section.sheet for section in places.form.sections if section.code == table.section)
    return Words(f"{sheet}“{table.title}”", f"{sheet} ({table.en})")


def _sheets(book: Book, places: Places, tables: Mapping[str, Located]) -> Iterator[Finding]:
    have = {sheet.name for sheet in book.sheets}
    said = set()
    for code, located in tables.items():
        wanted = places.blocks[code][0]
        if wanted not in have and wanted not in said:
            said.add(wanted)
            what = phrase("sheet-renamed", expected=wanted, actual=located.sheet.name)
            yield finding("structure-sheet", what=what).at(_at(book, located.sheet))


def _names(book: Book, places: Places) -> Iterator[Finding]:
    sheets = {sheet.name for sheet in book.sheets}
    for name in places.names:
        text = book.names.get(name)
        area = parse_range(text or "")
        if text is None:
            what = phrase("name-gone")
        elif area is None or area[0] not in sheets:
            what = phrase("name-broken", value=text)
        else:
            continue
        yield finding("structure-name", expected=name, what=what).at(Source(book.path.name))


def _moved(book: Book, places: Places, located: Located) -> Iterator[Finding]:
    """Rows or columns inserted or removed, seen from where the lines now stand."""
    table, title = located.table, _title(places, located.table)
    if table.layout == "across":
        expected = {
            f"{r.code}.{c.code}": places.cells[table.cell(r.code, c.code)].column
            for r in table.rows
            for c in table.columns
        }
        top = places.blocks[table.code][1].top
        yield from _shifts(book, located, title, {table.rows[0].code: top}, located.rows, "row")
        yield from _shifts(book, located, title, expected, located.columns, "column")
        return
    first = table.columns[0].code
    rows = {row.code: places.cells[table.cell(row.code, first)].row for row in table.rows}
    columns = {c.code: places.cells[table.cell(table.rows[0].code, c.code)].column for c in table.columns}
    yield from _shifts(book, located, title, rows, located.rows, "row")
    yield from _shifts(book, located, title, columns, located.columns, "column")


def _shifts(
    book: Book, located: Located, title: Words, expected: Mapping[str, int], actual: Mapping[str, int], kind: str
) -> Iterator[Finding]:
    before = 0
    for code, place in expected.items():
        if code not in actual:
            continue
        shift = actual[code] - place
        if shift != before:
            at = place + before
            count = shift - before
            where = a1(0, at).rstrip("1") if kind == "column" else at + 1
            name = f"{kind}-added" if count > 0 else f"{kind}-gone"
            what = phrase(name, row=where, count=abs(count))
            source = _at(book, located.sheet, (at, 0) if kind == "row" else (0, at))
            yield finding("structure-row", table=title, what=what).at(source)
            before = shift


def _labels(book: Book, places: Places, located: Located) -> Iterator[Finding]:
    """Every printed label of the table that no longer reads as issued, at the place it has moved to."""
    for label in _own_labels(places, located.table):
        place = _now(places, located, label.box)
        cell = located.sheet.cells.get(place)
        actual = "" if cell is None or cell.value is None else str(cell.value)
        if fold(actual) != fold(label.text):
            source = _at(book, located.sheet, place)
            shown = actual if len(actual) <= 40 else actual[:39] + "…"
            one = finding("structure-label", actual=shown, expected=label.text, where=str(source))
            yield one.at(source)


def _own_labels(places: Places, table: Table) -> list[Label]:
    """The labels of one table, among all of its sheet: from its own heading down to its last row."""
    sheet, box = places.blocks[table.code]
    block = next(b for b in places.plans[sheet].blocks if b.table.code == table.code)
    top = block.head + TABLE_TOP
    several = len(places.plans[sheet].blocks) > 1
    return [x for x in places.labels[sheet] if top - several <= x.box.top <= box.bottom]


def _now(places: Places, located: Located, box: Box) -> Place:
    """Where a label stands after rows and columns moved: as far as the nearest line at or below (right of) it."""
    table = located.table
    first = table.columns[0].code
    if table.layout == "across":
        top = places.blocks[table.code][1].top
        down = next(iter(located.rows.values())) - top
        columns = {
            f"{r.code}.{c.code}": places.cells[table.cell(r.code, c.code)].column
            for r in table.rows
            for c in table.columns
        }
        return box.top + down, box.left + _shift_at(columns, located.columns, box.left)
    rows = {row.code: places.cells[table.cell(row.code, first)].row for row in table.rows}
    columns = {c.code: places.cells[table.cell(table.rows[0].code, c.code)].column for c in table.columns}
    right = _shift_at(columns, located.columns, box.left) if box.left >= min(columns.values()) else 0
    return box.top + _shift_at(rows, located.rows, box.top), box.left + right


def _shift_at(expected: Mapping[str, int], actual: Mapping[str, int], position: int) -> int:
    shifts = [actual[code] - place for code, place in expected.items() if code in actual and place >= position]
    return shifts[0] if shifts else next(reversed([actual[c] - p for c, p in expected.items() if c in actual]), 0)


def _formulas(
    book: Book, places: Places, located: Located, typed: frozenset[str], *, as_issued: bool
) -> Iterator[Finding]:
    for code, place in located.cells.items():
        expected = places.formulas.get(code)
        if expected is None or code in typed:
            continue
        cell = located.sheet.cells.get(place)
        if cell is None or (cell.formula is None and cell.value in (None, "")):
            what = phrase("cleared")
        elif cell.formula is None:
            what = phrase("filled-over", value=str(cell.value))
        elif as_issued and cell.formula and not same_formula(cell.formula, expected):
            what = phrase("changed", value=cell.formula)
        else:
            continue
        source = _at(book, located.sheet, place)
        one = finding(
            "structure-formula", cells=(code,), where=str(source), what=what, place=places.form.cell(code).words
        )
        yield one.at(source)


def _validations(book: Book, places: Places, located: Located, typed: frozenset[str]) -> Iterator[Finding]:
    areas = [
        area
        for validation in located.sheet.validations
        if validation.stops and validation.kind in ("whole", "decimal")
        for text in validation.ranges
        if (area := parse_range(text)) is not None
    ]
    lost = [
        (place, code)
        for code, place in located.cells.items()
        if (code not in places.formulas or code in typed)
        and not any(top <= place[0] <= bottom and left <= place[1] <= right for _, top, left, bottom, right in areas)
    ]
    if lost:
        first = [a1(*place) for place, _ in lost[:CELLS_NAMED]]
        more = "等" if len(lost) > CELLS_NAMED else ""
        where = Words("、".join(first) + more, ", ".join(first) + (" …" if more else ""))
        cells = tuple(code for _, code in lost)
        one = finding(
            "structure-validation", cells=cells, table=_title(places, located.table), count=len(lost), where=where
        )
        yield one.at(_at(book, located.sheet, lost[0][0]))


def _protection(book: Book, tables: Mapping[str, Located]) -> Iterator[Finding]:
    names = {located.sheet.name for located in tables.values()}
    for sheet in book.sheets:
        if sheet.name in names and not sheet.protected:
            yield finding("structure-protection", where=sheet.name).at(_at(book, sheet))
