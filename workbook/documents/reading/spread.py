"""The figures beside one label, laid over the cells of its row: the one way they can lie, or every way. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from workbook.documents.reading.cutting import TAIL, Way, Weights, ways
from workbook.documents.reading.entries import Entry, figure
from workbook.documents.reading.strips import Piece
from workbook.form import Cell
from workbook.numbers import UNITS, read

MOST_DIGITS = 60

_CLEAN = re.compile(r"[-−－]?(?:0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:[,，][0-9]{3})+)(?:\.[0-9]+)?")


class Spread(NamedTuple):
    """How the figures of one entry lie over the cells of a row.

    `ways` are all that the document allows; none where it does not say. `glued` says that digits had to be split or
    that blanks left a doubt; `places` where each cell's figure stands; `extra` figures that lie outside every way;
    `doubtful` the columns whose cell is merged with others.
    """

    ways: tuple[Way, ...]
    glued: bool
    places: tuple[Piece, ...]
    extra: tuple[Piece, ...] = ()
    doubtful: frozenset[int] = frozenset()


def spread(entry: Entry, cells: Sequence[Cell], columns: Sequence[int] | None, sums: Sequence[Weights] = ()) -> Spread:
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


def tight(entry: Entry, count: int) -> bool:
    """Whether an entry has just so many figures, each by itself."""
    values = [v for v in entry.values if v.text.strip()]
    return len(values) == count and all(clean(v.text) for v in values)


def clean(text: str) -> bool:
    """Whether a text is one figure and no two run together."""
    bare = TAIL.sub("", text.strip())
    if _CLEAN.fullmatch(bare):
        return True
    return figure(text) and not re.search(r"[0-9０-９]", bare)


def _placed(values: Sequence[Piece], columns: Sequence[int]) -> Spread | None:
    """Cell by cell under the columns known; None where a figure stands in none of them but a cell is left blank."""
    at = {value.column: value for value in values}
    way = [at[c].text.strip() or None if c in at else None for c in columns]
    outside = tuple(v for v in values if v.text.strip() and v.column not in columns)
    if any(figure(v.text) for v in outside) and None in way:
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
        doubtful = set(range(len(columns)))  # a row with too few cells: nobody knows which is lacking
    places = tuple(at.get(c, values[0]) for c in columns)
    return Spread((tuple(way),), False, places, outside, frozenset(doubtful))


def _single(text: str) -> bool:
    """Whether a cell of a table holds one figure, or words that are its own."""
    if clean(text) or not re.search(r"[0-9]", text):
        return True
    return not isinstance(read(text, _COUNT).value, str) or not _LOOSE.fullmatch(text)


_COUNT = UNITS["件"]
_LOOSE = re.compile(r"[0-9０-９\s.,，\-−－]+")


def _counted(values: Sequence[Piece], cells: Sequence[Cell], sums: Sequence[Weights]) -> Spread:
    """By number alone: as many cells as the row has, blank ones at the ends apart."""
    count = len(cells)
    some = list(values)
    said = [v for v in some if v.text.strip()]
    if len(said) == 1 and count > 1 and not clean(said[0].text):
        return _pieces([_pieced(said[0], part) for part in said[0].text.split()], cells, sums)
    if any(not _single(v.text.strip()) for v in said):
        return Spread((), True, tuple(said))
    first = next((n for n, v in enumerate(some) if v.text.strip()), 0)
    last = next((n for n in range(len(some) - 1, -1, -1) if some[n].text.strip()), len(some) - 1)
    core = some[first : last + 1]
    if len(said) == count == len(core):
        return Spread((_way(core),), False, tuple(core))
    if len(some) == count:
        return Spread((_way(some),), False, tuple(some))
    if len(core) > count:
        return _windows(core, count)
    lows = range(max(0, last + 1 - count), min(first, len(some) - count) + 1)
    ways = tuple(dict.fromkeys(_way(some[low : low + count]) for low in lows)) if len(some) > count else ()
    return Spread(ways if len(said) < count else (), True, tuple(core))


def _pieced(piece: Piece, text: str) -> Piece:
    return piece._replace(text=text)


def _way(values: Sequence[Piece]) -> Way:
    return tuple(v.text.strip() or None for v in values)


def _windows(values: Sequence[Piece], count: int) -> Spread:
    """More figures than cells: every stretch of the right length may be the row."""
    starts = range(len(values) - count + 1)
    ways = tuple(dict.fromkeys(_way(values[n : n + count]) for n in starts))
    if any(None in way for way in ways):
        return Spread((), True, tuple(values), tuple(values))
    return Spread(ways, len(ways) > 1, tuple(values[:count]), tuple(values[count:]))


# digits run together ------------------------------------------------------------------------------------------------


def _pieces(values: Sequence[Piece], cells: Sequence[Cell], sums: Sequence[Weights]) -> Spread:
    """Plain text: blanks part cells, but not every two cells have one between them."""
    count = len(cells)
    texts = [v.text.strip() for v in values]
    if len(values) == count and all(clean(text) for text in texts):
        return Spread((tuple(texts),), False, tuple(values))
    if len(values) > count:
        if all(clean(text) for text in texts):
            return _windows(values, count)
        return Spread((), True, tuple(values))
    if sum(len(text) for text in texts) > MOST_DIGITS:
        return Spread((), True, tuple(values))
    return Spread(ways(texts, cells, sums), True, tuple(values[:1]) * count)
