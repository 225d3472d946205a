"""Workbooks that reach beyond themselves: each is told, none is run or followed, and nothing of it is written again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.samples import agency_files
from tests.samples.package_edits import Parts, changed, packed, parts_of
from workbook.cli import main
from workbook.excel.reading import ooxml_reader, openpyxl_reader
from workbook.excel.reading.external_content import find_formula_references, find_name_cycle
from workbook.excel.reading.quick_reader import QuickReader
from workbook.excel.reading.workbook_reader import read_workbook
from workbook.excel.template.template_writer import write_workbook
from workbook.merging.collection_run import MergeOptions, collect_reports
from workbook.merging.totals import merge_reports
from workbook.model.rule_catalog import format_message
from workbook.summary import summary_output

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET, BOOK = "xl/worksheets/sheet3.xml", "xl/workbook.xml"
"""表三, and the workbook's own part."""
EVIL = "evil.example"
"""Stands in all that must never be met again."""
Change = Callable[[Parts], Parts]


def put(parts: Parts, name: str, *changes: tuple[str, str]) -> Parts:
    """The parts with texts of one replaced, each where it is found first."""
    return changed(parts, *((name, old, new.replace("\\", r"\\")) for old, new in changes))


def related(parts: Parts, name: str, kind: str, target: str, mode: str = "") -> Parts:
    """With one more reference of a part, `evil`; TargetMode where a mode is given."""
    mode = f' TargetMode="{mode}"' if mode else ""
    reference = f'<Relationship Id="evil" Type="{OFFICE}/{kind}" Target="{target}"{mode}/></Relationships>'
    empty = f'<Relationships xmlns="{RELATIONS}"></Relationships>'.encode()
    return put({**parts, name: parts.get(name, empty)}, name, ("</Relationships>", reference))


def figure(formula: str, value: str = "7") -> Change:
    """A formula where an agency types a figure, with a result that was stored."""
    cell = r'<c r="D7"[^>]*?/>|<c r="D7"[^>]*?>.*?</c>'
    return lambda parts: put(parts, SHEET, (cell, f'<c r="D7"><f>{formula}</f><v>{value}</v></c>'))


def external(inside: str, target: str = "") -> Change:
    """A link part of the workbook."""

    def changed(parts: Parts) -> Parts:
        parts = related(parts, "xl/_rels/workbook.xml.rels", "externalLink", "externalLinks/externalLink1.xml")
        reference = '<externalReferences><externalReference r:id="evil"/></externalReferences><definedNames>'
        parts = put(parts, BOOK, ("<definedNames>", reference))
        part = f'<externalLink xmlns="{MAIN}" xmlns:r="{OFFICE}">{inside}</externalLink>'
        parts = {**parts, "xl/externalLinks/externalLink1.xml": part.encode()}
        rels = "xl/externalLinks/_rels/externalLink1.xml.rels"
        return related(parts, rels, "externalLinkPath", target, "External") if target else parts

    return changed


def outside(kind: str, target: str, inside: str = "") -> Change:
    """Something that 表三 takes from outside; what of it stands in the sheet."""
    rels = "xl/worksheets/_rels/sheet3.xml.rels"
    return lambda parts: put(
        related(parts, rels, kind, target, "External"), SHEET, ("<printOptions", f"{inside}<printOptions")
    )


def link(target: str) -> Change:
    return outside("hyperlink", target, '<hyperlinks><hyperlink ref="A1" r:id="evil"/></hyperlinks>')


def named(**names: str) -> Change:
    added = "".join(f'<definedName name="{name}">{text}</definedName>' for name, text in names.items())
    return lambda parts: put(parts, BOOK, ("</definedNames>", f"{added}</definedNames>"))


def part(name: str) -> Change:
    return lambda parts: {**parts, name: b"<x/>"}


WORKBOOKS: dict[str, tuple[Change, str, str]] = {
    "dde": (external(f'<ddeLink ddeService="cmd" ddeTopic="/c {EVIL}"/>'), "structure-active", "DDE"),
    "ole": (external(f'<oleLink progId="{EVIL}"/>'), "structure-active", "OLE"),
    "other workbook": (external('<externalBook r:id="evil"/>', f"file:///{EVIL}.xlsx"), "structure-link", EVIL),
    "dde in a figure": (figure(f"cmd|'/c {EVIL}'!A1"), "structure-active", "D7=cmd|"),
    "dde, quoted": (figure(f"'cmd'|'/c {EVIL}'!'A1'"), "structure-active", "D7="),
    "web in a figure": (figure(f'WEBSERVICE("http://{EVIL}")'), "structure-active", "WEBSERVICE"),
    "spelt as files do": (figure(f'_xlfn.WEBSERVICE("http://{EVIL}")'), "structure-active", "WEBSERVICE"),
    "macro function": (figure(f'EXEC("{EVIL}")'), "structure-active", "EXEC"),
    "library": (figure(f'CALL("{EVIL}","x","J")'), "structure-active", "CALL"),
    "other workbook in a figure": (figure("[1]Sheet1!A1"), "structure-link", "[1]Sheet1"),
    "path in a figure": (figure(f"'\\\\{EVIL}\\[x.xlsx]S'!A1"), "structure-link", "x.xlsx"),
    "link in a figure": (figure(f'HYPERLINK("file:///{EVIL}",7)'), "structure-link", "HYPERLINK"),
    "dde in a name": (named(x=f"cmd|'/c {EVIL}'!A1"), "structure-active", "x=cmd|"),
    "link to a file": (link(f"file:///c:/{EVIL}.exe"), "structure-link", ".exe"),
    "link to a share": (link(f"\\\\{EVIL}\\x"), "structure-link", EVIL),
    "script": (link(f"javascript:{EVIL}"), "structure-link", "javascript"),
    "picture from the net": (outside("image", f"http://{EVIL}/x.png"), "structure-active", "x.png"),
    "vba": (part("xl/vbaProject.bin"), "structure-macros", "vba"),
    "macro sheet": (part("xl/macrosheets/sheet1.xml"), "structure-active", "Excel 4.0"),
    "object": (part("xl/embeddings/oleObject1.bin"), "structure-active", "oleobject1"),
    "control": (part("xl/activeX/activeX1.bin"), "structure-active", "activex1"),
    "connection": (part("xl/connections.xml"), "structure-active", "connections"),
    "names in a circle": (named(A甲="B乙", B乙="C丙+1", C丙="A甲"), "structure-circle", "A甲 → B乙 → C丙 → A甲"),
    "a name of itself": (named(甲="甲+1"), "structure-circle", "甲 → 甲"),
    "a sum of itself": (figure("SUM(D7,E7)"), "", ""),
}
"""How each is made, the rule it breaks, and what is told of it."""


MERGED = ("dde", "other workbook", "dde in a figure", "link to a share", "vba", "macro sheet", "names in a circle")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    path = tmp_path_factory.mktemp("正常") / "x.xlsx"
    write_workbook(path, agency_files.report(1))
    return parts_of(path)


def test_a_sound_workbook_reaches_nowhere(sound: Parts, tmp_path: Path) -> None:
    assert read_workbook(packed(tmp_path / "x.xlsx", sound)).findings == ()


@pytest.mark.parametrize("name", WORKBOOKS)
def test_it_is_told(name: str, sound: Parts, tmp_path: Path) -> None:
    change, rule, quoted = WORKBOOKS[name]
    path = packed(tmp_path / "x.xlsx", change(sound))
    first, second = ooxml_reader.read_ooxml(path), openpyxl_reader.read_with_openpyxl(path)
    assert replace(second, reader="package") == first, "both readers see the same"
    found = [format_message(one) for one in read_workbook(path).findings if one.rule == rule]
    assert not rule or any(quoted in text for text in found), found


def test_what_was_learnt_hides_nothing(sound: Parts, tmp_path: Path) -> None:
    """The reader that knows this make of workbook leaves each of them to the full one."""
    reader = QuickReader()
    reader.read(packed(tmp_path / "x.xlsx", sound))
    assert reader.read(packed(tmp_path / "y.xlsx", sound)).reader == "alike"
    for n, (change, rule, _) in enumerate(WORKBOOKS.values()):
        given = reader.read(packed(tmp_path / f"{n}.xlsx", change(sound)))
        assert not rule or rule in {one.rule for one in given.findings}


@pytest.mark.parametrize(
    ("formulas", "circle"),
    [
        ({"D27": "SUM(D27,D26)"}, "表三!D27 → 表三!D27"),
        ({"D27": "SUM(E27,D26)", "E27": "SUM(D27,E26)"}, "表三!D27 → 表三!E27 → 表三!D27"),
    ],
)
def test_a_sum_that_adds_itself_ends(formulas: dict[str, str], circle: str, sound: Parts, tmp_path: Path) -> None:
    for cell, formula in formulas.items():
        sound = put(sound, SHEET, (rf'<c r="{cell}"[^>]*>.*?</c>', f'<c r="{cell}"><f>{formula}</f></c>'))
    found = read_workbook(packed(tmp_path / "x.xlsx", sound)).findings
    assert any(one.rule == "structure-circle" and circle in format_message(one) for one in found)


def test_names_of_thousands_end() -> None:
    chain = {f"n{n}": f"n{n + 1}+n{n + 2}" for n in range(20_000)}
    assert find_name_cycle(chain) == ()
    assert find_name_cycle({**chain, "n20000": "n0"})[-1] == "n0"


@pytest.mark.parametrize(
    "formula",
    [
        "SUM(D6:D9)", 'IF(COUNT(D6,E7)=0,"",SUM(D6,E7))', "表1[列]", "SUM('表 三'!A1)", 'HYPERLINK("#表三!A1","x")',
        '"cmd|x!a"&A1', "A1+CALLS", 'SUBSTITUTE(A1,"|","!")', "",
    ],
)  # fmt: skip
def test_what_stays_inside_is_not_told(formula: str) -> None:
    assert find_formula_references(formula) == ""


def test_the_rest_of_a_merge_is_unharmed(tmp_path: Path) -> None:
    folder = tmp_path / "报送"
    folder.mkdir()
    some = [WORKBOOKS[name] for name in MERGED]
    for n, (change, _, _) in enumerate(some, 10):
        write_workbook(tmp_path / "x.xlsx", agency_files.report(n))
        packed(folder / f"{n}.xlsx", change(parts_of(tmp_path / "x.xlsx")))
    for n in (1, 2):
        write_workbook(folder / f"好{n}.xlsx", agency_files.report(n))
    with collect_reports([folder], MergeOptions()) as collection:
        merged = merge_reports(collection)
        fates = {one.place: one.status.value for one in collection.entries}
        assert fates["好1.xlsx"] == fates["好2.xlsx"] == "merged"
        assert set(fates.values()) <= {"merged", "held", "warnings"}
        for n, (_, rule, _) in enumerate(some, 10):
            assert rule != "structure-active" or fates[f"{n}.xlsx"] == "held"
        for suffix in (".xlsx", ".csv", ".html"):
            list(summary_output.write_summary(tmp_path / f"汇总{suffix}", merged))
    parts = parts_of(tmp_path / "汇总.xlsx")
    assert not [name for name in parts if re.search("external|vba|macro", name, re.IGNORECASE)]
    for name, data in parts.items():
        assert not re.findall(rb"<f>[^<]*(?:cmd|WEBSERVICE|EXEC|CALL|HYPERLINK|\[1\])", data), name
        assert EVIL.encode() not in b"".join(re.findall(rb'Target="[^"]*"', data)), name
    assert f'href="{EVIL}' not in (tmp_path / "汇总.html").read_text("utf-8")


@pytest.mark.parametrize("name", ["dde", "dde in a figure", "link to a share", "macro sheet", "picture from the net"])
def test_nothing_of_it_is_copied(name: str, sound: Parts, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = packed(tmp_path / "x.xlsx", WORKBOOKS[name][0](sound))
    assert main(["repair", str(path), "-o", str(tmp_path / "y.xlsx")]) == 0
    main(["export", str(path), "-o", str(tmp_path / "y.json")])
    assert "本程序没有运行" in capsys.readouterr().out or name == "link to a share"
    written = {**parts_of(tmp_path / "y.xlsx"), "json": (tmp_path / "y.json").read_bytes()}
    assert not [part for part, data in written.items() if EVIL.encode() in data]
    assert read_workbook(tmp_path / "y.xlsx").findings == ()
