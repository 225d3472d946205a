"""Tables as text (CSV): read as people save them, written so that a spreadsheet takes nothing for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workbook.safety.unsafe_text import guard_csv_field, unguard_csv_field

DELIMITERS = ",\t;"
LONGEST = 1 << 17
"""No line of a table is longer, in characters."""


def decode_text(data: bytes) -> str | None:
    """The text of a file in UTF-8, UTF-16 with a mark, or GB18030; None where it is in none of them."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def parse_table(text: str, delimiter: str) -> Mapping[int, Mapping[int, str]] | None:
    """The table: line number (from 1) → values by column (from 0); None where it cannot be taken apart."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    lines: dict[int, Mapping[int, str]] = {}
    begins = 1
    try:
        for line in reader:
            lines[begins] = {column: strip_guard(value) for column, value in enumerate(line)}
            begins = reader.line_num + 1
    except csv.Error:
        return None
    return lines


class BrokenTable(Exception):
    """A table that is cut off or damaged: `line` (from 1) is where the record begins that is wrong."""

    def __init__(self, kind: str, line: int) -> None:
        self.kind, self.line = kind, line
        super().__init__(kind, line)


def parse_strictly(text: str, delimiter: str, columns: int, lines: int) -> Iterator[tuple[int, Sequence[str]]]:
    """The lines one by one, each with its number (from 1), as they are, guards included.

    Raises BrokenTable where a quote does not end or ends in the middle of a value (“quote”), where a value is longer
    than any (“long”), a line has more than so many values (“wide”), or there are more than so many lines (“lines”).
    """
    reader = csv.reader(_split_bounded_lines(text), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for line in reader:
            if len(line) > columns or begins > lines:
                raise BrokenTable("wide" if len(line) > columns else "lines", begins)
            yield begins, line
            begins = reader.line_num + 1
    except csv.Error as trouble:
        raise BrokenTable("long" if "limit" in str(trouble) else "quote", begins) from None


def _split_bounded_lines(text: str) -> Iterator[str]:
    """The lines of a text, none beyond `LONGEST`: csv takes a line apart completely before anybody can look at it."""
    source = io.StringIO(text, newline="")
    while line := source.readline(LONGEST + 1):
        if len(line) > LONGEST:
            raise csv.Error("line beyond the limit")
        yield line


def strip_guard(value: str) -> str:
    """The text that was guarded: without one apostrophe in front, and without spaces around it."""
    return unguard_csv_field(value.strip()).strip()


def format_csv(lines: Iterable[Sequence[str]]) -> bytes:
    """A table as CSV in UTF-8 with a mark, as Excel expects it; long numbers keep their digits there."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(make_safe_line(line) for line in lines)
    return text.getvalue().encode("utf-8-sig", "replace")


@contextmanager
def open_csv_writer(path: Path) -> Iterator[Any]:
    """A new file as `format_csv` makes it, written line by line: the block gets a `csv.writer`. Raises OSError."""
    with path.open("x", encoding="utf-8-sig", errors="replace", newline="") as file:
        yield csv.writer(file)


def make_safe_line(line: Iterable[str]) -> list[str]:
    """The values so that a spreadsheet takes none for a formula or a number it would round."""
    return [guard_csv_field(value) for value in line]
