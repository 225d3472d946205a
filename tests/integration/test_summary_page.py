"""The page: the form's tables as printed, every figure in its place, counts that add up, and no text that runs."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from tests import domain
from tests.samples.agency_files import FORM, OLD, report
from workbook.merging.attendance import LevelTurnout
from workbook.merging.file_status import FileEntry, FileStatus
from workbook.model.finding import Severity
from workbook.model.form import Form
from workbook.model.form_loader import load_form
from workbook.model.identity import Identity
from workbook.model.numbers import to_cell_unit
from workbook.model.print_layout import plan_section
from workbook.model.report import Report, make_empty_report
from workbook.safety.messages import Bilingual
from workbook.safety.unsafe_text import make_legible
from workbook.summary.page import page_writer
from workbook.summary.page.page_data import PageData, Problem, find_results, format_number, group_results
from workbook.summary.page.page_writer import render_page, write_page

VOID = {"meta", "input", "br", "link"}
FORMS = [*domain.FORM_FILES, load_form("annual-2019", "420000")]
HARMFUL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><b>",
    "&lt;",
]


@dataclass
class Node:
    """An element of a page as a browser would know it."""

    name: str
    attributes: dict[str, str | None]
    children: list[Node] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def all(self, name: str, **wanted: str) -> list[Node]:
        found = [
            one
            for child in self.children
            for one in ([child, *child.all("*")] if child.name != "svg" or name in ("svg", "rect", "*") else [])
        ]
        return [
            one
            for one in found
            if name in (one.name, "*")
            and all(
                value in (one.attributes.get(key.rstrip("_").replace("_", "-")) or "").split()
                for key, value in wanted.items()
            )
        ]

    def one(self, name: str, **wanted: str) -> Node:
        (found,) = self.all(name, **wanted)
        return found

    @property
    def text(self) -> str:
        return "".join([*self.words, *(child.text for child in self.children)])


class Reader(HTMLParser):
    """Refuses what does not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open = [Node("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), f"an attribute twice in {tag}"
        node = Node(tag, dict(attrs))
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().name == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].words.append(data)


def parsed(page: str) -> Node:
    reader = Reader()
    reader.feed(page)
    reader.close()
    (root,) = reader.open
    return root


def data(one: Report, **other: Any) -> PageData:
    given = {
        "title": "年度报告汇总",
        "verdict": "全部通过",
        "tone": "good",
        "statuses": {FileStatus.MERGED: 3, FileStatus.UNREADABLE: 0},
        "agencies": (),
        "problems": (),
        "sources": (),
    }
    return PageData(report=one, **(given | other))


def problem(n: int = 0, severity: Severity = Severity.ERROR, rule: str = "合计", **other: str) -> Problem:
    return Problem(f"第{n}局", severity, rule, "表三", "不相等。", "核对。", **other)


def entry(n: int) -> FileEntry:
    return FileEntry(n, f"{n}.xlsx", "", FileStatus.MERGED, agency=Identity(f"第{n}局"), size=100, sha256=f"{n:064x}")


def turnout(level: str, *states: int) -> LevelTurnout:
    """How many agencies of a level have each state; those not given none."""
    return LevelTurnout(level, sum(states), *states, *[0] * (5 - len(states)))


def number(text: str) -> int:
    return int(text.replace(",", ""))


def tables(page: Node) -> list[Node]:
    return page.all("table", class_="form")


def grid(table: Node) -> dict[tuple[int, int], Node]:
    """Every place of a table and what covers it, laid out as a browser does; nothing covers a place twice."""
    taken: dict[tuple[int, int], Node] = {}
    for row, line in enumerate(table.all("tr")):
        column = 0
        for cell in line.children:
            while (row, column) in taken:
                column += 1
            for down in range(int(cell.attributes.get("rowspan") or 1)):
                for across in range(int(cell.attributes.get("colspan") or 1)):
                    place = (row + down, column + across)
                    assert place not in taken, "two cells on one place"
                    taken[place] = cell
    return taken


# the form's tables


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.id}{'+' if form.supplements else ''}")
def test_the_tables_are_laid_out_as_the_form_is_printed(form: Form) -> None:
    filled = replace(make_empty_report(form, 2020), values=tuple(range(10_000, 10_000 + len(form.cells))))
    page = parsed(render_page(data(filled)))
    assert len(tables(page)) == len(form.sheets)
    for section, table in zip(form.sheets, tables(page), strict=True):
        printed, places = plan_section(form, section), grid(table)
        assert set(places) == {(row, column) for row in range(printed.rows) for column in range(printed.columns)}
        for label in printed.labels:
            assert places[label.box.top, label.box.left].text == label.text
            assert places[label.box.bottom, label.box.right] is places[label.box.top, label.box.left]
        for code, box in printed.cells.items():
            cell = form.cell(code)
            node = places[box.top, box.left]
            assert node is places[box.bottom, box.right]
            assert node.attributes["data-cell"] == code
            assert node.text == f"{to_cell_unit(filled.values[cell.index], cell.unit):,f}"  # type: ignore[arg-type]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.id}{'+' if form.supplements else ''}")
def test_every_figure_is_tied_to_its_headings(form: Form) -> None:
    page = parsed(render_page(data(make_empty_report(form, 2020))))
    named = {one.attributes["id"]: one for one in page.all("th") if "id" in one.attributes}
    for node in page.all("td"):
        code = node.attributes.get("data-cell")
        if code:
            cell = form.cell(code)
            heads = [named[name].text for name in (node.attributes["headers"] or "").split()]
            assert cell.row.printed in heads
            assert cell.column.printed in heads
    assert all(one.attributes.get("scope") for one in page.all("th"))
    assert all(one.all("caption") for one in page.all("table"))


@given(domain.forms.flatmap(lambda form: domain.reports(form, consistent=False)))
@settings(max_examples=15, deadline=None)
def test_any_sum_stands_in_the_tables(one: Report) -> None:
    page = parsed(render_page(data(one)))
    shown = {node.attributes["data-cell"]: node.text for node in page.all("td") if "data-cell" in node.attributes}
    assert shown == {cell.code: format_number(one.number(cell.index), cell) for cell in one.form.cells}


def test_a_blank_is_no_zero_and_doubts_are_marked() -> None:
    wrong, blank = "requests.results.person", "fees.fees.amount"
    blanks = tuple(3 if cell.code == blank else 0 for cell in FORM.cells)
    one = report(1).with_values({blank: None})
    page = parsed(render_page(data(one, wrong=frozenset({wrong}), blanks=blanks)))
    cells = {node.attributes["data-cell"]: node for node in page.all("td") if "data-cell" in node.attributes}
    assert "（空）" in cells[blank].text
    marks = {code: [mark.text for mark in node.all("span", class_="mark")] for code, node in cells.items()}
    assert {code: said_ for code, said_ in marks.items() if said_} == {wrong: ["▲"], blank: ["△"]}
    assert "3" in (cells[blank].one("span", class_="mark").attributes["aria-label"] or "")


# counts


def test_counts_add_up() -> None:
    statuses = {FileStatus.MERGED: 7, FileStatus.HELD: 0, FileStatus.FOREIGN: 1200}
    levels = [turnout("province", 5, 1, 0, 2, 0), turnout("county", 1300, 0, 3, 0, 20)]
    found = [problem(n % 4, severity) for severity in Severity for n in range(5)]
    answered = problem(9, Severity.WARNING, answer="确有原因")
    page = parsed(render_page(data(report(1), statuses=statuses, levels=levels, problems=iter([*found, answered]))))
    files = page.one("table", class_="statuses")
    *lines, total = [number(row.children[-1].text) for row in files.all("tr")[1:]]
    assert sum(lines) == total == 1207
    cards = {one.one("dt").text: number(one.one("dd").text) for one in page.one("dl").children}
    stand = {"退回的单位": 1, "已收到待处理的单位": 3, "未核实到的单位": 2, "未报单位": 20}
    assert cards == {"收到文件": 1207, "计入单位": 1, **stand, "错误": 5, "待说明的提醒": 5}
    by_level, _, by_rule = page.all("table", class_="chart")
    rows = [[number(one.text) for one in row.children[2:8]] for row in by_level.all("tr")[1:]]
    assert [sum(column) for column in zip(*rows[:-1], strict=True)] == rows[-1]
    assert all(expected == sum(rest) for expected, *rest in rows)
    counts = [number(row.children[-1].text) for row in by_rule.all("tr")[1:]]
    assert sum(counts[:-1]) == counts[-1] == 16


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.id}{'+' if form.supplements else ''}")
def test_the_results_come_from_the_form_and_add_up(form: Form) -> None:
    found = find_results(form)
    assert found is not None
    parts = {found.table.cell(row.code, found.column.code): n for n, row in enumerate(found.parts, 1)}
    one = make_empty_report(form, 2020).with_values(dict(parts))
    groups = group_results(one, found)
    assert sum(group.value for group in groups) == sum(parts.values())
    assert all(not group.inside or sum(part.value for part in group.inside) == group.value for group in groups)
    assert len([part for group in groups for part in group.inside or (group,)]) == len(found.parts)
    assert len(groups) < len(found.parts)
    (chart,) = [
        one for one in parsed(render_page(data(one))).all("table", class_="chart") if found.total.label in one.text
    ]
    shown = [
        number(row.children[2].text)
        for row in chart.all("tr")[1:]
        if "inside" not in (row.attributes.get("class") or "")
    ]
    assert sum(shown[:-1]) == shown[-1] == sum(parts.values())


def test_bars_are_as_long_as_what_they_show() -> None:
    levels = [turnout("province", 30, 10, 10), turnout("county", 50, 0, 0, 25, 25)]
    page = parsed(render_page(data(report(1), levels=levels)))
    first = page.all("table", class_="chart")[0].all("svg")[0]
    assert [(r.attributes["class"], r.attributes["x"], r.attributes["width"]) for r in first.all("rect")] == [
        ("submitted", "0.00", "300.00"),
        ("returned", "300.00", "100.00"),
        ("received", "400.00", "100.00"),
    ]


def test_long_lists_are_bounded_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_writer, "MOST_PROBLEMS", 10)
    monkeypatch.setattr(page_writer, "MOST_LINES", 20)
    many: dict[str, Iterable[Any]] = {
        "problems": (problem(n) for n in range(1234)),
        "agencies": map(entry, range(21)),
        "sources": map(entry, range(20)),
    }
    page = parsed(render_page(data(report(1), **many)))
    listed = {name: len(page.one("table", id=name).one("tbody").children) for name in many}
    assert listed == {"problems": 10, "agencies": 20, "sources": 20}
    hints = "".join(one.text for one in page.all("p", class_="hint"))
    assert "共 1,234 条，本页列出前 10 条" in hints
    assert "共 21 个单位，本页列出前 20 个" in hints
    assert "共 20 个文件。" in hints
    rule = page.all("table", class_="chart")[-1]
    assert rule.one("tfoot").all("td")[-1].text == "1,234"


def test_every_file_is_listed_with_its_fingerprint_and_the_same_page_is_made_again() -> None:
    made = [render_page(data(report(1), sources=map(entry, range(30)))) for _ in range(2)]
    assert made[0] == made[1]
    assert [one.text for one in parsed(made[0]).all("code")] == [f"{n:064x}" for n in range(30)]


# nothing runs, nothing is loaded


def harmful(text: str) -> PageData:
    who = Identity(text, text, text, text)
    file = FileEntry(1, text, text, FileStatus.HELD, Bilingual(text, text), who, size=1, sha256=text)
    return data(
        report(1, name=text),
        title=text,
        verdict=text,
        levels=[turnout(text, 1, 1, 1, 1, 1)],
        agencies=[file],
        problems=[Problem(text, Severity.ERROR, text, text, text, text, text, text)],
        sources=[file],
        made=text,
        side=[text],
    )


@pytest.mark.parametrize("text", [*HARMFUL, "$style ${script} {n} %s", "\x00\x08\ud800￿"])
def test_no_text_of_an_agency_becomes_markup(text: str) -> None:
    plain, page = parsed(render_page(harmful("某局"))), parsed(render_page(harmful(text)))

    def shape(node: Node) -> list[Any]:
        attributes = sorted(node.attributes)
        return [node.name, attributes, [shape(child) for child in node.children]]

    assert shape(page) == shape(plain)
    shown = make_legible(text)
    assert page.one("h1").text == shown
    assert shown in page.one("table", id="agencies").text
    assert not re.search("[\x00\x08\ud800-\udfff]", render_page(harmful(text)))


def test_the_page_loads_nothing_and_runs_only_its_own_script() -> None:
    page = parsed(render_page(harmful("某局")))
    loading = {"src", "href", "action", "srcset", "background", "style", "ping", "data"}
    for node in page.all("*"):
        assert not loading & set(node.attributes)
        assert not [name for name in node.attributes if name.startswith("on")]
    assert not page.all("link") + page.all("iframe") + page.all("object") + page.all("base")
    style, script = page.one("style").text, page.one("script").text
    assert "url(" not in style
    assert "@import" not in style
    (policy,) = [m.attributes["content"] or "" for m in page.all("meta") if "http-equiv" in m.attributes]
    for kind, content in (("style", style), ("script", script)):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


# reading it


def test_ids_are_one_of_a_kind_and_controls_hidden_until_they_work() -> None:
    page = parsed(render_page(harmful("某局")))
    ids = Counter(one.attributes["id"] for one in page.all("*") if "id" in one.attributes)
    assert set(ids.values()) == {1}
    forms = page.all("form")
    assert len(forms) == 3
    assert all("hidden" in one.attributes for one in forms)
    assert {one.attributes["data-for"] for one in forms} <= set(ids)
    assert all(one.all("input") or one.all("select") for one in page.all("label"))


def test_the_problems_can_be_chosen_by_severity_and_rule() -> None:
    found = [problem(1, Severity.ERROR, "甲"), problem(2, Severity.NOTICE, "乙")]
    page = parsed(render_page(data(report(1), problems=found)))
    offered = [[one.attributes["value"] for one in select.all("option")] for select in page.all("select")]
    assert sorted(offered) == sorted([["", "error", "notice"], ["", *sorted(["甲", "乙"])]])
    rows = page.one("table", id="problems").one("tbody").children
    assert [(r.attributes["data-severity"], r.attributes["data-rule"]) for r in rows] == [
        ("error", "甲"),
        ("notice", "乙"),
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("form", [FORM, OLD], ids=lambda form: str(form.id))
def test_the_summary_is_at_most_ten_sentences(form: Form, lang: str) -> None:
    one = domain.zero(form)
    page = parsed(render_page(data(one, levels=[turnout("county", 1)], problems=[problem()]), lang))
    lines = [line.text for line in page.one("ol").all("li")]
    assert 6 <= len(lines) <= 10
    assert str(one.year) in lines[0]
    assert page.one("html").attributes["lang"] == {"zh": "zh-CN", "en": "en"}[lang]


def test_nothing_merged_makes_a_page_that_says_so(tmp_path: Path) -> None:
    nothing = replace(make_empty_report(FORM), merged=0)
    write_page(tmp_path / "a.html", data(nothing, verdict="没有可汇总的报告", tone="bad", statuses={}))
    page = parsed((tmp_path / "a.html").read_text("utf-8"))
    assert page.one("p", class_="verdict").text == "没有可汇总的报告"
    assert "没有计入汇总的单位。" in page.text
    assert len(tables(page)) == len(FORM.sheets)
