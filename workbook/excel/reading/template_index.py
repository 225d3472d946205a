"""Indexes the template of a form for the reader: for each table, its labels and figures at the places issued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from workbook.excel.template_layout import TABLE_TOP, TemplateLayout
from workbook.model.cell_address import Place
from workbook.model.form import Form, FormLine, Table
from workbook.model.print_layout import PrintedLabel


@dataclass(frozen=True, slots=True)
class IssuedTable:
    """One table as issued: sheet, labels, cells of figures, and those of last year's figures with their headings.

    `row_labels` and `column_labels` give the label of each line by code; in a table printed across, a column is keyed
    `row.column`. `single` are the labels that are printed nowhere else on the sheet: not over last year's figures, nor
    in another table.
    """

    table: Table
    sheet: str
    labels: Mapping[Place, str]
    single: frozenset[Place]
    cells: Mapping[str, Place]
    rows: Mapping[str, int]
    columns: Mapping[str, int]
    row_labels: Mapping[str, Place]
    column_labels: Mapping[str, Place]
    previous: Mapping[str, Place]
    previous_labels: Mapping[Place, str]


class IssuedTemplate:
    """A form's template: tables, names, and which totals are the sum of what."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.places = TemplateLayout(form)

    @cached_property
    def tables(self) -> Mapping[str, IssuedTable]:
        """Table code → the table as issued."""
        return {table.code: _table(self.places, table) for table in self.form.tables}

    @cached_property
    def sums(self) -> Mapping[str, tuple[tuple[str, ...], ...]]:
        """Code of each total → the parts it is the sum of; first those that the template's formula adds."""
        found: dict[str, tuple[tuple[str, ...], ...]] = {}
        for rule in self.places.sum_rules:
            code = rule.left[0].cell.code
            found[code] = (*found.get(code, ()), tuple(term.cell.code for term in rule.right))
        return found

    @cached_property
    def lines(self) -> Mapping[str, tuple[str, tuple[str, ...]]]:
        """Code of each line of the check sheet → rule and cells of its finding."""
        return {code: (rule, cells) for code, rule, cells in self.places.check_keys}


@cache
def get_issued_template(form: Form) -> IssuedTemplate:
    """Return the template of that form, made once."""
    return IssuedTemplate(form)


def get_horizontal_key(row: FormLine, column: FormLine) -> str:
    """Return the key of a column of a table printed across: `row.column`."""
    return f"{row.code}.{column.code}"


def _table(places: TemplateLayout, table: Table) -> IssuedTable:
    sheet, _ = places.blocks[table.code]
    section = next(one for one in places.form.sections if one.code == table.section)
    first = places.form.tables_of(section)[0] is table
    labels = _own_labels(places, table)
    spots = {
        table.cell(r.code, c.code): places.cells[table.cell(r.code, c.code)] for r in table.rows for c in table.columns
    }
    cells = {code: (spot.row, spot.column) for code, spot in spots.items()}
    if table.layout == "across":
        keys = {get_horizontal_key(r, c): cells[table.cell(r.code, c.code)] for r in table.rows for c in table.columns}
        columns = {key: place[1] for key, place in keys.items()}
    else:
        columns = {c.code: cells[table.cell(table.rows[0].code, c.code)][1] for c in table.columns}
    shift = places.shift(sheet)
    heads = [x for x in labels if x.kind == "head"]
    texts = {**({(0, 0): section.label} if first else {}), **{(x.box.top, x.box.left): x.text for x in labels}}
    printed = [x.text for x in places.labels[sheet]] + [x.text for x in heads]
    return IssuedTable(
        table,
        sheet,
        texts,
        frozenset(place for place, text in texts.items() if printed.count(text) <= 1),
        cells,
        {r.code: cells[table.cell(r.code, table.columns[0].code)][0] for r in table.rows},
        columns,
        {x.line.code: (x.box.top, x.box.left) for x in labels if x.line and x.line in table.rows},
        _column_labels(columns, [x for x in heads if x.line in table.columns]),
        {code: (row, column + shift) for code, (row, column) in cells.items()},
        {(x.box.top, x.box.left + shift): x.text for x in heads},
    )


def _column_labels(columns: Mapping[str, int], heads: list[PrintedLabel]) -> dict[str, Place]:
    at = {x.box.left: (x.box.top, x.box.left) for x in heads}
    return {key: at[column] for key, column in columns.items()}


def _own_labels(places: TemplateLayout, table: Table) -> list[PrintedLabel]:
    """The labels of one table among all of its sheet: from its band (where there are several) to its last row."""
    sheet, box = places.blocks[table.code]
    plan = places.plans[sheet]
    block = next(b for b in plan.blocks if b.table.code == table.code)
    top = block.head + TABLE_TOP - (len(plan.blocks) > 1)
    return [x for x in places.labels[sheet] if top <= x.box.top <= box.bottom]
