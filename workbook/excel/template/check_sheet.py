"""Writes the sheet 校验: one line for each rule a formula can evaluate, cells for reasons, the overall status."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from workbook.excel.template.live_formulas import CheckLine
from workbook.excel.template.pen import fit_row_height
from workbook.excel.template.report_draft import OTHER_COLUMNS, ReportDraft
from workbook.excel.template_layout import CHECKS_TOP, CheckColumn, SheetCell, format_area
from workbook.model.finding import Severity
from workbook.model.print_layout import CellBox
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")

WIDTHS = (5, 6.5, 27, 42, 10, 14, 9, 10, 6.5, 34)
ERRORS = (1, CheckColumn.RULE)
"""The place of the number of error values, hidden."""
LEAST_OTHERS = 6
"""Free lines offered below the check list for reasons that answer what no line of the list says."""


def write_check_sheet(draft: ReportDraft) -> Worksheet:
    """Write the check list and define its names."""
    pen, checks = draft.pen, draft.checks
    sheet = pen.sheet(checks.sheet, WIDTHS)
    sheet.set_landscape()
    for column in range(CheckColumn.RULE, CheckColumn.GIVEN + 1):
        sheet.set_column(column, column, 10, None, {"hidden": True})
    sheet.set_row(0, 34)
    pen.box(sheet, CellBox(0, 0, 0, CheckColumn.REASON), messages.text("checks.title"), "title")
    pen.buttons(sheet, draft.buttons)
    _write_overall(draft, sheet)
    _write_counts(draft, sheet)
    for column, text in enumerate([*messages.texts("checks.columns"), *messages.texts("checks.hidden")]):
        pen.put(sheet, CHECKS_TOP - 1, column, text, "head")
    sheet.set_row(CHECKS_TOP - 1, 24)
    for n, line in enumerate(checks.lines):
        _write_line(draft, sheet, n, line)
    _color_statuses(draft, sheet)
    others = _write_others(draft, sheet)
    sheet.print_area(0, 0, others.bottom, CheckColumn.REASON)
    sheet.repeat_rows(CHECKS_TOP - 1)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(messages.text("print.footer"))
    sheet.freeze_panes(CHECKS_TOP, 0)
    sheet.autofilter(CHECKS_TOP - 1, 0, checks.last_row, CheckColumn.REASON)
    lines = CellBox(CHECKS_TOP, 0, checks.last_row, CheckColumn.GIVEN)
    pen.book.define_name("checks", "=" + format_area(checks.sheet, lines))
    pen.book.define_name("checks.others", "=" + format_area(checks.sheet, others))
    return sheet


def _write_overall(draft: ReportDraft, sheet: Worksheet) -> None:
    """Write the overall status: broken unless every status is one that a formula of ours computes."""
    checks, every_status = draft.checks, messages.texts("status")
    failed, waiting = checks.count_lines("failed"), checks.count_lines("waiting")
    warned = checks.count_lines("warned", "expired")
    filled = SheetCell("", checks.rows["report.nothing-filled"], CheckColumn.LEFT).a1
    bad = messages.text("overall.bad", failed=f'"&({failed})&"', waiting=f'"&({waiting})&"')
    some = messages.text("overall.warned", warned=f'"&({warned})&"')
    formula = (
        f'IF({SheetCell("", *ERRORS).a1}<>0,"{messages.text("overall.error")}",'
        f'IF({checks.count_lines(*every_status)}<>{len(checks.lines)},"{messages.text("overall.broken")}",'
        f'IF({filled}=0,"{messages.text("overall.empty")}",'
        f'IF({failed}+{waiting}>0,"{bad}",IF({warned}>0,"{some}","{messages.text("overall.passed")}")))))'
    )
    box = CellBox(1, 0, 1, CheckColumn.REASON)
    sheet.set_row(1, 32)
    draft.pen.formula_box(sheet, box, formula, "bigstate", draft.status)
    draft.pen.formula(sheet, *ERRORS, _count_errors(draft), "hidden", 0, array=True)
    draft.color_status(sheet, box)


def _count_errors(draft: ReportDraft) -> str:
    """Return the formula of how many cells that the overall status rests on hold an error value such as #REF!."""
    places, lines = draft.places, CellBox(CHECKS_TOP, CheckColumn.LEFT, draft.checks.last_row, CheckColumn.GIVEN)
    fields = list(places.identity.values())
    first, last = fields[0], fields[-1]
    areas = [
        format_area(first.sheet, CellBox(first.row, first.column, last.row, last.column)),
        format_area(draft.checks.sheet, lines),
    ]
    areas += [refers for name, refers in places.names.items() if name.partition(".")[0] != "agency"]
    return "+".join(f"SUM(IF(ISERROR({refers}),1,0))" for refers in areas)


def _write_counts(draft: ReportDraft, sheet: Worksheet) -> None:
    """Write how many lines there are, and how many of them fail, wait or ask for a reason."""
    kinds = {"failed": ("failed",), "waiting": ("waiting",), "warned": ("warned", "expired")}
    counted = {kind: f'"&({draft.checks.count_lines(*keys)})&"' for kind, keys in kinds.items()}
    formula = '"' + messages.text("checks.count", all=len(draft.checks.lines), **counted) + '"'
    counts = {kind: sum(draft.counts[key] for key in keys) for kind, keys in kinds.items()}
    value = messages.text("checks.count", all=len(draft.checks.lines), **counts)
    sheet.set_row(2, 21)
    draft.pen.formula_box(sheet, CellBox(2, 0, 2, CheckColumn.WHAT), formula, "plain", value)
    draft.pen.box(sheet, CellBox(2, CheckColumn.LEFT, 2, CheckColumn.REASON), messages.text("checks.note"), "hint")


def _write_line(draft: ReportDraft, sheet: Worksheet, n: int, line: CheckLine) -> None:
    pen, row = draft.pen, CHECKS_TOP + n
    reasons = draft.list_reason_cells(line.code)
    value = draft.values[line.code]
    words = messages.entry("status")
    pen.put(sheet, row, CheckColumn.NUMBER, n + 1, "number")
    pen.put(sheet, row, CheckColumn.SEVERITY, messages.entry("checks")["levels"][line.severity.value], "status")
    pen.put(sheet, row, CheckColumn.WHERE, line.where, "line")
    pen.put(sheet, row, CheckColumn.WHAT, line.what, "line")
    pen.formula(sheet, row, CheckColumn.LEFT, line.left, "figure", value.left, array=line.array)
    pen.formula(sheet, row, CheckColumn.RIGHT, line.right, "figure", value.right)
    pen.formula(sheet, row, CheckColumn.DIFFERENCE, draft.checks.format_difference(row), "figure", value.difference)
    pen.formula(sheet, row, CheckColumn.STATUS, draft.checks.format_status(line, row), "status", words[value.status])
    pen.link(sheet, row, CheckColumn.LINK, line.link, messages.text("checks.look"))
    warning = line.severity is Severity.WARNING
    reason = reasons.get(CheckColumn.REASON, "")
    pen.put(sheet, row, CheckColumn.REASON, reason, "reason" if warning else "line")
    pen.put(sheet, row, CheckColumn.RULE, line.code, "hidden")
    if line.present:
        pen.formula(sheet, row, CheckColumn.PRESENT, line.present, "hidden", value.present)
    for column, text in reasons.items():
        if column != CheckColumn.REASON:
            pen.put(sheet, row, column, text, "hidden")
    wide = {
        line.what: WIDTHS[CheckColumn.WHAT],
        line.where: WIDTHS[CheckColumn.WHERE],
        reason: WIDTHS[CheckColumn.REASON],
    }
    sheet.set_row(row, max(fit_row_height(text, width * 1.06, line=13.5, least=20) for text, width in wide.items()))


def _color_statuses(draft: ReportDraft, sheet: Worksheet) -> None:
    words = messages.entry("status")
    first = CHECKS_TOP
    ref = f"$H{first + 1}"
    box = CellBox(first, CheckColumn.STATUS, draft.checks.last_row, CheckColumn.STATUS)
    draft.add_color(sheet, box, f"ISERROR({ref})", "bad")
    looks = {
        "good": ("passed", "answered"),
        "bad": ("failed",),
        "wait": ("waiting", "warned", "expired", "noticed"),
        "quiet": ("unjudged",),
    }
    for style, keys in looks.items():
        draft.add_color(sheet, box, "OR(" + ",".join(f'{ref}="{words[key]}"' for key in keys) + ")", style)


def _write_others(draft: ReportDraft, sheet: Worksheet) -> CellBox:
    """Write the answers to findings that no line of the list shows; return the rows they take."""
    top = draft.checks.last_row + 2
    draft.pen.box(sheet, CellBox(top, 0, top, CheckColumn.REASON), messages.text("checks.others"), "heading")
    for column, text in zip(OTHER_COLUMNS, messages.texts("checks.others_columns"), strict=True):
        draft.pen.put(sheet, top + 1, column, text, "head")
    count = max(LEAST_OTHERS, len(draft.other_answers) + 2)
    for n in range(count):
        for column, value in zip(OTHER_COLUMNS, draft.list_other_texts(n), strict=True):
            style = "hidden" if column in (CheckColumn.FIGURES, CheckColumn.ORDER) else "reason"
            draft.pen.put(sheet, top + 2 + n, column, value, style)
    return CellBox(top + 2, 0, top + 1 + count, CheckColumn.GIVEN)
