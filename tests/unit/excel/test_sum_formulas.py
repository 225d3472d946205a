"""What a formula adds up: the cells of its own sheet, each once, where it does no more than that."""

from __future__ import annotations

import pytest

from workbook.excel.reading.figure_reader import MOST, FormulaSum, list_added_cells

ROW = ((0, 0), (0, 1), (0, 2))
COLUMN = ((0, 0), (1, 0), (2, 0))


@pytest.mark.parametrize(
    ("formula", "cells", "guarded"),
    [
        ("SUM(A1:C1)", ROW, False),
        ("SUM(A1:A3)", COLUMN, False),
        ("SUM(A3:A1)", COLUMN, False),
        ("sum( $A$1 : A3 )", COLUMN, False),
        ("SUM(A1,A2;A3)", COLUMN, False),
        ("SUM(A1:A2,A3)", COLUMN, False),
        ("A1+A2+A3", COLUMN, False),
        ("+A1+A2+A3", COLUMN, False),
        ("A1", ((0, 0),), False),
        ("SUM(A1)", ((0, 0),), False),
        ("SUM(B2:C3)", ((1, 1), (1, 2), (2, 1), (2, 2)), False),
        ("SUM(XFD1048576)", ((1048575, 16383),), False),
        ('IF(COUNT(A1:C1)=0,"",SUM(A1:C1))', ROW, True),
        ('if(count($A$1:C1)=0;"";sum(A1:$C$1))', ROW, True),
        ('IF(COUNT(A1,B1:C1)=0,"",SUM(A1,B1:C1))', ROW, True),
    ],
)
def test_a_formula_that_adds_names_its_cells(formula, cells, guarded):
    assert list_added_cells(formula) == FormulaSum(cells, guarded)


@pytest.mark.parametrize(
    "formula",
    [
        "", "5", "A1-A2", "A1+5", "A1+", "A1++A2", "SUM()", "SUM(A1:A3)*2", "SUM(A1:A3)+A4", "-A1", "SUM(A1,A1)",
        "SUM(A1:A3,A2)", "A1+A1", "SUM([1]S!A1)", "SUM(S!A1)", "SUM(A:A)", "SUM(1:3)", "SUM(A1:A3", "SUMIF(A1:A3)",
        "SUM(A0)", "SUM(XFE1)", "ROUND(A1,0)", 'IF(COUNT(A1:A3)=0,"",SUM(A1:A4))', 'IF(COUNT(A1:A3)=1,"",SUM(A1:A3))',
        'IF(COUNT(A1:A3)=0,0,SUM(A1:A3))', 'IF(COUNTA(A1:A3)=0,"",SUM(A1:A3))', "SUM(A1:XFD1048576)", "SUM(#REF!)",
        "TOTAL+A1", "SUM(甲)",
    ],
)  # fmt: skip
def test_any_other_formula_is_none_of_those(formula):
    assert list_added_cells(formula) is None


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        (f"SUM(A1:A{MOST})", True), (f"SUM(A1:A{MOST + 1})", False), (f"SUM(A1:A{MOST},B1)", False),
        (f"SUM(B1,A1:A{MOST - 1})", True), (f"SUM(B1,A1:A{MOST})", False), (f"SUM(A1:B{MOST // 2})", True),
        (f"SUM(A1:B{MOST // 2 + 1})", False), (f"SUM(A1:B{MOST // 2},C1)", False),
    ],
)  # fmt: skip
def test_no_sum_of_a_report_has_more_cells_than_two_thousand(formula, found):
    assert (list_added_cells(formula) is not None) == found
