"""Places each label and figure of a printed table: one geometry for workbook, documents and summary.

Positions count from 0 at the table's own top left corner; whoever draws it adds an origin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from workbook.model.form import Form, FormLine, LabelGroup, Section, Table


class CellBox(NamedTuple):
    """A cell, or several merged into one: first row, first column, last row, last column."""

    top: int
    left: int
    bottom: int
    right: int

    def moved(self, rows: int, columns: int) -> CellBox:
        """Return the box moved by so many rows and columns."""
        return CellBox(self.top + rows, self.left + columns, self.bottom + rows, self.right + columns)

    @property
    def merged(self) -> bool:
        """Whether it covers more than one cell."""
        return self.top != self.bottom or self.left != self.right


class PrintedLabel(NamedTuple):
    """A printed text: where, what, and as what (band, corner, head, group, row)."""

    box: CellBox
    text: str
    kind: str
    line: FormLine | None = None


class FigureBlock(NamedTuple):
    """The figures of one table: the rectangle they fill, and where its header begins."""

    table: Table
    box: CellBox
    head: int


class PrintPlan(NamedTuple):
    """A part of the form as printed: its extent, labels, figures by code, and how many header rows lead it."""

    rows: int
    columns: int
    label_columns: int
    head_rows: int
    labels: tuple[PrintedLabel, ...]
    cells: Mapping[str, CellBox]
    blocks: tuple[FigureBlock, ...]

    def headings_of(self, box: CellBox) -> Iterator[PrintedLabel]:
        """Yield the labels of a figure, outermost first: those above it in its own block, then those on its left."""
        number = next(n for n, block in enumerate(self.blocks) if box.top <= block.box.bottom)
        top = self.blocks[number - 1].box.bottom + 1 if number else 0
        for label in self.labels:
            at = label.box
            above = top <= at.top and at.bottom < box.top and at.left <= box.right and box.left <= at.right
            beside = at.top <= box.top and box.bottom <= at.bottom and at.right < box.left
            if above or beside:
                yield label


class _Branch(NamedTuple):
    text: str
    kind: str
    line: FormLine | None


def list_groups_above(line: FormLine, groups: Sequence[LabelGroup]) -> list[LabelGroup]:
    """Return the groups that a line is printed below, outermost first."""
    by_code = {group.code: group for group in groups}
    above: list[LabelGroup] = []
    under = line.under
    while under:
        above.insert(0, by_code[under])
        under = by_code[under].under
    return above


def _path(line: FormLine, groups: Sequence[LabelGroup], kind: str) -> list[_Branch]:
    """The labels above a line, outermost first, its own last."""
    above = [
        _Branch(group.label, "head" if kind == "head" else "group", None) for group in list_groups_above(line, groups)
    ]
    return [*above, _Branch(line.printed, kind, line)]


def _tree(
    paths: Sequence[Sequence[_Branch]], depth: int, place: Callable[[int, int, int, int], CellBox]
) -> list[PrintedLabel]:
    """Labels over a run of lines: equal neighbours merge, the last of a short path fills the levels left.

    `place(level, last level, first line, last line)` turns tree positions into a box.
    """
    labels = []
    for level in range(depth):
        start = 0
        while start < len(paths):
            if level >= len(paths[start]):
                start += 1
                continue
            end = start
            leaf = level == len(paths[start]) - 1
            while not leaf and end + 1 < len(paths) and paths[end + 1][: level + 1] == paths[start][: level + 1]:
                end += 1
            branch = paths[start][level]
            last = depth - 1 if leaf else level
            labels.append(PrintedLabel(place(level, last, start, end), branch.text, branch.kind, branch.line))
            start = end + 1
    return labels


@lru_cache(maxsize=64)
def plan_section(form: Form, section: Section) -> PrintPlan:
    """Lay out one section of the form as it is printed."""
    tables = form.tables_of(section)
    if len(tables) == 1 and tables[0].layout == "across":
        return _across(tables[0])
    return _stacked(tables)


def _stacked(tables: Sequence[Table]) -> PrintPlan:
    """Lay out tables one below the other in shared columns, each under its title if there are several."""
    label_columns = max(len(_path(row, table.row_groups, "row")) for table in tables for row in table.rows)
    slots = max(len(table.columns) for table in tables)
    labels: list[PrintedLabel] = []
    cells: dict[str, CellBox] = {}
    blocks: list[FigureBlock] = []
    top = 0
    head_rows = 0
    for table in tables:
        if len(tables) > 1:
            labels.append(PrintedLabel(CellBox(top, 0, top, label_columns + slots - 1), table.title, "band"))
            top += 1
        paths = [_path(column, table.column_groups, "head") for column in table.columns]
        depth = max(len(path) for path in paths)
        columns = _columns(len(table.columns), slots, label_columns)
        head_rows = head_rows or depth
        head = top
        labels.append(PrintedLabel(CellBox(top, 0, top + depth - 1, label_columns - 1), table.corner, "corner"))
        labels += _tree(
            paths,
            depth,
            lambda level, last, a, b, top=top, columns=columns: CellBox(
                top + level, columns[a][0], top + last, columns[b][1]
            ),  # type: ignore[misc]
        )
        top += depth
        row_paths = [_path(row, table.row_groups, "row") for row in table.rows]
        labels += _tree(
            row_paths,
            label_columns,
            lambda level, last, a, b, top=top: CellBox(top + a, level, top + b, last),  # type: ignore[misc]
        )
        for r, row in enumerate(table.rows):
            for (left, right), column in zip(columns, table.columns, strict=True):
                cells[table.cell(row.code, column.code)] = CellBox(top + r, left, top + r, right)
        box = CellBox(top, label_columns, top + len(table.rows) - 1, label_columns + slots - 1)
        blocks.append(FigureBlock(table, box, head))
        top += len(table.rows)
    return PrintPlan(top, label_columns + slots, label_columns, head_rows, tuple(labels), cells, tuple(blocks))


def _columns(count: int, slots: int, left: int) -> list[tuple[int, int]]:
    """Where each of `count` columns stands in `slots` shared ones: the last spans those left over."""
    return [(left + n, left + n if n < count - 1 else left + slots - 1) for n in range(count)]


def _across(table: Table) -> PrintPlan:
    """Lay out a table printed in one row: its rows are groups side by side, each with all columns below."""
    width = len(table.columns)
    paths = [_path(row, table.row_groups, "head") for row in table.rows]
    depth = max(len(path) for path in paths)
    labels = _tree(paths, depth, lambda level, last, a, b: CellBox(level, a * width, last, b * width + width - 1))
    cells: dict[str, CellBox] = {}
    for r, row in enumerate(table.rows):
        for c, column in enumerate(table.columns):
            at = r * width + c
            labels.append(PrintedLabel(CellBox(depth, at, depth, at), column.printed, "head", column))
            cells[table.cell(row.code, column.code)] = CellBox(depth + 1, at, depth + 1, at)
    across = len(table.rows) * width
    block = FigureBlock(table, CellBox(depth + 1, 0, depth + 1, across - 1), 0)
    return PrintPlan(depth + 2, across, 0, depth + 1, tuple(labels), cells, (block,))
