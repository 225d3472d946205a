"""The forms as issued, one TOML file each, and the regional supplements: loaded strictly, a typo named by its line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from workbook.form import PREVIOUS, Form, Group, Line, Stated, Supplement, Table
from workbook.numbers import UNITS
from workbook.rulebook import norms
from workbook.tomlplace import line_of

FORMS = Path(__file__).parent


class FormError(Exception):
    """A form file is wrong: names the file, the key and the line. For whoever edits forms, never for a clerk."""


Path_ = Sequence[str | int]


def _read(path: Path, kind: type[Any]) -> Any:  # noqa: ANN401 -- msgspec converts to the kind asked for
    try:
        text = path.read_text("utf-8")
        return msgspec.convert(tomllib.loads(text), kind)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormError(f"{path}: {error}") from error
    except msgspec.ValidationError as error:
        said, _, place = str(error).partition(" - at ")
        keys = _keys(place.strip("`"))
        if "unknown field `" in said:
            keys = [*keys, said.split("`")[1]]
        raise _wrong(path, text, keys, said) from error


def _keys(place: str) -> list[str | int]:
    """`$.table[2].rows[3].label` → ["table", 2, "rows", 3, "label"]."""
    keys: list[str | int] = []
    for part in place.lstrip("$").replace("[", ".[").split("."):
        if part.startswith("["):
            inner = part.strip("[]")
            keys.append(int(inner) if inner.isdigit() else inner)
        elif part:
            keys.append(part)
    return keys


def _wrong(path: Path, text: str, keys: Path_, said: str) -> FormError:
    line, known = line_of(text, keys)
    named = ".".join(str(key) for key in keys)
    return FormError(f"{path}:{line}: {named}: {said}" if known else f"{path}: {named}: {said}")


def _duplicates(codes: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    return {code for code in codes if code in seen or seen.add(code)}  # type: ignore[func-returns-value]


def _faults(form: Form) -> Iterator[tuple[list[str | int], str]]:
    """Everything in a well-typed form that cannot be meant, as (key path, what is wrong)."""
    sections = {section.code for section in form.sections}
    for t, table in enumerate(form.tables):
        at: list[str | int] = ["table", t]
        if table.section not in sections:
            yield [*at, "section"], f"no section {table.section!r}"
        if len({other.code for other in form.tables[:t]} | {table.code}) != t + 1:
            yield [*at, "code"], f"the table code {table.code!r} is used twice"
        yield from _line_faults(at, "rows", table.rows, table.row_groups)
        yield from _line_faults(at, "columns", table.columns, table.column_groups)
        for r, rule in enumerate(table.rule):
            yield from _rule_faults([*at, "rule", r], table, rule)
    texts = {section.code for section in form.texts}
    for r, text_rule in enumerate(form.text_rules):
        if text_rule.text and text_rule.text not in texts:
            yield ["text_rule", r, "text"], f"no text {text_rule.text!r}"
        for code in text_rule.cells:
            if code not in form.index:
                yield ["text_rule", r, "cells"], f"no cell {code!r}"


def _line_faults(
    at: list[str | int], key: str, lines: Sequence[Line], groups: Sequence[Group]
) -> Iterator[tuple[list[str | int], str]]:
    codes = [line.code for line in lines]
    twice = _duplicates(codes)
    known = {group.code for group in groups}
    for g, group in enumerate(groups):
        if group.under and group.under not in {outer.code for outer in groups[:g]}:
            yield [*at, f"{key.removesuffix('s')}_groups", g, "under"], f"no group {group.under!r} before this one"
    totals = {line.code: line.into for line in lines}
    for n, line in enumerate(lines):
        if line.code in twice and line.code in codes[:n]:
            yield [*at, key, n, "code"], f"the code {line.code!r} is used twice"
        if line.into and line.into not in codes:
            yield [*at, key, n, "into"], f"no line {line.into!r} to count into"
        if line.into == line.code:
            yield [*at, key, n, "into"], "a line cannot count into itself"
        elif _circular(line.code, totals):
            yield [*at, key, n, "into"], "a line cannot count into itself by way of others"
        if line.under and line.under not in known:
            yield [*at, key, n, "under"], f"no group {line.under!r}"
        if line.rule not in norms():
            yield [*at, key, n, "rule"], f"no rule {line.rule!r} in the rule book (workbook/rules.toml)"
        if line.unit and line.unit not in UNITS:
            yield [*at, key, n, "unit"], f"unknown unit {line.unit!r}; known: {'、'.join(UNITS)}"


def _circular(code: str, totals: Mapping[str, str]) -> bool:
    seen = {code}
    at = totals.get(code, "")
    while at and at not in seen:
        seen.add(at)
        at = totals.get(at, "")
    return at == code


def _rule_faults(at: list[str | int], table: Table, rule: Stated) -> Iterator[tuple[list[str | int], str]]:
    terms, other = (table.rows, table.columns) if rule.each == "column" else (table.columns, table.rows)
    codes = {line.code for line in terms}
    for side, names in (("left", rule.left), ("right", rule.right)):
        for name in names:
            code = name.removeprefix("-").removesuffix(PREVIOUS)
            if code not in codes:
                yield [*at, side], f"no line {code!r} in table {table.code!r}"
    if rule.id not in norms():
        yield [*at, "id"], f"no rule {rule.id!r} in the rule book (workbook/rules.toml)"
    if not rule.test and not (rule.left and rule.right):
        yield at, "an equation needs left and right, or a test"
    for name in rule.lines:
        if name not in {line.code for line in other}:
            yield [*at, "lines"], f"no line {name!r} in table {table.code!r}"


def _read_form(path: Path) -> Form:
    form: Form = _read(path, Form)
    for keys, said in _faults(form):
        raise _wrong(path, path.read_text("utf-8"), keys, said)
    return form


def _extend(form: Form, path: Path, added: Supplement) -> Form:
    """The form with a supplement's rows and rules; FormError if it would drop or relax a national rule."""
    text = path.read_text("utf-8")
    tables = {table.code: table for table in form.tables}
    for n, row in enumerate(added.rows):
        at: list[str | int] = ["row", n]
        table = tables.get(row.table)
        if table is None:
            raise _wrong(path, text, [*at, "table"], f"the form has no table {row.table!r}")
        codes = [line.code for line in table.rows]
        if row.code in codes:
            raise _wrong(path, text, [*at, "code"], f"a supplement may not redefine the national row {row.code!r}")
        if row.into:
            raise _wrong(path, text, [*at, "into"], "a supplement may not change a national total")
        if row.after not in codes:
            raise _wrong(path, text, [*at, "after"], f"no row {row.after!r} in table {row.table!r}")
        for keys, said in _line_faults([], "row", (row,), table.row_groups):
            raise _wrong(path, text, ["row", n, *keys[2:]], said)
        at_row = codes.index(row.after) + 1
        line = msgspec.convert({k: v for k, v in msgspec.to_builtins(row).items() if k not in ("table", "after")}, Line)
        tables[row.table] = msgspec.structs.replace(table, rows=(*table.rows[:at_row], line, *table.rows[at_row:]))
    for n, rule in enumerate(added.rules):
        table = tables.get(rule.table)
        if table is None:
            raise _wrong(path, text, ["rule", n, "table"], f"the form has no table {rule.table!r}")
        if rule.id in {stated.id for t in form.tables for stated in t.rule} | {"total", *_sums(form)}:
            raise _wrong(path, text, ["rule", n, "id"], f"a supplement may not drop or relax the national {rule.id!r}")
        stated = msgspec.convert({k: v for k, v in msgspec.to_builtins(rule).items() if k != "table"}, Stated)
        for keys, said in _rule_faults(["rule", n], table, stated):
            raise _wrong(path, text, keys, said)
        tables[rule.table] = msgspec.structs.replace(table, rule=(*table.rule, stated))
    ordered = tuple(tables[table.code] for table in form.tables)
    return msgspec.structs.replace(form, tables=ordered, supplements=(*form.supplements, added))


def _sums(form: Form) -> set[str]:
    return {line.rule for table in form.tables for line in (*table.rows, *table.columns)}


def load(form_id: str, region: str = "", folder: Path = FORMS) -> Form:
    """The form of that id (`annual-2021`), with the supplements of the agency's region.

    Raises KeyError if there is no such form, FormError if a form file is wrong.
    """
    known = _supplements(folder) if region else {}
    paths = [path for path, added in known.items() if added.form == form_id and added.covers(region)]
    return _load(form_id, tuple(paths), folder)


@cache
def _load(form_id: str, supplements: tuple[Path, ...], folder: Path) -> Form:
    """One object for all agencies that fill the same form, however many regions they lie in."""
    path = folder / f"{form_id}.toml"
    if not path.is_file():
        raise KeyError(form_id)
    form = _read_form(path)
    for supplement in supplements:
        form = _extend(form, supplement, _supplements(folder)[supplement])
    return form


@cache
def _supplements(folder: Path) -> Mapping[Path, Supplement]:
    return {path: _read(path, Supplement) for path in sorted((folder / "supplements").glob("*.toml"))}


def extended(form: Form, supplement: Path) -> Form:
    """The form with one supplement file applied; FormError if it drops or relaxes a national rule."""
    return _extend(form, supplement, _read(supplement, Supplement))


@cache
def form_ids(folder: Path = FORMS) -> tuple[str, ...]:
    """The ids of all forms known, oldest first."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


def in_force(year: int, region: str = "", folder: Path = FORMS) -> Form:
    """The form in force for a report year, with the region's supplements.

    Raises LookupError if no form is in force for that year, or if two claim it.
    """
    found = [form_id for form_id in form_ids(folder) if year in load(form_id, folder=folder).years]
    if len(found) != 1:
        raise LookupError(
            f"{year}: {'no form in force' if not found else 'more than one form in force: ' + str(found)}"
        )
    return load(found[0], region, folder)
