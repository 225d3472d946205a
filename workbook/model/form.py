"""The statutory form as issued: sections, tables, rows, columns, equations, and the years and regions it is in force.

One TOML file states one issued version in full (`workbook/forms/annual-2021.toml`); a regional supplement
(`forms/supplements/`) adds to it and may take nothing away. Everything the product makes derives from a `Form`.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

import msgspec

from workbook.model.numbers import UNITS, Unit
from workbook.safety.messages import Bilingual

PREVIOUS = "@previous"
LAST = 9999

Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z_0-9]*(\.[a-z][a-z_0-9]*)*$")]


class _Stated(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """Base of everything stated in a form file; an unknown key is an error."""


class FormElement(_Stated, frozen=True, kw_only=True):
    """Base of what a form prints: a stable code, the label as printed, and our English rendering of it."""

    code: Code
    label: str
    en: str = ""

    @property
    def words(self) -> Bilingual:
        """The printed label in Chinese, and its English rendering."""
        return Bilingual(self.label, self.en)


class LabelGroup(FormElement, frozen=True, kw_only=True):
    """A printed label that spans rows or columns and holds no figure, such as （三）不予公开."""

    under: str = ""
    aliases: tuple[str, ...] = ()


class FormLine(FormElement, frozen=True, kw_only=True):
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
    def brief(self) -> Bilingual:
        """The label as messages print it: `short` where the form states one."""
        return Bilingual(self.short or self.label, self.en)

    @property
    def printed(self) -> str:
        """The label with the unit that our template prints where the form prints none."""
        return self.label + self.shown_unit


class RuleSpec(_Stated, frozen=True, kw_only=True):
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
    columns: tuple[FormLine, ...]
    rows: tuple[FormLine, ...]
    column_groups: tuple[LabelGroup, ...] = ()
    row_groups: tuple[LabelGroup, ...] = ()
    rule: tuple[RuleSpec, ...] = ()

    @property
    def words(self) -> Bilingual:
        """The table's title."""
        return Bilingual(self.title, self.en)

    def cell(self, row: str, column: str) -> str:
        """Return the code of a cell: `requests.results.person`."""
        return f"{self.code}.{row}.{column}"

    def row_named(self, code: str) -> FormLine:
        """Return the row of that code."""
        return next(line for line in self.rows if line.code == code)


class Section(FormElement, frozen=True, kw_only=True):
    """One of the report's six numbered parts: a text, or tables on a sheet of their own."""

    text: bool = False
    sheet: str = ""
    note: str = ""


class TextFigureRule(_Stated, frozen=True, kw_only=True):
    """A rule that compares a text with the sum of `cells` in the tables."""

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


class YearRange(_Stated, frozen=True, kw_only=True):
    """The report years for which a form is in force, both ends included."""

    from_: int = msgspec.field(name="from")
    until: int = LAST

    def __contains__(self, year: int) -> bool:
        """Whether the form is in force for that report year."""
        return self.from_ <= year <= self.until


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One cell of a form: its table, row and column, its unit, and its `index` in a report's values."""

    code: str
    index: int
    table: Table
    row: FormLine
    column: FormLine
    unit: Unit
    signed: bool

    @property
    def words(self) -> Bilingual:
        """The cell as a message names it: “（七）总计·自然人”."""
        row, column = self.row.brief, self.column.brief
        return Bilingual(f"{row.zh}·{column.zh}", f"{row.en}, {column.en}")

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
    years: YearRange
    citation: Citation
    sections: tuple[Section, ...] = msgspec.field(name="section")
    tables: tuple[Table, ...] = msgspec.field(name="table")
    text_rules: tuple[TextFigureRule, ...] = msgspec.field(name="text_rule", default=())
    supplements: tuple[Supplement, ...] = ()

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Every cell, table by table, row by row: the order of a report's values ("form order")."""
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
        """Cell code → its index in a report's values."""
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

    def __eq__(self, other: object) -> bool:
        """Whether both state the same."""
        return isinstance(other, Form) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        """Hash the fingerprint: what is derived from a form is cached by the form."""
        return hash(self.fingerprint)

    def tables_of(self, section: Section) -> tuple[Table, ...]:
        """Return the tables printed in one section."""
        return tuple(table for table in self.tables if table.section == section.code)

    def table(self, code: str) -> Table:
        """Return the table of that code; KeyError if the form has none."""
        for table in self.tables:
            if table.code == code:
                return table
        raise KeyError(code)

    def cell(self, code: str) -> Cell:
        """Return the cell of that code; KeyError if the form has none."""
        return self.cells[self.index[code]]


class AddedRow(FormLine, frozen=True, kw_only=True):
    """A row a supplement adds to a table, printed after the row named."""

    table: str
    after: str


class AddedRule(RuleSpec, frozen=True, kw_only=True):
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
