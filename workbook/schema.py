"""The JSON Schema (draft 2020-12) of a report in JSON format 1, derived from its form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbook.jsonio import FORMAT, MOST_REVISED
from workbook.model import identity
from workbook.model.form import Form
from workbook.model.numbers import NOT_APPLICABLE

SCHEMA = "https://json-schema.org/draft/2020-12/schema"


def build_schema(form: Form) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a report in this form: Chinese titles, units and citations from the form."""
    tables = {table.code: _table_schema(form, table.code) for table in form.tables}
    texts = {text.code: {"title": text.label, "type": ["string", "null"]} for text in form.texts}
    return {
        "$schema": SCHEMA,
        "title": form.title,
        "description": f"{form.citation.number}，{form.citation.by}",
        **_object(
            {
                "format": {"const": FORMAT, "title": "格式版本"},
                "form": {"const": form.id, "title": "表式"},
                "year": {"type": ["integer", "null"], "title": "报告年度", **_years(form)},
                "agency": _agency_schema(),
                "texts": _object(texts, "文字部分"),
                "tables": _object(tables, "表格"),
                "answers": _answers_schema(),
            },
            optional=("answers",),
        ),
    }


def _object(properties: Mapping[str, Any], title: str = "", optional: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        **({"title": title} if title else {}),
        "type": "object",
        "properties": dict(properties),
        "required": [key for key in properties if key not in optional],
        "additionalProperties": False,
    }


def _years(form: Form) -> dict[str, int]:
    return {"minimum": form.years.from_, "maximum": form.years.until}


def _agency_schema() -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for field in identity.list_identity_fields():
        if field.code == "year":
            continue
        kind: dict[str, Any] = {"title": field.label, "description": field.help, "type": ["string", "null"]}
        if field.code == "revision":
            kind |= {"type": "integer", "minimum": 0, "maximum": MOST_REVISED}
        elif field.code == "level":
            kind |= {"enum": [level.code for level in identity.list_levels()] + [None]}
            del kind["type"]
        properties[field.code] = kind
    properties["name"]["type"] = "string"
    return _object(properties, "机关", optional=("contact", "revision"))


def _table_schema(form: Form, code: str) -> dict[str, Any]:
    table = form.table(code)
    rows = {}
    for row in table.rows:
        columns = {c.code: _cell_schema(form, table.cell(row.code, c.code)) for c in table.columns}
        rows[row.code] = _object(columns, row.label)
        if row.article:
            rows[row.code]["description"] = f"条例{row.article}"
    return _object(rows, table.title)


def _cell_schema(form: Form, code: str) -> dict[str, Any]:
    cell = form.cell(code)
    about = {"title": cell.column.label, "description": f"单位：{cell.unit.label}"}
    if cell.unit.scale == 1:
        number: dict[str, Any] = {"type": "integer"} if cell.signed else {"type": "integer", "minimum": 0}
    else:
        places = len(str(cell.unit.scale)) - 1
        number = {"type": "string", "pattern": rf"^(0|[1-9][0-9]*)(\.[0-9]{{1,{places}}})?$"}
    return {**about, "anyOf": [number, {"type": "null"}, {"const": NOT_APPLICABLE}]}


def _answers_schema() -> dict[str, Any]:
    text = {"type": "string"}
    one = _object(
        {
            "rule": {**text, "title": "规则"},
            "cells": {"type": "array", "items": text, "title": "所涉单元格"},
            "reason": {**text, "title": "情况说明"},
            "figures": {**text, "title": "所说明数据的指纹"},
        },
        optional=("figures",),
    )
    return {"title": "对提醒的情况说明", "type": "array", "items": one}
