"""A clerk's desk for tests of reading: workbooks of ours filled with telling figures, and ways to alter them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
from openpyxl.workbook import Workbook

from tests.domain import consistent, leaves, zero
from workbook.finding import Finding
from workbook.form import Form
from workbook.forms import load
from workbook.numbers import Value
from workbook.reading.read import read
from workbook.report import Report
from workbook.rulebook import message
from workbook.submission import Submission
from workbook.template.write import write

FORM = load("annual-2021")
OLD_FORM = load("annual-2019")


def filled(form: Form = FORM, *, start: int = 1) -> Report:
    """A report without fault whose every entry differs from its neighbours: a shifted figure shows."""
    figures = {cell.code: start + 3 * n for n, cell in enumerate(leaves(form))}
    return zero(form).with_values(consistent(form, figures))


REPORT = filled()
BEFORE = replace(filled(start=1000), year=REPORT.year - 1)


def made(path: Path, report: Report = REPORT, previous: Report | None = BEFORE) -> Path:
    """Our workbook of that report."""
    write(path, report, previous)
    return path


def with_openpyxl(path: Path, edit: Callable[[Workbook], object]) -> Path:
    """The workbook after somebody edited it with a program that drops all stored results."""
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)
    return path


def with_xml(path: Path, *edits: tuple[str, str, str]) -> Path:
    """The workbook with texts of its parts replaced: part, pattern, replacement; each must stand there."""
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    for part, pattern, to in edits:
        text, count = re.subn(pattern, to, parts[part].decode(), flags=re.DOTALL)
        assert count, f"{pattern} is not in {part}"
        parts[part] = text.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return path


def said(submission: Submission) -> list[tuple[str, str]]:
    """What reading found: rule and message."""
    return [(one.rule, message(one)) for one in submission.findings]


def rules(submission: Submission) -> list[str]:
    """What reading found, by rule."""
    return [one.rule for one in submission.findings]


def differing(submission: Submission, report: Report = REPORT) -> Mapping[str, Value]:
    """The figures that were read otherwise than they stand in the report."""
    pairs = zip(report.form.cells, submission.report.values, report.values, strict=True)
    return {cell.code: now for cell, now, then in pairs if now != then}


def named(findings: tuple[Finding, ...], rule: str) -> list[str]:
    """The messages of one rule."""
    return [message(one) for one in findings if one.rule == rule]


__all__ = ["BEFORE", "FORM", "OLD_FORM", "REPORT", "differing", "filled", "made", "named", "read", "rules", "said"]
