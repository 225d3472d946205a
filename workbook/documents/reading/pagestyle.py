"""How a web page shows its words: its style sheets, style attributes and tags, as far as they hide, strike or raise.

What may change how words are shown and is not understood leaves the figures of a table in doubt. Style sheets outside
the page are never fetched: what only they hide is read as if it were shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from workbook.documents.reading.colours import Colour, alike, paint, pale
from workbook.documents.reading.plainstyle import harmless, matters
from workbook.documents.reading.writing import Manner
from workbook.limits import TooLarge

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MOST_RULES: Final = 4_000
"""No page has more rules that may change how words are shown."""
MOST_STEPS: Final = 1_000_000
"""So many rules and ancestors are tried for all elements of a page."""
MOST_SHEETS: Final = 2 << 20
"""No page's own style sheets have more characters."""
DEEPEST: Final = 20
"""No sheet nests its blocks deeper, and no selector joins more."""
LONGEST: Final = 1_000
"""No selector and no value is longer: what is, is not understood."""
MOST_DECLARED: Final = 150
"""Of more properties declared at once, or fonts brought along, the rest is not understood."""
MOST_NESTED: Final = 400_000
"""The selectors of blocks within others have no more signs, those around them written in."""
TINY: Final = 3.0
"""Nobody reads letters of fewer pixels."""
FAR: Final = 400.0
"""What is moved so many pixels to the left or up is off the page."""
_NEVER: Final = {
    "script", "style", "noscript", "template", "head", "iframe", "title", "meta", "link", "datalist", "param",
    "canvas", "video", "audio", "rp", "noframes", "noembed", "colgroup", "col", "optgroup",
}  # fmt: skip
_CONTROLS: Final = {"select", "textarea", "svg", "object", "button", "meter", "progress", "output", "math", "bdo"}
_STRUCK: Final = {"del", "s", "strike"}
_RAISED: Final = {"sup", "sub", "rt", "rtc"}
_CELLS: Final = {"td", "th", "tr", "tbody", "thead", "tfoot", "table"}
_FONT_SIZES: Final = {"1": "10px", "2": "13px", "3": "16px", "4": "18px", "5": "24px", "6": "32px", "7": "48px"}
_BLOCKS: Final = {"block", "table", "flex", "grid", "list-item", "flow-root"}
_WORDS_OF_SIZE: Final = {
    "xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0, "xx-large": 32.0,
    "initial": 16.0,
}  # fmt: skip
_SIZES: Final = {"px": 1.0, "pt": 4 / 3, "rem": 16.0, "pc": 16.0, "cm": 37.8, "mm": 3.78, "in": 96.0, "": 1.0}
_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_SIZE: Final = re.compile(r"([-+]?(?:\d{1,9}\.?\d{0,9}|\.\d{1,9}))\s*(%|[a-z]{0,4})")

Declared = dict[str, tuple[str, bool]]
"""Property → what it is set to, and whether that is `!important`."""


class Look(NamedTuple):
    """How the words of an element are shown, as it hands that on to those within it."""

    struck: bool = False
    raised: bool = False
    faint: bool = False
    other: bool = False
    """Shown otherwise than as mere words."""
    perhaps: bool = False
    """A rule whose selector is not understood may hide, strike or raise them."""
    styled: bool = False
    """Something that is not understood may change how they are shown."""
    made: tuple[str, str] = ("", "")
    """What the style sheet writes before and behind the words of this one element."""
    block: bool = False
    """Whether a style sheet sets this one element on lines of its own."""
    unseen: bool = False
    """A place is kept for them, but nothing is seen there."""
    shown: bool = True
    size: float = 16.0
    colour: Colour | None = (0, 0, 0)
    ground: Colour | None = (255, 255, 255)
    """What is behind them; None where that is not known."""

    @property
    def hidden(self) -> bool:
        """Whether words are not seen."""
        return self.unseen or not self.shown or self.size == 0

    def manner(self, *, in_table: bool = False) -> Manner | None:
        """How words stand that are seen."""
        if self.struck:
            return Manner.STRUCK
        if self.raised:
            return Manner.RAISED
        if self.faint or self.size < TINY or self._as_ground():
            return Manner.FAINT
        if self.other or (in_table and self.perhaps):
            return Manner.OTHER
        pale_ = in_table and self.colour is not None and self.ground is not None and pale(self.colour, self.ground)
        return Manner.STYLED if in_table and (self.styled or pale_) else None

    def as_usual(self) -> Look:
        """The same, as what is seen: where all of a table seems to be faint, its ground is not understood."""
        return self._replace(
            faint=False, perhaps=False, styled=False, made=("", ""), ground=None if self._as_ground() else self.ground
        )

    def _as_ground(self) -> bool:
        if self.colour is None or self.ground is None:
            return False
        return alike(self.colour, self.ground)


class _Part(NamedTuple):
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


class _Rule(NamedTuple):
    parts: tuple[tuple[str, _Part], ...]
    """From the last compound to the first, each with what joins it to the one before it: ' ', '>', or another."""
    weight: tuple[int, int, int]
    order: int
    declared: Declared
    sure: bool
    """Whether it holds for every screen."""
    tells: bool
    """Whether it hides, strikes or raises words."""
    doubtful: bool
    """Whether it may change how words are shown."""


class _Found(NamedTuple):
    """What is declared for an element."""

    declared: dict[str, str]
    perhaps: bool
    """Whether a rule that may not be for it hides, strikes or raises."""
    styled: bool
    """Whether such a rule, or one for a part of it, may change how it is shown."""
    made: tuple[str, str]


class _NotUnderstood(Exception):
    """A selector that may mean whatever stands there."""


class Styles:
    """The rules of a page's own style sheets."""

    def __init__(self, sheets: Iterable[str] = ()) -> None:
        self.rules: dict[str, list[_Rule]] = {}
        """By the class, name or tag that the last compound asks for."""
        self.count = 0
        self.steps = MOST_STEPS
        self.signs = 0
        """So many signs of selectors were looked at."""
        self.perhaps = self.styled = False
        """Whether a rule of which nothing is understood may hide words, or change how they are shown."""
        self.fonts: set[str] = set()
        """Fonts that the page brings along: nobody knows what a digit looks like in them."""
        self._attributes: dict[str, Declared] = {}
        left = MOST_SHEETS
        for sheet in sheets:
            left -= len(sheet)
            if left < 0:
                raise TooLarge
            for prelude, body, sure in _rules(sheet):
                self._add(prelude, body, sure)

    def _add(self, prelude: str, body: str, sure: bool) -> None:
        if prelude.startswith("@"):
            self._add_at(prelude, body)
            return
        declared = _declared(body)
        if not declared:
            return
        self.signs += len(prelude)
        tells, doubtful = _tells(declared), _doubtful(declared)
        for selector in _split(prelude, ","):
            try:
                parts = _selector(selector) if len(selector) <= LONGEST else None
            except _NotUnderstood:
                parts = None
            if parts is None:
                self.perhaps = self.perhaps or tells
                self.styled = self.styled or doubtful
                continue
            if not parts:
                continue
            self.count += 1
            if self.count > MOST_RULES:
                raise TooLarge
            some = [part for _, part in parts]
            weight = (
                sum(bool(part.name) for part in some),
                sum(len(part.classes) + len(part.attributes) + part.first + part.last for part in some),
                sum(part.tag != "" for part in some),
            )
            last = some[0]
            key = f"#{last.name}" if last.name else f".{last.classes[0]}" if last.classes else last.tag
            one = _Rule(parts, weight, self.count, declared, sure, tells, doubtful)
            self.rules.setdefault(key.lower(), []).append(one)

    def _add_at(self, prelude: str, body: str) -> None:
        """What begins with `@` and is no condition: fonts, and sheets written into an address."""
        if prelude.lower().startswith("@import"):
            self.styled = True
        elif prelude.lower().startswith("@font-face"):
            said = {name.strip().lower(): value for name, _, value in (one.partition(":") for one in body.split(";"))}
            if "src" in said and len(self.fonts) >= MOST_DECLARED:
                self.styled = True
            elif "src" in said:
                self.fonts.add(said.get("font-family", "").strip(" \t\n\r\"'").lower())

    def look(self, element: HtmlElement, tag: str, around: Look) -> Look:
        """How an element is shown that stands in one shown so."""
        if tag in _NEVER:
            return around._replace(shown=False)
        found = self._declared(element, tag)
        declared = found.declared
        look = around._replace(
            struck=around.struck or tag in _STRUCK,
            raised=around.raised or tag in _RAISED,
            other=around.other or tag in _CONTROLS,
            faint=around.faint or element.get("popover") is not None,
            perhaps=around.perhaps or found.perhaps or self.perhaps,
            styled=around.styled or found.styled or self.styled or any(found.made) or self._unusual(element, declared),
            made=found.made,
            block=tag not in _CELLS and declared.get("display", "") in _BLOCKS,
        )
        if element.get("hidden") is not None and "display" not in declared:
            return look._replace(shown=False)
        if tag == "dialog" and element.get("open") is None:
            return look._replace(shown=False)
        return _applied(look, declared, inline=tag not in _CELLS) if declared else look

    def hides_column(self, element: HtmlElement) -> bool:
        """Whether a column of a table may not be shown, for all its cells."""
        found = self._declared(element, element.tag)
        return found.perhaps or found.declared.get("visibility", "visible") != "visible"

    def _unusual(self, element: HtmlElement, declared: Mapping[str, str]) -> bool:
        """Whether something that is declared for an element, or what it is, may change how it is shown."""
        tag = element.tag
        paragraph = tag in ("p", "div")
        if any(not harmless(name, value, paragraph=paragraph) for name, value in declared.items()):
            return True
        if self.fonts:
            fonts = f"{declared.get('font-family', '')},{declared.get('font', '')}"
            if any(font in fonts for font in self.fonts):
                return True
        if tag == "li" and (parent := element.getparent()) is not None and parent.tag == "ol":
            return "none" not in f"{declared.get('list-style', '')}{declared.get('list-style-type', '')}"
        return (element.get("dir") or "").lower() == "rtl"

    def _declared(self, element: HtmlElement, tag: str) -> _Found:
        """What is set for an element, and what may be."""
        found: dict[str, tuple[tuple[object, ...], str]] = {}
        made: dict[str, dict[str, str]] = {}
        perhaps = styled = False

        def take(declared: Mapping[str, tuple[str, bool]], rank: tuple[object, ...]) -> None:
            for name, (value, important) in declared.items():
                full = (important, *rank)
                if name not in found or found[name][0] <= full:
                    found[name] = full, value

        take({name: (value, False) for name, value in _attributes(element)}, (False, (-1, 0, 0), 0))
        for rule in self._candidates(element, tag) if self.rules else ():
            fits = self._fits(rule.parts, element)
            if fits is False:
                continue
            self._spend(len(rule.declared) // 10)
            if part := rule.parts[0][1].made:
                made.setdefault(part, {}).update({name: value for name, (value, _) in rule.declared.items()})
            elif fits and rule.sure:
                take(rule.declared, (False, rule.weight, rule.order))
            elif not perhaps:
                perhaps = rule.tells
                styled = styled or rule.doubtful
        if style := element.get("style"):
            take(self._attribute(style), (True, (0, 0, 0), 0))
        texts = {part: _written(part, said) for part, said in made.items()}
        styled = styled or any(text is not None for text in texts.values())
        around = texts.get("before") or texts.get("marker") or "", texts.get("after") or ""
        return _Found({name: value for name, (_, value) in found.items()}, perhaps, styled, around)

    def _attribute(self, style: str) -> Declared:
        """What a style attribute declares: of an office's page thousands are the same."""
        if len(style) > LONGEST:
            return _declared(style)
        if style not in self._attributes:
            if len(self._attributes) > MOST_RULES:
                self._attributes.clear()
            self._attributes[style] = _declared(style)
        return self._attributes[style]

    def _candidates(self, element: HtmlElement, tag: str) -> Iterator[_Rule]:
        names = (element.get("class") or "").lower().split()[:100]
        keys = [tag, "", f"#{(element.get('id') or '').lower()}", *(f".{one}" for one in names)]
        for key in dict.fromkeys(keys):
            for rule in self.rules.get(key, ()):
                self._step(element)
                yield rule

    def _step(self, element: HtmlElement) -> None:
        self._spend(1 + len(element.get("class") or "") // 100)

    def _spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise TooLarge

    def _is(self, part: _Part, element: HtmlElement) -> bool | None:
        """Whether an element is what a part of a selector asks for; each thing asked for is a step."""
        if part.attributes:
            self._spend(sum(1 + len(element.get(name) or "") // 100 for name, _, _ in part.attributes))
        if len(part.classes) > 1:
            self._spend(len(part.classes))
        return _is(part, element)

    def _fits(self, parts: tuple[tuple[str, _Part], ...], element: HtmlElement) -> bool | None:
        """Whether an element is one the selector means; None where that is not known."""
        known: bool | None = self._is(parts[0][1], element)
        at: HtmlElement | None = element
        far = False
        """Whether an ancestor was the nearest of several that may be meant."""
        for (joined, _), (_, part) in pairwise(parts):
            if known is False or at is None:
                return False
            at = at.getparent()
            if joined == ">":
                fits = self._is(part, at) if at is not None else False
            elif joined == " ":
                fits = False
                while at is not None:
                    self._step(at)
                    fits = self._is(part, at)
                    if fits is not False:
                        break
                    at = at.getparent()
            else:
                return None
            if fits is False and far:
                return None
            far = far or joined == " "
            known = fits if fits is not True else known
        return known


def _is(part: _Part, element: HtmlElement) -> bool | None:
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


# sheets and selectors -------------------------------------------------------------------------------------------------

_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_SIGN: Final = re.compile(r"[{};\"'\n]|\\.", re.DOTALL)
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
ANY: Final = ":not-understood"
"""A selector that may mean whatever stands there."""


def _rules(sheet: str) -> Iterator[tuple[str, str, bool]]:
    """Selector and declarations of each rule, those for a screen alone, and whether it holds for every screen."""
    text = _COMMENT.sub(" ", sheet).replace("<!--", " ").replace("-->", " ")
    start = nested = 0
    open_: list[tuple[str, list[str]]] = []
    """The blocks that are open: what stands before each, and what was declared in it."""
    quote = ""

    def closed() -> Iterator[tuple[str, str, bool]]:
        nonlocal nested
        prelude, said = open_.pop()
        body = ";".join(said)
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
        whole = _nested(around, prelude)
        nested += len(whole) if around else 0
        if nested > MOST_NESTED:
            raise TooLarge
        yield whole, body, None not in holds

    for match in _SIGN.finditer(text):
        sign, said = match[0], text[start : match.start()]
        if sign == "\n":  # it ends a text in quotes that has no end
            quote = ""
            continue
        if quote or sign in ("'", '"'):
            quote = "" if sign == quote else (quote or sign)
            continue
        if len(sign) > 1:  # a sign that is escaped
            continue
        start = match.end()
        if sign == "{":
            if len(open_) > DEEPEST:
                raise TooLarge
            open_.append((said.strip(), []))
        elif open_:
            open_[-1][1].append(said)
            if sign == "}":
                yield from closed()
        elif said.strip().lower().startswith("@import") and "data:" in said.lower():
            yield "@import", "", True
    if open_:  # the end of a sheet ends all its blocks
        open_[-1][1].append(text[start:])
    while open_:
        yield from closed()


def _nested(outer: list[str], prelude: str) -> str:
    """A selector within the block of another; where it would be too long, one that may mean whatever stands there."""
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
NARROW: Final = 1000.0
"""A screen of fewer pixels is a telephone's; pages are read on wider ones."""


def holds_on_a_screen(query: str) -> bool | None:
    """Whether a query of media holds for a wide screen; None where it may."""
    some = [_one_holds(one.strip()) for one in query.lower().split(",")]
    return True if True in some else None if None in some else False


def _one_holds(query: str) -> bool | None:
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


def _split(text: str, at: str) -> Iterator[str]:
    """The parts of a text between signs that stand in no brackets or quotes."""
    depth, quote, start = 0, "", 0
    for n, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "([":
            depth += 1
        elif sign in ")]":
            depth = max(0, depth - 1)
        elif sign == at and not depth:
            yield text[start:n]
            start = n + 1
    yield text[start:]


def _selector(text: str) -> tuple[tuple[str, _Part], ...]:
    """The compounds of a selector from the last to the first; none where it means nothing that stands there.

    Raises _NotUnderstood.
    """
    found: list[tuple[str, _Part]] = []
    for joined, compound in _compounds(_plain(text.strip())):
        part = _part(compound)
        if part is None:
            return ()
        found.append((joined, part))
        if len(found) > DEEPEST:
            raise _NotUnderstood
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


def _part(text: str) -> _Part | None:
    tag = name = ""
    classes: list[str] = []
    attributes: list[tuple[str, str, str]] = []
    first = last = perhaps = False
    made = ""
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            raise _NotUnderstood
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
    return _Part(tag, name, tuple(classes), tuple(attributes), first, last, perhaps, made)


def _plain(text: str) -> str:
    """A text of a style sheet with what is escaped in it written out."""
    return _ESCAPE.sub(_sign, text) if "\\" in text else text


def _sign(match: re.Match[str]) -> str:
    if not match[1]:
        return match[2]
    number = int(match[1], 16)
    return chr(number) if number < 0xD800 else " "


# declarations ---------------------------------------------------------------------------------------------------------


def _declared(text: str) -> Declared:
    """The declarations that may change how words are shown; of one property the last, or the important one."""
    found: Declared = {}
    if ":" not in text:
        return found
    for one in _split(_plain(_COMMENT.sub(" ", text)), ";"):
        name, _, value = one.partition(":")
        name = name.strip().lower()
        if name and matters(name):
            if len(found) >= MOST_DECLARED and name not in found:
                name = "more-than-is-looked-at"
            bare, important = _important(value[: LONGEST + 1].strip().lower())
            if important or not found.get(name, ("", False))[1]:
                found[name] = bare, important
    return found


def _important(value: str) -> tuple[str, bool]:
    bare, mark, rest = value.rpartition("!")
    return (bare.strip(), True) if mark and rest.strip() == "important" else (value, False)


def _attributes(element: HtmlElement) -> Iterator[tuple[str, str]]:
    """What older attributes of an element set."""
    if colour := element.get("bgcolor"):
        yield "background-color", colour.lower()[:LONGEST]
    if element.tag == "font" and (size := element.get("size")):
        yield "font-size", _font_size(size.strip())
    if element.tag in ("small", "big"):
        yield "font-size", "0.83em" if element.tag == "small" else "1.2em"
    if element.get("background"):
        yield "background-image", "url()"
    if element.tag == "font" and (colour := element.get("color")):
        yield "color", colour.lower()[:LONGEST]
    if element.tag == "font" and (face := element.get("face")):
        yield "font-family", face.lower()[:LONGEST]


def _font_size(text: str) -> str:
    """A size of the old kind, 1 to 7 or so many steps from 3; something that is no size where it is neither."""
    bare = text.lstrip("+-")
    if not (bare.isascii() and bare.isdigit() and len(bare) < 4):
        return "unknown"
    number = int(bare) if bare == text else 3 + int(bare) * (-1 if text.startswith("-") else 1)
    return _FONT_SIZES[str(min(7, max(1, number)))]


_LINES: Final = (
    "text-decoration", "text-decoration-line", "-webkit-text-decoration", "-webkit-text-decoration-line",
    "-moz-text-decoration-line",
)  # fmt: skip


def _applied(look: Look, declared: Mapping[str, str], *, inline: bool) -> Look:
    get = declared.get
    if get("display") == "none" or get("content-visibility") == "hidden":
        return look._replace(shown=False)
    size = _size_of(get("font-size") or _size_in(get("font", "")), look.size)
    visibility = get("visibility", "")
    unseen = (
        look.unseen if not visibility or visibility in ("inherit", "unset") else visibility in ("hidden", "collapse")
    )
    opacity = _number(get("opacity", ""))
    line = " ".join(get(name, "") for name in _LINES)
    colour, ground = look.colour, look.ground
    for name in ("background", "background-color"):
        if said := get(name):
            ground = _ground(said, ground)
    if "url(" in get("background-image", "") or "gradient" in get("background-image", ""):
        ground = None
    clear = False
    if ink := get("-webkit-text-fill-color") or get("color") or "":
        colour, clear = _ink(ink, colour, ground)
    faint = clear or _aside(declared, size) or (opacity is not None and 0 < opacity < 0.2) or get("mso-hide") == "all"
    return look._replace(
        struck=look.struck or "line-through" in line,
        raised=look.raised or (inline and _raised(declared)),
        faint=look.faint or faint,
        other=look.other or "override" in get("unicode-bidi", ""),
        unseen=unseen or opacity == 0,
        size=size,
        colour=colour,
        ground=ground,
    )


def _tells(declared: Declared) -> bool:
    """Whether declarations hide, strike or raise words that stand plainly."""
    look = _applied(Look(), {name: value for name, (value, _) in declared.items()}, inline=True)
    return look.hidden or look.manner() is not None


def _doubtful(declared: Declared) -> bool:
    """Whether declarations may change how words are shown that stand plainly."""
    some = {name: value for name, (value, _) in declared.items()}
    if any(not harmless(name, value) for name, value in some.items()):
        return True
    return _applied(Look(), some, inline=True).manner(in_table=True) is not None


def _written(part: str, declared: Mapping[str, str]) -> str | None:
    """What the style sheet writes beside words, or nothing where it may change them; None where it does neither."""
    all_ = {name: (value, False) for name, value in declared.items() if name != "content"}
    if part in ("first-line", "first-letter"):
        return "" if _doubtful(all_) or _tells(all_) else None
    content = declared.get("content", "none")
    if content in ("none", "normal", "initial", "inherit", "unset"):
        return None
    literal = re.fullmatch(r"""(["'])([^"'\\]{0,100})\1""", content)
    if literal is None:
        return "？"
    text = literal[2].strip()
    return text or ("" if _doubtful(all_) else None)


def _raised(declared: Mapping[str, str]) -> bool:
    align = declared.get("vertical-align", "")
    if align in ("super", "sub", "text-top", "text-bottom") or _number(align):
        return True
    moved = (_number(declared.get(name, "")) for name in ("top", "bottom"))
    return bool(_number(declared.get("mso-text-raise", ""))) or (
        declared.get("position") == "relative" and any(one for one in moved)
    )


def _aside(declared: Mapping[str, str], size: float) -> bool:
    """Whether words are moved off the page, cut away, or made of no size."""
    moved = [declared.get(name, "") for name in ("text-indent", "margin-left", "margin-top")]
    if declared.get("position") in ("absolute", "fixed"):
        moved += [declared.get(name, "") for name in ("left", "top", "right", "bottom")]
        if re.search(r"rect\(\s*[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?", declared.get("clip", "")):
            return True
    if any(_size_of(one, 16.0) < -FAR for one in moved if one):
        return True
    cut_off = " ".join(declared.get(name, "") for name in ("overflow", "overflow-x", "overflow-y"))
    if any(word in cut_off for word in ("hidden", "clip", "scroll", "auto")):
        boxes = [declared.get(name, "") for name in ("width", "height", "max-width", "max-height")]
        if any(_number(one) is not None and _size_of(one, 2 * size) < 0.8 * size for one in boxes):
            return True
    spaced = declared.get("letter-spacing", "")
    if _size_of(spaced, 16.0) < -5 if spaced else _number(declared.get("zoom", "")) == 0:
        return True
    cut = declared.get("clip-path", "")
    moves = declared.get("transform", "")
    if re.search(r"opacity\(\s*0(?:\.0\d*)?%?\s*\)", declared.get("filter", "")):
        return True
    return bool(
        re.search(r"inset\(\s*(?:50|100)%|circle\(\s*0|polygon\(\s*0[^,()]*,\s*0[^,()]*,\s*0", cut)
        or re.search(r"scale[xy]?\(\s*0(?:\.0*)?\s*[,)]|translate[xy]?\([^()]*-\d{4}", moves)
    )


def _number(text: str) -> float | None:
    match = _SIZE.match(text.strip())
    return float(match[1]) / (100 if match[2] == "%" else 1) if match else None


def _size_of(text: str | None, before: float) -> float:
    """A length in pixels; `before` is what stands around."""
    if not text:
        return before
    match = _SIZE.match(text)
    if match is None:
        if text in ("smaller", "larger"):
            return before * (0.83 if text == "smaller" else 1.2)
        return _WORDS_OF_SIZE.get(text, before)
    number, unit = float(match[1]), match[2]
    if unit == "%":
        return before * number / 100
    if unit in ("em", "ex", "ch"):
        return before * number
    return number * _SIZES.get(unit, 1.0)


def _size_in(font: str) -> str:
    match = re.search(r"(?:^|\s)(\d[\d.]{0,9}(?:px|pt|em|rem|%)?)(?=\s|/)", font)
    return match[1] if match else ""


def _ink(text: str, before: Colour | None, ground: Colour | None) -> tuple[Colour | None, bool]:
    """The colour of words as it is seen, None where it is not known; and whether what is behind them shows through."""
    word = text.strip()
    if word in ("inherit", "currentcolor", "unset"):
        return before, False
    found = paint("black" if word in ("initial", "auto") else word)
    if found is None:
        return None, False
    return (found.over(ground) if ground is not None else found.colour), found.cover < CLEAR


CLEAR: Final = 0.1
"""A colour that covers no more of what is behind it is none."""


def _ground(text: str, before: Colour | None) -> Colour | None:
    """What is behind words, painted over what was; None where it is not known."""
    if "url(" in text or "gradient" in text:
        return None
    if text in ("none", "inherit", "initial", "unset"):
        return before
    for word in (text, *_split(text, " ")):
        if (found := paint(word)) is not None:
            return found.over(before) if before is not None else found.colour if found.cover > 1 - CLEAR else None
    return None if re.search(r"[a-z]", text) else before
