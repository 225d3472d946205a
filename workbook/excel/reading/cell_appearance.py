"""How the cells of a workbook are shown, as far as it can differ from what they hold: what both readers know of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from workbook.excel.reading.cell_colours import ColourPalette, is_faint, is_invisible, parse_number, resolve_colour
from workbook.excel.reading.read_budget import Attributes, ReadBudget, parse_cell_number
from workbook.excel.reading.workbook_contents import PAPER, CellInk, CellLook, CellRun, ConditionalLook
from workbook.model.cell_address import Area, parse_range

TINY: Final = 4.0
"""Writing of fewer points nobody reads."""
UNKNOWN: Final = CellLook(doubt="unknown")
"""The look of a cell of which the file does not say how it looks."""
USUAL: Final = ColourPalette()
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

    `known` is False where the file does not say what it is, or programs take it in two ways.
    """

    format: str = ""
    pen: FontLook = FontLook()
    grounds: tuple[str, ...] = (PAPER,)
    known: bool = True

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
    palette: ColourPalette = USUAL
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
            return ConditionalLook((), UNKNOWN) if self.said else None
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


VALUELESS = ConditionalLook((), CellLook(marks=frozenset(("hidden",))))
"""A conditional format that shows a bar or a sign instead of the figure."""


def parse_font_mark(name: str, attributes: Attributes) -> tuple[str, str]:
    """The mark that one property of a font puts on writing, and the colour it gives it; blank where none."""
    value = attributes.get("val", "").strip()
    if name in ("strike", "dstrike"):
        return ("" if value in ("0", "false") else "struck"), ""
    if name == "vertAlign":
        return {"superscript": "raised", "subscript": "lowered"}.get(value, ""), ""
    if name == "sz":
        return ("hidden" if parse_number(value, TINY) < TINY else ""), ""
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
    """What was met so far; `found` are those that matter."""

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
            self._keep(VALUELESS)
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
