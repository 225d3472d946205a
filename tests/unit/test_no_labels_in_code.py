"""The form's words stand in the form's files alone: a label in code would be a second place to change."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.domain import FORM_FILES, ROOT
from workbook.model.form_loader import load_form

SHORTEST = 3
"""其他 and 总计 are words of any Chinese sentence; a label of three signs is the form's."""

LABELS = {
    text
    for form in (*FORM_FILES, load_form("annual-2019", "420000"))
    for table in form.tables
    for line in (*table.rows, *table.columns, *table.row_groups, *table.column_groups)
    for text in (line.label, *line.aliases)
    if len(text) >= SHORTEST
}
FILES = [path for folder in ("workbook", "xlplugin") for path in sorted((ROOT / folder).rglob("*.py"))]


def literals(path: Path) -> list[tuple[int, str]]:
    """Every text a module works with, with its line; docstrings, which explain by example, are none."""
    tree = ast.parse(path.read_text("utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    explaining = {
        id(statement.value)
        for node in ast.walk(tree)
        if isinstance(node, documented)
        for statement in node.body
        if isinstance(statement, ast.Expr)
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explaining
    ]


def test_the_labels_are_looked_for_where_there_is_code():
    assert len(LABELS) > 60
    assert len(FILES) > 10
    assert any(text == "annual" or text for _, text in literals(ROOT / "workbook" / "model" / "form.py"))


def test_no_label_stands_in_code():
    found = ((path, line, text) for path in FILES for line, text in literals(path))
    assert [(path, line, label) for path, line, text in found for label in LABELS if label in text] == []
