"""Reads a workbook by a known layout: one that differs from a workbook read before in nothing but what was typed.

An office receives one template from all its agencies, saved by few programs. What each cell of a sheet is there for is
known from the template (`layout_builder`). A workbook is compared with the layout as its parts spell it: the same
cells, formulas and labels, the same frame around them; then only the cells in which a clerk types are read. Whatever
is otherwise, or is typed in any unusual way, is not judged here: `LayoutDiffers` leaves it to the full reader.

A sheet is compared in two steps. `SheetScan.stored` cuts it at its stored values alone; where all that is between them
was met before (`FilledCells`), the sheet has the same cells, filled in the same places. Else all its cells are cut, and
compared one by one with those of the layout (`_compare`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from workbook.excel.reading.entry_reader import find_year, read_agency, read_check_sheet
from workbook.excel.reading.label_index import WorkbookView
from workbook.excel.reading.ooxml_reader import ScannedSheet, WorkbookScan
from workbook.excel.reading.plain_xml import Piece, is_well_formed
from workbook.excel.reading.printed_words import PrintedWords
from workbook.excel.reading.sheet_part import SheetCells, SheetFrame
from workbook.excel.reading.sheet_scan import SheetScan, build_sheet
from workbook.excel.reading.workbook_contents import WorkbookContents, make_cell
from workbook.model.form import Form
from workbook.model.form_loader import load_form
from workbook.model.numbers import Number, Unit, Value, parse_figure
from workbook.model.report import Answer, Report, SharedLocations
from workbook.model.text_normalization import tidy_text
from workbook.rules.evaluation import Submission

MOST_CHARACTERS = 1_000_000
"""No report says more: the full reader will pay for every character."""
WAYS = 4
"""So many ways to be filled are remembered of a sheet."""
NUMBER = frozenset((None, b"n"))
"""The kinds of a cell that holds a number, or nothing."""
RESULT = NUMBER | {b"str"}
"""The kinds of a formula's stored result: a number or a text."""
_TYPED = NUMBER | {b"s"}
"""The kinds of a cell for words that may hold some: a clerk types a year, or a text."""
_NUMBERS = re.compile(rb"(?:(?:-?[0-9]{1,17}(?:\.[0-9]{1,17})?(?:E[+-]?[0-9]{1,2})?)?(?: |\Z))*")
"""Results of formulas with a blank between them, some empty: `12 -0.5 1.5E+20  7`."""

Pieces = Sequence[Piece]
"""One piece of every cell of a sheet: the kinds, or the values."""


class LayoutDiffers(Exception):
    """Something is laid out otherwise, or was typed, that only the full reader can judge."""


class LayoutTotal(NamedTuple):
    """A total: its figure and the parts it adds, by index in the form; `at` is its cell, by position in the sheet."""

    figure: int
    parts: tuple[int, ...]
    guarded: bool
    at: int


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
        self._at: Pieces = ()
        self._of, self._means = build_picker(()), list[bytes]()

    def are_in(self, values: Pieces, spelled: Sequence[bytes]) -> bool:
        """Whether these cells still hold those texts."""
        at = self.picked.of(values)
        if at != self._at:
            numbers = [int(value) for value in at if value is not None and value.isdigit()]
            if len(numbers) < len(at) or [spelled[n] for n in numbers] != self.picked.means:
                return False
            means = dict(zip(numbers, self.picked.means, strict=True))
            self._at, self._of, self._means = at, build_picker(tuple(means)), list(means.values())
        return list(self._of(spelled)) == self._means


class FilledCells(NamedTuple):
    """Which cells of a sheet hold something, and of what kind: where that is the same, sheets differ in values alone.

    `gaps` are what is between stored values; `prefixed` says whether the prefix x14ac, which may be in them, was
    declared. `plain` has the styles, by number, that show what is there: no other was met in a cell that is read.
    `spread` gives every cell its own of the stored values, and of a last one, None, for the empty ones; `numbers`,
    `words` pick the results of formulas that are numbers, or texts.
    """

    gaps: list[bytes]
    prefixed: bool
    plain: frozenset[bytes]
    spread: Callable[[Pieces], Pieces]
    styles: Pieces
    kinds: Pieces
    numbers: Callable[[Pieces], Sequence[Any]]
    words: Callable[[Pieces], Sequence[Any]]


class MatchedCells(NamedTuple):
    """The cells of a sheet that matches: in which way they are filled, and their values."""

    way: FilledCells
    values: Pieces


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """One sheet of a layout: which cells it has, and what each of them is there for.

    `texts` are typed cells of the author's words, `others` any other cell that stays as issued: numbers, blanks,
    errors; `formulas` are those that are no totals. `figures`, `before` hold figures of this year and last, by index in
    the form; `totals` formulas that add; `said` words of the cover by field; `lines` paragraphs; `reasons` what is
    given on the check sheet. `tables` says whether tables of the form are on it; `known` are its words, folded.
    """

    cells: SheetCells
    frame: SheetFrame
    ways: list[FilledCells]
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


def match_sheet(layout: SheetLayout, scan: SheetScan, styles: frozenset[bytes]) -> MatchedCells:
    """The cells of a sheet. LayoutDiffers where anything differs but their values, and which of them are filled.

    `styles` are those that show what is there, by number.
    """
    if scan.plain_frame != layout.frame:
        raise LayoutDiffers
    gaps, stored = scan.stored
    if not is_well_formed(b"\n".join(stored)):
        raise LayoutDiffers
    way = next((way for way in layout.ways if way[:3] == (gaps, scan.prefixed, styles)), None)
    if way is None:
        cells = _compare(layout, scan.plain_cells)
        check_visible(cells, styles, (layout.figures, layout.before, layout.said, layout.lines), layout.totals)
        way = describe_fill(cells, scan, layout.formulas.at, styles)
    if not layout.ways or layout.ways[0] is not way:
        layout.ways[:] = [way, *(other for other in layout.ways if other is not way)][:WAYS]
    return MatchedCells(way, way.spread([*stored, None]))


def _compare(layout: SheetLayout, cells: SheetCells | None) -> SheetCells:
    """Refuse a sheet with other cells or formulas, or with cells of kinds that are not expected."""
    was = layout.cells
    if cells is None or cells.refs != was.refs or cells.formulas != was.formulas:
        raise LayoutDiffers
    totals = build_picker([total.at for total in layout.totals])(cells.kinds)
    if not {*layout.formulas.of(cells.kinds), *totals} <= RESULT:
        raise LayoutDiffers
    if set(layout.texts.picked.of(cells.kinds)) - {b"s"} or layout.others.of(cells.kinds) != layout.others.of(
        was.kinds
    ):
        raise LayoutDiffers
    if not {*layout.figures.of(cells.kinds), *layout.before.of(cells.kinds)} <= NUMBER:
        raise LayoutDiffers
    return cells


def check_visible(
    cells: SheetCells, styles: frozenset[bytes], some: Sequence[PickedCells], totals: Sequence[LayoutTotal]
) -> None:
    """Refuse a sheet on which a cell that is read, or a total, may be shown otherwise than it is."""
    met = {style for picked in some for style in picked.of(cells.styles)} | {cells.styles[total.at] for total in totals}
    if not {style or b"0" for style in met} <= styles:
        raise LayoutDiffers


def describe_fill(cells: SheetCells, scan: SheetScan, formulas: Sequence[int], styles: frozenset[bytes]) -> FilledCells:
    """The way a sheet is filled; `formulas` are those that are no totals, `styles` those that show what is there."""
    gaps, stored = scan.stored
    full = [n for n, value in enumerate(cells.values) if value is not None]
    if [cells.values[n] for n in full] != stored:
        raise LayoutDiffers
    order = [-1] * len(cells.values)
    for nth, n in enumerate(full):
        order[n] = nth
    shown = [n for n in formulas if cells.values[n] is not None]
    numbers = build_picker([n for n in shown if cells.kinds[n] in NUMBER])
    words = build_picker([n for n in shown if cells.kinds[n] not in NUMBER])
    return FilledCells(gaps, scan.prefixed, styles, build_picker(order), cells.styles, cells.kinds, numbers, words)


# a workbook -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KnownLayout:
    """The layout of a workbook; `entries` are, by table without totals, its figures, and `units` those of all."""

    form: Form
    version: str
    places: Mapping[str, tuple[str, str]]
    sheets: Mapping[str, SheetLayout]
    entries: tuple[tuple[int, ...], ...]
    units: tuple[Unit, ...]
    printed: PrintedWords

    def read(self, path: Path, walk: WorkbookScan) -> Submission | None:
        """What the full reader would give for a workbook of this layout; None where only that can tell."""
        try:
            return _Match(self, path, walk).submission()
        except Exception:  # LayoutDiffers, or a spelling that has no meaning: the full reader will say
            return None


class _Match:
    """One workbook that matches a layout. Raises LayoutDiffers where it does not."""

    def __init__(self, layout: KnownLayout, path: Path, walk: WorkbookScan) -> None:
        self.layout, self.path, self.walk = layout, path, walk
        self.scanned = {sheet.name: sheet for sheet in walk.sheets}
        self.sheets = [
            (one, match_sheet(one, _get_scan(self.scanned[name]), walk.styles.plain))
            for name, one in layout.sheets.items()
        ]

    def submission(self) -> Submission:
        form, path = self.layout.form, self.path
        values, before = self._figures()
        said, lines = dict[str, str](), dict[str, list[str]]()
        for one, cells in self.sheets:
            self._check_unchanged(one, cells)
            said |= {field: text.strip() for field, text in self._texts(one.said, cells)}
            for code, text in self._texts(one.lines, cells):
                lines.setdefault(code, []).append(text)
        year, agency = find_year(said["year"]), read_agency(said)
        if load_form(form.id, agency.region) is not form:
            raise LayoutDiffers  # a region has rows of its own
        if sum(map(len, said.values())) + sum(len(line) for some in lines.values() for line in some) > MOST_CHARACTERS:
            raise LayoutDiffers  # one shared text may be shown by many cells
        given = {text.code: tidy_text("\n".join(lines.get(text.code, ()))) for text in form.texts}
        texts = MappingProxyType({code: text for code, text in given.items() if text})
        sources = SharedLocations(path.name, self.layout.places)
        report = Report(form, year, agency, tuple(values), texts, self._answers(), sources)
        carried = None
        if any(value is not None for value in before):
            stated = find_year(said.get("previous", "")) or (year - 1 if year else None)
            carried = Report(form, stated, agency, tuple(before))
        return Submission(path, report, carried, (), "alike", self.layout.version)

    def _figures(self) -> tuple[list[Value], list[Value]]:
        """The figures of this year and last, the totals computed."""
        units = self.layout.units
        values: list[Value] = [None] * len(units)
        before: list[Value] = [None] * len(units)
        for one, cells in self.sheets:
            _read_figures(one.figures, cells, values, units)
            _read_figures(one.before, cells, before, units)
        for one, cells in self.sheets:
            _add(one.totals, values, cells, units)
        # Where a table holds nothing at all, its figures may have been moved.
        if any(all(values[index] is None for index in table) for table in self.layout.entries):
            raise LayoutDiffers
        return values, before

    def _check_unchanged(self, one: SheetLayout, cells: MatchedCells) -> None:
        """Refuse a sheet on which anything differs that no clerk fills in."""
        if not one.texts.are_in(cells.values, self.walk.texts.spelled):
            raise LayoutDiffers
        if [value or None for value in one.others.of(cells.values)] != one.others.means:
            raise LayoutDiffers
        numbers, words = cells.way.numbers(cells.values), cells.way.words(cells.values)
        if one.tables:
            if any(numbers):  # a number outside the tables
                raise LayoutDiffers
        elif not (
            _are_integers(numbers, 300) or _NUMBERS.fullmatch(b" ".join(numbers))
        ) or self.layout.printed.are_among(words):
            raise LayoutDiffers

    def _texts(self, picked: PickedCells, cells: MatchedCells) -> Iterator[tuple[Any, str]]:
        """The words in these cells: shared texts, or whole numbers as a clerk reads them."""
        way, texts = cells.way, self.walk.texts
        pieces = (picked.of(piece) for piece in (way.styles, way.kinds, cells.values))
        for code, style, kind, value in zip(picked.means, *pieces, strict=True):
            if not value:
                yield code, ""
                continue
            if not value.isdigit() or len(value) > 15 or kind not in _TYPED:
                raise LayoutDiffers
            number = int(value)
            text = texts.get(number) if kind == b"s" else str(number)
            runs = texts.written.get(number, ()) if kind == b"s" else ()
            if runs and self.walk.styles.look(None if style is None else style.decode(), runs) is not None:
                raise LayoutDiffers  # stretches that are struck or hidden are reported
            if self.layout.printed.could_be(text):
                raise LayoutDiffers
            yield code, text

    def _answers(self) -> tuple[Answer, ...]:
        """The reasons given on the check sheet: rare, so that sheet alone is read as the full reader does."""
        for one, cells in self.sheets:
            if any(one.reasons.of(cells.values)):
                name = next(name for name, other in self.layout.sheets.items() if other is one)
                sheet = build_sheet(name, False, _get_scan(self.scanned[name]), self.walk.texts, self.walk.styles)
                view = WorkbookView(
                    WorkbookContents(self.path, "alike", (sheet,), self.walk.names, {}, (), False, "", 0)
                )
                checks = read_check_sheet(self.layout.form, view)
                if checks.typed or self.layout.printed.words & (view.index(sheet).places.keys() - one.known):
                    raise LayoutDiffers
                return checks.answers
        return ()


def _get_scan(sheet: ScannedSheet) -> SheetScan:
    if sheet.scan is None:
        raise LayoutDiffers
    return sheet.scan


# figures --------------------------------------------------------------------------------------------------------------


def _read_figures(picked: PickedCells, cells: MatchedCells, into: list[Value], units: Sequence[Unit]) -> None:
    stored = picked.of(cells.values)
    if None not in stored and _are_integers(stored, 16):  # the short way, for a sheet that is filled as most are
        for index, number in zip(picked.means, map(int, stored), strict=True):
            into[index] = number * units[index][1]
        return
    for index, value in zip(picked.means, stored, strict=True):
        if value:
            short = _are_integers((value,), 16)
            into[index] = int(value) * units[index][1] if short else _parse(value, units[index])


def _are_integers(values: Sequence[bytes], most: int) -> bool:
    """Whether all are integers of fewer digits than that, spelled by nothing but digits."""
    return all(map(bytes.isdigit, values)) and max(map(len, values), default=0) < most


def _parse(value: bytes, unit: Unit) -> Value:
    cell = make_cell("n", value.decode("ascii"), None, ())
    found = parse_figure(cell.value if cell else None, unit)
    if found.oddities or isinstance(found.value, str):
        raise LayoutDiffers
    return found.value


def _add(totals: Sequence[LayoutTotal], values: list[Value], cells: MatchedCells, units: Sequence[Unit]) -> None:
    """Compute each total from its parts; refuse a workbook whose stored result is another."""
    for total in totals:
        numbers: list[Number] = [n for part in total.parts if (n := values[part]) is not None]  # type: ignore[misc]
        value = sum(numbers) if numbers or not total.guarded else None
        stored = cells.values[total.at]
        number = cells.way.kinds[total.at] in NUMBER
        if stored is None or not _is_stored(value, stored, units[total.figure], number=number):
            raise LayoutDiffers
        values[total.figure] = value


def _is_stored(value: Number | None, stored: bytes, unit: Unit, *, number: bool) -> bool:
    """Whether that result was stored, spelled as programs do; `number` where its cell says that it is one."""
    if value is None:
        return not stored
    if unit.scale == 1 and isinstance(value, int):
        return stored == b"%d" % value
    return number and _parse(stored, unit) == value
