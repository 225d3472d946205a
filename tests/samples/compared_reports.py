"""Made-up agencies as rows beside each other, for the tests of what compares them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from string import Formatter
from types import MappingProxyType

from tests import domain
from workbook.merging.collected_reports import Before, ReportRow, Rows
from workbook.model import rule_catalog
from workbook.model.finding import Finding
from workbook.model.form import Form
from workbook.model.form_loader import load_form
from workbook.model.identity import Identity
from workbook.model.numbers import Number
from workbook.model.report import Report

FORM = load_form("annual-2021")
OLD = load_form("annual-2019")
LEVEL = "county-department"
CASES = tomllib.loads((domain.CASES / "peers.toml").read_text("utf-8"))


def name_by_reason(value: object) -> str:
    """The name of a test by the one text of its case."""
    return value if isinstance(value, str) else ""


def report(n: int, figures: Mapping[str, Number], form: Form = FORM, year: int = 2024) -> Report:
    """The report of made-up agency `n`; every equation holds whatever `figures` the leaf cells have."""
    values = domain.consistent(form, figures)
    texts = MappingProxyType(dict(domain.TEXTS))
    who = Identity(f"某县第{n}局", domain.credit_code(f"1111010500000{n:04d}"), "110105", LEVEL)
    return Report(form, year, who, tuple(values[cell.code] for cell in form.cells), texts)


def row(n: int, figures: Mapping[str, Number], level: str = LEVEL, **how: object) -> ReportRow:
    return ReportRow(n, f"key-{n}", level, report(n, figures, **how))  # type: ignore[arg-type]


def rows(some: Iterable[ReportRow]) -> Rows:
    kept = tuple(some)
    return lambda: kept


def granted(counts: Sequence[int], level: str = LEVEL) -> list[ReportRow]:
    """One agency for each count of requests granted to natural persons."""
    return [row(n, {"requests.granted.person": count}, level) for n, count in enumerate(counts)]


def before(some: Iterable[ReportRow]) -> Before:
    """Last year's reports by key."""
    known = {one.key: one.report for one in some}
    return known.get


def named(found: Mapping[int, Sequence[Finding]], rule: str) -> dict[int, str]:
    """The rows of which a rule is said, and the first cell each time; said once a row."""
    out: dict[int, str] = {}
    for number, findings in found.items():
        for one in findings:
            if one.rule == rule:
                assert number not in out
                out[number] = one.cells[0] if one.cells else ""
    return out


def is_worded(one: Finding) -> bool:
    """Whether a finding can be told in both languages from the facts it has."""
    have = {name for name, _ in one.facts}
    have |= {name for name in ("actual", "expected", "difference") if getattr(one, name) is not None}
    norm = rule_catalog.get_rule_book()[one.rule]
    texts = [text for wording in (norm.zh, norm.en) for text in (wording.message, wording.fix)]
    asked = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
    return asked <= have and all(rule_catalog.format_message(one, lang) for lang in ("zh", "en"))
