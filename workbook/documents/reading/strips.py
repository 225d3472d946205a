"""Blocks → strips: one printed row, cut into its cells where the document shows them, or a stretch of plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from workbook.documents.reading.blocks import Block, Box, Grid, Paragraph
from workbook.finding import Source


class Piece(NamedTuple):
    """One cell of a row: its words and place; `column` counts from 0 where the document knows columns, else -1.

    `rows` and `columns` are what it spans; `again` that it comes from a row above.
    """

    text: str
    source: Source
    column: int = -1
    rows: int = 1
    columns: int = 1
    again: bool = False


class Strip(NamedTuple):
    """One row: its cells (`cut`), or plain text in one piece. `grid` numbers the table it is from, -1 if none."""

    pieces: tuple[Piece, ...]
    cut: bool
    grid: int = -1


_RULE = re.compile(r"[\s|:+=_-]+")


def strips(blocks: Iterable[Block]) -> Iterator[Strip]:
    """The rows of a document in reading order."""
    number = 0
    text: list[Paragraph] = []
    for block in blocks:
        if isinstance(block, Grid):
            yield from _text(text)
            text = []
            yield from _rows(block, number)
            number += 1
        else:
            text.append(block)
    yield from _text(text)


def _rows(table: Grid, number: int) -> Iterator[Strip]:
    for row, line in table.lines():
        yield Strip(tuple(_piece(box, row) for box in line), cut=True, grid=number)


def _piece(box: Box, row: int) -> Piece:
    return Piece(box.text, box.source, box.column, box.rows, box.columns, box.row < row)


def _text(lines: Sequence[Paragraph]) -> Iterator[Strip]:
    """Plain lines: cut at tabs or upright strokes where they have them; a cell to a line where a tab begins each."""
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and lines[end].text.strip(" \r\n"):
            end += 1
        block = lines[at:end]
        if _cell_a_line(block):
            yield Strip(tuple(_cells(block)), cut=True)
        else:
            yield from (_line(one) for one in block)
        at = end + 1 if end == at else end


def _cell_a_line(block: Sequence[Paragraph]) -> bool:
    begun = [line for line in block if line.text.startswith("\t")]
    return len(begun) > 1 and block[0] is begun[0] and all("\t" not in line.text[1:].rstrip() for line in block)


def _cells(block: Sequence[Paragraph]) -> Iterator[Piece]:
    """A line that begins with a tab begins a cell; others go on with it."""
    text, source = "", block[0].source
    for n, line in enumerate(block):
        if line.text.startswith("\t"):
            if n:
                yield Piece(text, source)
            text, source = line.text[1:], line.source
        else:
            text += "\n" + line.text
    yield Piece(text, source)


def _line(line: Paragraph) -> Strip:
    text = line.text
    if "\t" in text.strip("\t \r\n") or text.startswith("\t"):
        return Strip(tuple(Piece(part, line.source) for part in text.rstrip("\r\n").split("\t")), cut=True)
    if text.count("|") >= 1 and not _RULE.fullmatch(text):
        stroke = text.strip()
        if stroke.startswith("|") and stroke.endswith("|") and len(stroke) > 1:
            stroke = stroke[1:-1]
        elif "||" in stroke and " || " in stroke:
            stroke = stroke.replace("||", "|")
        return Strip(tuple(Piece(part.strip(), line.source) for part in stroke.split("|")), cut=True)
    if _RULE.fullmatch(text) and "|" in text:
        return Strip((), cut=True)
    return Strip((Piece(text, line.source),), cut=False)
