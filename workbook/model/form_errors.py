"""Finds what in a form file cannot be meant, and says where it is in the form and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from workbook.model import identity
from workbook.model.form import PREVIOUS, Form, FormLine, LabelGroup, RuleSpec, Section, Table, TextRule
from workbook.model.numbers import UNITS
from workbook.model.rule_catalog import list_norms, list_rule_topics
from workbook.safety.messages import NO_TEXT, Bilingual, UserError, load_messages, read_toml

Keys = list[str | int]
"""The path to a place in a form file: `["table", 2, "rows", 3, "label"]` is written `table[2].rows[3].label`."""
Fault = tuple[Keys, Bilingual]

messages = load_messages("workbook.model.form_errors")
_SHEET: Final = re.compile(r"[^\[\]:*?/\\']{1,31}")
"""What every spreadsheet program takes for the name of a sheet."""
_ADDRESS: Final = re.compile(r"[a-z]{1,3}[0-9]+|r[0-9]*c[0-9]*|r|c")
"""A code that is a cell's address makes no defined name."""


def _list_claim_topics() -> set[str]:
    """The topics whose counts are looked for in texts, as `narrative-counts` names them."""
    return {entry["topic"] for entry in read_toml("workbook.rules.narrative_claims")["claim"]}


_TOPICS: Final[Mapping[str, tuple[Callable[[], Collection[str]], str]]] = {
    "narrative-counts": (_list_claim_topics, "workbook/rules/narrative_claims.toml"),
    "reviews": (list_rule_topics, "workbook/model/rules.toml"),
}
"""Rules that speak of a topic: which there are, and where they stand."""

_ABOUT_ONE: Final = ("narrative-counts", "fees")
"""Rules that speak of one text; the others, of all."""


class FormError(UserError):
    """A form file is wrong: `message` names the file, the place in the form, and what to write."""

    def __init__(self, file: Path, keys: Sequence[str | int], what: Bilingual, data: object = None) -> None:
        place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).removeprefix(".")
        name = _name_at(data, keys)
        named = messages.get("sentence.named", name=name) if name else NO_TEXT
        key = "sentence.key" if keys else "sentence.file"
        super().__init__(messages.get(key, file=file, place=place, named=named, what=what))


def _name_at(data: Any, keys: Sequence[str | int]) -> str:  # noqa: ANN401 -- whatever the file holds
    """The code, id or label of the innermost row, column, table … at that place: numbers are hard to count to."""
    name = ""
    for key in keys:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(key, int) and isinstance(data, dict):
            name = str(data.get("code") or data.get("id") or data.get("label") or name)
    return name


def invalid_value(error: msgspec.ValidationError, kind: type) -> Fault:
    """What msgspec found in a file of that kind (`Form`, `Supplement`), and where: a key or a value of no use."""
    detail, _, place = str(error).partition(" - at ")
    keys: Keys = [int(n) if n else key for n, key in re.findall(r"\[(\d+)\]|([^.\[\]$`]+)", place)]
    quoted = re.findall("`([^`]*)`", detail)
    if "unknown field" in detail:
        return [*keys, quoted[0]], describe_fault("typed.unknown-key", quoted[0], _keys_at(kind, keys))
    if "missing required field" in detail:
        return keys, describe_fault("typed.missing-key", quoted[0])
    if detail.startswith("Invalid enum value"):
        return keys, describe_fault(
            "typed.wrong-choice", detail.removeprefix("Invalid enum value "), _choices_at(kind, keys)
        )
    if "matching regex" in detail:
        return keys, describe_fault("typed.region" if "{6}" in detail else "typed.code")
    if "RFC3339" in detail or "`date`" in detail:
        return keys, describe_fault("typed.date")
    if len(quoted) == 2:
        return keys, describe_fault("typed.wrong-type", expected=quoted[0], found=quoted[1])
    return keys, describe_fault("typed.other", detail=detail)


def _type_at(kind: type, keys: Keys) -> Any:  # noqa: ANN401 -- msgspec's many kinds of type
    from msgspec.inspect import type_info

    found: Any = type_info(kind)
    for key in keys:
        if isinstance(key, int):
            found = found.item_type
        else:
            found = next(field.type for field in found.fields if field.encode_name == key)
    return found


def _keys_at(kind: type, keys: Keys) -> list[str]:
    return [field.encode_name for field in _type_at(kind, keys).fields]


def _choices_at(kind: type, keys: Keys) -> list[str]:
    return [repr(value) for value in _type_at(kind, keys).values]


def describe_fault(
    message: str, name: str = "", known: Iterable[str] = (), *, hint: Bilingual = NO_TEXT, **facts: object
) -> Bilingual:
    """The sentence of that key about `name`, which is none of those `known`: with the nearest of them, or with all."""
    known = list(known)
    if known and hint is NO_TEXT:
        from difflib import get_close_matches

        near = get_close_matches(name, known, 1) if len(known) > FEW_CHOICES else []
        few = ", ".join(known[:MOST_CHOICES]) + (" …" if len(known) > MOST_CHOICES else "")
        hint = messages.get("sentence.nearest", name=near[0]) if near else messages.get("sentence.choices", names=few)
    return messages.get(message, name=name, hint=hint, **facts)


FEW_CHOICES: Final = 3
"""So few known names are all listed, whichever is nearest."""
MOST_CHOICES: Final = 30
"""So many known names a sentence lists at most."""


def list_form_errors(form: Form) -> Iterator[Fault]:
    """Everything that cannot be meant in a form."""
    if form.years.from_ > form.years.until:
        yield ["years"], describe_fault("form.years", first=form.years.from_, last=form.years.until)
    for s, section in enumerate(form.sections):
        yield from _section_faults(["section", s], form, section, form.sections[:s])
    tabled = [section.code for section in form.sheets]
    for t, table in enumerate(form.tables):
        at: Keys = ["table", t]
        if table.section not in tabled:
            yield [*at, "section"], describe_fault("form.no-section", table.section, tabled)
        if table.code in {other.code for other in form.tables[:t]}:
            yield [*at, "code"], describe_fault("form.table-twice", table.code)
        if _ADDRESS.fullmatch(table.code):
            yield [*at, "code"], describe_fault("form.address", table.code)
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
        yield [*at, "code"], describe_fault("form.section-twice", section.code)
    if section.text == bool(section.sheet):
        yield at, describe_fault("form.text-or-sheet", section.code)
    elif section.sheet and not _SHEET.fullmatch(section.sheet):
        yield [*at, "sheet"], describe_fault("form.sheet-name", section.sheet)
    elif section.sheet and section.sheet in {other.sheet for other in before}:
        yield [*at, "sheet"], describe_fault("form.sheet-twice", section.sheet)
    elif section.sheet and not form.tables_of(section):
        yield at, describe_fault("form.no-table", section.code)


def line_faults(at: Keys, lines: Sequence[FormLine], groups: Sequence[LabelGroup]) -> Iterator[Fault]:
    """Everything that cannot be meant in rows or columns."""
    codes = [line.code for line in lines]
    if not lines:
        yield at, describe_fault("line.none")
    totals = {line.code: line.into for line in lines}
    known_groups = [group.code for group in groups]
    printed: set[tuple[str, str]] = set()
    for n, line in enumerate(lines):
        here: Keys = [*at, n]
        if line.code in codes[:n]:
            yield [*here, "code"], describe_fault("line.code-twice", line.code)
        if (line.under, line.label) in printed:
            yield [*here, "label"], describe_fault("line.label-twice", line.label)
        printed.add((line.under, line.label))
        if line.into and line.into not in codes:
            yield [*here, "into"], describe_fault("line.no-total", line.into, codes)
        if line.into == line.code:
            yield [*here, "into"], describe_fault("line.into-itself")
        elif _circular(line.code, totals):
            yield [*here, "into"], describe_fault("line.circular")
        if line.under and line.under not in known_groups:
            yield [*here, "under"], describe_fault("line.no-group", line.under, known_groups)
        if line.rule not in list_norms():
            yield [*here, "rule"], describe_fault("rule.not-in-book", line.rule, list_norms())
        elif line.rule != "total" and line.code not in totals.values():
            yield [*here, "rule"], describe_fault("line.rule-without-sum", line.code)
        if line.unit and line.unit not in UNITS:
            yield [*here, "unit"], describe_fault("line.unit", line.unit, UNITS)


def _group_faults(at: Keys, groups: Sequence[LabelGroup]) -> Iterator[Fault]:
    for g, group in enumerate(groups):
        before = {one.code for one in groups[:g]}
        if group.code in before:
            yield [*at, g, "code"], describe_fault("group.twice", group.code)
        if group.under and group.under not in before:
            yield [*at, g, "under"], describe_fault("group.no-outer", group.under)


def spread_faults(at: Keys, lines: Sequence[FormLine], groups: Sequence[LabelGroup]) -> Iterator[Fault]:
    """A group that is printed nowhere, or in two places."""
    outer = {group.code: group.under for group in groups}
    for g, group in enumerate(groups):
        inside = [n for n, line in enumerate(lines) if group.code in _chain(line.under, outer)]
        if not inside:
            yield [*at, g], describe_fault("group.empty", group.code)
        elif inside[-1] - inside[0] >= len(inside):
            yield [*at, g], describe_fault("group.apart", group.code)


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


def rule_faults(at: Keys, table: Table, rule: RuleSpec) -> Iterator[Fault]:
    """Everything that cannot be meant in a rule stated for a table."""
    terms, other = (table.rows, table.columns) if rule.each == "column" else (table.columns, table.rows)
    codes, crosswise = ([line.code for line in lines] for lines in (terms, other))
    turned = messages.get("rule.crosswise-column" if rule.each == "column" else "rule.crosswise-row")
    for side, names in (("left", rule.left), ("right", rule.right)):
        for name in names:
            code = name.removeprefix("-").removesuffix(PREVIOUS)
            if code not in codes:
                hint = turned if code in crosswise else NO_TEXT
                yield [*at, side], describe_fault("rule.no-line", code, codes, hint=hint, table=table.code)
    if rule.id not in list_norms():
        yield [*at, "id"], describe_fault("rule.not-in-book", rule.id, list_norms())
    if not rule.test and not (rule.left and rule.right):
        yield at, describe_fault("rule.no-sides")
    for name in rule.lines:
        if name not in crosswise:
            yield [*at, "lines"], describe_fault("rule.no-line", name, crosswise, table=table.code)
    known = [level.code for level in identity.list_levels()]
    for level in rule.levels:
        if level not in known:
            yield [*at, "levels"], describe_fault("rule.level", level, known)
    if rule.test == "level" and not (rule.lines and rule.levels):
        yield at, describe_fault("rule.level-test")


def _text_rule_faults(at: Keys, form: Form, rule: TextRule) -> Iterator[Fault]:
    texts = [section.code for section in form.texts]
    if rule.id not in list_norms():
        yield [*at, "id"], describe_fault("rule.not-in-book", rule.id, list_norms())
    if rule.text not in texts and (rule.text or rule.id in _ABOUT_ONE):
        yield [*at, "text"], describe_fault("rule.no-text", rule.text, texts)
    for code in rule.cells:
        if code not in form.index:
            yield [*at, "cells"], describe_fault("rule.no-cell", code, form.index)
    if rule.id in _TOPICS:
        known, file = _TOPICS[rule.id]
        if rule.topic not in known():
            yield [*at, "topic"], describe_fault("rule.no-topic", rule.topic, known(), file=file)
