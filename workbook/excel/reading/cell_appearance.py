"""The colours of a workbook and how its cells are shown, as far as that can differ from what they hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from workbook.excel.reading.workbook_contents import (
    PAPER,
    Attributes,
    CellInk,
    CellLook,
    CellRun,
    ConditionalLook,
    ReadBudget,
    parse_cell_number,
)
from workbook.model.cell_address import Area, parse_range

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
        return _tinted(kind, parse_float(tint, 0)) if tint else kind


def resolve_colour(attributes: Attributes) -> str:
    """A colour as the file says it: six digits, or the number it has in palette or theme; then how much lighter."""
    colour = ""
    if "rgb" in attributes:
        colour = attributes["rgb"].strip()[-6:].upper()
    elif "indexed" in attributes:
        colour = f"indexed {attributes['indexed'].strip()}"
    elif "theme" in attributes:
        colour = f"theme {attributes['theme'].strip()}"
    tint = parse_float(attributes.get("tint", ""), 0)
    return f"{colour} {tint}" if colour and tint else colour


def get_named_colour(name: str) -> str:
    """The colour that a number format names in brackets; blank where it names none."""
    if match := _NUMBERED.fullmatch(name.strip()):
        number = int(match[1])
        return INDEXED[number + 7] if 1 <= number <= 56 else ""
    return _NAMES.get(name.strip().lower(), "") or _NAMES.get(name.strip().removesuffix("色"), "")


def parse_float(text: str, otherwise: float) -> float:
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


def are_indistinguishable(one: str, other: str) -> bool:
    """Whether nobody sees one colour on the other."""
    pair = _parts(one), _parts(other)
    if pair[0] is None or pair[1] is None:
        return one == other
    apart = [a - b for a, b in zip(pair[0], pair[1], strict=True)]
    brightness = sum(part * weight for part, weight in zip(apart, _WEIGHTS, strict=True))
    return max(map(abs, apart)) <= NEAR and abs(brightness) <= BRIGHT


def is_invisible(colour: str, grounds: Iterable[str]) -> bool:
    """Whether writing of that colour is seen on none of the colours behind it; blank is what programs write in."""
    return all(are_indistinguishable(colour or BLACK, ground) for ground in grounds)


def is_faint(colour: str, grounds: tuple[str, ...]) -> bool:
    """Whether it hangs on the program, or on the place, if that writing is seen."""
    if not colour:
        return is_invisible(BLACK, grounds)  # some programs then write in white
    parts = _parts(colour)
    light = parts is not None and sum(part * weight for part, weight in zip(parts, _WEIGHTS, strict=True)) >= LIGHT
    return light and len(grounds) > 1 and any(are_indistinguishable(colour, ground) for ground in grounds)


# How the cells of a workbook are shown, as far as it can differ from what they hold: what both reader


TINY: Final = 4.0
"""Writing of fewer points nobody reads."""
UNKNOWN_LOOK: Final = CellLook(doubt="unknown")
"""The look of a cell of which the file does not say how it looks."""
DEFAULT_PALETTE: Final = ColourPalette()
_NONE: Final[frozenset[str]] = frozenset()


class FontLook(NamedTuple):
    """A font, as far as it matters: its marks, and its colour (blank where it is the usual one)."""

    marks: frozenset[str] = _NONE
    colour: str = ""

    def on(self, grounds: tuple[str, ...]) -> frozenset[str]:
        """The marks of writing with it on ground of these colours, on which its own may not be seen."""
        return self.marks | {"hidden"} if self.colour and is_invisible(self.colour, grounds) else self.marks


class WrittenRun(NamedTuple):
    """A stretch of text as it is written; `pen` is None where it is the cell's own."""

    text: str
    pen: FontLook | None = None


class CellStyle(NamedTuple):
    """One style of cells: number format (blank where it shows what is there), font, and the colours behind it.

    `known` is False where the file does not say what it is, or programs take it in two ways; `repeated` is True where
    what the cell holds is written as often as there is room for.
    """

    format: str = ""
    pen: FontLook = FontLook()
    grounds: tuple[str, ...] = (PAPER,)
    known: bool = True
    repeated: bool = False

    @property
    def look(self) -> CellLook | None:
        """How it shows cells; None where as they are."""
        marks = self.pen.on(self.grounds)
        return self.showing(marks) if self.format or marks or self.doubt else None

    def showing(self, marks: frozenset[str] = _NONE, runs: tuple[CellRun, ...] = ()) -> CellLook:
        """How it shows a cell whose writing stands so."""
        return CellLook(self.format, marks, runs, self.doubt, self.grounds[0])

    @property
    def doubt(self) -> str:
        """Why nobody can tell what is seen."""
        if not self.known:
            return "unknown"
        if self.repeated:
            return "repeated"
        return "faint" if is_faint(self.pen.colour, self.grounds) and not self.pen.on(self.grounds) else ""


@dataclass(frozen=True, slots=True)
class CellStyles:
    """The styles of one workbook by number, and the formats that a condition may put over them.

    `looks` says of each number, as programs spell it, how cells are shown (None where as they are); `plain` are those
    of the latter. `dressings` are the conditional formats by number, None where they show nothing otherwise. Where
    there is no part of styles, or it is not `read`, `said` is False.
    """

    all: tuple[CellStyle, ...] = (CellStyle(),)
    looks: Mapping[str, CellLook | None] = field(default_factory=dict)
    dressings: tuple[ConditionalLook | None, ...] = ()
    plain: frozenset[bytes] = frozenset((b"0",))
    palette: ColourPalette = DEFAULT_PALETTE
    read: bool = True
    said: bool = False

    def look(self, number: str | None, written: Sequence[WrittenRun] = ()) -> CellLook | None:
        """How a cell of that style is shown that holds such a text; None where as it is."""
        if not written:
            try:
                return self.looks["0" if number is None else number]
            except KeyError:
                pass  # it is spelled otherwise, or there is none
        style = self._style(number)
        if not written:
            return style.look
        pens = [style.pen if one.pen is None else self._resolved(one.pen) for one in written]
        runs = [CellRun(one.text, pen.on(style.grounds)) for one, pen in zip(written, pens, strict=True) if one.text]
        if any(run.marks for run in runs if run.text.strip()):
            return style.showing(runs=tuple(runs))
        return style.showing() if style.format or not style.known else None

    def ink(self, number: str | None) -> CellInk:
        """The colours of a cell of that style."""
        style = self._style(number)
        return CellInk(style.pen.colour, style.grounds)

    def dressing(self, number: str) -> ConditionalLook | None:
        """The conditional format of that number, for nowhere yet; None where it shows nothing otherwise."""
        at = parse_cell_number(number)
        if at is None or at >= len(self.dressings):
            return ConditionalLook((), UNKNOWN_LOOK) if self.said else None
        return self.dressings[at]

    def scale(self, colours: Iterable[Attributes]) -> ConditionalLook:
        """The conditional format that lays one of these colours, or one between them, behind a cell."""
        return ConditionalLook(
            (), CellLook(), CellInk("", tuple(self.palette.resolved(resolve_colour(one)) for one in colours))
        )

    def _resolved(self, pen: FontLook) -> FontLook:
        return pen._replace(colour=self.palette.resolved(pen.colour))

    def _style(self, number: str | None) -> CellStyle:
        at = 0 if number is None else parse_cell_number(number)
        if at is None or at >= len(self.all):
            return CellStyle(known=not self.said)
        return self.all[at]


VALUE_HIDDEN = ConditionalLook((), CellLook(marks=frozenset(("hidden",))))
"""A conditional format that shows a bar or a sign instead of the figure."""


def parse_font_mark(name: str, attributes: Attributes) -> tuple[str, str]:
    """The mark that one property of a font puts on writing, and the colour it gives it; blank where none."""
    value = attributes.get("val", "").strip()
    if name in ("strike", "dstrike"):
        return ("" if value in ("0", "false") else "struck"), ""
    if name == "vertAlign":
        return {"superscript": "raised", "subscript": "lowered"}.get(value, ""), ""
    if name == "sz":
        return ("hidden" if parse_float(value, TINY) < TINY else ""), ""
    if name == "vanish":
        return ("" if value in ("0", "false") else "hidden"), ""
    return "", resolve_colour(attributes) if name == "color" else ""


EVERYWHERE: Area = (0, 0, 1 << 20, 1 << 14)


def list_format_areas(pieces: Iterable[str]) -> tuple[Area, ...]:
    """Where a conditional format holds; everywhere, as far as it is not said cell by cell."""
    found = [parse_range(piece) for piece in pieces]
    return tuple(EVERYWHERE if area is None else area[1:] for area in found)


def parse_font(properties: Iterable[tuple[str, Attributes]]) -> FontLook:
    """The font that the properties of a run describe."""
    said = [parse_font_mark(name, attributes) for name, attributes in properties]
    return FontLook(
        frozenset(mark for mark, _ in said) - {""}, next((colour for _, colour in reversed(said) if colour), "")
    )


# The conditional formats of a sheet that may show cells otherwise than they are, heard as a reader me


class ConditionalFormats:
    """The conditional formats of one sheet that may show cells otherwise than they are, collected in `found`."""

    def __init__(self, styles: CellStyles, budget: ReadBudget) -> None:
        self.found: list[ConditionalLook] = []
        self._styles, self._budget = styles, budget
        self._pieces: Sequence[str] = ()
        self._areas: tuple[Area, ...] | None = None
        self._met: set[ConditionalLook] = set()
        self._scale: list[Attributes] | None = None

    def start(self, name: str, attributes: Attributes) -> None:
        """Meet the beginning of an element outside the cells."""
        if name == "conditionalFormatting":
            self._pieces, self._areas, self._met = attributes.get("sqref", "").split(), None, set()
        elif name == "cfRule" and "dxfId" in attributes:
            self._keep(self._styles.dressing(attributes["dxfId"]))
        elif name in ("iconSet", "dataBar") and attributes.get("showValue", "").strip() in ("0", "false"):
            self._keep(VALUE_HIDDEN)
        elif name == "colorScale":
            self._scale = []
        elif name == "color" and self._scale is not None:
            self._scale.append(attributes)

    def end(self, name: str) -> None:
        """Meet the end of an element."""
        if name == "colorScale" and self._scale is not None:
            self._keep(self._styles.scale(self._scale))
            self._scale = None

    def _keep(self, dressing: ConditionalLook | None) -> None:
        """Keep it for the areas at hand: once, however many conditions lead to it."""
        if dressing is None or dressing in self._met:
            return
        self._met.add(dressing)
        self._budget.keep(1 + len(self._pieces))
        if self._areas is None:
            self._areas = list_format_areas(self._pieces)
        self.found.append(dressing._replace(areas=self._areas))
