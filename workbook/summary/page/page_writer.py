"""Writes the summary page: counts the problems, cuts long lists, arranges the form's tables, and fills the template.

The page is one file that loads nothing, needs no script to be read, and runs no text of an agency. The form's tables
and the agencies' own words stay Chinese in English pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Final, Generic, NamedTuple, TypeVar

from workbook.merging.attendance import LevelTurnout
from workbook.merging.file_status import FileEntry
from workbook.model.finding import Severity
from workbook.model.form import Section
from workbook.model.identity import get_level_label
from workbook.model.numbers import Number
from workbook.model.print_layout import CellBox, plan_section
from workbook.safety.html_template import render_html, write_html
from workbook.safety.messages import load_messages
from workbook.summary.page.page_data import (
    PageData,
    Problem,
    Results,
    find_results,
    format_number,
    get_number,
    group_results,
    list_main_cells,
)

PACKAGE: Final = "workbook.summary.page"
messages = load_messages("workbook.summary.page")
TEMPLATE: Final = "summary.html.jinja"
MOST_PROBLEMS: Final = 2_000
MOST_LINES: Final = 5_000
"""What one page lists: more would be slow to open and megabytes to send; the workbook lists them all."""
WIDE: Final = 12
"""A table with more columns than this is printed in smaller type."""
MOST_SENTENCES: Final = 10
RESULTS_NAMED: Final = 3
"""Results named in the sentence on results."""
COUNTS: Final = LevelTurnout._fields[2:]
"""How an agency may have reported: `submitted`, `returned` …"""

Row = TypeVar("Row")


def render_page(data: PageData, lang: str = "zh") -> str:
    """Return the page as HTML. The streams of `data` are gone through once."""
    return render_html(PACKAGE, TEMPLATE, **_collect_values(data, lang))


def write_page(path: Path, data: PageData, lang: str = "zh") -> None:
    """Write the page, complete or not at all. Raises OSError."""
    write_html(path, PACKAGE, TEMPLATE, **_collect_values(data, lang))


@dataclass
class Listing(Generic[Row]):
    """A long list: the rows the page shows, and how many there are in all."""

    most: int
    rows: list[Row] = field(default_factory=list)
    count: int = 0

    def extend(self, rows: Iterable[Row]) -> Listing[Row]:
        """Add rows; beyond the limit they are only counted."""
        for row in rows:
            self.count += 1
            if len(self.rows) < self.most:
                self.rows.append(row)
        return self


class Problems(Listing[Problem]):
    """The problems, and how many there are by severity and rule; those `answered` have a reason."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__(MOST_PROBLEMS)
        self.rules: Counter[tuple[Severity, str]] = Counter()
        self.answered: Counter[Severity] = Counter()
        self.agencies: set[str] = set()
        self.extend(self._counted(problems))

    def _counted(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        for one in problems:
            self.rules[one.severity, one.rule] += 1
            self.answered[one.severity] += bool(one.answer)
            if one.agency:
                self.agencies.add(one.agency)
            yield one

    def of(self, severity: Severity) -> int:
        """Return how many problems of that severity there are."""
        return sum(n for (one, _), n in self.rules.items() if one is severity)

    def unanswered(self, severity: Severity) -> int:
        """Return how many of that severity nobody gave a reason for."""
        return self.of(severity) - self.answered[severity]

    def ranked_rules(self) -> list[tuple[Severity, str, int]]:
        """Return severity, rule and count: errors first, the most frequent first."""
        order = list(Severity)
        rules = [(severity, rule, n) for (severity, rule), n in self.rules.items()]
        return sorted(rules, key=lambda one: (order.index(one[0]), -one[2], one[1]))


def _collect_values(data: PageData, lang: str) -> dict[str, Any]:
    """What the template is filled with."""

    def text(key: str, **values: object) -> str:
        return messages.get(key, **values).say(lang)

    problems = Problems(data.problems)
    return {
        "lang": lang,
        "text": text,
        "percent": format_percent,
        "level_label": get_level_label,
        "data": data,
        "form": data.report.form,
        "counts": COUNTS,
        "level_sums": [sum(column) for column in zip(*(one[2:] for one in data.levels), strict=True)],
        "severities": list(Severity),
        "problems": problems,
        "shown_severities": [(one.value, text(f"severity.{one.value}")) for one in Severity if problems.of(one)],
        "shown_rules": [(rule, rule) for rule in sorted({rule for _, rule in problems.rules})],
        "sentences": write_sentences(data, problems, lang),
        "results": _results_chart(data),
        "tables": [_form_table(data, section, text) for section in data.report.form.sheets],
        "agencies": Listing[FileEntry](MOST_LINES).extend(data.agencies),
        "sources": Listing[FileEntry](MOST_LINES).extend(data.sources),
    }


def _results_chart(data: PageData) -> dict[str, Any] | None:
    """The requests by result, as the form groups them; None for a form without such a table."""
    report = data.report
    found = find_results(report.form)
    if found is None:
        return None
    cell = report.form.cell(found.table.cell(found.total.code, found.column.code))
    groups = group_results(report, found)
    return {
        "unit": cell.unit.label,
        "groups": groups,
        "total": sum(group.value for group in groups),
        "total_label": found.total.brief,
        "longest": max((group.value for group in groups), default=0),
        "number": lambda value: format_number(value, cell),
    }


class TableCell(NamedTuple):
    """A label or a figure of a printed table; `headers` are the ids of a figure's labels, `notes` its warnings."""

    box: CellBox
    kind: str
    text: str
    id: str = ""
    headers: str = ""
    code: str = ""
    look: str = ""
    notes: str = ""


class FormTable(NamedTuple):
    """A part of the form as printed, row by row; the rows of `head` are repeated on every printed page."""

    label: str
    wide: bool
    head: list[list[TableCell]]
    bodies: list[list[list[TableCell]]]


def _form_table(data: PageData, section: Section, text: Callable[..., str]) -> FormTable:
    printed = plan_section(data.report.form, section)
    ids = {label.box: f"{section.code}-{n}" for n, label in enumerate(printed.labels)}
    rows: list[list[TableCell]] = [[] for _ in range(printed.rows)]
    for label in printed.labels:
        rows[label.box.top].append(TableCell(label.box, label.kind, label.text, ids[label.box]))
    for code, box in printed.cells.items():
        headers = " ".join(ids[label.box] for label in printed.headings_of(box))
        rows[box.top].append(_make_figure(data, code, box, headers, text))
    for row in rows:
        row.sort(key=lambda one: one.box.left)
    head = printed.head_rows if len(printed.blocks) == 1 else 0
    bands = [label.box.top for label in printed.labels if label.kind == "band"]
    tops = [max((top for top in bands if top < block.head), default=block.head) for block in printed.blocks[1:]]
    bodies = [rows[top:end] for top, end in pairwise([head, *tops, printed.rows])]
    return FormTable(section.label, printed.columns > WIDE, rows[:head], bodies)


def _make_figure(data: PageData, code: str, box: CellBox, headers: str, text: Callable[..., str]) -> TableCell:
    """A figure of the sum; marked where it breaks a rule, or where agencies give no number."""
    cell = data.report.form.cell(code)
    look, notes = ["sum"] if cell.total else [], []
    if code in data.wrong:
        look.append("wrong")
        notes.append(text("tables.wrong"))
    missing = data.blanks[cell.index] if data.blanks and data.report.merged else 0
    if missing:
        look.append("wait")
        notes.append(text("tables.missing", n=missing))
    number = format_number(get_number(data.report, code), cell)
    return TableCell(box, "figure", number, "", headers, code, " ".join(look), "；".join(notes))


# sentences ------------------------------------------------------------------------------------------------------------


def write_sentences(data: PageData, problems: Problems, lang: str) -> list[str]:
    """Return what matters most, in order: what this is, who is in it, the figures, what is wrong."""
    return list(islice(_list_sentences(data, problems, lang), MOST_SENTENCES))


def format_percent(part: Number, total: Number) -> str:
    """Return a share with one decimal place: 12.5%; a dash where the total is 0."""
    return f"{100 * part / total:.1f}%" if total else "—"


def _get_text(key: str, lang: str, **values: object) -> str:
    """The text, with integers as a reader takes them in: 1,234."""
    shown = {name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()}
    return messages.get(f"plain.{key}", **shown).say(lang)


def _list_sentences(data: PageData, problems: Problems, lang: str) -> Iterator[str]:
    report = data.report
    year = "—" if not report.year else str(report.year)
    yield _get_text("what", lang, year=year, number=report.form.citation.number, n=report.merged)
    if data.levels:
        yield _describe_turnout(data, lang)
    files = _get_text("comma", lang).join(f"{status.words.zh} {n:,}" for status, n in data.statuses.items() if n)
    total = sum(data.statuses.values())
    yield _get_text("files" if files else "no_files", lang, n=total, files=files)
    if report.merged:
        yield from _describe_figures(data, lang)
        yield _get_text(
            "problems" if problems.count else "no_problems",
            lang,
            errors=problems.of(Severity.ERROR),
            warnings=problems.of(Severity.WARNING),
            answered=problems.answered[Severity.WARNING],
            agencies=len(problems.agencies),
        )
    yield _get_text("verdict", lang, verdict=data.verdict)
    yield _get_text("source", lang)


def _describe_turnout(data: PageData, lang: str) -> str:
    expected = sum(one.expected for one in data.levels)
    counts = {key: sum(getattr(one, key) for one in data.levels) for key in COUNTS}
    parts = [f"{messages.get(f'levels.{key}').say(lang)} {n:,}" for key, n in counts.items() if n or key == "submitted"]
    rate = format_percent(counts["submitted"], expected)
    return _get_text("levels", lang, expected=expected, parts=_get_text("comma", lang).join(parts), rate=rate)


def _describe_figures(data: PageData, lang: str) -> Iterator[str]:
    """A sentence for the results table, one for the most frequent results, one for each other part of the form."""
    form = data.report.form
    results = find_results(form)
    for section in form.sheets:
        of_results = results is not None and results.table.section == section.code
        listed = []
        for cell in (cell for table in form.tables_of(section) for cell in list_main_cells(form, table)):
            value = get_number(data.report, cell.code)
            if value is not None:
                label = cell.row.brief if of_results else cell.words
                unit = "" if lang == "en" or cell.unit.label in cell.words.zh else f" {cell.unit.label}"
                listed.append(f"{label.say(lang)} {format_number(value, cell)}{unit}")
        if listed:
            figures = _get_text("semicolon", lang).join(listed)
            yield _get_text("section", lang, section=section.words.say(lang), figures=figures)
        if results and of_results:
            yield from _describe_most_frequent(data, results, lang)


def _describe_most_frequent(data: PageData, results: Results, lang: str) -> Iterator[str]:
    found = group_results(data.report, results)
    total = sum(one.value for one in found)
    first = sorted((one for one in found if one.value > 0), key=lambda one: -one.value)[:RESULTS_NAMED]
    if first:
        named = (f"{one.label.say(lang)} {format_percent(one.value, total)}" for one in first)
        yield _get_text("most", lang, results=_get_text("comma", lang).join(named))
