"""Any submitted workbook → a report with its sources, last year's figures it carries, and what was odd about the file.

Figures are found by the printed labels, checked against the defined names; neither `<dimension>` nor a cached value is
trusted: a total that is still the template's formula is computed from its parts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from workbook import identity
from workbook.finding import Finding, Source
from workbook.form import Form, form_ids, in_force, load
from workbook.identity import Identity
from workbook.jsonio import tidy_text
from workbook.numbers import Number, Raw, Value
from workbook.numbers import read as read_number
from workbook.reading import tamper
from workbook.reading.book import Book, Cell, Place, Sheet, a1, parse_range
from workbook.reading.locate import Located, fold, index_of, locate
from workbook.reading.opening import open_book
from workbook.reading.recognise import Unreadable
from workbook.report import Answer, Report, oddities, shown
from workbook.rulebook import finding
from workbook.submission import Submission
from workbook.template import columns as col
from workbook.template.places import Places

_TITLE = re.compile(r"(?P<name>\S{2,40}?)(?P<year>20\d\d)年度?政府信息公开工作年度报告")
_YEAR = re.compile(r"(20\d\d)\s*年?度?")


def read(path: Path) -> Submission:
    """Read a submitted workbook. Raises Unreadable where it is no workbook, or no annual report."""
    return _Reader(open_book(path)).read()


class _Reader:
    """Reads one workbook: which form, who, the figures, the texts, the answers; findings gathered on the way."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.file = book.path.name
        self.sheets = {sheet.name: sheet for sheet in book.sheets}
        self.stamp = tamper.stamp_of(book)
        self.indexes = [index_of(sheet) for sheet in book.sheets]
        self.sources: dict[str, Source] = {}
        self.found: list[Finding] = []

    def read(self) -> Submission:
        agency, year = self._identity()
        form, tables = self._form(agency.region, year)
        self.form, self.places, self.tables = form, Places(form), tables
        self.lines = self._check_lines()
        values = self._values()
        texts = self._texts()
        report = Report(
            form,
            year,
            agency,
            values,
            MappingProxyType(texts),
            tuple(self._answers()),
            MappingProxyType(self.sources),
        )
        structure = tamper.findings(self.book, self.stamp, self.places, tables, self.typed)
        found = [*structure, *self.found]
        return Submission(self.book.path, report, self._previous(report), tuple(found), self.book.reader)

    def say(self, rule: str, source: Source, cells: tuple[str, ...] = (), **facts: object) -> None:
        self.found.append(finding(rule, cells=cells, **facts).at(source))  # type: ignore[arg-type]

    # which form, and who ----------------------------------------------------------------------------------------

    def _form(self, region: str, year: int | None) -> tuple[Form, dict[str, Located]]:
        """The form the workbook was made from: by its stamp, else the one whose labels it holds most of."""
        if self.stamp and self.stamp.form in form_ids():
            form = load(self.stamp.form, region)
            return form, locate(form, self.book, self.indexes)
        tries = [load(form_id, region) for form_id in form_ids()]
        located = [(form, locate(form, self.book, self.indexes)) for form in tries]
        due = in_force(year).id if year and year >= load(form_ids()[0]).years.from_ else ""
        form, tables = max(located, key=lambda x: (_coverage(x[0], x[1]), x[0].id == due))
        if _coverage(form, tables) < 0.5:
            raise Unreadable("foreign")
        return form, tables

    def _identity(self) -> tuple[Identity, int | None]:
        given: dict[str, Raw] = {}
        for one in identity.fields():
            place = self._named(f"agency.{one.code}") or self._labelled(one.code)
            if place:
                sheet, at = place
                cell = sheet.cells.get(at)
                given[one.code] = None if cell is None or cell.error else cell.value
                self.sources[f"agency.{one.code}"] = Source(self.file, sheet.name, a1(*at))
        title = self._title() if not given.get("name") or not given.get("year") else None
        name = _text(given.get("name")) or (title["name"] if title else "")
        year = _year(given.get("year")) or (int(title["year"]) if title else None)
        level = identity.level_named(_text(given.get("level")))
        revision = _year_free_int(given.get("revision"))
        agency = Identity(
            name,
            _text(given.get("code")),
            _text(given.get("region")),
            level.code if level else _text(given.get("level")),
            _text(given.get("contact")),
            revision,
        )
        return agency, year

    def _named(self, name: str) -> tuple[Sheet, Place] | None:
        area = parse_range(self.book.names.get(name, ""))
        if area is None or area[0] not in self.sheets:
            return None
        return self.sheets[area[0]], (area[1], area[2])

    def _labelled(self, code: str) -> tuple[Sheet, Place] | None:
        """The cell to the right of a field's label, on whatever sheet that stands."""
        one = next(f for f in identity.fields() if f.code == code)
        for index in self.indexes:
            for label in (one.label, *one.aliases):
                for row, column in index.places.get(fold(label), ()):
                    right = [c for r, c in index.sheet.cells if r == row and column < c <= column + 3]
                    return index.sheet, (row, min(right, default=column + 1))
        return None

    def _title(self) -> re.Match[str] | None:
        for sheet in self.book.sheets:
            for cell in sheet.cells.values():
                if isinstance(cell.value, str) and (match := _TITLE.search(cell.value)):
                    return match
        return None

    # figures ----------------------------------------------------------------------------------------------------

    def _values(self) -> tuple[Value, ...]:
        values: dict[str, Value] = {}
        pending: list[str] = []
        for cell in self.form.cells:
            located = self.tables.get(cell.table.code)
            place = located.cells.get(cell.code) if located else None
            if located is None or place is None:
                values[cell.code] = None
                continue
            source = Source(self.file, located.sheet.name, a1(*place))
            self.sources[cell.code] = source
            raw = located.sheet.cells.get(place)
            if raw is not None and raw.formula is not None and self._computes(cell.code, raw):
                pending.append(cell.code)
                continue
            if raw is not None and not raw.cached:
                self.say("structure-uncomputed", source, (cell.code,), where=str(source), place=cell.words)
                values[cell.code] = None
                continue
            reading = read_number(None if raw is None else raw.value, cell.unit)
            values[cell.code] = reading.value
            self.found += [odd.at(source) for odd in oddities(cell, reading)]
        self._totals(values, pending)
        return tuple(values[cell.code] for cell in self.form.cells)

    def _computes(self, code: str, raw: Cell) -> bool:
        """Whether a formula in a total is to be computed from the form's parts: the template's own, or one never saved."""
        expected = self.places.formulas.get(code)
        if expected is None:
            return False
        return not raw.cached or tamper.same_formula(raw.formula or "", expected)

    def _totals(self, values: dict[str, Value], pending: Sequence[str]) -> None:
        """Totals that stand as formulas: computed from their parts; a stale cached value is said, not believed."""
        parts = {rule.left[0].cell.code: rule.right for rule in reversed(self.places.sum_rules)}
        open_ = set(pending)

        def value(code: str) -> Number | None:
            if code in open_:
                open_.discard(code)
                numbers = [n for term in parts[code] if (n := value(term.cell.code)) is not None]
                values[code] = sum(numbers) if numbers else None
            known = values.get(code)
            return None if isinstance(known, str) else known

        for code in pending:
            value(code)
            self._compare_cache(code, values[code])

    def _compare_cache(self, code: str, now: Value) -> None:
        cell = self.form.cell(code)
        located = self.tables[cell.table.code]
        raw = located.sheet.cells[located.cells[code]]
        if not raw.cached:
            return
        before = read_number(raw.value, cell.unit).value
        if before != now and not (before is None and now is None):
            source = self.sources[code]
            self.say(
                "structure-cache",
                source,
                (code,),
                actual=shown(before, cell),
                expected=shown(now, cell),
                where=str(source),
                place=cell.words,
            )

    def _previous(self, report: Report) -> Report | None:
        """Last year's figures, where the template keeps them: beside this year's, under the same headings."""
        values: list[Value] = []
        for cell in self.form.cells:
            raw = self._beside(cell.code) if self.stamp else None
            values.append(read_number(raw.value, cell.unit).value if raw and raw.cached and not raw.error else None)
        if all(value is None for value in values):
            return None
        place = self._named("previous.year")
        raw = place[0].cells.get(place[1]) if place else None
        year = _year(raw.value if raw else None) or (report.year - 1 if report.year else None)
        return Report(self.form, year, report.agency, tuple(values))

    def _beside(self, code: str) -> Cell | None:
        located = self.tables.get(code.partition(".")[0])
        if located is None or code not in located.cells:
            return None
        row, column = located.cells[code]
        area = parse_range(self.book.names.get(f"previous.{located.table.code}", ""))
        if area is None:
            return None
        first = min(c for _, c in located.cells.values())
        return located.sheet.cells.get((row, area[2] + column - first))

    # texts and answers ------------------------------------------------------------------------------------------

    def _texts(self) -> dict[str, str]:
        texts = {}
        for section in self.form.texts:
            area = parse_range(self.book.names.get(f"texts.{section.code}", ""))
            if area is not None and area[0] in self.sheets:
                sheet, place, last = self.sheets[area[0]], (area[1], area[2]), area[3]
            else:
                found = self._text_area(section.label)
                if found is None:
                    continue
                sheet, place, last = found
            self.sources[f"texts.{section.code}"] = Source(self.file, sheet.name, a1(*place))
            lines = [_line(sheet.cells.get((row, place[1]))) for row in range(place[0], last + 1)]
            if text := tidy_text("\n".join(lines)):
                texts[section.code] = text
        return texts

    def _text_area(self, label: str) -> tuple[Sheet, Place, int] | None:
        """Below a heading, down to the next heading of the form: the column that holds most of the words."""
        headings = [fold(section.label) for section in self.form.sections]
        for index in self.indexes:
            for row, _ in index.places.get(fold(label), ()):
                others = [r for text in headings for r, _ in index.places.get(text, ()) if r > row]
                bottom = max((r for r, _ in index.sheet.cells), default=row)
                last = min(others, default=bottom + 1) - 1
                lengths: dict[int, int] = {}
                for (r, c), cell in index.sheet.cells.items():
                    if row < r <= last and isinstance(cell.value, str):
                        lengths[c] = lengths.get(c, 0) + len(cell.value)
                if lengths:
                    return index.sheet, (row + 1, max(lengths, key=lambda c: lengths[c])), last
        return None

    def _check_lines(self) -> list[Mapping[int, str]]:
        """The rows of the sheet 校验 as texts by column, those that belong to a line or to another answer."""
        rows: list[Mapping[int, str]] = []
        for name in ("checks", "checks.others"):
            area = parse_range(self.book.names.get(name, ""))
            sheet = self.sheets.get(area[0]) if area else None
            if area is None or sheet is None:
                continue
            for row in range(area[1], area[3] + 1):
                texts = {c: _line(sheet.cells.get((row, c))) for c in range(area[2], area[4] + 1)}
                rows.append({**texts, -1: name})
        return rows

    @property
    def typed(self) -> frozenset[str]:
        """Totals our own writer left as published: their line of 校验 says so."""
        marked = {row[col.RULE] for row in self.lines if row.get(col.ANSWERED) == col.TYPED and row[-1] == "checks"}
        return frozenset(rule.left[0].cell.code for rule in self.places.sum_rules if rule.code in marked)

    def _answers(self) -> list[Answer]:
        given: list[tuple[int, Answer]] = []
        known = _lines_by_code(self.places)
        for n, row in enumerate(self.lines):
            reason = row[col.REASON].strip()
            if not reason:
                continue
            if row[-1] == "checks":
                if row[col.RULE] not in known:
                    continue
                rule, cells = known[row[col.RULE]]
            else:
                rule, cells = row[col.WHERE].strip(), tuple(row[col.WHAT].split())
            order = int(row[col.ORDER]) if row[col.ORDER].isdigit() else 10_000 + n
            given.append((order, Answer(rule, cells, reason, row[col.FIGURES])))
        return [answer for _, answer in sorted(given, key=lambda one: one[0])]


def _lines_by_code(places: Places) -> dict[str, tuple[str, tuple[str, ...]]]:
    from workbook.template.checklist import Checklist  # only a workbook of ours has such lines

    return {line.code: (line.rule, line.cells) for line in Checklist(places).lines}


def _coverage(form: Form, tables: Mapping[str, Located]) -> float:
    return sum(len(located.cells) for located in tables.values()) / len(form.cells)


def _text(raw: Raw) -> str:
    if raw is None:
        return ""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return str(raw).strip()


def _line(cell: Cell | None) -> str:
    return "" if cell is None or cell.value is None or cell.error else str(cell.value)


def _year(raw: Raw) -> int | None:
    match = _YEAR.fullmatch(_text(raw))
    return int(match[1]) if match else None


def _year_free_int(raw: Raw) -> int:
    text = _text(raw)
    return int(text) if text.isascii() and text.isdigit() else 0
