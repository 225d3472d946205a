"""The statutory form as issued: sections, tables, rows, columns, equations; the years and regions it is in force.

One TOML file states one issued version in full (`workbook/forms/annual-2021.toml`); a regional supplement
(`forms/supplements/`) adds to it and may take nothing away. Everything the product makes derives from a `Form`.
"""

from __future__ import annotations

import datetime
import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from workbook.finding import Words
from workbook.numbers import UNITS, Unit
from workbook.rulebook import norms
from workbook.tomlplace import line_of

FORMS = Path(__file__).with_name("forms")
PREVIOUS = "@previous"
LAST = 9999

Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z_0-9]*(\.[a-z][a-z_0-9]*)*$")]


class FormError(Exception):
    """A form file is wrong: names the file, the key and the line. For whoever edits forms, never for a clerk."""


class _Stated(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """Something stated in a form file; an unknown key is an error."""


class Named(_Stated, frozen=True, kw_only=True):
    """What every stated thing has: a stable code, the label as printed, and an English rendering (ours)."""

    code: Code
    label: str
    en: str = ""

    @property
    def words(self) -> Words:
        """The printed label and its English rendering."""
        return Words(self.label, self.en)


class Group(Named, frozen=True, kw_only=True):
    """A printed label that spans rows or columns and holds no figure, such as （三）不予公开."""

    under: str = ""
    aliases: tuple[str, ...] = ()


class Line(Named, frozen=True, kw_only=True):
    """A row or a column of figures.

    `into` names the total this line counts into; `rule` (on a total) the rule-book entry of that sum; `under` the
    group it is printed below; `unit` 件 unless stated; `signed` whether it may be negative; `article` the article of
    the 条例 it reports on; `aliases` spellings met in published reports; `short` a label for messages.
    """

    short: str = ""
    under: str = ""
    into: str = ""
    rule: str = "total"
    unit: str = ""
    shown_unit: str = ""
    signed: bool = False
    article: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def brief(self) -> Words:
        """The label as messages print it."""
        return Words(self.short or self.label, self.en)

    @property
    def printed(self) -> str:
        """The label with the unit that our template prints where the form prints none."""
        return self.label + self.shown_unit


class Stated(_Stated, frozen=True, kw_only=True):
    """A rule the form states for one table.

    An equation `left = right` (or `<=`) over line codes, once for `each` column or row; a term may be negative
    (`-repealed`) or last year's (`carried@previous`). Or a `test` that no equation says, over `lines`.
    """

    id: str
    each: Literal["row", "column"] = "column"
    left: tuple[str, ...] = ()
    op: Literal["=", "<="] = "="
    right: tuple[str, ...] = ()
    test: Literal["", "level", "identical"] = ""
    lines: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()


class Table(_Stated, frozen=True, kw_only=True):
    """One table of figures: rows by columns, in printed order."""

    code: Code
    section: str
    title: str
    en: str = ""
    layout: Literal["down", "across"] = "down"
    corner: str = ""
    columns: tuple[Line, ...]
    rows: tuple[Line, ...]
    column_groups: tuple[Group, ...] = ()
    row_groups: tuple[Group, ...] = ()
    rule: tuple[Stated, ...] = ()

    @property
    def words(self) -> Words:
        """The table's title."""
        return Words(self.title, self.en)

    def cell(self, row: str, column: str) -> str:
        """The code of a cell: `requests.results.person`."""
        return f"{self.code}.{row}.{column}"

    def row_named(self, code: str) -> Line:
        """The row of that code."""
        return next(line for line in self.rows if line.code == code)

    def column_named(self, code: str) -> Line:
        """The column of that code."""
        return next(line for line in self.columns if line.code == code)


class Section(Named, frozen=True, kw_only=True):
    """One of the report's six numbered parts: a text, or tables on a sheet of their own."""

    text: bool = False
    sheet: str = ""
    note: str = ""


class TextRule(_Stated, frozen=True, kw_only=True):
    """What a text must agree with: the sum of `cells` in the tables."""

    id: str
    text: str = ""
    topic: str = ""
    cells: tuple[str, ...]


class Citation(_Stated, frozen=True, kw_only=True):
    """The instrument that issued a form or a supplement."""

    number: str
    by: str
    date: datetime.date | None = None
    law: str = ""


class Years(_Stated, frozen=True, kw_only=True):
    """Report years for which a form is in force, both ends counted."""

    from_: int = msgspec.field(name="from")
    until: int = LAST

    def __contains__(self, year: int) -> bool:
        """Whether the form is in force for that report year."""
        return self.from_ <= year <= self.until


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One cell of a form: where it stands and what its figure means. A form has each cell once."""

    code: str
    index: int
    table: Table
    row: Line
    column: Line
    unit: Unit
    signed: bool

    @property
    def words(self) -> Words:
        """The cell as a message names it: “（七）总计·自然人”."""
        row, column = self.row.brief, self.column.brief
        return Words(f"{row.zh}·{column.zh}", f"{row.en}, {column.en}")

    @property
    def total(self) -> bool:
        """Whether the cell is the sum of others, by row or by column."""
        return any(line.into == self.row.code for line in self.table.rows) or any(
            line.into == self.column.code for line in self.table.columns
        )


class Form(_Stated, frozen=True, kw_only=True):
    """One issued version of the form, with the regional supplements that apply."""

    id: str
    title: str
    en: str = ""
    years: Years
    citation: Citation
    sections: tuple[Section, ...] = msgspec.field(name="section")
    tables: tuple[Table, ...] = msgspec.field(name="table")
    text_rules: tuple[TextRule, ...] = msgspec.field(name="text_rule", default=())
    supplements: tuple[Supplement, ...] = ()

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Every cell, table by table, in reading order: the order of a report's values."""
        places = ((table, row, column) for table in self.tables for row in table.rows for column in table.columns)
        return tuple(
            Cell(
                code=table.cell(row.code, column.code),
                index=index,
                table=table,
                row=row,
                column=column,
                unit=UNITS[column.unit or row.unit or "件"],
                signed=column.signed or row.signed,
            )
            for index, (table, row, column) in enumerate(places)
        )

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Cell code → its place in a report's values."""
        return {cell.code: cell.index for cell in self.cells}

    @cached_property
    def texts(self) -> tuple[Section, ...]:
        """The parts that are written in words."""
        return tuple(section for section in self.sections if section.text)

    @cached_property
    def sheets(self) -> tuple[Section, ...]:
        """The parts that are tables, each on a sheet of its own."""
        return tuple(section for section in self.sections if section.sheet)

    @cached_property
    def fingerprint(self) -> str:
        """A short hash of all that the form states: two programs with the same fingerprint mean the same form."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()[:12]

    def tables_of(self, section: Section) -> tuple[Table, ...]:
        """The tables printed in one part."""
        return tuple(table for table in self.tables if table.section == section.code)

    def table(self, code: str) -> Table:
        """The table of that code; KeyError if the form has none."""
        for table in self.tables:
            if table.code == code:
                return table
        raise KeyError(code)

    def cell(self, code: str) -> Cell:
        """The cell of that code; KeyError if the form has none."""
        return self.cells[self.index[code]]


class AddedRow(Line, frozen=True, kw_only=True):
    """A row a supplement adds to a table, printed after the row named."""

    table: str
    after: str


class AddedRule(Stated, frozen=True, kw_only=True):
    """A rule a supplement adds to a table."""

    table: str


class Supplement(_Stated, frozen=True, kw_only=True):
    """A region's additions to a national form, with the notice that ordered them."""

    id: str
    region: Annotated[str, msgspec.Meta(pattern=r"^\d{6}$")]
    form: str
    citation: Citation
    rows: tuple[AddedRow, ...] = msgspec.field(name="row", default=())
    rules: tuple[AddedRule, ...] = msgspec.field(name="rule", default=())

    def covers(self, region: str) -> bool:
        """Whether an agency of that 行政区划代码 lies in this region (420100 lies in 420000)."""
        prefix = self.region
        while prefix.endswith("00"):
            prefix = prefix[:-2]
        return bool(region) and region.startswith(prefix)


Path_ = Sequence[str | int]


def _read(path: Path, kind: type[Any]) -> Any:  # noqa: ANN401 -- msgspec converts to the kind asked for
    text = path.read_text("utf-8")
    try:
        return msgspec.convert(tomllib.loads(text), kind)
    except tomllib.TOMLDecodeError as error:
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


@cache
def load(form_id: str, region: str = "", folder: Path = FORMS) -> Form:
    """The form of that id (`annual-2021`), with the supplements of the agency's region.

    Raises KeyError if there is no such form, FormError if a form file is wrong.
    """
    path = folder / f"{form_id}.toml"
    if not path.is_file():
        raise KeyError(form_id)
    form = _read_form(path)
    if region:
        for supplement_path in sorted((folder / "supplements").glob("*.toml")):
            added: Supplement = _read(supplement_path, Supplement)
            if added.form == form_id and added.covers(region):
                form = _extend(form, supplement_path, added)
    return form


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
