"""The summary in plain sentences, at most ten, to be read aloud or pasted into a covering letter."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from workbook.finding import Severity
from workbook.merging.page.charts import STANDS, percent
from workbook.merging.page.data import PageData
from workbook.merging.page.figures import Results, figure, main_cells, results_of, said, shares
from workbook.merging.page.lists import Problems
from workbook.merging.page.markup import count, word

MOST: Final = 10
NAMED: Final = 3
"""Results named in the sentence on results."""


def sentences(data: PageData, problems: Problems, lang: str) -> list[str]:
    """What matters most, in order: what this is, who is in it, the figures, what is wrong."""
    return list(islice(_sentences(data, problems, lang), MOST))


def _sentences(data: PageData, problems: Problems, lang: str) -> Iterator[str]:
    form = data.report.form
    yield word(
        "plain.what", lang, year=data.report.year or "—", number=form.citation.number, n=count(data.report.merged)
    )
    if data.levels:
        yield _completeness(data, lang)
    files = word("plain.comma", lang).join(f"{one.label} {count(one.files)}" for one in data.statuses if one.files)
    total = sum(one.files for one in data.statuses)
    yield word("plain.files" if files else "plain.no_files", lang, n=count(total), files=files)
    if data.report.merged:
        yield from _figures(data, lang)
        key = "plain.problems" if problems.listing.count else "plain.no_problems"
        numbers = {
            "errors": problems.of(Severity.ERROR),
            "warnings": problems.of(Severity.WARNING),
            "answered": problems.answered[Severity.WARNING],
            "agencies": len(problems.agencies),
        }
        yield word(key, lang, **{name: count(n) for name, n in numbers.items()})
    yield word("plain.verdict", lang, verdict=data.verdict)
    yield word("plain.source", lang)


def _completeness(data: PageData, lang: str) -> str:
    expected = sum(one.expected for one in data.levels)
    stand = {key: sum(getattr(one, key) for one in data.levels) for key in STANDS}
    parts = [f"{word(f'levels.{key}', lang)} {count(n)}" for key, n in stand.items() if n or key == "submitted"]
    rate = percent(stand["submitted"], expected)
    listed = word("plain.comma", lang).join(parts)
    return word("plain.levels", lang, expected=count(expected), parts=listed, rate=rate)


def _figures(data: PageData, lang: str) -> Iterator[str]:
    """A sentence for the results table, one for the most frequent results, one for each other part of the form."""
    form = data.report.form
    results = results_of(form)
    for section in form.sheets:
        cells = [cell for table in form.tables_of(section) for cell in main_cells(form, table)]
        column = results.column if results and results.table.section == section.code else None
        listed = []
        for cell in cells:
            value = figure(data.report, cell.code)
            if value is not None:
                label = cell.row.brief if column else cell.words
                unit = "" if lang == "en" or cell.unit.label in cell.words.zh else f" {cell.unit.label}"
                listed.append(f"{label.say(lang)} {said(value, cell)}{unit}")
        if listed:
            yield word(
                "plain.section",
                lang,
                section=section.words.say(lang),
                figures=word("plain.semicolon", lang).join(listed),
            )
        if column and results:
            yield from _most(data, results, lang)


def _most(data: PageData, results: Results, lang: str) -> Iterator[str]:
    found = shares(data.report, results)
    whole = sum(one.value for one in found)
    first = sorted((one for one in found if one.value > 0), key=lambda one: -one.value)[:NAMED]
    if first:
        named = word("plain.comma", lang).join(f"{one.label.say(lang)} {percent(one.value, whole)}" for one in first)
        yield word("plain.most", lang, results=named)
