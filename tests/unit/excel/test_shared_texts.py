"""Shared texts: what the pattern finds is what a parser finds; a text of two meanings is refused."""

from __future__ import annotations

from xml.parsers import expat

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbook.excel.reading.cell_appearance import FontLook, WrittenRun
from workbook.excel.reading.plain_xml import is_well_formed, read_text
from workbook.excel.reading.shared_texts import SharedTexts, read_shared_texts
from workbook.excel.reading.workbook_contents import AmbiguousWorkbook, ReadBudget

MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
signs = st.text(st.characters(codec="utf-8"), max_size=8).map(lambda text: text.encode())
snippets = st.sampled_from(
    [b"&amp;", b"&#13;", b"&#0;", b"&#65534;", b"&#x20000;", b"&x;", b"&", b"]]>", b"_x000D_", b"&#95;x0041_",
     b"\r\n", b"\xff"]
)  # fmt: skip
spelled = st.lists(st.one_of(signs, snippets), max_size=5).map(b"".join).map(lambda raw: raw.replace(b"<", b""))


def read(items: bytes, *, parsed: bool = False) -> SharedTexts:
    """The texts of a part, by the pattern where that is proven; or `parsed`, because of a comment before them."""
    return read_shared_texts(b"<sst %b>%b%b</sst>" % (MAIN, b"<!-- -->" * parsed, items), ReadBudget())


def outcome(items: bytes, *, parsed: bool) -> object:
    try:
        found = read(items, parsed=parsed)
    except (expat.ExpatError, AmbiguousWorkbook, ValueError) as trouble:
        return type(trouble)
    return list(found.texts), dict(found.written)


RUN = '<r><rPr><strike/></rPr><t xml:space="preserve">12</t></r>'
STRUCK = FontLook(frozenset({"struck"}))
ITEMS: dict[str, tuple[list[str], dict[int, tuple[WrittenRun, ...]]]] = {
    "": ([], {}),
    "<si><t>甲</t></si><si><t>乙</t></si>": (["甲", "乙"], {}),
    "<si/><si><t/></si>": (["", ""], {}),
    "<si><r><t>甲</t></r><r><rPr/><t> 乙</t></r></si>": (
        ["甲 乙"], {0: (WrittenRun("甲"), WrittenRun(" 乙", FontLook()))}
    ),
    f"<si>{RUN}<r><t>96</t></r></si>": (["1296"], {0: (WrittenRun("12", STRUCK), WrittenRun("96"))}),
    '<si><t>甲</t><rPh sb="0"><t>jia</t></rPh><phoneticPr fontId="1"/></si><si><t>乙</t></si>': (["甲", "乙"], {}),
    '<si><t>甲</t><phoneticPr fontId="1" type="noConversion"/></si>': (["甲"], {}),
    "<si><t>a_x000D_b</t></si>": (["a\rb"], {}),
    "<si>丙<t>甲</t>丁</si>": (["甲"], {}),
    "\n<si>\n<t>甲</t></si>\n": (["甲"], {}),
}  # fmt: skip


@pytest.mark.parametrize("items", ITEMS)
def test_texts_are_joined_from_their_runs(items):
    assert outcome(items.encode(), parsed=False) == outcome(items.encode(), parsed=True) == ITEMS[items]


TWO_MEANINGS = [
    "<si><t>甲</t><t>二局</t></si>", "<si><t>甲</t><r><t>乙</t></r></si>", "<si><r><t>甲</t></r><t>乙</t></si>",
    "<si><r><t>甲</t><t>乙</t></r></si>", "<si><si><t>甲</t></si></si>", "<si><x:t xmlns:x='urn:x'>乙</x:t></si>",
    "<si><t>甲</t></si><x><si><t>乙</t></si></x>", "<t>甲</t>", "<si><extLst><t>甲</t></extLst></si>",
    "<si><mc:AlternateContent xmlns:mc='urn:mc'><mc:Choice><t>甲</t></mc:Choice></mc:AlternateContent></si>",
]  # fmt: skip


@pytest.mark.parametrize("items", TWO_MEANINGS)
def test_a_text_of_two_meanings_is_refused(items):
    assert outcome(items.encode(), parsed=False) == outcome(items.encode(), parsed=True) == AmbiguousWorkbook


@given(texts=st.lists(spelled, min_size=1, max_size=4), parsed=st.booleans())
@example(texts=[b"a\xef\xbf\xbe"], parsed=False)
@example(texts=[b"&#x5F;x000D_", b"a\r\nb"], parsed=False)
@example(texts=[b"\xed\xa0\x80"], parsed=False)
@example(texts=["￥5，全角".encode()], parsed=False)
def test_a_text_is_well_formed_where_a_parser_takes_it_and_then_says_the_same(texts, parsed):
    items = b"".join(b'<si><t xml:space="preserve">%b</t></si>' % text for text in texts)
    found = outcome(items, parsed=parsed)
    assert found == outcome(items, parsed=not parsed)
    assert all(map(is_well_formed, texts)) == isinstance(found, tuple)
    if isinstance(found, tuple) and not any(b"_" in text for text in texts):
        assert found[0] == [read_text(text) for text in texts]


def test_texts_are_paid_for():
    budget = ReadBudget(cells=100, letters=100)
    for comment in (b"", b"<!-- -->"):
        items = "<si><t>甲乙丙</t></si><si><r><t>丁</t></r><r><t>戊</t></r></si>".encode()
        read_shared_texts(b"<sst %b>%b%b</sst>" % (MAIN, comment, items), budget)
    assert (budget.cells, budget.letters) == (96, 90)
