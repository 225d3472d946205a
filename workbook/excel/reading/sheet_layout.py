"""The known layout of one sheet: what each of its cells is there for, and which may be filled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from workbook.excel.reading.label_index import (
    LONGEST,
    LabelIndex,
    fold_label,
    list_spellings,
    list_unnumbered_spellings,
)
from workbook.excel.reading.sheet_scan import Piece, SplitSheet, is_well_formed, plain_head, read_text, same_gaps
from workbook.excel.reading.workbook_contents import Cell, Sheet
from workbook.model.form import Form
from workbook.safety.messages import load_messages

WAYS = 4
"""So many ways to be filled are remembered of a sheet."""


class LayoutDiffers(Exception):
    """Something was typed, or laid out, that only the full reader can judge."""


class LayoutTotal(NamedTuple):
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


class PickedCells:
    """Some cells of a sheet, by position, and what each of them means."""

    __slots__ = ("at", "means", "of")

    def __init__(self, cells: Sequence[tuple[int, Any]] = ()) -> None:
        self.at = tuple(n for n, _ in cells)
        self.means = [meaning for _, meaning in cells]
        self.of = build_picker(self.at)
        """These cells' part of any piece."""


def build_picker(at: Sequence[Any]) -> Callable[[Any], Sequence[Any]]:
    """Picks those, by position or key."""
    if len(at) > 1:
        return itemgetter(*at)
    return (lambda pieces: (pieces[at[0]],)) if at else (lambda _: ())


class UnchangedTexts:
    """The texts of a sheet that stay as issued, compared as they are spelled; the way they are numbered is kept."""

    def __init__(self, picked: PickedCells) -> None:
        self.picked = picked
        self._at: Sequence[Piece] = ()
        self._of, self._means = build_picker(()), list[bytes]()

    def same(self, values: Pieces, strings: Sequence[bytes]) -> bool:
        """Whether these cells still hold those texts."""
        at = self.picked.of(values)
        if at != self._at:
            if not all(map(bytes.isdigit, at)):
                raise LayoutDiffers
            means = dict(zip(map(int, at), self.picked.means, strict=True))
            if [strings[int(n)] for n in at] != self.picked.means:
                return False
            self._at, self._of, self._means = at, build_picker(tuple(means)), list(means.values())
        return list(self._of(strings)) == self._means


class FilledCells(NamedTuple):
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


class ScannedCells(NamedTuple):
    """The cells of a sheet: in which way they are filled, and their values."""

    way: FilledCells
    values: Pieces


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """One sheet of the make: how it is laid out, and what each of its cells is there for.

    `texts` are typed cells of the author's words, `others` any other cell that stays as issued: numbers, blanks,
    errors; `formulas` are those that are no totals. `figures`, `before` hold figures of this year and last, by index in
    the form; `totals` formulas that add; `said` words of the cover by field; `lines` paragraphs; `reasons` what is
    given on the check sheet. `tables` says whether tables of the form stand on it; `known` are its words, folded.
    """

    plain: SplitSheet
    root: bytes
    met: list[FilledCells]
    """The ways it was met to be filled, the last first."""
    texts: UnchangedTexts
    others: PickedCells
    formulas: PickedCells
    figures: PickedCells
    before: PickedCells
    totals: tuple[LayoutTotal, ...]
    said: PickedCells
    lines: PickedCells
    reasons: PickedCells
    tables: bool
    known: frozenset[str]


def scan_sheet_cells(laid: SheetLayout, plain: SplitSheet, styles: frozenset[bytes]) -> ScannedCells:
    """The cells of a sheet; NotAlike where it differs in anything but their values, and in which of them are filled.

    `styles` are those that show what is there, by number.
    """
    if plain.tail != laid.plain.tail or (plain.head != laid.plain.head and plain_head(plain.head) != laid.root):
        raise LayoutDiffers
    gaps, stored = plain.stored
    if not is_well_formed(b"\n".join(stored)):
        raise LayoutDiffers
    way = next((way for way in laid.met if way.plain == styles and way.gaps == gaps), None)
    if way is None:
        _compare(laid, plain)
        check_visible(plain, styles, (laid.figures, laid.before, laid.said, laid.lines), laid.totals)
        way = describe_fill(plain, laid.formulas.at, styles)
    if not laid.met or laid.met[0] is not way:
        laid.met[:] = [way, *(other for other in laid.met if other is not way)][:WAYS]
    return ScannedCells(way, way.spread([*stored, None]))


def _compare(laid: SheetLayout, plain: SplitSheet) -> None:
    """Refuse a sheet with other cells, formulas or rows, or with cells of kinds that are not expected."""
    one, was = plain.cells, laid.plain.cells
    if one.refs != was.refs or one.formulas != was.formulas:
        raise LayoutDiffers
    if not same_gaps(one.gaps, was.gaps, x14ac=b" xmlns:x14ac=" in laid.root):
        raise LayoutDiffers
    totals = build_picker([total.at for total in laid.totals])(one.kinds)
    if not {*laid.formulas.of(one.kinds), *totals} <= RESULT:
        raise LayoutDiffers
    if set(laid.texts.picked.of(one.kinds)) - {b"s"} or laid.others.of(one.kinds) != laid.others.of(was.kinds):
        raise LayoutDiffers
    if not {*laid.figures.of(one.kinds), *laid.before.of(one.kinds)} <= NUMBER:
        raise LayoutDiffers


def check_visible(
    plain: SplitSheet, styles: frozenset[bytes], some: Sequence[PickedCells], totals: Sequence[LayoutTotal]
) -> None:
    """Refuse a sheet on which a cell that is read, or a total, may be shown otherwise than it is."""
    one = plain.cells
    met = {style for picked in some for style in picked.of(one.styles)} | {one.styles[total.at] for total in totals}
    if not {style or b"0" for style in met} <= styles:
        raise LayoutDiffers


def describe_fill(plain: SplitSheet, formulas: Sequence[int], styles: frozenset[bytes]) -> FilledCells:
    """The way a sheet is filled; `formulas` are those that are no totals, `styles` those that show what is there."""
    one = plain.cells
    gaps, stored = plain.stored
    full = [n for n, value in enumerate(one.values) if value is not None]
    if [one.values[n] for n in full] != stored:
        raise LayoutDiffers
    order = [-1] * len(one.values)
    for nth, n in enumerate(full):
        order[n] = nth
    shown = [n for n in formulas if one.values[n] is not None]
    numbers = build_picker([n for n in shown if one.kinds[n] in NUMBER])
    words = build_picker([n for n in shown if one.kinds[n] not in NUMBER])
    return FilledCells(gaps, styles, build_picker(order), one.kinds, numbers, words)


# The words a form prints, by which tables and texts are found: where an agency writes one of them, it


messages = load_messages("workbook.excel.template")

HAN = "\u5000-\u9fff"
"""Signs that no folding changes or drops."""
UNIT = 9
"""More signs than a heading states a unit in, behind its label."""
MOST = 1 << 12
"""So many results of formulas are remembered."""


class PrintedWords:
    """The words of a form and of the check sheet, folded; and the headings of its written parts."""

    def __init__(self, form: Form) -> None:
        lines = [line for table in form.tables for line in (*table.rows, *table.columns)]
        found = {text for line in lines for text in (*list_spellings(line), *list_unnumbered_spellings(line))}
        found |= {fold_label(table.title) for table in form.tables}
        found |= {
            fold_label(text)
            for text in (
                *messages.texts("checks.columns"),
                *messages.texts("checks.hidden"),
                messages.text("checks.others"),
            )
        }
        self.words = frozenset(found - {""})
        self.headings = tuple(section.label for section in form.texts)
        self._long = re.compile(f"(?:[^{HAN}]*[{HAN}]){{{max(map(len, self.words)) + UNIT}}}")
        self._foreign = not any(text.isascii() for text in self.words)
        self._harmless: set[bytes] = set()

    def met(self, text: str) -> bool:
        """Whether a text could be taken for a label, or begins like the heading of a written part."""
        if text.startswith(self.headings):
            return True
        if len(text) >= LONGEST or self._long.match(text) or (self._foreign and text.isascii()):
            return False
        return not self.words.isdisjoint(LabelIndex(Sheet("", {(0, 0): Cell(text)})).places)

    def shown(self, results: Iterable[bytes]) -> bool:
        """Whether a formula shows a text that could be taken for a label."""
        for raw in set(results) - self._harmless:
            text = read_text(raw)
            if text is None or self.met(text):
                return True
            if len(self._harmless) < MOST:
                self._harmless.add(raw)
        return False
