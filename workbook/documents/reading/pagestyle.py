"""How a web page shows its words: its style sheets, style attributes and tags, as far as they hide, strike or raise.

Style sheets outside the page are never fetched: what only they hide is read as if it were shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from workbook.documents.reading.writing import Manner
from workbook.limits import TooLarge

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MOST_RULES: Final = 2_000
"""No page has more rules that hide, strike or raise words."""
MOST_STEPS: Final = 1_000_000
"""So many rules and ancestors are tried for all elements of a page."""
MOST_SHEETS: Final = 2 << 20
"""No page's own style sheets have more characters."""
DEEPEST: Final = 20
"""No sheet nests its blocks deeper, and no selector joins more."""
LONGEST: Final = 1_000
"""No selector and no value is longer: what is, is not understood."""
MOST_NESTED: Final = 400_000
"""The selectors of blocks within others have no more signs, those around them written in."""
TINY: Final = 3.0
"""Nobody reads letters of fewer pixels."""
FAR: Final = 400.0
"""What is moved so many pixels to the left or up is off the page."""
NEAR: Final = 24
"""Colours that differ by no more in each of red, green and blue are one to the eye."""

_NEVER: Final = {
    "script", "style", "noscript", "template", "head", "iframe", "title", "meta", "link", "datalist", "param",
    "canvas", "video", "audio", "rp", "noframes", "noembed", "colgroup", "col", "optgroup",
}  # fmt: skip
_CONTROLS: Final = {"select", "textarea", "svg", "object", "button", "meter", "progress", "output", "math", "bdo"}
_STRUCK: Final = {"del", "s", "strike"}
_RAISED: Final = {"sup", "sub", "rt", "rtc"}
_CELLS: Final = {"td", "th", "tr", "tbody", "thead", "tfoot", "table"}
_NAMED: Final = {
    "white": (255, 255, 255), "snow": (255, 250, 250), "ivory": (255, 255, 240), "ghostwhite": (248, 248, 255),
    "floralwhite": (255, 250, 240), "whitesmoke": (245, 245, 245), "black": (0, 0, 0), "red": (255, 0, 0),
    "blue": (0, 0, 255), "green": (0, 128, 0), "yellow": (255, 255, 0), "gray": (128, 128, 128),
    "grey": (128, 128, 128), "silver": (192, 192, 192), "navy": (0, 0, 128), "teal": (0, 128, 128),
    "orange": (255, 165, 0), "purple": (128, 0, 128), "maroon": (128, 0, 0),
}  # fmt: skip
_FONT_SIZES: Final = {"1": "10px", "2": "13px", "3": "16px", "4": "18px", "5": "24px", "6": "32px", "7": "48px"}
_SIZES: Final = {"px": 1.0, "pt": 4 / 3, "rem": 16.0, "pc": 16.0, "cm": 37.8, "mm": 3.78, "in": 96.0, "": 1.0}
_PROPERTIES: Final = {
    "filter", "zoom", "letter-spacing", "margin-left", "margin-top", "overflow-x", "overflow-y",
    "display", "visibility", "opacity", "font-size", "font", "color", "background", "background-color",
    "background-image", "text-decoration", "text-decoration-line", "vertical-align", "position", "top", "bottom",
    "left", "right", "text-indent", "width", "height", "max-width", "max-height", "overflow", "clip", "clip-path",
    "transform", "content-visibility", "unicode-bidi", "mso-hide", "mso-text-raise", "-webkit-text-fill-color",
}  # fmt: skip
_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_SIZE: Final = re.compile(r"([-+]?(?:\d{1,9}\.?\d{0,9}|\.\d{1,9}))\s*(%|[a-z]{0,4})")
_HEX: Final = re.compile(r"#([0-9a-f]{3,8})")
_ALPHA: Final = re.compile(r"[,/]\s*(?:0|0?\.0\d*|[0-9]%)\s*\)")
_HSL: Final = re.compile(r"hsla?\([^()%]{1,30}[\s,]+[\d.]{1,9}%?[\s,]+(\d{1,3})%?[^()]{0,20}\)")
_RGB: Final = re.compile(r"rgba?\(([^()]{1,60})\)")

Colour = tuple[int, int, int]
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
        return Manner.OTHER if self.other or (in_table and self.perhaps) else None

    def as_usual(self) -> Look:
        """The same, as what is seen: where all of a table seems to be faint, its ground is not understood."""
        return self._replace(faint=False, perhaps=False, ground=None if self._as_ground() else self.ground)

    def _as_ground(self) -> bool:
        if self.colour is None or self.ground is None:
            return False
        return all(abs(a - b) <= NEAR for a, b in zip(self.colour, self.ground, strict=True))


class _Part(NamedTuple):
    """One compound of a selector: what an element must be; `perhaps` where more is asked that is not understood."""

    tag: str
    name: str
    classes: tuple[str, ...]
    attributes: tuple[tuple[str, str, str], ...]
    first: bool
    last: bool
    perhaps: bool


class _Rule(NamedTuple):
    parts: tuple[tuple[str, _Part], ...]
    """From the last compound to the first, each with what joins it to the one before it: ' ', '>', or another."""
    weight: tuple[int, int, int]
    order: int
    declared: Declared


class Styles:
    """The rules of a page's own style sheets."""

    def __init__(self, sheets: Iterable[str] = ()) -> None:
        self.rules: dict[str, list[_Rule]] = {}
        """By the class, name or tag that the last compound asks for."""
        self.count = 0
        self.steps = MOST_STEPS
        self.signs = 0
        """So many signs of selectors were looked at."""
        left = MOST_SHEETS
        for sheet in sheets:
            left -= len(sheet)
            if left < 0:
                raise TooLarge
            for prelude, body in _rules(sheet):
                self._add(prelude, body)

    def _add(self, prelude: str, body: str) -> None:
        declared = _declared(body)
        if not declared:
            return
        self.signs += len(prelude)
        for selector in _split(prelude, ","):
            parts = _selector(selector)
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
            self.rules.setdefault(key, []).append(_Rule(parts, weight, self.count, declared))

    def look(self, element: HtmlElement, tag: str, around: Look) -> Look:
        """How an element is shown that stands in one shown so."""
        if tag in _NEVER:
            return around._replace(shown=False)
        declared, perhaps = self._declared(element, tag)
        look = around._replace(
            struck=around.struck or tag in _STRUCK,
            raised=around.raised or tag in _RAISED,
            other=around.other or tag in _CONTROLS,
            perhaps=around.perhaps or perhaps,
        )
        if element.get("hidden") is not None and "display" not in declared:
            return look._replace(shown=False)
        if tag == "dialog" and element.get("open") is None:
            return look._replace(shown=False)
        return _applied(look, declared, inline=tag not in _CELLS) if declared else look

    def _declared(self, element: HtmlElement, tag: str) -> tuple[dict[str, str], bool]:
        """What is set for an element, and whether a rule that may not be for it sets something that tells."""
        found: dict[str, tuple[tuple[object, ...], str]] = {}
        perhaps = False

        def take(declared: Mapping[str, tuple[str, bool]], rank: tuple[object, ...]) -> None:
            for name, (value, important) in declared.items():
                full = (important, *rank)
                if name not in found or found[name][0] <= full:
                    found[name] = full, value

        take({name: (value, False) for name, value in _attributes(element)}, (False, (-1, 0, 0), 0))
        for rule in self._candidates(element, tag) if self.rules else ():
            fits = self._fits(rule.parts, element)
            if fits:
                take(rule.declared, (False, rule.weight, rule.order))
            elif fits is None:
                perhaps = perhaps or _tells(rule.declared)
        if style := element.get("style"):
            take(_declared(style), (True, (0, 0, 0), 0))
        return {name: value for name, (_, value) in found.items()}, perhaps

    def _candidates(self, element: HtmlElement, tag: str) -> Iterator[_Rule]:
        keys = [tag, "", f"#{element.get('id')}", *(f".{one}" for one in (element.get("class") or "").split()[:100])]
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
    if part.tag and part.tag != element.tag:
        return False
    if part.name and part.name != element.get("id"):
        return False
    if part.classes and not set(part.classes) <= set((element.get("class") or "").split()):
        return False
    for name, how, wanted in part.attributes:
        there = element.get(name)
        if there is None:
            return False
        if how and not _agrees(there, how, wanted):
            return False
    if part.first and element.getprevious() is not None:
        return False
    if part.last and element.getnext() is not None:
        return False
    return None if part.perhaps else True


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
_SIGN: Final = re.compile(r"[{};\"']|\\.", re.DOTALL)
_PART: Final = re.compile(
    r"""(?P<tag>[\w-]+|\*)|\.(?P<klass>[\w-]+)|\#(?P<name>[\w-]+)
    |\[\s*(?P<attribute>[\w-]+)\s*(?:(?P<how>[~|^$*]?=)\s*["']?(?P<wanted>[^"'\]]*)["']?\s*[is]?\s*)?\]
    |(?P<pseudo>::?[\w-]+)(?P<open>\()?""",
    re.VERBOSE,
)
_PASSING: Final = {
    "hover", "focus", "active", "visited", "target", "focus-within", "focus-visible", "checked", "before", "after",
    "first-line", "first-letter", "placeholder", "selection", "marker", "backdrop", "invalid", "disabled",
}  # fmt: skip
"""What holds only while somebody does something, or for no words of the page."""
_ALWAYS: Final = {"root", "link", "any-link", "enabled"}
ANY: Final = ":not-understood"
"""A selector that may mean whatever stands there."""


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Selector and declarations of each rule, those for a screen alone."""
    text = _COMMENT.sub(" ", sheet).replace("<!--", " ").replace("-->", " ")
    start = nested = 0
    open_: list[tuple[str, list[str]]] = []
    """The blocks that are open: what stands before each, and what was declared in it."""
    quote = ""
    for match in _SIGN.finditer(text):
        sign, said = match[0], text[start : match.start()]
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
                prelude, body = open_.pop()
                if not prelude.startswith("@") and all(_screen(one) for one, _ in open_):
                    whole = _nested([one for one, _ in open_ if not one.startswith("@")], prelude)
                    nested += len(whole) if open_ else 0
                    if nested > MOST_NESTED:
                        raise TooLarge
                    yield whole, ";".join(body)


def _nested(outer: list[str], prelude: str) -> str:
    """A selector within the block of another; where it would be too long, one that may mean whatever stands there."""
    if not outer:
        return prelude
    long = len(prelude) + max(1, prelude.count("&")) * len(outer[-1])
    if long > LONGEST:
        return ANY
    return prelude.replace("&", outer[-1]) if "&" in prelude else f"{outer[-1]} {prelude}"


def _screen(prelude: str) -> bool:
    """Whether what is in a block holds for a page seen on a wide screen."""
    if not prelude.startswith("@"):
        return True
    name, _, query = prelude[1:].lower().partition(" ")
    if name != "media":
        return name in ("supports", "layer", "container", "scope")
    return not re.search(r"\bnot\b|max-(?:device-)?width", query) and ("print" not in query or "screen" in query)


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
    """The compounds of a selector from the last to the first; none where it means nothing that stands there."""
    found: list[tuple[str, _Part]] = []
    for joined, compound in _compounds(_plain(text.strip())):
        part = _part(compound)
        if part is None:
            return ()
        found.append((joined, part))
        if len(found) > DEEPEST:
            return ()
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
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            return None
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
            elif pseudo in _PASSING or match["pseudo"].startswith("::"):
                return None
            first, last = first or pseudo == "first-child", last or pseudo == "last-child"
            perhaps = perhaps or pseudo not in (*_ALWAYS, "first-child", "last-child")
    return _Part(tag, name, tuple(classes), tuple(attributes), first, last, perhaps)


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
    """The declarations that may hide, strike or raise; of several of one property the last, or the important one."""
    found: Declared = {}
    if ":" not in text:
        return found
    for one in _split(_plain(_COMMENT.sub(" ", text)), ";"):
        name, _, value = one.partition(":")
        name = name.strip().lower()
        if name in _PROPERTIES:
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
        yield "background-color", colour.lower()
    if element.tag == "font" and (size := element.get("size")):
        yield "font-size", _FONT_SIZES.get(size.strip(), "")
    if element.tag in ("small", "big"):
        yield "font-size", "0.83em" if element.tag == "small" else "1.2em"
    if element.get("background"):
        yield "background-image", "url()"
    if element.tag == "font" and (colour := element.get("color")):
        yield "color", colour.lower()


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
    line = f"{get('text-decoration', '')} {get('text-decoration-line', '')}"
    colour, ground = look.colour, look.ground
    if ink := get("-webkit-text-fill-color") or get("color") or "":
        colour = _colour(ink, colour)
    for name in ("background", "background-color"):
        if paint := get(name):
            ground = _ground(paint, ground)
    if "url(" in get("background-image", "") or "gradient" in get("background-image", ""):
        ground = None
    faint = _clear(ink) or _aside(declared) or (opacity is not None and 0 < opacity < 0.2) or get("mso-hide") == "all"
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


def _raised(declared: Mapping[str, str]) -> bool:
    align = declared.get("vertical-align", "")
    if align in ("super", "sub", "text-top", "text-bottom") or _number(align):
        return True
    moved = (_number(declared.get(name, "")) for name in ("top", "bottom"))
    return bool(_number(declared.get("mso-text-raise", ""))) or (
        declared.get("position") == "relative" and any(one for one in moved)
    )


def _aside(declared: Mapping[str, str]) -> bool:
    """Whether words are moved off the page, cut away, or made of no size."""
    moved = [declared.get(name, "") for name in ("text-indent", "margin-left", "margin-top")]
    if declared.get("position") in ("absolute", "fixed"):
        moved += [declared.get(name, "") for name in ("left", "top", "right", "bottom")]
        if re.search(r"rect\(\s*[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?", declared.get("clip", "")):
            return True
    if any(_size_of(one, 16.0) < -FAR for one in moved if one):
        return True
    cut_off = " ".join(declared.get(name, "") for name in ("overflow", "overflow-x", "overflow-y"))
    if "hidden" in cut_off or "clip" in cut_off:
        boxes = [_number(declared.get(name, "")) for name in ("width", "height", "max-width", "max-height")]
        if any(one is not None and one <= 1 for one in boxes):
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
        return 16.0 if text in ("medium", "initial") else before
    number, unit = float(match[1]), match[2]
    if unit == "%":
        return before * number / 100
    if unit in ("em", "ex", "ch"):
        return before * number
    return number * _SIZES.get(unit, 1.0)


def _size_in(font: str) -> str:
    match = re.search(r"(?:^|\s)(\d[\d.]{0,9}(?:px|pt|em|rem|%)?)(?=\s|/)", font)
    return match[1] if match else ""


def _colour(text: str, before: Colour | None) -> Colour | None:
    """A colour as red, green and blue; None where it is not known."""
    word = text.strip()
    if word in ("inherit", "currentcolor", "unset"):
        return before
    if word in _NAMED:
        return _NAMED[word]
    if match := _HEX.match(word):
        digits = match[1]
        if len(digits) in (3, 4):
            digits = "".join(digit * 2 for digit in digits)
        return (int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)) if len(digits) >= 6 else None
    if match := _HSL.match(word):
        light = float(match[1])
        return (255, 255, 255) if light >= 95 else (0, 0, 0) if light <= 5 else None
    if match := _RGB.match(word):
        parts = [_number(part) for part in re.split(r"[\s,/]+", match[1].strip())]
        scale = 255 if "%" in match[1].split(",")[0] else 1
        some = [round(part * scale) for part in parts[:3] if part is not None]
        return (some[0], some[1], some[2]) if len(some) == 3 else None
    return None


def _clear(text: str) -> bool:
    """Whether a colour lets through what is behind it."""
    if "transparent" in text or (("a(" in text or "/" in text) and _ALPHA.search(text)):
        return True
    match = _HEX.fullmatch(text.strip())
    return bool(match and len(match[1]) in (4, 8) and match[1][3 if len(match[1]) == 4 else 6] in "01")


def _ground(text: str, before: Colour | None) -> Colour | None:
    if "url(" in text or "gradient" in text:
        return None
    if _clear(text) or text in ("none", "inherit", "initial", "unset"):
        return before
    for word in _split(text, " "):
        if (colour := _colour(word, None)) is not None:
            return colour
    return None if re.search(r"[a-z]", text) else before
