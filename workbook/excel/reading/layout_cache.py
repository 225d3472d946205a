"""Caches layouts of workbooks: a workbook that differs from one already read only in what was typed is read quickly.

An office receives one template from all its agencies, saved by few programs. The first workbook of each make is read
in full; if nothing about it was odd, it is learnt: which cells hold figures, which the words of the report, and what
all others hold. A workbook of the same make is then split, compared byte by byte with the one learnt, and only what
was typed is read. Whatever differs in any other way, or is typed in any unusual way, is read in full: this reader
never has an opinion of its own. A result stored with a sum is compared with its parts, as the full reader does.
"""

from __future__ import annotations

import hashlib
import stat
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from workbook.excel.reading.entry_reader import read_narrative_texts
from workbook.excel.reading.external_content import find_package_references
from workbook.excel.reading.figure_reader import find_previous_year, list_added_cells
from workbook.excel.reading.file_type import Unreadable
from workbook.excel.reading.known_layout import KnownLayout, SplitWorkbook
from workbook.excel.reading.label_index import LabelIndex, WorkbookView, fold_label
from workbook.excel.reading.ooxml_parts import CustomProperties, WorkbookPart, parse_part
from workbook.excel.reading.ooxml_reader import PackageParts, read_links, read_styles
from workbook.excel.reading.reading_context import read_stamp
from workbook.excel.reading.sheet_layout import (
    RESULT,
    LayoutDiffers,
    LayoutTotal,
    PickedCells,
    PrintedWords,
    SheetLayout,
    UnchangedTexts,
    check_visible,
    describe_fill,
)
from workbook.excel.reading.sheet_scan import SplitCells, plain_head, split_shared_texts, split_sheet
from workbook.excel.reading.table_locator import locate_tables
from workbook.excel.reading.template_index import get_issued_template
from workbook.excel.reading.workbook_contents import (
    PROPERTIES,
    ReadBudget,
    Sheet,
    WorkbookContents,
    has_macros,
    read_bytes,
    refuse_duplicates,
)
from workbook.excel.reading.workbook_reader import open_workbook, read_book
from workbook.excel.template_layout import CheckColumn
from workbook.model import identity
from workbook.model.cell_address import Place, format_address, parse_address
from workbook.model.finding import Source
from workbook.model.form import Form
from workbook.rules.evaluation import Submission
from workbook.safety.limits import cache_short_texts

MAKES = 8
"""So many makes are remembered: a few programs, texts of different length."""
LAYOUTS = 3
"""So many of one make, where workbooks differ in words that nobody types."""
LARGEST = 4 << 20
"""Bytes inflated, beyond which no report goes this way."""
OURS = "ogi."
"""How the custom properties begin that say something of a workbook; programs add others, some to each file."""


class LearningReader:
    """A reader that learns: read many workbooks of few makes with one of these."""

    def __init__(self) -> None:
        self._learnt: OrderedDict[object, list[KnownLayout]] = OrderedDict()

    def read(self, path: Path, content: bytes | None = None) -> Submission:
        """Read a submitted workbook; `content` is the file's, if it was read already. Raises Unreadable."""
        parted = _parted(path, content)
        if parted is not None and (submission := self._known(path, parted)) is not None:
            return submission
        book = open_workbook(path)
        if content is not None and book.sha256 != _sha256(path, content):
            raise Unreadable("changed")
        submission = read_book(book)
        if parted is not None and book.reader == "package" and book.sha256 == _sha256(path, content):
            self._learn(book, submission, parted)
        return submission

    def _known(self, path: Path, parted: SplitWorkbook) -> Submission | None:
        """What a workbook of a make that was learnt says."""
        known = self._learnt.get(parted.make, [])
        for n, one in enumerate(known):
            if (submission := one.submission(path, parted)) is not None:
                known.insert(0, known.pop(n))
                self._learnt.move_to_end(parted.make)
                return submission
        return None

    def _learn(self, book: WorkbookContents, submission: Submission, parted: SplitWorkbook) -> None:
        made = learn_layout(book, submission, parted)
        if made is not None:
            known = self._learnt.setdefault(parted.make, [])
            known.insert(0, made)
            del known[LAYOUTS:]
            self._learnt.move_to_end(parted.make)
            if len(self._learnt) > MAKES:
                self._learnt.popitem(last=False)


def _sha256(path: Path, content: bytes | None) -> str:
    return hashlib.sha256(path.read_bytes() if content is None else content).hexdigest()


def _parted(path: Path, content: bytes | None) -> SplitWorkbook | None:
    """A workbook taken apart; None where it is not plain, or no workbook."""
    budget = ReadBudget(LARGEST)
    try:
        if path.name.startswith(("~$", ".~lock.")) or not stat.S_ISREG(path.stat().st_mode):
            return None
        raw = read_bytes(path) if content is None else content
        return _taken_apart(PackageParts(raw, budget)) if raw.startswith(b"PK\3\4") else None
    except Exception:  # strangers' files find every way to fail: the full reader will say
        return None


def _taken_apart(parts: PackageParts) -> SplitWorkbook | None:
    if (
        has_macros(parts.names)
        or not _workbook_alone(parts)
        or any(find_package_references(parts.names, parts.read, ()))
    ):
        return None
    main = dict(read_links(parts, "").values())["officeDocument"]
    links = read_links(parts, main)
    book = _workbook(parts.read(main))
    texts = [target for kind, target in links.values() if kind == "sharedStrings"]
    if book.externals or len(texts) != 1 or any(links[link][0] != "worksheet" for _, _, link in book.sheets):
        return None
    refuse_duplicates(links[link][1] for _, _, link in book.sheets)
    shared = parts.read(texts[0])
    properties = _properties(parts.read(PROPERTIES)) if PROPERTIES in parts else ()
    spelled = split_shared_texts(shared)
    sheets = {name: split_sheet(parts.read(links[link][1])) for name, _, link in book.sheets}
    split = {name: one for name, one in sheets.items() if one is not None}
    if spelled is None or len(split) < len(book.sheets):  # two of one name among them
        return None
    styles = read_styles(parts, links)
    if book.late or not styles.read or any(styles.dressings):  # what is seen hangs on more than a cell and its style
        return None
    named = tuple((name, hidden) for name, hidden, _ in book.sheets)
    tails = tuple(one.tail for one in split.values())
    make = parts.names, named, tuple(book.names.items()), properties, tails, len(styles.dressings)
    return SplitWorkbook(make, split, shared, spelled, styles.plain)


def _workbook_alone(parts: PackageParts) -> bool:
    """Whether the package is nothing but a workbook, by what is looked at to recognise a file; the rest is its make."""
    return not parts.locked and "xl/workbook.xml" in parts.names and "mimetype" not in parts.names


@cache_short_texts(64, 1 << 16)
def _workbook(part: bytes) -> WorkbookPart:
    return parse_part(part, WorkbookPart(ReadBudget()))


@cache_short_texts(64, 1 << 16)
def _properties(part: bytes) -> tuple[tuple[str, str], ...]:
    return tuple(
        sorted(one for one in parse_part(part, CustomProperties(ReadBudget())).texts.items() if one[0].startswith(OURS))
    )


# Learning one make of workbook from the first of it: what each cell is there for


def learn_layout(book: WorkbookContents, submission: Submission, parted: SplitWorkbook) -> KnownLayout | None:
    """Learn a make from a workbook that was read in full and has nothing odd about it; None where it has."""
    stamp = read_stamp(book)
    if stamp is None or submission.findings or submission.summary or submission.report.answers:
        return None
    try:
        lesson = _Lesson(book, submission, parted)
        made = lesson.learnt(stamp.version)
    except (LayoutDiffers, LookupError, ValueError, TypeError):
        return None
    # What was learnt must give the workbook it was learnt from, or it was not understood.
    again = made.submission(book.path, parted)
    same = again is not None and (again.report, again.previous) == (submission.report, submission.previous)
    return made if same else None


class _Lesson:
    """One workbook, looked at cell by cell."""

    def __init__(self, book: WorkbookContents, submission: Submission, parted: SplitWorkbook) -> None:
        self.book, self.view, self.parted = book, WorkbookView(book), parted
        self.report, self.form = submission.report, submission.report.form
        self.printed = PrintedWords(self.form)
        self.found = locate_tables(self.form, self.view, ours=True)
        self.roles: dict[tuple[str, Place], tuple[str, Any]] = {}
        self.labels: set[tuple[str, Place]] = set()
        """Where something is found by a word, which must therefore be one that stays as issued."""
        self._tables()
        self._words()
        self._year()
        self._reasons()

    def learnt(self, version: str) -> KnownLayout:
        """The whole make."""
        sheets = {sheet.name: self._laid(sheet) for sheet in self.book.sheets}
        places = {code: (at.sheet, at.cell) for code, at in self.report.sources.items()}
        units = tuple(cell.unit for cell in self.form.cells)
        entries = tuple(_entries(self.form, sheets))
        names = dict(self.book.names)
        return KnownLayout(self.form, names, version, MappingProxyType(places), sheets, entries, units, self.printed)

    # what the cells are there for --------------------------------------------------------------------------------

    def _tables(self) -> None:
        """The figures of every table, where all of them stand as issued."""
        if len(self.found) < len(self.form.tables) or not all(one.as_issued for one in self.found.values()):
            raise LayoutDiffers
        for table_code, one in self.found.items():
            table = get_issued_template(self.form).tables[table_code]
            self.labels |= {(one.sheet.name, place) for place in (*table.labels, *table.previous_labels)}
            for code, place in one.previous.items():
                self.roles[one.sheet.name, place] = "before", self.form.index[code]
            for code, place in one.cells.items():
                self.roles[one.sheet.name, place] = "figures", self.form.index[code]

    def _words(self) -> None:
        """What is said of the agency, each beside its label; and the paragraphs below their headings."""
        for field in identity.list_identity_fields():
            named = self.view.named(f"agency.{field.code}")
            if named is None:
                raise LayoutDiffers
            sheet, (row, column, _, _) = named
            label = sheet.cells.get((row, column - 1))
            at = Source(self.book.path.name, sheet.name, format_address(row, column))
            if label is None or label.value != field.label or self.report.source(f"agency.{field.code}") != at:
                raise LayoutDiffers
            self.labels.add((sheet.name, (row, column - 1)))
            self.roles[sheet.name, (row, column)] = "said", field.code
        for code, area in read_narrative_texts(self.form, self.view, ours=True).areas.items():
            self.labels.add((area.sheet.name, (area.first - 1, area.column - 1)))
            for row in range(area.first, area.last + 1):
                self.roles[area.sheet.name, (row, area.column)] = "lines", code

    def _year(self) -> None:
        """Last year, where the template says it."""
        spot = get_issued_template(self.form).places.previous_year
        at = find_previous_year(self.form, self.view)
        if at is None or (at[0].name, at[1]) != (spot.sheet, (spot.row, spot.column)):
            raise LayoutDiffers
        self.labels.add((spot.sheet, (spot.row, spot.column + 1)))
        self.roles[at[0].name, at[1]] = "said", "previous"

    def _reasons(self) -> None:
        """The blank cells of the check sheet in which something said of a finding may stand."""
        named = self.view.named("checks")
        if named is None:
            raise LayoutDiffers
        sheet = named[0].name
        columns = {
            CheckColumn.REASON,
            CheckColumn.ANSWERED,
            CheckColumn.FIGURES,
            CheckColumn.ORDER,
            CheckColumn.GIVEN,
            CheckColumn.WHERE,
            CheckColumn.WHAT,
        }
        one = self.parted.sheets[sheet].cells
        for ref, formula, value in zip(one.refs, one.formulas, one.values, strict=True):
            place = parse_address(ref.decode())
            if place[1] in columns and value is None and formula is None:
                self.roles[sheet, place] = "reasons", None

    # sheets ------------------------------------------------------------------------------------------------------

    def _laid(self, sheet: Sheet) -> SheetLayout:
        plain = self.parted.sheets[sheet.name]
        one, root = plain.cells, plain_head(plain.head)
        if root is None or _odd(one, plain.body):
            raise LayoutDiffers
        if b"colorScale" in plain.tail:  # what is seen hangs on the colours of each cell
            raise LayoutDiffers
        tables = any(found.sheet is sheet for found in self.found.values())
        index = self.view.index(sheet)
        if not tables and self._mistakable(index):
            raise LayoutDiffers
        picked: dict[str, list[tuple[int, Any]]] = {}
        for n, ref in enumerate(one.refs):
            kind, meaning = self._role(sheet, one, n, parse_address(ref.decode()))
            picked.setdefault(kind, []).append((n, meaning))

        def of(kind: str) -> PickedCells:
            return PickedCells(picked.get(kind, ()))

        formulas, totals, styles = of("formulas"), _ordered(of("totals").means), self.parted.styles
        check_visible(plain, styles, [of(kind) for kind in ("figures", "before", "said", "lines")], totals)
        return SheetLayout(
            plain,
            root,
            [describe_fill(plain, formulas.at, styles)],
            UnchangedTexts(of("texts")),
            of("others"),
            formulas,
            of("figures"),
            of("before"),
            totals,
            of("said"),
            of("lines"),
            of("reasons"),
            tables,
            frozenset(index.places),
        )

    def _role(self, sheet: Sheet, one: SplitCells, n: int, place: Place) -> tuple[str, Any]:
        kind, meaning = self.roles.get((sheet.name, place), ("", None))
        if one.formulas[n] is not None:
            if kind == "figures":
                return "totals", self._total(sheet, place, meaning, n)
            if kind or one.kinds[n] not in RESULT or (sheet.name, place) in self.labels:
                raise LayoutDiffers  # a formula where a clerk types, or where a label should be
            return "formulas", None
        if kind:
            return kind, meaning
        if one.kinds[n] == b"s" and one.values[n]:
            return "texts", self.parted.strings[int(one.values[n] or b"-")]
        return "others", one.values[n] or None

    def _total(self, sheet: Sheet, place: Place, index: int, n: int) -> LayoutTotal:
        cell = self.form.cells[index]
        cells = self.found[cell.table.code].cells
        adds = list_added_cells(sheet.cells[place].formula or "")
        parts = get_issued_template(self.form).sums.get(cell.code, ((),))[0]
        if adds is None or {cells[part] for part in parts} != set(adds.cells):
            raise LayoutDiffers
        at = {cells[part]: self.form.index[part] for part in parts}
        return LayoutTotal(index, tuple(at[place] for place in adds.cells), adds.guarded, n)

    def _mistakable(self, index: LabelIndex) -> bool:
        """Whether a sheet has words enough to be looked at for a second copy of a table."""
        for table in self.form.tables:
            rows = sum(bool(index.line(row)) for row in table.rows)
            if rows * 2 > len(table.rows) or any(index.line(column) for column in table.columns):
                return True
            if index.find([fold_label(table.title)]):
                return True
        return False


def _odd(one: SplitCells, body: bytes) -> bool:
    """Whether cells stand there twice, or in another way than plain ones."""
    cells = any(b"<c " in gap or b"<c>" in gap or b"<v" in gap for gap in one.gaps)
    return cells or b"<!" in body or b"<?" in body or len(set(one.refs)) < len(one.refs)


def _ordered(totals: list[LayoutTotal]) -> tuple[LayoutTotal, ...]:
    """The totals, each after those it adds."""
    left, ordered = list(totals), list[LayoutTotal]()
    while left:
        waiting = {total.figure for total in left}
        ready = [total for total in left if not waiting & set(total.parts)]
        if not ready:
            raise LayoutDiffers
        ordered += ready
        left = [total for total in left if total not in ready]
    return tuple(ordered)


def _entries(form: Form, sheets: Mapping[str, SheetLayout]) -> Iterator[tuple[int, ...]]:
    """The figures of each table that has no totals, by index in the form."""
    totals = {form.cells[total.figure].table.code for laid in sheets.values() for total in laid.totals}
    for table in form.tables:
        if table.code not in totals:
            yield tuple(cell.index for cell in form.cells if cell.table.code == table.code)
