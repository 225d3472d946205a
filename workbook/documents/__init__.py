"""The report as documents: published as Word, web page, PDF or long table, and published reports read back."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from workbook.model.finding import Finding, Severity
from workbook.model.report import Report
from workbook.rules.evaluation import check_figures, check_report
from workbook.safety import atomic_write
from workbook.safety.messages import UserError, load_messages

messages = load_messages("workbook.documents")

__all__ = ["DATA", "PUBLISHED", "SUFFIXES", "NotPublished", "write_document"]

PUBLISHED: Final = (".docx", ".html", ".pdf")
"""What is published as it is: refused while the report has errors."""

_BY_WORD: Final = (".docx", ".pdf")
"""What is made from a Word document, which python-docx writes; the base installation has no python-docx."""

DATA: Final = (".csv",)
"""What is figures for a program, right or wrong, as the JSON is."""

SUFFIXES: Final = (*PUBLISHED, *DATA)


class NotPublished(UserError):
    """The document was not written; `message` says why, and what to do."""


def write_document(
    path: Path,
    report: Report,
    *,
    draft: bool = False,
    lang: str = "zh",
    findings: Sequence[Finding] | None = None,
) -> None:
    """Write the report at `path`, in the format its suffix names, complete or not at all.

    A published document is in Chinese, as issued, whatever `lang` is; that is the language of a csv's heads and
    labels. `findings` are those already known of the report (what reading it showed, last year's figures); without
    them it is checked here, a sum of several agencies by its figures alone. `draft` prints 草稿 on every page and lets
    errors pass. Raises NotPublished, with a sentence for the user, and OSError.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise NotPublished(messages.get("refused.suffix", file=path.name, known="、".join(SUFFIXES)))
    if suffix in _BY_WORD and find_spec("docx") is None:
        raise NotPublished(messages.get("refused.library", file=path.name, library="python-docx"))
    if suffix in PUBLISHED and not draft and (errors := _errors(report, findings)):
        raise NotPublished(messages.get("refused.errors", file=path.name, n=errors))
    atomic_write.write_bytes(path, _content(suffix, report, draft=draft, lang=lang))


def _errors(report: Report, findings: Sequence[Finding] | None) -> int:
    """How many errors forbid publishing."""
    if findings is None:
        findings = check_report(report) if report.merged == 1 else check_figures(report)
    return sum(1 for one in findings if one.severity is Severity.ERROR)


def _content(suffix: str, report: Report, *, draft: bool, lang: str) -> bytes:
    """The bytes of one format. Each writer is loaded only for what it writes."""
    if suffix == ".csv":
        from workbook.documents.csv_writer import build_csv

        return build_csv(report, lang)
    from workbook.documents.publication import arrange_report

    published = arrange_report(report, draft=draft)
    if suffix == ".html":
        from workbook.documents.html_writer import render_report

        return render_report(published).encode("utf-8")
    if suffix == ".docx":
        from workbook.documents.docx_writer import build_docx

        return build_docx(published)
    from workbook.documents.pdf_writer import build_pdf

    return build_pdf(published)
