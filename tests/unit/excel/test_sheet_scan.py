"""A sheet split without parsing: joined again it is the same to the byte, and texts are what a parser makes of them."""

from __future__ import annotations

import re
from itertools import chain
from xml.parsers import expat

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.samples.filled_workbooks import made
from tests.samples.package_edits import STRINGS, parts_of
from workbook.excel.reading.ooxml_parts import SharedTexts, parse_part
from workbook.excel.reading.sheet_scan import (
    is_well_formed,
    read_text,
    split_shared_texts,
    split_sheet,
)
from workbook.excel.reading.workbook_contents import ReadBudget

MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet ' + MAIN + b">"
signs = st.text(st.characters(codec="utf-8"), max_size=8).map(lambda text: text.encode())
snippets = st.sampled_from(
    [
        b"&amp;",
        b"&#13;",
        b"&#0;",
        b"&#65534;",
        b"&#x20000;",
        b"&x;",
        b"&",
        b"]]>",
        b"_x000D_",
        b"&#95;x0041_",
        b"\r\n",
        b"\xff",
    ]
)
spelled = st.lists(st.one_of(signs, snippets), max_size=5).map(b"".join).map(lambda raw: raw.replace(b"<", b""))


def test_what_is_between_the_cells_and_what_is_in_them_is_the_whole_part(tmp_path):
    for name, part in parts_of(made(tmp_path / "年报.xlsx")).items():
        if "worksheets/sheet" not in name:
            continue
        one = split_sheet(part)
        assert one is not None
        assert one.head + one.body + one.tail == one.part == part
        gaps, stored = one.stored
        assert (
            b"".join(chain(*zip(gaps, [b"<v>%b</v>" % value for value in stored], strict=False), gaps[-1:])) == one.body
        )
        cells = one.cells
        assert len(cells.refs) == part.count(b"<c ")
        assert [value for value in cells.values if value is not None] == stored
        assert len([kind for kind in cells.kinds if kind == b"s"]) == part.count(b' t="s"')
        assert len([formula for formula in cells.formulas if formula]) == len(re.findall(b"<f[ >]", part))


def parsed(raw: bytes) -> str | None:
    """What the full reader makes of a shared text; None where it refuses the part."""
    try:
        return parse_part(b"<sst " + MAIN + b"><si><t>" + raw + b"</t></si></sst>", SharedTexts(ReadBudget())).texts[0]
    except expat.ExpatError:
        return None


@given(raw=spelled)
@example(raw=b"a\xef\xbf\xbe")
@example(raw=b"&#95;x000D_")
@example(raw=b"&#x5F;x000D_")
@example(raw=b"\xed\xa0\x80")
@example(raw="￥5，全角".encode())
def test_a_text_is_sound_where_a_parser_takes_it_and_then_says_the_same(raw):
    text = parsed(raw)
    assert is_well_formed(raw) == (text is not None)
    if is_well_formed(raw):
        assert read_text(raw) in (text, None)
        if raw.isascii() and not set(b"&_\r") & set(raw):
            assert read_text(raw) == text


@given(texts=st.lists(spelled, min_size=1, max_size=4), declared=st.sampled_from([HEAD[:56], b"", HEAD[:19] + b"?>"]))
def test_shared_texts_are_those_a_parser_finds(texts, declared):
    items = b"".join(b'<si><t xml:space="preserve">%b</t></si>' % text for text in texts)
    part = declared + b"<sst " + MAIN + b' count="9" uniqueCount="7">' + items + b"</sst>"
    found = split_shared_texts(part)
    if found is None:
        assert any(parsed(text) is None for text in texts)
    else:
        assert found == texts
        assert parse_part(part, SharedTexts(ReadBudget())).texts == [parsed(text) for text in texts]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"UTF-8", b"ISO-8859-1"),
        (b"UTF-8", b"UTF-16"),
        (b"<?xml", b" <?xml"),
        (b"<?xml", b"\xef\xbb\xbf<?xml"),
        (b"<t>", b"<t> </t><t>"),
        (b"<si>", b"<!-- --><si>"),
        (b"<t>", b"<r><t>"),
        (b"</sst>", b"</sst>\x0b"),
        (b"</sst>", b"</sst><x/>"),
        (b"<sst ", b'<sst count="1" count="1" '),
        (b"<sst ", b'<sst x:y="1" '),
        (b"<t>", b"<t xml:space='preserve'>"),
    ],
    ids=repr,
)
def test_other_spellings_of_shared_texts_are_left_to_a_parser(tmp_path, old, new):
    part = parts_of(made(tmp_path / "年报.xlsx"))[STRINGS]
    assert split_shared_texts(part) is not None
    assert split_shared_texts(part.replace(old, new, 1)) is None
