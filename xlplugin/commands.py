"""The commands behind the buttons. Each takes the open workbook; `workbook` does the thinking."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal

from workbook.excel.report_loading import load_submission
from workbook.excel.template.check_lines import Checklist
from workbook.excel.template_layout import CheckColumn, SheetCell, TemplateLayout
from workbook.exchange import report_json
from workbook.model.cell_address import format_address, parse_address
from workbook.model.finding import Finding, Severity, Source
from workbook.model.form_migration import FigureFate, convert_report
from workbook.model.report import Report
from workbook.model.rule_catalog import get_rule_title
from workbook.rules.evaluation import Submission
from workbook.safety import atomic_write
from workbook.safety.messages import UserError, load_messages
from xlplugin.cell_writer import (
    PlacedValue,
    enter_figure,
    find_typed_totals,
    place_at_source,
    place_on_spot,
    place_report,
    refuse_moved_cells,
    write_cells,
)
from xlplugin.entry import ask_clerk, command, one_step, tell_clerk
from xlplugin.findings_sheet import find_sheet, read_places, restore_highlights, show_findings
from xlplugin.highlight_plan import Outcome, plan_outcome
from xlplugin.host import SpreadsheetHost
from xlplugin.open_workbook import OpenWorkbook

messages = load_messages("xlplugin")


@command
@one_step
def validate(host: SpreadsheetHost) -> Outcome:
    """校验: mark the cells most likely wrong, list every finding on 问题, stand on the first, say it in one line."""
    workbook = OpenWorkbook(host, to_change=True)
    shown = plan_outcome(workbook.read_submission())
    refused = show_findings(host, workbook.all_sheets, shown)
    if shown.rows:
        _show_status(host, shown.summary)
    else:
        tell_clerk(host, shown.summary)
    for sheet in refused:
        tell_clerk(host, messages.text("error.password", sheet=sheet))
    return shown


@command
@one_step
def clear_marks(host: SpreadsheetHost) -> None:
    """Give marked cells back the clerk's own colours and notes, and take the list away."""
    sheets = OpenWorkbook(host, to_change=True).all_sheets
    sheet = find_sheet(sheets)
    if sheet is None:
        raise UserError(messages.get("done.no_marks"))
    restore_highlights(host, sheets, sheet)
    host.delete_sheet(sheet)
    _show_status(host, messages.text("done.cleared"))


@command
def next_finding(host: SpreadsheetHost) -> None:
    """Go to the place after the one where the cursor stands; after the last, to the first."""
    sheet = find_sheet(host.sheet_names())
    places = read_places(host, sheet) if sheet else []
    if not places:
        raise UserError(messages.get("done.no_findings"))
    here = _get_selected_place(host)
    at = places.index(here) + 1 if here in places else 0
    place = places[at % len(places)]
    host.select_cell(place.sheet, parse_address(place.cell))


@command
@one_step
def answer(host: SpreadsheetHost) -> None:
    """Go to the place for the reason of the warning under the cursor: on 校验, beside the rule it belongs to."""
    workbook = OpenWorkbook(host, to_change=True)
    submission = workbook.read_submission()
    here = _get_selected_place(host)
    warnings = [
        one for one in submission.check() if one.severity is Severity.WARNING and here in _list_places(one, submission)
    ]
    if not warnings:
        raise UserError(messages.get("done.no_warning"))
    spot, placed = _reason_spot(workbook, submission.report, warnings[0])
    write_cells(workbook, placed)
    host.select_cell(spot.sheet, (spot.row, spot.column))
    _show_status(host, messages.text("done.answer_here", title=get_rule_title(warnings[0])))


@command
def export_json(host: SpreadsheetHost, path: Path | None = None) -> Path:
    """Write the report as JSON beside the workbook, or where the clerk says."""
    workbook = OpenWorkbook(host)
    submission = workbook.read_submission()
    path = path or _choose(host, "save", host.path.with_suffix(".json"), "*.json")
    if path.exists():
        ask_clerk(host, messages.text("ask.overwrite", path=path.name))
    atomic_write.write_text(path, report_json.dump_report_text(_bind_reasons(submission)))
    _show_status(host, messages.text("done.exported", path=path))
    return path


@command
@one_step
def import_json(host: SpreadsheetHost, path: Path | None = None) -> Path:
    """Fill the open workbook from a JSON; what stood in it is kept in a JSON of its own, from which it comes back."""
    workbook = OpenWorkbook(host, to_change=True)
    now = workbook.read_submission()
    path = path or _choose(host, "open", host.path.parent, "*.json")
    given = load_submission(path).report
    if given.form.id != now.report.form.id:
        raise UserError(messages.get("error.other_form", other=given.form.id, form=now.report.form.id))
    _same_agency(host, given, now.report)
    if given.year != now.report.year and now.report.year is not None:
        ask_clerk(host, messages.text("ask.other_year", other=given.year, year=now.report.year))
    refuse_moved_cells(now.report)
    copy = _store_copy(host, now)
    write_cells(workbook, place_report(workbook, given, now.previous), find_typed_totals(given, now.report))
    key, named = ("done.imported", {"copy": copy.name}) if copy else ("done.imported_fresh", {})
    _show_status(host, messages.text(key, path=path.name, **named))
    return path


@command
@one_step
def fill_blanks(host: SpreadsheetHost) -> int:
    """Put 0 into every blank entry cell, after asking; how many there were."""
    workbook = OpenWorkbook(host, to_change=True)
    report = workbook.read_submission().report
    places = TemplateLayout(report.form)
    blank = [c for c in report.form.cells if report.values[c.index] is None and c.code not in places.formulas]
    if not blank:
        raise UserError(messages.get("done.no_blanks"))
    ask_clerk(host, messages.text("ask.blanks", count=len(blank)))
    write_cells(workbook, [place_at_source(report.source(cell.code), 0) for cell in blank])
    _show_status(host, messages.text("done.filled", count=len(blank)))
    return len(blank)


@command
@one_step
def load_last_year(host: SpreadsheetHost, path: Path | None = None) -> None:
    """Fill last year's figures, beside this year's, from last year's workbook or JSON."""
    workbook = OpenWorkbook(host, to_change=True)
    report = workbook.read_submission().report
    path = path or _choose(host, "open", host.path.parent, "*.xlsx;*.xlsm;*.json")
    last = load_submission(path).report
    if report.year is not None and last.year != report.year - 1:
        raise UserError(messages.get("error.year_order", other=last.year, expected=report.year - 1))
    _same_agency(host, last, report)
    refuse_moved_cells(report)
    moved = convert_report(last, report.form)
    places = TemplateLayout(report.form)
    placed = [
        place_on_spot(places.previous[cell.code], enter_figure(moved.report.values[cell.index], cell))
        for cell in report.form.cells
    ]
    write_cells(workbook, [*placed, place_on_spot(places.previous_year, last.year)])
    counts = {fate.value: sum(move.fate is fate for move in moved.moves) for fate in FigureFate}
    _show_status(host, messages.text("done.last_year", year=last.year, **counts))


@command
def merge_folder(host: SpreadsheetHost, folder: Path | None = None) -> Path:
    """汇总: merge every report in a folder into 汇总.xlsx beside it (the coordinator's command)."""
    from workbook.merging.collection_run import MergeOptions, collect_reports
    from workbook.merging.totals import merge_reports
    from workbook.summary.excel.summary_workbook import write_summary

    folder = folder or _choose(host, "folder", host.path.parent)
    out = folder.parent / f"{folder.name}-汇总.xlsx"
    if asked := out.exists():
        ask_clerk(host, messages.text("ask.overwrite", path=out.name))
    with collect_reports([folder], MergeOptions(outputs=(out,))) as collection:
        merged = merge_reports(collection)
        try:
            with atomic_write.choose_output_path(out, force=asked) as place:
                write_summary(place, merged)
        except atomic_write.WrittenAside as aside:  # somebody else's, or open in Excel
            out = aside.kept
    tell_clerk(host, messages.text("done.merged", path=out))
    return out


# what the commands share --------------------------------------------------------------------------------------------


def _choose(host: SpreadsheetHost, purpose: Literal["open", "save", "folder"], start: Path, patterns: str = "") -> Path:
    """Return the file or folder that the clerk chooses; UserError where they cancel."""
    chosen = host.choose_file(purpose, messages.text(f"title.{purpose}"), start, patterns)
    if chosen is None:
        raise UserError(messages.get("done.cancelled"))
    return chosen


def _show_status(host: SpreadsheetHost, text: str) -> None:
    """Show one line in the status bar, where the program has one that may be written."""
    with suppress(Exception):
        host.show_status(text)


def _get_selected_place(host: SpreadsheetHost) -> Source:
    selected = host.selected_cell()
    return Source("", selected[0], format_address(*selected[1])) if selected else Source()


def _list_places(one: Finding, submission: Submission) -> list[Source]:
    """Return the places a finding is about: its own, and those of its cells."""
    sources = [one.source, *(submission.report.source(code) for code in one.cells)]
    return [Source("", source.sheet, source.cell) for source in sources]


def _reason_spot(workbook: OpenWorkbook, report: Report, one: Finding) -> tuple[SheetCell, list[PlacedValue]]:
    """Return where the reason for a warning goes, and what is written there first: nothing, where 校验 has its line."""
    checklist = Checklist(TemplateLayout(report.form))
    for line in checklist.lines:
        if line.rule == one.rule and set(line.cells) == set(one.cells):
            return SheetCell(checklist.sheet, checklist.rows[line.code], CheckColumn.REASON), []
    area = workbook.named_area("checks.others")
    first, texts = area[0], workbook.host.read_values(checklist.sheet, area)
    wanted = (one.rule, " ".join(one.cells))
    present = [tuple(str(row[n] or "").strip() for n in (CheckColumn.WHERE, CheckColumn.WHAT)) for row in texts]
    free = [n for n, row in enumerate(texts) if present[n] == ("", "") and not row[CheckColumn.REASON]]
    if wanted not in present and not free:
        raise UserError(messages.get("error.no_room"))
    row = first + (present.index(wanted) if wanted in present else free[0])
    columns = (CheckColumn.WHERE, CheckColumn.WHAT)
    placed = [PlacedValue(checklist.sheet, (row, column), text) for column, text in zip(columns, wanted, strict=True)]
    return SheetCell(checklist.sheet, row, CheckColumn.REASON), placed


def _bind_reasons(submission: Submission) -> Report:
    """Return the report with every freshly typed reason bound to the figures it answers for."""
    found = {(one.rule, frozenset(one.cells)): one.figures for one in reversed(submission.check())}
    answers = [
        given if given.figures else given._replace(figures=found.get((given.rule, frozenset(given.cells)), ""))
        for given in submission.report.answers
    ]
    return replace(submission.report, answers=tuple(answers))


def _same_agency(host: SpreadsheetHost, other: Report, report: Report) -> None:
    """Ask where the file is another agency's: by code where both have one, else by name."""
    a, b = other.agency, report.agency
    same = a.code == b.code if a.code and b.code else a.name == b.name
    if b.name and not same:
        ask_clerk(host, messages.text("ask.other_agency", other=a.name, agency=b.name))


def _store_copy(host: SpreadsheetHost, now: Submission) -> Path | None:
    """Ask before writing over figures, and keep them in a JSON beside the workbook; None where there were none."""
    report = now.report
    if not any(report.texts.values()) and not report.answers and all(value is None for value in report.values):
        return None
    stem, n = f"{host.path.stem}-导入前", 1
    copy = host.path.with_name(f"{stem}.json")
    while copy.exists():
        n += 1
        copy = host.path.with_name(f"{stem}{n}.json")
    ask_clerk(host, messages.text("ask.import", copy=copy.name))
    atomic_write.write_text(copy, report_json.dump_report_text(_bind_reasons(now)))
    return copy
