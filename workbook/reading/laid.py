"""How one sheet of a make of workbook is laid out: what each of its cells is there for, and which may be filled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from workbook.reading.split import Piece, Plain, plain_head, same_gaps, sound

WAYS = 4
"""So many ways to be filled are remembered of a sheet."""


class NotAlike(Exception):
    """Something was typed, or laid out, that only the full reader can judge."""


class Total(NamedTuple):
    """A total: its figure and the parts it adds, by index in the form; `at` is its cell, by position in the sheet."""

    figure: int
    parts: tuple[int, ...]
    guarded: bool
    at: int


Pieces = Sequence[Piece]
"""One piece of every cell of a sheet: the kinds, or the values."""

NUMBER = frozenset((None, b"n"))
"""The kinds of a cell that holds a number, or nothing."""
RESULT = NUMBER | {b"str"}
"""The kinds of a formula's stored result: a number or a text."""


class Picked:
    """Some cells of a sheet, by position, and what each of them means."""

    __slots__ = ("at", "means", "of")

    def __init__(self, cells: Sequence[tuple[int, Any]] = ()) -> None:
        self.at = tuple(n for n, _ in cells)
        self.means = [meaning for _, meaning in cells]
        self.of = picking(self.at)
        """These cells' part of any piece."""


def picking(at: Sequence[Any]) -> Callable[[Any], Sequence[Any]]:
    """Picks those, by position or key."""
    if len(at) > 1:
        return itemgetter(*at)
    return (lambda pieces: (pieces[at[0]],)) if at else (lambda _: ())


class Unchanged:
    """The texts of a sheet that stay as issued, compared as they are spelled; the way they are numbered is kept."""

    def __init__(self, picked: Picked) -> None:
        self.picked = picked
        self._at: Sequence[Piece] = ()
        self._of, self._means = picking(()), list[bytes]()

    def same(self, values: Pieces, strings: Sequence[bytes]) -> bool:
        """Whether these cells still hold those texts."""
        at = self.picked.of(values)
        if at != self._at:
            if not all(map(bytes.isdigit, at)):
                raise NotAlike
            means = dict(zip(map(int, at), self.picked.means, strict=True))
            if [strings[int(n)] for n in at] != self.picked.means:
                return False
            self._at, self._of, self._means = at, picking(tuple(means)), list(means.values())
        return list(self._of(strings)) == self._means


class Filled(NamedTuple):
    """Which cells of a sheet hold something, and of what kind: where that is the same, sheets differ in values alone.

    `plain` has the styles, by number, that show what is there: no other was met in a cell that is read. `spread` gives
    every cell its own of the stored values, and of a last one, None, for the empty ones; `numbers`, `words` pick the
    results of formulas that are numbers, or texts.
    """

    gaps: list[bytes]
    plain: frozenset[bytes]
    spread: Callable[[Pieces], Pieces]
    kinds: Pieces
    numbers: Callable[[Pieces], Sequence[Any]]
    words: Callable[[Pieces], Sequence[Any]]


class Cells(NamedTuple):
    """The cells of a sheet: in which way they are filled, and their values."""

    way: Filled
    values: Pieces


@dataclass(frozen=True, slots=True)
class Laid:
    """One sheet of the make: how it is laid out, and what each of its cells is there for.

    `texts` are typed cells of the author's words, `others` any other cell that stays as issued: numbers, blanks,
    errors; `formulas` are those that are no totals. `figures`, `before` hold figures of this year and last, by index in
    the form; `totals` formulas that add; `said` words of the cover by field; `lines` paragraphs; `reasons` what is
    given on the check sheet. `tables` says whether tables of the form stand on it; `known` are its words, folded.
    """

    plain: Plain
    root: bytes
    met: list[Filled]
    """The ways it was met to be filled, the last first."""
    texts: Unchanged
    others: Picked
    formulas: Picked
    figures: Picked
    before: Picked
    totals: tuple[Total, ...]
    said: Picked
    lines: Picked
    reasons: Picked
    tables: bool
    known: frozenset[str]


def cells_of(laid: Laid, plain: Plain, styles: frozenset[bytes]) -> Cells:
    """The cells of a sheet; NotAlike where it differs in anything but their values, and in which of them are filled.

    `styles` are those that show what is there, by number.
    """
    if plain.tail != laid.plain.tail or (plain.head != laid.plain.head and plain_head(plain.head) != laid.root):
        raise NotAlike
    gaps, stored = plain.stored
    if not sound(b"\n".join(stored)):
        raise NotAlike
    way = next((way for way in laid.met if way.plain == styles and way.gaps == gaps), None)
    if way is None:
        _compare(laid, plain)
        shows(plain, styles, (laid.figures, laid.before, laid.said, laid.lines), laid.totals)
        way = filled(plain, laid.formulas.at, styles)
    if not laid.met or laid.met[0] is not way:
        laid.met[:] = [way, *(other for other in laid.met if other is not way)][:WAYS]
    return Cells(way, way.spread([*stored, None]))


def _compare(laid: Laid, plain: Plain) -> None:
    """Refuse a sheet with other cells, formulas or rows, or with cells of kinds that are not expected."""
    one, was = plain.cells, laid.plain.cells
    if one.refs != was.refs or one.formulas != was.formulas:
        raise NotAlike
    if not same_gaps(one.gaps, was.gaps, x14ac=b" xmlns:x14ac=" in laid.root):
        raise NotAlike
    totals = picking([total.at for total in laid.totals])(one.kinds)
    if not {*laid.formulas.of(one.kinds), *totals} <= RESULT:
        raise NotAlike
    if set(laid.texts.picked.of(one.kinds)) - {b"s"} or laid.others.of(one.kinds) != laid.others.of(was.kinds):
        raise NotAlike
    if not {*laid.figures.of(one.kinds), *laid.before.of(one.kinds)} <= NUMBER:
        raise NotAlike


def shows(plain: Plain, styles: frozenset[bytes], some: Sequence[Picked], totals: Sequence[Total]) -> None:
    """Refuse a sheet on which a cell that is read, or a total, may be shown otherwise than it is."""
    one = plain.cells
    met = {style for picked in some for style in picked.of(one.styles)} | {one.styles[total.at] for total in totals}
    if not {style or b"0" for style in met} <= styles:
        raise NotAlike


def filled(plain: Plain, formulas: Sequence[int], styles: frozenset[bytes]) -> Filled:
    """The way a sheet is filled; `formulas` are those that are no totals, `styles` those that show what is there."""
    one = plain.cells
    gaps, stored = plain.stored
    full = [n for n, value in enumerate(one.values) if value is not None]
    if [one.values[n] for n in full] != stored:
        raise NotAlike
    order = [-1] * len(one.values)
    for nth, n in enumerate(full):
        order[n] = nth
    shown = [n for n in formulas if one.values[n] is not None]
    numbers = picking([n for n in shown if one.kinds[n] in NUMBER])
    words = picking([n for n in shown if one.kinds[n] not in NUMBER])
    return Filled(gaps, styles, picking(order), one.kinds, numbers, words)
