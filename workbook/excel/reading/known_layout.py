"""Reads a workbook by a known layout: what was learnt from the first workbook of that layout.

For every cell it is known whether it holds a figure, words, a result, or is as issued. Whatever is otherwise is not
judged here: `NotAlike` leaves it to the full reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from workbook.excel.reading.entry_reader import find_year, read_agency, read_check_sheet
from workbook.excel.reading.label_index import WorkbookView
from workbook.excel.reading.ooxml_parts import SharedTexts, SheetPart, parse_part
from workbook.excel.reading.sheet_layout import (
    NUMBER,
    LayoutDiffers,
    LayoutTotal,
    PickedCells,
    PrintedWords,
    ScannedCells,
    SheetLayout,
    scan_sheet_cells,
)
from workbook.excel.reading.sheet_scan import SplitSheet, read_text
from workbook.excel.reading.workbook_contents import ReadBudget, WorkbookContents, make_cell
from workbook.model.form import Form
from workbook.model.form_loader import load_form
from workbook.model.numbers import Number, Unit, Value
from workbook.model.numbers import parse_figure as read_number
from workbook.model.report import Answer, Report, SharedLocations
from workbook.model.text_normalization import tidy_text
from workbook.rules.evaluation import Submission

MOST_LETTERS = 1_000_000
"""No report says more: the full reader will pay for every letter."""


class SplitWorkbook(NamedTuple):
    """A workbook taken apart: what tells its make, its sheets split, its shared texts as spelled.

    `styles` are those that show what is in a cell, by number.
    """

    make: object
    sheets: Mapping[str, SplitSheet]
    shared: bytes
    strings: Sequence[bytes]
    styles: frozenset[bytes]


@dataclass(frozen=True, slots=True)
class KnownLayout:
    """One make of workbook, learnt from the first of it; `entries` are, by table without totals, its figures."""

    form: Form
    names: Mapping[str, str]
    version: str
    places: Mapping[str, tuple[str, str]]
    sheets: Mapping[str, SheetLayout]
    entries: tuple[tuple[int, ...], ...]
    units: tuple[Unit, ...]
    printed: PrintedWords

    def submission(self, path: Path, parted: SplitWorkbook) -> Submission | None:
        """What the full reader would give for a workbook of this make; None where only that can tell."""
        try:
            return self._submission(path, parted)
        except Exception:  # NotAlike, or a spelling that has no meaning: the full reader will say
            return None

    def _submission(self, path: Path, parted: SplitWorkbook) -> Submission:
        sheets = {
            name: scan_sheet_cells(laid, parted.sheets[name], parted.styles) for name, laid in self.sheets.items()
        }
        values, before = self._figures(sheets)
        said, lines = dict[str, str](), dict[str, list[str]]()
        for name, laid in self.sheets.items():
            self._as_issued(laid, sheets[name], parted.strings)
            said |= {field: text.strip() for field, text in self._texts(laid.said, sheets[name], parted.strings)}
            for code, text in self._texts(laid.lines, sheets[name], parted.strings):
                lines.setdefault(code, []).append(text)
        year, agency = find_year(said["year"]), read_agency(said)
        if load_form(self.form.id, agency.region) is not self.form:
            raise LayoutDiffers  # a region has rows of its own
        if sum(map(len, said.values())) + sum(len(line) for some in lines.values() for line in some) > MOST_LETTERS:
            raise LayoutDiffers  # one shared text may be shown by many cells
        given = {text.code: tidy_text("\n".join(lines.get(text.code, ()))) for text in self.form.texts}
        texts = MappingProxyType({code: text for code, text in given.items() if text})
        sources = SharedLocations(path.name, self.places)
        report = Report(self.form, year, agency, tuple(values), texts, self._answers(path, parted, sheets), sources)
        carried = None
        if any(value is not None for value in before):
            stated = find_year(said.get("previous", "")) or (year - 1 if year else None)
            carried = Report(self.form, stated, agency, tuple(before))
        return Submission(path, report, carried, (), "alike", self.version)

    def _figures(self, sheets: Mapping[str, ScannedCells]) -> tuple[list[Value], list[Value]]:
        """The figures of this year and last, the totals computed."""
        values: list[Value] = [None] * len(self.units)
        before: list[Value] = [None] * len(self.units)
        for name, laid in self.sheets.items():
            _read(laid.figures, sheets[name], values, self.units)
            _read(laid.before, sheets[name], before, self.units)
        for name, laid in self.sheets.items():
            _add(laid.totals, values, sheets[name], self.units)
        # Where a table holds nothing at all, its figures may have been moved.
        if any(all(values[index] is None for index in table) for table in self.entries):
            raise LayoutDiffers
        return values, before

    def _as_issued(self, laid: SheetLayout, cells: ScannedCells, strings: Sequence[bytes]) -> None:
        """Refuse a sheet on which anything differs that no clerk fills in."""
        if not laid.texts.same(cells.values, strings):
            raise LayoutDiffers
        if [value or None for value in laid.others.of(cells.values)] != laid.others.means:
            raise LayoutDiffers
        numbers, words = cells.way.numbers(cells.values), cells.way.words(cells.values)
        if laid.tables:
            if any(numbers):  # a number outside the tables
                raise LayoutDiffers
        elif not (_whole(numbers, 300) or _NUMBERS.fullmatch(b" ".join(numbers))) or self.printed.shown(words):
            raise LayoutDiffers

    def _texts(self, picked: PickedCells, cells: ScannedCells, strings: Sequence[bytes]) -> Iterator[tuple[Any, str]]:
        """The words in these cells: shared texts, or whole numbers as a clerk reads them."""
        for code, kind, raw in zip(picked.means, picked.of(cells.way.kinds), picked.of(cells.values), strict=True):
            if not raw:
                yield code, ""
                continue
            if not raw.isdigit() or len(raw) > 15 or kind not in _TYPED:
                raise LayoutDiffers
            text = read_text(strings[int(raw)]) if kind == b"s" else str(int(raw))
            if text is None or self.printed.met(text):
                raise LayoutDiffers
            yield code, text

    def _answers(self, path: Path, parted: SplitWorkbook, sheets: Mapping[str, ScannedCells]) -> tuple[Answer, ...]:
        """The reasons given on the check sheet: rare, so that sheet alone is read as the full reader does."""
        for name, laid in self.sheets.items():
            if any(laid.reasons.of(sheets[name].values)):
                budget = ReadBudget()
                strings = parse_part(parted.shared, SharedTexts(budget)).texts
                sheet = parse_part(parted.sheets[name].part, SheetPart(strings, budget)).made(name, False)
                view = WorkbookView(WorkbookContents(path, "alike", (sheet,), self.names, {}, (), False, "", 0))
                checks = read_check_sheet(self.form, view)
                if checks.typed or self.printed.words & (view.index(sheet).places.keys() - laid.known):
                    raise LayoutDiffers
                return checks.answers
        return ()


_TYPED = NUMBER | {b"s"}
"""The kinds of a cell for words that may hold some: a clerk types a year, or a text."""
_NUMBERS = re.compile(rb"(?:(?:-?[0-9]{1,17}(?:\.[0-9]{1,17})?(?:E[+-]?[0-9]{1,2})?)?(?: |\Z))*")


# figures --------------------------------------------------------------------------------------------------------------


def _read(picked: PickedCells, cells: ScannedCells, into: list[Value], units: Sequence[Unit]) -> None:
    raws = picked.of(cells.values)
    if None not in raws and _whole(raws, 16):  # the short way, for a sheet that is filled as most are
        for index, number in zip(picked.means, map(int, raws), strict=True):
            into[index] = number * units[index][1]
        return
    for index, raw in zip(picked.means, raws, strict=True):
        if raw:
            into[index] = int(raw) * units[index][1] if _whole((raw,), 16) else _number(raw, units[index])


def _whole(raws: Sequence[bytes], most: int) -> bool:
    """Whether all are whole numbers of fewer digits than that, spelled by nothing but digits."""
    return all(map(bytes.isdigit, raws)) and max(map(len, raws), default=0) < most


def _number(raw: bytes, unit: Unit) -> Value:
    cell = make_cell("n", raw.decode("ascii"), None, ())
    reading = read_number(cell.value if cell else None, unit)
    if reading.oddities or isinstance(reading.value, str):
        raise LayoutDiffers
    return reading.value


def _add(totals: Sequence[LayoutTotal], values: list[Value], cells: ScannedCells, units: Sequence[Unit]) -> None:
    """Compute each total from its parts; refuse a workbook whose stored result is another."""
    for total in totals:
        numbers: list[Number] = [n for part in total.parts if (n := values[part]) is not None]  # type: ignore[misc]
        value = sum(numbers) if numbers or not total.guarded else None
        raw = cells.values[total.at]
        if raw is None or not _stored(value, raw, units[total.figure], typed=cells.way.kinds[total.at] in NUMBER):
            raise LayoutDiffers
        values[total.figure] = value


def _stored(value: Number | None, raw: bytes, unit: Unit, *, typed: bool) -> bool:
    """Whether that result was stored, spelled as programs do; `typed` where it says that it is a number."""
    if value is None:
        return not raw
    if unit.scale == 1 and isinstance(value, int):
        return raw == b"%d" % value
    return typed and _number(raw, unit) == value
