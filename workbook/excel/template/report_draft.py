"""Holds what every sheet of a workbook being written needs: report, layout, values of formulas, shared marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

from xlsxwriter.worksheet import Worksheet

from workbook.excel.template.check_lines import Checklist, compute_line
from workbook.excel.template.live_formulas import LineValues as LineValue
from workbook.excel.template.pen import Button, Pen
from workbook.excel.template_layout import CheckColumn, SheetCell, TemplateLayout, format_absolute
from workbook.model.finding import Severity
from workbook.model.form import Cell, Form
from workbook.model.form_migration import convert_report
from workbook.model.identity import find_level, list_identity_fields
from workbook.model.numbers import CellValue, Number, Value, is_exact, to_cell_unit
from workbook.model.print_layout import CellBox
from workbook.model.report import Answer, Report, hash_figures
from workbook.rules.rule_types import Equation
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")

REASON_COLUMNS = (CheckColumn.REASON, CheckColumn.ANSWERED, CheckColumn.FIGURES, CheckColumn.ORDER, CheckColumn.GIVEN)
"""The columns in which a line of 校验 holds a reason."""
OTHER_COLUMNS = (CheckColumn.WHERE, CheckColumn.WHAT, CheckColumn.REASON, CheckColumn.FIGURES, CheckColumn.ORDER)
"""And those in which a line below the list holds a reason that belongs to none of its lines."""


class ReportDraft:
    """What every sheet of one workbook needs to know, worked out once."""

    def __init__(
        self,
        report: Report,
        previous: Report | None,
        buttons: Sequence[Button] = (),
        notes: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.buttons = tuple(buttons)
        self.notes = notes
        self.report = convert_long_figures(report)
        self.form: Form = report.form
        self.previous = convert_long_figures(convert_report(previous, self.form).report) if previous else None
        self.paragraphs = {code: text.split("\n") for code, text in report.texts.items() if text}
        self.places = TemplateLayout(self.form, {code: len(lines) for code, lines in self.paragraphs.items()})
        self.checks = Checklist(self.places)
        self.computed = compute_totals(self.report, self.places)
        self.typed = {code for code, value in self.computed.items() if self.report[code] != value}
        self.pen = Pen(f"{report.agency.name}{messages.text('cover.title')}", self.form.citation.number)
        self.answers, self.other_answers = self._place_answers()
        self.values = {line.code: self._compute_line(line.code) for line in self.checks.lines}
        self.counts = {
            key: sum(value.status == key for value in self.values.values()) for key in messages.texts("status")
        }

    def _compute_line(self, code: str) -> LineValue:
        line = self.checks.get_line(code)
        return compute_line(line, self.report, self.previous, self.answers.get(code))

    def _place_answers(self) -> tuple[dict[str, Answer], list[Answer]]:
        """Return the answers that belong to a line of 校验, by its code, and those that do not.

        Of several to one line the last that holds is there, as it counts in `check`; the rest are below the list.
        """
        lines = {(line.rule, frozenset(line.cells)): line for line in self.checks.lines if line.cells}
        placed: dict[str, Answer] = {}
        for answer in self.report.answers:
            line = lines.get((answer.rule, frozenset(answer.cells)))
            if line is None or line.severity is not Severity.WARNING:
                continue
            present = compute_line(line, self.report, self.previous, None).present
            if line.code not in placed or answer.figures in ("", hash_figures(present)):
                placed[line.code] = answer
        taken = {id(answer) for answer in placed.values()}
        return placed, [answer for answer in self.report.answers if id(answer) not in taken]

    @property
    def identity_values(self) -> Mapping[str, CellValue]:
        """Identity field → what its entry cell holds: the level by its label, no revision 0.

        What is entered for a year or revision and is no certain number is there as it is.
        """
        agency = self.report.agency
        values = {field.code: getattr(agency, field.code, None) for field in list_identity_fields()}
        level = find_level(agency.level)
        own = {"level": level.label if level else agency.level, "revision": agency.revision or None}
        values |= {**own, "year": self.report.year}
        return {**values, **{code: text for code, text in agency.unreadable if not values[code]}}

    def list_reason_cells(self, code: str) -> Mapping[int, str]:
        """Return what a line of 校验 holds of the reason given for it: column → text, of REASON_COLUMNS.

        Without a reason, the line of a sum holds a mark where its total was typed as published.
        """
        line, answer = self.checks.get_line(code), self.answers.get(code)
        if answer is None:
            rule = line.evaluated
            total = rule.left[0].cell.code if isinstance(rule, Equation) and rule.sums else None
            return {CheckColumn.ANSWERED: CheckColumn.TYPED} if total in self.typed else {}
        texts = {CheckColumn.REASON: answer.reason}
        if line.present and answer.figures:
            present = self.values[code].present
            texts[CheckColumn.ANSWERED] = present if answer.figures == hash_figures(present) else CheckColumn.GONE
        texts |= {CheckColumn.FIGURES: answer.figures, CheckColumn.ORDER: self._find_order(answer)}
        return texts | {CheckColumn.GIVEN: answer.reason}

    def list_other_texts(self, n: int) -> tuple[str, ...] | tuple[None, ...]:
        """Return what line n below the list holds, in OTHER_COLUMNS: the n-th reason that no line shows, or blanks."""
        if n >= len(self.other_answers):
            return (None,) * len(OTHER_COLUMNS)
        answer = self.other_answers[n]
        return (answer.rule, " ".join(answer.cells), answer.reason, answer.figures, self._find_order(answer))

    def _find_order(self, answer: Answer) -> str:
        """Return which of the report's answers this is: two alike are told apart by identity."""
        return str(next(n for n, one in enumerate(self.report.answers) if one is answer))

    @property
    def warned(self) -> int:
        """How many lines of 校验 still ask for a reason."""
        return self.counts["warned"] + self.counts["expired"]

    @property
    def status(self) -> str:
        """The overall status in words, as its formula computes it."""
        if all(value is None for value in self.report.values):
            return messages.text("overall.empty")
        failed, waiting = self.counts["failed"], self.counts["waiting"]
        if failed or waiting:
            return messages.text("overall.bad", failed=failed, waiting=waiting)
        return messages.text("overall.warned", warned=self.warned) if self.warned else messages.text("overall.passed")

    def list_cells_on(self, sheet: str) -> list[Cell]:
        """Return the cells of the form that are on a sheet, in form order."""
        return [cell for cell in self.form.cells if self.places.cells[cell.code].sheet == sheet]

    # marks that several sheets share ----------------------------------------------------------------------------

    def write_overall(self, sheet: Worksheet, box: CellBox, style: str, prefix: str = "") -> None:
        """Write the overall status of 校验, live, coloured: green only where all is filled and nothing fails."""
        at = SheetCell(messages.text("sheet.checks"), 1, 0).absolute
        formula = f'"{prefix}"&{at}' if prefix else at
        self.pen.formula_box(sheet, box, formula, style, prefix + self.status)
        self.color_status(sheet, box, prefix)

    def color_status(self, sheet: Worksheet, box: CellBox, prefix: str = "") -> None:
        """Colour a cell that holds the overall status: anything but a status of ours counts as bad."""
        ref = format_absolute(box.top, box.left)
        passed, warned = (
            prefix + messages.text("overall.passed"),
            prefix + messages.text("overall.warned", warned="")[:2],
        )
        good, bad = ("goodtext", "badtext") if prefix else ("good", "bad")
        rules = [
            (f"ISERROR({ref})", bad),
            (f'OR({ref}="{passed}",LEFT({ref},{len(warned)})="{warned}")', good),
            (f'{ref}="{prefix}{messages.text("overall.empty")}"', "quiet"),
            ("TRUE", bad),
        ]
        for criteria, style in rules:
            self.add_color(sheet, box, criteria, style)

    def add_color(self, sheet: Worksheet, box: CellBox, criteria: str, style: str) -> None:
        """Add a live colour over a box, while a formula (written for its first cell) holds."""
        options = {"type": "formula", "criteria": "=" + criteria, "format": self.pen.style(style), "stop_if_true": True}
        sheet.conditional_format(box.top, box.left, box.bottom, box.right, options)

    def add_note(self, sheet: Worksheet, box: CellBox, text: str) -> None:
        """Add a note to a cell, large enough to show all of its text."""
        self.pen.note(sheet, box.top, box.left, text, messages.text("note.author"))


def compute_totals(report: Report, places: TemplateLayout) -> Mapping[str, Number | None]:
    """Compute what each total's formula computes to: the sum of the parts that are numbers, None where none is."""
    rules = {rule.left[0].cell.code: rule for rule in reversed(places.sum_rules)}
    known: dict[str, Number | None] = {}

    def compute(code: str) -> Number | None:
        if code not in rules:
            return report.number(report.form.index[code])
        if code not in known:
            parts = [get_part(term.cell.code) for term in rules[code].right]
            numbers = [part for part in parts if part is not None]
            known[code] = sum(numbers) if numbers else None
        return known[code]

    def get_part(code: str) -> Number | None:
        """Return a part as the sheet holds it: typed totals count as typed."""
        if code in rules and report[code] == compute(code):
            return compute(code)
        return report.number(report.form.index[code])

    return {code: compute(code) for code in rules}


def convert_long_figures(report: Report) -> Report:
    """Return the report as the workbook holds it: a figure of more digits than a spreadsheet holds is text there."""
    values = tuple(
        shown if isinstance(shown := to_sheet_value(value, cell), str) else value
        for value, cell in zip(report.values, report.form.cells, strict=True)
    )
    return replace(report, values=values) if values != report.values else report


def to_sheet_value(value: Value, cell: Cell) -> CellValue:
    """Return a value as the sheet holds it: in the cell's unit; words as words."""
    if value is None or isinstance(value, str):
        return value
    number = to_cell_unit(value, cell.unit)
    plain: Number = int(number) if number == int(number) else number
    return plain if is_exact(plain) else f"{plain:f}" if isinstance(plain, Decimal) else str(plain)


def select_cell(sheet: Worksheet, spot: SheetCell) -> None:
    """Put the cursor where it is when the sheet is opened."""
    sheet.set_selection(spot.row, spot.column, spot.row, spot.column)
