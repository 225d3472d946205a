"""A damaged workbook's values in a fresh template, and a list of what was moved."""

from __future__ import annotations

from openpyxl.workbook import Workbook

from tests.domain import plain_json
from tests.samples.filled_workbooks import BEFORE, FORM, REPORT, differing, made, rules, with_openpyxl
from workbook.excel.reading.workbook_reader import read_workbook
from workbook.excel.report_loading import repair_workbook


def damaged(book: Workbook) -> None:
    sheet = book["表三"]
    sheet.insert_cols(1)
    sheet["E6"], sheet["D12"] = "17个", "别的"
    sheet.protection.sheet = False
    del book.defined_names["requests"]
    book["表四"].title = "复议"


def test_a_sound_workbook_has_nothing_to_move(tmp_path):
    done = repair_workbook(made(tmp_path / "年报.xlsx"))
    assert (done.moves, done.submission.findings) == ((), ())
    assert plain_json(done.submission.report) == plain_json(REPORT)


def test_repaired_it_is_sound_and_says_the_same(tmp_path):
    path = with_openpyxl(made(tmp_path / "年报.xlsx"), damaged)
    done = repair_workbook(path)
    assert {"structure-row", "structure-label", "structure-protection", "structure-sheet"} <= set(
        rules(done.submission)
    )
    fresh = read_workbook(made(tmp_path / "新.xlsx", done.submission.report, done.submission.previous))
    assert rules(fresh) == []
    assert plain_json(fresh.report) == plain_json(done.submission.report)
    assert fresh.previous is not None
    assert fresh.previous.values == BEFORE.values
    assert fresh.report["requests.new.person"] == 17
    assert set(differing(fresh)) >= {"requests.new.person"}


def test_every_value_that_moved_is_listed_with_both_places(tmp_path):
    moves = {move.code: move for move in repair_workbook(with_openpyxl(made(tmp_path / "年报.xlsx"), damaged)).moves}
    assert {code.partition(".")[0] for code in moves} == {"requests", "reviews"}
    one = moves["requests.new.person"]
    assert (str(one.old), str(one.new)) == ("表三!E6", "表三!D6")
    one = moves["reviews.reconsideration.upheld"]
    assert (str(one.old), str(one.new)) == ("复议!A6", "表四!A6")


def test_a_cell_that_cannot_be_found_has_not_moved(tmp_path):
    """Its line is gone: nothing says where it stood."""
    path = with_openpyxl(made(tmp_path / "年报.xlsx"), lambda book: book["表三"].delete_rows(13))
    done = repair_workbook(path)
    lost = {code for one in done.submission.findings if one.rule == "structure-missing" for code in one.cells}
    moved = {move.code for move in done.moves}
    assert lost
    assert not lost & moved
    assert moved == {cell.code for cell in FORM.cells if done.submission.report.source(cell.code).cell in BELOW}
    assert {move.new.file for move in done.moves} == {""}


BELOW = {f"{column}{row}" for column in "DEFGHIJ" for row in range(13, 30)}
"""The cells of a sheet from which on another row's figures stand."""


def test_what_was_typed_in_words_is_kept(tmp_path):
    def edit(book: Workbook) -> None:
        book["表三"]["D6"], book["表三"]["D29"] = "约10", 5

    done = repair_workbook(with_openpyxl(made(tmp_path / "年报.xlsx"), edit))
    fresh = read_workbook(made(tmp_path / "新.xlsx", done.submission.report, done.submission.previous))
    assert fresh.report["requests.new.person"] == "约10"
    assert fresh.report["requests.results.person"] == 5
    assert rules(fresh) == []
