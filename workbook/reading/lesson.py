"""Learning one make of workbook from the first of it: what each cell is there for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from workbook import identity
from workbook.finding import Source
from workbook.form import Form
from workbook.grid import Place, a1, parse_a1
from workbook.reading.book import Book, Sheet
from workbook.reading.context import stamp_of
from workbook.reading.figures import previous_year_at
from workbook.reading.formula import added
from workbook.reading.issued import issued
from workbook.reading.labels import Index, View, fold
from workbook.reading.laid import RESULT, Laid, NotAlike, Picked, Total, Unchanged, filled, shows
from workbook.reading.learnt import Learnt, Parted
from workbook.reading.locate import locate
from workbook.reading.printed import Printed
from workbook.reading.split import Split, plain_head
from workbook.reading.written import texts_of
from workbook.submission import Submission
from workbook.template.template_layout import Col


def learn(book: Book, submission: Submission, parted: Parted) -> Learnt | None:
    """Learn a make from a workbook that was read in full and has nothing odd about it; None where it has."""
    stamp = stamp_of(book)
    if stamp is None or submission.findings or submission.summary or submission.report.answers:
        return None
    try:
        lesson = _Lesson(book, submission, parted)
        made = lesson.learnt(stamp.version)
    except (NotAlike, LookupError, ValueError, TypeError):
        return None
    # What was learnt must give the workbook it was learnt from, or it was not understood.
    again = made.submission(book.path, parted)
    same = again is not None and (again.report, again.previous) == (submission.report, submission.previous)
    return made if same else None


class _Lesson:
    """One workbook, looked at cell by cell."""

    def __init__(self, book: Book, submission: Submission, parted: Parted) -> None:
        self.book, self.view, self.parted = book, View(book), parted
        self.report, self.form = submission.report, submission.report.form
        self.printed = Printed(self.form)
        self.found = locate(self.form, self.view, ours=True)
        self.roles: dict[tuple[str, Place], tuple[str, Any]] = {}
        self.labels: set[tuple[str, Place]] = set()
        """Where something is found by a word, which must therefore be one that stays as issued."""
        self._tables()
        self._words()
        self._year()
        self._reasons()

    def learnt(self, version: str) -> Learnt:
        """The whole make."""
        sheets = {sheet.name: self._laid(sheet) for sheet in self.book.sheets}
        places = {code: (at.sheet, at.cell) for code, at in self.report.sources.items()}
        units = tuple(cell.unit for cell in self.form.cells)
        entries = tuple(_entries(self.form, sheets))
        names = dict(self.book.names)
        return Learnt(self.form, names, version, MappingProxyType(places), sheets, entries, units, self.printed)

    # what the cells are there for --------------------------------------------------------------------------------

    def _tables(self) -> None:
        """The figures of every table, where all of them stand as issued."""
        if len(self.found) < len(self.form.tables) or not all(one.as_issued for one in self.found.values()):
            raise NotAlike
        for table_code, one in self.found.items():
            table = issued(self.form).tables[table_code]
            self.labels |= {(one.sheet.name, place) for place in (*table.labels, *table.previous_labels)}
            for code, place in one.previous.items():
                self.roles[one.sheet.name, place] = "before", self.form.index[code]
            for code, place in one.cells.items():
                self.roles[one.sheet.name, place] = "figures", self.form.index[code]

    def _words(self) -> None:
        """What is said of the agency, each beside its label; and the paragraphs below their headings."""
        for field in identity.fields():
            named = self.view.named(f"agency.{field.code}")
            if named is None:
                raise NotAlike
            sheet, (row, column, _, _) = named
            label = sheet.cells.get((row, column - 1))
            at = Source(self.book.path.name, sheet.name, a1(row, column))
            if label is None or label.value != field.label or self.report.source(f"agency.{field.code}") != at:
                raise NotAlike
            self.labels.add((sheet.name, (row, column - 1)))
            self.roles[sheet.name, (row, column)] = "said", field.code
        for code, area in texts_of(self.form, self.view, ours=True).areas.items():
            self.labels.add((area.sheet.name, (area.first - 1, area.column - 1)))
            for row in range(area.first, area.last + 1):
                self.roles[area.sheet.name, (row, area.column)] = "lines", code

    def _year(self) -> None:
        """Last year, where the template says it."""
        spot = issued(self.form).places.previous_year
        at = previous_year_at(self.form, self.view)
        if at is None or (at[0].name, at[1]) != (spot.sheet, (spot.row, spot.column)):
            raise NotAlike
        self.labels.add((spot.sheet, (spot.row, spot.column + 1)))
        self.roles[at[0].name, at[1]] = "said", "previous"

    def _reasons(self) -> None:
        """The blank cells of the check sheet in which something said of a finding may stand."""
        named = self.view.named("checks")
        if named is None:
            raise NotAlike
        sheet = named[0].name
        columns = {
            Col.REASON,
            Col.ANSWERED,
            Col.FIGURES,
            Col.ORDER,
            Col.GIVEN,
            Col.WHERE,
            Col.WHAT,
        }
        one = self.parted.sheets[sheet].cells
        for ref, formula, value in zip(one.refs, one.formulas, one.values, strict=True):
            place = parse_a1(ref.decode())
            if place[1] in columns and value is None and formula is None:
                self.roles[sheet, place] = "reasons", None

    # sheets ------------------------------------------------------------------------------------------------------

    def _laid(self, sheet: Sheet) -> Laid:
        plain = self.parted.sheets[sheet.name]
        one, root = plain.cells, plain_head(plain.head)
        if root is None or _odd(one, plain.body):
            raise NotAlike
        if b"colorScale" in plain.tail:  # what is seen hangs on the colours of each cell
            raise NotAlike
        tables = any(found.sheet is sheet for found in self.found.values())
        index = self.view.index(sheet)
        if not tables and self._mistakable(index):
            raise NotAlike
        picked: dict[str, list[tuple[int, Any]]] = {}
        for n, ref in enumerate(one.refs):
            kind, meaning = self._role(sheet, one, n, parse_a1(ref.decode()))
            picked.setdefault(kind, []).append((n, meaning))

        def of(kind: str) -> Picked:
            return Picked(picked.get(kind, ()))

        formulas, totals, styles = of("formulas"), _ordered(of("totals").means), self.parted.styles
        shows(plain, styles, [of(kind) for kind in ("figures", "before", "said", "lines")], totals)
        return Laid(
            plain, root, [filled(plain, formulas.at, styles)], Unchanged(of("texts")), of("others"), formulas,
            of("figures"), of("before"), totals, of("said"), of("lines"), of("reasons"),
            tables, frozenset(index.places),
        )  # fmt: skip

    def _role(self, sheet: Sheet, one: Split, n: int, place: Place) -> tuple[str, Any]:
        kind, meaning = self.roles.get((sheet.name, place), ("", None))
        if one.formulas[n] is not None:
            if kind == "figures":
                return "totals", self._total(sheet, place, meaning, n)
            if kind or one.kinds[n] not in RESULT or (sheet.name, place) in self.labels:
                raise NotAlike  # a formula where a clerk types, or where a label should be
            return "formulas", None
        if kind:
            return kind, meaning
        if one.kinds[n] == b"s" and one.values[n]:
            return "texts", self.parted.strings[int(one.values[n] or b"-")]
        return "others", one.values[n] or None

    def _total(self, sheet: Sheet, place: Place, index: int, n: int) -> Total:
        cell = self.form.cells[index]
        cells = self.found[cell.table.code].cells
        adds = added(sheet.cells[place].formula or "")
        parts = issued(self.form).sums.get(cell.code, ((),))[0]
        if adds is None or {cells[part] for part in parts} != set(adds.cells):
            raise NotAlike
        at = {cells[part]: self.form.index[part] for part in parts}
        return Total(index, tuple(at[place] for place in adds.cells), adds.guarded, n)

    def _mistakable(self, index: Index) -> bool:
        """Whether a sheet has words enough to be looked at for a second copy of a table."""
        for table in self.form.tables:
            rows = sum(bool(index.line(row)) for row in table.rows)
            if rows * 2 > len(table.rows) or any(index.line(column) for column in table.columns):
                return True
            if index.find([fold(table.title)]):
                return True
        return False


def _odd(one: Split, body: bytes) -> bool:
    """Whether cells stand there twice, or in another way than plain ones."""
    cells = any(b"<c " in gap or b"<c>" in gap or b"<v" in gap for gap in one.gaps)
    return cells or b"<!" in body or b"<?" in body or len(set(one.refs)) < len(one.refs)


def _ordered(totals: list[Total]) -> tuple[Total, ...]:
    """The totals, each after those it adds."""
    left, ordered = list(totals), list[Total]()
    while left:
        waiting = {total.figure for total in left}
        ready = [total for total in left if not waiting & set(total.parts)]
        if not ready:
            raise NotAlike
        ordered += ready
        left = [total for total in left if total not in ready]
    return tuple(ordered)


def _entries(form: Form, sheets: Mapping[str, Laid]) -> Iterator[tuple[int, ...]]:
    """The figures of each table that has no totals, by index in the form."""
    totals = {form.cells[total.figure].table.code for laid in sheets.values() for total in laid.totals}
    for table in form.tables:
        if table.code not in totals:
            yield tuple(cell.index for cell in form.cells if cell.table.code == table.code)
