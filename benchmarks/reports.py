"""Made-up reports: figures of believable sizes that keep every rule, last year's beside them, texts that agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from types import MappingProxyType
from typing import Any

from benchmarks.agencies import Line, data
from workbook.model.form import Cell, Form
from workbook.model.form_loader import load_form
from workbook.model.report import Report
from workbook.rules.narrative_rules import OVERVIEW
from workbook.rules.rule_types import (
    AgencyLevelTest,
    Equation,
    EquationTerm,
    IdenticalToLastYearTest,
    list_equations,
    list_rules,
)

Figures = Mapping[str, int]
"""Cell code → figure, in base units."""


def reports(line: Line, form: Form, year: int, seed: int) -> tuple[Report, Report]:
    """An agency's report and last year's, the same for the same seed; a check finds nothing in either."""
    draw = Random(f"{seed}|{line.code}|{form.id}|{year}")
    size = data()["size"][line.level] * draw.lognormvariate(0, 0.6)
    before = figures(form, line, draw, size)
    now = figures(form, line, draw, size, before)
    while _identical(form, now, before):
        now = figures(form, line, draw, size, before)
    return report_of(form, year, line, now, draw), report_of(form, year - 1, line, before, draw)


def report_of(form: Form, year: int, line: Line, known: Figures, draw: Random) -> Report:
    """The report of those figures, with texts that agree with them."""
    written = MappingProxyType(texts(form, year, line, known, draw))
    return Report(form, year, line.identity, tuple(known[cell.code] for cell in form.cells), written)


# figures


def figures(form: Form, line: Line, draw: Random, size: float, before: Figures | None = None) -> Figures:
    """Figures for every cell that keep every rule of the form, within the year and from the year before."""
    known = {cell.code: _drawn(cell, draw, size) for cell in _leaves(form.id)}
    for rule in list_rules(form):
        if isinstance(rule, AgencyLevelTest) and line.level not in rule.levels:
            known.update({cell.code: 0 for cell in rule.cells if cell.code in known})
    return settled(form, known, before)


@cache
def _leaves(form_id: str) -> tuple[Cell, ...]:
    """The cells that are no sums."""
    return tuple(cell for cell in load_form(form_id).cells if not cell.total)


def _drawn(cell: Cell, draw: Random, size: float) -> int:
    shape = data()["shape"][cell.table.code]
    if cell.signed:
        return draw.choice((-1, 0, 0, 0, 1))
    least = 3 if any(column.signed for column in cell.table.columns) else 0  # next year something may be taken from it
    usual = size * shape["part"]
    if draw.random() > shape["often"] * min(1, usual):
        return least
    units = max(1.0, usual * draw.lognormvariate(0, 1))
    return round(units * cell.unit.scale) if cell.unit.scale > 1 else round(units) + least


def settled(form: Form, drawn: Figures, before: Figures | None = None) -> Figures:
    """Every cell, from those that are no sums: carried figures taken over, the balance solved, the sums added up.

    What cannot stay as it was drawn gives way: more is newly received, or carried over to next year.
    """
    known = dict(drawn)
    stated = [rule for rule in list_equations(form) if not rule.sums]
    if before is not None:
        carrying = [rule for rule in stated if rule.yearly and rule.left[0].cell.code in known]
        for rule in sorted(carrying, key=lambda rule: rule.op):  # what is bounded, before what rests on it
            at, due = rule.left[0].cell.code, _side(rule.right, known, before)
            known[at] = min(known[at], due) if rule.op == "<=" else due
    added = summed(form, known)
    for rule in stated:
        if not rule.yearly and rule.op == "=" and all(term.cell.code in known for term in rule.right):
            _balance(rule, known, added)
    return summed(form, known)


def _balance(rule: Equation, known: dict[str, int], added: Figures) -> None:
    """Solve one column for the first cell on the right; where that would be below 0, for the last on the left."""
    first, *rest = [term.cell.code for term in rule.right]
    free = sum(added[term.cell.code] for term in rule.left) - sum(known[code] for code in rest)
    known[first] = max(0, free)
    known[rule.left[-1].cell.code] += max(0, -free)


def _side(terms: Sequence[EquationTerm], known: Figures, before: Figures) -> int:
    return sum(term.sign * (before if term.previous else known)[term.cell.code] for term in terms)


def summed(form: Form, known: Figures) -> Figures:
    """All cells, the sums added up from the others."""
    every = dict(known)
    for rule in list_equations(form):  # down the columns first, so that a row of sums can be added along
        parts = [term.cell.code for term in rule.right]
        if rule.sums and all(code in every for code in parts):
            every[rule.left[0].cell.code] = sum(every[code] for code in parts)
    return every


def _identical(form: Form, now: Figures, before: Figures) -> bool:
    tests = [rule for rule in list_rules(form) if isinstance(rule, IdenticalToLastYearTest)]
    return any(
        all(now[cell.code] == before[cell.code] for cell in rule.cells) and any(now[cell.code] for cell in rule.cells)
        for rule in tests
    )


# texts


def texts(form: Form, year: int, line: Line, known: Figures, draw: Random) -> dict[str, str]:
    """The written parts, 500 to 2,000 characters; the counts they state are those of the tables."""
    said: dict[str, Any] = {"year": year, "name": line.name, "a": draw.randint(20, 900), "b": draw.randint(20, 900)}
    said |= {"ab": said["a"] + said["b"], "c": draw.randint(1, 9)}
    for rule in reversed([rule for rule in form.text_rules if rule.topic]):  # of several readings the first
        said[rule.topic] = sum(known[code] for code in rule.cells)
    written = {section.code: _written(data()["text"][section.code], said, draw) for section in form.texts}
    more = data()["text"]["more"]
    written[OVERVIEW] += "".join(draw.sample(more, draw.randint(0, len(more))))
    return written


def _written(paragraphs: Sequence[Sequence[Sequence[str]]], said: Mapping[str, Any], draw: Random) -> str:
    return "\n".join("".join(_filled(draw.choice(choice), said) for choice in some) for some in paragraphs)


def _filled(sentence: str, said: Mapping[str, Any]) -> str:
    """The sentence with its figures; topics have dots in their names, which `format` would take for attributes."""
    first, *rest = sentence.split("{")
    return first + "".join(f"{said[piece.partition('}')[0]]}{piece.partition('}')[2]}" for piece in rest)
