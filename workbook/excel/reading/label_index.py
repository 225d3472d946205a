"""Indexes the texts on a sheet, folded so that a label is found however it is punctuated, spaced or numbered."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from typing import NamedTuple

from workbook.excel.reading.workbook_contents import Sheet, WorkbookContents
from workbook.model.cell_address import Area, Place, parse_range
from workbook.model.form import Form, FormLine, Table
from workbook.safety.limits import cache_short_texts

LONGEST = 200
"""No label is longer."""

_NUMBERING = re.compile(r"^[0-9一二三四五六七八九十]{1,2}")
_UNIT = re.compile(r"(.+?)[（(【\[]\s*(?:单位\s*[:：]?)?\s*([^\s（(【\[]{1,4}?)\s*[)）】\]]\s*", re.DOTALL)


@cache_short_texts(1 << 14, LONGEST)
def fold_label(text: str) -> str:
    """Fold a label for comparison: NFKC, lower case, letters and digits alone: `（一） 总计：` gives `一总计`."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if sign.isalnum()).lower()


def fold_spellings(texts: Iterable[str]) -> tuple[str, ...]:
    """Fold the spellings of a label; equal ones once, blank ones left out."""
    return tuple(dict.fromkeys(folded for text in texts if (folded := fold_label(text))))


def list_spellings(line: FormLine) -> tuple[str, ...]:
    """List the folded spellings of a line's label: as printed, and its aliases met in published reports."""
    return _fold_line(line)[1]


def list_unnumbered_spellings(line: FormLine) -> tuple[str, ...]:
    """List the folded spellings of a line's label without the number in front."""
    return _fold_line(line)[2]


_FOLDED: dict[int, tuple[FormLine, tuple[str, ...], tuple[str, ...]]] = {}
"""The spellings of lines, by the line's identity: a line is asked for in every file, and is dear to hash."""
MOST_LINES = 1 << 12


def _fold_line(line: FormLine) -> tuple[FormLine, tuple[str, ...], tuple[str, ...]]:
    known = _FOLDED.get(id(line))
    if known is None or known[0] is not line:
        if len(_FOLDED) >= MOST_LINES:  # the rows of regions come and go
            _FOLDED.clear()
        spellings = fold_spellings((line.label, line.printed, *line.aliases))
        bare = dict.fromkeys(text for spelling in spellings if (text := _NUMBERING.sub("", spelling)))
        known = _FOLDED[id(line)] = line, spellings, tuple(bare)
    return known


class FoldedText(NamedTuple):
    """A text, folded; and where it states a unit in brackets, what is before that, folded, and the unit."""

    text: str
    before: str = ""
    unit: str = ""


@cache_short_texts(1 << 12, LONGEST)
def _fold_text(text: str) -> FoldedText:
    match = _UNIT.fullmatch(text)
    return FoldedText(fold_label(text), fold_label(match[1]), match[2]) if match else FoldedText(fold_label(text))


class LabelIndex:
    """The folded texts of one sheet: where each stands, top to bottom; and the unit a heading states in brackets."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.places: dict[str, list[Place]] = {}
        self.units: dict[Place, str] = {}
        for place, cell in sorted(sheet.cells.items()):
            if isinstance(cell.value, str) and len(cell.value) < LONGEST and not cell.error:
                self._enter(place, cell.value)

    def _enter(self, place: Place, text: str) -> None:
        folded = _fold_text(text)
        self.places.setdefault(folded.text, []).append(place)
        if folded.unit:
            self.places.setdefault(folded.before, []).append(place)
            self.units[place] = folded.unit

    def find(self, texts: Iterable[str]) -> list[Place]:
        """Return the places of any of these folded texts, top to bottom."""
        return sorted({place for text in texts for place in self.places.get(text, ())})

    def line(self, line: FormLine) -> list[Place]:
        """Return the places of a line's label: in full, or else without its number."""
        return self.find(list_spellings(line)) or self.find(list_unnumbered_spellings(line))

    @cached_property
    def by_row(self) -> Mapping[int, list[tuple[int, str]]]:
        """Row → column and folded text of each text in it."""
        rows: dict[int, list[tuple[int, str]]] = {}
        for text, places in self.places.items():
            for row, column in places:
                rows.setdefault(row, []).append((column, text))
        return rows


_parse_name = cache_short_texts(1 << 10, 256)(parse_range)
"""The area that a defined name stands for: the same few dozen in every file."""


class WorkbookView:
    """A book as the reader looks at it: sheets by name, words by sheet."""

    def __init__(self, book: WorkbookContents) -> None:
        self.book = book
        self.sheets = {sheet.name: sheet for sheet in book.sheets}
        self._indexes: dict[str, LabelIndex] = {}

    def index(self, sheet: Sheet) -> LabelIndex:
        """The words of a sheet, folded once."""
        if sheet.name not in self._indexes:
            self._indexes[sheet.name] = LabelIndex(sheet)
        return self._indexes[sheet.name]

    @property
    def indexes(self) -> list[LabelIndex]:
        """The words of every sheet."""
        return [self.index(sheet) for sheet in self.book.sheets]

    def named(self, name: str) -> tuple[Sheet, Area] | None:
        """Return the sheet and area of a defined name; None unless it is one area on a sheet that exists."""
        area = _parse_name(self.book.names.get(name, ""))
        if area is None or area[0] not in self.sheets:
            return None
        return self.sheets[area[0]], area[1:]


class FormLabels:
    """All the words a form prints, folded."""

    def __init__(self, form: Form) -> None:
        tables = form.tables
        self.rows = frozenset(text for table in tables for row in table.rows for text in list_spellings(row))
        self.groups = frozenset(
            text
            for t in tables
            for g in (*t.row_groups, *t.column_groups)
            for text in fold_spellings((g.label, *g.aliases))
        )
        columns = {text for table in tables for column in table.columns for text in list_spellings(column)}
        titles = set(fold_spellings(text for table in tables for text in (table.title, table.corner)))
        self.known = self.rows | columns | titles
        self._of_tables = {table.code: _list_words(table) for table in tables}

    def are_in(self, index: LabelIndex, table: Table) -> bool:
        """Whether any word by which a table is located is on a sheet."""
        return not self._of_tables[table.code].isdisjoint(index.places)


def _list_words(table: Table) -> frozenset[str]:
    lines = [*table.rows, *table.columns]
    words = {text for line in lines for text in (*list_spellings(line), *list_unnumbered_spellings(line))}
    return frozenset(words | {fold_label(table.title)})


@cache
def get_form_words(form: Form) -> FormLabels:
    """Return the words of that form, folded once."""
    return FormLabels(form)
