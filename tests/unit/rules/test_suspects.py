"""The cells most likely wrong: of real reports, of single slips, and against every repair tried one by one."""

from __future__ import annotations

import random
import time
import tomllib
from dataclasses import replace
from decimal import Decimal
from itertools import combinations, pairwise, product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import domain
from tests.domain import FORM_FILES, consistent, example, in_equations, leaves, reports, tiny_form, zero
from workbook.model.finding import Severity, Source
from workbook.model.form import Form
from workbook.model.form_loader import load_form
from workbook.model.numbers import UNITS, parse_figure
from workbook.model.report import Report
from workbook.rules import suspects as module
from workbook.rules.evaluation import check_figures, check_report
from workbook.rules.rule_types import list_equations
from workbook.rules.suspects import ErrorSuspect, find_suspects
from workbook.safety.messages import Bilingual

CASES = tomllib.loads((domain.CASES / "suspects.toml").read_text("utf-8"))
OLD, NEW = load_form("annual-2019"), load_form("annual-2021")


def named(changes) -> dict:
    return {cell.code: value for cell, value in changes}


def with_figures(report: Report, figures: dict) -> Report:
    return report.with_values(consistent(report.form, figures))


def errors(report: Report) -> int:
    return sum(1 for one in check_figures(report) if one.severity is Severity.ERROR)


def repaired(report: Report, found: tuple[ErrorSuspect, ...]) -> Report:
    return report.with_values({code: value for suspect in found for code, value in named(suspect.changes).items()})


def test_shizhong_forgot_two_totals():
    report = example("市中区统计局-2020")
    found = check_report(report)
    (suspect,) = find_suspects(report, found)
    assert named(suspect.changes) == {"requests.results.person": 4, "requests.results.total": 4}
    assert {found[n].rule for n in suspect.findings} == {"results-total", "balance"}
    assert len(suspect.findings) == errors(report) == 4
    said = suspect.words(report)
    assert said.zh == (
        "改 （七）总计·自然人 为 4，（七）总计·总计 为 4 即可"
        "（/tables/requests/results/person、/tables/requests/results/total）"
    )
    assert said.en.startswith("change (7) Total, Natural persons to 4, (7) Total, Total to 4 (/tables")
    assert errors(repaired(report, (suspect,))) == 0


@pytest.mark.parametrize(
    ("places", "zh", "en"),
    [
        ({"person": "D28", "total": "J28"}, "（表三!D28、表三!J28）", " (表三!D28, 表三!J28)"),
        ({"person": "D28"}, "", ""),
        ({}, "", ""),
    ],
    ids=["both known", "one unknown", "none known"],
)
def test_the_advice_says_where_if_every_place_is_known(places, zh, en):
    sources = {f"requests.results.{column}": Source("年报.xlsx", "表三", place) for column, place in places.items()}
    report = replace(example("市中区统计局-2020"), sources=sources)
    (suspect,) = find_suspects(report)
    assert suspect.words(report) == Bilingual(
        f"改 （七）总计·自然人 为 4，（七）总计·总计 为 4 即可{zh}",
        f"change (7) Total, Natural persons to 4, (7) Total, Total to 4{en}",
    )


def test_nothing_broken_nothing_suspected():
    assert find_suspects(example("洛龙区统计局-2020")) == ()
    assert find_suspects(zero(NEW)) == ()


def test_a_blank_is_no_figure_to_repair():
    report = zero(NEW).with_values({"reviews.reconsideration.total": 3, "reviews.reconsideration.upheld": None})
    assert find_suspects(report, check_report(report)) == ()


@pytest.mark.parametrize(
    ("slip", "figure", "right"),
    [("requests.results.total", 21, 12), ("requests.granted.law", 6, 5), ("requests.new.total", 0, 12)],
)
def test_a_slip_in_a_filled_report_is_found(slip, figure, right):
    report = with_figures(
        zero(NEW), {"requests.granted.person": 7, "requests.granted.law": 5, "requests.brought.person": 2}
    )
    report = report.with_values({slip: figure if slip != "requests.new.total" else 0})
    right = with_figures(
        zero(NEW), {"requests.granted.person": 7, "requests.granted.law": 5, "requests.brought.person": 2}
    )[slip]
    (suspect,) = find_suspects(report)
    assert named(suspect.changes) == {slip: right}


@st.composite
def one_slip(draw):
    """A consistent report in which one cell of an equation got another figure; what it was is part of the answer."""
    form = draw(st.sampled_from(FORM_FILES))
    report = draw(reports(form))
    code = draw(st.sampled_from(in_equations(form)))
    figure = draw(st.integers(0, 10**6).filter(lambda n: n != report[code]))
    return report, code, figure


def test_repairs_do_not_undo_each_other():
    """Two slips of the same size in different rows and columns of 表三: the fourth corner of their square fits too."""
    for first, second in (("denied.secret.charity", "denied.process.research"), ("granted.law", "partial.person")):
        report = with_figures(zero(NEW), {cell.code: 3 for cell in leaves(NEW)})
        report = report.with_values({f"requests.{code}": 4 for code in (first, second)})
        found = find_suspects(report)
        assert sum(len(suspect.changes) for suspect in found) == 2
        assert errors(repaired(report, found)) == 0


@pytest.mark.slow
@given(one_slip())
def test_the_one_cell_changed_is_named_with_what_it_was(slip):
    report, code, figure = slip
    found = find_suspects(report.with_values({code: figure}))
    assert len(found) == 1
    options = [named(changes) for changes in (found[0].changes, *found[0].alternatives)]
    assert {code: report[code]} in options
    assert errors(repaired(report.with_values({code: figure}), found)) == 0


def test_a_cell_that_is_no_part_of_an_equation_cannot_be_suspected():
    alone = {cell.code for cell in NEW.cells} - set(in_equations(NEW))
    assert {code.split(".")[0] for code in alone} == {"legislation", "licensing", "enforcement", "fees"}
    report = zero(NEW).with_values(dict.fromkeys(alone, 7))
    assert find_suspects(report) == ()


def test_two_independent_slips_are_two_suspects():
    report = zero(NEW).with_values({"reviews.reconsideration.total": 3, "requests.granted.law": 2})
    findings = check_report(report)
    first, second = find_suspects(report, findings)
    assert named(first.changes) == {"requests.granted.law": 0}
    options = [named(changes) for changes in (second.changes, *second.alternatives)]
    assert {"reviews.reconsideration.total": 0} in options
    assert {"reviews.reconsideration.upheld": 3} in options
    assert not set(first.findings) & set(second.findings)
    broken = {n for n, one in enumerate(findings) if one.severity is Severity.ERROR}
    assert set(first.findings) | set(second.findings) == broken


@pytest.mark.slow
@given(st.data())
def test_slips_in_both_tables_are_told_apart(data):
    form = data.draw(st.sampled_from(FORM_FILES))
    report = data.draw(reports(form))
    slips = {}
    for table in ("requests", "reviews"):
        code = data.draw(st.sampled_from([code for code in in_equations(form) if code.startswith(table)]))
        slips[code] = report[code] + data.draw(st.integers(1, 99))
    found = find_suspects(report.with_values(slips))
    assert [suspect.changes[0][0].table.code for suspect in found] == ["requests", "reviews"]
    assert errors(repaired(report.with_values(slips), found)) == 0


def smallest_repair(report: Report, most: int) -> int | None:
    """How few cells must change for every equation to hold: every choice of cells, every small figure in them."""
    sums = [[(t.cell.index, t.sign) for t in e.left] + [(t.cell.index, -t.sign) for t in e.right] for e in EQUATIONS]
    for count in range(most + 1):
        for chosen in combinations(range(len(report.values)), count):
            for figures in product(range(9), repeat=count):
                values = list(report.values)
                for index, figure in zip(chosen, figures, strict=True):
                    values[index] = figure
                if not any(sum(values[index] * sign for index, sign in terms) for terms in sums):
                    return count
    return None


with TemporaryDirectory() as folder:
    TINY = tiny_form(Path(folder))
EQUATIONS = list_equations(TINY)


@settings(max_examples=60)
@given(st.data())
def test_no_smaller_repair_exists_on_a_form_small_enough_to_try_all(data):
    figures = {cell.code: data.draw(st.integers(0, 1)) for cell in leaves(TINY)}
    slips = data.draw(st.dictionaries(st.sampled_from(in_equations(TINY)), st.integers(0, 3), min_size=1, max_size=2))
    report = with_figures(zero(TINY), figures).with_values(slips)
    found = find_suspects(report)
    assert sum(len(suspect.changes) for suspect in found) == smallest_repair(report, 2)
    assert errors(repaired(report, found)) == 0


@pytest.mark.parametrize("seed", [0, 1, 4, 5])
@pytest.mark.parametrize("form", FORM_FILES, ids=lambda form: form.id)
def test_a_badly_broken_report_takes_no_long_time(form, seed):
    chance = random.Random(seed)
    least = seed % 2 * 1000  # large figures rule out no repair, so there are more to try
    report = with_figures(zero(form), {cell.code: least + chance.randrange(9) for cell in leaves(form)})
    slips = chance.sample(in_equations(form), 40 if seed < 4 else len(in_equations(form)))
    report = report.with_values({code: report[code] + chance.randrange(1, 30) for code in slips})
    findings = check_report(report)
    begun = time.process_time()
    found = find_suspects(report, findings)
    assert time.process_time() - begun < 3
    explained = [n for suspect in found for n in suspect.findings]
    assert len(explained) == len(set(explained))
    assert all(findings[n].severity is Severity.ERROR for n in explained)


def test_every_cell_wrong():
    report = zero(NEW).with_values({code: n for n, code in enumerate(in_equations(NEW), 1)})
    begun = time.process_time()
    find_suspects(report, check_report(report))
    assert time.process_time() - begun < 3


def test_a_figure_without_measure_beside_a_broken_one():
    huge = {"requests.results.person": 10**40 + 1, "requests.results.total": 10**40 + 1, "requests.new.person": 10**40}
    report = zero(NEW).with_values({**huge, "requests.granted.person": Decimal("1.5")})
    (one,) = find_suspects(report, check_report(report))
    assert [(cell.code, value) for cell, value in one.changes] == [
        ("requests.new.person", 10**40 + 1),
        ("requests.new.total", 10**40 + 1),
    ]


def linked(folder: Path, rows: str, *equations: str) -> Form:
    """A form with one column of such rows: `p>t` counts into t, `c-` may be negative; equations as `p + p = r`."""
    lines = []
    for row in rows.split():
        code, _, into = row.partition(">")
        more = f', into = "{into}"' * bool(into) + ", signed = true" * code.endswith("-")
        lines.append(f'{{ code = "{code.removesuffix("-")}", label = "{code}"{more} }}')
    text = '\n[[table]]\ncode = "lines"\nsection = "part"\ntitle = "表"\ncolumns = [{ code = "n", label = "件数" }]\n'
    text += f"rows = [{', '.join(lines)}]\n"
    for equation in equations:
        left, right = ([code.strip() for code in side.split("+")] for side in equation.split("="))
        text += f'[[table.rule]]\nid = "balance"\nleft = {left}\nright = {right}\n'
    return tiny_form(folder, text)


def told(form: Form, figures: str) -> str:
    """What is suspected where those rows hold such figures, the others 0: `q 0 | t 3` is a repair and another one."""
    values = {f"lines.{code}.n": figure for code, figure in map(str.split, figures.split(", "))}
    report = zero(form).with_values({code: parse_figure(figure, UNITS["件"]).value for code, figure in values.items()})
    return "; ".join(
        " | ".join(
            ", ".join(f"{cell.row.code} {value}" for cell, value in changes)
            for changes in (suspect.changes, *suspect.alternatives)
        )
        for suspect in find_suspects(report)
    )


@pytest.mark.parametrize(("rows", "equations", "figures", "expected"), CASES["repairs"])
def test_which_repair_is_named(tmp_path, rows, equations, figures, expected):
    assert told(linked(tmp_path, rows, *equations), figures) == expected


def test_what_was_settled_is_not_named_again(tmp_path):
    """First the total that was forgotten, then k; y = 2 could be had with another total yet, or another k."""
    form = linked(tmp_path, "p>t y>t t k f g", "p = k", "y = f", "f = g")
    assert told(form, "p 3, k 1, f 2, g 2") == "t 3; k 3; f 0, g 0"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (1, "c1 9 | c2 1"),
        (2, "c1 9, c2 9 | c3 1, c4 1"),
        (3, "c1 9, c2 9, c3 9 | c4 1, c5 1, c6 1"),
        (4, "c1 9, c2 9, c3 9, c4 9 | c5 1, c6 1, c7 1, c8 1"),
        (5, ""),
    ],
)
def test_repairs_of_more_than_four_cells_are_not_looked_for(tmp_path, changes, expected):
    """Cells that must all be equal, and the first half is not what the second is."""
    codes = [f"c{n}" for n in range(1, 2 * changes + 1)]
    form = linked(tmp_path, " ".join(codes), *(f"{one} = {other}" for one, other in pairwise(codes)))
    assert told(form, ", ".join(f"{code} {1 if n < changes else 9}" for n, code in enumerate(codes))) == expected


def test_the_shortest_repair_has_no_longer_ones_beside_it():
    (suspect,) = find_suspects(zero(NEW).with_values({"requests.granted.law": 2}))
    assert named(suspect.changes) == {"requests.granted.law": 0}
    assert suspect.alternatives == ()


def test_eight_alternatives_are_enough(tmp_path):
    parts = [f"p{n}" for n in range(12)]
    form = linked(tmp_path, " ".join(f"{part}>t" for part in parts) + " t")
    assert told(form, "t 5") == " | ".join(["t 0", *(f"{part} 5" for part in parts[:8])])


REVIEWS = ("reconsideration", "litigation.direct", "litigation.after")


@pytest.mark.parametrize(("steps", "last"), [(25, ["total", "pending"]), (24, ["total"])])
def test_the_steps_in_all_are_shared_and_what_one_search_leaves_is_for_the_next(monkeypatch, steps, last):
    """Three sums of five cells, a step for each cell: 25 // 3, 20 // 3 and 15 // 3 steps are just enough."""
    monkeypatch.setattr(module, "LEAST_STEPS", 1)
    monkeypatch.setattr(module, "MOST_STEPS_IN_ALL", steps)
    found = find_suspects(zero(NEW).with_values({f"reviews.{line}.pending": 3 for line in REVIEWS}))
    options = [[c.column.code for ((c, _),) in (suspect.changes, *suspect.alternatives)] for suspect in found]
    assert options == [["total", "pending"], ["total", "pending"], last]


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (10, ""),
        (11, "c1 9, c2 9, c3 9"),
        (17, "c1 9, c2 9, c3 9"),
        (18, "c1 9, c2 9, c3 9 | c4 1, c5 1, c6 1"),
    ],
)
def test_past_the_bound_what_was_found_so_far_counts(tmp_path, monkeypatch, most, expected):
    """Two steps for repairs of one cell, six for those of two, ten for those of three."""
    codes = [f"c{n}" for n in range(1, 7)]
    form = linked(tmp_path, " ".join(codes), *(f"{one} = {other}" for one, other in pairwise(codes)))
    monkeypatch.setattr(module, "LEAST_STEPS", 1)
    monkeypatch.setattr(module, "MOST_STEPS", most)
    assert told(form, "c1 1, c2 1, c3 1, c4 9, c5 9, c6 9") == expected
