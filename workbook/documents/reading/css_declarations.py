"""The declarations of a style sheet: what they make of the look of words, as far as it hides, strikes or raises."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from workbook.documents.reading.colours import Colour, alike, paint, pale
from workbook.documents.reading.css_syntax import COMMENT, LONGEST, split_at, unescape
from workbook.documents.reading.plainstyle import harmless, matters
from workbook.documents.reading.writing import Manner

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MOST_DECLARED: Final = 150
"""Of more properties declared at once, or fonts brought along, the rest is not understood."""

TINY: Final = 3.0
"""Nobody reads letters of fewer pixels."""

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


def parse_declarations(text: str) -> Declared:
    """The declarations that may change how words are shown; of one property the last, or the important one."""
    found: Declared = {}
    if ":" not in text:
        return found
    for one in split_at(unescape(COMMENT.sub(" ", text)), ";"):
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


def apply_declarations(look: Look, declared: Mapping[str, str], *, inline: bool) -> Look:
    """The look of an element of this look around it, for which that is declared; `inline`, it stands within a line."""
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
    """Whether declarations hide, strike or raise words that stand plainly."""
    look = apply_declarations(Look(), {name: value for name, (value, _) in declared.items()}, inline=True)
    return look.hidden or look.manner() is not None


def is_doubtful(declared: Declared) -> bool:
    """Whether declarations may change how words are shown that stand plainly."""
    some = {name: value for name, (value, _) in declared.items()}
    if any(not harmless(name, value) for name, value in some.items()):
        return True
    return apply_declarations(Look(), some, inline=True).manner(in_table=True) is not None


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
    for word in (text, *split_at(text, " ")):
        if (found := paint(word)) is not None:
            return found.over(before) if before is not None else found.colour if found.cover > 1 - CLEAR else None
    return None if re.search(r"[a-z]", text) else before
