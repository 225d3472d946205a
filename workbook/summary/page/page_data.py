"""Takes what the summary page shows from a merge: plain rows of texts and counts, streamed from the result store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from workbook.merging.attendance import LevelTurnout
from workbook.merging.file_status import FileEntry, FileStatus
from workbook.merging.totals import conclude_merge
from workbook.model import rule_catalog
from workbook.model.finding import Finding, Severity
from workbook.model.form import Cell, Form, FormLine, Table
from workbook.model.numbers import Number, to_cell_unit
from workbook.model.print_layout import list_groups_above
from workbook.model.report import Report
from workbook.rules.rule_types import list_totals_with_parts
from workbook.safety.messages import Bilingual, load_messages
from workbook.summary.summary_output import list_side_lines, list_unknown_lines

if TYPE_CHECKING:
    from workbook.merging.totals import MergeResult


messages = load_messages("workbook.merging")

MOST_SIDE_PROBLEMS = 50
"""So many problems of the roster and the like are listed."""


class Problem(NamedTuple):
    """One finding as a user reads it; `agency` is blank for one of the sum. An answered one has its reason."""

    agency: str
    severity: Severity
    rule: str
    place: str
    message: str
    advice: str
    answer: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class PageData:
    """All that the page shows. The streams are gone through once; the page limits how many rows it lists of them.

    `report` is the sum and gives form and year; `verdict` the conclusion in a sentence, `tone` its tone (good, wait,
    bad); `statuses` counts all files, `agencies` are the files whose reports are summed, `sources` all files; `levels`
    is empty without a roster; `wrong` holds the cells of the sum that break a rule; `blanks`, cell by cell, how many
    agencies give no number there (empty: unknown); `made` the time the page was made (blank: not stated, so that the
    same input gives the same bytes); `side` what is wrong with the roster, earlier years and the like, in sentences.
    """

    title: str
    report: Report
    verdict: str
    tone: str
    statuses: Mapping[FileStatus, int]
    agencies: Iterable[FileEntry]
    problems: Iterable[Problem]
    sources: Iterable[FileEntry]
    levels: Sequence[LevelTurnout] = ()
    wrong: frozenset[str] = frozenset()
    blanks: Sequence[int] = ()
    made: str = ""
    side: Sequence[str] = ()


def collect_page_data(merged: MergeResult) -> PageData:
    """Return all that the page shows of a merge."""
    collection = merged.collection
    conclusion = conclude_merge(merged)
    errors = [found for found in merged.findings if found.severity is Severity.ERROR]
    return PageData(
        messages.text("page.title", name=merged.report.agency.name),
        merged.report,
        conclusion.words.zh,
        conclusion.tone,
        collection.counts(),
        collection.counted,
        _list_problems(merged),
        collection.entries,
        merged.attendance.turnout() if merged.attendance else (),
        frozenset(found.cells[0] for found in errors if found.cells),
        merged.blanks,
        side=[one.zh for one in (*list_side_lines(merged, MOST_SIDE_PROBLEMS), *list_unknown_lines(merged))],
    )


def _list_problems(merged: MergeResult) -> Iterator[Problem]:
    """The findings of the sum, of the levels, then of each report, with what comparing the reports showed."""
    for found in merged.findings:
        yield _describe("", found, "")
    for node in merged.nodes:
        for found in node.findings:
            yield _describe(node.agency.name, found, "")
    for entry, found in merged.list_report_findings():
        yield _describe(entry.agency.name, found, entry.place)


def _describe(agency: str, found: Finding, file: str) -> Problem:
    return Problem(
        agency,
        found.severity,
        rule_catalog.get_rule_title(found),
        str(found.source),
        rule_catalog.format_message(found),
        rule_catalog.format_advice(found),
        found.answer,
        file,
    )


# figures of the form --------------------------------------------------------------------------------------------------


class Results(NamedTuple):
    """The table whose rows divide one total: the total, the rows that count into it, the column that sums the table."""

    table: Table
    total: FormLine
    parts: tuple[FormLine, ...]
    column: FormLine


class Share(NamedTuple):
    """A result, or a group of them: its label and figure; `inside` the results of a group."""

    label: Bilingual
    value: Number
    inside: tuple[Share, ...] = ()


def find_results(form: Form) -> Results | None:
    """Return the form's table of results; None if no rows of it count into a total."""
    found = [
        Results(table, total, parts, _sum_column(table))
        for table in form.tables
        for total, parts in list_totals_with_parts(table.rows)
    ]
    return max(found, key=lambda one: len(one.parts), default=None)


def _sum_column(table: Table) -> FormLine:
    """The column that others count into; the last where none does."""
    return next((total for total, _ in list_totals_with_parts(table.columns)), table.columns[-1])


def group_results(report: Report, results: Results) -> tuple[Share, ...]:
    """Return the results as the form groups them, in its order; labels that all have in common are left out."""
    paths = [list_groups_above(row, results.table.row_groups) for row in results.parts]
    common = 0
    while all(len(path) > common and path[common] == paths[0][common] for path in paths):
        common += 1
    found: list[Share] = []
    for row, path in zip(results.parts, paths, strict=True):
        value = get_number(report, results.table.cell(row.code, results.column.code)) or 0
        if len(path) == common:
            found.append(Share(row.brief, value))
            continue
        label, one = path[common].words, Share(row.brief, value)
        if found and found[-1].label == label:
            before = found.pop()
            found.append(Share(label, before.value + value, (*before.inside, one)))
        else:
            found.append(Share(label, value, (one,)))
    return tuple(found)


def get_number(report: Report, code: str) -> Number | None:
    """Return the number in a cell; None where there is none."""
    return report.number(report.form.index[code])


def list_main_cells(form: Form, table: Table) -> Iterator[Cell]:
    """Yield the cells that say most of a table: its sum column where it has one, else all; rows that are no part."""
    sums = [total for total, _ in list_totals_with_parts(table.columns)] or list(table.columns)
    for row in table.rows:
        if not row.into:
            yield from (form.cell(table.cell(row.code, column.code)) for column in sums)


def format_number(value: Number | None, cell: Cell) -> str:
    """Return a figure in the cell's unit, as it is printed: 1,234 or 4,166.214619; "" for a blank."""
    return "" if value is None else f"{to_cell_unit(value, cell.unit):,f}"
