"""Every text asked for by a key that stands in the code is there: a renamed variable must not take a key with it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tests.domain import ROOT
from workbook.safety.messages import load_messages

ASKS = {"get", "text", "texts", "entry"}
FILES = [
    path
    for package in ("workbook", "xlplugin")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "load_messages(" in path.read_text("utf-8")
]


def asked(path: Path) -> Iterator[tuple[str, str, int]]:
    """Package, key and line of each text that a module asks for by a literal key."""
    tree = ast.parse(path.read_text("utf-8"))
    tables = {
        node.targets[0].id: node.value.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", "") == "load_messages"
        and len(node.value.args) == 1
        and isinstance(node.value.args[0], ast.Constant)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ASKS
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in tables
            and node.args
        ):
            first = node.args[0]
            for key in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
                if isinstance(key, ast.Constant):
                    yield tables[node.func.value.id], key.value, node.lineno


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_key_is_there(path: Path) -> None:
    missing = []
    for package, key, line in asked(path):
        try:
            import_module(package.partition(".")[0])
            load_messages(package).entry(key)
        except KeyError:
            missing.append(f"{path.name}:{line} {package} {key}")
    assert missing == []


def test_keys_are_found_in_the_code() -> None:
    assert sum(len(list(asked(path))) for path in FILES) > 300
