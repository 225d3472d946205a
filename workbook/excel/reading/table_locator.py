"""Locates each figure of the form on the sheets of a workbook.

A table whose labels are all at the places issued is read there. Any other is located by its labels, whatever was
inserted, moved or renamed; a line whose label was altered, only where its neighbours leave exactly its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbook.excel.reading.horizontal_table_locator import locate_horizontal_table
from workbook.excel.reading.label_alignment import choose_ascending, fill_gaps, find_repetition
from workbook.excel.reading.label_index import LabelIndex, WorkbookView, fold_label, get_form_words, list_spellings
from workbook.excel.reading.reading_context import GuessedLine, LocatedTable, MissingLine
from workbook.excel.reading.template_index import IssuedTable, get_issued_template
from workbook.excel.reading.workbook_contents import Sheet
from workbook.model.cell_address import Place
from workbook.model.form import Form, FormLine, Table
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")

REACH = 8
"""How many rows above a table's first line its headings are looked for."""

NO_LIMIT = 1 << 20
"""Beyond the last column of any sheet."""


def locate_tables(form: Form, view: WorkbookView, *, ours: bool) -> dict[str, LocatedTable]:
    """Locate every table of the form that the workbook holds, by table code; `ours` where our template made it."""
    found: dict[str, LocatedTable] = {}
    for code, table in get_issued_template(form).tables.items():
        one = (_as_issued(table, view) if ours else None) or _searched(form, table, view, ours=ours)
        if one is not None:
            found[code] = one
    return found


def measure_coverage(found: Mapping[str, LocatedTable]) -> tuple[int, int]:
    """Count how much of a form was located: tables, then cells."""
    return len(found), sum(len(one.cells) for one in found.values())


def find_second_copies(form: Form, view: WorkbookView, found: Mapping[str, LocatedTable]) -> list[tuple[Table, Sheet]]:
    """Find tables that are complete on a second sheet, of which nothing was read."""
    used = {one.sheet.name for one in found.values()} | set(get_issued_template(form).places.plans)
    more = []
    for sheet in view.book.sheets:
        if sheet.name not in used:
            for code in found:
                one = _on_sheet(form, get_issued_template(form).tables[code], view, sheet)
                if one is not None and not one.missing:
                    more.append((one.table, sheet))
    return more


def _as_issued(table: IssuedTable, view: WorkbookView) -> LocatedTable | None:
    """Return the table at its issued places, if every label is there, spelled as issued; else None."""
    sheet = view.sheets.get(table.sheet)
    if sheet is None and (named := view.named(table.table.code)):
        sheet = named[0]
    if sheet is None or not _reads(sheet, table.labels):
        return None
    if not any(place in sheet.cells for place in table.cells.values()):  # the row of figures below may have moved
        return None
    before = table.previous if _reads(sheet, table.previous_labels) else {}
    return LocatedTable(
        table.table, sheet, table.cells, table.rows, table.columns, table.row_labels, table.column_labels, before,
        as_issued=True,
    )  # fmt: skip


def _reads(sheet: Sheet, labels: Mapping[Place, str]) -> bool:
    cells = sheet.cells
    return all(place in cells and cells[place].value == text for place, text in labels.items())


def _searched(form: Form, table: IssuedTable, view: WorkbookView, *, ours: bool) -> LocatedTable | None:
    """Search every sheet for the table's labels; take the sheet with most cells, among equals the one meant for it."""
    named = view.named(table.table.code) if ours else None
    wanted = {table.sheet} | ({named[0].name} if named else set())
    tries = (_on_sheet(form, table, view, sheet) for sheet in view.book.sheets)
    good = [one for one in tries if one is not None]
    return max(good, key=lambda one: (len(one.cells), one.sheet.name in wanted), default=None)


def _on_sheet(form: Form, table: IssuedTable, view: WorkbookView, sheet: Sheet) -> LocatedTable | None:
    index = view.index(sheet)
    if not get_form_words(form).are_in(index, table.table):
        return None
    limit = _limit(form, table, view, index)
    if table.table.layout == "across":
        return locate_horizontal_table(table.table, index, limit)
    return _Down(form, table.table, index, limit).found()


def _limit(form: Form, table: IssuedTable, view: WorkbookView, index: LabelIndex) -> int | None:
    """Return the first column of last year's figures, right of the table under the same headings; else None."""
    columns = [column for _, column in index.find([fold_label(messages.text("top.previous"))])]
    if not columns and (named := view.named(f"previous.{table.table.code}")) and named[0] is index.sheet:
        columns = [named[1][1]]
    if not columns and len(table.table.columns) == 1:
        columns = _anew(form, index)
    return min(columns, default=None)


def _anew(form: Form, index: LabelIndex) -> list[int]:
    """List the columns at which the headings of tables with several columns begin again.

    A table of one column beside them cannot tell by its own: if that reads otherwise, last year's is the only one.
    """
    begin = []
    for table in form.tables:
        if table.layout != "across" and len(table.columns) > 1:
            rows: dict[int, list[list[int]]] = {}
            for n, line in enumerate(table.columns):
                for row, column in sorted(index.line(line)):
                    rows.setdefault(row, [[] for _ in table.columns])[n].append(column)
            begin += [at for options in rows.values() if (at := find_repetition(options)) is not None]
    return begin


class _Down:
    """The search for one table, printed with one sheet row per line, on one sheet.

    Row labels are located first (`choose_ascending`), then the headings above the first of them, then the lines whose
    label was altered, by the gaps they leave. Row labels reach to column `left`, headings down to row `bottom`; some
    headings are up to `depth` rows higher (two-line headings). `limit` is the first column of last year's figures.
    """

    left: int
    bottom: int
    column_labels: Mapping[str, Place]

    def __init__(self, form: Form, table: Table, index: LabelIndex, limit: int | None) -> None:
        self.table, self.index = table, index
        self.words = get_form_words(form)
        self.others = self.words.rows - {text for line in table.rows for text in list_spellings(line)}
        self.limit = limit if limit is not None else NO_LIMIT
        self.heads = [[p for p in index.line(column) if p[1] < self.limit] for column in table.columns]
        heading_rows = [row for row, _ in get_issued_template(form).tables[table.code].column_labels.values()]
        self.depth = max(heading_rows) - min(heading_rows)
        self.row_labels: dict[str, Place] = {}

    def found(self) -> LocatedTable | None:
        """Return the table located, if at least half of its lines and one heading were; else None."""
        rows = self._rows()
        known = [row for row in rows if row is not None]
        columns = self._columns(min(known)) if known else self._titled()
        if all(column is None for column in columns) and len(known) * 2 <= len(rows):
            return None
        self._out_of_order(rows)
        guessed_columns = self._fill_columns(columns, known)
        guessed_rows = self._fill_rows(rows, columns)
        if sum(row is not None for row in rows) * 2 < len(rows) or all(column is None for column in columns):
            return None
        return self._made(rows, columns, guessed_rows, guessed_columns)

    # rows -------------------------------------------------------------------------------------------------------

    def _rows(self) -> list[int | None]:
        """Locate the row of each line by its label, in the order of the form; None where it is not found."""
        options = [self._candidates(row) for row in self.table.rows]
        chosen = choose_ascending([sorted({row for row, _ in places}) for places in options])
        for line, places, row in zip(self.table.rows, options, chosen, strict=True):
            if row is not None:
                self.row_labels[line.code] = min(place for place in places if place[0] == row)
        self.left = max((column for _, column in self.row_labels.values()), default=0)
        return chosen

    def _candidates(self, line: FormLine) -> list[Place]:
        everywhere = self.index.line(line)
        reach = REACH + 2 * len(self.table.rows)
        heads = [place for places in self.heads for place in places]
        titles = [row for row, _ in self.index.find([fold_label(self.table.title)])]
        below = [
            p
            for p in everywhere
            if any(0 < p[0] - row <= reach and column > p[1] for row, column in heads)
            or any(0 < p[0] - row <= len(self.table.rows) + 3 for row in titles)
        ]
        return below or ([] if heads and len(self.table.rows) == 1 else everywhere)

    def _out_of_order(self, rows: list[int | None]) -> None:
        """Add lines whose label occurs once within the table, but not in the form's order."""
        taken = {row for row in rows if row is not None}
        if not taken:
            return
        for n, line in enumerate(self.table.rows):
            if rows[n] is None:
                options = [p for p in self.index.find(list_spellings(line)) if p[0] not in taken and p[1] <= self.left]
                inside = [p for p in options if self.bottom < p[0] <= max(taken) + len(rows)]
                if len(inside) == 1:
                    rows[n] = inside[0][0]
                    taken.add(inside[0][0])
                    self.row_labels[line.code] = inside[0]

    def _titled(self) -> list[int | None]:
        """Locate the headings below the table's title, where no row label was found."""
        for title, _ in self.index.find([fold_label(self.table.title)]):
            columns = self._columns(title + 4, title)
            if sum(column is not None for column in columns) * 2 >= len(columns):
                return columns
        return [None] * len(self.table.columns)

    def _fill_rows(self, rows: list[int | None], columns: Sequence[int | None]) -> list[int]:
        figures = [column for column in columns if column is not None]

        def likely(row: int) -> bool:
            cells = self.index.sheet.cells
            return self._marked(row) and any(cells.get((row, column)) is not None for column in figures)

        return fill_gaps(rows, self.bottom, free=self._free, marked=self._marked, likely=likely)

    def _texts(self, row: int) -> list[str]:
        return [text for column, text in self.index.by_row.get(row, ()) if column <= self.left]

    def _free(self, row: int) -> bool:
        """Whether the row holds no label of the form."""
        return not any(text in self.words.known for text in self._texts(row))

    def _marked(self, row: int) -> bool:
        """Whether the row holds a label that the form does not know, as an altered one is."""
        return self._free(row) and any(text not in self.words.groups for text in self._texts(row))

    # columns ----------------------------------------------------------------------------------------------------

    def _columns(self, first: int, top: int | None = None) -> list[int | None]:
        """Locate the column of each heading: above row `first`, but below any row that belongs to another table."""
        stop = first - REACH - 1 if top is None else top
        for row in range(first - 1, stop, -1):
            heading = any(place[0] == row for places in self.heads for place in places)
            if not heading and any(text in self.others for text in self._texts(row)):
                stop = row
                break
        zone = [[p for p in places if stop < p[0] < first and p[1] > self.left] for places in self.heads]
        every = [sorted({column for _, column in places}) for places in zone]
        end = find_repetition(every, after=self.left) or NO_LIMIT
        columns = choose_ascending([[column for column in some if column < end] for some in every])
        self.column_labels = {
            line.code: max(place for place in places if place[1] == column)
            for line, places, column in zip(self.table.columns, zone, columns, strict=True)
            if column is not None
        }
        self.bottom = max((row for row, _ in self.column_labels.values()), default=-1)
        return columns

    def _fill_columns(self, columns: list[int | None], known: Sequence[int]) -> list[int]:
        below = min(known, default=self.bottom + 1)
        top = min((row for row, _ in self.column_labels.values()), default=below - 1)
        texts: dict[int, list[str]] = {}
        for row in range(top, below):
            for column, text in self.index.by_row.get(row, ()):
                texts.setdefault(column, []).append(text)

        def free(column: int) -> bool:
            return column < self.limit and not any(text in self.words.known for text in texts.get(column, ()))

        def marked(column: int) -> bool:
            return free(column) and any(text not in self.words.groups for text in texts.get(column, ()))

        filled = fill_gaps(columns, self.left, free=free, marked=marked, likely=marked)
        if filled and self.bottom < 0:
            self.bottom = below - 1
        return filled

    # the whole --------------------------------------------------------------------------------------------------

    def _made(
        self,
        rows: Sequence[int | None],
        columns: Sequence[int | None],
        rows_guessed: list[int],
        columns_guessed: list[int],
    ) -> LocatedTable:
        table = self.table
        rows_by = {line.code: row for line, row in zip(table.rows, rows, strict=True) if row is not None}
        columns_by = {
            line.code: column for line, column in zip(table.columns, columns, strict=True) if column is not None
        }
        guessed = [(line, rows_by[line.code]) for line in map(table.rows.__getitem__, rows_guessed)]
        guesses = [GuessedLine(line, (row, self._label_column(row))) for line, row in guessed]
        guessed = [(line, columns_by[line.code]) for line in map(table.columns.__getitem__, columns_guessed)]
        guesses += [GuessedLine(line, (self._heading_row(column), column)) for line, column in guessed]
        units = {
            code: self.index.units[place] for code, place in self.column_labels.items() if place in self.index.units
        }
        return LocatedTable(
            table,
            self.index.sheet,
            {table.cell(r, c): (row, column) for r, row in rows_by.items() for c, column in columns_by.items()},
            rows_by,
            columns_by,
            self.row_labels,
            self.column_labels,
            self._previous(rows_by, columns_by),
            tuple(_missing(table, rows_by, columns_by)),
            tuple(guesses),
            units,
        )

    def _label_column(self, row: int) -> int:
        texts = [c for c, text in self.index.by_row.get(row, ()) if c <= self.left and text not in self.words.groups]
        return max(texts, default=self.left)

    def _heading_row(self, column: int) -> int:
        rows = [
            row
            for row in range(self.bottom - self.depth, self.bottom + 1)
            for at, text in self.index.by_row.get(row, ())
            if at == column and text not in self.words.groups
        ]
        return max(rows, default=self.bottom)

    def _previous(self, rows: Mapping[str, int], columns: Mapping[str, int]) -> dict[str, Place]:
        """Locate last year's figures: under the same headings, to the right."""
        first, last = min(columns.values()), max(columns.values())
        beyond = {}
        for line in self.table.columns:
            again = [c for r, c in self.index.line(line) if c > last and r in self._head_rows()]
            if self.limit < NO_LIMIT and line.code in columns:
                beyond[line.code] = min(again, default=self.limit + columns[line.code] - first)
        return {self.table.cell(r, c): (row, column) for r, row in rows.items() for c, column in beyond.items()}

    def _head_rows(self) -> range:
        rows = [row for row, _ in self.column_labels.values()]
        return range(min(rows, default=0), max(rows, default=-1) + 1)


def _missing(table: Table, rows: Mapping[str, int], columns: Mapping[str, int]) -> list[MissingLine]:
    lost = [(row, [(row, column) for column in table.columns]) for row in table.rows if row.code not in rows]
    lost += [(column, [(row, column) for row in table.rows]) for column in table.columns if column.code not in columns]
    return [MissingLine(line.brief, tuple(table.cell(r.code, c.code) for r, c in cells)) for line, cells in lost]
