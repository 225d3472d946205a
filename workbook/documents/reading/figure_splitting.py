"""Digits printed with no gap between cells, cut into one figure per cell in every way that they can be. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from workbook.documents.reading.document_blocks import StripCell
from workbook.documents.reading.label_entries import LabelEntry, is_figure
from workbook.model.form import Cell
from workbook.model.numbers import UNITS, Number, parse_figure
from workbook.safety.messages import load_messages

messages = load_messages("workbook.documents.reading")

MOST_WAYS = 20_000
"""How many ways to cut are looked at; of more, only those that keep the row's sums."""
MOST_STEPS = 200_000
"""How many pieces are tried for those."""

Way = tuple[str | None, ...]
"""One text per cell of the row; None where the cell is blank."""
Point = tuple[int, int, int]
"""Where a figure may begin: number of the text, place in it, number of the cell."""
Weights = tuple[tuple[int, int], ...]
"""One equation within a row: place of a cell, and how often it counts; their sum must be 0."""

TAIL = re.compile(r"(?<=[0-9])[^0-9.,，\-−－].*$", re.DOTALL)
"""What follows the digits of a cell: a unit, a note."""
_MARKS = frozenset(messages.texts("marks"))
_PART = re.compile(r"(-?)(0|[1-9][0-9]*)(\.[0-9]+)?")


def list_splits(texts: Sequence[str], cells: Sequence[Cell], sums: Sequence[Weights]) -> tuple[Way, ...]:
    """Every way to cut texts into one figure per cell, a blank always parting two; none where they are too many."""
    cutter = _Cutter(texts, cells)
    total = cutter.count(0, 0, 0)
    if not total:
        return ()
    if total <= MOST_WAYS:
        return tuple(dict.fromkeys(cutter.all((), 0, 0)))
    if not sums:
        return ()
    cutter.checks = _checks(sums)
    found = tuple(dict.fromkeys(cutter.all((), 0, 0)))
    return found if cutter.steps <= MOST_STEPS and len(found) <= MOST_WAYS else ()


def _checks(sums: Sequence[Weights]) -> dict[int, list[Weights]]:
    """Equations by the last cell they need."""
    checks: dict[int, list[Weights]] = {}
    for weights in sums:
        checks.setdefault(max(n for n, _ in weights), []).append(weights)
    return checks


class _Cutter:
    """One row of digits; how many ways lead on from each point is counted once."""

    def __init__(self, texts: Sequence[str], cells: Sequence[Cell]) -> None:
        self.texts, self.cells = texts, cells
        self.checks: dict[int, list[Weights]] = {}
        self.steps = 0
        self._known: dict[Point, int] = {}
        self._leads: dict[Point, list[tuple[str, Point]]] = {}
        self._whole: dict[tuple[str, bool, bool], bool] = {}
        self._figures: dict[tuple[str, int], Number | None] = {}

    def count(self, text: int, at: int, cell: int) -> int:
        """How many ways there are from a character of a text on, for the cells from `cell` on."""
        if text == len(self.texts) or cell == len(self.cells):
            return int(text == len(self.texts) and cell == len(self.cells))
        if len(self.cells) - cell < len(self.texts) - text:
            return 0
        key = text, at, cell
        if key not in self._known:
            self._known[key] = sum(self.count(*after) for _, after in self._next(*key))
        return self._known[key]

    def all(self, done: Way, text: int, at: int) -> Iterator[Way]:
        """Each of them, those alone that keep the equations asked for."""
        if text == len(self.texts):
            yield done
            return
        checks = self.checks.get(len(done), ())
        for piece, (text_after, at_after, _) in self._on(text, at, len(done)):
            self.steps += 1
            if self.steps > MOST_STEPS and self.checks:
                return
            longer = (*done, piece)
            if all(self._comes_to_nothing(longer, weights) for weights in checks):
                yield from self.all(longer, text_after, at_after)

    def _on(self, text: int, at: int, cell: int) -> list[tuple[str, Point]]:
        """The pieces from a character of a text on by which the rest can be cut, too, and where each leads."""
        key = text, at, cell
        if key not in self._leads:
            self._leads[key] = [one for one in self._next(*key) if self.count(*one[1])]
        return self._leads[key]

    def _next(self, text: int, at: int, cell: int) -> Iterator[tuple[str, Point]]:
        characters = self.texts[text]
        for end in range(at + 1, len(characters) + 1):
            piece = characters[at:end]
            mark = piece == characters and piece in _MARKS  # beside digits a dash is a minus sign
            if mark or self._may_be(piece, self.cells[cell]):
                yield piece, (text + 1, 0, cell + 1) if end == len(characters) else (text, end, cell + 1)
            elif len(piece) > 1 and piece[0] == "0" and piece[1].isdigit():
                return
        return

    def _may_be(self, piece: str, cell: Cell) -> bool:
        key = piece, cell.signed, cell.unit.scale > 1
        if key not in self._whole:
            self._whole[key] = is_whole_figure(piece, cell)
        return self._whole[key]

    def _comes_to_nothing(self, way: Way, weights: Weights) -> bool:
        total: Number = 0
        for n, weight in weights:
            value = self._figure(way[n], n)
            if value is None:
                return True
            total += weight * value
        return total == 0

    def _figure(self, text: str | None, cell: int) -> Number | None:
        if text is None:
            return None
        if (text, cell) not in self._figures:
            self._figures[text, cell] = parse_split_figure(text, self.cells[cell])
        return self._figures[text, cell]


def parse_split_figure(text: str | None, cell: Cell) -> Number | None:
    """The figure a text states in a cell (base units); None where it states none."""
    if text is not None and text.isascii() and text.isdecimal() and len(text) < 30 and cell.unit.scale == 1:
        return int(text)
    value = parse_figure(text, cell.unit).value
    return None if value is None or isinstance(value, str) else value


def is_whole_figure(text: str, cell: Cell) -> bool:
    """Whether a text may be the figure of a cell: no zero in front, minus sign and point where they may be."""
    bare = TAIL.sub("", text).replace("−", "-").replace("－", "-").replace("，", "").replace(",", "")
    match = _PART.fullmatch(bare)
    if match is None or (match[1] and (not cell.signed or match[2] == "0")):
        return False
    return match[3] is None or cell.unit.scale > 1


# The figures beside one label, laid over the cells of its row: the one way they can lie, or every way


MOST_DIGITS = 60

_CLEAN = re.compile(r"[-−－]?(?:0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:[,，][0-9]{3})+)(?:\.[0-9]+)?")


class FigureAssignment(NamedTuple):
    """How the figures of one entry lie over the cells of a row.

    `ways` are all that the document allows; none where it does not say. `glued` says that digits had to be split or
    that blanks left a doubt; `places` where each cell's figure is; `extra` figures that lie outside every way;
    `doubtful` the columns whose cell is merged with others.
    """

    ways: tuple[Way, ...]
    glued: bool
    places: tuple[StripCell, ...]
    extra: tuple[StripCell, ...] = ()
    doubtful: frozenset[int] = frozenset()


def assign_figures(
    entry: LabelEntry, cells: Sequence[Cell], columns: Sequence[int] | None, sums: Sequence[Weights] = ()
) -> FigureAssignment:
    """Lay an entry's figures over the cells; `columns` says which columns of the document's table these are.

    `sums` are the equations within the row, asked only where digits can be cut in too many ways.
    """
    if not entry.cut:
        return _pieces(entry.values, cells, sums)
    if columns is not None and entry.grid >= 0 and len(columns) == len(cells):
        placed = _placed(entry.values, columns)
        if placed is not None:
            return placed
    return _counted(entry.values, cells, sums)


def fits_exactly(entry: LabelEntry, count: int) -> bool:
    """Whether an entry has just so many figures, each by itself."""
    values = [v for v in entry.values if v.text.strip()]
    return len(values) == count and all(is_single_figure(v.text) for v in values)


def is_single_figure(text: str) -> bool:
    """Whether a text is one figure and no two run together."""
    bare = TAIL.sub("", text.strip())
    if _CLEAN.fullmatch(bare):
        return True
    return is_figure(text) and not re.search(r"[0-9０-９]", bare)


def _placed(values: Sequence[StripCell], columns: Sequence[int]) -> FigureAssignment | None:
    """Cell by cell under the columns known; None where a figure is in none of them but a cell is left blank."""
    at = {value.column: value for value in values}
    way = [at[c].text.strip() or None if c in at else None for c in columns]
    outside = tuple(v for v in values if v.text.strip() and v.column not in columns)
    if any(is_figure(v.text) for v in outside) and None in way:
        return None
    if any(text is not None and not _single(text) for text in way):
        return None
    doubtful = {
        n
        for n, column in enumerate(columns)
        for v in values
        if (v.columns > 1 and v.column <= column < v.column + v.columns and any(
            c != column and v.column <= c < v.column + v.columns for c in columns
        )) or (v.column == column and v.rows > 1)
    }  # fmt: skip
    covered = {c for v in values for c in range(v.column, v.column + v.columns)}
    if not covered.issuperset(columns):
        doubtful = set(range(len(columns)))  # a row with too few cells: which one is missing is unknown
    places = tuple(at.get(c, values[0]) for c in columns)
    return FigureAssignment((tuple(way),), False, places, outside, frozenset(doubtful))


def _single(text: str) -> bool:
    """Whether a cell of a table holds one figure, or words that are its own."""
    if is_single_figure(text) or not re.search(r"[0-9]", text):
        return True
    return not isinstance(parse_figure(text, _COUNT).value, str) or not _LOOSE.fullmatch(text)


_COUNT = UNITS["件"]
_LOOSE = re.compile(r"[0-9０-９\s.,，\-−－]+")


def _counted(values: Sequence[StripCell], cells: Sequence[Cell], sums: Sequence[Weights]) -> FigureAssignment:
    """By number alone: as many cells as the row has, blank ones at the ends apart."""
    count = len(cells)
    some = list(values)
    said = [v for v in some if v.text.strip()]
    if len(said) == 1 and count > 1 and not is_single_figure(said[0].text):
        return _pieces([_pieced(said[0], part) for part in said[0].text.split()], cells, sums)
    if any(not _single(v.text.strip()) for v in said):
        return FigureAssignment((), True, tuple(said))
    first = next((n for n, v in enumerate(some) if v.text.strip()), 0)
    last = next((n for n in range(len(some) - 1, -1, -1) if some[n].text.strip()), len(some) - 1)
    core = some[first : last + 1]
    if len(said) == count == len(core):
        return FigureAssignment((_way(core),), False, tuple(core))
    if len(some) == count:
        return FigureAssignment((_way(some),), False, tuple(some))
    if len(core) > count:
        return _windows(core, count)
    lows = range(max(0, last + 1 - count), min(first, len(some) - count) + 1)
    ways = tuple(dict.fromkeys(_way(some[low : low + count]) for low in lows)) if len(some) > count else ()
    return FigureAssignment(ways if len(said) < count else (), True, tuple(core))


def _pieced(piece: StripCell, text: str) -> StripCell:
    return piece._replace(text=text)


def _way(values: Sequence[StripCell]) -> Way:
    return tuple(v.text.strip() or None for v in values)


def _windows(values: Sequence[StripCell], count: int) -> FigureAssignment:
    """More figures than cells: every stretch of the right length may be the row."""
    starts = range(len(values) - count + 1)
    ways = tuple(dict.fromkeys(_way(values[n : n + count]) for n in starts))
    if any(None in way for way in ways):
        return FigureAssignment((), True, tuple(values), tuple(values))
    return FigureAssignment(ways, len(ways) > 1, tuple(values[:count]), tuple(values[count:]))


# digits run together ------------------------------------------------------------------------------------------------


def _pieces(values: Sequence[StripCell], cells: Sequence[Cell], sums: Sequence[Weights]) -> FigureAssignment:
    """Plain text: blanks part cells, but not every two cells have one between them."""
    count = len(cells)
    texts = [v.text.strip() for v in values]
    if len(values) == count and all(is_single_figure(text) for text in texts):
        return FigureAssignment((tuple(texts),), False, tuple(values))
    if len(values) > count:
        if all(is_single_figure(text) for text in texts):
            return _windows(values, count)
        return FigureAssignment((), True, tuple(values))
    if sum(len(text) for text in texts) > MOST_DIGITS:
        return FigureAssignment((), True, tuple(values))
    return FigureAssignment(list_splits(texts, cells, sums), True, tuple(values[:1]) * count)
