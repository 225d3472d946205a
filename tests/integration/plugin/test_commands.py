"""The commands behind the buttons, in a program made of dictionaries and in a real LibreOffice."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
import xlwings as xw
from xlsxwriter.utility import xl_rowcol_to_cell

import xlplugin
from tests.domain import AGENCY, FORM_FILES, zero
from tests.integration.plugin.conftest import Told, sample
from workbook.cli import main as ogi
from workbook.excel.report_loading import load_submission
from workbook.excel.template.template_layout import TEMPLATE_VERSION, Col, TemplateLayout
from workbook.excel.template.template_writer import write_workbook
from workbook.exchange import report_json
from workbook.model import rule_catalog
from workbook.model.cell_address import parse_address
from workbook.model.finding import Severity
from workbook.model.form_loader import load_form as form_of
from workbook.model.report import Answer, Report
from workbook.safety.messages import load_messages
from xlplugin import problems
from xlplugin.desk import Desk
from xlplugin.hosts.protection import SheetProtectedError, is_protected, unprotected

messages = load_messages("xlplugin")

Opened = Callable[..., xw.Book]
TOTALS = ["D27", "J27"]
FORM = form_of("annual-2021")


def put(book: xw.Book, sheet: str, cell: str, value: object) -> None:
    """What a clerk may type anywhere once the protection is lifted."""
    with unprotected(book.sheets[sheet]) as page:
        page[cell].value = value


def correct(book: xw.Book) -> None:
    for cell in TOTALS:
        put(book, "表三", cell, 4)


def looks(book: xw.Book) -> dict[str, tuple[object, str]]:
    """Colour and note of the cells the tests look at."""
    page = book.sheets["表三"]
    return {cell: (page[cell].color, page[cell].note.text if page[cell].note else "") for cell in [*TOTALS, "D26"]}


def listed(book: xw.Book) -> list[list[str]]:
    """The sheet 问题, line by line, without empty cells."""
    block = book.sheets["问题"]["A1:I40"].options(ndim=2).value
    return [[str(text) for text in row if text is not None] for row in block if any(text is not None for text in row)]


# 校验


def test_a_wrong_report_is_marked_listed_and_the_cursor_stands_on_the_first(app, opened: Opened, told: Told) -> None:
    book = opened(sample())
    before = looks(book)
    outcome = xlplugin.validate(book)
    after = looks(book)
    assert outcome is not None
    assert [mark.source.cell for mark in outcome.marks] == TOTALS
    assert {cell for cell in after if after[cell] != before[cell]} == set(TOTALS)
    for cell in TOTALS:
        colour, note = after[cell]
        assert colour == problems.COLOURS[Severity.ERROR]
        # the rule, what is expected, the difference, what to do; and the note that stood there
        for words in ("办理结果总计", "为 4", "相差 -4", "总计应等于上面各项之和", before[cell][1]):
            assert words in note
    title, summary, heads, *lines = listed(book)
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
    assert [book.sheets["问题"][f"C{n}"].hyperlink for n in range(4, 9)] == [
        f"#'表三'!{line[2].partition('!')[2]}" if app.engine.name == "memory" else f"#表三!{line[2].partition('!')[2]}"
        for line in lines
    ]
    assert book.sheets.active.name == "表三" or app.engine.name == "libreoffice"  # no window, no sheet in front
    assert told.said == []
    assert is_protected(book.sheets["表三"])


def test_the_findings_are_those_of_ogi_check(opened: Opened, tmp_path: Path) -> None:
    book = opened(sample())
    outcome = xlplugin.validate(book)
    found = load_submission(tmp_path / "年报 样例.xlsx").check()
    assert outcome is not None
    assert list(outcome.findings) == found
    assert [row.text for row in outcome.rows[1:]] == [rule_catalog.format_message(one) for one in found]


@pytest.mark.parametrize(("code", "words"), [("0%", "显示为“400%”"), ('0"万"', "显示为“4万”"), ("0.00", "")])
def test_a_figure_shown_otherwise_is_told_here_as_in_the_file(
    app: xw.App, opened: Opened, tmp_path: Path, code: str, words: str
) -> None:
    book = opened(zero(FORM).with_values({"requests.new.person": 4}), name="报告.xlsx")
    with unprotected(book.sheets["表三"]) as page:
        page["D6"].number_format = code
    outcome = xlplugin.validate(book)
    assert outcome is not None
    told = [[rule_catalog.format_message(one) for one in outcome.findings if one.rule == "structure-shown"]]
    if app.engine.name == "libreoffice":  # the other does not keep formats in a file
        book.save()
        found = load_submission(tmp_path / "报告.xlsx").check()
        told.append([rule_catalog.format_message(one) for one in found if one.rule == "structure-shown"])
    for messages in told:
        assert len(messages) == bool(words)
        assert words in "".join(messages)


def test_a_corrected_report_is_clean_and_says_so(opened: Opened, told: Told) -> None:
    book = opened(sample())
    before = looks(book)
    xlplugin.validate(book)
    correct(book)
    outcome = xlplugin.validate(book)
    assert outcome is not None
    assert outcome.clean
    assert looks(book) == before
    assert told.said == ["没有发现问题：可以报送。"]
    assert listed(book)[1] == ["没有发现问题：可以报送。"]
    assert len(listed(book)) == 3
    assert book.sheets["问题"]["A2"].color == problems.GOOD


def test_a_clean_report_gets_no_list(opened: Opened, told: Told) -> None:
    book = opened(zero(FORM))
    xlplugin.validate(book)
    assert told.said == ["没有发现问题：可以报送。"]
    assert "问题" not in book.sheets


def test_the_second_run_takes_the_place_of_the_first(opened: Opened) -> None:
    book = opened(sample())
    xlplugin.validate(book)
    first, list_of_first = looks(book), listed(book)
    xlplugin.validate(book)
    assert looks(book) == first
    assert listed(book) == list_of_first


def test_the_clerks_own_colour_and_note_come_back(opened: Opened, told: Told) -> None:
    book = opened(sample())
    with unprotected(book.sheets["表三"]) as page:
        for cell in TOTALS:
            if page[cell].note:
                page[cell].note.delete()
        page["D27"].color = (1, 2, 3)
        page["D27"].add_note("问过张三\n=4|1")
        page["J27"].color = None
    before = looks(book)
    xlplugin.validate(book)
    assert "问过张三" in looks(book)["D27"][1]
    xlplugin.validate(book)
    xlplugin.clear_marks(book)
    assert looks(book) == before
    assert "问题" not in book.sheets
    xlplugin.clear_marks(book)
    assert told.said == ["没有校验标记。"]


def test_marks_outlive_saving_and_closing(app: xw.App, opened: Opened, tmp_path: Path) -> None:
    if app.engine.name == "memory":
        return  # it has no files to save into
    book = opened(sample())
    before = looks(book)
    xlplugin.validate(book)
    book.save(str(tmp_path / "再开.xlsx"))
    book.close()
    again = app.books.open(str(tmp_path / "再开.xlsx"))
    assert looks(again) != before
    xlplugin.clear_marks(again)
    assert looks(again) == before


def test_a_workbook_left_marked_by_a_fault_is_never_seen(
    opened: Opened, told: Told, monkeypatch: pytest.MonkeyPatch, log: Path
) -> None:
    book = opened(sample())
    before = looks(book)
    kind = type(book.sheets[0]["A1"].impl)
    real, times = kind.add_note, []

    def failing(self, text: str):
        times.append(text)
        if len(times) == 2:
            raise RuntimeError("out of order")
        return real(self, text)

    monkeypatch.setattr(kind, "add_note", failing)
    assert xlplugin.validate(book) is None
    assert looks(book) == before
    assert "问题" not in book.sheets
    assert is_protected(book.sheets["表三"])
    assert len(told.said) == 1
    assert "已恢复原状" in told.said[0]
    assert str(log) in told.said[0]
    assert "out of order" in log.read_text("utf-8")


def test_the_next_one_and_round_again(opened: Opened, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    book = opened(sample())
    xlplugin.next_finding(book)
    assert told.said == ["没有问题。请先点“校验”。"]
    xlplugin.validate(book)
    stood = []
    here = {"cell": book.sheets["表三"]["A1"]}
    monkeypatch.setattr(xw.App, "selection", property(lambda _: here["cell"]))
    kind = xw.Range
    real = kind.select

    def select(self: xw.Range) -> None:
        here["cell"] = self
        stood.append(self.get_address(False, False))
        real(self)

    monkeypatch.setattr(kind, "select", select)
    for _ in range(4):
        xlplugin.next_finding(book)
    assert stood == ["D27", "J27", "D27", "J27"]


# 情况说明


def at(monkeypatch: pytest.MonkeyPatch, cell: xw.Range) -> None:
    """The cursor stands there."""
    monkeypatch.setattr(xw.App, "selection", property(lambda _: cell))


def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where commands lead."""
    went: list[str] = []
    monkeypatch.setattr(
        xw.Range, "select", lambda self: went.append(f"{self.sheet.name}!{self.get_address(False, False)}")
    )
    return went


def test_a_reason_goes_beside_its_rule(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    report, previous = with_warning()
    book = opened(report, previous)
    outcome = xlplugin.validate(book)
    assert outcome is not None
    lines = {(line.rule, line.cells): line for line in checklist().lines}
    warning = next(f for f in outcome.findings if f.severity is Severity.WARNING and (f.rule, f.cells) in lines)
    at(monkeypatch, book.sheets[warning.source.sheet][warning.source.cell])
    went = ways(monkeypatch)
    xlplugin.answer(book)
    row = checklist().rows[lines[warning.rule, warning.cells].code]
    assert went == [f"校验!J{row + 1}"]
    put(book, "校验", f"J{row + 1}", "跨年办结")
    after = Desk(book).read().check()
    assert next(f for f in after if (f.rule, f.cells) == (warning.rule, warning.cells)).answer == "跨年办结"


def checklist():
    from workbook.excel.template.checklist import Checklist

    return Checklist(TemplateLayout(FORM))


def with_warning() -> tuple[Report, Report]:
    """Last year nothing was carried forward, this year something was brought forward."""
    last, this = zero(FORM, FORM.years.from_ + 1), zero(FORM, FORM.years.from_ + 2)
    for code in [c.code for c in FORM.cells]:
        values = list(this.values)
        values[FORM.index[code]] = 1
        tried = replace(this, values=tuple(values))
        from workbook.rules.evaluation import check_report

        rules = {(line.rule, line.cells) for line in checklist().lines}
        if any(f.severity is Severity.WARNING and (f.rule, f.cells) in rules for f in check_report(tried, last)):
            return tried, last
    raise AssertionError("no cell gives a warning that has a line on 校验")


def narrative() -> Report:
    """A warning about words: no line of 校验 is its own."""
    report = zero(FORM)
    return replace(report, texts=MappingProxyType({**report.texts, "overview": "本年度收到政府信息公开申请99件。"}))


def test_a_reason_about_words_goes_below_the_list(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    book = opened(narrative())
    outcome = xlplugin.validate(book)
    assert outcome is not None
    warning = next(f for f in outcome.findings if f.severity is Severity.WARNING)
    at(monkeypatch, book.sheets[warning.source.sheet][warning.source.cell])
    went = ways(monkeypatch)
    xlplugin.answer(book)
    xlplugin.answer(book)  # the same line, not another
    area = book.names["checks.others"].refers_to_range
    first = xl_rowcol_to_cell(area.row - 1, Col.REASON)
    assert went == [f"校验!{first}"] * 2
    put(book, "校验", first, "摘自旧稿")
    after = Desk(book).read().check()
    assert next(f for f in after if f.rule == warning.rule and f.cells == warning.cells).answer == "摘自旧稿"


def test_no_room_for_a_reason_is_told(opened: Opened, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    book = opened(narrative())
    outcome = xlplugin.validate(book)
    assert outcome is not None
    warning = next(f for f in outcome.findings if f.severity is Severity.WARNING)
    area = book.names["checks.others"].refers_to_range
    for row in range(area.row, area.row + area.shape[0]):
        put(book, "校验", f"J{row}", "别的说明")
    at(monkeypatch, book.sheets[warning.source.sheet][warning.source.cell])
    xlplugin.answer(book)
    assert told.said[-1] == messages.text("error.no_room")
    at(monkeypatch, book.sheets["表三"]["D27"])
    xlplugin.answer(book)
    assert told.said[-1] == messages.text("done.no_warning")


# 导出、导入


def test_what_is_exported_is_what_ogi_exports(opened: Opened, told: Told, tmp_path: Path) -> None:
    book = opened(sample())
    ours, theirs = tmp_path / "甲.json", tmp_path / "乙.json"
    assert xlplugin.export_json(book, ours) == ours
    assert ogi(["export", str(tmp_path / "年报 样例.xlsx"), "-o", str(theirs)]) == 0
    assert ours.read_bytes() == theirs.read_bytes()
    ours.write_text("别的")
    assert xlplugin.export_json(book, ours) is None
    assert told.said == ["甲.json 已存在，是否覆盖？", "已取消，没有改动。"]
    assert ours.read_text() == "别的"
    told.answers = ["yes"]
    xlplugin.export_json(book, ours)
    assert ours.read_bytes() == theirs.read_bytes()


def answered() -> Report:
    """A report with everything in it: texts, typed totals, odd words, a reason on 校验 and one below it."""
    report = sample()
    values = list(report.values)
    for n, words in enumerate(["约10", "=1+1", "007", "不适用"]):
        values[n] = words
    texts = {"overview": "一\n=2\n007", "problems": "“引号”", "other": "无"}
    form = report.form
    line = next(one for one in _lines(form) if one.severity is Severity.WARNING and one.cells)
    answers = (
        Answer("narrative-figure", (form.cells[3].code,), "文字摘自别处"),
        Answer(line.rule, line.cells, "=跨年", "0123456789abcdef"),
    )
    return replace(report, values=tuple(values), texts=MappingProxyType(texts), answers=answers)


def _lines(form):
    from workbook.excel.template.checklist import Checklist

    return Checklist(TemplateLayout(form)).lines


def test_what_is_imported_is_what_is_exported(opened: Opened, told: Told, tmp_path: Path) -> None:
    report = answered()
    given, back = tmp_path / "来.json", tmp_path / "去.json"
    given.write_text(report_json.dump_report_text(report), "utf-8")
    blank = replace(
        zero(report.form), values=(None,) * len(report.values), texts=MappingProxyType({}), agency=report.agency
    )
    book = opened(blank)
    assert xlplugin.import_json(book, given) == given
    assert told.said == []
    xlplugin.export_json(book, back)
    assert back.read_text("utf-8") == given.read_text("utf-8")
    places, page = TemplateLayout(report.form), book.sheets["表三"]
    for code, formula in places.formulas.items():
        spot = places.cells[code]
        if spot.sheet == "表三":
            shown = page[spot.a1].formula
            assert shown == ("0" if spot.a1 in TOTALS else f"={formula}"), spot.a1
    assert all(is_protected(sheet) for sheet in book.sheets)


@pytest.mark.usefixtures("told")
def test_a_total_imported_as_published_may_be_corrected_by_the_clerk(opened: Opened, tmp_path: Path) -> None:
    given = tmp_path / "来.json"
    given.write_text(report_json.dump_report_text(sample()), "utf-8")
    report = sample()
    book = opened(replace(report, values=(None,) * len(report.values), texts=MappingProxyType({})))
    page = book.sheets["表三"]
    with pytest.raises(SheetProtectedError):
        page["D27"].value = 4
    xlplugin.import_json(book, given)
    assert is_protected(page)
    for cell in TOTALS:
        page[cell].value = 4
    assert not [f for f in xlplugin.validate(book).findings if f.severity is Severity.ERROR]
    with pytest.raises(SheetProtectedError):
        page["E27"].value = 4


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
    app: xw.App, opened: Opened, told: Told, tmp_path: Path, amount: int, before: int, capsys: pytest.CaptureFixture
) -> None:
    """This year's figure by 导入, last year's by 上年数; and so it is in the file that is saved."""
    year = FORM.years.from_ + 1
    this, last = with_money(amount, year), with_money(before, year - 1)
    given, other = tmp_path / "来.json", tmp_path / "上年.json"
    given.write_text(report_json.dump_report_text(this), "utf-8")
    other.write_text(report_json.dump_report_text(last), "utf-8")
    book = opened(replace(zero(FORM, year), values=(None,) * len(FORM.cells), texts=MappingProxyType({})))
    assert xlplugin.import_json(book, given) == given
    xlplugin.load_last_year(book, other)
    assert told.said == []
    read = Desk(book).read()
    assert read.report.values == this.values
    assert read.previous is not None
    assert read.previous.values == last.values
    if app.engine.name == "memory":
        return  # it has no files to save into
    book.save(str(tmp_path / "存.xlsx"))
    saved = load_submission(tmp_path / "存.xlsx")
    assert (saved.report.values, saved.previous and saved.previous.values) == (this.values, last.values)
    assert ogi(["check", str(tmp_path / "存.xlsx")]) == 0
    assert ("文本型数字" in capsys.readouterr().out) is (amount >= 10**15)


def test_money_that_is_shown_as_money_is_read_to_the_fen(opened: Opened) -> None:
    """Excel gives what has such a format cut to four digits after the point."""
    report = with_money(63_071_612, FORM.years.from_ + 1)
    book = opened(report)
    spot = TemplateLayout(FORM).cells[MONEY.code]
    with unprotected(book.sheets[spot.sheet]) as page:
        page[spot.a1].number_format = "¥#,##0.00"
    assert Desk(book).read().report.values == report.values


def test_long_paragraphs_come_in_whole_or_not_at_all(opened: Opened, told: Told, tmp_path: Path) -> None:
    report = zero(FORM)
    given = tmp_path / "来.json"

    def come(length: int) -> str:
        texts = {**report.texts, "overview": "=" + "长" * (length - 1)}
        given.write_text(report_json.dump_report_text(replace(report, texts=MappingProxyType(texts))), "utf-8")
        told.answers = ["yes"]
        xlplugin.import_json(book, given)
        return texts["overview"]

    book = opened(report)
    long = come(9_000)  # longer than a formula may be
    assert Desk(book).read().report.texts["overview"] == long
    come(33_000)
    assert "一格最多只能写 32767 个" in told.said[-1]
    assert Desk(book).read().report.texts["overview"] == long


def test_importing_over_figures_asks_first_and_can_be_taken_back(opened: Opened, told: Told, tmp_path: Path) -> None:
    before = answered()
    half = replace(before, values=tuple(None if n % 3 else v for n, v in enumerate(before.values)))
    book = opened(half)
    kept = report_json.dump_report_text(Desk(book).read().report)
    given = tmp_path / "来.json"
    given.write_text(report_json.dump_report_text(sample()), "utf-8")
    assert xlplugin.import_json(book, given) is None
    assert "另存为 年报 样例-导入前.json" in told.said[0]
    assert told.said[1:] == ["已取消，没有改动。"]
    assert report_json.dump_report_text(Desk(book).read().report) == kept
    told.answers = ["yes"]
    xlplugin.import_json(book, given)
    assert report_json.dump_report_text(Desk(book).read().report) == report_json.dump_report_text(sample())
    told.answers = ["yes"]
    xlplugin.import_json(book, tmp_path / "年报 样例-导入前.json")
    assert report_json.dump_report_text(Desk(book).read().report) == kept
    assert (tmp_path / "年报 样例-导入前2.json").exists()


def test_an_import_that_fails_on_the_way_changes_nothing(
    opened: Opened, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = opened(sample())
    given = tmp_path / "来.json"
    given.write_text(report_json.dump_report_text(replace(zero(sample().form, 2020), agency=sample().agency)), "utf-8")
    kind = type(book.sheets[0]["A1"].impl)
    real, times = kind.formula, []

    def failing(self, data: object) -> None:
        times.append(data)
        if len(times) == 5:
            raise RuntimeError("out of order")
        real.fset(self, data)

    monkeypatch.setattr(kind, "formula", property(real.fget, failing))
    told.answers = ["yes"]
    assert xlplugin.import_json(book, given) is None
    assert "已恢复原状" in told.said[-1]
    assert report_json.dump_report_text(Desk(book).read().report) == report_json.dump_report_text(sample())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "JSON"),
        (report_json.dump_report_text(zero(FORM_FILES[0])), "表式"),
    ],
)
def test_a_json_that_does_not_fit_is_refused(opened: Opened, told: Told, tmp_path: Path, text: str, words: str) -> None:
    book = opened(zero(FORM))
    assert FORM_FILES[0].id != FORM.id
    given = tmp_path / "来.json"
    given.write_text(text, "utf-8")
    assert xlplugin.import_json(book, given) is None
    assert len(told.said) == 1
    assert words in told.said[0]
    assert report_json.dump_report_text(Desk(book).read().report) == report_json.dump_report_text(zero(FORM))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"agency": replace(AGENCY, name="别的局", code="")}, "“别的局”的报告"),
        ({"year": FORM.years.from_ + 2}, f"所选文件是 {FORM.years.from_ + 2} 年的报告"),
    ],
)
def test_a_json_of_another_agency_or_year_asks(
    opened: Opened, told: Told, tmp_path: Path, change: dict, words: str
) -> None:
    book = opened(zero(FORM))
    given = tmp_path / "来.json"
    given.write_text(report_json.dump_report_text(replace(zero(FORM), **change)), "utf-8")
    assert xlplugin.import_json(book, given) is None
    assert words in told.said[0]
    assert report_json.dump_report_text(Desk(book).read().report) == report_json.dump_report_text(zero(FORM))


# 空白填0、上年数


def test_blanks_are_filled_after_asking(opened: Opened, told: Told) -> None:
    form = sample().form
    report = zero(form)
    leaves = [c for c in form.cells if c.code not in TemplateLayout(form).formulas]
    values = list(report.values)
    for cell in leaves[::5]:
        values[cell.index] = None
    book = opened(replace(report, values=tuple(values)))
    count = len(leaves[::5])
    assert xlplugin.fill_blanks(book) is None
    assert f"{count} 个空白" in told.said[0]
    assert Desk(book).read().report.values == tuple(values)
    told.answers = ["yes"]
    assert xlplugin.fill_blanks(book) == count
    assert Desk(book).read().report.values == report.values
    assert xlplugin.fill_blanks(book) is None
    assert told.said[-1] == "没有空白的数据格。"


@pytest.mark.parametrize("form", FORM_FILES, ids=lambda form: form.id)
@pytest.mark.parametrize("suffix", [".json", ".xlsx"])
def test_last_years_figures_come_in(opened: Opened, told: Told, tmp_path: Path, form, suffix: str) -> None:
    """Of any form, into the form of 2021."""
    last = replace(zero(form, FORM.years.from_), agency=AGENCY)
    values = list(last.values)
    values[0] = 7
    last = replace(last, values=tuple(values))
    path = tmp_path / f"上年{suffix}"
    path.write_text(report_json.dump_report_text(last), "utf-8") if suffix == ".json" else write_workbook(path, last)
    book = opened(zero(FORM, FORM.years.from_ + 1))
    xlplugin.load_last_year(book, path)
    assert told.said == []
    from workbook.model.form_migration import convert_report

    read = Desk(book).read().previous
    assert read is not None
    assert read.year == FORM.years.from_
    assert read.values == convert_report(last, FORM).report.values


def test_only_the_year_before_is_taken_and_another_agency_asks(opened: Opened, told: Told, tmp_path: Path) -> None:
    book = opened(zero(FORM, FORM.years.from_ + 2))
    path = tmp_path / "上年.json"
    path.write_text(report_json.dump_report_text(zero(FORM, FORM.years.from_ + 2)), "utf-8")
    xlplugin.load_last_year(book, path)
    assert f"应为上一年（{FORM.years.from_ + 1} 年）" in told.said[0]
    other = replace(zero(FORM, FORM.years.from_ + 1), agency=replace(AGENCY, name="别的局", code=""))
    path.write_text(report_json.dump_report_text(other), "utf-8")
    xlplugin.load_last_year(book, path)
    assert "“别的局”" in told.said[1]
    assert Desk(book).read().previous is None
    told.answers = ["yes"]
    xlplugin.load_last_year(book, path)
    assert Desk(book).read().previous is not None


# What may be wrong with the workbook

EVERY = ["validate", "export_json", "import_json", "fill_blanks", "load_last_year", "answer"]


@pytest.mark.parametrize("command", EVERY)
def test_another_workbook_is_told_apart(app: xw.App, told: Told, command: str) -> None:
    book = app.books.add()
    book.sheets[0]["A1"].value = "购物清单"
    getattr(xlplugin, command)(book)
    assert len(told.said) == 1
    assert "不是本项目的年度报告工作簿" in told.said[0]
    assert len(book.sheets) == 1


@pytest.mark.parametrize("command", EVERY)
@pytest.mark.parametrize(
    "stamp", [f"{FORM.id}|{TEMPLATE_VERSION + 1}|%", f"{FORM.id}|%|0123456789ab", "annual-2031|1|x"]
)
def test_a_template_of_another_version_is_not_touched(opened: Opened, told: Told, command: str, stamp: str) -> None:
    book = opened(zero(FORM))
    _, version, fingerprint = book.names["ogi.stamp"].refers_to.strip('="').split("|")
    made = stamp.replace("%", version if stamp.count("|") == 2 and stamp.endswith("b") else fingerprint)
    book.names["ogi.stamp"].refers_to = f'="{made}"'
    getattr(xlplugin, command)(book)
    assert len(told.said) == 1
    assert "请更新程序" in told.said[0]


def test_a_renamed_sheet_is_found_and_marked_but_not_filled(opened: Opened, told: Told, tmp_path: Path) -> None:
    book = opened(sample())
    book.sheets["表三"].name = "申请"
    outcome = xlplugin.validate(book)
    assert outcome is not None
    assert {(m.source.sheet, m.source.cell) for m in outcome.marks} >= {("申请", cell) for cell in TOTALS}
    assert book.sheets["申请"]["D27"].color == problems.COLOURS[Severity.ERROR]
    given = tmp_path / "来.json"
    given.write_text(report_json.dump_report_text(sample()), "utf-8")
    told.answers = ["yes"]
    assert xlplugin.import_json(book, given) is None
    assert "不在模板原来的位置" in told.said[-1]


def test_a_missing_sheet_is_told_and_the_rest_is_checked(opened: Opened, told: Told) -> None:
    book = opened(sample())
    book.sheets["表二"].delete()
    outcome = xlplugin.validate(book)
    assert outcome is not None
    assert any(f.rule == "structure-missing" for f in outcome.findings)
    assert told.said == []
    assert book.sheets["表三"]["D27"].color == problems.COLOURS[Severity.ERROR]


def test_a_sheet_with_a_password_is_left_alone(app: xw.App, opened: Opened, told: Told) -> None:
    book = opened(sample())
    lock(app, book.sheets["表三"])
    before = looks(book)
    xlplugin.validate(book)
    assert told.said == ["工作表“表三”设有密码保护，无法标记。问题已列在“问题”表中。"]
    assert looks(book) == before
    assert len(listed(book)) == 8
    told.answers = ["yes"]
    xlplugin.fill_blanks(book)
    xlplugin.clear_marks(book)
    assert looks(book) == before


def lock(app: xw.App, sheet: xw.Sheet) -> None:
    """Protect it with a password."""
    if app.engine.name == "memory":
        sheet.impl.page.password = "x"
    else:
        sheet.impl.unprotect()
        sheet.impl.native.protect("x")


def test_a_workbook_that_lets_nobody_write_is_left_alone(
    app: xw.App, opened: Opened, told: Told, tmp_path: Path
) -> None:
    if app.engine.name == "memory":
        return  # as in Excel, only saving is refused there
    opened(sample()).close()
    book = app.books.open(str(tmp_path / "年报 样例.xlsx"), read_only=True)
    before = looks(book)
    assert xlplugin.validate(book) is None
    assert told.said == [messages.text("error.locked", what="年报 样例.xlsx")]
    assert looks(book) == before
    assert "问题" not in book.sheets
    assert xlplugin.export_json(book, tmp_path / "a.json") == tmp_path / "a.json"


def test_a_place_that_cannot_be_written_is_named(opened: Opened, told: Told, tmp_path: Path, log: Path) -> None:
    book = opened(sample())
    assert xlplugin.export_json(book, tmp_path / "没有这个文件夹" / "a.json") is None
    assert "没有这个文件夹" in told.said[0]
    assert log.exists()


def test_texts_longer_than_the_workbook_has_room_for(opened: Opened, told: Told, tmp_path: Path) -> None:
    report = zero(FORM)
    long = replace(report, texts=MappingProxyType({**report.texts, "overview": "\n".join(["段落。"] * 60)}))
    given = tmp_path / "来.json"
    given.write_text(report_json.dump_report_text(long), "utf-8")
    book = opened(report)
    told.answers = ["yes"]
    assert xlplugin.import_json(book, given) is None
    assert "60 段" in told.said[-1]
    assert report_json.dump_report_text(Desk(book).read().report) == report_json.dump_report_text(report)


def test_the_copy_of_one_workbook_is_another_workbook(app: xw.App, opened: Opened, tmp_path: Path) -> None:
    """Two are open: marks come into the one that was named."""
    book = opened(sample())
    shutil.copy(tmp_path / "年报 样例.xlsx", tmp_path / "另一份.xlsx")
    other = app.books.open(str(tmp_path / "另一份.xlsx"))
    before = looks(other)
    xlplugin.validate(book)
    assert looks(other) == before
    assert "问题" not in other.sheets


def test_places_in_the_list_are_addresses(opened: Opened) -> None:
    book = opened(sample())
    xlplugin.validate(book)
    assert [parse_address(place.cell) for place in problems.places(book.sheets["问题"])] == [(26, 3), (26, 9)]
