"""A clerk's desk for tests of reading: workbooks of ours filled with telling figures, and ways to alter them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import openpyxl
from openpyxl.workbook import Workbook

from tests.domain import consistent, leaves, zero
from tests.samples.package_edits import changed, packed, parts_of
from workbook.excel.reading import ooxml_reader
from workbook.excel.reading.workbook_contents import Cell, Raw, Sheet, WorkbookContents
from workbook.excel.reading.workbook_reader import read_book, read_workbook
from workbook.excel.template.template_writer import write_workbook
from workbook.model.cell_address import parse_address
from workbook.model.finding import Finding
from workbook.model.form import Form
from workbook.model.form_loader import load_form
from workbook.model.numbers import Value
from workbook.model.report import Report
from workbook.model.rule_catalog import format_message
from workbook.rules.evaluation import Submission

FORM = load_form("annual-2021")
OLD_FORM = load_form("annual-2019")


def filled(form: Form = FORM, *, start: int = 1) -> Report:
    """A report without fault whose every entry differs from its neighbours: a shifted figure shows."""
    figures = {cell.code: start + 3 * n for n, cell in enumerate(leaves(form))}
    return zero(form).with_values(consistent(form, figures))


REPORT = filled()
BEFORE = replace(filled(start=1000), year=REPORT.year - 1)


def made(path: Path, report: Report = REPORT, previous: Report | None = BEFORE) -> Path:
    """Our workbook of that report."""
    if report is REPORT and previous is BEFORE:
        path.write_bytes(_usual())  # the one most tests begin with is written once
    else:
        write_workbook(path, report, previous)
    return path


@cache
def _usual() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "年报.xlsx"
        write_workbook(path, REPORT, BEFORE)
        return path.read_bytes()


@cache
def opened() -> WorkbookContents:
    """Our workbook of `REPORT`, opened: what a test alters of it needs no file."""
    with tempfile.TemporaryDirectory() as folder:
        return ooxml_reader.read_ooxml(made(Path(folder) / "年报.xlsx"))


def altered(sheet: str, cells: Mapping[str, Raw | Cell], book: WorkbookContents | None = None) -> WorkbookContents:
    """The book with other cells on one sheet: None empties one, a text that begins with = is a formula just typed."""
    book = book or opened()
    (one,) = (one for one in book.sheets if one.name == sheet)
    now = dict(one.cells)
    for at, value in cells.items():
        now.pop(parse_address(at), None)
        if isinstance(value, str) and value.startswith("="):
            now[parse_address(at)] = Cell(None, value[1:], cached=False)
        elif value is not None:
            now[parse_address(at)] = value if isinstance(value, Cell) else Cell(value)
    return with_sheet(replace(one, cells=now), book)


def with_sheet(sheet: Sheet, book: WorkbookContents | None = None) -> WorkbookContents:
    """The book with that sheet in the place of the one of its name, or as its last."""
    book = book or opened()
    if all(one.name != sheet.name for one in book.sheets):
        return replace(book, sheets=(*book.sheets, sheet))
    return replace(book, sheets=tuple(sheet if one.name == sheet.name else one for one in book.sheets))


def with_openpyxl(path: Path, edit: Callable[[Workbook], object]) -> Path:
    """The workbook after somebody edited it with a program that drops all stored results."""
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)
    return path


def with_xml(path: Path, *edits: tuple[str, str, str]) -> Path:
    """The workbook with texts of its parts replaced: part, pattern, replacement; each must stand there."""
    return packed(path, changed(parts_of(path), *edits, count=0))


def said(submission: Submission) -> list[tuple[str, str]]:
    """What reading found: rule and message."""
    return [(one.rule, format_message(one)) for one in submission.findings]


def rules(submission: Submission) -> list[str]:
    """What reading found, by rule."""
    return [one.rule for one in submission.findings]


def differing(submission: Submission, report: Report = REPORT) -> Mapping[str, Value]:
    """The figures that were read otherwise than they stand in the report."""
    pairs = zip(report.form.cells, submission.report.values, report.values, strict=True)
    return {cell.code: now for cell, now, then in pairs if now != then}


def named(findings: tuple[Finding, ...], rule: str) -> list[str]:
    """The messages of one rule."""
    return [format_message(one) for one in findings if one.rule == rule]


__all__ = [
    "BEFORE",
    "FORM",
    "OLD_FORM",
    "REPORT",
    "altered",
    "differing",
    "filled",
    "made",
    "named",
    "opened",
    "read_book",
    "read_workbook",
    "rules",
    "said",
    "with_sheet",
]  # fmt: skip
