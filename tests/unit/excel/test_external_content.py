"""What is told of a workbook that reaches beyond itself: the rule, what it quotes, and where that stands."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from tests.samples.filled_workbooks import FORM
from tests.samples.minimal_workbooks import SAID
from workbook.excel.reading.entry_reader import NarrativeTexts
from workbook.excel.reading.external_content import MOST, list_external_findings
from workbook.excel.reading.label_index import WorkbookView
from workbook.excel.reading.reading_context import WorkbookReading
from workbook.excel.reading.workbook_contents import Cell, ExternalReference, Validation, WorkbookContents
from workbook.model.rule_catalog import format_message

ASKS, CALLS = 'WEBSERVICE("http://x")', "[1]表!A1"


def told(book: WorkbookContents) -> list[tuple[str, str, str]]:
    """Rule, message and place of all that is told of a book."""
    nothing: Any = MappingProxyType({})
    reading = WorkbookReading(
        WorkbookView(book), None, False, FORM, nothing, nothing, frozenset(), NarrativeTexts(nothing, nothing, nothing)
    )
    return [(one.rule, format_message(one), str(one.source)) for one in list_external_findings(reading)]


def book(
    *, names: dict[str, str] | None = None, reaches: tuple[ExternalReference, ...] = (), **sheet: Any
) -> WorkbookContents:
    one = replace(SAID.sheets[0], **{"cells": {}, **sheet})
    return replace(SAID, sheets=(SAID.sheets[1], one), names=names or {}, reaches=reaches)


def validated(formula1: str = "", formula2: str = "", ranges: tuple[str, ...] = ("D6", "F6")) -> WorkbookContents:
    return book(validations=(Validation(ranges, formula1=formula1, formula2=formula2),))


LINK, UNHARMED = "工作簿引用了其他文件：{}。", "。本程序没有运行它，也不会把它写入任何文件。"
ACTIVE = "工作簿含有{}" + UNHARMED
STARTS = ACTIVE.format("公式或名称会启动程序或联网取数（{}）")
BOOKS: dict[str, tuple[WorkbookContents, list[tuple[str, str, str]]]] = {
    "nothing": (book(cells={(5, 3): Cell(6, "SUM(D7:D9)"), (6, 3): Cell("甲")}, names={"甲": "表三!$D$6"}), []),
    "parts": (
        book(reaches=(ExternalReference("dde", "cmd|x"), ExternalReference("vba", "xl/vbaproject.bin"))),
        [
            ("structure-active", ACTIVE.format("DDE 链接（cmd|x）"), ""),
            ("structure-macros", "工作簿带有VBA 宏（xl/vbaproject.bin）" + UNHARMED, ""),
        ],
    ),
    "a name": (book(names={"甲": ASKS}), [("structure-active", STARTS.format(f"甲={ASKS}"), "")]),
    "a cell": (
        book(cells={(5, 3): Cell(6, CALLS), (6, 3): Cell(6, ASKS)}),
        [
            ("structure-link", LINK.format(f"公式 表三!D6={CALLS}"), "表三!D6"),
            ("structure-active", STARTS.format(f"表三!D7={ASKS}"), "表三!D7"),
        ],
    ),
    "places of OpenDocument": (
        book(cells={
            (5, 3): Cell(6, """'封面'![.$C$5]&"年"&'封面'![.$C$6]"""),
            (6, 3): Cell(6, "SUM([$表三.D6:.D8];['表 三'.A1])"),
        }),
        [],
    ),
    "a file called like one": (
        book(cells={(5, 3): Cell(6, "[x.A1]表!A1"), (6, 3): Cell(6, "'[x.A1]表'!A1")}),
        [
            ("structure-link", LINK.format("公式 表三!D6=[x.A1]表!A1"), "表三!D6"),
            ("structure-link", LINK.format("公式 表三!D7='[x.A1]表'!A1"), "表三!D7"),
        ],
    ),
    "a validation": (validated(ASKS, "9"), [("structure-active", STARTS.format(f"表三!D6={ASKS}"), "表三!")]),
    "its end": (validated("0", ASKS), [("structure-active", STARTS.format(f"表三!D6={ASKS}"), "表三!")]),
    "a validation of no cell": (
        validated(ASKS, ranges=()), [("structure-active", STARTS.format(f"表三!={ASKS}"), "表三!")],
    ),
    "validations that nobody can tell": (book(validations=None), []),
    "names in a circle": (
        book(names={"甲": "乙", "乙": "甲"}), [("structure-circle", "循环引用：甲 → 乙 → 甲。", "")],
    ),
    "a text of more than one line": (
        book(reaches=(ExternalReference("opened", "a\nb\u200b"),)),
        [("structure-link", LINK.format("指向文件或程序的超链接 a b〔U+200B〕"), "")],
    ),
    "a long one": (
        book(reaches=(ExternalReference("opened", "x" * 41),)),
        [("structure-link", LINK.format(f"指向文件或程序的超链接 {'x' * 39}…"), "")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BOOKS)
def test_it_is_told_with_rule_and_place(name: str) -> None:
    given, found = BOOKS[name]
    assert told(given) == found


def test_so_many_are_told_and_no_more() -> None:
    assert len(told(book(reaches=(ExternalReference("opened", "x"),) * (MOST + 1)))) == MOST
    ring = {f"n{n}": f"n{(n + 1) % 25}" for n in range(25)}
    ((_, said, _),) = told(book(names=ring))
    assert said == "循环引用：" + " → ".join(f"n{n}" for n in range(MOST)) + "。"
