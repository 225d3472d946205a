"""How the cells of a workbook are shown, as far as it can differ from what they hold: what both readers know of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from workbook.grid import Area, parse_range
from workbook.reading.book import PAPER, Dressing, Ink, Look, Run
from workbook.reading.colours import Palette, colour_of, faint, real, unseen
from workbook.reading.common import Attributes, number_of

TINY: Final = 4.0
"""Writing of fewer points nobody reads."""
UNKNOWN: Final = Look(doubt="unknown")
"""The look of a cell of which the file does not say how it looks."""
USUAL: Final = Palette()
_NONE: Final[frozenset[str]] = frozenset()


class Pen(NamedTuple):
    """A font, as far as it matters: its marks, and its colour (blank where it is the usual one)."""

    marks: frozenset[str] = _NONE
    colour: str = ""

    def on(self, grounds: tuple[str, ...]) -> frozenset[str]:
        """The marks of writing with it on ground of these colours, on which its own may not be seen."""
        return self.marks | {"hidden"} if self.colour and unseen(self.colour, grounds) else self.marks


class Written(NamedTuple):
    """A stretch of text as it is written; `pen` is None where it is the cell's own."""

    text: str
    pen: Pen | None = None


class Style(NamedTuple):
    """One style of cells: number format (blank where it shows what is there), font, and the colours behind it.

    `known` is False where the file does not say what it is, or programs take it in two ways.
    """

    format: str = ""
    pen: Pen = Pen()
    grounds: tuple[str, ...] = (PAPER,)
    known: bool = True

    @property
    def look(self) -> Look | None:
        """How it shows cells; None where as they are."""
        marks = self.pen.on(self.grounds)
        return self.showing(marks) if self.format or marks or self.doubt else None

    def showing(self, marks: frozenset[str] = _NONE, runs: tuple[Run, ...] = ()) -> Look:
        """How it shows a cell whose writing stands so."""
        return Look(self.format, marks, runs, self.doubt, self.grounds[0])

    @property
    def doubt(self) -> str:
        """Why nobody can tell what is seen."""
        if not self.known:
            return "unknown"
        return "faint" if faint(self.pen.colour, self.grounds) and not self.pen.on(self.grounds) else ""


@dataclass(frozen=True, slots=True)
class Styles:
    """The styles of one workbook by number, and the formats that a condition may put over them.

    `looks` says of each number, as programs spell it, how cells are shown (None where as they are); `plain` are those
    of the latter. `dressings` are the conditional formats by number, None where they show nothing otherwise. Where
    there is no part of styles, or it is not `read`, `said` is False.
    """

    all: tuple[Style, ...] = (Style(),)
    looks: Mapping[str, Look | None] = field(default_factory=dict)
    dressings: tuple[Dressing | None, ...] = ()
    plain: frozenset[bytes] = frozenset((b"0",))
    palette: Palette = USUAL
    read: bool = True
    said: bool = False

    def look(self, number: str | None, written: Sequence[Written] = ()) -> Look | None:
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
        runs = [Run(one.text, pen.on(style.grounds)) for one, pen in zip(written, pens, strict=True) if one.text]
        if any(run.marks for run in runs if run.text.strip()):
            return style.showing(runs=tuple(runs))
        return style.showing() if style.format or not style.known else None

    def ink(self, number: str | None) -> Ink:
        """The colours of a cell of that style."""
        style = self._style(number)
        return Ink(style.pen.colour, style.grounds)

    def dressing(self, number: str) -> Dressing | None:
        """The conditional format of that number, for nowhere yet; None where it shows nothing otherwise."""
        at = number_of(number)
        if at is None or at >= len(self.dressings):
            return Dressing((), UNKNOWN) if self.said else None
        return self.dressings[at]

    def scale(self, colours: Iterable[Attributes]) -> Dressing:
        """The conditional format that lays one of these colours, or one between them, behind a cell."""
        return Dressing((), Look(), Ink("", tuple(self.palette.resolved(colour_of(one)) for one in colours)))

    def _resolved(self, pen: Pen) -> Pen:
        return pen._replace(colour=self.palette.resolved(pen.colour))

    def _style(self, number: str | None) -> Style:
        at = 0 if number is None else number_of(number)
        if at is None or at >= len(self.all):
            return Style(known=not self.said)
        return self.all[at]


VALUELESS = Dressing((), Look(marks=frozenset(("hidden",))))
"""A conditional format that shows a bar or a sign instead of the figure."""


def mark_of(name: str, attributes: Attributes) -> tuple[str, str]:
    """The mark that one property of a font puts on writing, and the colour it gives it; blank where none."""
    value = attributes.get("val", "").strip()
    if name in ("strike", "dstrike"):
        return ("" if value in ("0", "false") else "struck"), ""
    if name == "vertAlign":
        return {"superscript": "raised", "subscript": "lowered"}.get(value, ""), ""
    if name == "sz":
        return ("hidden" if real(value, TINY) < TINY else ""), ""
    if name == "vanish":
        return ("" if value in ("0", "false") else "hidden"), ""
    return "", colour_of(attributes) if name == "color" else ""


EVERYWHERE: Area = (0, 0, 1 << 20, 1 << 14)


def spots(pieces: Iterable[str]) -> tuple[Area, ...]:
    """Where a conditional format holds; everywhere, as far as it is not said cell by cell."""
    found = [parse_range(piece) for piece in pieces]
    return tuple(EVERYWHERE if area is None else area[1:] for area in found)


def pen_of(properties: Iterable[tuple[str, Attributes]]) -> Pen:
    """The font that the properties of a run describe."""
    said = [mark_of(name, attributes) for name, attributes in properties]
    return Pen(frozenset(mark for mark, _ in said) - {""}, next((colour for _, colour in reversed(said) if colour), ""))
