"""The declarations of a style sheet: what they make of the look of words, as far as it hides, strikes or raises."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from workbook.documents.reading.css_parser import COMMENT, LONGEST, split_at, unescape_css
from workbook.documents.reading.text_visibility import Colour, WritingManner, are_alike, is_pale, parse_colour

if TYPE_CHECKING:
    from lxml.html import HtmlElement


MOST_DECLARED: Final = 150
"""Of more properties declared at once, or fonts brought along, the rest is not understood."""

TINY: Final = 3.0
"""No one reads characters of fewer pixels."""

FAR: Final = 400.0
"""What is moved so many pixels to the left or up is off the page."""

_FONT_SIZES: Final = {"1": "10px", "2": "13px", "3": "16px", "4": "18px", "5": "24px", "6": "32px", "7": "48px"}

_WORDS_OF_SIZE: Final = {
    "xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0, "xx-large": 32.0,
    "initial": 16.0,
}  # fmt: skip

_SIZES: Final = {"px": 1.0, "pt": 4 / 3, "rem": 16.0, "pc": 16.0, "cm": 37.8, "mm": 3.78, "in": 96.0, "": 1.0}

_SIZE: Final = re.compile(r"([-+]?(?:\d{1,9}\.?\d{0,9}|\.\d{1,9}))\s*(%|[a-z]{0,4})")

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
        pale_ = in_table and self.colour is not None and self.ground is not None and is_pale(self.colour, self.ground)
        return WritingManner.STYLED if in_table and (self.styled or pale_) else None

    def as_usual(self) -> ElementStyle:
        """The same, as what is seen: where all of a table seems to be faint, its ground is not understood."""
        return self._replace(
            faint=False, perhaps=False, styled=False, made=("", ""), ground=None if self._as_ground() else self.ground
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
    return _FONT_SIZES[str(min(7, max(1, number)))]


_LINES: Final = (
    "text-decoration", "text-decoration-line", "-webkit-text-decoration", "-webkit-text-decoration-line",
    "-moz-text-decoration-line",
)  # fmt: skip


def apply_declarations(look: ElementStyle, declared: Mapping[str, str], *, inline: bool) -> ElementStyle:
    """The look of an element of this look around it, for which that is declared; `inline`: it is part of a line."""
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


def is_telling(declared: Declared) -> bool:
    """Whether declarations hide, strike or raise plain words."""
    look = apply_declarations(ElementStyle(), {name: value for name, (value, _) in declared.items()}, inline=True)
    return look.hidden or look.manner() is not None


def is_doubtful(declared: Declared) -> bool:
    """Whether declarations may change how plain words are shown."""
    some = {name: value for name, (value, _) in declared.items()}
    if any(not is_harmless(name, value) for name, value in some.items()):
        return True
    return apply_declarations(ElementStyle(), some, inline=True).manner(in_table=True) is not None


def written_in(part: str, declared: Mapping[str, str]) -> str | None:
    """What the style sheet writes beside words, or nothing where it may change them; None where it does neither."""
    all_ = {name: (value, False) for name, value in declared.items() if name != "content"}
    if part in ("first-line", "first-letter"):
        return "" if is_doubtful(all_) or is_telling(all_) else None
    content = declared.get("content", "none")
    if content in ("none", "normal", "initial", "inherit", "unset"):
        return None
    literal = re.fullmatch(r"""(["'])([^"'\\]{0,100})\1""", content)
    if literal is None:
        return "？"
    text = literal[2].strip()
    return text or ("" if is_doubtful(all_) else None)


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
    """A length in pixels; `before` is that of the element around."""
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
            return found.over(before) if before is not None else found.colour if found.cover > 1 - CLEAR else None
    return None if re.search(r"[a-z]", text) else before


# Which declarations of a page leave words as they are: a list of the harmless ones. Pure


_NAMES: Final = """
    font-weight font-style font-stretch font-family font-kerning font-synthesis font-optical-sizing font-display
    text-align text-align-last text-autospace text-justify text-justify-trim text-kashida-space text-underline
    text-underline-position text-wrap text-rendering text-overflow text-size-adjust text-transform text-line-through
    word-break word-wrap overflow-wrap line-break hyphens hanging-punctuation punctuation-wrap punctuation-trim
    layout-grid layout-grid-mode layout-grid-line layout-grid-char layout-grid-type page page-break-before
    page-break-after page-break-inside break-before break-after break-inside orphans widows tab-stops tab-interval
    tab-size cursor outline-color outline-style outline-width border border-top border-right border-bottom border-left
    border-collapse border-spacing border-color border-style border-width border-radius border-top-left-radius
    border-top-right-radius border-bottom-left-radius border-bottom-right-radius border-block border-inline
    empty-cells caption-side table-layout box-sizing user-select pointer-events touch-action resize scrollbar-width
    scrollbar-color scroll-behavior transition transition-property transition-duration transition-delay
    transition-timing-function will-change accent-color caret-color src panose-1 size font-smoothing
    osx-font-smoothing tap-highlight-color print-color-adjust overflow-scrolling touch-callout focus-ring-color
    justify-content justify-items justify-self align-items align-content align-self place-items place-content
    row-gap column-gap gap grid-gap clear white-space white-space-collapse ime-mode language speak
    background-repeat background-position background-position-x background-position-y background-size
    background-attachment background-origin background-clip orphan window lang image-rendering color-adjust
    counter-reset counter-increment counter-set ruby-align ruby-position unicode-range
"""
_ANY: Final = frozenset(_NAMES.split())
"""Properties that do no harm whatever they are set to."""
_ANY_PARTS: Final = re.compile(r"(?:border|padding)(?:-[a-z]+){0,3}")
_PLAIN_SIZE: Final = r"[+]?(?:\d{1,5}(?:\.\d{0,9})?|\.\d{1,9})(?:px|pt|pc|in|cm|mm|em|rem|ex|ch|vw|vh|gd|%)?"
_PLAIN_SIZES: Final = rf"(?:{_PLAIN_SIZE}|auto)(?:\s+(?:{_PLAIN_SIZE}|auto)){{0,3}}"
_EDGE: Final = r"-?0*(?:\.0*)?[a-z%]{0,3}|auto"
_LINE: Final = (
    r"normal|0?\.[89]\d{0,8}|[1-9]\d{0,2}(?:\.\d{0,9})?|(?:0?\.[89]\d{0,8}|[1-9]\d?(?:\.\d{0,9})?)r?em|"
    r"(?:[6-9]|[1-9]\d{1,3})(?:\.\d{0,9})?(?:px|pt)|(?:[89]\d|[1-9]\d{2})(?:\.\d{0,9})?%|(?:[3-9]|\d\d)(?:\.\d{0,9})?mm|"
    r"0?\.[3-9]\d{0,8}cm|0?\.[1-9]\d{0,8}in|[1-9]\d?(?:\.\d{0,9})?(?:cm|in|pc)"
)
_FONT_SIZE: Final = (
    r"(?:\d{1,4}(?:\.\d{0,9})?|\.\d{1,9})(?:px|pt|pc|in|cm|mm|em|rem|%)?|xx-small|x-small|small|medium|large|x-large|"
    r"xx-large|smaller|larger"
)
_KNOWN: Final = {
    name: re.compile(pattern)
    for names, pattern in {
        "display": r"block|inline|inline-block|table|inline-table|table-[a-z-]{3,20}|flex|inline-flex|grid|inline-grid|"
        r"flow-root|contents|none|-webkit-box|-ms-flexbox|-webkit-flex|list-item",
        "visibility": r"visible|hidden|collapse",
        "content-visibility": "visible|hidden",
        "opacity": r"0?\.[5-9]\d{0,8}|1(?:\.0*)?|0*(?:\.0*)?|0?\.[01]\d{0,8}",
        "font-size": _FONT_SIZE,
        "font": rf"(?:(?:normal|italic|oblique|bold|bolder|lighter|small-caps|[1-9]00)\s+){{0,4}}"
        rf"(?:{_FONT_SIZE})(?:\s*/\s*(?:{_LINE}))?\s+[^():;]{{1,300}}",
        "text-decoration text-decoration-line text-decoration-color text-decoration-style": r"[a-z# \d-]{1,100}",
        "vertical-align": r"top|middle|bottom|baseline|center|super|sub|text-top|text-bottom|-?[\d.]{1,12}[a-z%]{0,3}",
        "position": r"static|relative|sticky|-webkit-sticky",
        "top bottom left right inset-inline-start inset-inline-end": _EDGE,
        "text-indent": r"-?(?:[1-5]?\d(?:\.\d{0,9})?|\.\d{1,9})(?:px|pt)?|"
        r"-?[0-4]?(?:\.\d{0,9})?(?:em|rem|ex|ch|gd|cm|pc)|"
        r"-?(?:\d|1\d)(?:\.\d{0,9})?mm|-?0?(?:\.[0-5]\d{0,8})?in|"
        r"\d{1,2}(?:\.\d{0,9})?(?:%|pt|em)|1\d\d(?:\.\d{0,9})?(?:px|pt)",
        "width height min-width min-height max-width max-height": rf"{_PLAIN_SIZE}|min-content|max-content|fit-content",
        "margin margin-top margin-right margin-bottom margin-left margin-block margin-inline": _PLAIN_SIZES,
        "overflow overflow-x overflow-y": r"visible|hidden|scroll|clip|(?:auto|hidden|visible) (?:auto|hidden|visible)",
        "letter-spacing": rf"-0?\.0[0-5]\d{{0,7}}(?:em|pt|px)|-0?\.[1-5]\d{{0,7}}(?:px|pt)|{_PLAIN_SIZE}",
        "word-spacing": _PLAIN_SIZE,
        "line-height": _LINE,
        "zoom": r"1(?:\.\d{0,5})?|0?\.[5-9]\d{0,5}|(?:[5-9]\d|1\d\d)%",
        "direction": "ltr",
        "unicode-bidi": "embed|isolate|plaintext",
        "writing-mode": "horizontal-tb|lr-tb|lr",
        "layout-flow": "horizontal",
        "font-variant": "small-caps|tabular-nums|lining-nums",
        "font-variant-numeric": "tabular-nums|lining-nums|(?:tabular|lining)-nums (?:tabular|lining)-nums",
        "font-feature-settings": r"""["'](?:tnum|lnum|kern|liga)["'](?: 1)?""",
        "list-style list-style-type list-style-position": "(?:(?:disc|circle|square|inside|outside|none) ?){1,3}",
        "flex-direction": "row|column",
        "flex-wrap": "wrap|nowrap",
        "flex flex-grow flex-shrink flex-basis order": "[01](?: [01])?(?: (?:0|0px|0%|100%))?",
        "z-index": r"\d{1,9}",
        "outline": r"[a-z# \d.]{1,60}",
        "columns column-count": "1",
        "color-scheme": "light|only light",
        "text-shadow box-shadow": "0 0(?: 0)?",
        "mso-text-raise": r"-?[\d.]{1,12}[a-z%]{0,3}",
        "mso-hide": "all",
        "line-clamp": "none",
        "all": "unset|revert",
        "text-stroke-width": "0(?:px)?",
        "content": '""|' + "''",
    }.items()
    for name in names.split()
}
_COLOURS: Final = {"color", "background-color", "text-fill-color"}
_GROUND_WORDS: Final = re.compile(
    r"none|repeat|no-repeat|repeat-x|repeat-y|scroll|fixed|local|center|left|right|top|bottom|0|0%|/|auto|"
    r"padding-box|border-box|content-box|-?\d{1,4}(?:px|%)"
)
_NOTHING: Final = {"none", "normal", "auto", "initial", "inherit", "unset", "revert", "currentcolor", "windowtext"}
"""What leaves a property at its default, or as it is around."""
_SYMBOLS: Final = re.compile(r"wingdings|webdings|symbol|dingbats|marlett|mt extra|barcode|icon|awesome")
"""Fonts in which a digit is no digit."""
_MAKERS: Final = re.compile(r"-(?:webkit|moz|ms|o)-")


@lru_cache(8192)
def is_harmless(name: str, value: str, *, paragraph: bool = False) -> bool:
    """Whether a declaration leaves words as they are, or is understood; `paragraph` is whether it is for one."""
    if name.startswith(("mso-", "so-", "--")) and name not in _KNOWN:
        return True
    bare = _MAKERS.sub("", name, count=1) if name.startswith("-") else name
    if bare in ("font-family", "font") and _SYMBOLS.search(value):
        return False
    if value in _NOTHING or bare in _ANY or (_ANY_PARTS.fullmatch(bare) and bare != "border-image"):
        return "(" not in value or bare in _ANY or bare.startswith("border")
    if bare in _COLOURS:
        return parse_colour(value) is not None
    if bare == "background":
        return (
            "(" not in value.replace("rgb", "")
            and all(_GROUND_WORDS.fullmatch(word) or parse_colour(word) for word in value.split())
        ) or parse_colour(value) is not None
    if paragraph and bare in ("margin-left", "margin-right") and value.startswith("-"):
        return bool(re.fullmatch(r"-(?:[0-9]|1\d)(?:\.\d{0,9})?(?:px|pt)|-[01]?(?:\.\d{0,9})?em", value))
    known = _KNOWN.get(bare)
    return known is not None and known.fullmatch(value) is not None


def affects_visibility(name: str) -> bool:
    """Whether a property may change how words are shown, for some value of it."""
    if name.startswith(("mso-", "so-", "--")) and name not in _KNOWN:
        return False
    return name == "font-family" or _MAKERS.sub("", name, count=1) not in _ANY
