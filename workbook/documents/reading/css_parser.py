"""Style sheets taken apart: their rules, blocks within others, and those that hold for some screens only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from workbook.safety.limits import TooLarge

if TYPE_CHECKING:
    from lxml.html import HtmlElement


DEEPEST: Final = 20
"""No sheet nests its blocks deeper, and no selector joins more."""

LONGEST: Final = 1_000
"""No selector and no value is longer: what is, is not understood."""

MOST_NESTED: Final = 400_000
"""The selectors of blocks within others have no more characters, those around them written in."""

_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
"""A character by its number, or a character that is meant as it is: `\\75 `, `\\:`."""

COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)

_TOKEN: Final = re.compile(r"[{};\"'\n]|\\.", re.DOTALL)
"""What a sheet is cut at: braces, semicolons, quotes, line ends; and escaped characters, which cut nothing."""

ANY: Final = ":not-understood"
"""A selector that may mean any element."""


def read_rules(sheet: str) -> Iterator[tuple[str, str, bool]]:
    """Selector and declarations of each rule, those for a screen alone, and whether it holds for every screen."""
    text = COMMENT.sub(" ", sheet).replace("<!--", " ").replace("-->", " ")
    start = nested = 0
    open_: list[tuple[str, list[str]]] = []
    """The blocks that are open: the prelude of each, and what was declared in it."""
    quote = ""

    def close_block() -> Iterator[tuple[str, str, bool]]:
        nonlocal nested
        prelude, declared = open_.pop()
        body = ";".join(declared)
        holds = [_holds(one) for one, _ in [*open_, (prelude, [])]]
        around = [one for one, _ in open_ if not one.startswith("@")]
        if prelude.startswith("@") and _holds(prelude) is not False and around:
            prelude = "&"
        elif prelude.startswith("@"):
            if prelude.lower().startswith(("@font-face", "@import")):
                yield prelude, body, True
            return
        if False in holds:
            return
        selector = _write_out(around, prelude)
        nested += len(selector) if around else 0
        if nested > MOST_NESTED:
            raise TooLarge
        yield selector, body, None not in holds

    for match in _TOKEN.finditer(text):
        character, before = match[0], text[start : match.start()]
        if character == "\n":  # it ends a text in quotes that has no end
            quote = ""
            continue
        if quote or character in ("'", '"'):
            quote = "" if character == quote else (quote or character)
            continue
        if len(character) > 1:  # a character that is escaped
            continue
        start = match.end()
        if character == "{":
            if len(open_) > DEEPEST:
                raise TooLarge
            open_.append((before.strip(), []))
        elif open_:
            open_[-1][1].append(before)
            if character == "}":
                yield from close_block()
        elif before.strip().lower().startswith("@import") and "data:" in before.lower():
            yield "@import", "", True
    if open_:  # the end of a sheet ends all its blocks
        open_[-1][1].append(text[start:])
    while open_:
        yield from close_block()


def _write_out(outer: list[str], prelude: str) -> str:
    """A selector within the block of another; where it would be too long, one that may mean any element."""
    if not outer:
        return prelude
    long = len(prelude) + max(1, prelude.count("&")) * len(outer[-1])
    if long > LONGEST:
        return ANY
    return prelude.replace("&", outer[-1]) if "&" in prelude else f"{outer[-1]} {prelude}"


def _holds(prelude: str) -> bool | None:
    """Whether what is in a block holds for a page seen on a wide screen; None where it may."""
    if not prelude.startswith("@"):
        return True
    name, query = (match[1], match[2]) if (match := _AT.match(prelude.lower())) else ("", "")
    if name == "media":
        return holds_on_a_screen(query)
    return None if name in ("supports", "layer", "container", "scope", "starting-style", "document") else False


_AT: Final = re.compile(r"@([\w-]{1,40})(.*)", re.DOTALL)

_WIDTH: Final = re.compile(r"\(\s*(min|max)-(?:device-)?width\s*:\s*(\d{1,9}(?:\.\d{1,9})?)(px|em|rem|pt)\s*\)")
"""A condition of the width of a screen: `(max-width: 768px)`, `(min-device-width:20em)`."""

NARROW: Final = 1000.0
"""A screen of fewer pixels is a telephone's; pages are read on wider ones."""


def holds_on_a_screen(query: str) -> bool | None:
    """Whether a query of media holds for a wide screen; None where it may."""
    outcomes = [_query_holds(one.strip()) for one in query.lower().split(",")]
    return True if True in outcomes else None if None in outcomes else False


def _query_holds(query: str) -> bool | None:
    if len(query) > LONGEST or re.search(r"\b(?:not|or)\b", query):
        return None
    media, *conditions = re.split(r"\band\b", query.removeprefix("only").strip())
    if not media.startswith("("):
        kind = media.strip()
        if kind in ("print", "speech", "tv", "tty", "braille", "handheld", "aural", "embossed", "projection"):
            return False
        if kind not in ("", "all", "screen"):
            return None
    else:
        conditions.insert(0, media)
    holds: bool | None = True
    for one in conditions:
        match = _WIDTH.fullmatch(one.strip())
        pixels = float(match[2]) * {"px": 1.0, "pt": 4 / 3}.get(match[3], 16.0) if match else 0.0
        if match is None or pixels > NARROW:
            holds = None
        elif match[1] == "max":
            return False
    return holds


def split_at(text: str, at: str) -> Iterator[str]:
    """The parts of a text between separators outside brackets and quotes."""
    depth, quote, start = 0, "", 0
    for n, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "([":
            depth += 1
        elif character in ")]":
            depth = max(0, depth - 1)
        elif character == at and not depth:
            yield text[start:n]
            start = n + 1
    yield text[start:]


def unescape_css(text: str) -> str:
    """A text of a style sheet with what is escaped in it written out."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    if not match[1]:
        return match[2]
    number = int(match[1], 16)
    return chr(number) if number < 0xD800 else " "


# The selectors of a style sheet: what they ask of an element, and whether one is so


class CompoundSelector(NamedTuple):
    """One compound of a selector: what an element must be; `perhaps` where more is asked that is not understood."""

    tag: str
    name: str
    classes: tuple[str, ...]
    attributes: tuple[tuple[str, str, str], ...]
    first: bool
    last: bool
    perhaps: bool
    pseudo_element: str = ""
    """A part of an element that the style sheet makes: `before`, `first-line`."""


class UnknownSelector(Exception):
    """A selector that may mean any element."""


def fits_compound(part: CompoundSelector, element: HtmlElement) -> bool | None:
    """Whether an element is what is asked for; None where that is not known, as where only the case differs."""
    if part.tag and part.tag != element.tag:
        return False
    known: bool | None = None if part.perhaps else True
    name = element.get("id") or ""
    if part.name and part.name != name:
        if part.name.lower() != name.lower():
            return False
        known = None
    if part.classes and not set(part.classes) <= set((classes := element.get("class") or "").split()):
        if not {one.lower() for one in part.classes} <= set(classes.lower().split()):
            return False
        known = None
    for name, how, wanted in part.attributes:
        there = element.get(name)
        if there is None:
            return False
        if how and not _has_value(there, how, wanted):
            if not _has_value(there.lower(), how, wanted.lower()):
                return False
            known = None
    if part.first and element.getprevious() is not None:
        return False
    if part.last and element.getnext() is not None:
        return False
    return known


def _has_value(there: str, how: str, wanted: str) -> bool:
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
"""One thing that a compound asks for: `td`, `.name`, `#name`, `[href^="x"]`, `:first-child`, `::before`, `:not(`."""

_PASSING_STATES: Final = {"hover", "focus", "active", "visited", "target", "focus-within", "focus-visible"}
"""What holds only while somebody does something."""

_PSEUDO_ELEMENTS: Final = {"before", "after", "marker", "first-line", "first-letter"}

_ALWAYS: Final = {"root", "link", "any-link", "enabled"}


def parse_selector(text: str) -> tuple[tuple[str, CompoundSelector], ...]:
    """The compounds of a selector from the last to the first; none where it means no part of the page.

    Raises UnknownSelector.
    """
    found: list[tuple[str, CompoundSelector]] = []
    for joined, compound in _compounds(unescape_css(text.strip())):
        part = _parse_compound(compound)
        if part is None:
            return ()
        found.append((joined, part))
        if len(found) > DEEPEST:
            raise UnknownSelector
    return tuple(reversed(found))


def _compounds(text: str) -> Iterator[tuple[str, str]]:
    """Each compound, and what joins it to the one before."""
    depth, start, joined = 0, 0, ""
    for n, character in enumerate(f"{text} "):
        if character in "([":
            depth += 1
        elif character in ")]":
            depth = max(0, depth - 1)
        elif not depth and (character.isspace() or character in ">+~"):
            if text[start:n].strip():
                yield joined, text[start:n].strip()
                joined = " "
            start = n + 1
            if character in ">+~":
                joined = character


def _parse_compound(text: str) -> CompoundSelector | None:
    tag = name = ""
    classes: list[str] = []
    attributes: list[tuple[str, str, str]] = []
    first = last = perhaps = False
    pseudo_element = ""
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            raise UnknownSelector
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
            elif pseudo in _PSEUDO_ELEMENTS:
                pseudo_element = pseudo
                continue
            elif pseudo in _PASSING_STATES or match["pseudo"].startswith("::"):
                return None
            first, last = first or pseudo == "first-child", last or pseudo == "last-child"
            perhaps = perhaps or pseudo not in (*_ALWAYS, "first-child", "last-child")
    return CompoundSelector(tag, name, tuple(classes), tuple(attributes), first, last, perhaps, pseudo_element)
