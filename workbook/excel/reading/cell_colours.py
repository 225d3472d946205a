"""The colours of a workbook: what the files spell, what its theme and its palette make of it, and who sees it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from workbook.excel.reading.read_budget import Attributes, parse_cell_number
from workbook.excel.reading.workbook_contents import PAPER

WHITE, BLACK = PAPER, "000000"
NEAR, BRIGHT = 32, 16
"""Two colours whose parts differ by no more than the one, and their brightness by no more than the other, of 255 each,
nobody tells apart in writing."""
LIGHT = 160
"""Writing as bright as that may not be seen on a ground that is light in places."""
_WEIGHTS = 0.299, 0.587, 0.114
_FIRST = ("000000", "FFFFFF", "FF0000", "00FF00", "0000FF", "FFFF00", "FF00FF", "00FFFF")
INDEXED = (
    *_FIRST, *_FIRST,
    "800000", "008000", "000080", "808000", "800080", "008080", "C0C0C0", "808080", "9999FF", "993366", "FFFFCC",
    "CCFFFF", "660066", "FF8080", "0066CC", "CCCCFF", "000080", "FF00FF", "FFFF00", "00FFFF", "800080", "800000",
    "008080", "0000FF", "00CCFF", "CCFFFF", "CCFFCC", "FFFF99", "99CCFF", "FF99CC", "CC99FF", "FFCC99", "3366FF",
    "33CCCC", "99CC00", "FFCC00", "FF9900", "FF6600", "666699", "969696", "003366", "339966", "003300", "333300",
    "993300", "993366", "333399", "333333",
)  # fmt: skip
"""The colours that have a number, unless the workbook says others; 64 and 65 are those of writing and paper."""
_NAMES = {
    "black": BLACK, "white": WHITE, "red": "FF0000", "green": "00FF00", "blue": "0000FF", "yellow": "FFFF00",
    "magenta": "FF00FF", "cyan": "00FFFF", "黑": BLACK, "白": WHITE, "红": "FF0000", "绿": "00FF00", "蓝": "0000FF",
    "黄": "FFFF00", "洋红": "FF00FF", "蓝绿": "00FFFF", "青": "00FFFF",
}  # fmt: skip
_NUMBERED = re.compile(r"(?:color|颜色) *([0-9]{1,2})", re.I)


class ColourPalette(NamedTuple):
    """What the numbers of colours mean in one workbook."""

    indexed: tuple[str, ...] = INDEXED
    theme: tuple[str, ...] = (WHITE, BLACK)

    def resolved(self, colour: str) -> str:
        """A colour as six digits, where that can be told."""
        kind, _, rest = colour.partition(" ")
        text, _, tint = rest.partition(" ")
        if kind in ("indexed", "theme"):
            number = parse_cell_number(text)
            known = (*self.indexed, BLACK, WHITE) if kind == "indexed" else self.theme
            kind = known[number] if number is not None and number < len(known) else f"{kind} {text}"
        else:
            tint = rest
        return _tinted(kind, parse_number(tint, 0)) if tint else kind


def resolve_colour(attributes: Attributes) -> str:
    """A colour as the file says it: six digits, or the number it has in palette or theme; then how much lighter."""
    colour = ""
    if "rgb" in attributes:
        colour = attributes["rgb"].strip()[-6:].upper()
    elif "indexed" in attributes:
        colour = f"indexed {attributes['indexed'].strip()}"
    elif "theme" in attributes:
        colour = f"theme {attributes['theme'].strip()}"
    tint = parse_number(attributes.get("tint", ""), 0)
    return f"{colour} {tint}" if colour and tint else colour


def get_named_colour(name: str) -> str:
    """The colour that a number format names in brackets; blank where it names none."""
    if match := _NUMBERED.fullmatch(name.strip()):
        number = int(match[1])
        return INDEXED[number + 7] if 1 <= number <= 56 else ""
    return _NAMES.get(name.strip().lower(), "") or _NAMES.get(name.strip().removesuffix("色"), "")


def parse_number(text: str, otherwise: float) -> float:
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


def are_alike(one: str, other: str) -> bool:
    """Whether nobody sees one colour on the other."""
    pair = _parts(one), _parts(other)
    if pair[0] is None or pair[1] is None:
        return one == other
    apart = [a - b for a, b in zip(pair[0], pair[1], strict=True)]
    brightness = sum(part * weight for part, weight in zip(apart, _WEIGHTS, strict=True))
    return max(map(abs, apart)) <= NEAR and abs(brightness) <= BRIGHT


def is_invisible(colour: str, grounds: Iterable[str]) -> bool:
    """Whether writing of that colour is seen on none of the colours behind it; blank is what programs write in."""
    return all(are_alike(colour or BLACK, ground) for ground in grounds)


def is_faint(colour: str, grounds: tuple[str, ...]) -> bool:
    """Whether it hangs on the program, or on the place, if that writing is seen."""
    if not colour:
        return is_invisible(BLACK, grounds)  # some programs then write in white
    parts = _parts(colour)
    light = parts is not None and sum(part * weight for part, weight in zip(parts, _WEIGHTS, strict=True)) >= LIGHT
    return light and len(grounds) > 1 and any(are_alike(colour, ground) for ground in grounds)
