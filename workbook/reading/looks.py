"""How the cells of a workbook are shown, as far as it can differ from what they hold: what both readers know of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from workbook.grid import Area, parse_range
from workbook.reading.book import Look, Run
from workbook.reading.common import Attributes

TINY = 3.0
"""Writing of fewer points nobody sees."""
WHITE, BLACK = "FFFFFF", "000000"
PAPER = WHITE
"""What is behind a cell that has no colour of its own."""
NEAR, BRIGHT = 32, 16
"""Two colours whose parts differ by no more than the one, and their brightness by no more than the other, of 255 each,
nobody tells apart in writing."""
_INDEXED = {"0": BLACK, "1": WHITE, "8": BLACK, "9": WHITE, "64": BLACK, "65": WHITE}
_THEME = {"0": WHITE, "1": BLACK}
LONGEST_NUMBER = 9
"""No workbook has a style of a number as long."""
_NONE: frozenset[str] = frozenset()


class Pen(NamedTuple):
    """A font, as far as it matters: its marks, and its colour (blank where it is the usual one)."""

    marks: frozenset[str] = _NONE
    colour: str = ""

    def on(self, ground: str) -> frozenset[str]:
        """The marks of writing with it on a ground of that colour, on which its own may not be seen."""
        return self.marks | {"hidden"} if self.colour and _alike(self.colour, ground) else self.marks


class Written(NamedTuple):
    """A stretch of text as it is written; `pen` is None where it is the cell's own."""

    text: str
    pen: Pen | None = None


class Style(NamedTuple):
    """One style of cells: number format (blank where it shows what is there), font, and the colour behind it."""

    format: str = ""
    pen: Pen = Pen()
    ground: str = PAPER

    @property
    def look(self) -> Look | None:
        """How it shows cells; None where as they are."""
        marks = self.pen.on(self.ground)
        return Look(self.format, marks) if self.format or marks else None


@dataclass(frozen=True, slots=True)
class Styles:
    """The styles of one workbook by number, and the formats that a condition may put over them.

    `odd` are those styles that may show a cell otherwise than it is, `dressings` such formats; `plain` has the numbers,
    as files spell them, of all others.
    """

    all: tuple[Style, ...] = (Style(),)
    odd: Mapping[str, Look] = field(default_factory=dict)
    dressings: Mapping[str, Look] = field(default_factory=dict)
    plain: frozenset[bytes] = frozenset((b"0",))
    read: bool = True

    def look(self, number: str | None, written: Sequence[Written] = ()) -> Look | None:
        """How a cell of that style is shown that holds such a text; None where as it is."""
        look = self.odd.get(number or "0")
        if not written:
            return look
        style = self._style(number or "0")
        runs = [Run(one.text, (one.pen or style.pen).on(style.ground)) for one in written if one.text]
        if not any(run.marks for run in runs if run.text.strip()):
            return Look(style.format) if style.format else None
        return Look(style.format, runs=tuple(runs))

    def _style(self, number: str) -> Style:
        at = int(number) if number.isdecimal() and len(number) < LONGEST_NUMBER else len(self.all)
        return self.all[at] if at < len(self.all) else Style()


def mark_of(name: str, attributes: Attributes) -> tuple[str, str]:
    """The mark that one property of a font puts on writing, and the colour it gives it; blank where none."""
    value = attributes.get("val", "")
    if name in ("strike", "dstrike"):
        return ("" if value in ("0", "false") else "struck"), ""
    if name == "vertAlign":
        return {"superscript": "raised", "subscript": "lowered"}.get(value, ""), ""
    if name == "sz":
        return ("hidden" if _real(value, TINY) < TINY else ""), ""
    if name == "vanish":
        return ("" if value in ("0", "false") else "hidden"), ""
    return "", colour_of(attributes) if name == "color" else ""


def colour_of(attributes: Attributes) -> str:
    """A colour as six digits, where the file says it; else by the number it has in a palette or theme."""
    colour = ""
    if "rgb" in attributes:
        colour = attributes["rgb"][-6:].upper()
    elif "indexed" in attributes:
        colour = _INDEXED.get(attributes["indexed"], f"indexed {attributes['indexed']}")
    elif "theme" in attributes:
        colour = _THEME.get(attributes["theme"], f"theme {attributes['theme']}")
    tint = _real(attributes.get("tint", ""), 0)
    return _tinted(colour, tint) if colour and tint else colour


def _real(text: str, otherwise: float) -> float:
    """A number that a file spells; something else where it spells none, which is no reason to refuse the file."""
    try:
        return float(text)
    except ValueError:
        return otherwise


def _tinted(colour: str, tint: float) -> str:
    """A colour made darker (below 0) or lighter."""
    parts = _parts(colour)
    if parts is None or not -1 <= tint <= 1:
        return f"{colour} {tint}"
    return "".join(f"{round(p * (1 + tint) if tint < 0 else p + (255 - p) * tint):02X}" for p in parts)


def _parts(colour: str) -> tuple[int, ...] | None:
    """Red, green and blue of a colour whose digits are known."""
    try:
        return tuple(bytes.fromhex(colour)) if len(colour) == 6 else None
    except ValueError:
        return None


def _alike(one: str, other: str) -> bool:
    """Whether nobody sees one colour on the other."""
    pair = _parts(one), _parts(other)
    if pair[0] is None or pair[1] is None:
        return one == other
    apart = [a - b for a, b in zip(pair[0], pair[1], strict=True)]
    brightness = sum(part * weight for part, weight in zip(apart, (0.299, 0.587, 0.114), strict=True))
    return max(map(abs, apart)) <= NEAR and abs(brightness) <= BRIGHT


EVERYWHERE: Area = (0, 0, 1 << 20, 1 << 14)


def spots(sqref: str) -> tuple[Area, ...]:
    """Where a conditional format holds; everywhere, as far as it is not said cell by cell."""
    found = [parse_range(piece) for piece in sqref.split()]
    return tuple(EVERYWHERE if area is None else area[1:] for area in found)


def pen_of(properties: Iterable[tuple[str, Attributes]]) -> Pen:
    """The font that the properties of a run describe."""
    said = [mark_of(name, attributes) for name, attributes in properties]
    return Pen(frozenset(mark for mark, _ in said) - {""}, next((colour for _, colour in reversed(said) if colour), ""))
