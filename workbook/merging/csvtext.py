"""Tables as text (CSV): read as people save them, written so that a spreadsheet takes nothing for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workbook.harmless import guarded, unguarded

DELIMITERS = ",\t;"


def decoded(data: bytes) -> str | None:
    """The text of a file in UTF-8, UTF-16 with a mark, or GB18030; None where it is in none of them."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def parsed(text: str, delimiter: str) -> Mapping[int, Mapping[int, str]] | None:
    """The table: line number (from 1) → values by column (from 0); None where it cannot be taken apart."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    lines: dict[int, Mapping[int, str]] = {}
    begins = 1
    try:
        for line in reader:
            lines[begins] = {column: _bare(value) for column, value in enumerate(line)}
            begins = reader.line_num + 1
    except csv.Error:
        return None
    return lines


def delimited(lines: Iterable[Sequence[str]]) -> bytes:
    """A table as CSV in UTF-8 with a mark, as Excel expects it; long numbers keep their digits there."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(safe_line(line) for line in lines)
    return text.getvalue().encode("utf-8-sig", "replace")


@contextmanager
def writing(path: Path) -> Iterator[Any]:
    """A new file as `delimited` makes it, written line by line: the block gets a `csv.writer`. Raises OSError."""
    with path.open("x", encoding="utf-8-sig", errors="replace", newline="") as file:
        yield csv.writer(file)


def safe_line(line: Iterable[str]) -> list[str]:
    """The values so that a spreadsheet takes none for a formula or a number it would round."""
    return [guarded(value) for value in line]


def _bare(value: str) -> str:
    """The text that was guarded: without one apostrophe in front, and without spaces around it."""
    return unguarded(value.strip()).strip()
