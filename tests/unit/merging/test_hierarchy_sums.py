"""What a government comes to: its departments and lower governments, each counted once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import reduce
from operator import add

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import domain
from tests.domain import TEXTS, zero
from workbook.excel import report_loading
from workbook.excel.template.template_writer import write_workbook
from workbook.merging.hierarchy.hierarchy_sums import NodeSum, make_node_submission, sum_hierarchy
from workbook.merging.hierarchy.own_report_comparison import GAPS_NAMED
from workbook.merging.roster.roster_lines import Roster, RosterAgency
from workbook.model import rule_catalog
from workbook.model.finding import Severity
from workbook.model.form import Form
from workbook.model.form_loader import load_form
from workbook.model.report import Report, make_empty_report
from workbook.rules.evaluation import check_figures

FORM, OLD = load_form("annual-2021"), load_form("annual-2019")
CELL = "licensing.permits.decisions"
YEAR = 2024


def tree(top: str, **below: str) -> Roster:
    """The roster of `top`; for each agency named by a keyword the names right below it, with blanks between."""
    above = {child: name for name, children in below.items() for child in children.split()}
    return Roster(tuple(RosterAgency(name, parent=above.get(name, "")) for name in dict.fromkeys((top, *above))))


CASES = tomllib.loads((domain.CASES / "hierarchy.toml").read_text("utf-8"))
TREES = {name: tree("甲市", **below) for name, below in CASES["trees"].items()}
CITY, TWO = TREES["city"], TREES["two"]
ALL = {"市局": 1, "乙局": 10, "乙镇": 100, "丙局": 1000, "丙镇": 10_000}


def line(roster: Roster, name: str) -> RosterAgency:
    (one,) = roster.named(name)
    return one


def figures(form: Form = FORM, year: int = YEAR, **cells: object) -> Report:
    """A report of the cells named with `__` for a dot; the rest is 0."""
    return zero(form, year).with_values({code.replace("__", "."): value for code, value in cells.items()})


def permits(n: object) -> Report:
    return figures(licensing__permits__decisions=n)


def fees(n: int) -> Report:
    return figures(fees__fees__amount=n)


def sum_up(
    roster: Roster, reports: Mapping[str, object], form: Form = FORM, held: Sequence[str] = ()
) -> dict[str, NodeSum]:
    """What every agency comes to, by name; a report that is no `Report` is one of so many permits."""
    rows = [(line(roster, name), one if isinstance(one, Report) else permits(one)) for name, one in reports.items()]
    done = sum_hierarchy(roster, rows, form, YEAR, held=[line(roster, name) for name in held])
    return {agency.name: node for agency, node in done.items()}


def names(agencies: Sequence[RosterAgency]) -> list[str]:
    return [one.name for one in agencies]


# what is summed


def test_every_level_is_the_sum_of_the_one_below():
    nodes = sum_up(CITY, ALL)
    assert {name: node.report[CELL] for name, node in nodes.items()} == {"甲市": 11_111, "乙县": 110, "丙县": 11_000}
    assert list(nodes) == ["甲市", "乙县", "丙县"]
    assert {name: node.report.merged for name, node in nodes.items()} == {"甲市": 5, "乙县": 2, "丙县": 2}
    assert all(node.complete and not node.missing and not node.findings for node in nodes.values())
    parts = [(part.agency.name, part.expected, part.counted) for part in nodes["甲市"].parts]
    assert parts == [("市局", 1, 1), ("乙县", 2, 2), ("丙县", 2, 2)]


def test_an_own_report_is_compared_and_not_added():
    nodes = sum_up(CITY, ALL | {"乙县": 110, "甲市": 11_111})
    assert (nodes["甲市"].report[CELL], nodes["甲市"].report.merged) == (11_111, 5)
    assert nodes["乙县"].own is not None
    assert nodes["甲市"].findings == nodes["乙县"].findings == nodes["乙县"].against == ()


def test_an_own_report_stands_for_those_below_if_none_of_them_counts():
    nodes = sum_up(CITY, {"市局": 1, "乙县": 110, "丙局": 1000, "丙镇": 10_000}, held=["乙局"])
    node = nodes["乙县"]
    assert (node.alone, node.complete, node.report[CELL]) == (True, True, 110)
    assert [one.rule for one in node.findings] == ["rollup-own"]
    assert rule_catalog.format_message(node.findings[0]) == "乙县：名录所列下级 2 家没有一份报告计入，按其本级报告计。"
    assert (nodes["甲市"].report[CELL], nodes["甲市"].complete) == (11_111, True)


def test_a_cell_is_blank_only_where_nobody_below_has_a_number():
    reports = {"市局": None, "乙局": "约10", "乙镇": None, "丙局": 3, "丙镇": "不适用"}
    nodes = sum_up(CITY, reports)
    assert [nodes[name].report[CELL] for name in ("甲市", "乙县", "丙县")] == [3, None, 3]
    assert [one.rule for one in nodes["乙县"].findings] == ["filled"]


def test_a_node_is_what_its_reports_are_added_up():
    reports = {name: figures(fees__fees__amount=n, requests__new__person=2 * n) for name, n in ALL.items()}
    node = sum_up(CITY, reports)["甲市"]
    assert node.report.values == reduce(add, reports.values()).values
    assert list(node.findings) == check_figures(node.report)
    assert "balance" in {one.rule for one in node.findings}


def test_broken_figures_are_added_exactly_in_any_order():
    broken = [Decimal("0.1"), 10**40, Decimal("0.9"), -(10**40) + 5, Decimal("1e-30")]
    reports = dict(zip(ALL, broken, strict=True))
    for some in (reports, dict(reversed(reports.items()))):
        assert sum_up(CITY, some)["甲市"].report[CELL] == Decimal("6.000000000000000000000000000001")


def test_a_report_in_the_other_form_is_carried_over():
    old = figures(OLD, requests__otherwise__person=4, requests__new__person=4)
    assert sum_up(TWO, {"一局": old})["甲市"].report["requests.new.person"] == 4
    new = figures(requests__otherwise__rest__person=4, requests__otherwise__uncorrected__person=2)
    assert sum_up(TWO, {"一局": new}, OLD)["甲市"].report["requests.otherwise.person"] == 6


# who is missing


@pytest.mark.parametrize("case", CASES["absent"])
def test_missing_and_held_back_are_counted_down_the_whole_subtree(case):
    nodes = sum_up(CITY, case["reports"], held=case["held"])
    for name, one in nodes.items():
        counts, missing, held = case[name]
        assert [one.expected, one.counted, one.waiting] == counts
        assert (names(one.missing), names(one.held)) == (missing, held)
        assert one.counted or not one.findings


def test_nothing_at_all_is_an_empty_sum():
    report = sum_up(CITY, {})["甲市"].report
    assert (set(report.values), report.merged) == ({None}, 0)


# the own report against the sum


@pytest.mark.parametrize("case", CASES["difference"], ids=lambda case: case["found"][1])
def test_a_difference_is_reported_with_both_figures(case):
    name, rule, *figures_, words = case["found"]
    reports = {agency: None if n == "" else n for agency, n in case["reports"].items()}
    (one,) = [one for one in sum_up(TREES[case["tree"]], reports)[name].findings if one.rule.startswith("rollup")]
    severities = {"rollup": Severity.WARNING, "rollup-open": Severity.NOTICE, "rollup-over": Severity.ERROR}
    assert (one.rule, one.severity) == (rule, severities[rule])
    assert [one.actual, one.expected, one.difference] == figures_
    assert words in rule_catalog.format_message(one)
    assert "{" not in rule_catalog.format_message(one, "en")


def test_money_is_reported_in_its_own_unit():
    (one,) = sum_up(TWO, {"一局": fees(4166_214619), "二局": 0, "甲市": fees(5000_000000)})["甲市"].findings
    assert (one.actual, one.expected) == (5000, Decimal("4166.214619"))


def test_a_change_may_be_negative_so_less_proves_nothing_while_somebody_is_missing():
    changed = "licensing.permits.change"
    assert OLD.cell(changed).signed
    reports = {name: figures(OLD).with_values({changed: n}) for name, n in (("一局", 9), ("甲市", 4))}
    for roster, rule in ((TWO, "rollup-open"), (tree("甲市", 甲市="一局"), "rollup")):
        assert [one.rule for one in sum_up(roster, reports, OLD)["甲市"].findings] == [rule]


@pytest.mark.parametrize("own", [None, "约10", "不适用"])
def test_an_own_cell_without_a_number_is_not_compared(own):
    assert sum_up(CITY, ALL | {"乙县": own})["乙县"].findings == ()


@pytest.mark.parametrize(
    ("own", "differs"),
    [
        (4166_214619, False),
        (4166_210000, False),
        (4166_214600, False),
        (4166_220000, True),
        (4166_214000, True),
        (4166_241619, True),
        (4166_000000, True),
    ],
)
def test_money_may_be_rounded_on_the_way_up(own, differs):
    money = {"一局": 4000_000000, "二局": 166_214619, "甲市": own}
    node = sum_up(TWO, {name: fees(n) for name, n in money.items()})["甲市"]
    assert bool(node.against) == differs
    hints = [one for one in node.findings if "颠倒" in rule_catalog.format_message(one)]
    assert bool(hints) == (own == 4166_241619)


def test_the_worst_cells_come_first_and_the_rest_is_counted():
    columns = [column.code for column in FORM.table("requests").columns]
    codes = [f"requests.{row}.{column}" for row in ("new", "carried") for column in columns]
    own = zero(FORM, YEAR).with_values({code: n + 1 for n, code in enumerate(codes)})
    node = sum_up(TWO, {"一局": 0, "二局": 0, "甲市": own})["甲市"]
    *named, rest = [one for one in node.findings if one.rule in ("rollup", "rollup-rest")]
    assert [gap.cell.code for gap in node.against] == codes[::-1]
    assert [one.cells for one in named] == [(code,) for code in codes[::-1][:GAPS_NAMED]]
    assert (rest.rule, rest.cells) == ("rollup-rest", tuple(codes[::-1][GAPS_NAMED:]))
    assert f"另有 {len(codes) - GAPS_NAMED} 格" in rule_catalog.format_message(rest)
    assert "{" not in rule_catalog.format_message(rest, "en")


def test_a_reason_given_in_the_own_report_answers_the_difference():
    (asked,) = sum_up(CITY, ALL | {"乙县": 109})["乙县"].findings
    answer = domain.Answer("rollup", asked.cells, "联合发文只计一次", asked.figures)
    (answered,) = sum_up(CITY, ALL | {"乙县": replace(permits(109), answers=(answer,))})["乙县"].findings
    assert answered.answer == "联合发文只计一次"


# what is settled before


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("市局", YEAR), ("市局", YEAR)], "not in the tree"),
        ([("别处", YEAR)], "not in the tree"),
        ([("甲市", YEAR), ("甲市", YEAR)], "not in the tree"),
        ([("市局", 2023)], "2023"),
    ],
)
def test_two_reports_of_one_agency_a_stranger_and_another_year_are_refused(rows, words):
    given_ = [(RosterAgency(name, parent="" if name == "甲市" else "甲市"), figures(year=year)) for name, year in rows]
    with pytest.raises(ValueError, match=words):
        sum_hierarchy(CITY, given_, FORM, YEAR)


def test_a_circle_neither_loops_nor_counts_twice():
    nodes = sum_up(tree("甲市", 甲市="乙县 丙县", 乙县="甲市 局"), {"局": 7})
    assert {name: (node.report[CELL], node.report.merged) for name, node in nodes.items() if node.counted} == {
        "乙县": (7, 1)
    }


@pytest.mark.slow
def test_a_tree_deeper_than_any_recursion():
    deep = 3000
    nodes = sum_up(tree("0", **{str(n): str(n + 1) for n in range(deep)}), {str(deep): 7})
    assert (nodes["0"].report[CELL], len(nodes)) == (7, deep)


# handed in one level up


CODE = domain.credit_code("11110105000000001")
COUNTY = (
    RosterAgency("乙县", CODE, "110105", "county", "甲市"),
    RosterAgency("乙局", parent=CODE),
    RosterAgency("乙镇", parent="乙县"),
)


def test_a_county_hands_in_its_sum_as_one_workbook(tmp_path):
    parts = [(one, permits(n)) for one, n in zip(COUNTY[1:], (10, 100), strict=True)]
    node = sum_hierarchy(Roster(COUNTY), parts, FORM, YEAR)[COUNTY[0]]
    report = make_node_submission(node)
    assert (report.agency.name, report.agency.level, report.year, report.merged) == ("乙县", "county", YEAR, 2)
    path = tmp_path / "乙县.xlsx"
    write_workbook(path, replace(report, texts=TEXTS))
    read = report_loading.load_submission(path)
    assert [one for one in read.check() if one.severity is not Severity.NOTICE] == []
    assert (read.report.agency, read.report.values) == (report.agency, report.values)

    city, bureau = RosterAgency("甲市"), RosterAgency("市局", parent="甲市")
    roster = Roster((city, bureau, *COUNTY))
    own = (roster.match(read.report.agency).agency, read.report)
    assert own[0] == COUNTY[0]
    rows = [own, (bureau, permits(1))]
    alone, both = sum_hierarchy(roster, rows, FORM, YEAR), sum_hierarchy(roster, [*rows, *parts], FORM, YEAR)
    leaf = sum_hierarchy(Roster((city, bureau, COUNTY[0])), rows, FORM, YEAR)
    assert {nodes[city].report[CELL] for nodes in (alone, both, leaf)} == {111}
    assert {nodes[city].report.values for nodes in (alone, both, leaf)} == {both[city].report.values}
    assert (alone[COUNTY[0]].alone, both[COUNTY[0]].alone) == (True, False)
    assert both[COUNTY[0]].against == ()


def test_a_government_office_is_found_by_its_code_but_not_under_the_name_of_the_government():
    """Any bureau below may have been whose workbook the government used again."""
    office = RosterAgency("乙县政府办公室", CODE, parent="乙县")
    roster = Roster((RosterAgency("乙县"), office, RosterAgency("乙局", parent="乙县")))
    given = replace(permits(5), agency=replace(domain.AGENCY, name="县政府办", code=CODE))
    who = roster.match(given.agency).agency
    nodes = sum_hierarchy(roster, [(who, given), (RosterAgency("乙局", parent="乙县"), permits(1))], FORM, YEAR)
    assert nodes[RosterAgency("乙县")].report[CELL] == 6
    assert nodes[RosterAgency("乙县")].own is None
    match = roster.match(replace(given.agency, name="乙县"))
    assert (match.agency, match.candidates) == (None, (RosterAgency("乙县"), office))


def test_what_the_county_wrote_itself_goes_with_its_sum():
    own = replace(permits(110), agency=replace(domain.AGENCY, contact="李四", revision=2))
    report = make_node_submission(sum_up(CITY, ALL | {"乙县": own})["乙县"])
    assert (report.agency.name, report.agency.contact, report.agency.revision) == ("乙县", "李四", 2)
    assert report.texts == TEXTS
    assert make_node_submission(sum_up(CITY, ALL)["乙县"]).texts == {}


# any tree


@st.composite
def trees(draw: st.DrawFn) -> Roster:
    chosen = draw(st.lists(st.integers(0, 10**6), max_size=25))
    above = ["", *(str(parent % n) for n, parent in enumerate(chosen, 1))]
    return Roster(tuple(RosterAgency(str(n), parent=parent) for n, parent in enumerate(above)))


@pytest.mark.slow
@given(trees(), st.data(), st.sampled_from([FORM, OLD]))
@settings(deadline=None, max_examples=60)
def test_the_root_is_the_sum_of_the_leaves_in_any_order(roster, data, form):
    leaves = [one for one in roster.agencies if not roster.children(one)]
    year = domain.year_of(form)
    kinds = st.one_of(domain.reports(form, filled=4), domain.broken_reports(form))
    rows = [(one, replace(data.draw(kinds), year=year)) for one in leaves[:6]]
    done = sum_hierarchy(roster, data.draw(st.permutations(rows)), form, year)
    turned = Roster(tuple(data.draw(st.permutations(roster.agencies))))
    other = sum_hierarchy(turned, rows, form, year)
    assert {one: node.report for one, node in done.items()} == {one: node.report for one, node in other.items()}
    if done:
        root = done[roster.agencies[0]]
        assert root.report.values == reduce(add, (one for _, one in rows), make_empty_report(form, year)).values
        assert root.counted == len(rows)


@given(trees(), st.data())
@settings(deadline=None, max_examples=150)
def test_no_report_counts_together_with_one_above_it_and_none_is_lost(roster, data):
    """Every report is a power of two of permits: the bits of a sum are the reports counted in it."""
    came = data.draw(st.lists(st.sampled_from(roster.agencies), unique=True))
    bits = {one: 2**n for n, one in enumerate(came)}
    done = sum_hierarchy(roster, [(one, permits(bit)) for one, bit in bits.items()], FORM, YEAR)

    def list_above(one: RosterAgency) -> list[RosterAgency]:
        above = roster.parent(one)
        return [] if above is None else [above, *list_above(above)]

    if not roster.agencies[1:]:
        assert done == {}
        return
    root = done[roster.agencies[0]]
    total = root.report[CELL] or 0
    counted = {one for one, bit in bits.items() if total & bit}
    assert total == sum(bits[one] for one in counted)
    assert root.report.merged == len(counted) == root.counted
    assert not any(set(list_above(one)) & counted for one in counted)
    assert all(one in counted or any(one in list_above(other) for other in counted) for one in came)
