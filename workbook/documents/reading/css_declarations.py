"""The declarations of a style sheet: what they make of the look of words, as far as it hides, strikes or raises."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from workbook.documents.reading.colours import Colour, are_alike, is_pale, parse_colour
from workbook.documents.reading.css_parser import COMMENT, LONGEST, split_at, unescape_css
from workbook.documents.reading.text_visibility import WritingManner
from workbook.safety.messages import read_toml

if TYPE_CHECKING:
    from lxml.html import HtmlElement


MOST_DECLARED: Final = 150
"""Of more properties declared at once, or fonts brought along, the rest is not understood."""

TINY: Final = 3.0
"""No one reads characters of fewer pixels."""

FAR: Final = 400.0
"""What is moved so many pixels to the left or up is off the page."""

_TABLES: Final = read_toml("workbook.documents.reading.css_declarations")
_FONT_SIZES: Final[list[str]] = _TABLES["font_sizes"]
_SIZE_WORDS: Final[dict[str, float]] = _TABLES["size_words"]
_UNITS: Final[dict[str, float]] = _TABLES["units"]

_SIZE: Final = re.compile(r"([-+]?(?:\d{1,9}\.?\d{0,9}|\.\d{1,9}))\s*(%|[a-z]{0,4})")
"""A number and its unit: `12px`, `-.5em`, `80%`, `0`."""

_SIZE_IN_FONT: Final = re.compile(r"(?:^|\s)(\d[\d.]{0,9}(?:px|pt|em|rem|%)?)(?=\s|/)")
"""The size in `font`: of `bold 14px/1.5 serif` it is `14px`."""

_CLIPPED: Final = re.compile(r"rect\(\s*[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?")
"""A `clip` that leaves nothing: `rect(0, 0, 0, 0)`, `rect(1px 1px 1px 1px)`."""

_CLIP_PATH: Final = re.compile(r"inset\(\s*(?:50|100)%|circle\(\s*0|polygon\(\s*0[^,()]*,\s*0[^,()]*,\s*0")
"""A `clip-path` that leaves nothing: `inset(50%)`, `circle(0)`, `polygon(0 0, 0 0, 0 0)`."""

_MOVED: Final = re.compile(r"scale[xy]?\(\s*0(?:\.0*)?\s*[,)]|translate[xy]?\([^()]*-\d{4}")
"""A `transform` that makes words nothing or moves them off the page: `scale(0)`, `translateX(-9999px)`."""

_TRANSPARENT: Final = re.compile(r"opacity\(\s*0(?:\.0\d*)?%?\s*\)")
"""A `filter` that lets all shine through: `opacity(0)`, `opacity(0.05)`."""

_LITERAL: Final = re.compile(r"""(["'])([^"'\\]{0,100})\1""")
"""The `content` of a part that the style sheet makes, where it is one plain text in quotes."""

Declared = dict[str, tuple[str, bool]]
"""Property → what it is set to, and whether that is `!important`."""


class ElementStyle(NamedTuple):
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
    generated: tuple[str, str] = ("", "")
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

    def manner(self, *, in_table: bool = False) -> WritingManner | None:
        """How words that are seen are shown; None where plainly."""
        if self.struck:
            return WritingManner.STRUCK
        if self.raised:
            return WritingManner.RAISED
        if self.faint or self.size < TINY or self._as_ground():
            return WritingManner.FAINT
        if self.other or (in_table and self.perhaps):
            return WritingManner.OTHER
        pale = in_table and self.colour is not None and self.ground is not None and is_pale(self.colour, self.ground)
        return WritingManner.STYLED if in_table and (self.styled or pale) else None

    def as_usual(self) -> ElementStyle:
        """The same, as what is seen: where all of a table seems to be faint, its ground is not understood."""
        return self._replace(
            faint=False,
            perhaps=False,
            styled=False,
            generated=("", ""),
            ground=None if self._as_ground() else self.ground,
        )

    def _as_ground(self) -> bool:
        if self.colour is None or self.ground is None:
            return False
        return are_alike(self.colour, self.ground)


def parse_declarations(text: str) -> Declared:
    """The declarations that may change how words are shown; of one property the last, or the important one."""
    found: Declared = {}
    if ":" not in text:
        return found
    for one in split_at(unescape_css(COMMENT.sub(" ", text)), ";"):
        name, _, value = one.partition(":")
        name = name.strip().lower()
        if name and affects_visibility(name):
            if len(found) >= MOST_DECLARED and name not in found:
                name = "more-than-is-looked-at"
            bare, important = _important(value[: LONGEST + 1].strip().lower())
            if important or not found.get(name, ("", False))[1]:
                found[name] = bare, important
    return found


def _important(value: str) -> tuple[str, bool]:
    bare, mark, rest = value.rpartition("!")
    return (bare.strip(), True) if mark and rest.strip() == "important" else (value, False)


def attribute_declarations(element: HtmlElement) -> Iterator[tuple[str, str]]:
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
    return str(_FONT_SIZES[min(7, max(1, number)) - 1])


_LINES: Final = (
    "text-decoration",
    "text-decoration-line",
    "-webkit-text-decoration",
    "-webkit-text-decoration-line",
    "-moz-text-decoration-line",
)


def apply_declarations(look: ElementStyle, declared: Mapping[str, str], *, inline: bool) -> ElementStyle:
    """The look of an element of this look around it, for which that is declared; `inline`: it is part of a line."""
    get = declared.get
    if get("display") == "none" or get("content-visibility") == "hidden":
        return look._replace(shown=False)
    size = _pixels(get("font-size") or _size_in_font(get("font", "")), look.size)
    visibility = get("visibility", "")
    unseen = visibility in ("hidden", "collapse")
    if visibility in ("", "inherit", "unset"):
        unseen = look.unseen
    opacity = _number(get("opacity", ""))
    line = " ".join(get(name, "") for name in _LINES)
    colour, ground = look.colour, look.ground
    for name in ("background", "background-color"):
        if background := get(name):
            ground = _ground(background, ground)
    if "url(" in get("background-image", "") or "gradient" in get("background-image", ""):
        ground = None
    clear = False
    if ink := get("-webkit-text-fill-color") or get("color") or "":
        colour, clear = _ink(ink, colour, ground)
    hardly_opaque = opacity is not None and 0 < opacity < 0.2
    faint = clear or hardly_opaque or _is_out_of_sight(declared, size) or get("mso-hide") == "all"
    return look._replace(
        struck=look.struck or "line-through" in line,
        raised=look.raised or (inline and _is_raised(declared)),
        faint=look.faint or faint,
        other=look.other or "override" in get("unicode-bidi", ""),
        unseen=unseen or opacity == 0,
        size=size,
        colour=colour,
        ground=ground,
    )


def is_telling(declared: Declared) -> bool:
    """Whether declarations hide, strike or raise plain words."""
    look = apply_declarations(ElementStyle(), _values(declared), inline=True)
    return look.hidden or look.manner() is not None


def is_doubtful(declared: Declared) -> bool:
    """Whether declarations may change how plain words are shown."""
    values = _values(declared)
    if any(not is_harmless(name, value) for name, value in values.items()):
        return True
    return apply_declarations(ElementStyle(), values, inline=True).manner(in_table=True) is not None


def _values(declared: Declared) -> dict[str, str]:
    return {name: value for name, (value, _) in declared.items()}


def written_in(part: str, declared: Mapping[str, str]) -> str | None:
    """What the style sheet writes beside words, or nothing where it may change them; None where it does neither."""
    others = {name: (value, False) for name, value in declared.items() if name != "content"}
    if part in ("first-line", "first-letter"):
        return "" if is_doubtful(others) or is_telling(others) else None
    content = declared.get("content", "none")
    if content in ("none", "normal", "initial", "inherit", "unset"):
        return None
    literal = _LITERAL.fullmatch(content)
    if literal is None:
        return "？"
    return literal[2].strip() or ("" if is_doubtful(others) else None)


def _is_raised(declared: Mapping[str, str]) -> bool:
    align = declared.get("vertical-align", "")
    if align in ("super", "sub", "text-top", "text-bottom") or _number(align):
        return True
    if _number(declared.get("mso-text-raise", "")):
        return True
    return declared.get("position") == "relative" and any(_number(declared.get(n, "")) for n in ("top", "bottom"))


def _is_out_of_sight(declared: Mapping[str, str], size: float) -> bool:
    """Whether words of that size are moved off the page, cut away, or made of no size."""

    def given(*names: str) -> list[str]:
        return [value for name in names if (value := declared.get(name))]

    offsets = given("text-indent", "margin-left", "margin-top")
    if declared.get("position") in ("absolute", "fixed"):
        offsets += given("left", "top", "right", "bottom")
        if _CLIPPED.search(declared.get("clip", "")):
            return True
    if any(_pixels(one, 16.0) < -FAR for one in offsets):
        return True
    overflow = " ".join(given("overflow", "overflow-x", "overflow-y"))
    if any(word in overflow for word in ("hidden", "clip", "scroll", "auto")):
        # cut off at a box that is lower or narrower than one character
        boxes = given("width", "height", "max-width", "max-height")
        if any(_number(one) is not None and _pixels(one, 2 * size) < 0.8 * size for one in boxes):
            return True
    spacing = declared.get("letter-spacing", "")
    if _pixels(spacing, 16.0) < -5 if spacing else _number(declared.get("zoom", "")) == 0:
        return True
    patterns = (("clip-path", _CLIP_PATH), ("transform", _MOVED), ("filter", _TRANSPARENT))
    return any(pattern.search(declared.get(name, "")) for name, pattern in patterns)


def _number(text: str) -> float | None:
    """The number a value begins with, a share for percent; None where there is none."""
    match = _SIZE.match(text.strip())
    return float(match[1]) / (100 if match[2] == "%" else 1) if match else None


def _pixels(text: str | None, around: float) -> float:
    """A length in pixels; `around` is that of the element around, which holds where none is stated."""
    if not text:
        return around
    match = _SIZE.match(text)
    if match is None:
        relative = {"smaller": 0.83 * around, "larger": 1.2 * around}
        return relative.get(text) or _SIZE_WORDS.get(text, around)
    number, unit = float(match[1]), match[2]
    if unit == "%":
        return around * number / 100
    return number * (around if unit in ("em", "ex", "ch") else _UNITS.get(unit, 1.0))


def _size_in_font(font: str) -> str:
    match = _SIZE_IN_FONT.search(font)
    return match[1] if match else ""


def _ink(text: str, before: Colour | None, ground: Colour | None) -> tuple[Colour | None, bool]:
    """The colour of words as it is seen, None where it is not known; and whether what is behind them shows through."""
    word = text.strip()
    if word in ("inherit", "currentcolor", "unset"):
        return before, False
    found = parse_colour("black" if word in ("initial", "auto") else word)
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
    for word in (text, *split_at(text, " ")):
        if (found := parse_colour(word)) is not None:
            if before is not None:
                return found.over(before)
            return found.colour if found.cover > 1 - CLEAR else None
    return None if re.search(r"[a-z]", text) else before


# Which declarations of a page leave words as they are: a list of the harmless ones. Pure


_HARMLESS: Final = frozenset(_TABLES["harmless"].split())
_DEFAULTS: Final = frozenset(_TABLES["default_values"].split())
_COLOURS: Final = frozenset(_TABLES["colours"].split())
_GROUND_WORD: Final = re.compile(_TABLES["ground_word"])
_SYMBOL_FONTS: Final = re.compile(_TABLES["symbol_fonts"])
_BOX_PROPERTY: Final = re.compile(r"(?:border|padding)(?:-[a-z]+){0,3}")
"""`padding-left`, `border-top-color`."""


def _compile(pattern: str) -> re.Pattern[str]:
    """A pattern of the file, with those it names (`<size>`) written in."""
    while "<" in pattern:
        pattern = re.sub(r"<(\w+)>", lambda name: str(_TABLES["patterns"][name[1]]), pattern)
    return re.compile(pattern)


_VALUES: Final = {name: _compile(pattern) for names, pattern in _TABLES["values"].items() for name in names.split()}
_MAKERS: Final = re.compile(r"-(?:webkit|moz|ms|o)-")
"""The prefix of a property that one maker's browser brought: `-webkit-`."""


@lru_cache(8192)
def is_harmless(name: str, value: str, *, paragraph: bool = False) -> bool:
    """Whether a declaration leaves words as they are, or is understood; `paragraph` is whether it is for one."""
    if name.startswith(("mso-", "so-", "--")) and name not in _VALUES:
        return True
    bare = _MAKERS.sub("", name, count=1) if name.startswith("-") else name
    if bare in ("font-family", "font") and _SYMBOL_FONTS.search(value):
        return False
    if value in _DEFAULTS or bare in _HARMLESS or (_BOX_PROPERTY.fullmatch(bare) and bare != "border-image"):
        return "(" not in value or bare in _HARMLESS or bare.startswith("border")
    if bare in _COLOURS:
        return parse_colour(value) is not None
    if bare == "background":
        return (
            "(" not in value.replace("rgb", "")
            and all(_GROUND_WORD.fullmatch(word) or parse_colour(word) for word in value.split())
        ) or parse_colour(value) is not None
    if paragraph and bare in ("margin-left", "margin-right") and value.startswith("-"):
        return bool(re.fullmatch(r"-(?:[0-9]|1\d)(?:\.\d{0,9})?(?:px|pt)|-[01]?(?:\.\d{0,9})?em", value))
    known = _VALUES.get(bare)
    return known is not None and known.fullmatch(value) is not None


def affects_visibility(name: str) -> bool:
    """Whether a property may change how words are shown, for some value of it."""
    if name.startswith(("mso-", "so-", "--")) and name not in _VALUES:
        return False
    return name == "font-family" or _MAKERS.sub("", name, count=1) not in _HARMLESS
