"""How well real reports are read: cells right, uncertain and wrong, per file. `table()` is the page for the docs."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from tests.domain import CASES
from workbook.documents.reading.document_reader import ImportedDocument, read_document
from workbook.documents.reading.row_matching import Confidence
from workbook.model.form import Cell
from workbook.model.form_loader import load_form
from workbook.model.numbers import format_json_value

REAL = CASES / "real"
UNKNOWN = "?"


class Score(NamedTuple):
    """One file: cells whose figure the text tells, read right, left open, read wrong; and those it does not tell."""

    file: str
    form: str
    cells: int
    right: int
    uncertain: int
    wrong: tuple[str, ...]
    untold: int


def truths() -> dict[str, dict[str, object]]:
    """File name → form and rows."""
    return json.loads((REAL / "truth.json").read_text("utf-8"))


def truth_of(name: str) -> dict[str, object]:
    """Cell code → what the document says, by file name."""
    one = truths()[name]
    form, rows = load_form(one["form"]), one["rows"]
    return {
        table.cell(row.code, column.code): value
        for table in form.tables
        for row in table.rows
        for column, value in zip(table.columns, rows[f"{table.code}.{row.code}"], strict=True)
    }


def same(cell: Cell, value: object, true: object) -> bool:
    """Whether a value is the figure the document says, in the cell's own unit."""
    if value is None or true is None:
        return value is true
    return not isinstance(value, str) and Decimal(str(format_json_value(value, cell.unit))) == Decimal(str(true))


def score(path: Path, imported: ImportedDocument | None = None) -> Score:
    """Read a file and hold it against the truth."""
    imported = imported or read_document(path)
    truth = truth_of(path.name)
    right = uncertain = untold = 0
    wrong = []
    for cell in imported.report.form.cells:
        true, value = truth[cell.code], imported.report[cell.code]
        sure = imported.readings[cell.code].confidence is not Confidence.UNCERTAIN
        if true == UNKNOWN:
            untold += 1
            if sure:
                wrong.append(cell.code)
        elif not sure:
            uncertain += 1
        elif same(cell, value, true):
            right += 1
        else:
            wrong.append(cell.code)
    cells = len(truth) - untold
    return Score(path.stem, imported.report.form.id, cells, right, uncertain, tuple(wrong), untold)


def scores() -> list[Score]:
    """Every real file."""
    return [score(REAL / name) for name in truths()]


def table() -> str:
    """The table as Markdown."""
    counts = [(f"{s.file} | {s.form}", s.cells, s.right, s.uncertain, len(s.wrong), s.untold) for s in scores()]
    sums = [sum(column) for column in list(zip(*counts, strict=True))[1:]]
    return "\n".join(
        [
            "| 报告 | 表式 | 原文说得清的格 | 读对 | 存疑 | 读错 | 原文说不清的格（一律留空） |",
            "|---|---|--:|--:|--:|--:|--:|",
            *("| " + " | ".join(map(str, line)) + " |" for line in [*counts, ("**合计** | ", *sums)]),
            f"\n读对占原文说得清的 {sums[1] / sums[0]:.2%}。\n",
        ]
    )
