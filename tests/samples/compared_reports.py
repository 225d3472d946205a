"""Made-up agencies as rows beside each other, for the tests of what compares them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from string import Formatter

from tests import domain
from tests.samples import agency_files
from tests.samples.agency_files import FORM, OLD
from workbook.merging.collected_reports import Before, ReportRow, RowNotices, Rows
from workbook.merging.peers.peer_notices import PeerComparison
from workbook.model import rule_catalog
from workbook.model.finding import Finding
from workbook.model.form import Form
from workbook.model.numbers import Number
from workbook.model.report import Report

LEVEL = "county-department"
CASES = tomllib.loads((domain.CASES / "peers.toml").read_text("utf-8"))


def name_by_reason(value: object) -> str:
    """The name of a test by the one text of its case."""
    return value if isinstance(value, str) else ""


def report(n: int, figures: Mapping[str, Number], form: Form = FORM, year: int = 2024) -> Report:
    """The report of made-up agency `n`, all of one region; every equation holds whatever the leaf cells have."""
    return agency_files.report(n, figures or {"requests.new.person": 0}, form, year, region="110105")


def row(n: int, figures: Mapping[str, Number], level: str = LEVEL, **how: object) -> ReportRow:
    return ReportRow(n, f"key-{n}", level, report(n, figures, **how))  # type: ignore[arg-type]


def rows(some: Iterable[ReportRow]) -> Rows:
    found = tuple(some)
    return lambda: found


def granted(counts: Sequence[int], level: str = LEVEL) -> list[ReportRow]:
    """One agency for each count of requests granted to natural persons."""
    return [row(n, {"requests.granted.person": count}, level) for n, count in enumerate(counts)]


def before(some: Iterable[ReportRow]) -> Before:
    """Last year's reports by key."""
    return {one.key: one.report for one in some}.get


def list_peer_notices(form: Form, rows: Rows, past: Sequence[Before] = (), **bounds: int) -> RowNotices:
    """The notices of rows laid side by side."""
    compared = PeerComparison(form, past)
    for one in rows():
        compared.add(one)
    return compared.list_notices(rows, **bounds)


def named(found: Mapping[int, Sequence[Finding]], rule: str) -> dict[int, str]:
    """The rows of which a rule is said, and the first cell each time; said once a row."""
    some = [(number, one) for number, findings in found.items() for one in findings if one.rule == rule]
    cells = {number: one.cells[0] if one.cells else "" for number, one in some}
    assert len(cells) == len(some)
    return cells


def is_worded(one: Finding) -> bool:
    """Whether a finding can be told in both languages from the facts it has."""
    have = {name for name, _ in one.facts}
    have |= {name for name in ("actual", "expected", "difference") if getattr(one, name) is not None}
    norm = rule_catalog.get_rule_book()[one.rule]
    texts = [text for wording in (norm.zh, norm.en) for text in (wording.message, wording.fix)]
    asked = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
    return asked <= have and all(rule_catalog.format_message(one, lang) for lang in ("zh", "en"))


__all__ = ["FORM", "OLD", "before", "granted", "is_worded", "list_peer_notices", "named", "report", "row", "rows"]
