"""What every data output has: who reports, a column a cell of the form, and texts that no spreadsheet runs.

Counts are whole 件 and money whole 分, as in a `Report`. A cell that is blank, or holds no such number, has no figure;
what stood there instead is kept as text in the column `words`, so that blank, 0 and 不适用 stay three things.
"""

from __future__ import annotations

import json
import tomllib
from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbook.finding import Words
from workbook.form import Cell, Form
from workbook.merging.status import Entry
from workbook.numbers import Value, write
from workbook.report import Report

if TYPE_CHECKING:
    import numpy as np

Rows = Callable[[], Iterable[tuple[Entry, Report]]]
"""The reports that count, each with the file it stood in; may be asked for several times."""

AGENCY: Final = "agency"
"""The index: what tells agencies apart (`Entry.key`), the file's place where nothing does."""
YEAR: Final = "year"
WORDS: Final = "words"
WHO: Final = ("name", "code", "region", "level", YEAR, "file", WORDS)
"""Columns before the figures: texts, blank where unknown, and the year."""
MOST: Final = 2**63
"""Whole numbers below it fit a column; one beyond is kept in `words`."""


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("data.toml").read_text("utf-8"))


def heading(code: str) -> Words:
    """The heading of a column that is no cell of the form."""
    return Words(**_data()["heading"][code])


def missing(library: str) -> ModuleNotFoundError:
    """The error to raise where an outside library is not installed: what to do, in both languages."""
    said = _data()["missing"]
    return ModuleNotFoundError("\n".join(said[lang].format(library=library) for lang in ("zh", "en")), name=library)


def counted_in(cell: Cell) -> Words:
    """What a cell's whole numbers count: 件, or 分 for money."""
    return Words(cell.unit.label, "") if cell.unit.scale == 1 else Words(**_data()["unit"]["money"])


def label(cell: Cell) -> Words:
    """A cell's label in one line, with the unit of money where the form prints none beside it."""
    row, column = cell.row.brief, cell.column.brief
    zh = f"{row.zh}·{column.zh}{cell.column.shown_unit or cell.row.shown_unit}"
    return Words(zh, f"{row.en}, {column.en}")


def whole(value: Value) -> int | None:
    """The figure a column can hold; None for a blank, words, a broken count and a number beyond 64 bits."""
    return value if isinstance(value, int) and -MOST <= value < MOST else None


def clean(text: str) -> str:
    r"""The text as any program can store it: what is no character (a broken file name) as \udc80."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def who(entry: Entry, report: Report) -> tuple[str, ...]:
    """Index and texts of one row: key, name, code, region, level, file, words."""
    agency = report.agency
    key = entry.key or entry.place
    texts = (key, agency.name, agency.code, agency.region, agency.level, entry.place)
    return (*map(clean, texts), words(report))


def words(report: Report) -> str:
    """What stands in cells without a figure that are not blank, as a JSON object by cell code; "" for none."""
    kept = {
        cell.code: write(value, cell.unit)
        for cell, value in zip(report.form.cells, report.values, strict=True)
        if value is not None and whole(value) is None
    }
    return clean(json.dumps({code: str(text) for code, text in kept.items()}, ensure_ascii=False)) if kept else ""


class Block:
    """Some reports' figures by column: eight bytes a figure and one that says whether there is none."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.texts: list[tuple[str, ...]] = []
        self.years: list[int | None] = []
        self.figures = [array("q") for _ in form.cells]
        self.none = [bytearray() for _ in form.cells]

    def __len__(self) -> int:
        return len(self.texts)

    def add(self, entry: Entry, report: Report) -> None:
        """One more row. ValueError if the report is of another form."""
        if report.form != self.form:
            raise ValueError(f"{entry.place}: {report.form.id} {report.form.fingerprint} is not {self.form.id}")
        self.texts.append(who(entry, report))
        self.years.append(report.year)
        for figures, none, value in zip(self.figures, self.none, report.values, strict=True):
            figure = whole(value)
            figures.append(figure or 0)
            none.append(figure is None)

    def column(self, index: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """The figures of one cell, and where there are none; the block's own memory, not a copy."""
        import numpy as np

        return np.frombuffer(self.figures[index], dtype="int64"), np.frombuffer(self.none[index], dtype="bool")

    def text(self, n: int) -> list[str]:
        """The texts of one column, in the order of `who`."""
        return [row[n] for row in self.texts]


def blocks(form: Form, rows: Rows, size: int) -> Iterable[Block]:
    """The rows in blocks of at most that many; the last may be short, and there may be none."""
    block = Block(form)
    for entry, report in rows():
        block.add(entry, report)
        if len(block) == size:
            yield block
            block = Block(form)
    if len(block):
        yield block


TEXTS: Final[Sequence[str]] = (AGENCY, *(code for code in WHO if code != YEAR))
"""The columns of texts, in the order of `who`."""
