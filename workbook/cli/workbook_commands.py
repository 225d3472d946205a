"""`ogi new`, `export`, `import`, `repair`: a report into a workbook, JSON or a document, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from workbook import documents
from workbook.cli.check_command import describe_counts, describe_located
from workbook.cli.console import messages, to_plain_line
from workbook.cli.file_arguments import (
    OutputFiles,
    check_output_paths,
    load_named_report,
    name_file_in_errors,
    write_workbook,
)
from workbook.model import identity, rule_catalog
from workbook.model.cell_address import parse_address
from workbook.model.finding import Finding, Severity
from workbook.model.form import Form
from workbook.model.form_loader import get_form_in_force, list_form_ids
from workbook.model.form_migration import ConvertedForm, FigureFate, FigureMove, convert_report, summarize_moves
from workbook.model.identity import Identity
from workbook.model.report import Answer, Report, format_value, make_empty_report
from workbook.rules.evaluation import check_figures
from workbook.rules.rule_types import get_sheet_name
from workbook.safety import atomic_write
from workbook.safety.messages import Bilingual, UserError, join_texts

if TYPE_CHECKING:
    import argparse

    from workbook.cli.console import Console
    from workbook.documents.reading.document_reader import ImportedDocument
    from workbook.excel.report_loading import MovedValue as Shift
    from workbook.rules.evaluation import Submission


MOST_VALUES = 6
"""How many figures a line of the receipt spells out."""


def run_new(args: argparse.Namespace, console: Console) -> int:
    """Write a blank workbook for the year; last year's figures beside the cells where its report is given."""
    (target,) = check_output_paths([args.output], [args.last] if args.last else [], force=args.force, suffix=".xlsx")
    last = load_named_report(Path(args.last)) if args.last else None
    if last is not None and last.report.year != args.year - 1:
        found = messages.get("year_unknown") if last.report.year is None else last.report.year
        raise UserError(messages.get("last_year", file=last.path, found=found, wanted=args.year - 1))
    agency = _state_agency(args, last.report.agency if last else Identity(), console)
    try:
        form = get_form_in_force(args.year, agency.region)
    except LookupError:
        raise UserError(messages.get("no_form", year=args.year, known="、".join(list_form_ids()))) from None
    written = OutputFiles(force=args.force)
    with written.placed(target) as path:
        write_workbook(path, make_empty_report(form, args.year, agency), last.report if last else None)
    name = agency.name or messages.get("no_name")
    number = form.citation.number
    written.report(console, "made_new", agency=name, year=args.year, form=form.id, number=number)
    if last is not None:
        if findings := [one for one in last.check() if one.severity is not Severity.NOTICE]:
            console.err(console.say("last_findings", file=last.path, counts=describe_counts(findings, console)))
        for line in _describe_migration(last.report.form, form, convert_report(last.report, form), console):
            console.out(line)
    return written.end(0, console)


def _state_agency(args: argparse.Namespace, last: Identity, console: Console) -> Identity:
    """The identity of the new report: last year's, with whatever the command line states instead."""
    if args.agency is not None and last.name and args.agency != last.name:
        console.err(console.say("other_agency", last=last.name, now=args.agency))
    stated = {"name": args.agency, "code": args.code, "region": args.region}
    agency = replace(
        last, revision=0, unreadable=(), **{key: value.strip() for key, value in stated.items() if value is not None}
    )
    if args.level is not None:
        level = identity.find_level(args.level)
        if level is None:
            known = "、".join(f"{one.code}（{one.label}）" for one in identity.list_levels())
            raise UserError(messages.get("unknown_level", level=args.level, known=known))
        agency = replace(agency, level=level.code)
    for field, raw, problem in (
        ("code", agency.code, identity.find_credit_code_problem(agency.code)),
        ("region", agency.region, identity.find_region_problem(agency.region)),
    ):
        if problem:
            named = identity.find_identity_field(field)
            label = (named.label, named.en.lower()) if named else field
            what = rule_catalog.get_phrase(problem.kind, "code_problem", **problem._asdict())
            console.err(console.say("code_doubt", field=label, raw=raw, what=what))
    return agency


def _describe_migration(old: Form, new: Form, migrated: ConvertedForm, console: Console) -> Iterable[str]:
    """What became of last year's figures, row by row: carried, summed, dropped."""
    fates = summarize_moves(migrated.moves)
    count = {fate.value: len(moves) for fate, moves in fates.items()}
    if old.fingerprint == new.fingerprint:
        yield console.say("receipt_same", **count)
        return
    yield console.say("receipt", old=old.id, new=new.id, **count)
    for table, moves in groupby(fates[FigureFate.CARRIED], key=lambda move: move.old.table.code):
        some = list(moves)
        rows = dict.fromkeys(move.old.row.brief for move in some)
        named = _name_table(old, some[0])
        yield console.say("receipt_carried", table=named, rows=_join_ends(list(rows))) if table else ""
    for fate, key in ((FigureFate.SUMMED, "receipt_summed"), (FigureFate.DROPPED, "receipt_dropped")):
        for _, moves in groupby(fates[fate], key=lambda move: (move.old.table.code, move.old.row.code)):
            some = list(moves)
            to = some[0].new.row.brief if some[0].new else ""
            facts = {
                "old": some[0].old.row.brief,
                "new": to,
                "count": len(some),
                "values": _describe_values(some, console),
            }
            yield console.say(key, table=_name_table(old, some[0]), **facts)


def _name_table(form: Form, move: FigureMove) -> Bilingual:
    table = move.old.table
    sheet = get_sheet_name(form, table)
    return Bilingual(f"{sheet} {table.title}", f"{sheet} {table.en}")


def _join_ends(rows: Sequence[Bilingual]) -> Bilingual:
    """A few rows by name, many by the first and the last."""
    return join_texts(rows if len(rows) <= MOST_VALUES else [rows[0], "…", rows[-1]])


def _describe_values(moves: Sequence[FigureMove], console: Console) -> str:
    """The figures of moves that are not 0, so that nothing is dropped unseen."""
    some = [move for move in moves if move.value]
    if not some:
        return ""
    named = []
    for move in some[:MOST_VALUES]:
        value, unit = format_value(move.value, move.old), move.old.unit.label
        named.append(console.say("receipt_value", column=move.old.column.brief, value=value, unit=unit))
    more = "…" if len(some) > MOST_VALUES else ""
    return console.say("receipt_values", values=join_texts(named).say(console.lang) + more)


def run_export(args: argparse.Namespace, console: Console) -> int:
    """Write the report of a workbook as JSON, or as a document; 1 if reading it showed errors."""
    from workbook.exchange import report_json

    if Path(args.output).suffix.lower() != ".json":
        if Path(args.output).suffix.lower() not in SUFFIXES:
            raise UserError(messages.get("suffix", suffix="、".join((".json", *SUFFIXES)), file=args.output))
        return export_document(args, console)
    (target,) = check_output_paths([args.output], [args.file], force=args.force, suffix=".json")
    submission = load_named_report(Path(args.file))
    written = OutputFiles(force=args.force)
    with written.placed(target) as place:
        atomic_write.write_text(place, report_json.dump_report_text(sign_answers(submission)))
    return _report_written(written, submission.path, submission.findings, console)


def sign_answers(submission: Submission) -> Report:
    """The report with every reason tied to the figures it answers for: one typed fresh in the workbook has none yet."""
    report = submission.report
    if all(answer.figures for answer in report.answers):
        return report
    current = {(one.rule, frozenset(one.cells)): one.figures for one in submission.check() if one.figures}
    return replace(report, answers=tuple(_sign_answer(answer, current) for answer in report.answers))


def _sign_answer(answer: Answer, current: dict[tuple[str, frozenset[str]], str]) -> Answer:
    if answer.figures:
        return answer
    return answer._replace(figures=current.get((answer.rule, frozenset(answer.cells)), ""))


def run_import(args: argparse.Namespace, console: Console) -> int:
    """Write the report of a JSON file or a document into a fresh workbook; 1 if reading it showed errors."""
    from workbook.exchange.report_json import load_report

    path = Path(args.file)
    if path.suffix.lower() not in (".json", ".xlsx", ".xlsm"):
        return import_document(args, console)
    (target,) = check_output_paths([args.output], [args.file], force=args.force, suffix=".xlsx")
    if path.suffix.lower() == ".xlsx" and path.is_file():
        raise UserError(messages.get("import_workbook", file=path))
    with name_file_in_errors(path):
        loaded = load_report(path)
    written = OutputFiles(force=args.force)
    with written.placed(target) as place:
        write_workbook(place, loaded.report)
    return _report_written(written, path, loaded.findings, console)


def run_repair(args: argparse.Namespace, console: Console) -> int:
    """Write the figures of a workbook into a fresh one; list what was moved or changed."""
    from workbook.excel.report_loading import repair_workbook

    (target,) = check_output_paths([args.output], [args.file], force=args.force, suffix=".xlsx")
    path = Path(args.file)
    with name_file_in_errors(path):
        repaired, moves = repair_workbook(path)
    written = OutputFiles(force=args.force)
    with written.placed(target) as place:
        write_workbook(place, repaired.report, repaired.previous)
    report = repaired.report
    name = report.agency.name or messages.get("no_name")
    year = messages.get("year_unknown") if report.year is None else report.year
    written.report(console, "repaired", agency=name, year=year, form=report.form.id)
    changes = [*_describe_moves(moves, console), *(describe_located(one, console.lang) for one in repaired.findings)]
    console.out(console.say("repaired_list" if changes else "repaired_nothing"))
    for line in changes:
        console.out("  " + to_plain_line(line))
    return written.end(0, console)


def _describe_moves(moves: Sequence[Shift], console: Console) -> Iterator[str]:
    """The cells that have moved, neighbours that moved alike together: “表三!D7—J30 → D6—J29（168 格）”."""
    for _, together in groupby(moves, key=_measure_step):
        some = list(together)
        old, new = some[0].old, some[0].new
        facts = {"old": f"{old}", "new": f"{new}", "count": len(some)}
        if len(some) > 1:
            facts |= {"old": f"{old}—{some[-1].old.cell}", "new": f"{new}—{some[-1].new.cell}"}
        yield console.say("repaired_move", **facts)


def _measure_step(move: Shift) -> tuple[object, ...]:
    """From which sheet to which, and how far down and to the right."""
    old, new = parse_address(move.old.cell), parse_address(move.new.cell)
    return move.old.sheet, move.new.sheet, new[0] - old[0], new[1] - old[1]


def _report_written(written: OutputFiles, source: Path, findings: Sequence[Finding], console: Console) -> int:
    """Say what was written, and in one line what reading the source showed; 1 if that was an error."""
    written.report(console, "made")
    if findings:
        console.err(console.say("read_findings", file=source, counts=describe_counts(findings, console)))
    return written.end(1 if any(one.severity is Severity.ERROR for one in findings) else 0, console)


# `ogi export` and `ogi import` of documents: Word, web page, PDF and long table out; published reports in


SUFFIXES = documents.SUFFIXES
NAMED = 12
"""So many findings of an import are shown; the review page shows all."""


def export_document(args: argparse.Namespace, console: Console) -> int:
    """Write a workbook's report, or the sum of a merge, as a document; refused where it has errors, unless a draft."""
    source = Path(args.file)
    (target,) = check_output_paths([args.output], [args.file], force=args.force)
    report = _read_sum(source)
    if report is not None:
        findings = check_figures(report)
    else:
        submission = load_named_report(source)
        report = submission.report
        findings = check_figures(report) if submission.summary else submission.check()
    written = OutputFiles(force=args.force)
    with written.placed(target) as place:
        documents.write_document(place, report, draft=args.draft, lang=console.lang, findings=findings)
    return _report_written(written, source, findings, console)


def _read_sum(path: Path) -> Report | None:
    """The sum that a merge wrote as JSON; None for any other file."""
    if path.suffix.lower() != ".json" or not path.is_file():
        return None
    from workbook.summary.summary_json import read_summed_report

    return read_summed_report(path)


def import_document(args: argparse.Namespace, console: Console) -> int:
    """Write a published report into a fresh workbook; uncertain cells stay blank, with a note what they may be."""
    from workbook.documents.reading.document_reader import read_document
    from workbook.documents.reading.review_page import render_review

    target, *pages = check_output_paths([args.output, args.review], [args.file], force=args.force)
    if target.suffix.lower() != ".xlsx":
        raise UserError(messages.get("suffix", suffix=".xlsx", file=target))
    path = Path(args.file)
    if not path.is_file():
        raise UserError(messages.get("of_file", file=path, what=messages.get("not_found")))
    imported = read_document(path)
    report = _with_stated_identity(imported.report, args)
    written = OutputFiles(force=args.force)
    with written.placed(target) as place:
        write_workbook(place, report, notes=_write_notes(imported))
    for page in pages:
        with written.placed(page, besides=True) as place:
            atomic_write.write_text(place, render_review(imported, console.lang))
    return written.end(_report_import(imported, written.paths, console), console)


def _with_stated_identity(report: Report, args: argparse.Namespace) -> Report:
    """The report with the agency and year that the command line states: many documents print neither."""
    agency = report.agency if args.agency is None else replace(report.agency, name=args.agency.strip())
    return replace(report, agency=agency, year=report.year if args.year is None else args.year)


def _write_notes(imported: ImportedDocument) -> dict[str, str]:
    """What an uncertain cell may be, for a note beside it."""
    from workbook.documents.reading.import_findings import explain_doubt

    return {
        code: messages.get(
            "import_note", raw=one.raw, why=explain_doubt(one.doubts), candidates="、".join(one.candidates)
        ).zh
        for code, one in imported.readings.items()
        if one.candidates
    }


def _report_import(imported: ImportedDocument, written: list[Path], console: Console) -> int:
    from workbook.documents.reading.row_matching import Confidence

    for path in written:
        console.out(console.say("made", file=path))
    counts = {one.value: len(imported.cells(one)) for one in Confidence}
    name = imported.report.agency.name or messages.get("no_name")
    year = messages.get("year_unknown") if imported.report.year is None else imported.report.year
    console.out(console.say("imported", agency=name, year=year, form=imported.report.form.id, **counts))
    weights = list(Severity)  # the gravest first, figures before the rest: what is cut off must not be what counts
    findings = sorted(imported.check(), key=lambda one: (weights.index(one.severity), not one.cells))
    for one in findings[:NAMED]:
        console.out("  " + to_plain_line(describe_located(one, console.lang)))
    if len(findings) > NAMED:
        console.out(console.say("import_more", count=len(findings) - NAMED))
    open_ = any(one.severity is Severity.ERROR for one in findings)
    return 1 if open_ or counts[Confidence.UNCERTAIN.value] else 0
