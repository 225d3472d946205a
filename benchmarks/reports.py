"""A made-up province on paper: its agencies as a tree of three storeys, and their reports.

Figures are of believable sizes and keep every rule, last year's are beside them, and the texts agree with them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import count, islice
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any, NamedTuple

from workbook.model.form import Cell, Form
from workbook.model.form_loader import load_form
from workbook.model.identity import Identity, compute_check_digit
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

PROVINCE = "37"
CITY_DEPARTMENTS, COUNTY_DEPARTMENTS, TOWNSHIPS, COUNTIES = 8, 24, 15, 10
"""How many departments a city and a county have, how many townships a county, how many counties a city."""


class Line(NamedTuple):
    """One line of the roster; `parent` is the credit code of the agency it belongs to, blank for the province."""

    name: str
    code: str
    region: str
    level: str
    parent: str
    contact: str
    folder: str

    @property
    def identity(self) -> Identity:
        """The agency as its report names it."""
        return Identity(self.name, self.code, self.region, self.level, self.contact)


@cache
def data() -> dict[str, Any]:
    """Names, sizes and sentences, from `province.toml`."""
    return tomllib.loads(Path(__file__).with_name("province.toml").read_text("utf-8"))


def roster(agencies: int) -> tuple[Line, ...]:
    """So many agencies, from the top: the province, then city by city and county by county.

    ValueError where two digits of the region code do not suffice for so many.
    """
    lines = tuple(islice(_lines(), agencies))
    if len(lines) < agencies:
        raise ValueError(f"a province has at most {len(lines)} agencies")
    return lines


def _lines() -> Iterator[Line]:
    names = data()["names"]
    number = count(1)

    def line(name: str, region: str, level: str, parent: str, folder: str) -> Line:
        n = next(number)
        first = f"11{region}{n:09d}"
        contact = f"{names['contacts'][n % len(names['contacts'])]}某 {n:04d}-{n * 7919 % 10**7:07d}"
        return Line(name, first + compute_check_digit(first), region, level, parent, contact, folder)

    province = line(f"{names['province']}人民政府", f"{PROVINCE}0000", "province", "", "")
    yield province
    for c, city_name in zip(range(1, 100), _names("stems", names["city"]), strict=False):
        full, region = names["province"] + city_name, f"{PROVINCE}{c:02d}00"
        city = line(f"{full}人民政府", region, "city", province.code, city_name)
        yield city
        for department in names["departments"][:CITY_DEPARTMENTS]:
            yield line(full + department, region, "city-department", city.code, city_name)
        for d, county_name in zip(range(1, COUNTIES + 1), _names("branches", names["county"]), strict=False):
            where, below = f"{city_name}/{county_name}", f"{PROVINCE}{c:02d}{d:02d}"
            county = line(f"{full}{county_name}人民政府", below, "county", city.code, where)
            yield county
            for department in names["departments"][:COUNTY_DEPARTMENTS]:
                yield line(full + county_name + department, below, "county-department", county.code, where)
            for _, township in zip(range(TOWNSHIPS), _names("stems", names["township"]), strict=False):
                yield line(f"{full}{county_name}{township}人民政府", below, "township", county.code, where)


def _names(characters: str, kind: str) -> Iterator[str]:
    """甲市, 乙市, …, then 甲甲市, 甲乙市 …"""
    alphabet = data()["names"][characters]
    yield from (character + kind for character in alphabet)
    yield from (first + second + kind for first in alphabet for second in alphabet)


# reports

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
