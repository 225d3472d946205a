"""One rule, three dialects: the workbook's formulas, recalculated by real programs, say what Python says."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import domain
from tests.domain import FORM_FILES
from tests.office.libreoffice import Office
from tests.office.live_workbook import Live, Shown
from workbook.excel.reading.workbook_reader import open_workbook
from workbook.excel.template.live_formulas import CheckLine
from workbook.excel.template.template_writer import build_workbook
from workbook.excel.template_layout import CHECKS_TOP, CheckColumn, SheetCell
from workbook.model import identity, rule_catalog
from workbook.model.finding import Finding, Severity
from workbook.model.form import Cell, Form
from workbook.model.form_loader import load_form
from workbook.model.form_migration import convert_report
from workbook.model.numbers import NOT_APPLICABLE, NOTHING_MARKS, Number, Value, parse_figure
from workbook.model.report import Answer, Report
from workbook.rules.evaluation import RuleOutcome, check_report, evaluate_rule
from workbook.rules.rule_types import AgencyLevelTest, CellDemand, Equation, IdenticalToLastYearTest
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")

pytestmark = [pytest.mark.office, pytest.mark.timeout(900)]

LIVE_REPORTS = 270
"""Different reports put into the open workbook of each of the two forms."""
FILES = 12
"""Reports of each form written as files and recalculated whole; some by Gnumeric too."""

SAYS: dict[str, str] = messages.entry("status")
GREEN = ("通过", "全部通过")
WHOLE = settings(
    max_examples=2 * LIVE_REPORTS,  # it tries every third twice, which is not counted
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)

# What comes in ------------------------------------------------------------


class Case(NamedTuple):
    """A report and last year's; printed as what is not 0, so that a failure can be read."""

    report: Report
    previous: Report | None

    def __repr__(self) -> str:
        return f"Case({_brief(self.report)}, previous={self.previous and _brief(self.previous)})"


def _brief(report: Report) -> str:
    figures = {c.code: v for c, v in zip(report.form.cells, report.values, strict=True) if v != 0}
    blank = [code for code, value in figures.items() if value is None]
    if len(blank) > 20:
        figures = {code: value for code, value in figures.items() if value is not None} | {"the others": None}
    return f"{report.form.id} {report.year} {report.agency} {dict(report.texts)} {report.answers} {figures}"


@st.composite
def odd_agencies(draw: st.DrawFn) -> identity.Identity:
    """Agencies with codes good and bad, levels known and unknown, parts missing."""
    agency = draw(domain.agencies)
    good = agency.code or domain.AGENCY.code
    codes = st.sampled_from([agency.code, good, good[:-1], good[:-1] + "I", good.lower(), "1" * 18, "A" * 17 + "张"])
    regions = st.sampled_from([agency.region, "110105", "11010", "990101", "11010a", "000000", "市中区"])
    levels = st.sampled_from([agency.level, "city", "county", "某级", ""])
    names = st.sampled_from([agency.name, agency.name, "", "0"])
    return replace(agency, name=draw(names), code=draw(codes), region=draw(regions), level=draw(levels))


def wrong(cell: Cell) -> st.SearchStrategy[Value]:
    """What a cell should not hold, or a figure other than it was."""
    long = st.sampled_from([10**15, 1234567890123456, 10**18 + 1])
    money = st.integers(1, 10**9).map(lambda n: Decimal(n) / 7) if cell.unit.scale > 1 else domain.broken_counts
    near = st.integers(0, 12)
    odd = st.sampled_from([" 7", "7 ", "１２", "17个", "=1+1", "#DIV/0!", "TRUE", "1.5", "不适用", "*", "?", "~"])
    return st.one_of(
        near, near, st.none(), st.just(NOT_APPLICABLE), domain.not_numbers, odd, money, domain.negatives, long
    )


def busier(report: Report, seed: int, *, sound: bool) -> Report:
    """The report with up to forty more figures in it, so that no two are alike."""
    chance = random.Random(seed)
    cells = domain.leaves(report.form) if sound else report.form.cells
    some = chance.sample(cells, chance.randint(1, 40))
    figures: dict[str, Number] = {c.code: v for c in cells if isinstance(v := report[c.code], int | Decimal)}
    figures |= {cell.code: chance.randint(0, 300) for cell in some}
    return report.with_values(domain.consistent(report.form, figures) if sound else figures)


@st.composite
def cases(draw: st.DrawFn, form: Form) -> Case:
    """A report, sound or broken in many ways, with last year's or without, and with reasons that hold or do not."""
    kind = draw(st.sampled_from(["sound", "broken", "broken", "wild", "gaps"]))
    report = draw(domain.reports(form, consistent=kind != "wild"))
    if kind != "gaps":
        report = busier(report, draw(st.integers(0, 2**40)), sound=kind != "wild")
    if kind == "broken":
        cells = draw(st.lists(st.sampled_from(form.cells), min_size=1, max_size=10, unique_by=lambda c: c.code))
        report = report.with_values({cell.code: draw(wrong(cell)) for cell in cells})
    elif kind == "gaps":
        kept = draw(st.sets(st.sampled_from(range(len(form.cells))), max_size=6))
        report = replace(report, values=tuple(v if n in kept else None for n, v in enumerate(report.values)))
    if draw(st.integers(0, 2)) == 0:
        report = replace(report, agency=draw(odd_agencies()))
    if draw(st.integers(0, 3)) == 0:
        texts = {code: text for code, text in report.texts.items() if draw(st.booleans())}
        report = replace(report, texts=texts, year=draw(st.sampled_from([None, 2018, 2020, 2021, 2035])))
    previous = draw(previous_of(report))
    return Case(draw(with_reasons(report, previous)), previous)


@st.composite
def previous_of(draw: st.DrawFn, report: Report) -> Report | None:
    """Last year's report: none, unrelated, equal, or such that most rules between years hold."""
    form = report.form
    kind = draw(st.sampled_from(["none", "other", "same", "fitting", "broken"]))
    if kind == "none":
        return None
    if kind == "other":
        return draw(domain.reports(form))
    if kind == "broken":
        return draw(domain.broken_reports(form))
    if kind == "same":
        return report
    before = draw(domain.reports(form))
    pairs = {  # what last year must have said, and what it is compared with now
        term.cell.code: rule.left[0].cell
        for rule in domain.list_equations(form)
        for term in rule.terms
        if term.previous and rule.op == "=" and rule.left
    }
    return before.with_values({code: report.values[cell.index] for code, cell in pairs.items()})


@st.composite
def with_reasons(draw: st.DrawFn, report: Report, previous: Report | None) -> Report:
    """Reasons for some of the warnings that really arise: for these figures, for any, for others."""
    report = replace(report, answers=())
    warned = [f for f in check_report(report, previous) if f.severity is Severity.WARNING and f.cells]
    if not warned:
        return report
    chosen = draw(st.lists(st.sampled_from(warned), max_size=4))
    figures = ["this", "any", "old"]
    made = []
    for finding in chosen:
        which = draw(st.sampled_from(figures))
        stands = {"this": finding.figures, "any": "", "old": "0123456789abcdef"}[which]
        made.append(Answer(finding.rule, finding.cells, draw(st.sampled_from(["机构改革", "清理文件"])), stands))
    return replace(report, answers=tuple(made))


# What Python says ------------------------------------------------------------


def verdict_of(line: CheckLine, report: Report, previous: Report | None, found: list[Finding]) -> set[str]:
    """The status words that agree with Python's judgement of that line, from the rules and findings alone."""
    if isinstance(line.evaluated, Equation | IdenticalToLastYearTest | AgencyLevelTest | CellDemand):
        outcome = evaluate_rule(line.evaluated, report, previous).outcome
        if outcome is RuleOutcome.PASSED:
            return {SAYS["passed"]}
        if outcome is RuleOutcome.UNJUDGED:
            return {SAYS["waiting"], SAYS["unjudged"]}
    if line.rule == "sections":
        text = report.texts.get(line.code.rpartition(".")[2], "")
        return {SAYS["passed"]} if text.strip() else {SAYS["waiting"]}
    if line.rule == "nothing-filled":
        blank = all(value is None for value in report.values)
        return {SAYS["waiting"]} if blank else {SAYS["passed"]}
    about = [f for f in found if f.rule == line.rule and (not line.cells or set(f.cells) == set(line.cells))]
    if isinstance(line.evaluated, CellDemand):
        about = [f for f in found if f.rule == line.rule and f.cells[0].startswith(line.evaluated.table.code + ".")]
    if not about:
        blank_field = line.code in ("agency.credit-code", "agency.region-code", "agency.level")
        return (
            {SAYS["passed"], SAYS["unjudged"]}
            if blank_field
            else {SAYS["passed"]}
            | ({SAYS["waiting"]} if line.rule == "form-in-force" and report.year is None else set())
        )
    if line.severity is not Severity.WARNING:
        return {SAYS["failed"], SAYS["noticed"], SAYS["waiting"]}
    if any(f.answer for f in about):
        return {SAYS["answered"]}
    title = rule_catalog.get_rule_book()[line.rule].title  # several rules may be about the same cells
    expired = [
        f
        for f in found
        if f.rule == "answer-expired" and set(f.cells) == set(line.cells) and ("title", title) in f.facts
    ]
    return {SAYS["expired"]} if expired else {SAYS["warned"]}


def as_in_the_workbook(report: Report) -> Report:
    """Figures of more than 15 digits are texts there, which is said where they stand."""
    values: tuple[Value, ...] = tuple(
        str(v) if isinstance(v, int | Decimal) and not _holds(v, c) else v
        for v, c in zip(report.values, report.form.cells, strict=True)
    )
    return replace(report, values=values)


def _holds(value: int | Decimal, cell: Cell) -> bool:
    number = Decimal(value) / cell.unit.scale
    return abs(number) < 10**15 and Decimal(format(float(number), ".15g")) == number


def same(expected: object, shown: object) -> bool:
    """Whether a program shows what was expected; numbers to the 15 digits it has."""
    if isinstance(expected, str) or isinstance(shown, str):
        return expected == shown
    return math.isclose(float(expected), float(shown), rel_tol=1e-12, abs_tol=1e-6)  # type: ignore[arg-type]


def agree(live: Live, report: Report, previous: Report | None) -> None:
    """Every line of 校验 and the overall status, in the three dialects."""
    draft = live.put(report, previous)
    stands = as_in_the_workbook(report)
    before = as_in_the_workbook(convert_report(previous, report.form).report) if previous else None
    found = check_report(stands, before)
    nothing = all(value is None for value in stands.values)
    for code, shown in live.lines().items():
        value, line = draft.values[code], live.checks.get_line(code)
        expected = Shown(value.left, value.right, value.difference, SAYS[value.status])
        assert all(same(a, b) for a, b in zip(expected, shown, strict=True)), (code, expected, shown)
        if not (nothing and line.evaluated):
            assert shown.status in verdict_of(line, stands, before, found), (code, shown)
    assert live.overall == draft.status
    errors = [f for f in found if f.severity is Severity.ERROR and f.rule in {x.rule for x in live.checks.lines}]
    if any(f.rule != "sections" or "未填" in f.facts[0][1].zh for f in errors):  # type: ignore[union-attr, index]
        assert not live.overall.startswith(GREEN), errors


# Live ------------------------------------------------------------


@pytest.fixture(scope="module", params=FORM_FILES, ids=lambda form: form.id)
def live(request: pytest.FixtureRequest, office: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with Live(office, request.param, tmp_path_factory.mktemp("live")) as opened:
        yield opened


def test_formulas_and_python_agree_on_random_and_broken_reports(live: Live) -> None:
    seen: set[tuple[object, ...]] = set()
    words: dict[str, set[str]] = {}

    @WHOLE
    @given(cases(live.places.form))
    def agreed(case: Case) -> None:
        report, previous = case
        texts = tuple(report.texts.items())
        this = (report.values, report.agency, report.year, texts, report.answers, previous and previous.values)
        if this in seen or len(seen) >= LIVE_REPORTS:
            return
        agree(live, report, previous)
        seen.add(this)
        for code, shown in live.lines().items():
            words.setdefault(live.checks.get_line(code).rule, set()).add(str(shown.status))

    agreed()
    assert len(seen) == LIVE_REPORTS
    for rule, statuses in words.items():
        assert len(statuses) > 1, f"{rule} was only ever {statuses}: it was not tried"
    assert {status for statuses in words.values() for status in statuses} == set(SAYS.values())


def test_a_mark_for_nothing_counts_as_not_filled_in_both(live: Live) -> None:
    form = live.places.form
    report = domain.zero(form)
    draft = live.put(report, None)
    entry = next(cell for cell in form.cells if cell.code not in live.places.formulas)
    spot = live.places.cells[entry.code]
    line = f"{entry.table.code}.filled"
    for mark in (*NOTHING_MARKS, *(mark.upper() for mark in NOTHING_MARKS)):
        live.set(spot, mark)
        assert parse_figure(mark, entry.unit).value == NOT_APPLICABLE
        left, right, _, status = live.lines()[line]
        assert (left, status) == (float(str(right)) - 1, SAYS["waiting"]), mark
    live.put(report, None)
    assert live.overall == draft.status


def test_what_is_typed_as_text_is_never_green(live: Live) -> None:
    report = domain.zero(live.places.form)
    live.put(report, None)
    assert live.overall.startswith(GREEN)
    entry = next(cell for cell in live.places.form.cells if cell.code not in live.places.formulas)
    spot = live.places.cells[entry.code]
    for text in ("0", " ", "　", "'0", "１２", "17个", "abc", "0.0", "=1", "TRUE", "*", "<>", "—0—"):
        live.set(spot, text)
        assert not live.overall.startswith(GREEN), text
    live.set(spot, None)
    assert not live.overall.startswith(GREEN)
    live.put(report, None)


def places_of_errors(live: Live) -> Iterator[SheetCell]:
    """Every kind of cell that a verdict rests on: identity, figures, totals, last year's, texts, 校验 itself."""
    yield from live.places.identity.values()
    for n, cell in enumerate(live.places.form.cells):
        if cell.code in live.places.formulas or n % 5 == 0:
            yield live.places.cells[cell.code]
            yield live.places.previous[cell.code]
    yield live.places.previous_year
    for text in live.places.texts.values():
        yield SheetCell(messages.text("sheet.texts"), text.first, 1)
        yield SheetCell(messages.text("sheet.texts"), text.last, 1)
    for n in range(len(live.checks.lines)):
        for column in (
            CheckColumn.LEFT,
            CheckColumn.RIGHT,
            CheckColumn.DIFFERENCE,
            CheckColumn.STATUS,
            CheckColumn.ANSWERED,
            CheckColumn.PRESENT,
        )[n % 2 :: 2]:
            yield SheetCell(live.checks.sheet, CHECKS_TOP + n, column)


def test_an_error_value_is_never_green(live: Live) -> None:
    report = domain.zero(live.places.form)
    live.put(report, replace(report, year=(report.year or 0) - 1))
    assert live.overall == messages.text("overall.passed")
    tried = 0
    for spot in places_of_errors(live):
        error = ("=1/0", "=NA()", "=#REF!", '=1+"x"')[tried % 4]
        live.formula(spot, error)
        assert live.cell(spot).getError(), spot
        said = live.overall
        live.restore()
        assert not said.startswith(GREEN), (spot, error, said)
        tried += 1
    assert tried > 300
    live.document.calculateAll()
    assert live.overall == messages.text("overall.passed"), "and green again when all are gone"


def test_a_template_with_nothing_filled_is_not_green(live: Live) -> None:
    live.put(domain.zero(live.places.form), None)
    live.put(domain.Report(live.places.form, None, identity.Identity(), (None,) * len(live.places.form.cells)), None)
    assert live.overall == messages.text("overall.empty")
    assert not live.overall.startswith(GREEN)
    assert {SAYS["passed"], SAYS["answered"]}.isdisjoint(
        str(shown.status) for code, shown in live.lines().items() if "filled" in code
    )


# Whole files ------------------------------------------------------------


def cached(path: Path) -> dict[str, dict[str, object]]:
    """Sheet → cell → the value stored with its formula."""
    values: dict[str, dict[str, object]] = {}
    for sheet in open_workbook(path).sheets:
        formulas = {place: cell for place, cell in sheet.cells.items() if cell.formula is not None}
        assert all(cell.cached for cell in formulas.values()), (sheet.name, "a formula without its value")
        values[sheet.name] = {SheetCell(sheet.name, *place).a1: cell.value for place, cell in formulas.items()}
    return values


def assert_recalculated(path: Path, values: dict[str, dict[str, object]], who: str) -> int:
    """Every cached value is what the program computes; how many there were."""
    count = 0
    for sheet, cells in cached(path).items():
        for at, value in cells.items():
            assert same(value, values[sheet].get(at, "")), (who, path.name, sheet, at, value, values[sheet].get(at))
            count += 1
    return count


@pytest.mark.parametrize(
    "form",
    [*FORM_FILES, load_form("annual-2019", "420000")],
    ids=lambda form: f"{form.id}{len(form.supplements) or ''}",
)
def test_the_values_in_a_written_file_are_those_its_formulas_compute_to(
    form: Form, office: Office, gnumeric: Callable[[Path], dict[str, dict[str, object]]], tmp_path: Path
) -> None:
    made: list[Path] = []
    second: list[Path] = []

    @settings(WHOLE, max_examples=FILES, phases=[Phase.generate])
    @given(cases(form))
    def written(case: Case) -> None:
        path = tmp_path / f"{len(made)}.xlsx"
        path.write_bytes(build_workbook(*case))
        made.append(path)
        assert assert_recalculated(path, office.recalculated(path), "LibreOffice") > 300
        plain = not any("_x" in text for text in (*case.report.texts.values(), *case.report.answers))
        if plain and len(second) < 3:  # Gnumeric leaves the _x005F_ that stands for _ in a file as it is
            assert_recalculated(path, gnumeric(path), "Gnumeric")
            second.append(path)

    written()
    assert len(made) >= 8
    assert len(second) >= 2, "files for Gnumeric"


def test_every_rule_a_formula_can_judge_has_its_lines(live: Live) -> None:
    """What 校验 does not show is what needs words, files or last year's money, and names and years that are no such."""
    shown = {line.rule for line in live.checks.lines}
    judged = {
        norm.id
        for norm in rule_catalog.get_rule_book().values()
        if norm.kind in ("equation", "cells", "test", "identity") and norm.id not in {"identity-unread", "agency-name"}
    }
    stated = {rule.rule for rule in domain.list_equations(live.places.form)}
    equations = {norm.id for norm in rule_catalog.get_rule_book().values() if norm.kind == "equation"}
    assert judged - equations <= shown
    assert shown & equations == stated
