"""The figures of a table: typed ones as they stand, totals from their parts, and nothing of it unsaid."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.samples.filled_workbooks import BEFORE, FORM, REPORT, altered, differing, opened, read_book, said
from workbook.excel.reading.figure_reader import FigureReader, find_previous_year, read_previous_values
from workbook.excel.reading.label_index import WorkbookView
from workbook.excel.reading.reading_context import LocatedTable
from workbook.excel.reading.table_locator import locate_tables
from workbook.excel.reading.workbook_contents import Cell, WorkbookContents
from workbook.model.rule_catalog import format_message

TABLE = "表三"
RESULTS = "requests.results.person"
PARTS = "SUM(D8:D28)"
RIGHT = REPORT[RESULTS]


def figures(book: WorkbookContents) -> FigureReader:
    found = locate_tables(FORM, WorkbookView(book), ours=True)
    return FigureReader(FORM, found, "年报.xlsx")


def total(formula: str, shown: object = None, *, cached: bool = True) -> WorkbookContents:
    """The book with another formula in D29, which is to add D8 to D28."""
    return altered(TABLE, {"D29": Cell(shown, formula, cached=cached)})


# The cell D6 of 表三 (a count), what is typed there, what is read, and the oddity that is said.
COUNTS = [
    (17, 17, []), (0, 0, []), (-3, -3, []), (17.0, 17, []), ("不适用", "不适用", []), ("没有", "没有", []),
    ("17", 17, ["number-clean"]), ("17个", 17, ["number-clean"]), ("", None, []),
    (Cell(17, "IF(1,17,0)"), 17, ["structure-entry"]), (Cell(17, "8+9"), 17, []),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "value", "odd"), COUNTS)
def test_a_count_is_read_as_typed(typed, value, odd):
    book = altered(TABLE, {"D6": typed})
    now = figures(book)
    assert now.values["requests.new.person"] == value
    assert [one.rule for one in now.findings if one.rule != "structure-cache"] == odd
    for one in now.findings:
        assert (one.source.file, one.source.sheet) == ("年报.xlsx", TABLE)


def test_an_empty_cell_is_a_blank_and_has_its_place():
    now = figures(altered(TABLE, {"D6": None}))
    assert now.values["requests.new.person"] is None
    assert (now.sources["requests.new.person"].sheet, now.sources["requests.new.person"].cell) == (TABLE, "D6")
    assert now.sources["requests.new.person"].file == "年报.xlsx"


def test_every_figure_of_the_form_is_listed_though_its_table_is_gone():
    view = WorkbookView(opened())
    found = {code: one for code, one in locate_tables(FORM, view, ours=True).items() if code != "reviews"}
    now = FigureReader(FORM, found, "年报.xlsx")
    assert set(now.values) == {cell.code for cell in FORM.cells}
    gone = {code for code in now.values if code not in now.sources}
    assert gone == {cell.code for cell in FORM.cells if cell.table.code == "reviews"}
    assert all(now.values[code] is None for code in gone)
    assert now.values[RESULTS] == RIGHT


# What the heading says, what stands below it, what is read (in 分), and whether it is said.
MONEY = [
    ("万元", 12, 12_000_000, False), ("元", 12, 1_200, True), ("元", 12.5, 1_250, True),
    ("亿元", 1, 10_000_000_000, True),
    ("元", "12", 12_000_000, True), ("元", True, True, False), ("元", None, None, False), ("人", 12, 12_000_000, False),
]  # fmt: skip


@pytest.mark.parametrize(("unit", "typed", "value", "odd"), MONEY)
def test_money_below_a_heading_in_another_unit_is_read_in_that(unit, typed, value, odd):
    book = altered("表二", {"B15": f"本年收费金额（单位：{unit}）", "B16": typed})
    found = locate_tables(FORM, WorkbookView(book), ours=True)
    now = FigureReader(FORM, found, "年报.xlsx")
    if typed is not True:
        assert now.values["fees.fees.amount"] == value
        assert bool(now.findings) == odd
    else:
        assert now.values["fees.fees.amount"] != 1_000_000  # TRUE is no amount
    if unit in ("元", "亿元") and isinstance(typed, int | float) and typed is not True:
        assert [(one.rule, one.source.cell) for one in now.findings] == [("unit", "B16")]


# totals: the formula, the result stored with it, whether it is the template's sum, what is read
SUMS: dict[str, tuple[str, bool | None, object]] = {
    "as issued": ('IF(COUNT(D8:D28)=0,"",SUM(D8:D28))', True, RIGHT),
    "a plain sum": (PARTS, True, RIGHT),
    "in pieces": ("SUM(D8:D10,D11:D28)", True, RIGHT),
    "with blanks beside": ("SUM(D8:D28,T40:T41)", True, RIGHT),
    "one part left out": ("SUM(D8:D27)", None, 4),
    "one part twice": ("SUM(D8:D28,D8)", None, 4),
    "another figure besides": ("SUM(D7:D28)", None, 4),
    "another column": ("SUM(E8:E28)", None, 4),
    "something else": ("D8*2", None, 4),
}


@pytest.mark.parametrize("name", SUMS)
def test_a_total_is_computed_only_where_it_adds_its_parts(name):
    formula, sums, value = SUMS[name]
    now = figures(total(formula, 4))
    assert now.sums.get(RESULTS) == sums
    assert now.values[RESULTS] == value
    stale = [one for one in now.findings if one.rule == "structure-cache"]
    assert bool(stale) == (sums is True)


def test_a_cell_beside_that_shows_nothing_is_a_blank_to_a_total():
    book = altered(TABLE, {"T40": Cell("", 'IF(1,"","")')}, total("SUM(D8:D28,T40)", RIGHT))
    assert figures(book).sums[RESULTS] is True
    book = altered(TABLE, {"T40": "=A1*1"}, total("SUM(D8:D28,T40)", RIGHT))  # no result was stored
    assert figures(book).sums[RESULTS] is True
    book = altered(TABLE, {"T40": 0}, total("SUM(D8:D28,T40)", RIGHT))
    assert RESULTS not in figures(book).sums


def test_a_total_with_a_second_way_of_adding_is_known_not_to_be_the_templates():
    """总计 of the whole table: across in the template, down where an agency added the column."""
    code = "requests.results.total"
    now = figures(altered(TABLE, {"J29": Cell(REPORT[code], "SUM(J8:J28)")}))
    across = figures(altered(TABLE, {"J29": Cell(REPORT[code], "SUM(D29:I29)")}))
    assert {now.sums[code], across.sums[code]} == {True, False}
    assert now.values[code] == across.values[code] == REPORT[code]


def test_a_formula_without_result_is_computed_where_it_adds_and_else_blank_and_said():
    both = REPORT["requests.granted.person"] + REPORT["requests.partial.person"]
    now = figures(altered(TABLE, {"D6": "=D8+D9"}))
    assert now.values["requests.new.person"] == both
    now = figures(altered(TABLE, {"D6": "=D8*2"}))
    assert now.values["requests.new.person"] is None
    (one,) = (one for one in now.findings if one.rule == "structure-uncomputed")
    assert one.cells == ("requests.new.person",)
    assert str(one.source) == "表三!D6"
    assert one.source.file == "年报.xlsx"
    told = dict(said(read_book(altered(TABLE, {"D6": "=D8*2"}))))["structure-uncomputed"]
    assert "表三!D6（一、本年新收·自然人）" in told


def test_totals_of_totals_are_computed_in_any_order():
    """新收 of all is a sum across; a figure of the first column is a total itself."""
    now = figures(altered(TABLE, {"D29": Cell(1, PARTS), "J29": Cell(1, "SUM(D29:I29)"), "D8": 1000}))
    change = 1000 - REPORT["requests.granted.person"]
    assert now.values[RESULTS] == RIGHT + change
    assert now.values["requests.results.total"] == REPORT["requests.results.total"] + change


def test_a_circle_of_formulas_comes_to_nothing_and_ends():
    now = figures(altered(TABLE, {"D6": "=D7", "D7": "=D6"}))
    assert now.values["requests.new.person"] in (None, 0)
    assert now.values["requests.brought.person"] in (None, 0)


# formulas in a circle, and the way round that is said, from cell to cell
CIRCLES = [
    ({"D6": "=D6"}, ["D6", "D6"]),
    ({"D6": "=D7", "D7": "=D6"}, ["D6", "D7", "D6"]),
    ({"D6": "=D7", "D7": "=E7", "E7": "=D7"}, ["D7", "E7", "D7"]),  # D6 leads into it
    ({**{f"{a}6": f"={b}6" for a, b in ("DE", "EF", "FG", "GH")}, "H6": "=D6"}, [f"{at}6" for at in "DEFGHD"]),
    (
        {**{f"{a}6": f"={b}6" for a, b in ("DE", "EF", "FG", "GH")}, "H6": "=H7", "H7": "=G7", "G7": "=D6"},
        ["D6", "E6", "F6", "G6", "H6", "H7", "D6"],  # six of them are named
    ),
]


@pytest.mark.parametrize(("cells", "way"), CIRCLES)
def test_a_circle_is_said_once_with_its_way_round(cells, way):
    found = figures(altered(TABLE, cells))
    (one,) = (one for one in found.findings if one.rule == "structure-circle")
    assert (str(one.source), one.source.file, len(one.cells)) == (f"{TABLE}!{way[0]}", "年报.xlsx", 1)
    assert str(found.sources[one.cells[0]]) == str(one.source)
    assert format_message(one) == f"循环引用：{' → '.join(f'{TABLE}!{at}' for at in way)}。"


@pytest.mark.parametrize(
    ("formula", "value"), [('IF(COUNT(D8:D28)=0,"",SUM(D8:D28))', None), (PARTS, 0)], ids=["guarded", "plain"]
)
def test_a_sum_of_blanks_is_blank_only_where_its_formula_says_so(formula, value):
    book = altered(TABLE, {**{f"D{row}": None for row in range(8, 29)}, "D29": Cell(None, formula, cached=False)})
    now = figures(book)
    assert now.values[RESULTS] == value
    assert RESULTS in now.sums


# A part as it stands, and what it adds to the total of its column, whose result was not stored.
ADDENDS = [
    (5, 5), (0, 0), (None, 0), ("无", 0), ("不适用", 0), ("5", 5), (Cell("#REF!", error=True), 0), (Cell(5, "3+2"), 5),
    (Cell("5", "A1"), 5), (Cell("9007199254740993", "A1"), 9007199254740993), ("1234", 1234),
    # More digits than a spreadsheet keeps: our template holds it as text, which no sum adds.
    ("0.1234567890123456", 0), ("9007199254740993", 0), ("1000000000000000", 0),
    (9007199254740993, 9007199254740993), (Cell(9007199254740993, "A1"), 9007199254740993),
]  # fmt: skip


@pytest.mark.parametrize(("stands", "adds"), ADDENDS)
def test_a_total_adds_numbers_and_passes_over_words(stands, adds):
    cells = {f"D{row}": None for row in range(9, 29)}
    now = figures(altered(TABLE, {**cells, "D8": stands, "D9": 100, "D29": Cell(None, PARTS, cached=False)}))
    assert now.values[RESULTS] == 100 + adds


def test_a_formula_that_adds_cells_beside_the_tables_takes_their_numbers():
    book = altered(TABLE, {"D6": "=T40+T41+T42+T43", "T40": 5, "T41": "6", "T42": Cell("#N/A", error=True)})
    assert figures(book).values["requests.new.person"] == 11
    book = altered(TABLE, {"D6": "=T40", "T40": Cell("7", error=True)})
    assert figures(book).values["requests.new.person"] == 0


# the stored result of a total, and whether it is said to differ
STORED = [
    (RIGHT, False), (float(RIGHT), False), (RIGHT + 1, True), (None, True), ("", True), ("？", True), (0, True),
    (RIGHT + 1e-12, False),
]  # fmt: skip


@pytest.mark.parametrize(("shown", "differs"), STORED)
def test_a_stored_result_is_compared_with_its_parts_and_not_believed(shown, differs):
    now = figures(total(PARTS, shown))
    assert now.values[RESULTS] == RIGHT
    assert [one.rule for one in now.findings] == ["structure-cache"] * differs
    for one in now.findings:
        assert (one.cells, str(one.source), one.source.file) == ((RESULTS,), "表三!D29", "年报.xlsx")


def test_words_stored_for_a_total_of_blanks_are_said():
    blanks = {f"D{row}": None for row in range(8, 29)}
    now = figures(altered(TABLE, blanks, total('IF(COUNT(D8:D28)=0,"",SUM(D8:D28))', "？")))
    assert now.values[RESULTS] is None
    assert (RESULTS,) in [one.cells for one in now.findings if one.rule == "structure-cache"]


# two parts, the stored result of their total, and whether it is said to differ: 15 digits are all a spreadsheet keeps
ROUNDED = [
    (12_345_678_901_234_567, 0, 12_345_678_901_234_600, False),
    (12_345_678_901_234_567, 0, 12_345_678_901_235_000, True),
    (0.1, 0.2, 0.30000000000000004, False), (0.1, 0.2, 0.31, True), (0.5, 0.7, 1.2, False),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "shown", "differs"), ROUNDED)
def test_a_stored_result_is_compared_as_far_as_a_spreadsheet_counts(one, other, shown, differs):
    cells = {f"D{row}": None for row in range(10, 29)}
    now = figures(altered(TABLE, {**cells, "D8": one, "D9": other}, total(PARTS, shown)))
    stale = [found for found in now.findings if found.cells == (RESULTS,)]
    assert [found.rule for found in stale] == ["structure-cache"] * differs


def test_each_odd_figure_is_said_for_itself():
    now = figures(altered(TABLE, {"D6": "17个", "D7": "18 件", "E6": "=D8*2", "F6": "=D8*3"}))
    said_at = [(one.rule, one.source.cell) for one in now.findings if one.rule != "structure-cache"]
    uncomputed = "structure-uncomputed"
    assert said_at == [("number-clean", "D6"), (uncomputed, "E6"), (uncomputed, "F6"), ("number-clean", "D7")]


def test_what_differs_is_said_with_both_figures():
    told = dict(said(read_book(total(PARTS, 999))))["structure-cache"]
    assert f"999，按分项重新计算为 {RIGHT}" in told
    assert told.startswith("表三!D29（（七）总计·自然人）")
    assert "structure-cache" not in dict(said(read_book(total(PARTS, None, cached=False))))


def test_sums_of_money_are_exact_and_compared_as_a_spreadsheet_shows_them():
    cells = {"B16": Cell(0.1 + 0.2, "SUM(F40:F41)", cached=True), "F40": 0.1, "F41": 0.2}
    now = figures(altered("表二", {**cells, "B16": "=F40+F41"}))
    assert now.values["fees.fees.amount"] == 300_000  # 分
    assert not now.findings
    now = figures(altered("表二", {"B16": "=F40+F41", "F40": 0.0000001, "F41": 0.0000001}))
    assert now.values["fees.fees.amount"] == Decimal("0.2")


# last year's


def test_last_years_figures_stand_beside():
    view = WorkbookView(opened())
    assert read_previous_values(FORM, locate_tables(FORM, view, ours=True)) == BEFORE.values
    book = altered(TABLE, {"L6": None, "M6": Cell(None, "1+1", cached=False), "N6": "12个", "O6": Cell(8, "4+4")})
    before = read_previous_values(FORM, locate_tables(FORM, WorkbookView(book), ours=True))
    assert before is not None
    now = dict(zip((cell.code for cell in FORM.cells), before, strict=True))
    row = [now[f"requests.new.{c.code}"] for c in FORM.table("requests").columns]
    assert row[:4] == [None, None, 12, 8]
    assert row[4:] == [BEFORE[f"requests.new.{c.code}"] for c in FORM.table("requests").columns][4:]


def test_one_figure_of_last_year_is_enough_and_none_is_none():
    found = locate_tables(FORM, WorkbookView(opened()), ours=True)
    bare = {code: replace(one, previous={}) for code, one in found.items()}
    assert read_previous_values(FORM, bare) is None
    assert read_previous_values(FORM, {}) is None
    code, place = next(iter(found["fees"].previous.items()))
    values = read_previous_values(FORM, {**bare, "fees": replace(found["fees"], previous={code: place})})
    assert values is not None
    assert [value for value in values if value is not None] == [BEFORE[code]]


def moved_label(label: Cell | str | None, to: str = "") -> WorkbookContents:
    return altered("表二", {"G2": label, **({to: "上年年度"} if to else {})})


@pytest.mark.parametrize(
    ("book", "at"),
    [
        (opened, ("表二", (1, 5))),
        (lambda: altered("表二", {"D1": "上年年度"}), ("表二", (1, 5))),
        (lambda: moved_label(None, "J9"), ("表二", (8, 8))),
        (lambda: moved_label("上年", "J9"), ("表二", (8, 8))),
        (lambda: moved_label(None), ("表二", (1, 5))),
        (lambda: replace(moved_label(None), names={"previous.year": "'表三'!$T$2"}), ("表三", (1, 19))),
        (lambda: replace(moved_label(None), names={}), None),
        (lambda: replace(opened(), names={}), ("表二", (1, 5))),
        (lambda: replace(opened(), sheets=(), names={}), None),
    ],
    ids=["as issued", "a second label", "moved", "moved, another word there", "by name", "by name elsewhere", "nowhere",
         "no names", "no sheets"],
)  # fmt: skip
def test_the_year_of_last_years_figures_is_found_by_its_label_or_else_by_name(book, at):
    found = find_previous_year(FORM, WorkbookView(book()))
    assert (None if found is None else (found[0].name, found[1])) == at


def test_a_found_table_without_a_cell_leaves_it_blank():
    found = locate_tables(FORM, WorkbookView(opened()), ours=True)
    one = found["requests"]
    some: LocatedTable = replace(
        one, cells={code: at for code, at in one.cells.items() if code != "requests.new.person"}
    )
    now = FigureReader(FORM, {**found, "requests": some}, "年报.xlsx")
    assert now.values["requests.new.person"] is None
    assert "requests.new.person" not in now.sources
    assert "requests.new.total" not in now.sums  # a part of it is not there
    assert not differing(read_book(opened()))
