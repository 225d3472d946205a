"""Loads the forms as issued, one TOML file each, and the regional supplements.

A mistake in a file is a `FormError`, which names the file, the place in the form and what to write.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from workbook.model.form import Form, FormLine, RuleSpec, Supplement
from workbook.model.form_errors import (
    FormError,
    Keys,
    describe_fault,
    invalid_value,
    line_faults,
    list_form_errors,
    rule_faults,
    spread_faults,
)
from workbook.safety.messages import Bilingual

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
            raise self.error(*invalid_value(error, kind)) from error

    def error(self, keys: Keys, what: Bilingual) -> FormError:
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
        at: Keys = ["row", n]
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
        for keys, what in line_faults(["row"], (row,), table.row_groups):
            raise file.error([*at, *keys[2:]], what)
        at_row = codes.index(row.after) + 1
        line = msgspec.convert(
            {k: v for k, v in msgspec.to_builtins(row).items() if k not in ("table", "after")}, FormLine
        )
        rows = (*table.rows[:at_row], line, *table.rows[at_row:])
        for _, what in spread_faults([], rows, table.row_groups):
            raise file.error([*at, "after"], what)
        tables[row.table] = msgspec.structs.replace(table, rows=rows)
    sums = {line.rule for table in form.tables for line in (*table.rows, *table.columns)}
    for n, rule in enumerate(added.rules):
        table = tables.get(rule.table)
        if table is None:
            raise file.error(["rule", n, "table"], describe_fault("supplement.no-table", rule.table, tables))
        if rule.id in {stated.id for t in form.tables for stated in t.rule} | {"total", *sums}:
            raise file.error(["rule", n, "id"], describe_fault("supplement.rule-taken", rule.id))
        stated = msgspec.convert({k: v for k, v in msgspec.to_builtins(rule).items() if k != "table"}, RuleSpec)
        for keys, what in rule_faults(["rule", n], table, stated):
            raise file.error(keys, what)
        tables[rule.table] = msgspec.structs.replace(table, rule=(*table.rule, stated))
    ordered = tuple(tables[table.code] for table in form.tables)
    return msgspec.structs.replace(form, tables=ordered, supplements=(*form.supplements, added))


def load_form(form_id: str, region: str = "", folder: Path = FORMS) -> Form:
    """The form of that id (`annual-2021`), with the supplements of the agency's region.

    Raises KeyError if there is no such form, FormError if a form file is wrong.
    """
    known = _supplements(folder) if region else {}
    paths = [path for path, file in known.items() if file.content.form == form_id and file.content.covers(region)]
    return _load(form_id, tuple(paths), folder)


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
    """The form with one supplement file applied; FormError if it drops or relaxes a national rule."""
    return _extend(form, _File(supplement, Supplement))


@cache
def list_form_ids(folder: Path = FORMS) -> tuple[str, ...]:
    """The ids of all forms known, oldest first."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


def get_form_in_force(year: int, region: str = "", folder: Path = FORMS) -> Form:
    """The form in force for a report year, with the region's supplements.

    Raises LookupError if no form is in force for that year, or if two claim it.
    """
    found = [form_id for form_id in list_form_ids(folder) if year in load_form(form_id, folder=folder).years]
    if len(found) != 1:
        said = f"{', '.join(found)} are all in force: close the older ones" if found else "no form in force"
        raise LookupError(f"{year}: {said} (years in workbook/forms/*.toml)")
    return load_form(found[0], region, folder)
