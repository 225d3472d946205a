"""Writes the sheet 问题清单: every finding with its advice; the sum's first, then agency by agency, errors in front."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from workbook.excel.template.pen import Pen
from workbook.excel.template_layout import SheetCell
from workbook.merging.file_status import LISTED, FileEntry
from workbook.merging.prior_year.summary_reader import TOTAL
from workbook.merging.totals import MergeResult
from workbook.model import identity
from workbook.model.finding import Finding, Severity
from workbook.model.form import Form
from workbook.model.form_loader import load_form
from workbook.model.numbers import CellValue
from workbook.model.rule_catalog import format_advice, format_message, get_citation, get_rule_book, get_rule_title
from workbook.rules.rule_types import get_sheet_name
from workbook.safety.messages import load_messages
from workbook.summary.excel.agency_details import AgencyDetails
from workbook.summary.excel.file_lists import locate_file
from workbook.summary.excel.list_sheet import FIRST, FileLinks, ListSheet

messages = load_messages("workbook.summary.excel")
template_messages = load_messages("workbook.excel.template")

MOST = 50_000
"""So many findings are listed; more help nobody, and all are counted."""
TONES = {Severity.ERROR: "tone_bad", Severity.WARNING: "tone_wait", Severity.NOTICE: "tone_quiet"}
_ORDER = list(Severity)


class Problem(NamedTuple):
    """One line of the list: a finding, and the file it was found in (None: found in the sum)."""

    found: Finding
    one: FileEntry | None


class Broken(NamedTuple):
    """One rule, as the agencies' reports break it; `row` is the first line that says so, 0 if none is listed."""

    rule: str
    agencies: int
    findings: int
    row: int


def list_problems(merged: MergeResult) -> Iterator[Problem]:
    """Every finding the coordinator is shown: of the sum, then of files with errors, then of the others."""
    yield from (Problem(found, None) for found in _sort(merged.findings))
    for errors in (True, False):
        for one, findings in merged.collection.list_findings(LISTED, errors=errors):
            yield from (Problem(found, one) for found in _sort(findings))


def _sort(findings: tuple[Finding, ...]) -> list[Finding]:
    """What is open first, errors in front."""
    return sorted(findings, key=lambda one: (bool(one.answer), _ORDER.index(one.severity)))


def locate_finding(found: Finding, form: Form) -> str:
    """Where a finding is: in the form's words, and the cell of the workbook where it came from one."""
    at = str(found.source) if found.source.sheet else ""
    named = _name_cell(found.cells[0], form.fingerprint, form) if found.cells else ""
    return f"{named}（{at}）" if named and at else named or at or str(found.source)


def _name_cell(code: str, fingerprint: str, form: Form) -> str:
    known = _NAMES.get((fingerprint, code))
    if known is None:
        known = _NAMES[fingerprint, code] = _find_label(code, form)
    return known


_NAMES: dict[tuple[str, str], str] = {}


def _find_label(code: str, form: Form) -> str:
    if code in form.index:
        cell = form.cell(code)
        return f"{get_sheet_name(form, cell.table)} {cell.words.zh}"
    kind, _, name = code.partition(".")
    fields = {f"agency.{field.code}": field.label for field in identity.list_identity_fields()}
    texts = {section.code: section.label for section in form.sections}
    return fields.get(code) or texts.get(name if kind == "texts" else code, "")


class ProblemList:
    """The list of findings: counted first, since the hint above it says how many there are, then written."""

    def __init__(self, pen: Pen, merged: MergeResult, details: AgencyDetails, links: FileLinks) -> None:
        self.merged = merged
        self.details = details
        self.links = links
        self.open: Counter[Severity] = Counter()
        """Findings of agencies' reports that nobody gave a reason for."""
        self.first: dict[Severity, int] = {}
        """The first line of such a finding."""
        self._rules: dict[str, tuple[int, int, int, int]] = {}
        """Rule → agencies that break it, findings, the first line, the last file."""
        count = 0
        for row, problem in enumerate(list_problems(merged), FIRST):
            count += 1
            if problem.one is not None:
                self._count(problem.found, problem.one.number, row if count <= MOST else 0)
        hint = messages.text("problems.more" if count > MOST else "problems.hint", n=count, shown=MOST)
        widths = (6, 26, 8, 17, 30, 48, 38, 26, 30, 26, 8)
        lines = ListSheet(pen, messages.text("sheet.problems"), messages.texts("problems.columns"), widths, hint)
        for problem in islice(list_problems(merged), MOST):
            self._add_line(lines, problem)
        lines.finish(messages.text("problems.none"))

    def broken(self) -> list[Broken]:
        """The rules that agencies' reports break, errors first, in the order of the rule book."""
        rules = [rule for rule in get_rule_book() if rule in self._rules]
        rules.sort(key=lambda rule: _ORDER.index(get_rule_book()[rule].severity))
        return [Broken(rule, *self._rules[rule][:3]) for rule in rules]

    def _count(self, found: Finding, file: int, row: int) -> None:
        """One finding of a report; the files come one after another."""
        files, count, first, last = self._rules.get(found.rule, (0, 0, row, 0))
        self._rules[found.rule] = files + (last != file), count + 1, first, file
        if not found.answer:
            self.open[found.severity] += 1
            if row:
                self.first.setdefault(found.severity, row)

    def _add_line(self, lines: ListSheet, problem: Problem) -> None:
        found, one = problem
        agency, form = self.merged.report.agency.name, self.merged.report.form
        if one:
            agency = one.agency.name or one.place
            if one.form != form.id:
                form = _load_form(one.form, one.agency.region)
        spot = self._find_spot(one)
        values: tuple[CellValue, ...] = (
            lines.next - FIRST + 1,
            agency,
            template_messages.text(f"checks.levels.{found.severity.value}"),
            get_rule_title(found),
            locate_finding(found, form),
            format_message(found),
            format_advice(found),
            found.answer,
            get_citation(found),
            one.place if one else "",
            messages.text("problems.look") if spot else "",
        )
        target = self.links.file(one) if one else ""
        file, look = "itemlink" if target else "item", "link" if spot else "item"
        styles = ("number", "item", TONES[found.severity], *["item"] * 6, file, look)
        lines.add(values, styles, {len(values) - 2: target, len(values) - 1: spot})

    def _find_spot(self, one: FileEntry | None) -> SheetCell | None:
        """The agency's figures; of a file that does not count, what became of it."""
        if one is None:
            return SheetCell(self.details.sheet, TOTAL, 0) if self.details.listed else None
        return self.details.agency(one) or locate_file(one)


@lru_cache(maxsize=64)
def _load_form(form_id: str, region: str) -> Form:
    return load_form(form_id, region)
