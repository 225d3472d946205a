"""What in a well-typed form file cannot be meant: said with the key it stands at and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from workbook import identity, narrative
from workbook.form import PREVIOUS, Form, Group, Line, Section, Stated, Table, TextRule
from workbook.numbers import UNITS
from workbook.rulebook import norms, topics

Keys = list[str | int]
Fault = tuple[Keys, str]

BOOK: Final = "in the rule book (workbook/rules.toml)"
_SHEET: Final = re.compile(r"[^\[\]:*?/\\']{1,31}")
"""What every spreadsheet program takes for the name of a sheet."""
_ADDRESS: Final = re.compile(r"[a-z]{1,3}[0-9]+|r[0-9]*c[0-9]*|r|c")
"""A code that is a cell's address makes no defined name."""
_TOPICS: Final[Mapping[str, tuple[Callable[[], Collection[str]], str]]] = {
    "narrative-counts": (narrative.topics, "workbook/narrative.toml"),
    "reviews": (topics, "workbook/rules.toml"),
}
"""Rules that speak of a topic: which there are, and where they stand."""

_ABOUT_ONE: Final = ("narrative-counts", "fees")
"""Rules that speak of one text; the others, of all."""
_OTHER: Final = {"row": "column", "column": "row"}


def faults(form: Form) -> Iterator[Fault]:
    """Everything that cannot be meant in a form."""
    if form.years.from_ > form.years.until:
        yield ["years"], f"in force from {form.years.from_} until {form.years.until}: no year at all"
    for s, section in enumerate(form.sections):
        yield from _section_faults(["section", s], form, section, form.sections[:s])
    tabled = [section.code for section in form.sheets]
    for t, table in enumerate(form.tables):
        at: Keys = ["table", t]
        if table.section not in tabled:
            yield [*at, "section"], f"no section {table.section!r} with a sheet; there are: {_list(tabled)}"
        if table.code in {other.code for other in form.tables[:t]}:
            yield [*at, "code"], f"the table code {table.code!r} is used twice"
        if _ADDRESS.fullmatch(table.code):
            yield [*at, "code"], f"{table.code!r} is the address of a cell: take a word"
        yield from _group_faults([*at, "row_groups"], table.row_groups)
        yield from _group_faults([*at, "column_groups"], table.column_groups)
        yield from line_faults([*at, "rows"], table.rows, table.row_groups)
        yield from line_faults([*at, "columns"], table.columns, table.column_groups)
        yield from spread_faults([*at, "row_groups"], table.rows, table.row_groups)
        yield from spread_faults([*at, "column_groups"], table.columns, table.column_groups)
        for r, rule in enumerate(table.rule):
            yield from rule_faults([*at, "rule", r], table, rule)
    for r, text_rule in enumerate(form.text_rules):
        yield from _text_rule_faults(["text_rule", r], form, text_rule)


def _section_faults(at: Keys, form: Form, section: Section, before: Sequence[Section]) -> Iterator[Fault]:
    if section.code in {other.code for other in before}:
        yield [*at, "code"], f"the section code {section.code!r} is used twice"
    if section.text == bool(section.sheet):
        yield at, f"the section {section.code!r} must have either text = true or the name of its sheet"
    elif section.sheet and not _SHEET.fullmatch(section.sheet):
        yield [*at, "sheet"], f"{section.sheet!r} is no name for a sheet: at most 31 signs, none of []:*?/\\'"
    elif section.sheet and section.sheet in {other.sheet for other in before}:
        yield [*at, "sheet"], f"the sheet {section.sheet!r} is used twice"
    elif section.sheet and not form.tables_of(section):
        yield at, f"no table stands in the section {section.code!r}"


def line_faults(at: Keys, lines: Sequence[Line], groups: Sequence[Group]) -> Iterator[Fault]:
    """Everything that cannot be meant in rows or columns."""
    codes = [line.code for line in lines]
    if not lines:
        yield at, "a table needs at least one"
    totals = {line.code: line.into for line in lines}
    printed: set[tuple[str, str]] = set()
    for n, line in enumerate(lines):
        here: Keys = [*at, n]
        if line.code in codes[:n]:
            yield [*here, "code"], f"the code {line.code!r} is used twice"
        if (line.under, line.label) in printed:
            yield (
                [*here, "label"],
                f"the label {line.label!r} is printed twice: no reader could tell which is which",
            )
        printed.add((line.under, line.label))
        if line.into and line.into not in codes:
            yield (
                [*here, "into"],
                f"no line {line.into!r} to count into (a row into a row, a column into a column)",
            )
        if line.into == line.code:
            yield [*here, "into"], "a line cannot count into itself"
        elif _circular(line.code, totals):
            yield [*here, "into"], "a line cannot count into itself by way of others"
        if line.under and line.under not in {group.code for group in groups}:
            yield [*here, "under"], f"no group {line.under!r}"
        if line.rule not in norms():
            yield [*here, "rule"], f"no rule {line.rule!r} {BOOK}"
        elif line.rule != "total" and line.code not in totals.values():
            yield [*here, "rule"], f"a sum has a rule, and nothing counts into {line.code!r}"
        if line.unit and line.unit not in UNITS:
            yield [*here, "unit"], f"unknown unit {line.unit!r}; known: {_list(UNITS)}"


def _group_faults(at: Keys, groups: Sequence[Group]) -> Iterator[Fault]:
    for g, group in enumerate(groups):
        before = {one.code for one in groups[:g]}
        if group.code in before:
            yield [*at, g, "code"], f"the group {group.code!r} is stated twice"
        if group.under and group.under not in before:
            yield [*at, g, "under"], f"no group {group.under!r} before this one"


def spread_faults(at: Keys, lines: Sequence[Line], groups: Sequence[Group]) -> Iterator[Fault]:
    """A group that is printed nowhere, or in two places."""
    outer = {group.code: group.under for group in groups}
    for g, group in enumerate(groups):
        inside = [n for n, line in enumerate(lines) if group.code in _chain(line.under, outer)]
        if not inside:
            yield [*at, g], f"no line stands under the group {group.code!r}"
        elif inside[-1] - inside[0] >= len(inside):
            yield [*at, g], f"the lines under the group {group.code!r} do not stand together"


def _chain(code: str, outer: Mapping[str, str]) -> list[str]:
    """A group and those it is in."""
    chain: list[str] = []
    while code and code not in chain:
        chain.append(code)
        code = outer.get(code, "")
    return chain


def _circular(code: str, totals: Mapping[str, str]) -> bool:
    seen = {code}
    at = totals.get(code, "")
    while at and at not in seen:
        seen.add(at)
        at = totals.get(at, "")
    return at == code


def rule_faults(at: Keys, table: Table, rule: Stated) -> Iterator[Fault]:
    """Everything that cannot be meant in a rule stated for a table."""
    terms, other = (table.rows, table.columns) if rule.each == "column" else (table.columns, table.rows)
    codes, crosswise = ({line.code for line in lines} for lines in (terms, other))
    hint = f'; it is one of the {"columns" if rule.each == "column" else "rows"}: each = "{_OTHER[rule.each]}"?'
    for side, names in (("left", rule.left), ("right", rule.right)):
        for name in names:
            code = name.removeprefix("-").removesuffix(PREVIOUS)
            if code not in codes:
                yield [*at, side], f"no line {code!r} in table {table.code!r}{hint if code in crosswise else ''}"
    if rule.id not in norms():
        yield [*at, "id"], f"no rule {rule.id!r} {BOOK}"
    if not rule.test and not (rule.left and rule.right):
        yield at, "an equation needs left and right, or a test"
    for name in rule.lines:
        if name not in crosswise:
            yield [*at, "lines"], f"no line {name!r} in table {table.code!r}"
    known = [level.code for level in identity.levels()]
    for level in rule.levels:
        if level not in known:
            yield [*at, "levels"], f"no level {level!r}; known: {_list(known)}"
    if rule.test == "level" and not (rule.lines and rule.levels):
        yield at, "the test of a level needs lines and levels"


def _text_rule_faults(at: Keys, form: Form, rule: TextRule) -> Iterator[Fault]:
    texts = [section.code for section in form.texts]
    if rule.id not in norms():
        yield [*at, "id"], f"no rule {rule.id!r} {BOOK}"
    if rule.text not in texts and (rule.text or rule.id in _ABOUT_ONE):
        yield [*at, "text"], f"no text {rule.text!r}; there are: {_list(texts)}"
    for code in rule.cells:
        if code not in form.index:
            yield [*at, "cells"], f"no cell {code!r}"
    if rule.id in _TOPICS:
        known, file = _TOPICS[rule.id]
        if rule.topic not in known():
            yield [*at, "topic"], f"no topic {rule.topic!r} in {file}; known: {_list(known())}"


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
