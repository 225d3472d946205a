"""Loads the forms as issued, one TOML file each, and the regional supplements, and checks what they state.

A mistake in a file is a `FormError`, which names the file, the place in the form and what to write instead.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from workbook.model import identity
from workbook.model.form import (
    PREVIOUS,
    Form,
    FormLine,
    LabelGroup,
    RuleSpec,
    Section,
    Supplement,
    Table,
    TextFigureRule,
)
from workbook.model.numbers import UNITS
from workbook.model.rule_catalog import get_rule_book, list_rule_topics
from workbook.safety.messages import NO_TEXT, Bilingual, UserError, load_messages, read_toml

FormPath = list[str | int]
"""The path to a place in a form file: `["table", 2, "rows", 3, "label"]` is written `table[2].rows[3].label`."""
FormFault = tuple[FormPath, Bilingual]
S = TypeVar("S", bound=msgspec.Struct)

messages = load_messages("workbook.model.form_loader")
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


def describe_invalid_value(error: msgspec.ValidationError, kind: type) -> FormFault:
    """Say in a sentence what msgspec refused in a file of that kind (`Form`, `Supplement`), and where it is."""
    detail, _, place = str(error).partition(" - at ")
    keys: FormPath = [int(n) if n else key for n, key in re.findall(r"\[(\d+)\]|([^.\[\]$`]+)", place)]
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


def _type_at(kind: type, keys: FormPath) -> Any:  # noqa: ANN401 -- msgspec's many kinds of type
    from msgspec.inspect import type_info

    found: Any = type_info(kind)
    for key in keys:
        if isinstance(key, int):
            found = found.item_type
        else:
            found = next(field.type for field in found.fields if field.encode_name == key)
    return found


def _keys_at(kind: type, keys: FormPath) -> list[str]:
    return [field.encode_name for field in _type_at(kind, keys).fields]


def _choices_at(kind: type, keys: FormPath) -> list[str]:
    return [repr(value) for value in _type_at(kind, keys).values]


def describe_fault(
    message: str, name: str = "", known: Iterable[str] = (), *, hint: Bilingual = NO_TEXT, **facts: object
) -> Bilingual:
    """Return the message about `name`, which is none of those `known`, with a hint: the nearest known name, or all."""
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


def _refuse_unknown(
    at: FormPath,
    message: str,
    name: str,
    known: Collection[str],
    **facts: Any,  # noqa: ANN401 -- values of the message
) -> Iterator[FormFault]:
    if name not in known:
        yield at, describe_fault(message, name, known, **facts)


def list_form_errors(form: Form) -> Iterator[FormFault]:
    """Yield every mistake in a form: where it is, and a sentence that says what to write."""
    if form.years.from_ > form.years.until:
        yield ["years"], describe_fault("form.years", first=form.years.from_, last=form.years.until)
    for s, section in enumerate(form.sections):
        yield from _section_faults(["section", s], form, section, form.sections[:s])
    tabled = [section.code for section in form.sheets]
    for t, table in enumerate(form.tables):
        at: FormPath = ["table", t]
        rows, columns = (table.rows, table.row_groups), (table.columns, table.column_groups)
        yield from _refuse_unknown([*at, "section"], "form.no-section", table.section, tabled)
        if table.code in {other.code for other in form.tables[:t]}:
            yield [*at, "code"], describe_fault("form.table-twice", table.code)
        if _ADDRESS.fullmatch(table.code):
            yield [*at, "code"], describe_fault("form.address", table.code)
        yield from _group_faults([*at, "row_groups"], table.row_groups)
        yield from _group_faults([*at, "column_groups"], table.column_groups)
        yield from list_line_faults([*at, "rows"], *rows)
        yield from list_line_faults([*at, "columns"], *columns)
        yield from list_group_faults([*at, "row_groups"], *rows)
        yield from list_group_faults([*at, "column_groups"], *columns)
        for r, rule in enumerate(table.rule):
            yield from list_rule_faults([*at, "rule", r], table, rule)
    for r, text_rule in enumerate(form.text_rules):
        yield from _text_rule_faults(["text_rule", r], form, text_rule)


def _section_faults(at: FormPath, form: Form, section: Section, before: Sequence[Section]) -> Iterator[FormFault]:
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


def list_line_faults(at: FormPath, lines: Sequence[FormLine], groups: Sequence[LabelGroup]) -> Iterator[FormFault]:
    """Yield every mistake in rows or columns."""
    codes = [line.code for line in lines]
    if not lines:
        yield at, describe_fault("line.none")
    totals = {line.code: line.into for line in lines}
    known_groups = [group.code for group in groups]
    printed: set[tuple[str, str]] = set()
    for n, line in enumerate(lines):
        here: FormPath = [*at, n]
        if line.code in codes[:n]:
            yield [*here, "code"], describe_fault("line.code-twice", line.code)
        if (line.under, line.label) in printed:
            yield [*here, "label"], describe_fault("line.label-twice", line.label)
        printed.add((line.under, line.label))
        if line.into and line.into not in codes:
            yield [*here, "into"], describe_fault("line.no-total", line.into, codes)
        if line.into == line.code:
            yield [*here, "into"], describe_fault("line.into-itself")
        elif line.code in _list_containing(line.into, totals):
            yield [*here, "into"], describe_fault("line.circular")
        if line.under and line.under not in known_groups:
            yield [*here, "under"], describe_fault("line.no-group", line.under, known_groups)
        if line.rule not in get_rule_book():
            yield [*here, "rule"], describe_fault("rule.not-in-book", line.rule, get_rule_book())
        elif line.rule != "total" and line.code not in totals.values():
            yield [*here, "rule"], describe_fault("line.rule-without-sum", line.code)
        if line.unit and line.unit not in UNITS:
            yield [*here, "unit"], describe_fault("line.unit", line.unit, UNITS)


def _group_faults(at: FormPath, groups: Sequence[LabelGroup]) -> Iterator[FormFault]:
    for g, group in enumerate(groups):
        before = {one.code for one in groups[:g]}
        if group.code in before:
            yield [*at, g, "code"], describe_fault("group.twice", group.code)
        if group.under and group.under not in before:
            yield [*at, g, "under"], describe_fault("group.no-outer", group.under)


def list_group_faults(at: FormPath, lines: Sequence[FormLine], groups: Sequence[LabelGroup]) -> Iterator[FormFault]:
    """Yield the groups that no line is printed below, or that are printed in two places."""
    outer = {group.code: group.under for group in groups}
    for g, group in enumerate(groups):
        inside = [n for n, line in enumerate(lines) if group.code in _list_containing(line.under, outer)]
        if not inside:
            yield [*at, g], describe_fault("group.empty", group.code)
        elif inside[-1] - inside[0] >= len(inside):
            yield [*at, g], describe_fault("group.apart", group.code)


def _list_containing(code: str, outer: Mapping[str, str]) -> list[str]:
    """A group or total and those it is in, innermost first; of a circle each once. `outer` maps each to the next."""
    found: list[str] = []
    while code and code not in found:
        found.append(code)
        code = outer.get(code, "")
    return found


def list_rule_faults(at: FormPath, table: Table, rule: RuleSpec) -> Iterator[FormFault]:
    """Yield every mistake in a rule stated for a table."""
    terms, other = (table.rows, table.columns) if rule.each == "column" else (table.columns, table.rows)
    codes, crosswise = ([line.code for line in lines] for lines in (terms, other))
    turned = messages.get("rule.crosswise-column" if rule.each == "column" else "rule.crosswise-row")
    for side, names in (("left", rule.left), ("right", rule.right)):
        for name in names:
            code = name.removeprefix("-").removesuffix(PREVIOUS)
            if code not in codes:
                hint = turned if code in crosswise else NO_TEXT
                yield [*at, side], describe_fault("rule.no-line", code, codes, hint=hint, table=table.code)
    yield from _refuse_unknown([*at, "id"], "rule.not-in-book", rule.id, get_rule_book())
    if not rule.test and not (rule.left and rule.right):
        yield at, describe_fault("rule.no-sides")
    for name in rule.lines:
        yield from _refuse_unknown([*at, "lines"], "rule.no-line", name, crosswise, table=table.code)
    for level in rule.levels:
        known = [level.code for level in identity.list_levels()]
        yield from _refuse_unknown([*at, "levels"], "rule.level", level, known)
    if rule.test == "level" and not (rule.lines and rule.levels):
        yield at, describe_fault("rule.level-test")


def _text_rule_faults(at: FormPath, form: Form, rule: TextFigureRule) -> Iterator[FormFault]:
    texts = [section.code for section in form.texts]
    yield from _refuse_unknown([*at, "id"], "rule.not-in-book", rule.id, get_rule_book())
    if rule.text not in texts and (rule.text or rule.id in _ABOUT_ONE):
        yield [*at, "text"], describe_fault("rule.no-text", rule.text, texts)
    for code in rule.cells:
        yield from _refuse_unknown([*at, "cells"], "rule.no-cell", code, form.index)
    if rule.id in _TOPICS:
        known, file = _TOPICS[rule.id]
        yield from _refuse_unknown([*at, "topic"], "rule.no-topic", rule.topic, known(), file=file)


# Loads the forms as issued, one TOML file each, and the regional supplements


FORMS = Path(__file__).parents[1] / "forms"


class _File:
    """A form file or a supplement as read: `content` in the type asked for, `data` as TOML gives it."""

    def __init__(self, path: Path, kind: type[Any]) -> None:
        self.path = path
        try:
            self.data = tomllib.loads(path.read_text("utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise FormError(path, [], describe_fault("typed.no-toml", detail=error)) from error
        except UnicodeDecodeError as error:
            raise FormError(path, [], describe_fault("typed.no-utf8", detail=error)) from error
        try:
            self.content = msgspec.convert(self.data, kind)
        except msgspec.ValidationError as error:
            raise self.error(*describe_invalid_value(error, kind)) from error

    def error(self, keys: FormPath, what: Bilingual) -> FormError:
        """What is wrong at that place of the file."""
        return FormError(self.path, keys, what, self.data)


def _read_form(path: Path) -> Form:
    file = _File(path, Form)
    form: Form = file.content
    for keys, what in list_form_errors(form):
        raise file.error(keys, what)
    if form.id != path.stem:
        raise file.error(["id"], describe_fault("form.id", path.stem))
    return form


def _extend(form: Form, file: _File) -> Form:
    """The form with a supplement's rows and rules; FormError if it would drop or relax a national rule."""
    added: Supplement = file.content
    tables = {table.code: table for table in form.tables}
    for n, row in enumerate(added.rows):
        at: FormPath = ["row", n]
        table = tables.get(row.table)
        if table is None:
            raise file.error([*at, "table"], describe_fault("supplement.no-table", row.table, tables))
        codes = [line.code for line in table.rows]
        if row.code in codes:
            raise file.error([*at, "code"], describe_fault("supplement.row-taken", row.code))
        if row.into:
            raise file.error([*at, "into"], describe_fault("supplement.into-total"))
        if row.after not in codes:
            raise file.error([*at, "after"], describe_fault("supplement.no-row", row.after, codes, table=row.table))
        for keys, what in list_line_faults(["row"], (row,), table.row_groups):
            raise file.error([*at, *keys[2:]], what)
        at_row = codes.index(row.after) + 1
        rows = (*table.rows[:at_row], _as_stated(row, FormLine), *table.rows[at_row:])
        for _, what in list_group_faults([], rows, table.row_groups):
            raise file.error([*at, "after"], what)
        tables[row.table] = msgspec.structs.replace(table, rows=rows)
    sums = {line.rule for table in form.tables for line in (*table.rows, *table.columns)}
    for n, rule in enumerate(added.rules):
        table = tables.get(rule.table)
        if table is None:
            raise file.error(["rule", n, "table"], describe_fault("supplement.no-table", rule.table, tables))
        if rule.id in {stated.id for t in form.tables for stated in t.rule} | {"total", *sums}:
            raise file.error(["rule", n, "id"], describe_fault("supplement.rule-taken", rule.id))
        stated = _as_stated(rule, RuleSpec)
        for keys, what in list_rule_faults(["rule", n], table, stated):
            raise file.error(keys, what)
        tables[rule.table] = msgspec.structs.replace(table, rule=(*table.rule, stated))
    ordered = tuple(tables[table.code] for table in form.tables)
    return msgspec.structs.replace(form, tables=ordered, supplements=(*form.supplements, added))


def _as_stated(added: msgspec.Struct, kind: type[S]) -> S:
    """An added row or rule as the national form states one: without the place it is added at."""
    return kind(**{name: getattr(added, name) for name in kind.__struct_fields__})


def load_form(form_id: str, region: str = "", folder: Path = FORMS) -> Form:
    """Load the form of that id (`annual-2021`), with the supplements of the agency's region.

    Raises KeyError if there is no such form, FormError if a form file is wrong.
    """
    known = _supplements(folder) if region else {}
    paths = [path for path, file in known.items() if file.content.form == form_id and file.content.covers(region)]
    return _load(form_id, tuple(paths), folder)


def list_supplements(form_id: str, folder: Path = FORMS) -> list[Supplement]:
    """List the regional supplements to a form. Raises FormError if one is wrong."""
    return [file.content for file in _supplements(folder).values() if file.content.form == form_id]


@cache
def _load(form_id: str, supplements: tuple[Path, ...], folder: Path) -> Form:
    """One object for all agencies that fill the same form, however many regions they lie in."""
    path = folder / f"{form_id}.toml"
    if not path.is_file():
        raise KeyError(form_id)
    form = _read_form(path)
    for supplement in supplements:
        form = _extend(form, _supplements(folder)[supplement])
    return form


@cache
def _supplements(folder: Path) -> Mapping[Path, _File]:
    return {path: _File(path, Supplement) for path in sorted((folder / "supplements").glob("*.toml"))}


def extend_form(form: Form, supplement: Path) -> Form:
    """Return the form with one supplement file applied; FormError if it drops or relaxes a national rule."""
    return _extend(form, _File(supplement, Supplement))


@cache
def list_form_ids(folder: Path = FORMS) -> tuple[str, ...]:
    """List the ids of all forms known, oldest first."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


def get_form_in_force(year: int, region: str = "", folder: Path = FORMS) -> Form:
    """Load the form in force for a report year, with the region's supplements.

    Raises LookupError if no form is in force for that year, or if two claim it.
    """
    found = [form_id for form_id in list_form_ids(folder) if year in load_form(form_id, folder=folder).years]
    if len(found) != 1:
        said = f"{', '.join(found)} are all in force: close the older ones" if found else "no form in force"
        raise LookupError(f"{year}: {said} (years in workbook/forms/*.toml)")
    return load_form(found[0], region, folder)
