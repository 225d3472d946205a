"""Which tests hold which module: worked out from what the test files import; `python -m tests.module_tests` writes it.

A module that no test imports is held through the modules that use it, or its package: their tests stand in brackets.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from tests.domain import ROOT

PAGE = ROOT / "CONTRIBUTING.md"
BEGIN, END = "<!-- module → tests: begin -->\n", "<!-- module → tests: end -->\n"
FOLDERS = ("unit", "integration", "robustness", "office")
MOST = 4
"""How many test files are named for one module: the nearest first."""


def _is_shipped(path: Path) -> bool:
    return path.name not in {"__init__.py", "__main__.py"} and "oxt" not in path.parts


@cache
def list_modules() -> dict[str, Path]:
    """Return every module of what is shipped, by its dotted name; packages by their `__init__`, too."""
    found = {}
    for top in ("workbook", "xlplugin"):
        for path in sorted((ROOT / top).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


@cache
def list_imports(path: Path) -> frozenset[str]:
    """Return the modules of ours that a file imports, at its top within functions."""
    modules, found = list_modules(), set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            found.update(inside & modules.keys() or {node.module})
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)  # a module started by its name, in a process of its own
    return frozenset(found & modules.keys())


def list_tests(name: str) -> list[Path]:
    """Return the test files that import a module or are named after it, the latter first, then the fastest kind."""
    own = name.rpartition(".")[2]
    files = [path for folder in FOLDERS for path in sorted((ROOT / "tests" / folder).rglob("test_*.py"))]
    found = [path for path in files if name in list_imports(path) or path.stem == f"test_{own}"]
    return sorted(found, key=lambda path: own not in path.stem)


def find_tests(name: str) -> tuple[list[Path], bool]:
    """Return the tests of a module, and whether it is they that import it; otherwise they are those of its users."""
    if own := list_tests(name):
        return own, True
    seen, near = {name}, [name]
    while near:
        near = [user for user, path in list_modules().items() if user not in seen and list_imports(path) & {*near}]
        seen.update(near)
        if found := [path for user in near for path in list_tests(user)]:
            return list(dict.fromkeys(found)), False
    return list_tests(name.rpartition(".")[0]), False  # a command is imported by its name, once it is asked for


def render_table() -> str:
    """Return the table as it stands in CONTRIBUTING.md."""
    lines = ["| module | its tests |", "|---|---|"]
    for name, path in list_modules().items():
        if _is_shipped(path):
            tests, direct = find_tests(name)
            named = ", ".join(f"`{one.relative_to(ROOT / 'tests')}`" for one in tests[:MOST])
            lines.append(f"| `{path.relative_to(ROOT)}` | {named if direct else f'({named})'} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the table anew."""
    text = PAGE.read_text("utf-8")
    pattern = re.escape(BEGIN) + ".*?" + re.escape(END)
    PAGE.write_text(re.sub(pattern, lambda _: BEGIN + render_table() + END, text, flags=re.DOTALL), "utf-8")


if __name__ == "__main__":
    main()
