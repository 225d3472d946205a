"""Writes the summary in plain sentences, at most ten, to be read aloud or pasted into a covering letter."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

from workbook.model.finding import Severity
from workbook.model.numbers import Number
from workbook.safety.messages import load_messages
from workbook.summary.page.form_figures import (
    Results,
    find_results,
    format_number,
    group_results,
    list_main_cells,
    number_of,
)
from workbook.summary.page.page_data import Completeness, PageData

if TYPE_CHECKING:
    from workbook.summary.page.page_writer import Problems

messages = load_messages("workbook.summary.page")
MOST: Final = 10
RESULTS_NAMED: Final = 3
"""Results named in the sentence on results."""
COUNTS: Final = Completeness._fields[1:]
"""How an agency may have reported: `submitted`, `returned` …"""


def write_sentences(data: PageData, problems: Problems, lang: str) -> list[str]:
    """Return what matters most, in order: what this is, who is in it, the figures, what is wrong."""
    return list(islice(_sentences(data, problems, lang), MOST))


def format_percent(part: Number, total: Number) -> str:
    """Return a share with one decimal place: 12.5%; a dash where the total is 0."""
    return f"{100 * part / total:.1f}%" if total else "—"


def _text(key: str, lang: str, **values: object) -> str:
    """The text, with integers as a reader takes them in: 1,234."""
    shown = {name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()}
    return messages.get(f"plain.{key}", **shown).say(lang)


def _sentences(data: PageData, problems: Problems, lang: str) -> Iterator[str]:
    report = data.report
    year = "—" if not report.year else str(report.year)
    yield _text("what", lang, year=year, number=report.form.citation.number, n=report.merged)
    if data.levels:
        yield _completeness(data, lang)
    files = _text("comma", lang).join(f"{one.label} {one.files:,}" for one in data.statuses if one.files)
    total = sum(one.files for one in data.statuses)
    yield _text("files" if files else "no_files", lang, n=total, files=files)
    if report.merged:
        yield from _figures(data, lang)
        yield _text(
            "problems" if problems.count else "no_problems",
            lang,
            errors=problems.of(Severity.ERROR),
            warnings=problems.of(Severity.WARNING),
            answered=problems.answered[Severity.WARNING],
            agencies=len(problems.agencies),
        )
    yield _text("verdict", lang, verdict=data.verdict)
    yield _text("source", lang)


def _completeness(data: PageData, lang: str) -> str:
    expected = sum(one.expected for one in data.levels)
    counts = {key: sum(getattr(one, key) for one in data.levels) for key in COUNTS}
    parts = [f"{messages.get(f'levels.{key}').say(lang)} {n:,}" for key, n in counts.items() if n or key == "submitted"]
    rate = format_percent(counts["submitted"], expected)
    return _text("levels", lang, expected=expected, parts=_text("comma", lang).join(parts), rate=rate)


def _figures(data: PageData, lang: str) -> Iterator[str]:
    """A sentence for the results table, one for the most frequent results, one for each other part of the form."""
    form = data.report.form
    results = find_results(form)
    for section in form.sheets:
        of_results = results is not None and results.table.section == section.code
        listed = []
        for cell in (cell for table in form.tables_of(section) for cell in list_main_cells(form, table)):
            value = number_of(data.report, cell.code)
            if value is not None:
                label = cell.row.brief if of_results else cell.words
                unit = "" if lang == "en" or cell.unit.label in cell.words.zh else f" {cell.unit.label}"
                listed.append(f"{label.say(lang)} {format_number(value, cell)}{unit}")
        if listed:
            figures = _text("semicolon", lang).join(listed)
            yield _text("section", lang, section=section.words.say(lang), figures=figures)
        if results and of_results:
            yield from _most_frequent(data, results, lang)


def _most_frequent(data: PageData, results: Results, lang: str) -> Iterator[str]:
    found = group_results(data.report, results)
    total = sum(one.value for one in found)
    first = sorted((one for one in found if one.value > 0), key=lambda one: -one.value)[:RESULTS_NAMED]
    if first:
        named = (f"{one.label.say(lang)} {format_percent(one.value, total)}" for one in first)
        yield _text("most", lang, results=_text("comma", lang).join(named))
