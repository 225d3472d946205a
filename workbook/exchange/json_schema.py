"""Builds the pydantic model of a report in one form, and from it the JSON Schema that `ogi schema` prints.

The model reads more than the schema accepts: a figure typed as "17 件" is read, with a finding; the schema states what
a program should write.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StrictStr, WithJsonSchema, create_model, with_config
from pydantic.json_schema import GenerateJsonSchema
from typing_extensions import TypedDict

from workbook.exchange.report_data import AgencyData, Figure, ReportData, Year
from workbook.model.form import Cell, Form, Table
from workbook.model.numbers import NOT_APPLICABLE, Unit


def build_schema(form: Form) -> dict[str, Any]:
    """Build the JSON Schema (draft 2020-12) of a report in this form, with the form's titles, units and citations."""
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        **build_report_model(form).model_json_schema(),
        "title": form.title,
        "description": f"{form.citation.number}，{form.citation.by}",
        "required": [key for key in ReportData.model_fields if key != "answers"],
    }


@cache
def build_report_model(form: Form) -> type[ReportData]:
    """Build the model of a report in this form: `ReportData` in which every table, row, column and text is a key.

    A missing table, row or column is an error, a missing text is not. Tables stay plain dictionaries.
    """
    texts = _typed_dict(
        "Texts",
        {text.code: Annotated[StrictStr | None, Field(title=text.label)] for text in form.texts},
        total=False,
        extra={"required": [text.code for text in form.texts]},
    )
    tables = {table.code: Annotated[_table_type(form, table), Field(title=table.title)] for table in form.tables}
    years = {"type": ["integer", "null"], "minimum": form.years.from_, "maximum": form.years.until}
    fields: dict[str, Any] = {
        "form": (Literal[form.id], Field(title="表式")),
        "year": (Annotated[Year, WithJsonSchema(years)], Field(None, title="报告年度")),
        "agency": (AgencyData, ...),
        "texts": (texts, Field(title="文字部分")),
        "tables": (_typed_dict("Tables", tables), Field(title="表格")),
    }
    return create_model(f"Report-{form.id}", __base__=ReportData, **fields)


def _table_type(form: Form, table: Table) -> Any:  # noqa: ANN401 -- a type made at run time
    kinds: dict[tuple[tuple[Unit, bool], ...], Any] = {}  # rows whose figures are of one kind share a type
    rows: dict[str, Any] = {}
    for row in table.rows:
        cells = [form.cell(table.cell(row.code, column.code)) for column in table.columns]
        kind = tuple((cell.unit, cell.signed) for cell in cells)
        if kind not in kinds:
            columns = {cell.column.code: Annotated[Figure, WithJsonSchema(_cell_schema(cell))] for cell in cells}
            kinds[kind] = _typed_dict(f"{table.code}_{len(kinds) + 1}", columns)
        cited = f"条例{row.article}" if row.article else None
        rows[row.code] = Annotated[kinds[kind], Field(title=row.label, description=cited)]
    return _typed_dict(table.code, rows)


def _typed_dict(name: str, keys: dict[str, Any], *, total: bool = True, extra: dict[str, Any] | None = None) -> Any:  # noqa: ANN401
    make: Any = TypedDict  # mypy knows of keys in the source alone
    return with_config(ConfigDict(extra="forbid", json_schema_extra=extra))(make(name, keys, total=total))


def _cell_schema(cell: Cell) -> dict[str, Any]:
    if cell.unit.scale == 1:
        number: dict[str, Any] = {"type": "integer"} if cell.signed else {"type": "integer", "minimum": 0}
    else:
        places = len(str(cell.unit.scale)) - 1
        number = {"type": "string", "pattern": rf"^(0|[1-9][0-9]*)(\.[0-9]{{1,{places}}})?$"}
    about = {"title": cell.column.label, "description": f"单位：{cell.unit.label}"}
    return {**about, "anyOf": [number, {"type": "null"}, {"const": NOT_APPLICABLE}]}
