"""`ogi export` and `ogi import` of documents: Word, web page, PDF and long table out; published reports back in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbook import documents
from workbook.cli.console import messages, to_plain_line
from workbook.cli.file_arguments import OutputFiles, check_output_paths, load_named_report, write_workbook
from workbook.cli.finding_list import describe_counts
from workbook.model import rule_catalog
from workbook.model.finding import Severity
from workbook.model.report import Report
from workbook.rules.evaluation import check_figures
from workbook.safety import atomic_write
from workbook.safety.messages import UserError

if TYPE_CHECKING:
    import argparse

    from workbook.cli.console import Console
    from workbook.documents.reading.document_reader import ImportedDocument

SUFFIXES = documents.SUFFIXES
NAMED = 12
"""So many findings of an import are shown; the review page shows all."""


def export_document(args: argparse.Namespace, console: Console) -> int:
    """Write a workbook's report, or the sum of a merge, as a document; refused where it has errors, unless a draft."""
    source = Path(args.file)
    (target,) = check_output_paths([args.output], [args.file], force=args.force)
    report = _summed(source)
    if report is not None:
        findings = check_figures(report)
    else:
        submission = load_named_report(source)
        report = submission.report
        findings = check_figures(report) if submission.summary else submission.check()
    written = OutputFiles(force=args.force)
    with written.placed(target) as place:
        documents.write_document(place, report, draft=args.draft, lang=console.lang, findings=findings)
    written.tell(console, "made")
    if findings:
        console.err(console.say("read_findings", file=source, counts=describe_counts(findings, console)))
    return written.end(1 if any(one.severity is Severity.ERROR for one in findings) else 0, console)


def _summed(path: Path) -> Report | None:
    """The sum that a merge wrote as JSON; None for any other file."""
    if path.suffix.lower() != ".json" or not path.is_file():
        return None
    from workbook.summary.summary_json import sum_in

    return sum_in(path)


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
    report = _stated(imported.report, args)
    written = OutputFiles(force=args.force)
    with written.placed(target) as place:
        write_workbook(place, report, notes=_notes(imported))
    for page in pages:
        with written.placed(page, besides=True) as place:
            atomic_write.write_text(place, render_review(imported, console.lang))
    return written.end(_tell(imported, written.paths, console), console)


def _stated(report: Report, args: argparse.Namespace) -> Report:
    """The report with the agency and year that the command line states: many documents print neither."""
    from dataclasses import replace

    agency = report.agency if args.agency is None else replace(report.agency, name=args.agency.strip())
    return replace(report, agency=agency, year=report.year if args.year is None else args.year)


def _notes(imported: ImportedDocument) -> dict[str, str]:
    """What an uncertain cell may be, for a note beside it."""
    from workbook.documents.reading.import_findings import explain_doubt

    some = {code: tuple(given) for code, given in imported.candidates.items() if given}
    return {
        code: messages.get(
            "import_note",
            raw=imported.raws.get(code, ""),
            why=explain_doubt(imported.doubts.get(code, ())),
            candidates="、".join(given),
        )[0]
        for code, given in some.items()
    }


def _tell(imported: ImportedDocument, written: list[Path], console: Console) -> int:
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
        where = f"{one.source} " if str(one.source) else ""
        console.out("  " + to_plain_line(where + rule_catalog.format_message(one, console.lang)))
    if len(findings) > NAMED:
        console.out(console.say("import_more", count=len(findings) - NAMED))
    open_ = any(one.severity is Severity.ERROR for one in findings)
    return 1 if open_ or counts[Confidence.UNCERTAIN.value] else 0
