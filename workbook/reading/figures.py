"""The figures of the tables found: read as typed; sums computed from their parts, their stored results not believed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from workbook.finding import Finding, Source
from workbook.form import Cell as FormCell
from workbook.form import Form
from workbook.grid import Place, a1
from workbook.numbers import Number, Raw, Reading, Value, amount
from workbook.numbers import read as read_number
from workbook.reading import showing
from workbook.reading.book import Cell, Look, Sheet
from workbook.reading.book import Raw as BookRaw
from workbook.reading.formula import Sum, added
from workbook.reading.found import Found
from workbook.reading.issued import issued
from workbook.reading.labels import View, fold
from workbook.reading.showing import Shown
from workbook.report import oddities, shown
from workbook.rulebook import finding
from workbook.safety.messages import load_messages

messages = load_messages("workbook.template")

NAMED = 6
"""So many cells of a circle are named."""


class Figures:
    """The figures of one workbook: `values` and `sources` by cell code, and what was odd about them.

    `sums` says of each total that is a sum of its parts whether it adds those the template's formula adds.
    """

    def __init__(self, form: Form, found: Mapping[str, Found], file: str, *, late: bool = False) -> None:
        self.form, self.found, self.file, self.late = form, found, file, late
        self.parts = issued(form).sums
        self.values: dict[str, Value] = {}
        self.sources: dict[str, Source] = {}
        self.sums: dict[str, bool] = {}
        self.findings: list[Finding] = []
        self._open: dict[str, Sum] = {}
        self._computing: list[str] = []
        self._shown: dict[str, dict[tuple[str, str], list[Shown]]] = {}
        self._read()

    def _read(self) -> None:
        for cell in self.form.cells:
            found = self.found.get(cell.table.code)
            place = found.cells.get(cell.code) if found else None
            if found is None or place is None:
                self.values[cell.code] = None
                continue
            self.sources[cell.code] = Source(self.file, found.sheet.name, a1(*place))
            raw = found.sheet.cells.get(place)
            if raw is None or raw.formula is None:
                self._typed(cell, raw, found)
            else:
                self._formula(cell, raw, found)
        for code in list(self._open):
            self._compute(code)
        self._see()

    def _see(self) -> None:
        """Say where a person sees something else than what was read."""
        cells = {cell.code: cell for cell in self.form.cells}
        for code, found in self.found.items():
            self.findings += showing.findings(found, self._shown.get(code, {}), self.file)
            if found.sheet.dressings:
                self.findings += showing.conditional(found, cells, self.file)

    def _typed(self, cell: FormCell, raw: Cell | None, found: Found) -> None:
        value: Raw = None if raw is None else raw.value
        look = found.sheet.looks.get(found.cells[cell.code])
        if look is not None and raw is not None:
            value = showing.taken(raw, look, late=self.late)
            self._look(cell, raw.value, look, found, read=value is raw.value)
        reading = read_number(value, cell.unit)
        unit = found.units.get(cell.column.code)
        if unit and unit != cell.unit.label and isinstance(value, int | float) and not isinstance(value, bool):
            stated = read_number(f"{value}{unit}", cell.unit)  # the heading says in which unit, not the cell
            other = tuple(odd for odd in stated.oddities if odd.kind == "other-unit")
            reading = Reading(stated.value, other) if other else reading
        self.values[cell.code] = reading.value
        if reading.oddities:
            self.findings += [odd.at(self.sources[cell.code]) for odd in oddities(cell, reading)]

    def _look(self, cell: FormCell, value: BookRaw, look: Look, found: Found, *, read: bool = True) -> None:
        """Note where a number format shows another figure than that value."""
        shown = showing.shown(look, value, cell, found.cells[cell.code], read=read)
        if shown is not None:
            by = look.format, look.doubt if shown.seen.kind == look.doubt else ""
            self._shown.setdefault(found.table.code, {}).setdefault(by, []).append(shown)

    def _formula(self, cell: FormCell, raw: Cell, found: Found) -> None:
        """A formula: computed where it adds just the parts of a total, or where no result was stored."""
        adds = added(raw.formula or "")
        as_issued = None if adds is None else self._matches(cell.code, adds, found)
        if as_issued is not None:
            self.sums[cell.code] = as_issued
        if adds is not None and (as_issued is not None or not raw.cached):
            self._open[cell.code] = adds
        elif raw.cached:
            self._typed(cell, raw, found)
        else:
            source = self.sources[cell.code]
            self.values[cell.code] = None
            one = finding("structure-uncomputed", cells=(cell.code,), where=str(source), place=cell.words)
            self.findings.append(one.at(source))

    def _matches(self, code: str, adds: Sum, found: Found) -> bool | None:
        """Whether a formula adds the parts of that total (and blanks besides); True if those the template adds."""
        for n, parts in enumerate(self.parts.get(code, ())):
            wanted = {found.cells[part] for part in parts if part in found.cells}
            if len(wanted) == len(parts) and wanted <= set(adds.cells):
                cells = found.sheet.cells
                if all(cells[p].value in (None, "") for p in adds.cells if p not in wanted and p in cells):
                    return n == 0
        return None

    # sums -------------------------------------------------------------------------------------------------------

    def _compute(self, code: str) -> None:
        adds = self._open.pop(code, None)
        if adds is None:
            if code in self._computing:
                self._circle(code)
            return
        self._computing.append(code)
        cell = self.form.cell(code)
        found = self.found[cell.table.code]
        at = {place: part for part, place in found.cells.items()}
        numbers = [n for place in adds.cells if (n := self._number(at.get(place), place, cell, found)) is not None]
        self.values[code] = sum(numbers) if numbers or not adds.guarded else None
        self._computing.pop()
        self._compare(cell, found)

    def _circle(self, code: str) -> None:
        """Say that a formula adds itself, by way of others or at once."""
        way = [*self._computing[self._computing.index(code) :], code]
        where = " → ".join(str(self.sources[one]) for one in (way if len(way) <= NAMED else [*way[:NAMED], code]))
        self.findings.append(finding("structure-circle", cells=(code,), where=where).at(self.sources[code]))

    def _number(self, code: str | None, place: Place, cell: FormCell, found: Found) -> Number | None:
        raw = found.sheet.cells.get(place)
        if code is not None:
            self._compute(code)
            value = self.values.get(code)  # nothing yet, where formulas run in a circle
        else:
            value = read_number(raw.value, cell.unit).value if raw is not None and not raw.error else None
        if value is None or isinstance(value, str):
            return None
        as_text = raw is not None and isinstance(raw.value, str) and raw.formula is None
        return None if as_text and not _exact(amount(value, cell.unit)) else value

    def _compare(self, cell: FormCell, found: Found) -> None:
        """Say where the stored result of a formula is not what its parts add up to, or is shown otherwise."""
        raw = found.sheet.cells[found.cells[cell.code]]
        now = self.values[cell.code]
        look = found.sheet.looks.get(found.cells[cell.code])
        if look is not None and now is not None and not isinstance(now, str):
            self._look(cell, float(amount(now, cell.unit)), look, found)
        before = read_number(raw.value, cell.unit).value if raw.cached else now
        if before != now and _digits(before, cell) != _digits(now, cell):
            source = self.sources[cell.code]
            one = finding(
                "structure-cache",
                cells=(cell.code,),
                actual=shown(before, cell),
                expected=shown(now, cell),
                where=str(source),
                place=cell.words,
            )
            self.findings.append(one.at(source))


def _exact(number: Decimal) -> bool:
    """Whether a spreadsheet can hold that number; one it cannot, our template keeps as text, which no sum adds."""
    return abs(number) < 10**15 and Decimal(format(float(number), ".15g")) == number


def _digits(value: Value, cell: FormCell) -> str | None:
    """A number to the 15 digits that a spreadsheet keeps; words and a blank as they are."""
    if value is None or isinstance(value, str):
        return value
    return format(amount(value, cell.unit), ".14e")


def previous_values(form: Form, found: Mapping[str, Found], *, late: bool = False) -> tuple[Value, ...] | None:
    """Last year's figures, which our template shows beside this year's; None where it shows none."""
    values: list[Value] = []
    for cell in form.cells:
        table = found.get(cell.table.code)
        place = table.previous.get(cell.code) if table else None
        raw = table.sheet.cells.get(place) if table and place else None
        look = table.sheet.looks.get(place) if table and place else None
        values.append(read_number(showing.taken(raw, look, late=late), cell.unit).value if raw else None)
    return None if all(value is None for value in values) else tuple(values)


def previous_year_at(form: Form, view: View) -> tuple[Sheet, Place] | None:
    """Where the year of last year's figures stands: left of its label; the name may have lost its way."""
    said = messages.text("top.previous_year")
    spot = issued(form).places.previous_year
    sheet = view.sheets.get(spot.sheet)
    if sheet is not None:
        label = sheet.cells.get((spot.row, spot.column + 1))
        if label is not None and label.value == said:
            return sheet, (spot.row, spot.column)
        for row, column in view.index(sheet).find([fold(said)]):
            return sheet, (row, column - 1)
    named = view.named("previous.year")
    return (named[0], named[1][:2]) if named else None
