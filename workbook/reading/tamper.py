"""What was altered in a workbook of ours, exactly: labels, formulas, rows, validation, names, protection, links.

Of a workbook that is not ours it says what could not be read, and which labels were taken by their place alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from workbook import identity
from workbook.finding import Finding, Source, Words
from workbook.form import Form, Table
from workbook.reading.book import Book, Cell, Place, Sheet, a1, parse_range
from workbook.reading.extras import extra_values
from workbook.reading.found import Found
from workbook.reading.issued import Issued, IssuedTable, issued
from workbook.reading.labels import View, fold
from workbook.reading.locate import twice
from workbook.reading.moved import Shift, anchors, column_shifts, place_now, row_shifts
from workbook.reading.written import Texts
from workbook.rulebook import finding, phrase
from workbook.template.places import TEMPLATE_VERSION
from workbook.template.words import word

CELLS_NAMED = 8
"""How many cells a message names before it says “等”."""
SHOWN = 40
"""How much of an altered label or formula a message quotes."""


class Stamp(NamedTuple):
    """What the template says of itself: form, template version, fingerprint of its structure."""

    form: str
    version: str
    fingerprint: str


def stamp_of(book: Book) -> Stamp | None:
    """The stamp of a workbook of ours; None for any other."""
    for text in (book.properties.get("ogi.stamp", ""), book.names.get("ogi.stamp", "").removeprefix("=").strip('"')):
        parts = text.split("|")
        if len(parts) == 3:
            return Stamp(*parts)
    return None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a workbook: tables, which totals add their parts, which were left as published, texts."""

    view: View
    stamp: Stamp | None
    form: Form
    found: Mapping[str, Found]
    sums: Mapping[str, bool]
    typed: frozenset[str]
    texts: Texts

    @property
    def issued(self) -> Issued:
        """The template of the form."""
        return issued(self.form)

    def at(self, sheet: Sheet | None = None, place: Place | None = None) -> Source:
        """A place in this file."""
        return Source(self.view.book.path.name, sheet.name if sheet else "", a1(*place) if place else "")


def findings(reading: Reading) -> list[Finding]:
    """Everything that differs from the template as issued, or is missing from a workbook that is not ours."""
    said = [*_origin(reading), *_links(reading), *_sheets(reading), *_missing(reading), *_twice(reading)]
    if reading.stamp:
        said += [*_names(reading), *_moved(reading)]
        for code, found in reading.found.items():
            table = reading.issued.tables[code]
            said += [*_labels(reading, table, found), *_guessed(reading, found)]
            said += [*_formulas(reading, found), *_validations(reading, found)]
        said += [*_cover(reading), *_headings(reading), *_protection(reading)]
    else:
        said += [one for found in reading.found.values() for one in _guessed(reading, found)]
    return said + list(_extras(reading))


def title(form: Form, table: Table) -> Words:
    """A table as messages name it."""
    sheet = next(section.sheet for section in form.sections if section.code == table.section)
    return Words(f"{sheet}“{table.title}”", f"{sheet} ({table.en})")


# the file as a whole


def _origin(reading: Reading) -> Iterator[Finding]:
    stamp = reading.stamp
    if stamp is None:
        yield finding("structure-template", what=phrase("foreign", form=reading.form.id)).at(reading.at())
        return
    ours = f"{TEMPLATE_VERSION}/{reading.issued.places.fingerprint}"
    theirs = f"{stamp.version}/{stamp.fingerprint}"
    if ours != theirs:
        yield finding("structure-template", what=phrase("other-version", actual=theirs, expected=ours)).at(reading.at())


def _links(reading: Reading) -> Iterator[Finding]:
    for target in reading.view.book.external_links:
        yield finding("structure-link", what=target).at(reading.at())


def _missing(reading: Reading) -> Iterator[Finding]:
    """Tables, rows and columns of the form that are not in the workbook: their figures were not read."""
    for table in reading.form.tables:
        found, named = reading.found.get(table.code), title(reading.form, table)
        if found is None:
            cells = tuple(cell.code for cell in reading.form.cells if cell.table.code == table.code)
            yield finding("structure-missing", cells=cells, expected=table.title, table=named).at(reading.at())
            continue
        for label, cells in found.missing:
            one = finding("structure-missing", cells=cells, expected=label.zh, table=named)
            yield one.at(reading.at(found.sheet))


def _twice(reading: Reading) -> Iterator[Finding]:
    for table, sheet in twice(reading.form, reading.view, reading.found):
        what = phrase("sheet-twice", actual=sheet.name, table=title(reading.form, table))
        yield finding("structure-sheet", what=what).at(reading.at(sheet))


def _extras(reading: Reading) -> Iterator[Finding]:
    for sheet, place, where, value in extra_values(
        reading.issued, reading.view, reading.found, reading.texts, ours=bool(reading.stamp)
    ):
        what = phrase("extra-value", where=f"{sheet.name}!{where}", value=value)
        yield finding("structure-extra", what=what).at(reading.at(sheet, place))


# sheets, names, protection


def _renamed(reading: Reading) -> dict[str, str]:
    """Sheets of the template that are not there by name: the name they go by now, or nothing where they are gone."""
    have, now = reading.view.sheets, {}
    homes = {name: area[0] for name, text in reading.issued.places.names.items() if (area := parse_range(text))}
    homes["checks"] = word("sheet.checks")
    tables = {reading.issued.tables[code].sheet: found.sheet.name for code, found in reading.found.items()}
    for wanted in dict.fromkeys(homes.values()):
        if wanted not in have:
            named = [at[0].name for name, home in homes.items() if home == wanted and (at := reading.view.named(name))]
            now[wanted] = tables.get(wanted) or next(iter(named), "")
    return now


def _sheets(reading: Reading) -> Iterator[Finding]:
    if reading.stamp is None:
        return
    for wanted, actual in _renamed(reading).items():
        what = (
            phrase("sheet-renamed", expected=wanted, actual=actual) if actual else phrase("sheet-gone", expected=wanted)
        )
        yield finding("structure-sheet", what=what).at(reading.at(reading.view.sheets.get(actual)))


def _names(reading: Reading) -> Iterator[Finding]:
    gone = {wanted for wanted, actual in _renamed(reading).items() if not actual}
    for name, text in reading.issued.places.names.items():
        home = parse_range(text)
        if reading.view.named(name) is not None or (home and home[0] in gone):
            continue
        value = reading.view.book.names.get(name)
        what = phrase("name-gone") if value is None else phrase("name-broken", value=value)
        yield finding("structure-name", expected=name, what=what).at(reading.at())


def _protection(reading: Reading) -> Iterator[Finding]:
    for name in dict.fromkeys(found.sheet.name for found in reading.found.values()):
        sheet = reading.view.sheets[name]
        if not sheet.protected:
            yield finding("structure-protection", where=name).at(reading.at(sheet))


# rows and labels


def _moved(reading: Reading) -> Iterator[Finding]:
    """Rows and columns put in or taken out, once for each sheet."""
    sheets: dict[str, list[tuple[IssuedTable, Found]]] = {}
    for code, found in reading.found.items():
        sheets.setdefault(found.sheet.name, []).append((reading.issued.tables[code], found))
    for name, tables in sheets.items():
        if not all(found.as_issued for _, found in tables):
            sheet = reading.view.sheets[name]
            index = reading.view.index(sheet)
            yield from (_shifted(reading, sheet, shift, "row") for shift in row_shifts(tables, index))
            yield from (_shifted(reading, sheet, shift, "column") for shift in column_shifts(tables, index))


def _shifted(reading: Reading, sheet: Sheet, shift: Shift, kind: str) -> Finding:
    place = (shift.at, 0) if kind == "row" else (0, shift.at)
    where = str(shift.at + 1) if kind == "row" else a1(*place).rstrip("1")
    what = phrase(f"{kind}-added" if shift.more > 0 else f"{kind}-gone", row=where, count=abs(shift.more))
    return finding("structure-row", table=title(reading.form, shift.table.table), what=what).at(
        reading.at(sheet, place)
    )


def _labels(reading: Reading, table: IssuedTable, found: Found) -> Iterator[Finding]:
    """Every printed label of the table that no longer reads as issued, at the place it has moved to."""
    if found.as_issued:
        return
    known = anchors(table, found, reading.view.index(found.sheet))
    stands = {anchor.issued: anchor.actual for anchor in known}
    lost = {table.row_labels[code] for code in table.row_labels if code not in found.rows}
    lost |= {table.column_labels[key] for key in table.column_labels if key not in found.columns}
    guessed = {place for _, place in found.guessed}
    for issued_at, text in table.labels.items():
        place = stands.get(issued_at) or place_now(issued_at, known)
        if issued_at not in lost and place not in guessed:
            yield from _label(reading, found, place, text)


def _guessed(reading: Reading, found: Found) -> Iterator[Finding]:
    for line, place in found.guessed:
        yield from _label(reading, found, place, line.printed)


def _label(reading: Reading, found: Found, place: Place, expected: str) -> Iterator[Finding]:
    cell = found.sheet.cells.get(place)
    actual = "" if cell is None or cell.value is None else str(cell.value)
    if fold(actual) != fold(expected):
        source = reading.at(found.sheet, place)
        yield finding("structure-label", actual=_short(actual), expected=expected, where=str(source)).at(source)


def _cover(reading: Reading) -> Iterator[Finding]:
    """The labels beside the fields of the agency."""
    for field in identity.fields():
        source = reading.view.named(f"agency.{field.code}")
        if source is None or reading.view.index(source[0]).find([fold(field.label)]):
            continue
        sheet, (row, column, _, _) = source
        cell = sheet.cells.get((row, column - 1))
        actual = "" if cell is None or cell.value is None else str(cell.value)
        at = reading.at(sheet, (row, column - 1))
        yield finding("structure-label", actual=_short(actual), expected=field.label, where=str(at)).at(at)


def _headings(reading: Reading) -> Iterator[Finding]:
    """The headings of the written parts."""
    for section in reading.form.texts:
        area = reading.texts.areas.get(section.code)
        if area is not None:
            place = area.first - 1, area.column - 1
            cell = area.sheet.cells.get(place)
            actual = "" if cell is None or cell.value is None else str(cell.value)
            if not fold(actual).startswith(fold(section.label)):
                at = reading.at(area.sheet, place)
                one = finding("structure-label", actual=_short(actual), expected=section.label, where=str(at))
                yield one.at(at)


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


# formulas and validation


def _formulas(reading: Reading, found: Found) -> Iterator[Finding]:
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
        where, count = _named([place for _, place, _ in altered]), len(altered)
        words = Words(f"{count} 格", f"{count} cells")
        facts = {"where": Words(f"{found.sheet.name}!{where.zh}", f"{found.sheet.name}!{where.en}"), "place": words}
        yield finding("structure-formula", cells=cells, what=phrase("altered"), **facts).at(source)
        return
    for code, place, what in altered:
        source = reading.at(found.sheet, place)
        words = reading.form.cell(code).words
        yield finding("structure-formula", cells=(code,), where=str(source), what=what, place=words).at(source)


def _altered(cell: Cell | None) -> Words:
    """What became of a total's formula."""
    if cell is None or (cell.formula is None and cell.value in (None, "")):
        return phrase("cleared")
    if cell.formula is None:
        return phrase("filled-over", value=_short(str(cell.value)))
    return phrase("changed", value=_short(cell.formula))


def _named(places: list[Place]) -> Words:
    """Cells by reference, the first few."""
    first = [a1(*place) for place in places[:CELLS_NAMED]]
    more = len(places) > CELLS_NAMED
    return Words("、".join(first) + ("等" if more else ""), ", ".join(first) + (" …" if more else ""))


def _validations(reading: Reading, found: Found) -> Iterator[Finding]:
    """Cells for entry, and totals left as published, that no longer refuse what is no count or amount."""
    areas = [
        area[1:]
        for validation in found.sheet.validations
        if validation.stops and validation.kind in ("whole", "decimal")
        for text in validation.ranges
        if (area := parse_range(text)) is not None
    ]
    lost = [
        (place, code)
        for code, place in found.cells.items()
        if (code not in reading.issued.sums or code in reading.typed)
        and not any(top <= place[0] <= bottom and left <= place[1] <= right for top, left, bottom, right in areas)
    ]
    if lost:
        where = _named([place for place, _ in lost])
        named = title(reading.form, found.table)
        cells = tuple(code for _, code in lost)
        one = finding("structure-validation", cells=cells, table=named, count=len(lost), where=where)
        yield one.at(reading.at(found.sheet, lost[0][0]))
