"""A clerk at the keyboard of a real LibreOffice: what is refused, what is said, what 校验 then shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests import domain
from tests.domain import FORM_FILES, ROOT
from tests.office.clerk import Clerk
from tests.office.libreoffice import Office
from workbook.excel import report_loading
from workbook.excel.template.check_lines import Checklist
from workbook.excel.template.report_draft import ReportDraft, to_sheet_value
from workbook.excel.template.template_writer import write_workbook
from workbook.excel.template_layout import CheckColumn, SheetCell, TemplateLayout
from workbook.model.form import Cell, Form
from workbook.model.form_loader import load_form
from workbook.model.numbers import Number
from workbook.model.report import Answer, Report
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")

pytestmark = [pytest.mark.office, pytest.mark.timeout(600)]

OLD, NEW = load_form("annual-2019"), load_form("annual-2021")
SAYS: dict[str, str] = messages.entry("status")
GREEN = ("通过", "全部通过")
COUNT = messages.text("validation.count")


@pytest.fixture(scope="module")
def desks(clerk_office: Office) -> Iterator[Mapping[str, Clerk]]:
    """A clerk before the blank template of each form; tests leave it as they found it."""
    with ExitStack() as open_desks:
        yield {
            form.id: open_desks.enter_context(Clerk(clerk_office, ROOT / "templates" / f"{form.id}.xlsx"))
            for form in FORM_FILES
        }


@pytest.fixture
def new(desks: Mapping[str, Clerk]) -> Clerk:
    return desks[NEW.id]


@pytest.fixture
def old(desks: Mapping[str, Clerk]) -> Clerk:
    return desks[OLD.id]


each_form = pytest.mark.parametrize("form", [NEW, OLD], ids=lambda form: form.id)


def spot(form: Form, code: str) -> SheetCell:
    return TemplateLayout(form).cells[code]


def overall(at_desk: Clerk) -> str:
    return str(at_desk.value(messages.text("sheet.checks"), "A2"))


def status(at_desk: Clerk, form: Form, line: str) -> str:
    row = Checklist(TemplateLayout(form)).rows[line]
    return str(at_desk.value(messages.text("sheet.checks"), SheetCell("", row, CheckColumn.STATUS).a1))


def entry_like(form: Form, wanted: Callable[[Cell], bool]) -> SheetCell:
    places = TemplateLayout(form)
    return next(places.cells[c.code] for c in form.cells if c.code not in places.formulas and wanted(c))


@pytest.mark.parametrize("wrong", ["abc", "-1", "1.5", "17个", " ", "无", "/", "—", "约10"])
def test_what_is_no_count_is_refused_in_our_words(new: Clerk, wrong: str) -> None:
    at = spot(NEW, "requests.new.company")
    said = new.type_into(at.sheet, at.a1, wrong)
    assert said is not None
    assert messages.text("validation.title") in said
    assert COUNT in said
    assert new.value(at.sheet, at.a1) == ""


def test_full_width_digits_are_refused_or_taken_for_the_number_they_are(new: Clerk) -> None:
    """LibreOffice may read １２ as 12, as Excel does: then a number stands there and no text."""
    at = spot(NEW, "requests.new.company")
    said = new.type_into(at.sheet, at.a1, "１２")
    assert (said is not None and COUNT in said and new.value(at.sheet, at.a1) == "") or (
        new.value(at.sheet, at.a1) == 12.0
    )
    new.clear(at.sheet, at.a1)


def test_counts_are_taken_and_totals_follow(new: Clerk) -> None:
    places = TemplateLayout(NEW)
    person, total = (places.cells[f"requests.new.{column}"] for column in ("person", "total"))
    assert new.value(total.sheet, total.a1) == "", "a total of nothing is blank, not 0"
    for entry in ("0", "7", "123456"):
        assert new.type_into(person.sheet, person.a1, entry) is None
        assert new.value(total.sheet, total.a1) == float(entry)
    new.clear(person.sheet, person.a1)
    assert new.value(total.sheet, total.a1) == ""


def test_a_change_may_be_negative_but_not_broken(old: Clerk) -> None:
    at = entry_like(OLD, lambda cell: cell.signed)
    assert old.type_into(at.sheet, at.a1, "-3") is None
    assert old.value(at.sheet, at.a1) == -3.0
    said = old.type_into(at.sheet, at.a1, "-2.5")
    assert said is not None
    assert messages.text("validation.signed") in said
    assert old.value(at.sheet, at.a1) == -3.0
    old.clear(at.sheet, at.a1)


@each_form
def test_money_takes_decimals_and_refuses_what_is_below_nothing(form: Form, desks: Mapping[str, Clerk]) -> None:
    at_desk = desks[form.id]
    cell = next(c for c in form.cells if c.unit.scale > 1)
    at = spot(form, cell.code)
    for refused in ("-1", "12万元", "abc"):
        said = at_desk.type_into(at.sheet, at.a1, refused)
        assert said is not None
        assert messages.text("validation.money", unit=cell.unit.label) in said
        assert at_desk.value(at.sheet, at.a1) == ""
    assert at_desk.type_into(at.sheet, at.a1, "4166.214619") is None
    assert at_desk.value(at.sheet, at.a1) == 4166.214619
    assert at_desk.shown(at.sheet, at.a1) == "4166.214619", "all its decimals are seen"
    at_desk.clear(at.sheet, at.a1)


def test_labels_totals_and_checks_are_locked(new: Clerk) -> None:
    places = TemplateLayout(NEW)
    total = places.cells["requests.results.person"]
    label = places.labels[total.sheet][0]
    checks = messages.text("sheet.checks")
    locked = [total, SheetCell(total.sheet, label.box.top, label.box.left), SheetCell(checks, 1, 0)]
    locked += [SheetCell(checks, 5, column) for column in (CheckColumn.STATUS, CheckColumn.LEFT)]
    for at in locked:
        before = new.formula(at.sheet, at.a1)
        assert new.type_into(at.sheet, at.a1, "9") is not None, at
        new.clear(at.sheet, at.a1)
        assert new.formula(at.sheet, at.a1) == before, at


@pytest.mark.parametrize("table", ["requests", "reviews"])
@each_form
def test_the_tab_key_goes_through_the_entry_cells_as_they_are_read(
    form: Form, table: str, clerk_office: Office, desks: Mapping[str, Clerk]
) -> None:
    """Along each row and on to the next, past labels, totals and last year's figures."""
    at_desk = desks[form.id]
    places = TemplateLayout(form)
    entries = [places.cells[c.code] for c in form.cells if c.table.code == table and c.code not in places.formulas]
    first = entries[0]
    at_desk._focus()
    document = at_desk.document
    document.CurrentController.setActiveSheet(document.Sheets.getByName(first.sheet))
    # Not by selecting the cell: in a selection the tab key goes round and round.
    clerk_office.dispatch(document, ".uno:GoToCell", ToPoint=first.absolute.rpartition("!")[2])
    met = []
    for _ in entries:
        at_desk._settle()
        address = document.CurrentSelection.CellAddress
        met.append(SheetCell(first.sheet, address.Row, address.Column).a1)
        at_desk._act("TYPE", KEYCODE="TAB")
    assert met == [spot.a1 for spot in entries]


def fill(at_desk: Clerk, report: Report) -> None:
    """Type a whole report: the cover, every entry cell, the texts."""
    draft = ReportDraft(report, None)
    places = draft.places
    typed: dict[SheetCell, object] = {
        places.identity[code]: draft.identity_values[code] for code in ("name", "code", "region", "level", "year")
    }
    for cell in report.form.cells:
        if cell.code not in places.formulas:
            typed[places.cells[cell.code]] = to_sheet_value(report.values[cell.index], cell)
    for code, text in report.texts.items():
        typed[SheetCell(messages.text("sheet.texts"), places.texts[code].first, 1)] = text
    for at, value in typed.items():
        assert at_desk.type_into(at.sheet, at.a1, value) is None, at


def test_a_whole_report_typed_in_turns_green_and_one_wrong_cell_turns_it_red(
    clerk: Callable[[Path], Clerk], tmp_path: Path
) -> None:
    figures: dict[str, Number] = {cell.code: n % 7 for n, cell in enumerate(domain.leaves(NEW)) if n % 3}
    consistent = domain.consistent(NEW, figures)
    report = domain.zero(NEW).with_values({**consistent, "legislation.regulations.issued": 0})
    report = report.with_values({c.code: 0 for c in NEW.cells if c.code.startswith("legislation.regulations")})
    at_desk = clerk(ROOT / "templates" / f"{NEW.id}.xlsx")
    assert overall(at_desk) == messages.text("overall.empty")
    fill(at_desk, report)
    assert overall(at_desk) == messages.text("overall.passed")
    read = report_loading.load_submission(at_desk.save(tmp_path / "填好.xlsx"))
    assert read.report.values == report.values
    assert read.report.agency == report.agency
    assert not [f for f in read.check() if f.severity == "error"]
    at = spot(NEW, "requests.carried.person")
    assert at_desk.type_into(at.sheet, at.a1, "9999") is None
    assert status(at_desk, NEW, "requests.balance.person") == SAYS["failed"]
    assert status(at_desk, NEW, "requests.balance.company") == SAYS["passed"]
    assert overall(at_desk) == messages.text("overall.bad", failed=2, waiting=0), "the column, and the column of totals"


def test_pasting_goes_past_validation_but_never_to_green(clerk: Callable[[Path], Clerk], tmp_path: Path) -> None:
    path = tmp_path / "好.xlsx"
    write_workbook(path, domain.zero(NEW))
    at_desk = clerk(path)
    assert overall(at_desk) == messages.text("overall.passed")
    at = spot(NEW, "requests.granted.person")
    at_desk.paste_over(at.sheet, at.a1, "约10", as_text=True)
    assert at_desk.value(at.sheet, at.a1) == "约10"
    assert not overall(at_desk).startswith(GREEN)
    assert status(at_desk, NEW, "requests.number") == SAYS["failed"]
    rules = {f.rule for f in report_loading.load_submission(at_desk.save(tmp_path / "粘贴.xlsx")).check()}
    assert "number" in rules
    assert "structure-validation" in rules
    at_desk.paste_over(at.sheet, at.a1, "=1/0")
    assert not overall(at_desk).startswith(GREEN)
    assert "number" in {f.rule for f in report_loading.load_submission(at_desk.save(tmp_path / "错误值.xlsx")).check()}


def warned(tmp_path: Path, *answers: Answer) -> Path:
    """A sound report that brings forward other requests than last year's carried over."""
    report = domain.zero(NEW)
    before = replace(report, year=(report.year or 0) - 1).with_values(
        {"requests.new.person": 3, "requests.new.total": 3, "requests.carried.person": 3, "requests.carried.total": 3}
    )
    path = tmp_path / "提醒.xlsx"
    write_workbook(path, replace(report, answers=answers), before)
    return path


def test_a_reason_answers_a_warning_and_expires_with_the_figures(
    clerk: Callable[[Path], Clerk], tmp_path: Path
) -> None:
    line = "requests.carried-over.person"
    at_desk = clerk(warned(tmp_path))
    assert status(at_desk, NEW, line) == SAYS["warned"]
    assert overall(at_desk) == messages.text("overall.warned", warned=2)
    row = Checklist(TemplateLayout(NEW)).rows[line]
    reason = SheetCell(messages.text("sheet.checks"), row, CheckColumn.REASON)
    assert at_desk.type_into(reason.sheet, reason.a1, "上年三件在年末撤回") is None
    assert status(at_desk, NEW, line) == SAYS["answered"]
    assert overall(at_desk) == messages.text("overall.warned", warned=1)

    answered = report_loading.load_submission(at_desk.save(tmp_path / "说明.xlsx"))
    (finding,) = [f for f in answered.check() if f.rule == "carried-over" and f.answer]
    again = clerk(warned(tmp_path, Answer(finding.rule, finding.cells, finding.answer, finding.figures)))
    assert status(again, NEW, line) == SAYS["answered"]
    at = spot(NEW, "requests.brought.person")
    assert again.type_into(at.sheet, at.a1, "1") is None
    assert status(again, NEW, line) == SAYS["expired"]
    rules = {f.rule for f in report_loading.load_submission(again.save(tmp_path / "失效.xlsx")).check()}
    assert {"carried-over", "answer-expired"} <= rules
    assert again.type_into(reason.sheet, reason.a1, "改为两件在年末撤回") is None, "a reason written anew holds"
    assert status(again, NEW, line) == SAYS["answered"]
    assert not [
        f
        for f in report_loading.load_submission(again.save(tmp_path / "重说.xlsx")).check()
        if f.rule == "answer-expired"
    ]
    assert again.type_into(at.sheet, at.a1, "3") is None, "right again, but 一 now has to fit"
    assert status(again, NEW, line) == SAYS["passed"]
