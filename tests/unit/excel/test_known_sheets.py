"""One sheet beside the one that was learnt: it may differ in what is typed and how it looks, and in nothing else."""

from __future__ import annotations

import pytest

from tests.samples.filled_workbooks import REPORT
from tests.samples.template_variants import (
    CHECKED,
    PLAIN,
    STRINGS,
    TABLE,
    WORDS,
    Edit,
    cell,
    changed,
    fast,
    renumbered,
    shown,
    taught,
    typed,
    usual,
)
from workbook.excel.reading.layout_cache import LearningReader
from workbook.excel.reading.sheet_layout import (
    WAYS,
    FilledCells,
    LayoutDiffers,
    PickedCells,
    UnchangedTexts,
    describe_fill,
    make_picker,
)
from workbook.excel.reading.sheet_scan import SplitSheet, split_sheet


@pytest.fixture
def learnt(tmp_path_factory) -> LearningReader:
    """A reader that has learnt our template."""
    return shown(tmp_path_factory.getbasetemp(), usual())


ROW = r'(<row r="7")[^>]*>'
LOOKS: dict[str, tuple[Edit, ...]] = {
    "as it was": (),
    "a taller row": ((TABLE, ROW, r'\1 spans="1:9" ht="88" customHeight="1">'),),
    "taller rows on two sheets": ((TABLE, ROW, r'\1 ht="88">'), (PLAIN, ROW, r"\1>")),
    "the cursor elsewhere": ((TABLE, 'activeCell="D6" sqref="D6"', 'activeCell="D9" sqref="D9"'),),
    "a wider column": ((WORDS, 'width="84.7109375"', 'width="90"'),),
    "another style": ((TABLE, r'(<c r="D6" s=)"\d+"', r'\1"1"'),),
    "no style": ((TABLE, r'(<c r="D6") s="\d+"', r"\1"),),
    "a total said to be a number": ((TABLE, r'(<c r="D29" s="\d+")', r'\1 t="n"'),),
    "a figure said to be a number": ((TABLE, r'(<c r="D6" s="\d+")', r'\1 t="n"'),),
    "a result said to be a number": ((CHECKED, r'(<c r="E5" s="\d+")', r'\1 t="n"'),),
}


@pytest.mark.parametrize("name", LOOKS)
def test_a_sheet_may_look_otherwise(tmp_path, learnt, name):
    found = fast(learnt, tmp_path / "年报.xlsx", changed(usual(), *LOOKS[name]))
    assert found is not None
    assert found.report == REPORT


DIFFERS: dict[str, Edit] = {
    "no protection": (TABLE, "<sheetProtection[^>]*/>", ""),
    "another validation": (PLAIN, "<formula1>0</formula1>", "<formula1>1</formula1>"),
    "something before the cells": (TABLE, "<sheetData>", "<sheetProtection/><sheetData>"),
    "another root": (TABLE, "<worksheet ", '<worksheet xmlns:x14ac="urn:x" '),
    "a sign no document may hold": cell(PLAIN, "B5", "5\x0b"),
    "a bracket no document may hold": cell(CHECKED, "H5", "]]>", "str"),
    "a hidden row": (TABLE, ROW, r'\1 hidden="1">'),
    "a row of another number": (TABLE, '<row r="7"', '<row r="8"'),
    "two heights of a row": (TABLE, '<row r="7"', '<row r="7" ht="1" ht="2"'),
    "an undeclared prefix": (TABLE, '<row r="7"', '<row r="7" x14ac:dyDescent="0.2"'),
    "a cell more": (PLAIN, r'(<c r="D5".*?</c>)', r'\1<c r="E5"><v>5</v></c>'),
    "a cell less": (PLAIN, r'<c r="D5".*?</c>', ""),
    "a cell twice": (PLAIN, r'(<c r="D5".*?</c>)', r"\1\1"),
    "a cell in another place": (PLAIN, '<c r="D5"', '<c r="E5"'),
    "a cell spelled otherwise": (PLAIN, '<c r="D5"', '<c  r="D5"'),
    "another formula": (TABLE, r"SUM\(D8:D28\)", "SUM(D8:D27)"),
    "a formula typed over": (TABLE, r'(<c r="D29" s="\d+">)<f>.*?</f>', r"\1"),
    "a formula where a figure is typed": (PLAIN, r'(<c r="B5" s="\d+">)', r"\1<f>1</f>"),
    "an error for a result": (CHECKED, r'(<c r="E5" s="\d+")', r'\1 t="e"'),
    "a truth for a result": (CHECKED, r'(<c r="H5" s="\d+") t="str"', r'\1 t="b"'),
    "a shared text for a result": (CHECKED, r'(<c r="H5" s="\d+") t="str"', r'\1 t="s"'),
    "an error for a total": (TABLE, r'(<c r="D29" s="\d+")', r'\1 t="e"'),
    "a label that is no shared text": (TABLE, r'(<c r="A3" s="\d+") t="s"', r'\1 t="str"'),
    "a label that is a number": (TABLE, r'(<c r="A3" s="\d+") t="s"', r"\1"),
    "an empty cell of a kind": (TABLE, r'(<c r="B1" s="\d+")', r'\1 t="b"'),
    "a number of another kind": (WORDS, r'(<c r="A5" s="\d+")', r'\1 t="str"'),
    "a figure that is a text": cell(PLAIN, "B5", "5", "s"),
    "a figure of last year that is a text": cell(PLAIN, "F5", "5", "s"),
    "a label spelled by letters": cell(TABLE, "A3", "x", "s"),
    "a label spelled below nought": cell(TABLE, "A3", "-1", "s"),
    "a label that is another": cell(TABLE, "A3", "5", "s"),
    "a label that is nowhere": cell(TABLE, "A3", "9999", "s"),
}


@pytest.mark.parametrize("name", DIFFERS)
def test_a_sheet_that_differs_otherwise_is_left_to_the_full_reader(tmp_path, learnt, name):
    assert fast(learnt, tmp_path / "年报.xlsx", changed(usual(), DIFFERS[name])) is None


def test_rows_may_have_the_measure_whose_prefix_was_declared(tmp_path):
    declared = (TABLE, "<worksheet ", '<worksheet xmlns:x14ac="urn:x" ')
    reader = taught(tmp_path, changed(usual(), declared))
    measured = (TABLE, '<row r="7"', '<row r="7" x14ac:dyDescent="0.35"')
    assert fast(reader, tmp_path / "年报.xlsx", changed(usual(), declared, measured)) is not None
    assert fast(reader, tmp_path / "年报.xlsx", changed(usual(), measured)) is None


def test_texts_may_be_numbered_otherwise(tmp_path, learnt):
    other = renumbered(usual())
    for parts in (other, usual(), typed(other, WORDS, "B6", "又"), other):
        found = fast(learnt, tmp_path / "年报.xlsx", parts)
        assert found is not None
        assert (found.report.values, found.report.agency) == (REPORT.values, REPORT.agency)
    assert fast(learnt, tmp_path / "年报.xlsx", changed(other, (STRINGS, "自然人", "法人"))) is None
    assert fast(learnt, tmp_path / "年报.xlsx", changed(other, cell(TABLE, "A3", "0", "s"))) is None


# its pieces


def test_cells_are_picked_by_position():
    assert make_picker([])("abc") == ()
    assert make_picker([1])("abc") == ("b",)
    assert make_picker([2, 0])("abc") == ("c", "a")
    some = PickedCells([(2, "三"), (0, "一")])
    assert (some.at, some.means, some.of("abc")) == ((2, 0), ["三", "一"], ("c", "a"))
    assert (PickedCells().at, PickedCells().means, PickedCells().of("abc")) == ((), [], ())


@pytest.mark.parametrize(
    ("values", "strings", "same"),
    [
        ([b"0", b"1", b"9"], [b"a", b"b"], True),
        ([b"1", b"0", b"9"], [b"b", b"a"], True),
        ([b"0", b"1", b"9"], [b"a", b"c"], False),
        ([b"1", b"0", b"9"], [b"a", b"b"], False),
        ([b"2", b"2", b"9"], [b"a", b"b", b"b"], False),
    ],
)
def test_texts_that_stay_are_compared_as_spelled(values, strings, same):
    texts = UnchangedTexts(PickedCells([(0, b"a"), (1, b"b")]))
    assert texts.same([b"0", b"1", None], [b"a", b"b"])
    for _ in range(2):
        assert texts.same(values, strings) is same
    assert texts.same([b"0", b"1", None], [b"a", b"b"])
    assert UnchangedTexts(PickedCells()).same(values, strings)


@pytest.mark.parametrize("number", [b"-1", b"x", b"", b"1.0"], ids=repr)
def test_a_text_is_known_by_a_whole_number(number):
    texts = UnchangedTexts(PickedCells([(0, b"a"), (1, b"b")]))
    with pytest.raises(LayoutDiffers):
        texts.same([number, b"1"], [b"b", b"a"])


def test_a_text_shown_twice_is_compared_twice():
    texts = UnchangedTexts(PickedCells([(0, b"a"), (1, b"a"), (2, b"b")]))
    assert texts.same([b"0", b"0", b"1"], [b"a", b"b"])
    assert texts.same([b"0", b"2", b"1"], [b"a", b"b", b"a"])
    assert not texts.same([b"0", b"2", b"1"], [b"a", b"b", b"c"])


def sheet(cells: str) -> SplitSheet:
    one = split_sheet(f'<worksheet><sheetData><row r="1">{cells}</row></sheetData></worksheet>'.encode())
    assert one is not None
    return one


def way(cells: str, *formulas: int) -> FilledCells:
    return describe_fill(sheet(cells), formulas, frozenset((b"0",)))


def test_how_a_sheet_is_filled_gives_every_cell_its_value():
    cells = '<c r="A1"><v>1</v></c><c r="B1"/><c r="C1" t="str"><f>x</f><v>二</v></c><c r="D1"><f>y</f><v>3</v></c>'
    one = way(cells + '<c r="E1"><f>z</f></c><c r="F1" t="n"><f>z</f><v>6</v></c>', 2, 3, 4, 5)
    values = one.spread([b"1", b"T", b"3", b"6", None])
    assert values == (b"1", None, b"T", b"3", None, b"6")
    assert one.kinds == [None, None, b"str", None, None, b"n"]
    assert (one.numbers(values), one.words(values)) == ((b"3", b"6"), (b"T",))


def test_a_value_outside_of_any_cell_is_not_understood():
    with pytest.raises(LayoutDiffers):
        way('<c r="A1"><v>1</v></c><x><v>2</v></x>')


def test_ways_to_be_filled_are_remembered_few_and_the_last_first(tmp_path, learnt):
    """A sheet filled as one before is not compared anew; what comes of it is the same."""
    (known,) = learnt._learnt.values()
    laid = known[0].sheets["表二"]
    for n in range(WAYS + 2):
        emptied = [cell(PLAIN, at, None) for at in ("B5", "C5", "D5", "B6", "C6", "D6")[:n]][:5]
        for _ in range(2):
            found = fast(learnt, tmp_path / "年报.xlsx", changed(usual(), *emptied))
            assert found is not None
            assert [value for value in found.report.values[:6] if value is None] == [None] * min(n, 5)
            assert laid.met[0].kinds is not None
        assert len({id(way) for way in laid.met}) == len(laid.met) <= WAYS
    assert len(laid.met) == WAYS
