"""A function for formulas: `=OGI_CHECK(D6:J28, "annual-2021", "requests")` says what is wrong within one table.

Optional, for Excel on Windows alone, and never tried in one by its makers: xlwings has formula functions nowhere else.
Everywhere else this module can be imported all the same, and `check_table` is a plain function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from workbook.model import rule_catalog
from workbook.model.finding import Severity
from workbook.model.form_loader import list_form_ids, load_form
from workbook.model.report import make_empty_report, parse_raw_values
from workbook.rules.evaluation import check_report
from workbook.safety.messages import load_messages
from xlplugin.host_xlwings import offer_in_formulas

messages = load_messages("xlplugin")


def check_table(figures: Sequence[Sequence[Any]], form_id: str, table_code: str) -> str:
    """Return what is wrong within one table, a finding a line; what concerns other tables or last year is not asked.

    `figures` are as wide and as high as the table is in its form.
    """
    if form_id not in list_form_ids():
        return messages.text("udf.no_form", form=form_id, forms="、".join(list_form_ids()))
    form = load_form(form_id)
    table = next((one for one in form.tables if one.code == table_code), None)
    if table is None:
        return messages.text("udf.no_table", table=table_code, tables="、".join(one.code for one in form.tables))
    shape = (len(table.rows), len(table.columns))
    given = [list(row) for row in figures]
    if {len(row) for row in given} != {shape[1]} or len(given) != shape[0]:
        return messages.text("udf.shape", rows=shape[0], columns=shape[1])
    values, odd = parse_raw_values(form, {table.code: given}, {})
    own = {cell.code for cell in form.cells if cell.table.code == table.code}
    found = [
        one
        for one in check_report(replace(make_empty_report(form), values=values), None, odd)
        if one.severity is not Severity.NOTICE and one.cells and own.issuperset(one.cells)
    ]
    return "\n".join(map(rule_catalog.format_message, found)) or messages.text("udf.passed")


@offer_in_formulas
def OGI_CHECK(figures: Sequence[Sequence[Any]], form: str, table: str) -> str:  # noqa: N802 -- as formulas write it
    """What is wrong within one table: its figures, the id of its form, its code."""
    return check_table(figures, form, table)
