"""Files made to harm whoever opens them, and what reading each costs.

    python -m benchmarks.hostile

Each file is a good report but for one attack. It is read and checked as `ogi check` does, in a process of its own,
under the limits in force; printed are the verdict, the seconds, and the most memory that the process held.
"""

from __future__ import annotations

import io
import json
import re
import resource
import struct
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from workbook.excel.template.template_writer import write_workbook
from workbook.exchange.report_json import dump_report_text, load_report
from workbook.model.report import Report

ROOT = Path(__file__).parents[1]
SHEET = "xl/worksheets/sheet3.xml"


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack: its name, the ending of its file, what makes it, and the verdicts that may be given."""

    name: str
    suffix: str
    made: Callable[[Size], bytes]
    verdicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Size:
    """How large attacks are: `mib` what must not be inflated, `many` what there must not be so many of."""

    mib: int = 300
    many: int = 3_000_000

    @property
    def zeros(self) -> bytes:
        """So many bytes of nothing, as XML may hold them."""
        return b" " * (self.mib << 20)


def good() -> Report:
    """A published report without fault."""
    return load_report(ROOT / "examples" / "洛龙区统计局-2020.json").report


@cache
def parts() -> Mapping[str, bytes]:
    """The good report's workbook, part by part."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "年报.xlsx")
        write_workbook(path, good())
        with zipfile.ZipFile(path) as archive:
            return MappingProxyType({name: archive.read(name) for name in archive.namelist()})


def zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def altered(part: str, pattern: bytes, to: bytes) -> bytes:
    """The good workbook with one part changed, where the pattern stands first."""
    some = parts()
    changed, count = re.subn(pattern, lambda _: to, some[part], count=1, flags=re.DOTALL)
    if not count:
        raise ValueError(f"{pattern!r} is not in {part}")
    return zipped({**some, part: changed})


def rows(more: bytes) -> bytes:
    """The good workbook with more behind the rows of a sheet."""
    return altered(SHEET, rb"</sheetData>", more + b"</sheetData>")


def after_rows(more: bytes) -> bytes:
    return altered(SHEET, rb"</sheetData>", b"</sheetData>" + more)


# packages -------------------------------------------------------------------------------------------------------------


def lying(size: Size) -> bytes:
    """A sheet that inflates to far more than its entry says."""
    some = parts()
    large = some[SHEET].replace(b"</sheetData>", size.zeros + b"</sheetData>")
    raw = zipped({**some, SHEET: large})
    claimed = struct.pack("<I", len(large))
    return raw.replace(claimed, struct.pack("<I", 5_000))


def overlapping(_: Size) -> bytes:
    """Two parts whose bytes are the same."""
    raw = bytearray(zipped({**parts(), "xl/again.xml": b"<a/>"}))
    entries = [hit.start() for hit in re.finditer(b"PK\1\2", raw)]
    raw[entries[-1] + 42 : entries[-1] + 46] = raw[entries[0] + 42 : entries[0] + 46]
    return bytes(raw)


def within_itself(_: Size) -> bytes:
    """Archives within archives, deeper than anyone packs."""
    raw = zipped({"年报.xlsx": zipped(parts())})
    for _depth in range(12):
        raw = zipped({"内.zip": raw})
    return raw


# XML ------------------------------------------------------------------------------------------------------------------

LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
BILLION = b'<!DOCTYPE x [<!ENTITY l0 "ha">' + LAUGHS + b"]>"
OUTSIDE = b'<!DOCTYPE x [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>'
WIDE = b'<!DOCTYPE x [<!ENTITY l9 "' + b"x" * 100_000 + b'">]>'


def entities(part: str, doctype: bytes, inside: bytes) -> Callable[[Size], bytes]:
    """The document type in that part, its entity used where `inside` stands first."""

    def made(_: Size) -> bytes:
        some = parts()
        head, mark, rest = some[part].partition(b"?>")
        changed = head + mark + doctype + re.sub(inside, lambda hit: hit[0] + b"&l9;", rest, count=1)
        return zipped({**some, part: changed})

    return made


# documents ------------------------------------------------------------------------------------------------------------


def pdf(stream: bytes, pages: int = 1) -> bytes:
    """A PDF of so many pages, all drawn by one packed stream."""
    import zlib

    packed = zlib.compress(stream, 9)
    kids = b" ".join(b"4 0 R" for _ in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids),
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R/Resources<<>>>>",
    ]
    out, places = b"%PDF-1.4\n", []
    for n, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, one)
    table = b"".join(b"%010d 00000 n \n" % at for at in places)
    return out + b"xref\n0 5\n0000000000 65535 f \n%strailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(out),
    )


def docx(body: bytes, doctype: bytes = b"") -> bytes:
    """A Word file of that body."""
    word = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    office = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    links = b"http://schemas.openxmlformats.org/package/2006/relationships"
    types = b"http://schemas.openxmlformats.org/package/2006/content-types"
    main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return zipped(
        {
            "[Content_Types].xml": b'<Types xmlns="%s"><Default Extension="xml" ContentType="application/xml"/>'
            b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            b'<Override PartName="/word/document.xml" ContentType="%s"/></Types>' % (types, main),
            "_rels/.rels": b'<Relationships xmlns="%s"><Relationship Id="r" Type="%s" Target="word/document.xml"/>'
            b"</Relationships>" % (links, office),
            "word/document.xml": doctype + b'<w:document xmlns:w="%s"><w:body>%s</w:body></w:document>' % (word, body),
        }
    )


def text_of(letters: str) -> bytes:
    """The good report as JSON with such an overview."""
    report = good()
    return dump_report_text(replace(report, texts={**report.texts, "overview": letters})).encode()


def keyed(size: Size) -> bytes:
    """A JSON object of many keys, one of which stands twice."""
    many = size.many // 10
    body = ",".join(f'"k{n}":1' for n in range(many))
    return b'{"format":1,"tables":{},"k0":2,' + body.encode() + b"}"


# ruff: noqa: ARG005, E501 -- a table of attacks, one beside the other

LARGE, DAMAGED, READ, AMBIGUOUS = ("large",), ("damaged",), ("read",), ("ambiguous",)
ATTACKS = (
    Attack("a sheet that inflates to 300 MiB", ".xlsx", lambda s: rows(s.zeros), LARGE),
    Attack("the same, its size denied", ".xlsx", lying, (*DAMAGED, *LARGE)),
    Attack("parts that share bytes", ".xlsx", overlapping, ("forged",)),
    Attack("archives within archives, 12 deep", ".xlsx", within_itself, ("archive",)),
    Attack(
        "20,000 parts", ".xlsx", lambda s: zipped({**parts(), **{f"x/{n}": b"" for n in range(s.many // 150)}}), LARGE
    ),
    Attack("a part named twice", ".xlsx", lambda s: zipped({**parts(), "XL/workbook.xml": b"<a/>"}), AMBIGUOUS),
    Attack(
        "parts named ../../x and /x", ".xlsx", lambda s: zipped({**parts(), "../../x.xml": b"", "/x.xml": b""}), READ
    ),
    Attack(
        "a sheet that is ../../../etc/passwd",
        ".xlsx",
        lambda s: altered("xl/_rels/workbook.xml.rels", rb"worksheets/sheet3.xml", b"../../../../etc/passwd"),
        DAMAGED,
    ),
    Attack("entities, a billion, in a sheet", ".xlsx", entities(SHEET, BILLION, rb"<v>"), DAMAGED),
    Attack(
        "entities, a billion, among the shared texts",
        ".xlsx",
        entities("xl/sharedStrings.xml", BILLION, rb"<t[^>]*>"),
        DAMAGED,
    ),
    Attack(
        "entities, a billion, in the list of contents",
        ".xlsx",
        entities("[Content_Types].xml", BILLION, rb"(?=<Override)"),
        READ,
    ),
    Attack(
        "entities, a wide one, in the workbook",
        ".xlsx",
        entities("xl/workbook.xml", WIDE, rb"<definedName [^>]*>"),
        DAMAGED,
    ),
    Attack("an entity outside: /etc/passwd", ".xlsx", entities("xl/sharedStrings.xml", OUTSIDE, rb"<t[^>]*>"), DAMAGED),
    Attack(
        "3 million shared texts",
        ".xlsx",
        lambda s: altered("xl/sharedStrings.xml", rb"</sst>", b"<si/>" * s.many + b"</sst>"),
        LARGE,
    ),
    Attack(
        "one long shared text in 20,000 cells",
        ".xlsx",
        lambda s: zipped({**parts(), **long_text(s.many // 150)}),
        LARGE,
    ),
    Attack(
        "a text of 10 MB in a cell",
        ".xlsx",
        lambda s: rows(
            b'<row r="9000"><c r="A9000" t="inlineStr"><is><t>' + b"x" * (s.mib << 15) + b"</t></is></c></row>"
        ),
        LARGE,
    ),
    Attack(
        "a row beyond 16 million",
        ".xlsx",
        lambda s: rows(b'<row r="16777216"><c r="A16777216"><v>1</v></c></row>'),
        (*READ, *DAMAGED),
    ),
    Attack("3 million rows", ".xlsx", lambda s: rows(b"<row/>" * s.many), LARGE),
    Attack("3 million cells", ".xlsx", lambda s: rows(b"<row>" + b"<c><v>1</v></c>" * s.many + b"</row>"), LARGE),
    Attack(
        "elements nested a million deep",
        ".xlsx",
        lambda s: after_rows(b"<x>" * (s.many // 3) + b"</x>" * (s.many // 3)),
        (*LARGE, *DAMAGED, *READ),
    ),
    Attack(
        "an element of 300,000 attributes",
        ".xlsx",
        lambda s: after_rows(b"<x" + b"".join(b' a%d="1"' % n for n in range(s.many // 10)) + b"/>"),
        (*LARGE, *DAMAGED, *READ),
    ),
    Attack(
        "3 million merged cells",
        ".xlsx",
        lambda s: after_rows(b"<mergeCells>" + b'<mergeCell ref="A1:B2"/>' * (s.many // 2) + b"</mergeCells>"),
        LARGE,
    ),
    Attack(
        "everything merged into one cell",
        ".xlsx",
        lambda s: after_rows(b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
        AMBIGUOUS,
    ),
    Attack(
        "a validation of 3 million areas",
        ".xlsx",
        lambda s: after_rows(b'<dataValidations><dataValidation sqref="' + b"A1 " * s.many + b'"/></dataValidations>'),
        LARGE,
    ),
    Attack(
        "3 million names",
        ".xlsx",
        lambda s: altered(
            "xl/workbook.xml",
            rb"<definedNames>",
            b"<definedNames>" + b"".join(b'<definedName name="n%d">1</definedName>' % n for n in range(s.many // 3)),
        ),
        LARGE,
    ),
    Attack(
        "a formula of 8,000 signs shared by 50,000 cells",
        ".xlsx",
        lambda s: rows(shared_formula(s.many // 60)),
        LARGE,
    ),
    Attack(
        "20,000 texts of a thousand numbers", ".json", lambda s: text_of("共收到申请" + "1，" * (s.many // 10)), READ
    ),
    Attack("an overview of 1 million digits", ".json", lambda s: text_of("9" * (s.many // 3)), READ),
    Attack("JSON nested a million deep", ".json", lambda s: b"[" * s.many, ("json",)),
    Attack("JSON of 300,000 keys, one twice", ".json", keyed, ("json", "large", "read")),
    Attack("JSON of 300 MiB", ".json", lambda s: s.zeros, LARGE),
    Attack(
        "a number of a million digits",
        ".json",
        lambda s: b'{"format":1,"form":"annual-2021","tables":{"requests":{"new":{"person":' + b"9" * s.many + b"}}}}",
        ("json",),
    ),
)
"""Every attack on what `ogi check` and `ogi merge` read."""

DOCUMENTS = (
    Attack("a Word file that inflates to 300 MiB", ".docx", lambda s: docx(b"<w:p/>" + s.zeros), LARGE),
    Attack("a Word file with entities", ".docx",
           lambda s: docx(b"<w:p><w:r><w:t>&l9;</w:t></w:r></w:p>", doctype=BILLION), (*DAMAGED, *LARGE, "foreign")),
    Attack("a Word file with an entity outside", ".docx",
           lambda s: docx(b"<w:p><w:r><w:t>&l9;</w:t></w:r></w:p>", doctype=OUTSIDE), (*DAMAGED, "foreign")),
    Attack("Word tables within tables, 300 deep", ".docx",
           lambda s: docx(b"<w:tbl><w:tr><w:tc>" * 300 + b"</w:tc></w:tr></w:tbl>" * 300), (*LARGE, *DAMAGED, "foreign")),
    Attack("a web page nested a million deep", ".html", lambda s: b"<html><body>" + b"<div>" * (s.many // 3), (*LARGE, "foreign")),
    Attack("a cell that spans a million", ".html",
           lambda s: b"<html><table>" + b'<tr><td rowspan="999999" colspan="1000">1</td></tr>' * 10_000, (*LARGE, "foreign")),
    Attack("a tag of 300,000 attributes", ".html",
           lambda s: b"<html><body><p" + b"".join(b" a%d=1" % n for n in range(s.many // 10)) + b">", LARGE),
    Attack("the same behind quotes, with > in them", ".html",
           lambda s: b"<html><body><p" + b"".join(b" a%d='>\"'" % n for n in range(s.many // 10)) + b">", LARGE),
    Attack("the same behind what looks like a script", ".html",
           lambda s: b"<html><body><!--<script>--><p" + b"".join(b" a%d" % n for n in range(s.many // 5)) + b"></script>", LARGE),
    Attack("a web page of 3 million paragraphs", ".html", lambda s: b"<html><body>" + b"<p>1" * s.many, LARGE),
    Attack("a web page of 3 million elements", ".html", lambda s: b"<html><body>" + b"<b>1</b>" * (s.many * 4), LARGE),
    Attack("a style sheet of 300,000 rules", ".html",
           lambda s: b"<html><style>" + b"".join(b".a%d{display:none}" % n for n in range(s.many // 10)) + b"</style>", LARGE),
    Attack("a style sheet nested a million deep", ".html", lambda s: b"<html><style>" + b"a{" * (s.many // 3), LARGE),
    Attack("a Word file of 3 million paragraphs", ".docx", lambda s: docx(b"<w:p/>" * s.many), LARGE),
    Attack("a Word file of 3 million elements", ".docx", lambda s: docx(b"<w:p>" + b"<w:r/>" * (s.many * 4) + b"</w:p>"), LARGE),
    Attack("a text of 3 million lines", ".txt", lambda s: "第一行\n".encode() * s.many, LARGE),
    Attack("digits that can be cut in 2^59 ways", ".txt", lambda s: ("1" * 59 + "x\t").encode() * 9, ("foreign",)),
    Attack("a PDF page that inflates to 300 MiB", ".pdf", lambda s: pdf(s.zeros), LARGE),
    Attack("a PDF of 30,000 pages", ".pdf", lambda s: pdf(b"", s.many // 100), ("no-text", *LARGE)),
    Attack("a PDF page drawn a million times", ".pdf", lambda s: pdf(b"0 0 m 9 9 l S\n" * (s.many // 10)), (*LARGE, "no-text", "slow")),
)  # fmt: skip
"""Every attack on what `ogi import` reads besides."""


def long_text(cells: int) -> Mapping[str, bytes]:
    """A shared text as long as a cell can hold, shown by many cells."""
    some = parts()
    shared = some["xl/sharedStrings.xml"]
    index = shared.count(b"<si>")
    text = b"<si><t>" + b"x" * 32_767 + b"</t></si></sst>"
    filled = b"".join(b'<row><c t="s"><v>%d</v></c></row>' % index for _ in range(cells))
    return {
        "xl/sharedStrings.xml": shared.replace(b"</sst>", text),
        SHEET: some[SHEET].replace(b"</sheetData>", filled + b"</sheetData>"),
    }


def shared_formula(cells: int) -> bytes:
    first = b'<row><c><f t="shared" si="9">' + b"+".join(b"A%d" % n for n in range(1, 1400)) + b"</f><v>1</v></c></row>"
    return first + b'<row><c><f t="shared" si="9"/><v>1</v></c></row>' * cells


# measured -------------------------------------------------------------------------------------------------------------


def verdict(path: Path) -> str:
    """What comes of a file: `read`, or the kind of refusal."""
    from workbook.excel.reading.file_type import Unreadable, read_within_time
    from workbook.excel.report_loading import load_submission

    try:
        if path.suffix in (".xlsx", ".json"):
            with read_within_time():
                submission = load_submission(path)
                submission.check()
        else:
            from workbook.documents.reading.document_reader import read_document

            read_document(path)
    except Unreadable as refused:
        return refused.kind
    return "read"


def measured(path: Path) -> Iterator[object]:
    """Verdict, seconds and peak MiB of reading a file, in this process."""
    started = time.monotonic()
    yield verdict(path)
    yield round(time.monotonic() - started, 2)
    yield resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def main() -> None:
    """Print every attack, one process each."""
    import subprocess

    with tempfile.TemporaryDirectory() as folder:
        print("| attack | verdict | s | peak MiB |")
        print("|---|---|---|---|")
        for n, attack in enumerate((*ATTACKS, *DOCUMENTS)):
            path = Path(folder, f"{n}{attack.suffix}")
            command = [sys.executable, "-m", "benchmarks.hostile", str(path)]
            # Made in a process of its own, too: what a process has held counts for those it starts.
            subprocess.run([*command, str(n)], check=True, cwd=ROOT)
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
            said = json.loads(done.stdout) if done.returncode == 0 else [f"DIED: {done.stderr[-200:]}", "", ""]
            expected = "" if said[0] in attack.verdicts else f" (expected {' or '.join(attack.verdicts)})"
            print(f"| {attack.name} | {said[0]}{expected} | {said[1]} | {said[2]} |", flush=True)
            path.unlink()


if __name__ == "__main__":
    if len(sys.argv) > 2:
        Path(sys.argv[1]).write_bytes((*ATTACKS, *DOCUMENTS)[int(sys.argv[2])].made(Size()))
    elif len(sys.argv) > 1:
        print(json.dumps(list(measured(Path(sys.argv[1])))))
    else:
        main()
