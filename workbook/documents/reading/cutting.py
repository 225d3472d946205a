"""Digits printed with no gap between cells, cut into one figure per cell in every way that they can be. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from workbook.form import Cell
from workbook.numbers import Number, read
from workbook.safety.messages import load_messages

messages = load_messages("workbook.documents.reading")

MOST_WAYS = 20_000
"""How many ways to cut are looked at; of more, only those that keep the row's sums."""
MOST_STEPS = 200_000
"""How many pieces are tried for those."""

Way = tuple[str | None, ...]
"""One text per cell of the row; None where the cell is blank."""
Point = tuple[int, int, int]
"""Which text is at its which sign, when the figure of which cell begins."""
Weights = tuple[tuple[int, int], ...]
"""One equation within a row: place of a cell, and how often it counts; the whole must come to 0."""

TAIL = re.compile(r"(?<=[0-9])[^0-9.,，\-−－].*$", re.DOTALL)
"""What stands behind the digits of a cell: a unit, a note."""
_MARKS = frozenset(messages.texts("marks"))
_PART = re.compile(r"(-?)(0|[1-9][0-9]*)(\.[0-9]+)?")


def ways(texts: Sequence[str], cells: Sequence[Cell], sums: Sequence[Weights]) -> tuple[Way, ...]:
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
        """How many ways there are from a sign of a text on, for the cells from `cell` on."""
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
        """The pieces from a sign of a text on by which the rest can be cut, too, and where each leads."""
        key = text, at, cell
        if key not in self._leads:
            self._leads[key] = [one for one in self._next(*key) if self.count(*one[1])]
        return self._leads[key]

    def _next(self, text: int, at: int, cell: int) -> Iterator[tuple[str, Point]]:
        signs = self.texts[text]
        for end in range(at + 1, len(signs) + 1):
            piece = signs[at:end]
            mark = piece == signs and piece in _MARKS  # beside digits a dash is a minus sign
            if mark or self._may_be(piece, self.cells[cell]):
                yield piece, (text + 1, 0, cell + 1) if end == len(signs) else (text, end, cell + 1)
            elif len(piece) > 1 and piece[0] == "0" and piece[1].isdigit():
                return
        return

    def _may_be(self, piece: str, cell: Cell) -> bool:
        key = piece, cell.signed, cell.unit.scale > 1
        if key not in self._whole:
            self._whole[key] = whole(piece, cell)
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
            self._figures[text, cell] = number(text, self.cells[cell])
        return self._figures[text, cell]


def number(text: str | None, cell: Cell) -> Number | None:
    """The figure a text states in a cell (base units); None where it states none."""
    if text is not None and text.isascii() and text.isdecimal() and len(text) < 30 and cell.unit.scale == 1:
        return int(text)
    value = read(text, cell.unit).value
    return None if value is None or isinstance(value, str) else value


def whole(text: str, cell: Cell) -> bool:
    """Whether a text may be the figure of a cell: no zero in front, minus sign and point where they may be."""
    bare = TAIL.sub("", text).replace("−", "-").replace("－", "-").replace("，", "").replace(",", "")
    match = _PART.fullmatch(bare)
    if match is None or (match[1] and (not cell.signed or match[2] == "0")):
        return False
    return match[3] is None or cell.unit.scale > 1
