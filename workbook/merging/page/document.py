"""The page put together: head, summary, cards, charts, the form's tables, lists, provenance."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from string import Template

from workbook.finding import Severity
from workbook.merging.page import charts, lists
from workbook.merging.page.data import PageData
from workbook.merging.page.lists import Listing, Problems
from workbook.merging.page.markup import asset, count, tag, text, word
from workbook.merging.page.plain import sentences
from workbook.merging.page.tables import form_table
from workbook.whole import write_text

POLICY = "default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'"
"""What a browser may load and run: the page's own style and script, known by their hashes, and nothing else."""
LANGUAGES = {"zh": "zh-CN", "en": "en"}


def page_of(data: PageData, lang: str = "zh") -> str:
    """The page as HTML: one file that loads nothing, needs no script to be read, and runs no text of an agency.

    The streams of `data` are gone through once. The form's tables and the agencies' own words stay Chinese in `en`.
    """
    problems = lists.problems(data.problems, lang)
    style, script = asset("page.css"), asset("page.js")
    parts = {
        "lang": LANGUAGES[lang],
        "policy": text(POLICY.format(style=_hash(style), script=_hash(script))),
        "title": text(data.title),
        "head": _head(data, lang),
        "body": "".join(
            (
                _section("summary", _summary(data, problems, lang), lang),
                _section("charts", _charts(data, problems, lang), lang),
                _section(
                    "tables",
                    "".join(form_table(data, s, lang) for s in data.report.form.sheets) + _legend(data, lang),
                    lang,
                ),
                _section("files", _statuses(data, lang), lang),
                _section("problems_", _problems(problems, lang), lang),
                _section("agencies_", _agencies(lists.agencies(data.agencies), lang), lang),
                _section("sources_", _sources(lists.sources(data.sources), lang), lang),
            )
        ),
        "foot": text(word("foot.text", lang))
        + (f" {text(word('foot.made', lang, made=data.made))}" if data.made else ""),
        "style": style,
        "script": script,
    }
    return Template(asset("page.html")).substitute(parts)


def write_page(path: Path, data: PageData, lang: str = "zh") -> None:
    """Write the page, whole or not at all. Raises OSError."""
    write_text(path, page_of(data, lang))


def _hash(content: str) -> str:
    """How the page's policy names its own style and script; anything else is not run."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _section(name: str, content: str, lang: str) -> str:
    return tag(
        "section",
        tag("h2", text(word(f"section.{name}", lang)), id=f"h-{name}") + content,
        aria_labelledby=f"h-{name}",
        cls=name,
    )


def _head(data: PageData, lang: str) -> str:
    form = data.report.form
    facts = {"year": data.report.year or "—", "number": form.citation.number, "n": count(data.report.merged)}
    return tag("h1", text(data.title)) + tag("p", text(word("head.line", lang, **facts)), cls="under")


def _summary(data: PageData, problems: Problems, lang: str) -> str:
    verdict = tag("p", text(data.verdict), cls=f"verdict {data.tone}")
    said = "".join(tag("li", text(one)) for one in sentences(data, problems, lang))
    side = tag("ul", "".join(tag("li", text(one)) for one in data.side), cls="plain") if data.side else ""
    return verdict + side + _cards(data, problems, lang) + tag("ol", said, cls="plain")


def _cards(data: PageData, problems: Problems, lang: str) -> str:
    """The figures a reader asks for first."""
    cards = [
        ("files", sum(one.files for one in data.statuses), ""),
        ("agencies", data.report.merged, ""),
        ("errors", problems.unanswered(Severity.ERROR), "bad"),
        ("warnings", problems.unanswered(Severity.WARNING), "wait"),
    ]
    if data.levels:
        for key in ("missing", "unverified", "received", "returned"):
            n = sum(getattr(one, key) for one in data.levels)
            if n or key == "missing":
                cards.insert(2, (key, n, "bad"))
    said = (
        tag("div", tag("dt", text(word(f"cards.{key}", lang))) + tag("dd", count(n)), cls=tone if n else None)
        for key, n, tone in cards
    )
    return tag("dl", "".join(said), cls="cards")


def _charts(data: PageData, problems: Problems, lang: str) -> str:
    return charts.levels(data, lang) + charts.results(data, lang) + charts.rules(problems.rules, lang)


def _legend(data: PageData, lang: str) -> str:
    """What the marks in the tables mean, where there are any."""
    keys = [*(["wrong"] if data.wrong else []), *(["wait"] if any(data.blanks) else [])]
    return "".join(tag("p", text(word(f"legend.{key}", lang)), cls="hint") for key in keys)


def _statuses(data: PageData, lang: str) -> str:
    heads = "".join(tag("th", text(word(f"files.{key}", lang)), scope="col") for key in ("status", "means", "count"))
    lines = [
        tag(
            "tr",
            tag("th", tag("span", text(one.label), cls=f"tone {one.tone if one.files else 'quiet'}"), scope="row")
            + tag("td", text(one.means))
            + tag("td", count(one.files), cls="n"),
        )
        for one in data.statuses
    ]
    total = sum(one.files for one in data.statuses)
    foot = tag(
        "tr", tag("th", text(word("files.all", lang)), scope="row", colspan=2) + tag("td", count(total), cls="n")
    )
    caption = tag("caption", text(word("files.title", lang)))
    return tag(
        "table",
        caption + tag("thead", tag("tr", heads)) + tag("tbody", "".join(lines)) + tag("tfoot", foot),
        cls="statuses",
    )


def _problems(problems: Problems, lang: str) -> str:
    severities = [(one.value, word(f"severity.{one.value}", lang)) for one in Severity if problems.of(one)]
    rules = [(rule, rule) for rule in sorted({rule for _, rule in problems.rules})]
    choices = lists.choice("severity", severities, lang) + lists.choice("rule", rules, lang)
    heads = _words("problems", ("n", "agency", "severity", "rule", "place", "said"), lang)
    return lists.table("problems", problems.listing, heads, lang, choices)


def _agencies(listing: Listing, lang: str) -> str:
    keys = ("n", "name", "code", "region", "level", "status", "errors", "warnings")
    return lists.table("agencies", listing, _words("agencies", keys, lang), lang)


def _sources(listing: Listing, lang: str) -> str:
    heads = _words("sources", ("n", "file", "status", "agency", "size", "hash"), lang)
    return lists.table("sources", listing, heads, lang)


def _words(group: str, keys: tuple[str, ...], lang: str) -> list[str]:
    return [word(f"{group}.{key}", lang) for key in keys]
