"""Builds the known layout of a workbook: says of each of its cells what it is there for, as the template lays it out.

Where figures, fields of the cover and last year's figures are is known from the template of the form
(`template_index`); paragraphs are below their headings, reasons in the columns of the check sheet. All other cells stay
as the workbook has them, which the full reader must have found to be as issued: nothing is built of any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from workbook.excel.reading.entry_reader import read_narrative_texts
from workbook.excel.reading.figure_reader import find_previous_year, list_added_cells
from workbook.excel.reading.known_layout import (
    RESULT,
    KnownLayout,
    LayoutDiffers,
    LayoutTotal,
    PickedCells,
    SheetLayout,
    UnchangedTexts,
    check_visible,
    describe_fill,
)
from workbook.excel.reading.label_index import WorkbookView
from workbook.excel.reading.ooxml_reader import ScannedSheet, WorkbookScan
from workbook.excel.reading.printed_words import get_printed_words
from workbook.excel.reading.reading_context import read_stamp
from workbook.excel.reading.sheet_part import SheetCells
from workbook.excel.reading.template_index import get_issued_template
from workbook.excel.reading.workbook_contents import WorkbookContents
from workbook.excel.template_layout import CheckColumn
from workbook.model import identity
from workbook.model.cell_address import Place, format_address, parse_address
from workbook.model.finding import Source
from workbook.model.form import Form
from workbook.rules.evaluation import Submission

Spot = tuple[str, Place]
"""Sheet, and place on it."""
Role = tuple[str, Any]
"""What a cell is there for, and which figure, field or part it holds."""
REASONS = (
    CheckColumn.REASON,
    CheckColumn.ANSWERED,
    CheckColumn.FIGURES,
    CheckColumn.ORDER,
    CheckColumn.GIVEN,
    CheckColumn.WHERE,
    CheckColumn.WHAT,
)
"""The columns of the check sheet in whose blank cells something said of a finding may be."""


def build_layout(book: WorkbookContents, submission: Submission, walk: WorkbookScan) -> KnownLayout | None:
    """Build the layout of a workbook that was read in full; None where anything about it is odd.

    `book` and `submission` are what the full reader made of it.
    """
    stamp = read_stamp(book)
    report, before = submission.report, submission.previous
    if stamp is None or submission.findings or submission.summary or report.answers:
        return None
    if any(isinstance(value, str) for value in (*report.values, *(before.values if before else ()))):
        return None  # words for figures: no layout has them
    try:
        layout = _Builder(book, submission, walk).build(stamp.version)
    except (LayoutDiffers, LookupError, ValueError, TypeError):
        return None
    # The layout must give the workbook it was made of, or that was not understood.
    again = layout.read(book.path, walk)
    same = again is not None and (again.report, again.previous) == (submission.report, submission.previous)
    return layout if same else None


@cache
def list_template_roles(form: Form) -> tuple[Mapping[Spot, Role], Mapping[Spot, str]]:
    """What the cells of the template are there for, by sheet and place; and the labels by which they are found."""
    template = get_issued_template(form)
    roles: dict[Spot, Role] = {}
    labels: dict[Spot, str] = {}
    for table in template.tables.values():
        sheet = table.sheet
        roles |= {(sheet, place): ("before", form.index[code]) for code, place in table.previous.items()}
        roles |= {(sheet, place): ("figures", form.index[code]) for code, place in table.cells.items()}
        labels |= {(sheet, place): text for place, text in (*table.labels.items(), *table.previous_labels.items())}
    for field in identity.list_identity_fields():
        spot = template.places.identity[field.code]
        roles[spot.sheet, (spot.row, spot.column)] = "said", field.code
        labels[spot.sheet, (spot.row, spot.column - 1)] = field.label
    spot = template.places.previous_year
    roles[spot.sheet, (spot.row, spot.column)] = "said", "previous"
    return MappingProxyType(roles), MappingProxyType(labels)


class _Builder:
    """One workbook, looked at cell by cell. Raises LayoutDiffers where it is not laid out as the template."""

    def __init__(self, book: WorkbookContents, submission: Submission, walk: WorkbookScan) -> None:
        self.book, self.view, self.walk = book, WorkbookView(book), walk
        self.report, self.form = submission.report, submission.report.form
        self.template = get_issued_template(self.form)
        self.printed = get_printed_words(self.form)
        issued, labels = list_template_roles(self.form)
        self.roles = dict(issued)
        self.labels = set(labels)
        """Where something is found by a word, which must therefore be one that stays as issued."""
        self._check_places(issued, labels)
        self._add_texts()
        self._add_reasons()

    def build(self, version: str) -> KnownLayout:
        sheets = {sheet.name: self._lay_out(sheet) for sheet in self.walk.sheets}
        return KnownLayout(
            self.form,
            version,
            MappingProxyType({code: (at.sheet, at.cell) for code, at in self.report.sources.items()}),
            sheets,
            tuple(_list_entries(self.form, sheets)),
            tuple(cell.unit for cell in self.form.cells),
            self.printed,
        )

    # what the cells are there for --------------------------------------------------------------------------------

    def _check_places(self, issued: Mapping[Spot, Role], labels: Mapping[Spot, str]) -> None:
        """Refuse a workbook that was not read where the template has its cells, or whose labels are not as issued."""
        for (name, place), text in labels.items():
            cell = self.view.sheets[name].cells[place]
            if cell.value != text:
                raise LayoutDiffers
        for (name, place), (kind, meaning) in issued.items():
            if kind == "before" or meaning == "previous":
                continue
            code = self.form.cells[meaning].code if kind == "figures" else f"agency.{meaning}"
            if self.report.source(code) != Source(self.book.path.name, name, format_address(*place)):
                raise LayoutDiffers
        year, spot = find_previous_year(self.form, self.view), self.template.places.previous_year
        if year is None or (year[0].name, year[1]) != (spot.sheet, (spot.row, spot.column)):
            raise LayoutDiffers
        self.labels.add((spot.sheet, (spot.row, spot.column + 1)))

    def _add_texts(self) -> None:
        """The paragraphs below their headings."""
        for code, area in read_narrative_texts(self.form, self.view, ours=True).areas.items():
            self.labels.add((area.sheet.name, (area.first - 1, area.column - 1)))
            for row in range(area.first, area.last + 1):
                self.roles[area.sheet.name, (row, area.column)] = "lines", code

    def _add_reasons(self) -> None:
        named = self.view.named("checks")
        if named is None:
            raise LayoutDiffers
        sheet = named[0].name
        cells = self._get_cells(next(one for one in self.walk.sheets if one.name == sheet))
        for ref, formula, value in zip(cells.refs, cells.formulas, cells.values, strict=True):
            place = parse_address(ref.decode())
            if place[1] in REASONS and value is None and formula is None:
                self.roles[sheet, place] = "reasons", None

    # sheets ------------------------------------------------------------------------------------------------------

    def _get_cells(self, sheet: ScannedSheet) -> SheetCells:
        cells = sheet.scan.plain_cells if sheet.scan else None
        if cells is None or len(set(cells.refs)) < len(cells.refs):
            raise LayoutDiffers
        return cells

    def _lay_out(self, sheet: ScannedSheet) -> SheetLayout:
        cells, scan = self._get_cells(sheet), sheet.scan
        if scan is None or scan.plain_frame is None or self.view.sheets[sheet.name].dressings:
            raise LayoutDiffers
        tables = any(table.sheet == sheet.name for table in self.template.tables.values())
        index = self.view.index(self.view.sheets[sheet.name])
        if not tables and self.printed.are_labels_of(index):
            raise LayoutDiffers
        picked: dict[str, list[tuple[int, Any]]] = {}
        for n, ref in enumerate(cells.refs):
            kind, meaning = self._find_role(sheet.name, cells, n, parse_address(ref.decode()))
            picked.setdefault(kind, []).append((n, meaning))

        def of(kind: str) -> PickedCells:
            return PickedCells(picked.get(kind, ()))

        formulas, totals, styles = of("formulas"), _order(of("totals").means), self.walk.styles.plain
        check_visible(cells, styles, [of(kind) for kind in ("figures", "before", "said", "lines")], totals)
        return SheetLayout(
            cells,
            scan.plain_frame,
            [describe_fill(cells, scan, formulas.at, styles)],
            UnchangedTexts(of("texts")),
            of("others"),
            formulas,
            of("figures"),
            of("before"),
            totals,
            of("said"),
            of("lines"),
            of("reasons"),
            tables,
            frozenset(index.places),
        )

    def _find_role(self, sheet: str, cells: SheetCells, n: int, place: Place) -> Role:
        kind, meaning = self.roles.get((sheet, place), ("", None))
        if cells.formulas[n] is not None:
            if kind == "figures":
                return "totals", self._find_total(sheet, place, meaning, n)
            if kind or cells.kinds[n] not in RESULT or (sheet, place) in self.labels:
                raise LayoutDiffers  # a formula where a clerk types, or where a label should be
            return "formulas", None
        if kind:
            return kind, meaning
        if cells.kinds[n] == b"s" and cells.values[n]:
            return "texts", self.walk.texts.spelled[int(cells.values[n] or b"-")]
        return "others", cells.values[n] or None

    def _find_total(self, sheet: str, place: Place, index: int, n: int) -> LayoutTotal:
        cell = self.form.cells[index]
        places = self.template.tables[cell.table.code].cells
        adds = list_added_cells(self.view.sheets[sheet].cells[place].formula or "")
        parts = self.template.sums.get(cell.code, ((),))[0]
        if adds is None or {places[part] for part in parts} != set(adds.cells):
            raise LayoutDiffers
        at = {places[part]: self.form.index[part] for part in parts}
        return LayoutTotal(index, tuple(at[place] for place in adds.cells), adds.guarded, n)


def _order(totals: list[LayoutTotal]) -> tuple[LayoutTotal, ...]:
    """The totals, each after those it adds."""
    left, ordered = list(totals), list[LayoutTotal]()
    while left:
        waiting = {total.figure for total in left}
        ready = [total for total in left if not waiting & set(total.parts)]
        if not ready:
            raise LayoutDiffers
        ordered += ready
        left = [total for total in left if total not in ready]
    return tuple(ordered)


def _list_entries(form: Form, sheets: Mapping[str, SheetLayout]) -> Iterator[tuple[int, ...]]:
    """The figures of each table that has no totals, by index in the form."""
    totals = {form.cells[total.figure].table.code for laid in sheets.values() for total in laid.totals}
    for table in form.tables:
        if table.code not in totals:
            yield tuple(cell.index for cell in form.cells if cell.table.code == table.code)
