"""Digits printed with no gap between cells, cut into one figure per cell in every way that they can be. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from workbook.documents.reading.document_blocks import TableCell
from workbook.documents.reading.label_entries import LabelEntry, is_figure
from workbook.model.form import Cell
from workbook.model.numbers import UNITS, Number, Unit, parse_figure
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
"""What follows the digits of a cell: the unit of `12件`, the note of `3（含1件）`."""
_MARKS = frozenset(messages.texts("marks"))
_FIGURE = re.compile(r"(-?)(0|[1-9][0-9]*)(\.[0-9]+)?")
"""A figure as it is printed by itself: sign, integer part, decimals."""


def list_splits(texts: Sequence[str], cells: Sequence[Cell], sums: Sequence[Weights]) -> tuple[Way, ...]:
    """Every way to cut texts into one figure per cell, a blank always parting two; none where they are too many."""
    cutter = _Cutter(texts, cells)
    total = cutter.count((0, 0, 0))
    if not total or (total > MOST_WAYS and not sums):
        return ()
    if total > MOST_WAYS:
        for weights in sums:
            cutter.checks.setdefault(max(n for n, _ in weights), []).append(weights)
    found = tuple(dict.fromkeys(cutter.list_ways((), 0, 0)))
    return () if cutter.checks and (cutter.steps > MOST_STEPS or len(found) > MOST_WAYS) else found


class _Cutter:
    """One row of digits; how many ways lead on from each point is counted once."""

    def __init__(self, texts: Sequence[str], cells: Sequence[Cell]) -> None:
        self.texts, self.cells = texts, cells
        self.checks: dict[int, list[Weights]] = {}
        """The equations that a way must keep, by the last cell that they need."""
        self.steps = 0
        self.count = cache(self._count)
        self._list_pieces = cache(self._find_pieces)

    def _count(self, point: Point) -> int:
        """How many ways there are from a point on."""
        text, _, cell = point
        if text == len(self.texts) or cell == len(self.cells):
            return int(text == len(self.texts) and cell == len(self.cells))
        if len(self.cells) - cell < len(self.texts) - text:
            return 0
        return sum(self.count(after) for _, after in self._cut_piece(point))

    def list_ways(self, done: Way, text: int, at: int) -> Iterator[Way]:
        """Each of them, those alone that keep the equations asked for."""
        if text == len(self.texts):
            yield done
            return
        for piece, (text_after, at_after, _) in self._list_pieces((text, at, len(done))):
            self.steps += 1
            if self.steps > MOST_STEPS and self.checks:
                return
            longer = (*done, piece)
            checks = self.checks.get(len(done), ())
            if all(sum_is_within(longer, self.cells, weights) for weights in checks):
                yield from self.list_ways(longer, text_after, at_after)

    def _find_pieces(self, point: Point) -> list[tuple[str, Point]]:
        """The pieces from a point on by which the rest can be cut, too, and where each leads."""
        return [one for one in self._cut_piece(point) if self.count(one[1])]

    def _cut_piece(self, point: Point) -> Iterator[tuple[str, Point]]:
        text, at, cell = point
        characters = self.texts[text]
        signed, scaled = self.cells[cell].signed, self.cells[cell].unit.scale > 1
        for end in range(at + 1, len(characters) + 1):
            piece = characters[at:end]
            mark = piece == characters and piece in _MARKS  # beside digits a dash is a minus sign
            if mark or _is_figure_of(piece, signed, scaled):
                yield piece, (text + 1, 0, cell + 1) if end == len(characters) else (text, end, cell + 1)
            elif len(piece) > 1 and piece[0] == "0" and piece[1].isdigit():
                return


def sum_is_within(way: Way, cells: Sequence[Cell], weights: Weights, rest: tuple[Number, Number] = (0, 0)) -> bool:
    """Whether the weighted figures of a way can come to nothing with a rest of so much at the least and the most.

    A figure that is missing may be anything.
    """
    total: Number = 0
    for n, weight in weights:
        value = _parse(way[n], cells[n].unit)
        if value is None:
            return True
        total += weight * value
    return rest[0] <= -total <= rest[1]


def parse_split_figure(text: str | None, cell: Cell) -> Number | None:
    """The figure a text states in a cell (base units); None where it states none."""
    return _parse(text, cell.unit)


@lru_cache(16384)
def _parse(text: str | None, unit: Unit) -> Number | None:
    if text is not None and text.isascii() and text.isdecimal() and len(text) < 30 and unit.scale == 1:
        return int(text)
    value = parse_figure(text, unit).value
    return None if value is None or isinstance(value, str) else value


def is_whole_figure(text: str, cell: Cell) -> bool:
    """Whether a text may be the figure of a cell: no zero in front, minus sign and point where they may be."""
    return _is_figure_of(text, cell.signed, cell.unit.scale > 1)


@lru_cache(4096)
def _is_figure_of(text: str, signed: bool, scaled: bool) -> bool:
    bare = TAIL.sub("", text).replace("−", "-").replace("－", "-").replace("，", "").replace(",", "")
    match = _FIGURE.fullmatch(bare)
    if match is None or (match[1] and (not signed or match[2] == "0")):
        return False
    return match[3] is None or scaled


# The figures beside one label, laid over the cells of its row: the one way they can lie, or every way


MOST_DIGITS = 60

_CLEAN = re.compile(r"[-−－]?(?:0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:[,，][0-9]{3})+)(?:\.[0-9]+)?")
"""One figure as it is printed: `0`, `-12`, `1,234`, `3.5`; not `007`."""


class FigureAssignment(NamedTuple):
    """How the figures of one entry lie over the cells of a row.

    `ways` are all that the document allows; none where it does not say. `glued` says that digits had to be split or
    that blanks left a doubt; `places` where each cell's figure is; `extra` figures that lie outside every way;
    `doubtful` the columns whose cell is merged with others.
    """

    ways: tuple[Way, ...]
    glued: bool
    places: tuple[TableCell, ...]
    extra: tuple[TableCell, ...] = ()
    doubtful: frozenset[int] = frozenset()


def assign_figures(
    entry: LabelEntry, cells: Sequence[Cell], columns: Sequence[int] | None, sums: Sequence[Weights] = ()
) -> FigureAssignment:
    """Lay an entry's figures over the cells; `columns` says which columns of the document's table these are.

    `sums` are the equations within the row, asked only where digits can be cut in too many ways.
    """
    if not entry.cut:
        return _place_pieces(entry.values, cells, sums)
    if columns is not None and entry.grid >= 0 and len(columns) == len(cells):
        placed = _place_by_column(entry.values, columns)
        if placed is not None:
            return placed
    return _place_by_number(entry.values, cells, sums)


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


def _place_by_column(values: Sequence[TableCell], columns: Sequence[int]) -> FigureAssignment | None:
    """Cell by cell under the columns known; None where a figure is in none of them but a cell is left blank."""
    at = {value.column: value for value in values}
    way = [at[column].text.strip() or None if column in at else None for column in columns]
    outside = tuple(value for value in values if value.text.strip() and value.column not in columns)
    if any(is_figure(value.text) for value in outside) and None in way:
        return None
    if any(text is not None and not _is_single(text) for text in way):
        return None
    doubtful: set[int] = set()
    covered: set[int] = set()
    for value in values:
        spanned = [n for n, column in enumerate(columns) if value.column <= column < value.column + value.columns]
        covered.update(spanned)
        if len(spanned) > 1:  # one figure over several columns
            doubtful.update(spanned)
        elif value.rows > 1 and value.column in columns:
            doubtful.add(columns.index(value.column))
    if len(covered) < len(columns):
        doubtful = set(range(len(columns)))  # a row with too few cells: which one is missing is unknown
    places = tuple(at.get(column, values[0]) for column in columns)
    return FigureAssignment((tuple(way),), False, places, outside, frozenset(doubtful))


def _is_single(text: str) -> bool:
    """Whether a cell of a table holds one figure, or words that are its own."""
    if is_single_figure(text) or not re.search(r"[0-9]", text):
        return True
    return not isinstance(parse_figure(text, _COUNT).value, str) or not _LOOSE.fullmatch(text)


_COUNT = UNITS["件"]
_LOOSE = re.compile(r"[0-9０-９\s.,，\-−－]+")
"""Digits and what may be between them, and no word: `12 3`, `1-2`."""


def _place_by_number(values: Sequence[TableCell], cells: Sequence[Cell], sums: Sequence[Weights]) -> FigureAssignment:
    """By number alone: as many cells as the row has, blank ones at the ends apart."""
    count = len(cells)
    filled = [n for n, value in enumerate(values) if value.text.strip()]
    printed = [values[n] for n in filled]
    if len(printed) == 1 and count > 1 and not is_single_figure(printed[0].text):
        return _place_pieces([printed[0]._replace(text=part) for part in printed[0].text.split()], cells, sums)
    if any(not _is_single(value.text.strip()) for value in printed):
        return FigureAssignment((), True, tuple(printed))
    first, last = (filled[0], filled[-1]) if filled else (0, len(values) - 1)
    core = tuple(values[first : last + 1])
    if len(printed) == count == len(core):
        return FigureAssignment((_way_of(core),), False, core)
    if len(values) == count:
        return FigureAssignment((_way_of(values),), False, tuple(values))
    if len(core) > count:
        return _list_windows(core, count)
    if len(values) < count or len(printed) == count:
        return FigureAssignment((), True, core)
    # blank cells at the ends: the row may begin at each of them
    starts = range(max(0, last + 1 - count), min(first, len(values) - count) + 1)
    ways = tuple(dict.fromkeys(_way_of(values[start : start + count]) for start in starts))
    return FigureAssignment(ways, True, core)


def _way_of(values: Sequence[TableCell]) -> Way:
    return tuple(value.text.strip() or None for value in values)


def _list_windows(values: Sequence[TableCell], count: int) -> FigureAssignment:
    """More figures than cells: every stretch of the right length may be the row."""
    starts = range(len(values) - count + 1)
    ways = tuple(dict.fromkeys(_way_of(values[start : start + count]) for start in starts))
    if any(None in way for way in ways):
        return FigureAssignment((), True, tuple(values), tuple(values))
    return FigureAssignment(ways, len(ways) > 1, tuple(values[:count]), tuple(values[count:]))


# digits run together ------------------------------------------------------------------------------------------------


def _place_pieces(values: Sequence[TableCell], cells: Sequence[Cell], sums: Sequence[Weights]) -> FigureAssignment:
    """Plain text: blanks part cells, but not every two cells have one between them."""
    count = len(cells)
    texts = [v.text.strip() for v in values]
    if len(values) == count and all(is_single_figure(text) for text in texts):
        return FigureAssignment((tuple(texts),), False, tuple(values))
    if len(values) > count:
        if all(is_single_figure(text) for text in texts):
            return _list_windows(values, count)
        return FigureAssignment((), True, tuple(values))
    if sum(len(text) for text in texts) > MOST_DIGITS:
        return FigureAssignment((), True, tuple(values))
    return FigureAssignment(list_splits(texts, cells, sums), True, tuple(values[:1]) * count)
