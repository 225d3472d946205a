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
from workbook.excel.reading.read_budget import ReadBudget
from workbook.excel.reading.sheet_scan import (
    is_well_formed,
    plain_head,
    read_text,
    same_gaps,
    split_shared_texts,
    split_sheet,
)

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


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (b'<row r="1" ht="15">', b'<row r="1" ht="40" customHeight="1">', True),
        (b'<row r="1" spans="1:4">', b'<row r="1">', True),
        (b'<row r="1">', b'<row r="2">', False),
        (b'<row r="1">', b'<row r="1" hidden="1">', False),
        (b'<row r="1">', b'<row r="1" ht="1" ht="2">', False),
        (b'<row r="1">', b'<row r="1" x14ac:dyDescent="0.2">', False),
        (b'<row r="1">', b'<row r="1"/>', False),
        (b'<row r="1">', b'<row r="1"><x/>', False),
    ],
    ids=repr,
)
def test_only_how_tall_rows_are_may_differ(before, after, same):
    assert same_gaps([after, b"</row>"], [before, b"</row>"], x14ac=False) is same
    assert not same_gaps([before], [before, b"</row>"], x14ac=False)


def test_a_prefix_may_be_used_where_it_is_declared():
    one, other = [b'<row r="1" x14ac:dyDescent="0.2">'], [b'<row r="1" x14ac:dyDescent="0.3">']
    assert same_gaps(one, other, x14ac=True)
    assert not same_gaps(one, other, x14ac=False)


@pytest.mark.parametrize(
    ("looks", "root"),
    [
        (b'<dimension ref="A1:P96"/><cols><col min="1" max="1" width="5"/></cols>', HEAD[56:]),
        (b'<sheetViews><sheetView workbookViewId="0"/></sheetViews>', HEAD[56:]),
        (b"<sheetProtection/>", None),
        (b"<row/>", None),
        (b"<cols>", None),
        (b"<dimension/><!-- ", None),
    ],
    ids=repr,
)
def test_what_stands_before_the_cells_must_say_no_more_than_how_a_sheet_looks(looks, root):
    assert plain_head(HEAD + looks + b"<sheetData>") == root


@pytest.mark.parametrize("part", [b"", b"<worksheet/>", b"<sheetData/>", b"</sheetData><sheetData>"], ids=repr)
def test_a_part_without_cells_is_not_split(part):
    assert split_sheet(part) is None


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"&amp;&lt;&gt;&quot;&apos;", "&<>\"'"),
        (b"&#65;&#x42;&#x6d4B;", "AB测"),
        (b"a_b", "a_b"),
        (b"a\nb\tc", "a\nb\tc"),
        ("总体“情况”".encode(), "总体“情况”"),
        (b"a\rb", None),
        (b"_x0041_", None),
        (b"&#95;x0041_", None),
    ],
    ids=repr,
)
def test_what_a_text_says_is_read_off_or_left_to_a_parser(raw, text):
    assert read_text(raw) == text


SIGNS = {
    9: True, 10: True, 13: True, 0: False, 8: False, 11: False, 12: False, 14: False, 31: False, 32: True,
    0xD7FF: True, 0xD800: False, 0xDFFF: False, 0xE000: True, 0xFFFD: True, 0xFFFE: False, 0xFFFF: False,
    0x10000: True, 0x10FFFF: True, 0x110000: False,
}  # fmt: skip
"""Which signs a document may hold."""


@pytest.mark.parametrize("number", SIGNS)
def test_a_sign_by_its_number_is_sound_where_a_document_may_hold_it(number):
    for entity in (b"&#%d;" % number, b"&#x%X;" % number):
        assert is_well_formed(b"a%bb" % entity) is SIGNS[number]
        if SIGNS[number] and number != 13:
            assert read_text(b"a%bb" % entity) == f"a{chr(number)}b"


@pytest.mark.parametrize(
    ("raw", "fit"),
    [
        (b"", True),
        (b"a\t\n\rb", True),
        (b"a]]b>c", True),
        ("�😀".encode(), True),
        (b"a&amp;b&lt;c", True),
        *((b"a%bb" % bytes([n]), False) for n in range(32) if n not in (9, 10, 13)),
        (b"a<b", False),
        (b"a]]>b", False),
        (b"a\xef\xbf\xbeb", False),
        (b"a\xef\xbf\xbfb", False),
        (b"a&b", False),
        (b"&amp;&", False),
        (b"&nbsp;", False),
        (b"\xff", False),
        (b"\xed\xa0\x80", False),
    ],
    ids=repr,
)
def test_a_text_no_document_may_hold_is_not_sound(raw, fit):
    assert is_well_formed(raw) is fit


def shared(*items: bytes, head: bytes = b"", tail: bytes = b"</sst>") -> bytes:
    return (head or HEAD[:56] + b"<sst " + MAIN + b' count="3" uniqueCount="2">') + b"".join(items) + tail


SPELLED = {
    "one": (shared(b"<si><t>a&amp;b</t></si>"), [b"a&amp;b"]),
    "two, one spaced": (shared(b"<si><t>a</t></si>", b'<si><t xml:space="preserve"> b</t></si>'), [b"a", b" b"]),
    "with how it is spoken": (shared(b'<si><t>a</t><phoneticPr fontId="1" type="noConversion"/></si>'), [b"a"]),
    "none": (shared(), None),
    "an empty one": (shared(b"<si><t></t></si>"), [b""]),
    "not declared": (shared(b"<si><t>a</t></si>", head=b"<sst " + MAIN + b">"), [b"a"]),
    "a line below": (shared(b"<si><t>a</t></si>", tail=b"\n</sst>\r\n\t "), [b"a"]),
    "something between": (shared(b"<si><t>a</t></si>", b" ", b"<si><t>b</t></si>"), None),
    "something between the first": (shared(b"<si><t>a</t></si>", b"<x/>", *[b"<si><t>b</t></si>"] * 3), None),
    "something before": (shared(b"<x/>", b"<si><t>b</t></si>"), None),
    "something behind": (shared(b"<si><t>b</t></si>", tail=b"</sst><x/>"), None),
    "something before the end": (shared(b"<si><t>b</t></si>", b"<x/>"), None),
    "one that is not sound": (shared(b"<si><t>a</t></si>", b"<si><t>&x;</t></si>"), None),
    "one that no bracket may end": (shared(b"<si><t>]]</t></si>", b"<si><t>></t></si>"), [b"]]", b">"]),
    "of another root": (shared(b"<si><t>a</t></si>", head=b"<sst>"), None),
}


@pytest.mark.parametrize("name", SPELLED)
def test_shared_texts_are_taken_where_all_are_plain(name):
    part, texts = SPELLED[name]
    assert split_shared_texts(part) == texts


@pytest.mark.parametrize(
    ("part", "pieces"),
    [
        (b"<a><sheetData></sheetData></a>", (b"<a><sheetData>", b"", b"</sheetData></a>")),
        (b"<sheetData><c/></sheetData>", (b"<sheetData>", b"<c/>", b"</sheetData>")),
        (b"<sheetData>x<sheetData>y</sheetData>z</sheetData>t",
         (b"<sheetData>", b"x<sheetData>y</sheetData>z", b"</sheetData>t")),
    ],
    ids=repr,
)  # fmt: skip
def test_a_part_is_cut_around_all_of_its_cells(part, pieces):
    one = split_sheet(part)
    assert one is not None
    assert (one.part, one.head, one.body, one.tail) == (part, *pieces)


ROW = b'<row r="7" spans="1:3" ht="15.5">'


@pytest.mark.parametrize(
    ("gap", "same"),
    [
        (b'</row><row r="7">', True),
        (b'</row><row r="7" ht="40" customHeight="1" thickBot="true" s="3" customFormat="1">', True),
        (b'</row><row r="7" x14ac:dyDescent="0.25">', True),
        (b'</row><row r="7" ht="1" x14ac:dyDescent="0.25" ht="2">', False),
        (b'</row><row r="8" ht="40">', False),
        (b'<row r="7" ht="40">', False),
        (b'</row><row r="7" ht="x">', False),
        (b'</row><row r="7" collapsed="1">', False),
    ],
    ids=repr,
)
def test_rows_of_another_file_are_the_same_but_for_their_height(gap, same):
    """The file met later may have the prefix that the first does not declare."""
    for gaps in ([b"", b"</row>" + ROW], [b"</row>" + ROW, b"", b"</row>" + ROW]):
        others = [*gaps[:-1], gap]
        assert same_gaps(others, gaps, x14ac=True) is same
    assert not same_gaps([b"", b"</row>" + ROW], [b"</row>" + ROW], x14ac=True)


def test_rows_that_are_spelled_alike_are_the_same_whatever_they_say():
    odd = [b'<row r="1" ht="1" ht="2">', b"<x/>"]
    assert same_gaps(odd, list(odd), x14ac=False)
    assert not same_gaps(odd, [b'<row r="1" ht="3" ht="4">', b"<x/>"], x14ac=False)


def test_every_row_between_cells_is_compared():
    one = [b'<row r="1"><row r="2" ht="3">', b'<row r="3" ht="4"></row><row r="4">']
    assert same_gaps(one, [b'<row r="1"><row r="2">', b'<row r="3"></row><row r="4" ht="5">'], x14ac=False)
    assert not same_gaps(one, [b'<row r="1"><row r="2">', b'<row r="3"></row><row r="5">'], x14ac=False)
    assert not same_gaps(one, [b'<row r="1"><row r="6">', b'<row r="3"></row><row r="4">'], x14ac=False)


def test_the_opening_tag_of_a_sheet_says_what_it_declares():
    for root in (b"<worksheet " + MAIN + b">", b"<worksheet " + MAIN + b' xmlns:x14ac="urn:x">'):
        assert plain_head(root + b'<dimension ref="A1"/><sheetData>') == root
        assert plain_head(HEAD[:56] + root + b"<sheetData>") == root
    assert plain_head(b"<!-- --><worksheet " + MAIN + b"><sheetData>") is None
    assert plain_head(b"<worksheet " + MAIN.replace(b'"', b"'") + b"><sheetData>") is None
    assert plain_head(b"<chartsheet " + MAIN + b"><sheetData>") is None


LOOKS = {
    "a colour": b'<sheetPr><tabColor rgb="FF0000"/><outlinePr/><pageSetUpPr fitToPage="1"/></sheetPr>',
    "panes": b'<sheetViews><sheetView><pane ySplit="2"/><selection sqref="A1"/></sheetView></sheetViews>',
    "sizes": b'<sheetFormatPr defaultRowHeight="15"/><cols><col min="1" max="1"/></cols>',
}


@pytest.mark.parametrize("name", LOOKS)
def test_how_a_sheet_looks_may_stand_before_its_cells(name):
    assert plain_head(HEAD + LOOKS[name] + b"<sheetData>") == HEAD[56:]
