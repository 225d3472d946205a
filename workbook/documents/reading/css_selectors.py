"""The selectors of a style sheet: what they ask of an element, and whether one is so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from workbook.documents.reading.css_syntax import DEEPEST, unescape

if TYPE_CHECKING:
    from lxml.html import HtmlElement


class Compound(NamedTuple):
    """One compound of a selector: what an element must be; `perhaps` where more is asked that is not understood."""

    tag: str
    name: str
    classes: tuple[str, ...]
    attributes: tuple[tuple[str, str, str], ...]
    first: bool
    last: bool
    perhaps: bool
    made: str = ""
    """A part of an element that the style sheet makes: what stands before it, its first line."""


class NotUnderstood(Exception):
    """A selector that may mean whatever stands there."""


def fits_compound(part: Compound, element: HtmlElement) -> bool | None:
    """Whether an element is what is asked for; None where that is not known, as where only the case differs."""
    if part.tag and part.tag != element.tag:
        return False
    known: bool | None = None if part.perhaps else True
    name = element.get("id") or ""
    if part.name and part.name != name:
        if part.name.lower() != name.lower():
            return False
        known = None
    if part.classes and not set(part.classes) <= set((said := element.get("class") or "").split()):
        if not {one.lower() for one in part.classes} <= set(said.lower().split()):
            return False
        known = None
    for name, how, wanted in part.attributes:
        there = element.get(name)
        if there is None:
            return False
        if how and not _agrees(there, how, wanted):
            if not _agrees(there.lower(), how, wanted.lower()):
                return False
            known = None
    if part.first and element.getprevious() is not None:
        return False
    if part.last and element.getnext() is not None:
        return False
    return known


def _agrees(there: str, how: str, wanted: str) -> bool:
    return {
        "=": there == wanted,
        "~=": wanted in there.split(),
        "|=": there == wanted or there.startswith(f"{wanted}-"),
        "^=": bool(wanted) and there.startswith(wanted),
        "$=": bool(wanted) and there.endswith(wanted),
        "*=": bool(wanted) and wanted in there,
    }.get(how, False)


_PART: Final = re.compile(
    r"""(?P<tag>[\w-]+|\*)|\.(?P<klass>[\w-]+)|\#(?P<name>[\w-]+)
    |\[\s*(?P<attribute>[\w-]+)\s*(?:(?P<how>[~|^$*]?=)\s*["']?(?P<wanted>[^"'\]]*)["']?\s*[is]?\s*)?\]
    |(?P<pseudo>::?[\w-]+)(?P<open>\()?""",
    re.VERBOSE,
)

_PASSING: Final = {"hover", "focus", "active", "visited", "target", "focus-within", "focus-visible"}
"""What holds only while somebody does something."""

_MADE: Final = {"before", "after", "marker", "first-line", "first-letter"}

_ALWAYS: Final = {"root", "link", "any-link", "enabled"}


def parse_selector(text: str) -> tuple[tuple[str, Compound], ...]:
    """The compounds of a selector from the last to the first; none where it means nothing that stands there.

    Raises _NotUnderstood.
    """
    found: list[tuple[str, Compound]] = []
    for joined, compound in _compounds(unescape(text.strip())):
        part = _part(compound)
        if part is None:
            return ()
        found.append((joined, part))
        if len(found) > DEEPEST:
            raise NotUnderstood
    return tuple(reversed(found))


def _compounds(text: str) -> Iterator[tuple[str, str]]:
    """Each compound, and what joins it to the one before."""
    depth, start, joined = 0, 0, ""
    for n, sign in enumerate(f"{text} "):
        if sign in "([":
            depth += 1
        elif sign in ")]":
            depth = max(0, depth - 1)
        elif not depth and (sign.isspace() or sign in ">+~"):
            if text[start:n].strip():
                yield joined, text[start:n].strip()
                joined = " "
            start = n + 1
            if sign in ">+~":
                joined = sign


def _part(text: str) -> Compound | None:
    tag = name = ""
    classes: list[str] = []
    attributes: list[tuple[str, str, str]] = []
    first = last = perhaps = False
    made = ""
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            raise NotUnderstood
        at = match.end()
        if match["tag"]:
            tag = "" if match["tag"] == "*" else match["tag"].lower()
        elif match["klass"]:
            classes.append(match["klass"])
        elif match["name"]:
            name = match["name"]
        elif match["attribute"]:
            attributes.append((match["attribute"].lower(), match["how"] or "", match["wanted"] or ""))
        else:
            pseudo = match["pseudo"].lstrip(":").lower()
            if match["open"]:
                perhaps, at = True, len(text) if (close := text.rfind(")", at)) < 0 else close + 1
            elif pseudo in _MADE:
                made = pseudo
                continue
            elif pseudo in _PASSING or match["pseudo"].startswith("::"):
                return None
            first, last = first or pseudo == "first-child", last or pseudo == "last-child"
            perhaps = perhaps or pseudo not in (*_ALWAYS, "first-child", "last-child")
    return Compound(tag, name, tuple(classes), tuple(attributes), first, last, perhaps, made)
