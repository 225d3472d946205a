"""Everything that goes wrong with submissions, planted among good ones: in reports, in workbooks, in files."""

from __future__ import annotations

import io
import shutil
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
import xlsxwriter
from openpyxl.workbook import Workbook

from benchmarks.desk import Desk, Fits, Planted, figures_of, place_of, some_requests, stated
from benchmarks.reports import Line, reports
from workbook.excel.reading.reading_context import SUMMARY
from workbook.excel.template.template_writer import build_workbook
from workbook.excel.template_layout import TemplateLayout
from workbook.model.form_loader import list_form_ids, load_form
from workbook.model.numbers import Value
from workbook.model.report import Report
from workbook.rules.rule_types import Equation

TELLING = 5
"""Different figures above 9 that no two agencies have by chance."""

# the same agency twice, or not at all


def missing(desk: Desk) -> Iterator[Planted]:
    line, _, _ = desk.take()
    yield Planted("missing", "", line.code, "")


def copied(desk: Desk) -> Iterator[Planted]:
    """The same file under two names."""
    line, now, before = desk.take()
    first = desk.put(desk.place(line), now, before, counts=True)
    shutil.copy(first, desk.path(desk.place(line, "（1）")))
    yield Planted("copied", desk.place(line), line.code, "merged")
    yield Planted("copied", desk.place(line, "（1）"), line.code, "duplicate")


def saved_again(desk: Desk) -> Iterator[Planted]:
    """The same figures, in a file of other bytes."""
    line, now, before = desk.take()
    first = desk.put(desk.place(line), now, before, counts=True)
    again = desk.path(desk.place(line, "（另存）"))
    with zipfile.ZipFile(first) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    yield Planted("saved_again", desk.place(line), line.code, "merged")
    yield Planted("saved_again", desk.place(line, "（另存）"), line.code, "duplicate")


def corrected(desk: Desk) -> Iterator[Planted]:
    """A correction handed in under the next revision."""
    line, now, before = desk.take()
    desk.put(desk.place(line), now, before)
    later = desk.rewritten(line, now, _one_more(now))
    desk.put(desk.place(line, "（更正）"), _revised(later, 1), before, counts=True)
    yield Planted("corrected", desk.place(line), line.code, "superseded")
    yield Planted("corrected", desk.place(line, "（更正）"), line.code, "merged")


def conflicting(desk: Desk) -> Iterator[Planted]:
    """Other figures under the same revision."""
    line, now, before = desk.take()
    desk.put(desk.place(line), now, before)
    desk.put(desk.place(line, "（改）"), desk.rewritten(line, now, _one_more(now)), before)
    for more in ("", "（改）"):
        yield Planted("conflicting", desk.place(line, more), line.code, "conflict")


def _revised(report: Report, revision: int) -> Report:
    return replace(report, agency=replace(report.agency, revision=revision))


def _one_more(report: Report) -> dict[str, int]:
    """One request more, received and carried over: every equation still holds."""
    rule = stated(report.form, yearly=False)[0]
    known = figures_of(report)
    return {code: known[code] + 1 for code in (rule.right[0].cell.code, rule.left[-1].cell.code)}


def twins(desk: Desk) -> Iterator[Planted]:
    """Two agencies with one report: somebody copied the neighbour's."""
    line, now, before = desk.take(lambda now, _: len({n for n in figures_of(now).values() if n > 9}) >= TELLING)
    other, _, _ = desk.take()
    desk.put(desk.place(line), now, before, counts=True)
    desk.put(desk.place(other), replace(now, agency=other.identity), before, counts=True)
    for one in (line, other):
        yield Planted("twins", desk.place(one), one.code, "merged")


def unknown(desk: Desk) -> Iterator[Planted]:
    """An agency that is not in the roster."""
    line = desk.strangers.pop()
    now, before = reports(line, desk.form, desk.year, desk.seed)
    desk.put(desk.place(line), now, before, counts=True)
    yield Planted("unknown", desk.place(line), line.code, "merged")


def all_zero(desk: Desk) -> Iterator[Planted]:
    line, now, before = desk.take()
    nothing = dict.fromkeys(figures_of(now), 0)
    zero = desk.rewritten(line, now, nothing)
    desk.put(desk.place(line), zero, desk.rewritten(line, before, nothing), counts=True)
    yield Planted("all_zero", desk.place(line), line.code, "merged")


# figures that are wrong


def _wrong(desk: Desk, kind: str, line: Line, report: Report, before: Report, finding: str) -> Planted:
    desk.put(desk.place(line), report, before)
    return Planted(kind, desk.place(line), line.code, "held", finding)


def swapped_digits(desk: Desk) -> Iterator[Planted]:
    """12 typed as 21: the sums follow, the balance does not."""
    line, now, before = desk.take(lambda now, _: bool(_two_digits(now)))
    code = _two_digits(now)[0]
    turned = int(str(now[code])[::-1])
    changed = figures_of(desk.rewritten(line, now, {code: turned}))
    yield _wrong(desk, "swapped_digits", line, now.with_values(changed), before, "balance")


def _two_digits(report: Report) -> list[str]:
    """Cells of a stated equation whose figure is another one backwards."""
    cells = [term.cell for rule in stated(report.form, yearly=False) for term in rule.terms if not term.cell.total]
    return [cell.code for cell in cells if (known := str(report[cell.code]))[-1] != "0" and known != known[::-1]]


def unbalanced(desk: Desk) -> Iterator[Planted]:
    line, now, before = desk.take()
    code = stated(desk.form, yearly=False)[0].right[0].cell.code
    more = desk.rewritten(line, now, {code: figures_of(now)[code] + 5})
    yield _wrong(desk, "unbalanced", line, more, before, "balance")


def not_brought_forward(desk: Desk) -> Iterator[Planted]:
    """What last year carried over is missing this year; the figures of the year agree among themselves."""
    line, now, before = desk.take(lambda now, _: _brought(now) is not None)
    rule = _brought(now)
    if rule is None:
        raise LookupError("nothing was brought forward")
    new, brought = (term.cell.code for term in rule.right)
    known = figures_of(now)
    lost = desk.rewritten(line, now, {new: known[new] + known[brought], brought: 0})
    desk.put(desk.place(line), lost, before, counts=True)
    yield Planted("not_brought_forward", desk.place(line), line.code, "warnings", "carried-over")


def _brought(report: Report) -> Equation | None:
    """A column in which something was brought forward from last year."""
    return next((r for r in stated(report.form, yearly=False) if report.number(r.right[-1].cell.index)), None)


def another_year(desk: Desk) -> Iterator[Planted]:
    line, _, _ = desk.take()
    year = desk.year - 1 if desk.year - 2 in desk.form.years else desk.year + 1
    desk.put(desk.place(line), *reports(line, desk.form, year, desk.seed))
    yield Planted("another_year", desk.place(line), line.code, "year")


def another_form(desk: Desk) -> Iterator[Planted]:
    """The form of other years, filled in for this one."""
    line, _, _ = desk.take()
    other = next(form for form in map(load_form, list_form_ids()) if form.id != desk.form.id)
    now, _ = reports(line, other, desk.year, desk.seed)
    desk.put(desk.place(line), now, None)
    yield Planted("another_form", desk.place(line), line.code, "form", "form-in-force")


REPORTED = (
    missing,
    copied,
    saved_again,
    corrected,
    conflicting,
    twins,
    unknown,
    all_zero,
    swapped_digits,
    unbalanced,
    not_brought_forward,
    another_year,
    another_form,
)


# workbooks altered after they were filled in


def edited(path: Path, edit: Callable[[Workbook], object]) -> None:
    """The workbook after somebody edited it with a program that drops all stored results."""
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)


def _altered(
    desk: Desk, kind: str, finding: str, edit: Callable[[Workbook, TemplateLayout, Report], object], fits: Fits
) -> Planted:
    line, now, before = desk.take(fits)
    path = desk.put(desk.place(line), now, before)
    places = TemplateLayout(desk.form, {code: text.count("\n") + 1 for code, text in now.texts.items()})
    edited(path, lambda book: edit(book, places, now))
    return Planted(kind, desk.place(line), line.code, "held", finding)


def _put(book: Workbook, places: TemplateLayout, cells: Mapping[str, Value]) -> None:
    for code, value in cells.items():
        spot = places.cells[code]
        book[spot.sheet].cell(spot.row + 1, spot.column + 1).value = value


def _total(report: Report) -> str:
    """A total of one column that is above 0."""
    return next(r.left[0].cell.code for r in stated(report.form, yearly=False) if report.number(r.left[0].cell.index))


def _some_results(now: Report, _before: Report) -> bool:
    return any(now.number(rule.left[0].cell.index) for rule in stated(now.form, yearly=False))


def typed_over(desk: Desk) -> Iterator[Planted]:
    """A total left at 0."""
    edit = lambda book, places, now: _put(book, places, {_total(now): 0})  # noqa: E731
    yield _altered(desk, "typed_over", "structure-formula", edit, _some_results)


def other_formula(desk: Desk) -> Iterator[Planted]:
    """A total that leaves out most of its parts."""

    def edit(book: Workbook, places: TemplateLayout, now: Report) -> None:
        spot = places.cells[_total(now)]
        column = spot.a1.rstrip("0123456789")
        _put(book, places, {_total(now): f"=SUM({column}{spot.row - 1}:{column}{spot.row})"})

    yield _altered(desk, "other_formula", "structure-formula", edit, _some_results)


def relabelled(desk: Desk) -> Iterator[Planted]:
    """A row that was given another name."""

    def edit(book: Workbook, places: TemplateLayout, now: Report) -> None:
        sheet = places.cells[_total(now)].sheet
        label = next(one for one in places.labels[sheet] if one.kind == "row" and one.line)
        book[sheet].cell(label.box.top + 1, label.box.left + 1).value = "本单位自设的一项"

    yield _altered(desk, "relabelled", "structure-label", edit, _some_results)


def row_inserted(desk: Desk) -> Iterator[Planted]:
    def edit(book: Workbook, places: TemplateLayout, now: Report) -> None:
        spot = places.cells[_total(now)]
        book[spot.sheet].insert_rows(spot.row - 2)

    yield _altered(desk, "row_inserted", "structure-row", edit, _some_results)


def sheet_deleted(desk: Desk) -> Iterator[Planted]:
    def edit(book: Workbook, _places: TemplateLayout, _now: Report) -> None:
        del book[desk.form.sheets[-1].sheet]

    yield _altered(desk, "sheet_deleted", "structure-missing", edit, _some_results)


def number_with_words(desk: Desk) -> Iterator[Planted]:
    """17个: read as 17, and said."""
    line, now, before = desk.take(some_requests)
    rule = next(r for r in stated(desk.form, yearly=False) if now.number(r.right[0].cell.index))
    code = rule.right[0].cell.code
    path = desk.put(desk.place(line), now, before, counts=True)
    edited(path, lambda book: _put(book, TemplateLayout(desk.form), {code: f"{now[code]}个"}))
    yield Planted("number_with_words", desk.place(line), line.code, "merged", "number-clean")


ALTERED = (typed_over, other_formula, relabelled, row_inserted, sheet_deleted, number_with_words)


# files that are no workbooks a merge can read

PROPERTIES = "docProps/custom.xml"
ARCHIVED = 3
"""How many workbooks lie in one archive."""


def compound(*streams: str) -> bytes:
    """A compound file as old Office programs write them, with streams of those names: head, sector table, directory."""
    names = ["Root Entry", *streams]
    sectors = -(-len(names) // 4)
    head = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0"))
    struct.pack_into("<H", head, 30, 9)
    struct.pack_into("<I", head, 48, 1)
    struct.pack_into("<109I", head, 76, 0, *[0xFFFFFFFF] * 108)
    chain = [0xFFFFFFFD, *range(2, sectors + 1), 0xFFFFFFFE]
    table = struct.pack("<128I", *chain, *[0xFFFFFFFF] * (128 - len(chain)))
    entries = b""
    for name in names:
        text = name.encode("utf-16-le")
        entries += (text.ljust(64, b"\0") + struct.pack("<H", len(text) + 2)).ljust(128, b"\0")
    return bytes(head) + table + entries.ljust(512 * sectors, b"\0")


def _document() -> bytes:
    """A text document, as little of one as is recognised."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("word/document.xml", "<document/>")
    return made.getvalue()


WRONG_FILES = {
    "empty": (".xlsx", b""),
    "encrypted": (".xlsx", compound("EncryptionInfo", "EncryptedPackage")),
    "old_excel": (".xls", compound("Workbook")),
    "pdf": (".pdf", b"%PDF-1.7\n%%EOF\n"),
    "document": (".docx", _document()),
}
"""What an agency hands in instead of the workbook: kind → suffix and content."""


def wrong_files(desk: Desk) -> Iterator[Planted]:
    for kind, (suffix, content) in WRONG_FILES.items():
        line, _, _ = desk.take()
        place = desk.place(line, suffix=suffix)
        desk.path(place).write_bytes(content)
        yield Planted(kind, place, line.code, "unreadable")


def cut_short(desk: Desk) -> Iterator[Planted]:
    """A workbook whose transfer broke off."""
    line, now, before = desk.take()
    whole = build_workbook(now, before)
    desk.path(desk.place(line)).write_bytes(whole[: len(whole) // 2])
    yield Planted("cut_short", desk.place(line), line.code, "unreadable")


def archived(desk: Desk) -> Iterator[Planted]:
    """Workbooks in an archive whose names are in the code page of a Chinese Windows."""
    lines = [desk.take() for _ in range(ARCHIVED)]
    place = f"{lines[0][0].folder}/打包报送-{lines[0][0].code}.zip".lstrip("/")
    with zipfile.ZipFile(desk.path(place), "w", zipfile.ZIP_STORED) as file:
        for line, now, before in lines:
            name = place_of(line, desk.year).rpartition("/")[2]
            file.writestr(_Named(name), build_workbook(now, before))
            desk.count(now)
            yield Planted("archived", f"{place}!{name}", line.code, "merged")


class _Named(zipfile.ZipInfo):
    """A member whose name is written as Windows does: GB 18030, and nothing says so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 -- the name zipfile calls
        return self.filename.encode("gb18030"), self.flag_bits & ~0x800


def nobodys(desk: Desk) -> Iterator[Planted]:
    """Files that lie about and belong to no agency."""
    number = len(list(desk.folder.glob("通讯录*.xlsx"))) + 1
    for kind, place, content, status in (
        ("unrelated", f"通讯录{number}.xlsx", _address_book(), "foreign"),
        ("hidden", f".缓存{number}.xlsx", b"\0", "skipped"),
        ("owner_file", f"~$报送{number}.xlsx", b"\x05admin", "skipped"),
        ("summary", f"去年汇总{number}.xlsx", _summary(desk), "skipped"),
    ):
        desk.path(place).write_bytes(content)
        yield Planted(kind, place, "", status)


def _address_book() -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([("姓名", "电话"), ("张三", "010-1234")]):
            sheet.write_row(number, 0, row)
    return made.getvalue()


def _summary(desk: Desk) -> bytes:
    """An earlier summary: tables like a report's, which would count every agency twice, and the mark it is known by."""
    now, _ = reports(desk.strangers[0], desk.form, desk.year, desk.seed)
    made = io.BytesIO(build_workbook(now))
    with zipfile.ZipFile(made) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    parts[PROPERTIES] = parts[PROPERTIES].replace(b"ogi.stamp", SUMMARY.encode())
    marked = io.BytesIO()
    with zipfile.ZipFile(marked, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return marked.getvalue()


ODD_FILES = (wrong_files, cut_short, archived, nobodys)


DEFECTS = (*REPORTED, *ALTERED, *ODD_FILES)
