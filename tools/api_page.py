"""Writes docs/api.md, the page of what `import workbook` gives, from the docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from textwrap import indent
from typing import Any

import workbook

INTRODUCTION = """# The library

*Made from docstrings by `python -m tools.docs`; every example is run by a test.*

"""
PARTS = (
    ("Functions", ("load", "check", "merge")),
    ("Classes", ("Report", "Finding", "FindingList", "Severity", "MergedReports")),
    ("Exceptions", ("UserError", "Unreadable")),
)
OPERATORS = ("__getitem__", "__add__")
"""Special methods that are worth a line."""
WIDTH = 110
"""Longest signature in one line, in characters."""
END = """
## Other modules

Everything else is internal: modules may move between minor versions. What is worth knowing:

- `workbook.exchange.report_json` reads and writes the JSON of a report; `ogi schema` prints its JSON Schema.
- `workbook.excel.template.template_writer.write_workbook(path, report, previous)` writes the workbook of a report.
- `workbook.documents.write_document(path, report)` writes it as .docx, .html, .pdf or .csv.
- `workbook.model.form_loader.load_form("annual-2021")` is a form; `form.cells` lists the cell codes and labels.
"""


def build_page() -> str:
    """Return the page: every public name with its signature and docstring."""
    parts = [INTRODUCTION, _format_docstring(workbook)]
    for title, names in PARTS:
        parts.append(f"\n## {title}\n")
        parts += [_format_entry(name, getattr(workbook, name)) for name in names]
    return "".join([*parts, END])


def _format_entry(name: str, what: Any) -> str:  # noqa: ANN401 -- a function or a class
    if not inspect.isclass(what):
        return f"\n### `{name}`\n\n```text\n{_format_signature(name, what)}\n```\n\n{_format_docstring(what)}"
    members = "".join(_list_members(what))
    return f"\n### `{name}`\n\n{_format_docstring(what)}" + (f"\n{members}" if members else "")


def _list_members(cls: type) -> Iterator[str]:
    """Yield an item for each public method and property of a class, in the order of its source."""
    for name, what in vars(cls).items():
        function = what.fget if isinstance(what, property) else what
        if inspect.isfunction(function) and (name in OPERATORS or not name.startswith("_")):
            signature = name if isinstance(what, property) else _format_signature(name, function)
            yield f"- `{signature}`:\n{indent(inspect.cleandoc(function.__doc__ or ''), '  ')}\n"


def _format_signature(name: str, function: Callable[..., object]) -> str:
    """Return a signature in one line, or in one for each parameter where that is too long."""
    stated = inspect.signature(function)
    parameters = [
        one.replace(annotation=_format_type(one.annotation)) for one in stated.parameters.values() if one.name != "self"
    ]
    ends = f" -> {_format_type(stated.return_annotation)!r}"
    line = name + str(stated.replace(parameters=parameters, return_annotation=stated.empty)) + ends
    if len(line) <= WIDTH:
        return line
    lines = []
    for one in parameters:
        if one.kind is one.KEYWORD_ONLY and "    *,\n" not in lines:
            lines.append("    *,\n")
        lines.append(f"    {one},\n")
    return f"{name}(\n{''.join(lines)}){ends}"


class _Type(str):
    """A type as it is printed: without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _format_type(annotation: str | type) -> _Type:
    """Return a type as users know it."""
    text = annotation if isinstance(annotation, str) else annotation.__name__
    return _Type(text.replace("os.PathLike[str]", "Path").replace("PathName", "str | Path"))


def _format_docstring(what: object) -> str:
    """Return a docstring as Markdown: each of its examples in a block."""
    paragraphs = re.split(r"\n\n+", inspect.getdoc(what) or "")
    blocks = [f"```pycon\n{one}\n```" if one.startswith(">>>") else one for one in paragraphs]
    return "\n\n".join(blocks) + "\n"
