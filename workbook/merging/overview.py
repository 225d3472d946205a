"""总览: the verdict, what became of every file, what is wrong with the reports, and how to read the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from xlsxwriter.worksheet import Worksheet

from workbook.finding import Severity
from workbook.grid import a1
from workbook.layout import Box
from workbook.merging.lists import TONES, problems, status_column
from workbook.merging.merge import Merged
from workbook.merging.status import Status
from workbook.merging.words import word, words
from workbook.rulebook import norms
from workbook.template.pen import CellValue, Pen, height_for
from workbook.template.places import Spot
from workbook.template.words import group
from workbook.template.words import word as template_word

LEFT, RIGHT = 1, 10
WIDTHS = (2, *[11.8] * 10)
CARD = ((1, 2), (3, 4), (5, 6), (7, 8), (9, 10))
FILE = ((1, 2), (3, 9), (10, 10))
RULE = ((1, 1), (2, 3), (4, 8), (9, 9), (10, 10))
"""First and last column of each box in a line, on a grid of ten equal columns."""
TONES_OF_VERDICT = {"nothing": "bad", "bad": "bad", "open": "wait", "warned": "wait", "passed": "good"}


class Broken(NamedTuple):
    """One rule, as the agencies' reports break it."""

    rule: str
    agencies: int
    findings: int


class Counts(NamedTuple):
    """What the overview counts."""

    files: int
    agencies: int
    pending: int
    errors: int
    warnings: int
    with_errors: int


def counts(merged: Merged) -> Counts:
    """Count files, agencies and their unanswered findings."""
    counted = merged.counted
    return Counts(
        len(merged.collection.entries),
        len(counted),
        len(merged.collection.pending),
        sum(one.count(Severity.ERROR) for one in counted),
        sum(one.count(Severity.WARNING) for one in counted),
        sum(1 for one in counted if one.status is Status.ERRORS),
    )


def verdict(merged: Merged) -> tuple[str, str]:
    """The conclusion in a sentence, and its tone: good only where the sum holds and nothing is left to settle."""
    found = counts(merged)
    key = "passed"
    if not found.agencies:
        key = "nothing"
    elif merged.errors:
        key = "bad"
    elif found.pending or found.with_errors:
        key = "open"
    elif found.warnings:
        key = "warned"
    said = word(
        f"verdict.{key}",
        errors=merged.errors,
        files=found.pending,
        agencies=found.with_errors,
        warnings=found.warnings,
    )
    return said, TONES_OF_VERDICT[key]


def broken(merged: Merged) -> list[Broken]:
    """The rules that agencies' reports break, errors first, in the order of the rule book."""
    agencies: defaultdict[str, set[str]] = defaultdict(set)
    findings: defaultdict[str, int] = defaultdict(int)
    for found, one in problems(merged):
        if one:
            agencies[found.rule].add(one.place)
            findings[found.rule] += 1
    order = list(Severity)
    rules = sorted((rule for rule in norms() if rule in findings), key=lambda rule: order.index(norms()[rule].severity))
    return [Broken(rule, len(agencies[rule]), findings[rule]) for rule in rules]


class Overview:
    """The first sheet, drawn from top to bottom."""

    def __init__(self, pen: Pen, merged: Merged) -> None:
        self.pen = pen
        self.merged = merged
        self.sheet: Worksheet = pen.sheet(word("sheet.overview"))
        self.row = 0

    def draw(self) -> None:
        """Draw the sheet."""
        for column, width in enumerate(WIDTHS):
            self.sheet.set_column(column, column, width)
        self._title()
        self._result()
        self._files()
        self._rules()
        self._steps()
        self._contents()
        self.sheet.set_portrait()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.print_area(0, 0, self.row, RIGHT)
        self.sheet.set_footer(template_word("print.footer"))
        self.sheet.activate()

    def _wide(self, text: str, style: str, height: float) -> None:
        """A text across the whole sheet; the next line follows."""
        self.sheet.set_row(self.row, height)
        self.pen.box(self.sheet, Box(self.row, LEFT, self.row, RIGHT), text, style)
        self.row += 1

    def _title(self) -> None:
        report = self.merged.report
        self._wide(word("overview.title"), "cover", 54)
        subtitle = word(
            "overview.subtitle",
            name=report.agency.name,
            year=report.year or "",
            number=report.form.citation.number,
        )
        self._wide(subtitle if self.merged.parts else word("overview.nothing"), "subtitle", 20)
        self.row += 1

    def _result(self) -> None:
        self._wide(word("overview.result"), "heading", 24)
        said, tone = verdict(self.merged)
        self._wide(said, f"verdict_{tone}", 36)
        self.sheet.set_row(self.row, 8)
        self.row += 1
        self.sheet.set_row(self.row, 36)
        self.sheet.set_row(self.row + 1, 20)
        for n, (caption, value) in enumerate(zip(words("overview.cards"), counts(self.merged), strict=False)):
            first, last = CARD[n]
            self.pen.box(self.sheet, Box(self.row, first, self.row, last), value, "big")
            self.pen.box(self.sheet, Box(self.row + 1, first, self.row + 1, last), caption, "caption")
        self.row += 3

    def _files(self) -> None:
        self._wide(word("overview.files"), "heading", 24)
        self._line(words("overview.files_head"), ["smallhead"] * len(FILE), FILE, 22)
        found = self.merged.collection.counts()
        area = status_column(len(self.merged.collection.entries))
        first = self.row
        for status, n in found.items():
            tone = f"tone_{status.tone}" if n else "tone_none"
            self._line((status.words.zh, status.means, n), (tone, "item", "sum"), FILE)
            self.row -= 1
            formula = f"COUNTIF({area},{a1(self.row, LEFT)})"
            self.pen.formula(self.sheet, self.row, RIGHT, formula, "sum", n)
            self.row += 1
        self.sheet.set_row(self.row, 22)
        self.pen.box(self.sheet, Box(self.row, LEFT, self.row, RIGHT - 1), word("overview.all"), "smallhead")
        formula = f"SUM({a1(first, RIGHT)}:{a1(self.row - 1, RIGHT)})"
        self.pen.formula(self.sheet, self.row, RIGHT, formula, "sum_total", sum(found.values()))
        self.row += 2

    def _line(
        self, said: Sequence[CellValue], styles: Sequence[str], boxes: Sequence[tuple[int, int]], least: float = 22
    ) -> None:
        """One line of a table, high enough for its texts; the next line follows."""
        height = least
        for value, style, (first, last) in zip(said, styles, boxes, strict=True):
            self.pen.box(self.sheet, Box(self.row, first, self.row, last), value, style)
            width = sum(WIDTHS[first : last + 1]) - 1.5
            height = max(height, height_for(value, width, line=13.5) if isinstance(value, str) else least)
        self.sheet.set_row(self.row, height)
        self.row += 1

    def _rules(self) -> None:
        self._wide(word("overview.rules"), "heading", 24)
        lines = broken(self.merged)
        if not lines:
            self._wide(word("overview.no_problems"), "plain", 22)
            self.row += 1
            return
        self._line(words("overview.rules_head"), ["smallhead"] * len(RULE), RULE, 22)
        for line in lines:
            norm = norms()[line.rule]
            level = group("checks")["levels"][norm.severity.value]
            said = (level, norm.zh.title, norm.zh.text, line.agencies, line.findings)
            self._line(said, (TONES[norm.severity], "item", "item", "sum", "sum"), RULE)
        self.row += 1

    def _steps(self) -> None:
        self._wide(word("overview.steps_title"), "heading", 24)
        names = {key: word(f"sheet.{key}") for key in ("details", "problems", "files")}
        sheets = "、".join(section.sheet for section in self.merged.report.form.sheets)
        for n, step in enumerate(words("overview.steps"), 1):
            text = f"{n}. {step.format(sheets=sheets, **names)}"
            self._wide(text, "wrapped", height_for(text, sum(WIDTHS[LEFT:])))
        self.row += 1

    def _contents(self) -> None:
        self._wide(word("overview.contents_title"), "heading", 24)
        entries = [(section.sheet, section.label) for section in self.merged.report.form.sheets]
        entries += [(word(f"sheet.{key}"), word(f"contents.{key}")) for key in ("details", "problems", "files")]
        for name, label in entries:
            self.sheet.set_row(self.row, 20)
            self.pen.link(self.sheet, self.row, LEFT, Spot(name, 0, 0), name, "plainlink")
            self.pen.box(self.sheet, Box(self.row, LEFT + 2, self.row, RIGHT), label, "plain")
            self.row += 1
