"""What was altered in a workbook of ours, exactly: labels, formulas, rows, validation, names, protection, links.

Of a workbook that is not ours it says what could not be read, and which labels were taken by their place alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from workbook import harmless, identity
from workbook.finding import Finding
from workbook.grid import Place, a1, parse_range
from workbook.reading.book import Sheet
from workbook.reading.context import Reading, short, title
from workbook.reading.extras import extra_values
from workbook.reading.found import Found
from workbook.reading.guards import formulas, validations
from workbook.reading.issued import IssuedTable
from workbook.reading.labels import fold
from workbook.reading.locate import twice
from workbook.reading.moved import Shift, anchors, column_shifts, place_now, row_shifts
from workbook.reading.reaching import reaching
from workbook.rulebook import finding, phrase
from workbook.safety.messages import load_messages
from workbook.template.template_layout import TEMPLATE_VERSION

messages = load_messages("workbook.template")


def findings(reading: Reading) -> list[Finding]:
    """Everything that differs from the template as issued, or is missing from a workbook that is not ours."""
    said = [*_origin(reading), *_links(reading), *_sheets(reading), *_missing(reading), *_twice(reading)]
    if reading.stamp:
        said += [*_names(reading), *_moved(reading)]
        for code, found in reading.found.items():
            table = reading.issued.tables[code]
            said += [*_labels(reading, table, found), *_guessed(reading, found)]
            said += [*formulas(reading, found), *validations(reading, found)]
        said += [*_cover(reading), *_headings(reading), *_protection(reading)]
    else:
        said += [one for found in reading.found.values() for one in _guessed(reading, found)]
    return said + list(_extras(reading))


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
        yield finding("structure-link", what=harmless.line(target)).at(reading.at())
    yield from reaching(reading)


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
    homes["checks"] = messages.text("sheet.checks")
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
    lost = {table.row_labels[code] for code in table.row_labels if code not in found.rows}
    lost |= {table.column_labels[key] for key in table.column_labels if key not in found.columns}
    guessed = {place for _, place in found.guessed}
    for issued_at, text in table.labels.items():
        place = place_now(issued_at, known)
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
        yield finding("structure-label", actual=short(actual), expected=expected, where=str(source)).at(source)


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
        yield finding("structure-label", actual=short(actual), expected=field.label, where=str(at)).at(at)


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
                one = finding("structure-label", actual=short(actual), expected=section.label, where=str(at))
                yield one.at(at)
