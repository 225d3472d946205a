"""The texts found for the cells → values of the report, and what was odd about how they stood. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from workbook.documents.reading.gather import Gathered
from workbook.finding import Finding, Source
from workbook.form import Cell, Form
from workbook.numbers import Raw, Reading, Value
from workbook.numbers import read as read_number
from workbook.report import oddities

_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)")
_MONEY = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")


def values_of(form: Form, found: Gathered) -> tuple[tuple[Value, ...], list[Finding]]:
    """One value per cell; a cell that is uncertain, or was not found, is blank."""
    values: list[Value] = []
    findings: list[Finding] = []
    for cell in form.cells:
        text = found.texts.get(cell.code)
        reading = read_cell(cell, text, found.units.get(cell.code, ""))
        values.append(reading.value)
        at = found.sources.get(cell.code, Source())
        findings += [one.at(at) for one in oddities(cell, reading)]
    return tuple(values), findings


def read_cell(cell: Cell, text: str | None, unit: str = "") -> Reading:
    """Read a cell; every figure in a document is text, so that is no oddity. `unit` is what the heading states."""
    if text is None:
        return Reading(None)
    bare = text.strip()
    if unit and unit != cell.unit.label and (_PLAIN.fullmatch(bare) or _MONEY.fullmatch(bare)):
        reading = read_number(f"{bare}{unit}", cell.unit)
        odd = tuple(odd for odd in reading.oddities if odd.kind == "other-unit")
        return Reading(reading.value, odd if reading.value else ())
    return read_number(_number(bare, cell), cell.unit)


def _number(text: str, cell: Cell) -> Raw:
    """A plain figure as a number; anything else as it stands."""
    if _PLAIN.fullmatch(text) and len(text) < 300:
        return int(text)
    if cell.unit.scale > 1 and _MONEY.fullmatch(text) and len(text) < 300:
        return Decimal(text)
    return text
