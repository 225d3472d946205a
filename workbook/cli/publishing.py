"""`ogi export` and `ogi import` of documents: Word, web page, PDF and long table out; published reports back in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbook import documents, rulebook, whole
from workbook.check import check_figures
from workbook.cli.console import messages, plain
from workbook.cli.files import Written, opened, outputs, write_workbook
from workbook.cli.findings import counted
from workbook.finding import Severity
from workbook.report import Report
from workbook.safety.messages import UserError

if TYPE_CHECKING:
    import argparse

    from workbook.cli.console import Console
    from workbook.documents.reading.read import Imported

SUFFIXES = documents.SUFFIXES
NAMED = 12
"""So many findings of an import are shown; the review page shows all."""


def export_document(args: argparse.Namespace, console: Console) -> int:
    """Write a workbook's report, or the sum of a merge, as a document; refused where it has errors, unless a draft."""
    source = Path(args.file)
    (target,) = outputs([args.output], [args.file], force=args.force)
    report = _summed(source)
    if report is not None:
        findings = check_figures(report)
    else:
        submission = opened(source)
        report = submission.report
        findings = check_figures(report) if submission.summary else submission.check()
    written = Written(force=args.force)
    with written.placed(target) as place:
        documents.write(place, report, draft=args.draft, lang=console.lang, findings=findings)
    written.tell(console, "made")
    if findings:
        console.err(console.say("read_findings", file=source, counts=counted(findings, console)))
    return written.end(1 if any(one.severity is Severity.ERROR for one in findings) else 0, console)


def _summed(path: Path) -> Report | None:
    """The sum that a merge wrote as JSON; None for any other file."""
    if path.suffix.lower() != ".json" or not path.is_file():
        return None
    from workbook.merging.asjson import sum_in

    return sum_in(path)


def import_document(args: argparse.Namespace, console: Console) -> int:
    """Write a published report into a fresh workbook; uncertain cells stay blank, with a note what they may be."""
    from workbook.documents.reading.read import read
    from workbook.documents.reading.review import review

    target, *pages = outputs([args.output, args.review], [args.file], force=args.force)
    if target.suffix.lower() != ".xlsx":
        raise UserError(messages.get("suffix", suffix=".xlsx", file=target))
    path = Path(args.file)
    if not path.is_file():
        raise UserError(messages.get("of_file", file=path, what=messages.get("not_found")))
    imported = read(path)
    report = _stated(imported.report, args)
    written = Written(force=args.force)
    with written.placed(target) as place:
        write_workbook(place, report, notes=_notes(imported))
    for page in pages:
        with written.placed(page, besides=True) as place:
            whole.write_text(place, review(imported, console.lang))
    return written.end(_tell(imported, written.paths, console), console)


def _stated(report: Report, args: argparse.Namespace) -> Report:
    """The report with the agency and year that the command line states: many documents print neither."""
    from dataclasses import replace

    agency = report.agency if args.agency is None else replace(report.agency, name=args.agency.strip())
    return replace(report, agency=agency, year=report.year if args.year is None else args.year)


def _notes(imported: Imported) -> dict[str, str]:
    """What an uncertain cell may be, for a note beside it."""
    from workbook.documents.reading.telling import why_of

    some = {code: tuple(given) for code, given in imported.candidates.items() if given}
    return {
        code: messages.get(
            "import_note",
            raw=imported.raws.get(code, ""),
            why=why_of(imported.doubts.get(code, ())),
            candidates="、".join(given),
        )[0]
        for code, given in some.items()
    }


def _tell(imported: Imported, written: list[Path], console: Console) -> int:
    from workbook.documents.reading.gather import Confidence

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
        console.out("  " + plain(where + rulebook.message(one, console.lang)))
    if len(findings) > NAMED:
        console.out(console.say("import_more", count=len(findings) - NAMED))
    open_ = any(one.severity is Severity.ERROR for one in findings)
    return 1 if open_ or counts[Confidence.UNCERTAIN.value] else 0
