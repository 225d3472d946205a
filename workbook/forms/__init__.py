"""The forms as issued, one TOML file each, and the regional supplements: loaded strictly, a typo named by its line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from workbook.form import Form, Line, Stated, Supplement
from workbook.forms.faults import faults, line_faults, rule_faults, spread_faults
from workbook.safety.messages import Bilingual, UserError
from workbook.tomlplace import line_of

FORMS = Path(__file__).parent


class FormError(UserError):
    """A form file is wrong: names the file, the key and the line. For whoever edits forms, never for a clerk."""

    def __init__(self, fault: str) -> None:
        super().__init__(Bilingual(fault, fault))


Path_ = Sequence[str | int]
_PLAINLY = {
    "matching regex '^[a-z]": "a code is words of a-z, 0-9 and _, each beginning with a letter, joined by dots",
    "matching regex '^\\\\d{6}": "a region is six digits",
    "RFC3339": "a date is written without quotes, as 2021-09-26",
}
"""What msgspec says, for whoever edits a form."""


def _read(path: Path, kind: type[Any]) -> Any:  # noqa: ANN401 -- msgspec converts to the kind asked for
    try:
        text = path.read_text("utf-8")
        return msgspec.convert(tomllib.loads(text), kind)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormError(f"{path}: {error}") from error
    except msgspec.ValidationError as error:
        said, _, place = str(error).partition(" - at ")
        said = next((plain for known, plain in _PLAINLY.items() if known in said), said)
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


def _read_form(path: Path) -> Form:
    form: Form = _read(path, Form)
    for keys, said in faults(form):
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
        for keys, said in line_faults(["row"], (row,), table.row_groups):
            raise _wrong(path, text, [*at, *keys[2:]], said)
        at_row = codes.index(row.after) + 1
        line = msgspec.convert({k: v for k, v in msgspec.to_builtins(row).items() if k not in ("table", "after")}, Line)
        rows = (*table.rows[:at_row], line, *table.rows[at_row:])
        for _, said in spread_faults([], rows, table.row_groups):
            raise _wrong(path, text, [*at, "after"], said)
        tables[row.table] = msgspec.structs.replace(table, rows=rows)
    for n, rule in enumerate(added.rules):
        table = tables.get(rule.table)
        if table is None:
            raise _wrong(path, text, ["rule", n, "table"], f"the form has no table {rule.table!r}")
        if rule.id in {stated.id for t in form.tables for stated in t.rule} | {"total", *_sums(form)}:
            raise _wrong(path, text, ["rule", n, "id"], f"a supplement may not drop or relax the national {rule.id!r}")
        stated = msgspec.convert({k: v for k, v in msgspec.to_builtins(rule).items() if k != "table"}, Stated)
        for keys, said in rule_faults(["rule", n], table, stated):
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
    if form.id != form_id:
        raise _wrong(path, path.read_text("utf-8"), ["id"], f"the id must be the name of the file: {form_id!r}")
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
        said = f"{', '.join(found)} are all in force: close the older ones" if found else "no form in force"
        raise LookupError(f"{year}: {said} (years in workbook/forms/*.toml)")
    return load(found[0], region, folder)
