"""Reads the report in the open workbook: one block a sheet, into the same `Book` that the readers of files deliver.

What is decided about it is decided in `workbook`; here is only how it is reached, through the port `host`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from workbook.excel.reading.number_format import is_plain_format
from workbook.excel.reading.template_index import get_issued_template
from workbook.excel.reading.workbook_contents import Cell, CellLook, Sheet, WorkbookContents
from workbook.excel.reading.workbook_reader import read_book
from workbook.excel.template_layout import TEMPLATE_VERSION, TemplateLayout
from workbook.model.cell_address import Area, Place, parse_range
from workbook.model.form import Form
from workbook.model.form_loader import list_form_ids, load_form
from workbook.rules.evaluation import Submission
from workbook.safety.messages import UserError, load_messages
from xlplugin.host import SpreadsheetHost, as_number

template_messages = load_messages("workbook.excel.template")
messages = load_messages("xlplugin")

STAMP = "ogi.stamp"
OWN_SHEETS = ("problems", "conf")
"""Sheets that belong to the plugin, not to the report."""
WITHOUT_TOTALS = ("cover", "texts", "checks")
"""Sheets whose formulas no reader asks for."""

_ERRORS = ("#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#N/A", "#NUM!", "#NULL!")


class ChangesUndone(Exception):
    """Something failed on the way, and what was changed until then has been put back; its cause says what."""


class OpenWorkbook:
    """The report in a workbook that is open."""

    def __init__(self, host: SpreadsheetHost, *, to_change: bool = False) -> None:
        self.host = host
        if to_change and host.is_read_only():
            raise UserError(messages.get("error.locked", what=host.path.name))

    @cached_property
    def all_sheets(self) -> list[str]:
        """The names of all sheets, in order."""
        return self.host.sheet_names()

    @cached_property
    def sheets(self) -> list[str]:
        """The names of the sheets of the report, in order; the plugin's own are not among them."""
        own = {messages.text(f"sheet.{name}") for name in OWN_SHEETS}
        return [name for name in self.all_sheets if name not in own]

    def read_submission(self) -> Submission:
        """Read the report, and last year's figures in it, as from a file. Raises UserError."""
        stamp = self.host.read_name(STAMP)
        if stamp is None:
            raise UserError(messages.get("error.not_ours", book=self.host.path.name))
        sheets = {name: self._read_sheet(name) for name in self.sheets}
        names = {STAMP: stamp}
        form_id = stamp.strip('"').split("|")[0]
        if form_id in list_form_ids():
            places = TemplateLayout(load_form(form_id))
            sheets = self._with_number_formats(sheets, places)
            names |= self._read_names(places, sheets)
        book = WorkbookContents(self.host.path, "xlwings", tuple(sheets.values()), names, {}, (), False, "", 0)
        submission = read_book(book)
        _refuse_other_versions(stamp, submission.report.form)
        return submission

    def named_area(self, name: str) -> Area:
        """Return the cells that a name of the template means now. UserError where the name is gone."""
        found = parse_range(self.host.read_name(name) or "")
        if found is None:
            raise UserError(messages.get("error.moved", cell=name))
        return found[1:]

    def _read_names(self, places: TemplateLayout, sheets: Mapping[str, Sheet]) -> dict[str, str]:
        """Return the defined names a reader asks for.

        They are located where the template put them, and reading by labels shows where that is not so; only the areas
        of the texts, into which a clerk may insert rows, are asked of the program where their sheet has grown: each
        name costs two calls.
        """
        names = dict(places.names)
        texts = sheets.get(template_messages.text("sheet.texts"))
        last = max((row for row, _ in texts.cells), default=0) if texts else 0
        if last != max(area.last for area in places.texts.values()):
            codes = [code for code in names if code.startswith("texts.")]
            names |= {code: text for code in codes if (text := self.host.read_name(code))}
        return names

    def _read_sheet(self, name: str) -> Sheet:
        area = self.host.used_area(name)
        if area is None:
            return Sheet(name, {})
        values = self.host.read_values(name, area)
        if name in {template_messages.text(f"sheet.{sheet}") for sheet in WITHOUT_TOTALS}:
            formulas = [[""] * len(row) for row in values]
        else:
            formulas = self.host.read_formulas(name, area)
        cells: dict[tuple[int, int], Cell] = {}
        for r, (row, texts) in enumerate(zip(values, formulas, strict=True), area[0]):
            for c, (value, text) in enumerate(zip(row, texts, strict=True), area[1]):
                # Of a text that begins with an equals sign a program gives the text where it is asked for a formula.
                formula = text[1:] if isinstance(text, str) and text.startswith("=") and text != value else None
                if value is not None or formula is not None:
                    is_error = isinstance(value, str) and value in _ERRORS
                    cells[r, c] = Cell(_as_read_from_file(value, text), formula, error=is_error)
        return Sheet(name, cells, validations=None, protected=True)

    def _with_number_formats(self, sheets: Mapping[str, Sheet], places: TemplateLayout) -> dict[str, Sheet]:
        """Return the sheets with the number formats that may show a figure otherwise than it is.

        A table is asked about where the template put it. One format throughout, as the template has it, costs one call.
        """
        looks: dict[str, dict[Place, CellLook]] = {}
        for name, area in _table_areas(places):
            if name in sheets:
                with suppress(Exception):  # a program that does not say: then it is unknown, as much else is here
                    for (top, left, bottom, right), code in self._number_formats(name, area):
                        cells = [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
                        odd = () if is_plain_format(code) else [at for at in cells if at in sheets[name].cells]
                        looks.setdefault(name, {}).update(dict.fromkeys(odd, CellLook(code)))
        return {name: replace(sheet, looks=looks.get(name, {})) for name, sheet in sheets.items()}

    def _number_formats(self, sheet: str, area: Area) -> Iterator[tuple[Area, str]]:
        """Yield the areas that have one format throughout, and which; what is mixed is halved and asked again."""
        top, left, bottom, right = area
        code = self.host.read_number_format(sheet, area)
        if code is not None or (top, left) == (bottom, right):
            yield area, code or "General"
            return
        row, column = (top + bottom) // 2, (left + right) // 2
        by_row = [(top, left, row, right), (row + 1, left, bottom, right)]
        by_column = [(top, left, bottom, column), (top, column + 1, bottom, right)]
        for half in by_row if bottom > top else by_column:
            yield from self._number_formats(sheet, half)


def _table_areas(places: TemplateLayout) -> Iterator[tuple[str, Area]]:
    """Yield the rectangle of each table's figures; of merged cells the first, which has the format that is seen."""
    for table in places.form.tables:
        spots = [places.cells[cell.code] for cell in places.form.cells if cell.table is table]
        rows, columns = [spot.row for spot in spots], [spot.column for spot in spots]
        yield spots[0].sheet, (min(rows), min(columns), max(rows), max(columns))


def _refuse_other_versions(stamp: str, form: Form) -> None:
    """Refuse a template made by another version of the program: it has other places, and is not marked or filled."""
    form_id, version, fingerprint = [*stamp.strip('"').split("|"), "", ""][:3]
    # A region typed on the cover adds its supplements to the form, but not to the workbook that is open.
    issued_as = [form, load_form(form_id)] if form_id in list_form_ids() else []
    if version != str(TEMPLATE_VERSION) or all(
        fingerprint != get_issued_template(one).places.fingerprint for one in issued_as
    ):
        ours = f"{TEMPLATE_VERSION}/{get_issued_template(form).places.fingerprint}"
        raise UserError(messages.get("error.newer", theirs=f"{version}/{fingerprint}", ours=ours))


def _as_read_from_file(value: Any, entered: Any) -> str | int | float | bool | None:  # noqa: ANN401
    """Return a value as readers deliver it; `entered` is the formula or what was typed.

    What is shown as money Excel gives as a Decimal, cut to four digits after the point; what was typed has them all.
    """
    if isinstance(value, Decimal):
        number = as_number(entered) if isinstance(entered, str) else None
        value = float(value) if number is None else number
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
