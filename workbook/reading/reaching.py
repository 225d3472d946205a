"""What is told of a workbook that reaches beyond itself, or goes round in circles: see `outside`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from workbook.finding import Finding, Source
from workbook.grid import a1
from workbook.harmless import line
from workbook.reading.context import Reading, short
from workbook.reading.outside import MOST, circle, of_formula
from workbook.rulebook import finding, phrase

RULES = {
    "started": "structure-active",
    "dde": "structure-active",
    "ole": "structure-active",
    "macrosheet": "structure-active",
    "object": "structure-active",
    "connection": "structure-active",
    "fetched": "structure-active",
    "vba": "structure-macros",
    "opened": "structure-link",
    "abroad": "structure-link",
}
"""Which rule is broken by what a thing does."""


def reaching(reading: Reading) -> Iterator[Finding]:
    """Programs started, places fetched from, files opened, macros carried, names in a circle: the first of them."""
    yield from islice(_all(reading), MOST)


def _all(reading: Reading) -> Iterator[Finding]:
    book = reading.view.book
    for kind, what in book.reaches:
        yield _one(kind, what, reading.at())
    for name, text in book.names.items():
        if kind := of_formula(text):
            yield _one(kind, f"{name}={text}", reading.at())
    for sheet in book.sheets:
        for place, cell in sheet.cells.items():
            if cell.formula and (kind := of_formula(cell.formula)):
                yield _one(kind, f"{sheet.name}!{a1(*place)}={cell.formula}", reading.at(sheet, place))
        for rule in sheet.validations or ():
            for formula in (rule.formula1, rule.formula2):
                if kind := of_formula(formula):
                    where = next(iter(rule.ranges), "")  # one that holds nowhere is told all the same
                    yield _one(kind, f"{sheet.name}!{where}={formula}", reading.at(sheet))
    if names := circle(book.names):
        yield finding("structure-circle", where=line(" → ".join(names[:MOST]))).at(reading.at())


def _one(kind: str, what: str, at: Source) -> Finding:
    said = phrase(f"reach-{kind}", what=short(line(what)))
    return finding(RULES[kind], what=said).at(at)
