"""Reads the figures of the located tables: as typed; sums are computed from their parts, stored results not trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from workbook.excel.reading import displayed_value
from workbook.excel.reading.displayed_value import DisplayedFigure
from workbook.excel.reading.label_index import WorkbookView, fold_label
from workbook.excel.reading.reading_context import LocatedTable
from workbook.excel.reading.template_index import get_issued_template
from workbook.excel.reading.workbook_contents import Cell, CellLook, Sheet
from workbook.excel.reading.workbook_contents import Raw as BookRaw
from workbook.model.cell_address import Place, format_address, parse_range
from workbook.model.finding import Finding, Source
from workbook.model.form import Cell as FormCell
from workbook.model.form import Form
from workbook.model.numbers import Number, ParsedFigure, Raw, Value, to_cell_unit
from workbook.model.numbers import parse_figure as read_number
from workbook.model.report import format_value, list_oddities
from workbook.model.rule_catalog import make_finding
from workbook.safety.limits import cache_short_texts
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")

NAMED = 6
"""So many cells of a circle are named."""


class FigureReader:
    """The figures of one workbook: `values` and `sources` by cell code, and what was odd about them.

    `sums` says of each total that is a sum of its parts whether it adds those the template's formula adds.
    """

    def __init__(self, form: Form, found: Mapping[str, LocatedTable], file: str, *, late: bool = False) -> None:
        self.form, self.found, self.file, self.late = form, found, file, late
        self.parts = get_issued_template(form).sums
        self.values: dict[str, Value] = {}
        self.sources: dict[str, Source] = {}
        self.sums: dict[str, bool] = {}
        self.findings: list[Finding] = []
        self._open: dict[str, FormulaSum] = {}
        self._computing: list[str] = []
        self._codes: dict[str, dict[Place, str]] = {}
        """The cell at each place of a table, by table."""
        self._shown: dict[str, dict[tuple[str, str], list[DisplayedFigure]]] = {}
        self._read()

    def _read(self) -> None:
        for cell in self.form.cells:
            found = self.found.get(cell.table.code)
            place = found.cells.get(cell.code) if found else None
            if found is None or place is None:
                self.values[cell.code] = None
                continue
            self.sources[cell.code] = Source(self.file, found.sheet.name, format_address(*place))
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
        sheets = {found.sheet.name: found.sheet for found in self.found.values()}
        for code, found in self.found.items():
            self.findings += displayed_value.list_display_findings(found, self._shown.get(code, {}), self.file)
            if found.sheet.dressings:
                self.findings += displayed_value.list_conditional_findings(found, cells, self.file)
            self.findings += displayed_value.list_covered_findings(found, cells, self.file)
            self.findings += displayed_value.list_formula_findings(found, cells, sheets, self.file)

    def _typed(self, cell: FormCell, raw: Cell | None, found: LocatedTable) -> None:
        value: Raw = None if raw is None else raw.value
        look = found.sheet.looks.get(found.cells[cell.code])
        if look is not None and raw is not None:
            value = displayed_value.get_readable_value(raw, look, late=self.late)
            self._look(cell, raw.value, look, found, read=value is raw.value)
        reading = read_number(value, cell.unit)
        unit = found.units.get(cell.column.code)
        if unit and unit != cell.unit.label and isinstance(value, int | float) and not isinstance(value, bool):
            stated = read_number(f"{value}{unit}", cell.unit)  # the heading says in which unit, not the cell
            other = tuple(odd for odd in stated.oddities if odd.kind == "other-unit")
            reading = ParsedFigure(stated.value, other) if other else reading
        self.values[cell.code] = reading.value
        if reading.oddities:
            self.findings += [odd.at(self.sources[cell.code]) for odd in list_oddities(cell, reading)]

    def _look(self, cell: FormCell, value: BookRaw, look: CellLook, found: LocatedTable, *, read: bool = True) -> None:
        """Note where a number format shows another figure than that value."""
        shown = displayed_value.find_displayed_figure(look, value, cell, found.cells[cell.code], read=read)
        if shown is not None:
            by = look.format, look.doubt if shown.seen.kind == look.doubt else ""
            self._shown.setdefault(found.table.code, {}).setdefault(by, []).append(shown)

    def _formula(self, cell: FormCell, raw: Cell, found: LocatedTable) -> None:
        """A formula: computed where it adds just the parts of a total, or where no result was stored."""
        adds = list_added_cells(raw.formula or "")
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
            one = make_finding("structure-uncomputed", cells=(cell.code,), where=str(source), place=cell.words)
            self.findings.append(one.at(source))

    def _matches(self, code: str, adds: FormulaSum, found: LocatedTable) -> bool | None:
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
        at = self._codes.get(cell.table.code)
        if at is None:
            at = self._codes[cell.table.code] = {place: part for part, place in found.cells.items()}
        numbers = [n for place in adds.cells if (n := self._number(at.get(place), place, cell, found)) is not None]
        self.values[code] = sum(numbers) if numbers or not adds.guarded else None
        self._computing.pop()
        self._compare(cell, found)

    def _circle(self, code: str) -> None:
        """Say that a formula adds itself, by way of others or at once."""
        way = [*self._computing[self._computing.index(code) :], code]
        where = " → ".join(str(self.sources[one]) for one in (way if len(way) <= NAMED else [*way[:NAMED], code]))
        self.findings.append(make_finding("structure-circle", cells=(code,), where=where).at(self.sources[code]))

    def _number(self, code: str | None, place: Place, cell: FormCell, found: LocatedTable) -> Number | None:
        raw = found.sheet.cells.get(place)
        if code is not None:
            self._compute(code)
            value = self.values.get(code)  # nothing yet, where formulas run in a circle
        else:
            value = read_number(raw.value, cell.unit).value if raw is not None and not raw.error else None
        if value is None or isinstance(value, str):
            return None
        as_text = raw is not None and isinstance(raw.value, str) and raw.formula is None
        return None if as_text and not _exact(to_cell_unit(value, cell.unit)) else value

    def _compare(self, cell: FormCell, found: LocatedTable) -> None:
        """Say where the stored result of a formula is not what its parts add up to, or is shown otherwise."""
        raw = found.sheet.cells[found.cells[cell.code]]
        now = self.values[cell.code]
        look = found.sheet.looks.get(found.cells[cell.code])
        if look is not None and now is not None and not isinstance(now, str):
            self._look(cell, float(to_cell_unit(now, cell.unit)), look, found)
        before = read_number(raw.value, cell.unit).value if raw.cached else now
        if before != now and _digits(before, cell) != _digits(now, cell):
            source = self.sources[cell.code]
            one = make_finding(
                "structure-cache",
                cells=(cell.code,),
                actual=format_value(before, cell),
                expected=format_value(now, cell),
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
    return format(to_cell_unit(value, cell.unit), ".14e")


def read_previous_values(
    form: Form, found: Mapping[str, LocatedTable], *, late: bool = False
) -> tuple[Value, ...] | None:
    """Last year's figures, which our template shows beside this year's; None where it shows none."""
    values: list[Value] = []
    for cell in form.cells:
        table = found.get(cell.table.code)
        place = table.previous.get(cell.code) if table else None
        raw = table.sheet.cells.get(place) if table and place else None
        look = table.sheet.looks.get(place) if table and place else None
        values.append(
            read_number(displayed_value.get_readable_value(raw, look, late=late), cell.unit).value if raw else None
        )
    return None if all(value is None for value in values) else tuple(values)


def find_previous_year(form: Form, view: WorkbookView) -> tuple[Sheet, Place] | None:
    """Where the year of last year's figures stands: left of its label; the name may have lost its way."""
    said = messages.text("top.previous_year")
    spot = get_issued_template(form).places.previous_year
    sheet = view.sheets.get(spot.sheet)
    if sheet is not None:
        label = sheet.cells.get((spot.row, spot.column + 1))
        if label is not None and label.value == said:
            return sheet, (spot.row, spot.column)
        for row, column in view.index(sheet).find([fold_label(said)]):
            return sheet, (row, column - 1)
    named = view.named("previous.year")
    return (named[0], named[1][:2]) if named else None


# What a formula adds up, where it does no more than that


MOST = 2000
"""No sum of a report has more cells."""

_GUARDED = re.compile(r'IF\(COUNT\(([A-Z0-9:,]+)\)=0,"",SUM\(\1\)\)')
_SUM = re.compile(r"SUM\(([A-Z0-9:,]+)\)")
_PLUS = re.compile(r"[A-Z]{1,3}[0-9]+(?:\+[A-Z]{1,3}[0-9]+)*")


class FormulaSum(NamedTuple):
    """The cells a formula adds; `guarded` where it shows nothing while none of them holds a number."""

    cells: tuple[Place, ...]
    guarded: bool


@cache_short_texts(1 << 12, 1 << 10)  # the same few hundred formulas come in every file
def list_added_cells(formula: str) -> FormulaSum | None:
    """The cells of the same sheet that a formula adds, each once; None for any formula that does something else."""
    plain = re.sub(r"[\s$]", "", formula).upper().replace(";", ",").removeprefix("+")
    if match := _GUARDED.fullmatch(plain):
        return _sum(match[1].split(","), guarded=True)
    if match := _SUM.fullmatch(plain):
        return _sum(match[1].split(","), guarded=False)
    return _sum(plain.split("+"), guarded=False) if _PLUS.fullmatch(plain) else None


def _sum(references: list[str], *, guarded: bool) -> FormulaSum | None:
    cells: list[Place] = []
    for reference in references:
        area = parse_range(reference)
        if area is None:
            return None
        _, top, left, bottom, right = area
        if (bottom - top + 1) * (right - left + 1) + len(cells) > MOST:
            return None
        cells += [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
    return FormulaSum(tuple(cells), guarded) if len(set(cells)) == len(cells) else None
