"""Workbooks altered after they were filled in: each edit is one a clerk makes, and none is undone by reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import openpyxl
from openpyxl.workbook import Workbook

from benchmarks.desk import Desk, Fits, Planted, some_requests, stated
from workbook.excel.template_layout import TemplateLayout
from workbook.model.numbers import Value
from workbook.model.report import Report


def edited(path: Path, edit: Callable[[Workbook], object]) -> None:
    """The workbook after somebody edited it with a program that drops all stored results."""
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)


def _altered(
    desk: Desk, kind: str, finding: str, edit: Callable[[Workbook, TemplateLayout, Report], object], fits: Fits
) -> Planted:
    line, now, before = desk.take(fits)
    path = desk.put(desk.place(line), now, before)
    places = TemplateLayout(desk.form, {code: text.count("\n") + 1 for code, text in now.texts.items()})
    edited(path, lambda book: edit(book, places, now))
    return Planted(kind, desk.place(line), line.code, "held", finding)


def _put(book: Workbook, places: TemplateLayout, cells: Mapping[str, Value]) -> None:
    for code, value in cells.items():
        spot = places.cells[code]
        book[spot.sheet].cell(spot.row + 1, spot.column + 1).value = value


def _total(report: Report) -> str:
    """A total of one column that is above 0."""
    return next(r.left[0].cell.code for r in stated(report.form, yearly=False) if report.number(r.left[0].cell.index))


def _some_results(now: Report, _before: Report) -> bool:
    return any(now.number(rule.left[0].cell.index) for rule in stated(now.form, yearly=False))


def typed_over(desk: Desk) -> Iterator[Planted]:
    """A total left at 0."""
    edit = lambda book, places, now: _put(book, places, {_total(now): 0})  # noqa: E731
    yield _altered(desk, "typed_over", "structure-formula", edit, _some_results)


def other_formula(desk: Desk) -> Iterator[Planted]:
    """A total that leaves out most of its parts."""

    def edit(book: Workbook, places: TemplateLayout, now: Report) -> None:
        spot = places.cells[_total(now)]
        column = spot.a1.rstrip("0123456789")
        _put(book, places, {_total(now): f"=SUM({column}{spot.row - 1}:{column}{spot.row})"})

    yield _altered(desk, "other_formula", "structure-formula", edit, _some_results)


def relabelled(desk: Desk) -> Iterator[Planted]:
    """A row that was given another name."""

    def edit(book: Workbook, places: TemplateLayout, now: Report) -> None:
        sheet = places.cells[_total(now)].sheet
        label = next(one for one in places.labels[sheet] if one.kind == "row" and one.line)
        book[sheet].cell(label.box.top + 1, label.box.left + 1).value = "本单位自设的一项"

    yield _altered(desk, "relabelled", "structure-label", edit, _some_results)


def row_inserted(desk: Desk) -> Iterator[Planted]:
    def edit(book: Workbook, places: TemplateLayout, now: Report) -> None:
        spot = places.cells[_total(now)]
        book[spot.sheet].insert_rows(spot.row - 2)

    yield _altered(desk, "row_inserted", "structure-row", edit, _some_results)


def sheet_deleted(desk: Desk) -> Iterator[Planted]:
    def edit(book: Workbook, _places: TemplateLayout, _now: Report) -> None:
        del book[desk.form.sheets[-1].sheet]

    yield _altered(desk, "sheet_deleted", "structure-missing", edit, _some_results)


def number_with_words(desk: Desk) -> Iterator[Planted]:
    """17个: read as 17, and said."""
    line, now, before = desk.take(some_requests)
    rule = next(r for r in stated(desk.form, yearly=False) if now.number(r.right[0].cell.index))
    code = rule.right[0].cell.code
    path = desk.put(desk.place(line), now, before, counts=True)
    edited(path, lambda book: _put(book, TemplateLayout(desk.form), {code: f"{now[code]}个"}))
    yield Planted("number_with_words", desk.place(line), line.code, "merged", "number-clean")


ALTERED = (typed_over, other_formula, relabelled, row_inserted, sheet_deleted, number_with_words)
