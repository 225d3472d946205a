"""What a formula would be told; that Excel offers it cannot be tried here."""

from __future__ import annotations

import pytest

from tests.domain import example
from workbook.model.form import Table
from workbook.model.report import Report
from xlplugin.udfs import OGI_CHECK, check_table


def table_of(report: Report, code: str) -> tuple[Table, list[list[object]]]:
    table = next(one for one in report.form.tables if one.code == code)
    return table, [[report[table.cell(row.code, column.code)] for column in table.columns] for row in table.rows]


def test_a_table_is_judged_where_it_stands():
    report = example("市中区统计局-2020")
    _, figures = table_of(report, "requests")
    said = check_table(figures, report.form.id, "requests").split("\n")
    assert len(said) == 4
    assert said[0] == "表三“自然人”列：（七）总计填 0，各项办理结果之和为 4，相差 -4。"
    assert OGI_CHECK(figures, report.form.id, "requests") == "\n".join(said)


def test_a_consistent_table_passes():
    report = example("洛龙区统计局-2020")
    zeros = [[0] * len(row) for row in table_of(report, "requests")[1]]
    assert check_table(zeros, report.form.id, "requests") == "通过"


@pytest.mark.parametrize(
    ("figures", "form", "table", "words"),
    [
        ([[1]], "annual-1999", "requests", "annual-2021"),
        ([[1]], "annual-2021", "nothing", "requests"),
        ([[1]], "annual-2021", "requests", "× 7 列"),
        ([], "annual-2021", "requests", "× 7 列"),
    ],
)
def test_what_does_not_fit_is_told(figures, form, table, words):
    assert words in check_table(figures, form, table)
