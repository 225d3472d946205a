"""The commands behind the buttons, in a program made of dictionaries and in a real LibreOffice."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

import xlplugin
from tests.domain import AGENCY, FORM_FILES, consistent, leaves, zero
from tests.integration.plugin.conftest import Told, is_locked, is_protected, look, put, sample, values
from tests.integration.plugin.fake_host import FakeHost, failing_at
from tests.office.libreoffice import Office
from workbook.cli import main as ogi
from workbook.excel.report_loading import load_submission
from workbook.excel.template.check_lines import Checklist
from workbook.excel.template.template_writer import write_workbook
from workbook.excel.template_layout import TEMPLATE_VERSION, CheckColumn, TemplateLayout
from workbook.exchange import report_json
from workbook.model import rule_catalog
from workbook.model.cell_address import format_address, parse_address
from workbook.model.finding import Severity, Source
from workbook.model.form_loader import load_form as form_of
from workbook.model.form_migration import convert_report
from workbook.model.report import Answer, Report
from workbook.safety.messages import load_messages
from xlplugin import findings_sheet
from xlplugin.host import Highlight, SpreadsheetHost, lift_protection
from xlplugin.host_libreoffice import LibreOfficeHost
from xlplugin.open_workbook import OpenWorkbook

messages = load_messages("xlplugin")

Program = Callable[[Path | None], SpreadsheetHost]
Opened = Callable[..., SpreadsheetHost]
TOTALS = ["D27", "J27"]
FORM = form_of("annual-2021")


def correct(host: SpreadsheetHost) -> None:
    for cell in TOTALS:
        put(host, "表三", cell, 4)


def looks(host: SpreadsheetHost) -> dict[str, tuple[object, str]]:
    """Colour and note of the cells the tests look at."""
    return {cell: look(host, "表三", cell) for cell in [*TOTALS, "D26"]}


def listed(host: SpreadsheetHost) -> list[list[str]]:
    """The sheet 问题, line by line, without empty cells."""
    block = values(host, "问题", "A1:I40")
    return [[str(text) for text in row if text is not None] for row in block if any(text is not None for text in row)]


def links(host: SpreadsheetHost) -> list[str]:
    """Where the lines of 问题 lead, as their program spells it."""
    found = []
    for row in range(3, 8):
        if isinstance(host, LibreOfficeHost):
            fields = host.document.Sheets.getByName("问题").getCellByPosition(2, row).getTextFields()
            found.append(fields.getByIndex(0).URL.removeprefix("#").replace(".", "!"))
        else:
            assert isinstance(host, FakeHost)
            found.append(host.pages["问题"][row, 2].link)
    return found


def report_in(host: SpreadsheetHost) -> Report:
    return OpenWorkbook(host).read_submission().report


def as_json(path: Path, report: Report) -> Path:
    """The report in a file of its own, to be imported."""
    path.write_text(report_json.dump_report_text(report), "utf-8")
    return path


def is_same(host: SpreadsheetHost, report: Report) -> bool:
    return report_json.dump_report_text(report_in(host)) == report_json.dump_report_text(report)


def with_texts(report: Report, **texts: str) -> Report:
    return replace(report, texts=MappingProxyType({**report.texts, **texts}))


def blanked(report: Report) -> Report:
    return replace(report, values=(None,) * len(report.values), texts=MappingProxyType({}))


def save(office: Office, host: SpreadsheetHost, path: Path) -> Path:
    assert isinstance(host, LibreOfficeHost)
    office.save(host.document, path)
    return path


in_libreoffice = pytest.mark.parametrize(
    "program", [pytest.param("libreoffice", marks=pytest.mark.office)], indirect=True
)


# 校验


def test_a_wrong_report_is_marked_listed_and_the_cursor_stands_on_the_first(opened: Opened, told: Told) -> None:
    host = opened(sample())
    before = looks(host)
    outcome = xlplugin.validate(host)
    after = looks(host)
    assert outcome is not None
    assert [row.text for row in outcome.rows[1:]] == [rule_catalog.format_message(one) for one in outcome.findings]
    assert [mark.source.cell for mark in outcome.marks] == TOTALS
    assert {cell for cell in after if after[cell] != before[cell]} == set(TOTALS)
    for cell in TOTALS:
        colour, note = after[cell]
        assert colour == findings_sheet.COLOURS[Severity.ERROR]
        # the rule, what is expected, the difference, what to do; and the note that stood there
        for words in ("办理结果总计", "为 4", "相差 -4", "总计应等于上面各项之和", before[cell][1]):
            assert words in note
    title, summary, heads, *lines = listed(host)
    assert title == ["校验结果"]
    assert summary == [outcome.summary]
    assert outcome.summary.startswith("4 处错误：")
    assert heads == ["序号", "级别", "位置", "问题", "现为", "应为", "差额", "怎么办", "依据"]
    assert [line[:3] for line in lines] == [
        ["1.0", "最可能填错", "表三!D27"],
        ["2.0", "错误", "表三!D27"],
        ["3.0", "错误", "表三!J27"],
        ["4.0", "错误", "表三!D27"],
        ["5.0", "错误", "表三!J27"],
    ]
    assert lines[1][4:7] == ["0.0", "4.0", "-4.0"]
    assert links(host) == [line[2] for line in lines]
    assert host.selected_cell() == ("表三", parse_address("D27"))
    assert told.said == []
    assert is_protected(host, "表三")
    xlplugin.validate(host)  # a second run takes the place of the first
    assert looks(host) == after
    assert listed(host) == [title, summary, heads, *lines]


def test_the_suspect_alone_is_marked_not_the_totals_that_it_breaks(opened: Opened) -> None:
    figures = {cell.code: 3 for cell in leaves(FORM) if cell.code.startswith("requests")}
    sound = zero(FORM).with_values(consistent(FORM, figures))
    outcome = xlplugin.validate(opened(sound.with_values({"requests.granted.company": 12})))
    assert outcome is not None
    errors = [one.source for one in outcome.findings if one.severity is Severity.ERROR]
    assert len(errors) == 2
    spot = TemplateLayout(FORM).cells["requests.granted.company"]
    assert [(mark.source.sheet, mark.source.cell) for mark in outcome.marks] == [(spot.sheet, spot.a1)]
    assert outcome.marks[0].source not in errors


@in_libreoffice
@pytest.mark.parametrize(("code", "words"), [("0%", "显示为“400%”"), ('0"万"', "显示为“4万”"), ("0.00", "")])
def test_a_figure_shown_otherwise_is_told_here_as_in_the_file(
    opened: Opened, office: Office, tmp_path: Path, code: str, words: str
) -> None:
    host = opened(zero(FORM).with_values({"requests.new.person": 4}), name="报告.xlsx")
    with lift_protection(host, "表三"):
        host.format_area("表三", (5, 3, 5, 3), number_format=code)
    outcome = xlplugin.validate(host)
    assert outcome is not None
    found = load_submission(save(office, host, tmp_path / "存.xlsx")).check()
    for findings in (outcome.findings, found):
        told = [rule_catalog.format_message(one) for one in findings if one.rule == "structure-shown"]
        assert len(told) == bool(words)
        assert words in "".join(told)


def test_a_corrected_report_is_clean_and_says_so(opened: Opened, told: Told) -> None:
    host = opened(sample())
    before = looks(host)
    xlplugin.validate(host)
    correct(host)
    outcome = xlplugin.validate(host)
    assert outcome is not None
    assert outcome.clean
    assert looks(host) == before
    assert told.said == ["没有发现问题：可以报送。"]
    assert listed(host)[1] == ["没有发现问题：可以报送。"]
    assert len(listed(host)) == 3
    assert look(host, "问题", "A2").color == findings_sheet.GOOD
    never_wrong = opened(zero(FORM), name="另一份.xlsx")
    xlplugin.validate(never_wrong)
    assert told.said[1:] == ["没有发现问题：可以报送。"]
    assert "问题" not in never_wrong.sheet_names(), "which needs no list"


def test_the_clerks_own_colour_and_note_come_back(opened: Opened, told: Told) -> None:
    host = opened(sample())
    with lift_protection(host, "表三"):
        host.write_highlight("表三", parse_address("D27"), Highlight((1, 2, 3), "问过张三\n=4|1"))
        host.write_highlight("表三", parse_address("J27"), Highlight(None, ""))
    before = looks(host)
    xlplugin.validate(host)
    assert "问过张三" in looks(host)["D27"][1]
    xlplugin.validate(host)
    xlplugin.clear_marks(host)
    assert looks(host) == before
    assert "问题" not in host.sheet_names()
    xlplugin.clear_marks(host)
    assert told.said == ["没有校验标记。"]


@in_libreoffice
def test_marks_outlive_saving_and_closing(program: Program, opened: Opened, office: Office, tmp_path: Path) -> None:
    host = opened(sample())
    before = looks(host)
    xlplugin.validate(host)
    again = program(save(office, host, tmp_path / "再开.xlsx"))
    assert looks(again) != before
    xlplugin.clear_marks(again)
    assert looks(again) == before


def test_a_workbook_left_marked_by_a_fault_is_never_seen(
    opened: Opened, told: Told, monkeypatch: pytest.MonkeyPatch, log: Path
) -> None:
    host = opened(sample())
    before = looks(host)
    monkeypatch.setattr(host, "write_highlight", failing_at(2, host.write_highlight))
    assert xlplugin.validate(host) is None
    assert looks(host) == before
    assert "问题" not in host.sheet_names()
    assert is_protected(host, "表三")
    assert len(told.said) == 1
    assert "已恢复原状" in told.said[0]
    assert str(log) in told.said[0]
    assert "out of order" in log.read_text("utf-8")


def test_the_next_one_and_round_again(opened: Opened, told: Told) -> None:
    host = opened(sample())
    xlplugin.next_finding(host)
    assert told.said == ["没有问题。请先点“校验”。"]
    xlplugin.validate(host)
    host.select_cell("表三", (0, 0))
    stood = []
    for _ in range(4):
        xlplugin.next_finding(host)
        stood.append(host.selected_cell())
    assert stood == [("表三", parse_address(cell)) for cell in ("D27", "J27", "D27", "J27")]


# 情况说明


def go(host: SpreadsheetHost, place: Source) -> None:
    """The cursor stands there."""
    host.select_cell(place.sheet, parse_address(place.cell))


def test_a_reason_goes_beside_its_rule(opened: Opened) -> None:
    report, previous = with_warning()
    host = opened(report, previous)
    outcome = xlplugin.validate(host)
    assert outcome is not None
    lines = {(line.rule, line.cells): line for line in checklist().lines}
    warning = next(f for f in outcome.findings if f.severity is Severity.WARNING and (f.rule, f.cells) in lines)
    go(host, warning.source)
    xlplugin.answer(host)
    row = checklist().rows[lines[warning.rule, warning.cells].code]
    assert host.selected_cell() == ("校验", (row, CheckColumn.REASON))
    put(host, "校验", f"J{row + 1}", "跨年办结")
    after = OpenWorkbook(host).read_submission().check()
    assert next(f for f in after if (f.rule, f.cells) == (warning.rule, warning.cells)).answer == "跨年办结"


def checklist() -> Checklist:
    return Checklist(TemplateLayout(FORM))


def with_warning() -> tuple[Report, Report]:
    """Last year nothing was carried forward, this year something was brought forward."""
    year = FORM.years.from_ + 1
    return zero(FORM, year + 1).with_values({"requests.brought.person": 1}), zero(FORM, year)


def narrative() -> Report:
    """A warning about words: no line of 校验 is its own."""
    return with_texts(zero(FORM), overview="本年度收到政府信息公开申请99件。")


def test_a_reason_about_words_goes_below_the_list(opened: Opened) -> None:
    host = opened(narrative())
    outcome = xlplugin.validate(host)
    assert outcome is not None
    warning = next(f for f in outcome.findings if f.severity is Severity.WARNING)
    go(host, warning.source)
    xlplugin.answer(host)
    go(host, warning.source)
    xlplugin.answer(host)  # the same line, not another
    first = OpenWorkbook(host).named_area("checks.others")[0], CheckColumn.REASON
    assert host.selected_cell() == ("校验", first)
    put(host, "校验", format_address(*first), "摘自旧稿")
    after = OpenWorkbook(host).read_submission().check()
    assert next(f for f in after if f.rule == warning.rule and f.cells == warning.cells).answer == "摘自旧稿"


def test_no_room_for_a_reason_is_told(opened: Opened, told: Told) -> None:
    host = opened(narrative())
    outcome = xlplugin.validate(host)
    assert outcome is not None
    warning = next(f for f in outcome.findings if f.severity is Severity.WARNING)
    first, _, last, _ = OpenWorkbook(host).named_area("checks.others")
    for row in range(first, last + 1):
        put(host, "校验", format_address(row, CheckColumn.REASON), "别的说明")
    go(host, warning.source)
    xlplugin.answer(host)
    assert told.said[-1] == messages.text("error.no_room")
    host.select_cell("表三", parse_address("D27"))
    xlplugin.answer(host)
    assert told.said[-1] == messages.text("done.no_warning")


# 导出、导入


def test_what_is_exported_is_what_ogi_exports(opened: Opened, told: Told, tmp_path: Path) -> None:
    host = opened(sample())
    ours, theirs = tmp_path / "甲.json", tmp_path / "乙.json"
    assert xlplugin.export_json(host, ours) == ours
    assert ogi(["export", str(tmp_path / "年报 样例.xlsx"), "-o", str(theirs)]) == 0
    assert ours.read_bytes() == theirs.read_bytes()
    ours.write_text("别的")
    assert xlplugin.export_json(host, ours) is None
    assert told.said == ["甲.json 已存在，是否覆盖？", "已取消，没有改动。"]
    assert ours.read_text() == "别的"
    told.answers = [True]
    xlplugin.export_json(host, ours)
    assert ours.read_bytes() == theirs.read_bytes()


def answered() -> Report:
    """A report with everything in it: texts, typed totals, odd words, a reason on 校验 and one below it."""
    report = sample()
    values = ["约10", "=1+1", "007", "不适用", *report.values[4:]]
    texts = {"overview": "一\n=2\n007", "problems": "“引号”", "other": "无"}
    form = report.form
    line = next(one for one in Checklist(TemplateLayout(form)).lines if one.severity is Severity.WARNING and one.cells)
    answers = (
        Answer("narrative-figure", (form.cells[3].code,), "文字摘自别处"),
        Answer(line.rule, line.cells, "=跨年", "0123456789abcdef"),
    )
    return replace(report, values=tuple(values), texts=MappingProxyType(texts), answers=answers)


def test_what_is_imported_is_what_is_exported(opened: Opened, told: Told, tmp_path: Path) -> None:
    report = answered()
    given, back = as_json(tmp_path / "来.json", report), tmp_path / "去.json"
    host = opened(blanked(replace(zero(report.form), agency=report.agency)))
    assert xlplugin.import_json(host, given) == given
    assert told.said == []
    xlplugin.export_json(host, back)
    assert back.read_text("utf-8") == given.read_text("utf-8")
    places = TemplateLayout(report.form)
    for code, formula in places.formulas.items():
        spot = places.cells[code]
        if spot.sheet == "表三":
            ((shown,),) = host.read_formulas(spot.sheet, (spot.row, spot.column, spot.row, spot.column))
            assert shown == ("0" if spot.a1 in TOTALS else f"={formula}"), spot.a1
    assert all(is_protected(host, sheet) for sheet in host.sheet_names())


@pytest.mark.usefixtures("told")
def test_a_total_imported_as_published_may_be_corrected_by_the_clerk(opened: Opened, tmp_path: Path) -> None:
    given = as_json(tmp_path / "来.json", sample())
    host = opened(blanked(sample()))
    assert is_locked(host, "表三", "D27")
    xlplugin.import_json(host, given)
    assert is_protected(host, "表三")
    assert not any(is_locked(host, "表三", cell) for cell in TOTALS)
    assert is_locked(host, "表三", "E27")
    correct(host)
    assert not [f for f in xlplugin.validate(host).findings if f.severity is Severity.ERROR]


MONEY = next(cell for cell in FORM.cells if cell.unit.scale > 1)
"""Money in 万元, stated to the 分: six digits after the point."""


def with_money(amount: int, year: int) -> Report:
    return replace(zero(FORM, year), agency=AGENCY).with_values({MONEY.code: amount})


@pytest.mark.parametrize(
    ("amount", "before"),
    [
        (63_071_612, 999_999_999_999_999),  # 63.071612 万元; and as much as the 15 digits of a spreadsheet hold
        (1_234_567_890_123_456_789, 1),  # more than they hold is entered as the text of its digits
    ],
)
def test_money_comes_in_to_the_fen(
    request: pytest.FixtureRequest,
    opened: Opened,
    told: Told,
    tmp_path: Path,
    amount: int,
    before: int,
    capsys: pytest.CaptureFixture,
) -> None:
    """This year's figure by 导入, last year's by 上年数; and so it is in the file that is saved."""
    year = FORM.years.from_ + 1
    this, last = with_money(amount, year), with_money(before, year - 1)
    given, other = as_json(tmp_path / "来.json", this), as_json(tmp_path / "上年.json", last)
    host = opened(blanked(zero(FORM, year)))
    assert xlplugin.import_json(host, given) == given
    xlplugin.load_last_year(host, other)
    assert told.said == []
    read = OpenWorkbook(host).read_submission()
    assert read.report.values == this.values
    assert read.previous is not None
    assert read.previous.values == last.values
    if isinstance(host, FakeHost):
        return  # it has no files to save into
    saved = load_submission(save(request.getfixturevalue("office"), host, tmp_path / "存.xlsx"))
    assert (saved.report.values, saved.previous and saved.previous.values) == (this.values, last.values)
    assert ogi(["check", str(tmp_path / "存.xlsx")]) == 0
    assert ("文本型数字" in capsys.readouterr().out) is (amount >= 10**15)


def test_money_that_is_shown_as_money_is_read_to_the_fen(opened: Opened) -> None:
    """Excel gives what has such a format cut to four digits after the point."""
    report = with_money(63_071_612, FORM.years.from_ + 1)
    host = opened(report)
    spot = TemplateLayout(FORM).cells[MONEY.code]
    with lift_protection(host, spot.sheet):
        host.format_area(spot.sheet, (spot.row, spot.column, spot.row, spot.column), number_format="¥#,##0.00")
    assert report_in(host).values == report.values


def test_a_paragraph_longer_than_a_formula_comes_in(opened: Opened, told: Told, tmp_path: Path) -> None:
    long = with_texts(zero(FORM), overview="=" + "长" * 8_999)
    host = opened(zero(FORM))
    told.answers = [True]
    xlplugin.import_json(host, as_json(tmp_path / "来.json", long))
    assert is_same(host, long)


def test_importing_over_figures_asks_first_and_can_be_taken_back(opened: Opened, told: Told, tmp_path: Path) -> None:
    before = answered()
    host = opened(replace(before, values=tuple(None if n % 3 else v for n, v in enumerate(before.values))))
    stored = report_in(host)
    given = as_json(tmp_path / "来.json", sample())
    assert xlplugin.import_json(host, given) is None
    assert "另存为 年报 样例-导入前.json" in told.said[0]
    assert told.said[1:] == ["已取消，没有改动。"]
    assert is_same(host, stored)
    told.answers = [True, True]
    xlplugin.import_json(host, given)
    assert is_same(host, sample())
    xlplugin.import_json(host, tmp_path / "年报 样例-导入前.json")
    assert is_same(host, stored)
    assert (tmp_path / "年报 样例-导入前2.json").exists()


def test_an_import_that_fails_on_the_way_changes_nothing(
    opened: Opened, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = opened(sample())
    given = as_json(tmp_path / "来.json", replace(zero(sample().form, 2020), agency=sample().agency))
    monkeypatch.setattr(host, "write_block", failing_at(5, host.write_block))
    told.answers = [True]
    assert xlplugin.import_json(host, given) is None
    assert "已恢复原状" in told.said[-1]
    assert is_same(host, sample())


REFUSED = {
    "no report": ("{", "JSON", False),
    "another form": (zero(FORM_FILES[0]), "表式", False),
    "another agency": (replace(zero(FORM), agency=replace(AGENCY, name="别的局", code="")), "“别的局”的报告", True),
    "another year": (zero(FORM, FORM.years.from_ + 2), f"所选文件是 {FORM.years.from_ + 2} 年的报告", True),
    "more paragraphs than rows": (with_texts(zero(FORM), overview="\n".join(["段落。"] * 60)), "60 段", False),
    "more than a cell takes": (with_texts(zero(FORM), overview="长" * 33_000), "一格最多只能写 32767 个", False),
}
"""What is to be imported, what is said of it, and whether it is a question, which is answered with no."""


@pytest.mark.parametrize("name", REFUSED)
def test_a_json_that_does_not_fit_changes_nothing(opened: Opened, told: Told, tmp_path: Path, name: str) -> None:
    report, words, asks = REFUSED[name]
    host = opened(zero(FORM))
    given = tmp_path / "来.json"
    given.write_text(report if isinstance(report, str) else report_json.dump_report_text(report), "utf-8")
    told.answers = [not asks]
    assert xlplugin.import_json(host, given) is None
    assert words in " ".join(told.said)
    assert is_same(host, zero(FORM))


# 空白填0、上年数


def test_blanks_are_filled_after_asking(opened: Opened, told: Told) -> None:
    form = sample().form
    report = zero(form)
    leaves = [c for c in form.cells if c.code not in TemplateLayout(form).formulas]
    values = list(report.values)
    for cell in leaves[::5]:
        values[cell.index] = None
    host = opened(replace(report, values=tuple(values)))
    count = len(leaves[::5])
    assert xlplugin.fill_blanks(host) is None
    assert f"{count} 个空白" in told.said[0]
    assert report_in(host).values == tuple(values)
    told.answers = [True]
    assert xlplugin.fill_blanks(host) == count
    assert report_in(host).values == report.values
    assert xlplugin.fill_blanks(host) is None
    assert told.said[-1] == "没有空白的数据格。"


@pytest.mark.parametrize("form", FORM_FILES, ids=lambda form: form.id)
@pytest.mark.parametrize("suffix", [".json", ".xlsx"])
def test_last_years_figures_come_in(opened: Opened, told: Told, tmp_path: Path, form, suffix: str) -> None:
    """Of any form, into the form of 2021."""
    last = zero(form, FORM.years.from_).with_values({form.cells[0].code: 7})
    path = tmp_path / f"上年{suffix}"
    as_json(path, last) if suffix == ".json" else write_workbook(path, last)
    host = opened(zero(FORM, FORM.years.from_ + 1))
    xlplugin.load_last_year(host, path)
    assert told.said == []
    read = OpenWorkbook(host).read_submission().previous
    assert read is not None
    assert read.year == FORM.years.from_
    assert read.values == convert_report(last, FORM).report.values


def test_only_the_year_before_is_taken_and_another_agency_asks(opened: Opened, told: Told, tmp_path: Path) -> None:
    year = FORM.years.from_ + 2
    host = opened(zero(FORM, year))
    xlplugin.load_last_year(host, as_json(tmp_path / "同年.json", zero(FORM, year)))
    assert f"应为上一年（{year - 1} 年）" in told.said[0]
    other = replace(zero(FORM, year - 1), agency=replace(AGENCY, name="别的局", code=""))
    for answer in (False, True):
        told.answers = [answer]
        xlplugin.load_last_year(host, as_json(tmp_path / "上年.json", other))
        assert "“别的局”" in " ".join(told.said[1:])
        assert (OpenWorkbook(host).read_submission().previous is not None) is answer


# What may be wrong with the workbook

EVERY = ["validate", "export_json", "import_json", "fill_blanks", "load_last_year", "answer"]


def test_another_workbook_is_told_apart(program: Program, told: Told) -> None:
    host = program(None)
    (sheet,) = host.sheet_names()
    put(host, sheet, "A1", "购物清单")
    for command in EVERY:
        getattr(xlplugin, command)(host)
        assert "不是本项目的年度报告工作簿" in told.said.pop(), command
    assert (told.said, host.sheet_names()) == ([], [sheet])


@pytest.mark.parametrize(
    "stamp", [f"{FORM.id}|{TEMPLATE_VERSION + 1}|%", f"{FORM.id}|%|0123456789ab", "annual-2031|1|x"]
)
def test_a_template_of_another_version_is_not_touched(
    opened: Opened, told: Told, monkeypatch: pytest.MonkeyPatch, stamp: str
) -> None:
    host = opened(zero(FORM))
    _, version, fingerprint = str(host.read_name("ogi.stamp")).strip('"').split("|")
    made = stamp.replace("%", version if stamp.endswith("b") else fingerprint)
    monkeypatch.setattr(host, "read_name", lambda _: f'"{made}"')
    for command in EVERY:
        getattr(xlplugin, command)(host)
        assert "请更新程序" in told.said.pop(), command
    assert told.said == []


def rename(host: SpreadsheetHost, sheet: str, name: str) -> None:
    if isinstance(host, FakeHost):
        host.pages = {name if one == sheet else one: page for one, page in host.pages.items()}
    else:
        assert isinstance(host, LibreOfficeHost)
        host.document.Sheets.getByName(sheet).Name = name


def test_a_renamed_sheet_is_found_and_marked_but_not_filled(opened: Opened, told: Told, tmp_path: Path) -> None:
    host = opened(sample())
    rename(host, "表三", "申请")
    outcome = xlplugin.validate(host)
    assert outcome is not None
    assert {(m.source.sheet, m.source.cell) for m in outcome.marks} >= {("申请", cell) for cell in TOTALS}
    assert look(host, "申请", "D27").color == findings_sheet.COLOURS[Severity.ERROR]
    told.answers = [True]
    assert xlplugin.import_json(host, as_json(tmp_path / "来.json", sample())) is None
    assert "不在模板原来的位置" in told.said[-1]


def test_a_missing_sheet_is_told_and_the_rest_is_checked(opened: Opened, told: Told) -> None:
    host = opened(sample())
    host.delete_sheet("表二")
    outcome = xlplugin.validate(host)
    assert outcome is not None
    assert any(f.rule == "structure-missing" for f in outcome.findings)
    assert told.said == []
    assert look(host, "表三", "D27").color == findings_sheet.COLOURS[Severity.ERROR]


def test_a_sheet_with_a_password_is_left_alone(opened: Opened, told: Told) -> None:
    host = opened(sample())
    if isinstance(host, FakeHost):
        host.pages["表三"].password = True
    else:
        assert isinstance(host, LibreOfficeHost)
        sheet = host.document.Sheets.getByName("表三")
        sheet.unprotect("")
        sheet.protect("x")
    before = looks(host)
    xlplugin.validate(host)
    assert told.said == ["工作表“表三”设有密码保护，无法标记。问题已列在“问题”表中。"]
    assert looks(host) == before
    assert len(listed(host)) == 8
    told.answers = [True]
    xlplugin.fill_blanks(host)
    xlplugin.clear_marks(host)
    assert looks(host) == before


def test_a_workbook_that_lets_nobody_write_is_left_alone(
    opened: Opened, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = opened(sample())
    monkeypatch.setattr(host, "is_read_only", lambda: True)
    before = looks(host)
    assert xlplugin.validate(host) is None
    assert told.said == [messages.text("error.locked", what="年报 样例.xlsx")]
    assert looks(host) == before
    assert "问题" not in host.sheet_names()
    assert xlplugin.export_json(host, tmp_path / "a.json") == tmp_path / "a.json"


def test_a_place_that_cannot_be_written_is_named(opened: Opened, told: Told, tmp_path: Path, log: Path) -> None:
    host = opened(sample())
    assert xlplugin.export_json(host, tmp_path / "没有这个文件夹" / "a.json") is None
    assert "没有这个文件夹" in told.said[0]
    assert log.exists()


def test_the_copy_of_one_workbook_is_another_workbook(program: Program, opened: Opened, tmp_path: Path) -> None:
    """Two are open: marks come into the one that was named."""
    host = opened(sample())
    shutil.copy(tmp_path / "年报 样例.xlsx", tmp_path / "另一份.xlsx")
    other = program(tmp_path / "另一份.xlsx")
    before = looks(other)
    xlplugin.validate(host)
    assert looks(other) == before
    assert "问题" not in other.sheet_names()
