"""The commands behind the buttons. Each takes the open workbook; `workbook` does the thinking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import xlwings as xw

from workbook.excel.report_loading import load_submission
from workbook.excel.template.checklist import Checklist
from workbook.excel.template.template_layout import Col, Spot, TemplateLayout
from workbook.exchange import report_json
from workbook.model.finding import Finding, Severity, Source
from workbook.model.form_migration import FigureFate, convert_report
from workbook.model.report import Answer, Report
from workbook.model.rule_catalog import get_rule_title
from workbook.rules.submission import Submission
from workbook.safety import atomic_write
from workbook.safety.messages import UserError, load_messages
from xlplugin import problems
from xlplugin.desk import Desk, Placed
from xlplugin.entry import ask, command, one_step, tell
from xlplugin.filling import figure, placed_at, placed_on, refuse_moved, report_placed, typed_totals, write
from xlplugin.hosts.dialogs import ask_folder, ask_open, ask_save
from xlplugin.marking import Outcome, outcome

messages = load_messages("xlplugin")


@command
@one_step
def validate(book: xw.Book) -> Outcome:
    """校验: mark the cells most likely wrong, list every finding on 问题, stand on the first, say it in one line."""
    desk = Desk(book).for_writing()
    shown = outcome(desk.read())
    refused = problems.show(book, desk.all_sheets, shown)
    if shown.rows:
        _status(book, shown.summary)
    else:
        tell(book, shown.summary)
    for sheet in refused:
        tell(book, messages.text("error.password", sheet=sheet))
    return shown


@command
@one_step
def clear_marks(book: xw.Book) -> None:
    """Give marked cells back the clerk's own colours and notes, and take the list away."""
    sheets = Desk(book).for_writing().all_sheets
    sheet = problems.sheet_of(sheets)
    if sheet is None:
        raise UserError(messages.get("done.no_marks"))
    problems.restore(sheets, sheet)
    sheet.delete()
    _status(book, messages.text("done.cleared"))


@command
def next_finding(book: xw.Book) -> None:
    """Go to the place after the one where the cursor stands; after the last, to the first."""
    sheet = problems.sheet_of(Desk(book).all_sheets)
    places = problems.places(sheet) if sheet else []
    if not places:
        raise UserError(messages.get("done.no_findings"))
    here = _selected(book)
    at = places.index(here) + 1 if here in places else 0
    _go(book, places[at % len(places)])


@command
@one_step
def answer(book: xw.Book) -> None:
    """Go to the place for the reason of the warning under the cursor: on 校验, beside the rule it belongs to."""
    desk = Desk(book).for_writing()
    submission = desk.read()
    here = _selected(book)
    warnings = [
        f for f in submission.check() if f.severity is Severity.WARNING and _concerns(f, here, submission.report)
    ]
    if not warnings:
        raise UserError(messages.get("done.no_warning"))
    spot, placed = _reason_spot(book, submission.report, warnings[0])
    write(desk, placed)
    _go(book, Source("", spot.sheet, spot.a1))
    _status(book, messages.text("done.answer_here", title=get_rule_title(warnings[0])))


@command
def export_json(book: xw.Book, path: Path | None = None) -> Path:
    """Write the report as JSON beside the workbook, or where the clerk says."""
    desk = Desk(book)
    submission = desk.read()
    path = path or ask_save(book, desk.path.with_suffix(".json"))
    if path is None:
        raise UserError(messages.get("done.cancelled"))
    if path.exists():
        ask(book, messages.text("ask.overwrite", path=path.name))
    atomic_write.write_text(path, report_json.dump_report_text(_bound(submission)))
    _status(book, messages.text("done.exported", path=path))
    return path


@command
@one_step
def import_json(book: xw.Book, path: Path | None = None) -> Path:
    """Fill the open workbook from a JSON; what stood in it is kept in a JSON of its own, from which it comes back."""
    desk = Desk(book).for_writing()
    now = desk.read()
    path = path or ask_open(book, "*.json")
    if path is None:
        raise UserError(messages.get("done.cancelled"))
    given = load_submission(path).report
    if given.form.id != now.report.form.id:
        raise UserError(messages.get("error.other_form", other=given.form.id, form=now.report.form.id))
    _same_agency(book, given, now.report)
    if given.year != now.report.year and now.report.year is not None:
        ask(book, messages.text("ask.other_year", other=given.year, year=now.report.year))
    refuse_moved(now.report)
    copy = _keep(book, desk, now)
    write(desk, report_placed(desk, given, now.previous), typed_totals(given, now.report))
    _status(
        book,
        messages.text("done.imported", path=path.name, copy=copy.name)
        if copy
        else messages.text("done.imported_fresh", path=path.name),
    )
    return path


@command
@one_step
def fill_blanks(book: xw.Book) -> int:
    """Put 0 into every blank entry cell, after asking; how many there were."""
    desk = Desk(book).for_writing()
    report = desk.read().report
    places = TemplateLayout(report.form)
    blank = [c for c in report.form.cells if report.values[c.index] is None and c.code not in places.formulas]
    if not blank:
        raise UserError(messages.get("done.no_blanks"))
    ask(book, messages.text("ask.blanks", count=len(blank)))
    write(desk, [placed_at(report.source(cell.code), 0) for cell in blank])
    _status(book, messages.text("done.filled", count=len(blank)))
    return len(blank)


@command
@one_step
def load_last_year(book: xw.Book, path: Path | None = None) -> None:
    """Fill last year's figures, beside this year's, from last year's workbook or JSON."""
    desk = Desk(book).for_writing()
    report = desk.read().report
    path = path or ask_open(book, "*.xlsx;*.xlsm;*.json")
    if path is None:
        raise UserError(messages.get("done.cancelled"))
    last = load_submission(path).report
    if report.year is not None and last.year != report.year - 1:
        raise UserError(messages.get("error.year_order", other=last.year, expected=report.year - 1))
    _same_agency(book, last, report)
    refuse_moved(report)
    moved = convert_report(last, report.form)
    places = TemplateLayout(report.form)
    placed = [placed_on(places.previous[c.code], figure(moved.report.values[c.index], c)) for c in report.form.cells]
    write(desk, [*placed, placed_on(places.previous_year, last.year)])
    count = {fate: sum(m.fate is fate for m in moved.moves) for fate in FigureFate}
    counts = {
        "carried": count[FigureFate.CARRIED],
        "summed": count[FigureFate.SUMMED],
        "dropped": count[FigureFate.DROPPED],
    }
    _status(book, messages.text("done.last_year", year=last.year, **counts))


@command
def merge_folder(book: xw.Book, folder: Path | None = None) -> Path:
    """汇总: merge every report in a folder into 汇总.xlsx beside it (the coordinator's command)."""
    from workbook.merging.collection_run import MergeOptions, collect_reports
    from workbook.merging.totals import merge_reports
    from workbook.summary.excel.summary_workbook import write_summary

    folder = folder or ask_folder(book)
    if folder is None:
        raise UserError(messages.get("done.cancelled"))
    out = folder.parent / f"{folder.name}-汇总.xlsx"
    if asked := out.exists():
        ask(book, messages.text("ask.overwrite", path=out.name))
    with collect_reports([folder], MergeOptions(outputs=(out,))) as collection:
        merged = merge_reports(collection)
        try:
            with atomic_write.choose_output_path(out, force=asked) as place:
                write_summary(place, merged)
        except atomic_write.WrittenAside as aside:  # somebody else's, or open in Excel
            out = aside.kept
    tell(book, messages.text("done.merged", path=out))
    return out


# what the commands share --------------------------------------------------------------------------------------------


def _status(book: xw.Book, text: str) -> None:
    """One line in the status bar, where the program has one that may be written."""
    try:
        book.app.status_bar = text
    except Exception:
        return


def _selected(book: xw.Book) -> Source:
    cell = book.app.selection
    if cell is None:
        return Source()
    return Source("", cell.sheet.name, cell.get_address(False, False).split(":")[0])


def _go(book: xw.Book, place: Source) -> None:
    sheet = book.sheets[place.sheet]
    sheet.activate()
    sheet.range(place.cell).select()


def _concerns(one: Finding, here: Source, report: Report) -> bool:
    places = [one.source, *(report.source(code) for code in one.cells)]
    return any((place.sheet, place.cell) == (here.sheet, here.cell) for place in places)


def _reason_spot(book: xw.Book, report: Report, one: Finding) -> tuple[Spot, list[Placed]]:
    """Where the reason for a warning goes, and what must be written there first: nothing, where 校验 has its line."""
    checklist = Checklist(TemplateLayout(report.form))
    for line in checklist.lines:
        if line.rule == one.rule and set(line.cells) == set(one.cells):
            return Spot(checklist.sheet, checklist.rows[line.code], Col.REASON), []
    area = book.names["checks.others"].refers_to_range
    first, texts = area.row - 1, area.value
    says = (one.rule, " ".join(one.cells))
    stands = [tuple(str(text or "").strip() for text in (row[Col.WHERE], row[Col.WHAT])) for row in texts]
    free = [n for n, row in enumerate(texts) if stands[n] == ("", "") and not row[Col.REASON]]
    if says not in stands and not free:
        raise UserError(messages.get("error.no_room"))
    row = first + (stands.index(says) if says in stands else free[0])
    placed = [
        Placed(checklist.sheet, row, column, text) for column, text in zip((Col.WHERE, Col.WHAT), says, strict=True)
    ]
    return Spot(checklist.sheet, row, Col.REASON), placed


def _bound(submission: Submission) -> Report:
    """The report with every freshly typed reason bound to the figures it answers for."""
    found = submission.check()
    bound = [_bind(given, found) for given in submission.report.answers]
    return replace(submission.report, answers=tuple(bound))


def _bind(given: Answer, found: Iterable[Finding]) -> Answer:
    if given.figures:
        return given
    figures = (f.figures for f in found if f.rule == given.rule and set(f.cells) == set(given.cells))
    return given._replace(figures=next(figures, ""))


def _same_agency(book: xw.Book, other: Report, report: Report) -> None:
    """Ask where the file is another agency's: by code where both have one, else by name."""
    a, b = other.agency, report.agency
    same = a.code == b.code if a.code and b.code else a.name == b.name
    if b.name and not same:
        ask(book, messages.text("ask.other_agency", other=a.name, agency=b.name))


def _keep(book: xw.Book, desk: Desk, now: Submission) -> Path | None:
    """Ask before writing over figures, and keep them in a JSON beside the workbook; None where there were none."""
    report = now.report
    if not any(report.texts.values()) and not report.answers and all(value is None for value in report.values):
        return None
    stem, n = f"{desk.path.stem}-导入前", 1
    copy = desk.path.with_name(f"{stem}.json")
    while copy.exists():
        n += 1
        copy = desk.path.with_name(f"{stem}{n}.json")
    ask(book, messages.text("ask.import", copy=copy.name))
    atomic_write.write_text(copy, report_json.dump_report_text(_bound(now)))
    return copy
