"""Rows of a sheet as they stand in its file, made one by one and kept on disk: for sheets of many thousand rows.

A pen writes a cell in microseconds and keeps it until the book is finished; a list of all agencies or findings has
millions. Here a row becomes its XML at once, and the pen puts all of them below what it drew itself (`Pen.stream`).
Texts stay texts whatever they look like; numbers are exact, or texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from tempfile import SpooledTemporaryFile
from typing import IO
from urllib.parse import quote

from workbook.grid import a1
from workbook.harmless import fitted, runs, whole
from workbook.template.places import Spot, quoted
from workbook.template.values import CellValue, exact

MEMORY = 1 << 20
"""Bytes of a sheet that are kept in memory; the rest is on disk."""
MOST_LINKS = 60_000
"""Excel follows 65,530 links a sheet; the lines after them go without."""
LONGEST = 2_000
"""Excel refuses a longer address of a file."""
_EXACT = 10**15
_SPECIAL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ANY = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x")
"""What may have to be escaped."""
_SPELT = re.compile(r"[\x00-\x20\"#%:<>?\[\\\]^`{|}\x7f\ud800-\udfff\ufffe\uffff]")


def escaped(text: str) -> str:
    r"""The text as a cell's XML holds it: control characters as `_x0007_`, half a character (\ud800) as U+FFFD."""
    text = fitted(text)
    if not _ANY.search(text):
        return text
    text = whole(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(lambda match: f"_x{ord(match[0]):04X}_", text) if _SPECIAL.search(text) else text


def attribute(text: str) -> str:
    """The text as an attribute holds it."""
    return escaped(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


class Spool:
    """Rows below each other, from row `first` (counted from 0).

    `style` gives the number of a named style, also for texts that must not be run (True); `shown` what is written of a
    text.
    """

    def __init__(
        self, style: Callable[[str, bool], int], first: int, shown: Callable[[str], str] = lambda text: text
    ) -> None:
        self.first = self.next = first
        self.links = 0
        self._shown = shown
        self._quoted = style
        self._numbers = lru_cache(maxsize=None)(lambda styles: tuple(style(name, False) for name in styles))
        self._shape = lru_cache(maxsize=None)(self._shaped)
        self._rows, self._links, self._targets = (SpooledTemporaryFile[bytes](max_size=MEMORY) for _ in range(3))

    def add(
        self,
        values: Sequence[CellValue],
        styles: tuple[str, ...],
        height: float,
        figures: Sequence[CellValue] = (),
        figure_styles: tuple[str, ...] = (),
    ) -> int:
        """One row with a value and a style a column, then its figures; the number of the row, counted from 0."""
        row, self.next = self.next, self.next + 1
        parts = [f'<row r="{row + 1}" ht="{height:g}" customHeight="1">']
        parts += self._cells(row, 0, values, styles)
        if _plain(figures):
            parts.append(self._shape(len(values), figure_styles).replace("?", str(row + 1)) % tuple(figures))
        else:
            parts += self._cells(row, len(values), figures, figure_styles)
        parts.append("</row>")
        self._rows.write("".join(parts).encode())
        return row

    def _cells(self, row: int, first: int, values: Sequence[CellValue], styles: tuple[str, ...]) -> Iterator[str]:
        """The cells of a row from that column on."""
        for column, (value, style) in enumerate(zip(values, self._numbers(styles), strict=True), first):
            said = self._shown(value) if isinstance(value, str) else value
            look = self._quoted(styles[column - first], True) if isinstance(said, str) and runs(said) else style
            yield _cell(f"{letters(column)}{row + 1}", look, said)

    def _shaped(self, first: int, styles: tuple[str, ...]) -> str:
        """A row of numbers in those styles from that column on: `?` stands for the row, %s for each number."""
        cells = enumerate(self._numbers(styles), first)
        return "".join(f'<c r="{letters(column)}?" s="{style}"><v>%s</v></c>' for column, style in cells)

    def link(self, row: int, column: int, to: Spot) -> None:
        """Make a cell a link to another place of the workbook."""
        if self._counted():
            location = attribute(f"{quoted(to.sheet)}!{to.a1}")
            self._links.write(f'<hyperlink ref="{a1(row, column)}" location="{location}"/>'.encode())

    def file(self, row: int, column: int, target: str) -> None:
        """Make a cell a link to a file: its `address`, counted from the workbook's folder, or a whole one."""
        if target and len(target) <= LONGEST and self._counted():
            self._links.write(f'<hyperlink ref="{a1(row, column)}" r:id="file{self.links}"/>'.encode())
            kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
            said = f'Id="file{self.links}" Type="{kind}" Target="{attribute(target)}" TargetMode="External"'
            self._targets.write(f"<Relationship {said}/>".encode())

    def _counted(self) -> bool:
        self.links += self.links < MOST_LINKS
        return self.links < MOST_LINKS

    @property
    def last(self) -> int:
        """The last row written, counted from 0; the one above the first if there is none."""
        return self.next - 1

    def rows(self) -> Iterator[bytes]:
        """The rows, as they stand in the sheet."""
        yield from _read(self._rows)

    def hyperlinks(self) -> Iterator[bytes]:
        """The links, as they stand in the sheet; nothing if there are none."""
        if self.links:
            yield b"<hyperlinks>"
            yield from _read(self._links)
            yield b"</hyperlinks>"

    def relations(self) -> Iterator[bytes]:
        """The part that names the files linked to; nothing if there are none."""
        if self._targets.tell():
            kind = b"http://schemas.openxmlformats.org/package/2006/relationships"
            yield b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="' + kind + b'">'
            yield from _read(self._targets)
            yield b"</Relationships>"


@lru_cache(maxsize=1024)
def letters(column: int) -> str:
    """The letters of a column, counted from 0."""
    return a1(0, column)[:-1]


def address(path: str) -> str:
    """A relative path, slashes between its parts, as a link spells it: signs that mean something are escaped."""
    return "/".join(_SPELT.sub(lambda match: quote(match[0], errors="replace"), part) for part in path.split("/"))


def _plain(figures: Sequence[CellValue]) -> bool:
    """Whether all are numbers that a spreadsheet holds exactly."""
    if not {int, Decimal}.issuperset(map(type, figures)):
        return False
    numbers: Sequence[int | Decimal] = figures  # type: ignore[assignment]
    if figures and (max(numbers) >= _EXACT or min(numbers) <= -_EXACT):
        return False
    return all(exact(number) for number in numbers if type(number) is Decimal)


def _cell(at: str, style: int, value: CellValue) -> str:
    if value is None or value == "":
        return f'<c r="{at}" s="{style}"/>'
    if not isinstance(value, str):
        if exact(value):
            return f'<c r="{at}" s="{style}"><v>{value}</v></c>'
        value = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return f'<c r="{at}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escaped(value)}</t></is></c>'


def _read(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(1 << 18):
        yield chunk
    file.seek(0, 2)
