"""Edits of our template's workbook: what may differ from the workbook a layout was learnt from, and what may not."""

from __future__ import annotations

from tests.samples.filled_workbooks import FORM
from tests.samples.template_variants import (
    BOOK,
    CHECKED,
    COVER,
    PLAIN,
    PROPERTIES,
    STRINGS,
    TABLE,
    WORDS,
    Edit,
    cell,
)  # fmt: skip
from workbook.model.identity import list_identity_fields
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")

ROW = r'(<row r="7")[^>]*>'
LOOKS: dict[str, tuple[Edit, ...]] = {
    "as it was": (),
    "another root": ((TABLE, "<worksheet ", '<worksheet xmlns:x14ac="urn:x" '),),
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

DIFFERS: dict[str, Edit] = {
    "a hidden row": (TABLE, ROW, r'\1 hidden="1">'),
    "hidden columns": (PLAIN, '<col min="2" max="4" ', '<col min="2" max="4" hidden="1" '),
    "zeros not shown": (PLAIN, "<sheetView ", '<sheetView showZeros="0" '),
    "no protection": (TABLE, "<sheetProtection[^>]*/>", ""),
    "another validation": (PLAIN, "<formula1>0</formula1>", "<formula1>1</formula1>"),
    "something before the cells": (TABLE, "<sheetData>", "<sheetProtection/><sheetData>"),
    "a sign no document may hold": cell(PLAIN, "B5", "5\x0b"),
    "a bracket no document may hold": cell(CHECKED, "H5", "]]>", "str"),
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
    "a prefix that was not declared": (TABLE, '<row r="7"', '<row r="7" x14ac:dyDescent="0.35"'),
}

AS_ISSUED: dict[str, Edit] = {
    "a label": (STRINGS, "机关名称", "机关的名称"),
    "a note on the check sheet": (STRINGS, "<t>查看</t>", "<t>去看</t>"),
    "a text in the place of another": cell(CHECKED, "C5", "5", "s"),
    "a text in an empty cell of the check sheet": cell(CHECKED, "B1", "5", "s"),
    "a number beside the paragraphs": cell(WORDS, "A5", "7"),
    "a text beside the next heading": cell(WORDS, "B22", "5", "s"),
    "a result that reads like a label": (CHECKED, r'(<c r="H5".*?</f>)<v>[^<]*', r"\1<v>总计"),
    "a result that is no number": (CHECKED, r'(<c r="E5".*?</f>)<v>[^<]*', r"\1<v>一"),
    "a number above a table": (TABLE, r'(<c r="A2" s="\d+") t="str"(>.*?</f>)<v>[^<]*', r"\1\2<v>5"),
    "a number for the result above a table": (PLAIN, r'(<c r="A2" s="\d+") t="str"(>.*?</f>)<v>[^<]*', r"\1\2<v>5"),
}


def label_computed(part: str, at: str, text: str) -> Edit:
    """A label that is the result of a formula, and reads as issued."""
    return part, rf'(<c r="{at}" s="\d+") t="s"><v>\d+</v>', rf'\1 t="str"><f>1</f><v>{text}</v>'


def computed(part: str, at: str, value: str, kind: str = "") -> Edit:
    """A formula where something is typed."""
    return part, rf'<c r="{at}" s="(\d+)".*?(?:/>|</c>)', rf'<c r="{at}" s="\1"{kind}><f>1</f><v>{value}</v></c>'


def another_property(name: str) -> Edit:
    """A custom property more."""
    said = f'<property fmtid="{{0}}" pid="9" name="{name}"><vt:lpwstr>1</vt:lpwstr></property>'
    return PROPERTIES, "</Properties>", f"{said}</Properties>"


TITLE = FORM.tables[0].title
HELP = [field.help for field in list_identity_fields()]
LICENSING = next(table for table in FORM.tables if table.code == "licensing")
ENFORCEMENT = next(table for table in FORM.tables if table.code == "enforcement")

ODD: dict[str, tuple[Edit, ...]] = {
    "none of ours": ((PROPERTIES, "ogi.stamp", "ogi.other"), (BOOK, "ogi.stamp", "other.stamp")),
    "a summary": (another_property("ogi.summary"),),
    "a finding": ((STRINGS, "自然人", "个人"),),
    "a finding about what nobody reads": ((TABLE, "<sheetProtection[^>]*/>", ""),),
    "a label spelled otherwise": ((STRINGS, "自然人", "自然人 "),),
    "a label of the cover spelled otherwise": ((STRINGS, "机关名称", "机关名称："),),
    "a comment before the sheet": ((TABLE, "<worksheet ", "<!-- --><worksheet "),),
    "a comment among the cells": ((TABLE, "<sheetData>", "<sheetData><!-- -->"),),
    "an instruction among the cells": ((TABLE, "<sheetData>", "<sheetData><?x y?>"),),
    "a cell spelled otherwise": ((TABLE, '<c r="B1"', '<c  r="B1"'),),
    "a cell without its name": ((WORDS, "</row></sheetData>", '<c><f>""</f></c></row></sheetData>'),),
    "a cell with more to it": ((WORDS, '<c r="B6"', '<c cm="1" r="B6"'),),
    "a value spelled otherwise": ((WORDS, '<c r="A5" s="28"><v>1</v>', '<c\nr="A5" s="28"><v >1</v>'),),
    "a cell twice": ((PLAIN, '(<c r="B1" s="13"/>)', r"\1\1"),),
    "a row's label that is computed": (label_computed(TABLE, "A3", FORM.tables[4].corner),),
    "a heading that is computed": (label_computed(TABLE, "D4", "自然人"),),
    "a heading of last year that is computed": (label_computed(TABLE, "L4", "自然人"),),
    "a label of the cover that is computed": (label_computed(COVER, "B10", "联系人及电话"),),
    "a heading of the texts that is computed": (label_computed(WORDS, "A4", FORM.texts[0].label),),
    "the label of last year that is computed": (label_computed(PLAIN, "G2", messages.text("top.previous_year")),),
    "a field of the cover that is computed": (computed(COVER, "C10", "", ' t="str"'),),
    "a paragraph that is computed": (computed(WORDS, "B7", "", ' t="str"'),),
    "a figure of last year that is computed": (computed(PLAIN, "F5", "1000"),),
    "a figure that is computed": (computed(PLAIN, "B5", "1"),),
    "a figure that adds others": ((PLAIN, r'(<c r="B5" s="\d+">)<v>\d+', r"\1<f>C5+D5</f><v>11"),),
    "last year that is computed": (computed(PLAIN, "F2", "2021"),),
    "a result that is a truth": ((CHECKED, r'(<c r="H5" s="\d+") t="str"(><f>.*?</f>)<v>[^<]*', r'\1 t="b"\2<v>1'),),
    "a title of a table among the words": ((STRINGS, HELP[0], TITLE),),
    "a row of a table among the words": ((STRINGS, HELP[0], LICENSING.rows[0].label),),
    "a heading of a table among the words": ((STRINGS, HELP[0], ENFORCEMENT.columns[0].label),),
    "two rows of a table among the words": tuple(
        (STRINGS, said, row.label) for said, row in zip(HELP, ENFORCEMENT.rows, strict=False)
    ),
}  # fmt: skip

FIT: dict[str, tuple[Edit, ...]] = {
    "one of two rows of a table among the words": ((STRINGS, HELP[0], ENFORCEMENT.rows[0].label),),
    "other words that nobody reads": ((STRINGS, HELP[0], "请填写全称"),),
    "no results for the checks": ((CHECKED, r'(<c r="H5".*?</f>)<v>[^<]*</v>', r"\1"),),
    "a kind for an empty cell": ((WORDS, '<c r="B6" s="29"/>', '<c r="B6" s="29" t="s"/>'),),
    "a property of some program": (another_property("ICV"),),
    "no custom property": ((PROPERTIES, "<property .*</property>", ""),),
}  # fmt: skip
