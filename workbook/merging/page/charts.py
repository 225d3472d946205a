"""Charts: a table whose bars are drawn beside the figures, so that it reads, prints and sounds like one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from workbook.finding import Severity
from workbook.form import Cell
from workbook.merging.page.data import Completeness, PageData
from workbook.merging.page.figures import Share, results_of, said, shares
from workbook.merging.page.markup import count, tag, text, word
from workbook.numbers import Number

STANDS = ("submitted", "returned", "received", "unverified", "missing")
"""Where an agency may stand, see `data.Completeness`."""
LONG = 1000
"""A full bar, in the drawing's own units."""


def bar(parts: Iterable[tuple[str, Number]], whole: Number) -> str:
    """A bar of coloured parts, as long as they are of the whole; decoration, since the figures stand beside it."""
    drawn, left = [], 0.0
    for look, value in parts:
        width = float(LONG * max(value, 0) / whole) if whole else 0.0
        if width:
            drawn.append(tag("rect", cls=look, x=f"{left:.2f}", y=0, width=f"{width:.2f}", height=10))
        left += width
    return tag(
        "svg",
        "".join(drawn),
        cls="bar",
        viewBox=f"0 0 {LONG} 10",
        preserveAspectRatio="none",
        aria_hidden="true",
        focusable="false",
    )


def percent(part: Number, whole: Number) -> str:
    """A share to one place: 12.5%; a dash of nothing."""
    return f"{100 * part / whole:.1f}%" if whole else "—"


def _chart(caption: str, heads: Sequence[str], lines: Iterable[str], foot: str = "", note: str = "") -> str:
    head = tag("tr", "".join(tag("th", text(one), scope="col") for one in heads))
    body = tag("tbody", "".join(lines))
    said_note = tag("p", note, cls="legend") if note else ""
    table = tag("table", tag("caption", text(caption)) + tag("thead", head) + body + foot, cls="chart")
    return tag("div", said_note + table, cls="figure")


def _line(label: str, drawing: str, figures: Iterable[str], look: str | None = None) -> str:
    cells = tag("th", text(label), scope="row") + tag("td", drawing, cls="drawing")
    return tag("tr", cells + "".join(tag("td", text(one), cls="n") for one in figures), cls=look)


def levels(data: PageData, lang: str) -> str:
    """Who handed in, by level: stacked bars of the agencies expected."""
    if not data.levels:
        return ""
    heads = [word(f"levels.{key}", lang) for key in ("level", "chart", "expected", *STANDS, "rate")]
    together = Completeness(
        word("levels.all", lang),
        *(sum(getattr(one, key) for one in data.levels) for key in STANDS),
    )
    most = max(one.expected for one in data.levels)
    lines = [_level(one, most) for one in data.levels]
    foot = tag("tfoot", _level(together, together.expected))
    legend = "".join(tag("span", _swatch(key) + text(word(f"levels.{key}", lang)), cls="key") for key in STANDS)
    return _chart(word("levels.title", lang), heads, lines, foot, legend)


def _level(one: Completeness, most: int) -> str:
    stand = {key: getattr(one, key) for key in STANDS}
    figures = map(count, (one.expected, *stand.values()))
    return _line(one.label, bar(stand.items(), most), (*figures, percent(one.submitted, one.expected)))


def _swatch(look: str) -> str:
    return tag("svg", tag("rect", cls=look, width=10, height=10), cls="swatch", viewBox="0 0 10 10", aria_hidden="true")


def results(data: PageData, lang: str) -> str:
    """The requests by result, as the form groups them; results that never occurred are left out of a group."""
    found = results_of(data.report.form)
    if found is None:
        return ""
    cell = data.report.form.cell(found.table.cell(found.total.code, found.column.code))
    groups = shares(data.report, found)
    whole = sum(group.value for group in groups)
    longest = max((group.value for group in groups), default=0)
    lines = []
    for group in groups:
        lines.append(_share(group, cell, whole, longest, lang))
        lines += [_share(one, cell, whole, longest, lang, "inside") for one in group.inside if one.value]
    heads = [word(f"results.{key}", lang) for key in ("result", "chart", "count", "share")]
    foot = tag("tfoot", _line(found.total.brief.say(lang), "", (said(whole, cell), percent(whole, whole))))
    return _chart(word("results.title", lang, unit=cell.unit.label), heads, lines, foot)


def _share(one: Share, cell: Cell, whole: Number, longest: Number, lang: str, look: str | None = None) -> str:
    drawing = bar(((look or "result", one.value),), longest)
    return _line(one.label.say(lang), drawing, (said(one.value, cell), percent(one.value, whole)), look)


def rules(found: Counter[tuple[Severity, str]], lang: str) -> str:
    """The findings by rule, errors first, the most frequent first; every finding counted, listed or not."""
    if not found:
        return tag("p", text(word("rules.none", lang)))
    order = list(Severity)
    lines = sorted(found.items(), key=lambda item: (order.index(item[0][0]), -item[1], item[0][1]))
    longest = max(found.values())
    heads = [word(f"rules.{key}", lang) for key in ("rule", "chart", "severity", "count")]
    drawn = (
        _line(rule, bar(((severity.value, n),), longest), (word(f"severity.{severity.value}", lang), count(n)))
        for (severity, rule), n in lines
    )
    foot = tag("tfoot", _line(word("rules.all", lang), "", ("", count(found.total()))))
    return _chart(word("rules.title", lang), heads, drawn, foot)
