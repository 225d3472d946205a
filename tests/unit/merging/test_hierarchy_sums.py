"""What a government comes to: its departments and lower governments, each counted once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from workbook.merging.hierarchy.own_report_comparison import GAPS_TOLD
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


@dataclass
class Listed:
    """A roster: name → the names right below it."""

    below: Mapping[str, Sequence[str]]
    top: Sequence[str] = ("甲市",)
    asked: int = field(default=0)

    @property
    def roots(self) -> list[RosterAgency]:
        return [RosterAgency(name) for name in self.top]

    def children(self, agency: RosterAgency) -> list[RosterAgency]:
        self.asked += 1
        return [RosterAgency(name) for name in self.below.get(agency.name, ())]


CITY = Listed({"甲市": ["市局", "乙县", "丙县"], "乙县": ["乙局", "乙镇"], "丙县": ["丙局", "丙镇"]})


def figures(form: Form = FORM, year: int = YEAR, **cells: object) -> Report:
    """A report of that many permits, or of the cells named with `__` for a dot; the rest is 0."""
    report = zero(form, year)
    return report.with_values({code.replace("__", "."): value for code, value in cells.items()})


def permits(n: object) -> Report:
    return figures(licensing__permits__decisions=n)


def rolled(tree: Listed, reports: Mapping[str, Report | int], **other: object) -> dict[str, NodeSum[RosterAgency]]:
    rows = [(RosterAgency(name), permits(one) if isinstance(one, int) else one) for name, one in reports.items()]
    held = [RosterAgency(name) for name in other.pop("held", ())]
    done = sum_hierarchy(tree, rows, FORM, YEAR, held=held, **other)
    return {line.name: node for line, node in done.items()}


def names(lines: Sequence[RosterAgency]) -> list[str]:
    return [line.name for line in lines]


def found(node: NodeSum[RosterAgency], *rules: str) -> list:
    return [one for one in node.findings if one.rule in rules] if rules else list(node.findings)


ALL = {"市局": 1, "乙局": 10, "乙镇": 100, "丙局": 1000, "丙镇": 10_000}


# what is summed


def test_every_level_is_the_sum_of_the_one_below():
    nodes = rolled(CITY, ALL)
    assert {name: node.report[CELL] for name, node in nodes.items()} == {"甲市": 11_111, "乙县": 110, "丙县": 11_000}
    assert list(nodes) == ["甲市", "乙县", "丙县"]
    assert {name: node.report.merged for name, node in nodes.items()} == {"甲市": 5, "乙县": 2, "丙县": 2}
    assert all(node.complete and not node.missing and not node.findings for node in nodes.values())
    assert [(part.agency.name, part.expected, part.counted) for part in nodes["甲市"].parts] == [
        ("市局", 1, 1),
        ("乙县", 2, 2),
        ("丙县", 2, 2),
    ]


def test_an_own_report_is_compared_and_not_added():
    nodes = rolled(CITY, ALL | {"乙县": 110, "甲市": 11_111})
    assert nodes["甲市"].report[CELL] == 11_111
    assert nodes["甲市"].report.merged == 5
    assert nodes["乙县"].own is not None
    assert nodes["乙县"].against == ()
    assert found(nodes["甲市"]) == found(nodes["乙县"]) == []


def test_an_own_report_stands_for_those_below_if_none_of_them_counts():
    nodes = rolled(CITY, {"市局": 1, "乙县": 110, "丙局": 1000, "丙镇": 10_000}, held=["乙局"])
    node = nodes["乙县"]
    assert node.alone
    assert node.complete
    assert node.report[CELL] == 110
    assert [one.rule for one in node.findings] == ["rollup-own"]
    assert rule_catalog.format_message(node.findings[0]) == "乙县：名录所列下级 2 家没有一份报告计入，按其本级报告计。"
    assert nodes["甲市"].report[CELL] == 11_111
    assert nodes["甲市"].complete


def test_a_government_office_that_reports_of_itself_is_a_line_below():
    tree = Listed({"甲市": ["甲市政府办公室", "市局"]})
    nodes = rolled(tree, {"甲市政府办公室": 5, "市局": 1})
    assert nodes["甲市"].report[CELL] == 6


def test_a_cell_is_blank_only_where_nobody_below_has_a_number():
    reports = {
        "市局": permits(None),
        "乙局": permits("约10"),
        "乙镇": permits(None),
        "丙局": 3,
        "丙镇": permits("不适用"),
    }
    nodes = rolled(CITY, reports)
    assert [nodes[name].report[CELL] for name in ("甲市", "乙县", "丙县")] == [3, None, 3]
    assert [one.rule for one in nodes["乙县"].findings] == ["filled"]


def test_a_node_is_what_its_reports_are_added_up():
    reports = {name: figures(fees__fees__amount=n, requests__new__person=2 * n) for name, n in ALL.items()}
    node = rolled(CITY, reports)["甲市"]
    assert node.report.values == reduce(add, reports.values()).values
    assert list(node.findings) == check_figures(node.report)
    assert "balance" in {one.rule for one in node.findings}


def test_broken_figures_are_added_exactly_in_any_order():
    broken = [Decimal("0.1"), 10**40, Decimal("0.9"), -(10**40) + 5, Decimal("1e-30")]
    reports = dict(zip(ALL, map(permits, broken), strict=True))
    there = rolled(CITY, reports)["甲市"].report[CELL]
    back = rolled(CITY, dict(reversed(reports.items())))["甲市"].report[CELL]
    assert there == back == Decimal("6.000000000000000000000000000001")


def test_a_report_in_the_other_form_is_carried_over():
    old = figures(OLD, requests__otherwise__person=4, requests__new__person=4)
    nodes = sum_hierarchy(Listed({"甲市": ["市局"]}), [(RosterAgency("市局"), old)], FORM, YEAR)
    assert nodes[RosterAgency("甲市")].report["requests.new.person"] == 4
    new = figures(requests__otherwise__rest__person=4, requests__otherwise__uncorrected__person=2)
    nodes = sum_hierarchy(Listed({"甲市": ["市局"]}), [(RosterAgency("市局"), new)], OLD, YEAR)
    assert nodes[RosterAgency("甲市")].report["requests.otherwise.person"] == 6


# who is missing


def test_missing_and_held_back_are_counted_down_the_whole_subtree():
    nodes = rolled(CITY, {"乙局": 10}, held=["市局", "丙镇"])
    city = nodes["甲市"]
    assert (city.expected, city.counted, city.waiting, city.complete) == (5, 1, 2, False)
    assert names(city.held) == ["市局", "丙县"]
    assert names(city.missing) == []
    assert names(nodes["乙县"].missing) == ["乙镇"]
    assert (names(nodes["丙县"].missing), names(nodes["丙县"].held)) == (["丙局"], ["丙镇"])


def test_a_county_whose_own_report_is_held_back_is_not_missing():
    nodes = rolled(CITY, {"市局": 1, "丙局": 1000, "丙镇": 10_000}, held=["乙县"])
    assert names(nodes["甲市"].held) == ["乙县"]
    assert names(nodes["甲市"].missing) == []
    assert (nodes["乙县"].waiting, names(nodes["乙县"].missing)) == (1, ["乙局", "乙镇"])


def test_nothing_at_all_is_an_empty_sum_and_no_finding():
    node = rolled(CITY, {})["甲市"]
    assert set(node.report.values) == {None}
    assert (node.report.merged, node.counted, node.expected, node.findings) == (0, 0, 5, ())
    assert names(node.missing) == ["市局", "乙县", "丙县"]


# the own report against the sum


def test_a_difference_is_told_with_both_figures_once_all_are_in():
    (one,) = found(rolled(CITY, ALL | {"乙县": 113})["乙县"])
    assert (one.rule, one.severity, one.cells) == ("rollup", Severity.WARNING, (CELL,))
    assert (one.actual, one.expected, one.difference) == (113, 110, 3)
    assert rule_catalog.format_message(one).startswith("乙县：")
    assert rule_catalog.format_message(one).endswith("本级报告填 113，下级合计为 110，相差 3。")
    assert rule_catalog.format_message(one, "en").endswith(
        "is 113 in its own report, the agencies below add up to 110; difference 3."
    )


def test_more_than_has_come_in_is_open_while_somebody_is_missing():
    (one,) = found(rolled(CITY, {"乙局": 10, "乙县": 113})["乙县"])
    assert (one.rule, one.severity) == ("rollup-open", Severity.NOTICE)
    assert (one.actual, one.expected, one.difference) == (113, 10, 103)
    assert "下级尚有 1 份报告未计入" in rule_catalog.format_message(one)


def test_a_missing_township_makes_the_city_uncertain_too():
    city = rolled(CITY, {"市局": 1, "乙局": 10, "丙局": 1000, "丙镇": 10_000, "甲市": 12_000})["甲市"]
    assert [one.rule for one in city.findings] == ["rollup-open"]


def test_less_than_has_come_in_is_certain_though_somebody_is_missing():
    tree = Listed({"甲市": ["一局", "二局", "三局"]})
    (one,) = found(rolled(tree, {"一局": 10, "二局": 8, "甲市": 12})["甲市"])
    assert (one.rule, one.severity, one.difference) == ("rollup", Severity.WARNING, -6)


def test_one_agency_above_the_whole_is_an_error_that_names_it():
    tree = Listed({"甲市": ["一局", "二局", "三局"]})
    (one,) = found(rolled(tree, {"一局": 3, "二局": 18, "甲市": 12})["甲市"])
    assert (one.rule, one.severity) == ("rollup-over", Severity.ERROR)
    assert (one.actual, one.expected, one.difference) == (12, 18, -6)
    assert "“二局”一家就有 18" in rule_catalog.format_message(one)


def test_a_change_may_be_negative_so_less_proves_nothing_while_somebody_is_missing():
    changed = "licensing.permits.change"
    cell = OLD.cell(changed)
    assert cell.signed
    rows = [
        (RosterAgency("一局"), figures(OLD).with_values({changed: 9})),
        (RosterAgency("甲市"), figures(OLD).with_values({changed: 4})),
    ]
    for others, rule in ((["一局", "二局"], "rollup-open"), (["一局"], "rollup")):
        node = sum_hierarchy(Listed({"甲市": others}), rows, OLD, YEAR)[RosterAgency("甲市")]
        assert [one.rule for one in node.findings] == [rule]


@pytest.mark.parametrize("tree", [{"甲市": ["一局", "二局"]}, {"甲市": ["乙县"], "乙县": ["一局", "二局"]}])
def test_a_blank_anywhere_below_leaves_its_cell_open(tree):
    node = rolled(Listed(tree), {"一局": 10, "二局": permits(None), "甲市": 12})["甲市"]
    (one,) = found(node, "rollup", "rollup-open")
    assert one.rule == "rollup-open"
    assert node.blanks[FORM.index[CELL]] == 1
    assert "下级有未填的格" in rule_catalog.format_message(one)


@pytest.mark.parametrize("own", [None, "约10", "不适用"])
def test_an_own_cell_without_a_number_is_not_judged(own):
    assert found(rolled(CITY, ALL | {"乙县": permits(own)})["乙县"]) == []


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
    tree = Listed({"甲市": ["一局", "二局"]})
    money = {name: figures(fees__fees__amount=n) for name, n in {"一局": 4000_000000, "二局": 166_214619}.items()}
    node = rolled(tree, money | {"甲市": figures(fees__fees__amount=own)})["甲市"]
    assert bool(node.against) == differs
    hints = [one for one in node.findings if "颠倒" in rule_catalog.format_message(one)]
    assert bool(hints) == (own == 4166_241619)


def test_money_is_told_in_its_own_unit():
    tree = Listed({"甲市": ["一局"]})
    reports = {"一局": figures(fees__fees__amount=4166_214619), "甲市": figures(fees__fees__amount=5000_000000)}
    (one,) = found(rolled(tree, reports)["甲市"])
    assert (one.actual, one.expected) == (5000, Decimal("4166.214619"))


def test_the_worst_cells_come_first_and_the_rest_is_counted():
    codes = [f"requests.new.{column.code}" for column in FORM.table("requests").columns]
    codes += [f"requests.carried.{column.code}" for column in FORM.table("requests").columns]
    own = zero(FORM, YEAR).with_values({code: n + 1 for n, code in enumerate(codes)})
    tree = Listed({"甲市": ["一局"]})
    node = rolled(tree, {"一局": 0, "甲市": own})["甲市"]
    told = found(node, "rollup", "rollup-rest")
    assert [gap.cell.code for gap in node.against] == codes[::-1]
    assert [one.cells for one in told[:-1]] == [(code,) for code in codes[::-1][:GAPS_TOLD]]
    assert told[-1].rule == "rollup-rest"
    assert told[-1].cells == tuple(codes[::-1][GAPS_TOLD:])
    assert f"另有 {len(codes) - GAPS_TOLD} 格" in rule_catalog.format_message(told[-1])
    assert "{" not in rule_catalog.format_message(told[-1], "en")


def test_a_reason_given_in_the_own_report_answers_the_difference():
    (asked,) = found(rolled(CITY, ALL | {"乙县": 109})["乙县"], "rollup")
    answer = domain.Answer("rollup", asked.cells, "联合发文只计一次", asked.figures)
    (told,) = found(rolled(CITY, ALL | {"乙县": replace(permits(109), answers=(answer,))})["乙县"], "rollup")
    assert told.answer == "联合发文只计一次"


# what is settled before


@pytest.mark.parametrize("rows", [["市局", "市局"], ["别处"], ["甲市", "甲市"]])
def test_two_reports_of_one_agency_or_of_a_stranger_are_refused(rows):
    with pytest.raises(ValueError, match="not in the tree"):
        sum_hierarchy(CITY, [(RosterAgency(name), permits(1)) for name in rows], FORM, YEAR)


def test_another_year_is_refused():
    with pytest.raises(ValueError, match="2023"):
        sum_hierarchy(CITY, [(RosterAgency("市局"), figures(year=2023))], FORM, YEAR)


def test_circles_and_second_parents_neither_loop_nor_count_twice():
    tree = Listed({"甲市": ["乙县", "丙县"], "乙县": ["甲市", "局"], "丙县": ["局", "丙县"]})
    nodes = rolled(tree, {"局": 7})
    assert nodes["甲市"].report[CELL] == 7
    assert nodes["甲市"].report.merged == 1
    assert list(nodes) == ["甲市", "乙县"]


@pytest.mark.slow
def test_a_tree_deeper_than_any_recursion():
    deep = 3000
    tree = Listed({str(n): [str(n + 1)] for n in range(deep)}, top=["0"])
    nodes = rolled(tree, {str(deep): 7})
    assert nodes["0"].report[CELL] == 7
    assert len(nodes) == deep
    assert tree.asked == deep + 1


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
    report = make_node_submission(rolled(CITY, ALL | {"乙县": own})["乙县"])
    assert (report.agency.name, report.agency.contact, report.agency.revision) == ("乙县", "李四", 2)
    assert report.texts == TEXTS
    assert make_node_submission(rolled(CITY, ALL)["乙县"]).texts == {}


# any tree


@st.composite
def trees(draw: st.DrawFn) -> Listed:
    parents = draw(st.lists(st.integers(0, 10**6), max_size=25))
    below: dict[str, list[str]] = {}
    for n, chosen in enumerate(parents, 1):
        below.setdefault(str(chosen % n), []).append(str(n))
    return Listed(below, top=["0"])


def everybody(tree: Listed) -> list[str]:
    return [*tree.top, *(name for names in tree.below.values() for name in names)]


@pytest.mark.slow
@given(trees(), st.data(), st.sampled_from([FORM, OLD]))
@settings(deadline=None, max_examples=60)
def test_the_root_is_the_sum_of_the_leaves_in_any_order(tree, data, form):
    leaves = [name for name in everybody(tree) if name not in tree.below]
    year = domain.year_of(form)
    kinds = st.one_of(domain.reports(form, filled=4), domain.broken_reports(form))
    reports = {name: replace(data.draw(kinds), year=year) for name in leaves[:6]}
    rows = [(RosterAgency(name), report) for name, report in reports.items()]
    done = sum_hierarchy(tree, data.draw(st.permutations(rows)), form, year)
    turned = Listed({name: data.draw(st.permutations(names)) for name, names in tree.below.items()}, tree.top)
    other = sum_hierarchy(turned, rows, form, year)
    assert {line: node.report for line, node in done.items()} == {line: node.report for line, node in other.items()}
    if tree.below:
        assert (
            done[RosterAgency("0")].report.values == reduce(add, reports.values(), make_empty_report(form, year)).values
        )
        assert done[RosterAgency("0")].counted == len(reports)


@given(trees(), st.data())
@settings(deadline=None, max_examples=150)
def test_no_report_counts_together_with_one_above_it_and_none_is_lost(tree, data):
    """Every report is a power of two of permits: the bits of a sum are the reports counted in it."""
    everyone = everybody(tree)
    came = data.draw(st.lists(st.sampled_from(everyone), unique=True))
    bits = {name: 2**n for n, name in enumerate(came)}
    done = rolled(tree, bits)
    above = {child: name for name, below in tree.below.items() for child in below}

    def over(name: str) -> list[str]:
        return [above[name], *over(above[name])] if name in above else []

    if not tree.below:
        assert done == {}
        return
    total = done["0"].report[CELL] or 0
    counted = {name for name, bit in bits.items() if total & bit}
    assert total == sum(bits[name] for name in counted)
    assert done["0"].report.merged == len(counted) == done["0"].counted
    assert not any(set(over(name)) & counted for name in counted)
    assert all(name in counted or any(name in over(other) for other in counted) for name in came)
