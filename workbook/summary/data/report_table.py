"""Turns reports into rows for data outputs (DataFrame, parquet), and writes them as a CSV file.

In rows, counts are integers of 件 and money integers of 分, as in a `Report`. A cell that is blank, or holds no such
number, has no figure; its text is in the column `words`, so that blank, 0 and 不适用 stay three things.

The CSV file is for spreadsheet programs: UTF-8 with a byte-order mark, CRLF, quoted where needed. A heading is label
and code: `（七）总计·总计 [requests.results.total]`. A figure is its digits, exact, money in the cell's own unit
(万元); a blank is empty; words and 不适用 are written as they are. A text that a spreadsheet program would run or
change (one that begins with = + - @ in either width, a tab or a line break, or is more digits than a number keeps)
has an apostrophe before it, as OWASP advises against CSV injection; so has one that begins with an apostrophe
(`unsafe_text.guard_csv_field`). To read a file back, take one apostrophe off every text that begins with one
(`unsafe_text.unguard_csv_field`) and read a figure's cell like a cell of the JSON format
(`numbers.parse_json_value`).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from workbook.merging.file_status import FileEntry
from workbook.model import identity
from workbook.model.form import Cell, Form
from workbook.model.identity import Identity
from workbook.model.numbers import Number, Value, format_json_value
from workbook.model.report import Report
from workbook.safety.atomic_write import replace_file
from workbook.safety.messages import Bilingual, load_messages
from workbook.safety.unsafe_text import guard_csv_field

messages = load_messages("workbook.summary.data.data")

Rows = Callable[[], Iterable[tuple[FileEntry, Report]]]
"""The reports that count, each with the file it came from; may be asked for several times."""

AGENCY: Final = "agency"
"""The index: the key of the agency (`FileEntry.key`), the file's place where nothing does."""
YEAR: Final = "year"
WHO: Final = ("name", "code", "region", "level", YEAR, "file", "words")
"""Columns before the figures: texts, blank where unknown, and the year."""
LIMIT: Final = 2**63
"""Integers below it fit a column; a larger one is in `words`."""


def get_heading(code: str) -> Bilingual:
    """The heading of a column that is no cell of the form."""
    return messages.get(f"heading.{code}")


def make_missing_library_error(library: str) -> ModuleNotFoundError:
    """The error to raise where a library of the extra `data` is not installed: what to do, in both languages."""
    return ModuleNotFoundError("\n".join(messages.get("missing", library=library)), name=library)


def find_missing_library() -> Bilingual | None:
    """Say what to install where pandas or pyarrow is missing; None where both are there. Imports neither."""
    lacking = next((name for name in ("pandas", "pyarrow") if find_spec(name) is None), None)
    return messages.get("missing", library=lacking) if lacking else None


def get_unit(cell: Cell) -> Bilingual:
    """What a cell's integers count: 件, or 分 for money."""
    return Bilingual(cell.unit.label, "") if cell.unit.scale == 1 else messages.get("unit.money")


def format_label(cell: Cell) -> Bilingual:
    """A cell's label in one line, with the unit of money where the form prints none beside it."""
    row, column = cell.row.brief, cell.column.brief
    zh = f"{row.zh}·{column.zh}{cell.column.shown_unit or cell.row.shown_unit}"
    return Bilingual(zh, f"{row.en}, {column.en}")


def make_encodable(text: str) -> str:
    r"""The text as any program can store it: what is no character (a broken file name) as \udc80."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def make_row(form: Form, entry: FileEntry, report: Report) -> list[str | int | None]:
    """One row: the index, the columns of `WHO`, the figures. ValueError if the report is of another form."""
    require_form(form, entry, report)
    agency = report.agency
    texts = [entry.key or entry.place, agency.name, agency.code, agency.region, agency.level]
    row: list[str | int | None] = [make_encodable(text) for text in texts]
    return [*row, report.year, make_encodable(entry.place), _dump_words(report), *map(_to_integer, report.values)]


def require_form(form: Form, entry: FileEntry, report: Report) -> None:
    """ValueError if the report is of another form."""
    if report.form != form:
        raise ValueError(f"{entry.place}: {report.form.id} {report.form.fingerprint} is not {form.id}")


def _to_integer(value: Value) -> int | None:
    """The figure a column can hold; None for a blank, words, a broken count and a number beyond 64 bits."""
    return value if isinstance(value, int) and -LIMIT <= value < LIMIT else None


def _dump_words(report: Report) -> str:
    """The text of cells without a figure that are not blank, as a JSON object by cell code; "" for none."""
    found = {
        cell.code: str(format_json_value(value, cell.unit))
        for cell, value in zip(report.form.cells, report.values, strict=True)
        if value is not None and _to_integer(value) is None
    }
    return make_encodable(json.dumps(found, ensure_ascii=False)) if found else ""


# as CSV ---------------------------------------------------------------------------------------------------------------


FIELDS: Final = ("name", "code", "region", "level", "year")


def write_csv(path: Path, form: Form, rows: Rows, lang: str = "zh") -> int:
    """Write headings and a row for each report, in their order; the number of reports. Atomic.

    ValueError if a report is of another form; OSError if the file cannot be written.
    """
    written = 0
    with replace_file(path) as file:
        text = io.TextIOWrapper(file, "utf-8-sig", newline="")
        lines = csv.writer(text)
        lines.writerow(list_headings(form, lang))
        for entry, report in rows():
            require_form(form, entry, report)
            lines.writerow(_format_line(entry, report, lang))
            written += 1
        text.flush()
        text.detach()
    return written


def list_headings(form: Form, lang: str = "zh") -> list[str]:
    """The headings of a file: what is asked of the agency, the file, and label and code of every cell."""
    asked = {field.code: Bilingual(field.label, field.en).say(lang) for field in identity.list_identity_fields()}
    cells = (f"{format_label(cell).say(lang)} [{cell.code}]" for cell in form.cells)
    return [_guard(text) for text in (*(asked[code] for code in FIELDS), get_heading("file").say(lang), *cells)]


def _guard(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would run or round it, or if it has one already."""
    return guard_csv_field(make_encodable(text))


def _format_line(entry: FileEntry, report: Report, lang: str) -> Iterator[str]:
    agency = report.agency
    yield from map(_guard, (agency.name, agency.code, agency.region, _name_level(agency, lang)))
    yield "" if report.year is None else str(report.year)
    yield _guard(entry.place)
    for cell, value in zip(report.form.cells, report.values, strict=True):
        text = "" if value is None else str(format_json_value(value, cell.unit))
        yield text if isinstance(value, Number) else _guard(text)


def _name_level(agency: Identity, lang: str) -> str:
    level = identity.find_level(agency.level)
    return Bilingual(level.label, level.en).say(lang) if level else agency.level
