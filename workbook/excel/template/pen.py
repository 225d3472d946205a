"""The one module that drives XlsxWriter: sheets, formats by name, reproducible bytes."""

from __future__ import annotations

import datetime
import io
import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote

import xlsxwriter
from xlsxwriter import xmlwriter
from xlsxwriter.format import Format
from xlsxwriter.url import Url
from xlsxwriter.utility import _preserve_whitespace, xl_rowcol_to_cell_fast
from xlsxwriter.worksheet import CellNumberTuple, CellStringTuple, Worksheet

from workbook.excel.template.styles import STYLES
from workbook.excel.template_layout import SheetCell, quote_sheet
from workbook.model.numbers import CellValue, is_exact
from workbook.model.print_layout import CellBox
from workbook.safety import atomic_write, unsafe_text

CREATED = datetime.datetime(2021, 9, 26, tzinfo=datetime.UTC).replace(tzinfo=None)
"""The one date in every file: the same input gives the same bytes."""

BUTTON_WIDTH, BUTTON_HEIGHT, BUTTON_GAP, BUTTONS_ABREAST = 54, 20, 2, 2
"""In pixels: three characters of a caption fit a button, two rows of two fit beside every title."""


MOST_TITLE = 255
"""What the properties of a file hold of its title."""
MOST_NOTED = 4_000
"""No more of a note is read by anybody; a screen shows less."""
TALLEST_NOTE = 10.0
"""Times the height that a spreadsheet gives a note."""
TALLEST = 408.0
"""Points: a spreadsheet refuses a higher row."""
MOST_LINKS = 60_000
"""Excel follows 65,530 links a sheet; the cells after these have none."""
LONGEST_LINK = 2_000
"""Characters: Excel refuses a longer address of a file."""
SHORT = 128
"""Characters: texts up to this length are often written again (a status, an agency's name, a path)."""
TEXTS_HELD = 4_096
"""So many short texts are held in memory as they are written."""
EXACT = 10**15
"""Any integer below it is exact in a spreadsheet."""
_RESERVED = re.compile(r"[\x00-\x20\"#%:<>?\[\\\]^`{|}\x7f\ud800-\udfff\ufffe\uffff]")
"""What means something in an address, or cannot be in one: a space, `#`, `%`, a control character."""


class Button(NamedTuple):
    """A button on a sheet: its caption, and the macro a click runs."""

    caption: str
    macro: str


xmlwriter.re_control_chars_1 = re.compile("(_)(?=x[0-9A-Fa-f]{4}_)")
"""XlsxWriter's own misses the second of two escapes that share a `_`: `_x005F_x0041_` would be read as `_x005FA`."""


class _Worksheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """A sheet whose formulas may result in any text: an empty one, or one with characters that XML cannot hold."""

    def _xml_formula_element(self, formula: str, result: object, attributes: Sequence[tuple[str, object]] = ()) -> None:
        typed = [*attributes, ("t", "str")] if result == "" else [*attributes]
        super()._xml_formula_element(formula, self._escape_control_characters(result), typed)


class _RowWorksheet(_Worksheet):
    """A sheet whose rows are written to a file as they come (`constant_memory`, here for one sheet of a workbook).

    Memory stays the same however many rows there are; a cell of a row above the last one written is lost.
    """

    def _initialize(self, init_data: dict[str, object]) -> None:
        super()._initialize({**init_data, "constant_memory": True})
        self._spell = lru_cache(maxsize=TEXTS_HELD)(self._spell_text)

    def open_row(self, row: int, width: int) -> dict[int, Any]:
        """Write the row before to the file; return the cells of this one by column, to be filled in."""
        self._check_dimensions(row, 0)
        self._check_dimensions(row, width - 1)
        if row > self.previous_row:
            self._write_single_row(row)
        return self.table[row]  # type: ignore[no-any-return]

    def _write_cell(self, row: int, col: int, cell: Any) -> None:  # noqa: ANN401 -- XlsxWriter has no types
        """Write a cell as XlsxWriter does; a number or a text, as most are, without its steps for any kind of cell."""
        if type(cell) is CellNumberTuple:
            content = f"><v>{cell.number:.16G}</v></c>"
        elif type(cell) is CellStringTuple:
            content = self._spell(cell.string) if len(cell.string) <= SHORT else self._spell_text(cell.string)
        else:
            super()._write_cell(row, col, cell)
            return
        self.fh.write(f'<c r="{xl_rowcol_to_cell_fast(row, col)}" s="{cell.format._get_xf_index()}"{content}')

    def _spell_text(self, text: str) -> str:
        """Return what follows the style in a cell with that text."""
        escaped = self._escape_control_characters(text)
        kept = ' xml:space="preserve"' if _preserve_whitespace(escaped) else ""
        return f' t="inlineStr"><is><t{kept}>{self._escape_data(escaped)}</t></is></c>'


class _FileLink(Url):  # type: ignore[misc]
    """A link to a file by its relative or web address, as given: XlsxWriter would write backslashes for slashes."""

    def __init__(self, target: str) -> None:
        super().__init__("external:file")
        self._relationship_link = target


class Pen:
    """Writes one workbook: named styles, boxes, values with their exact type; nothing reaches the disk until `save`.

    `shown` is what is written of a text: as it is (a workbook to be filled in gives back what was typed), or made
    `legible`. A text that a spreadsheet would run if it were typed is kept from that, also when somebody edits it.
    `folder` is where a large workbook is put together, in files that are removed at its end; without one, in memory.
    """

    def __init__(
        self,
        title: str,
        subject: str = "",
        shown: Callable[[str], str] = unsafe_text.replace_surrogates,
        folder: Path | None = None,
    ) -> None:
        self._bytes = io.BytesIO()
        where = {"tmpdir": str(folder)} if folder else {"in_memory": True}
        self.book = xlsxwriter.Workbook(self._bytes, {**where, "strings_to_formulas": False, "strings_to_urls": False})
        heading = unsafe_text.make_one_line(title)[:MOST_TITLE]
        self.book.set_properties({"title": heading, "subject": subject, "created": CREATED})
        self._shown = shown
        self.style: Callable[..., Format] = cache(self._add_style)
        self._written = lru_cache(maxsize=TEXTS_HELD)(self._prepare_text)

    def _add_style(self, name: str, *, quoted: bool = False) -> Format:
        """Return the format of that name; `quoted` is Excel's own mark of a text that would else be a formula."""
        return self.book.add_format({**STYLES[name], "quote_prefix": True} if quoted else {**STYLES[name]})

    def _prepare_text(self, text: str) -> tuple[str, bool]:
        """Return what is written of a text, and whether a spreadsheet would run it if it were typed."""
        written = unsafe_text.fit_to_cell(self._shown(text))
        return written, unsafe_text.is_executable(written)

    def sheet(self, name: str, widths: Sequence[float] = (), *, by_row: bool = False) -> Worksheet:
        """Add a sheet with columns of those widths and the print set-up every sheet shares.

        `by_row`, for long lists, it is written row after row, and a `box` there may be one row high only.
        """
        sheet = self.book.add_worksheet(name, _RowWorksheet if by_row else _Worksheet)
        sheet.set_paper(9)
        sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
        sheet.hide_gridlines(2)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        return sheet

    def box(self, sheet: Worksheet, box: CellBox, value: CellValue, style: str) -> None:
        """Write a value into a cell, or into several merged into one."""
        if box.merged:
            sheet.merge_range(*box, "", self.style(style))
        self.put(sheet, box.top, box.left, value, style)

    def merge_down(self, sheet: Worksheet, first: int, last: int, column: int, value: CellValue, style: str) -> None:
        """Write a value over several merged rows of a column, on a sheet `by_row`; the cells below come later."""
        self.put(sheet, first, column, value, style)
        sheet.merge.append([first, column, last, column])

    def put(self, sheet: Worksheet, row: int, column: int, value: CellValue, style: str) -> None:
        """Write a value into a cell: text stays text, a number that a spreadsheet cannot hold exactly becomes text."""
        look = self.style(style)
        if value is None or value == "":
            sheet.write_blank(row, column, None, look)
        elif isinstance(value, str):
            self._text(sheet, row, column, value, style)
        elif is_exact(value):
            # As a decimal: XlsxWriter spells a float with 16 digits, 0.07 as 0.07000000000000001.
            sheet.write_number(row, column, value if isinstance(value, int) else Decimal(str(value)), look)
        else:
            sheet.write_string(row, column, f"{value:f}" if isinstance(value, Decimal) else str(value), look)

    def _text(self, sheet: Worksheet, row: int, column: int, value: str, style: str) -> None:
        """Write a text as it is; one that looks like XlsxWriter's mark-up has its first character written apart."""
        text, quoted = self._written(value) if len(value) <= SHORT else self._prepare_text(value)
        look = self.style(style, quoted=True) if quoted else self.style(style)
        if text.startswith("<r>") and text.endswith("</r>"):
            sheet.write_rich_string(row, column, text[:1], self.style(style), text[1:], look)
        else:
            sheet.write_string(row, column, text, look)

    def formula(
        self,
        sheet: Worksheet,
        row: int,
        column: int,
        formula: str,
        style: str,
        value: CellValue,
        *,
        array: bool = False,
    ) -> None:
        """Write a formula with the value it computes to, so that readers without a calculator see it."""
        cached = "" if value is None else float(value) if isinstance(value, Decimal) else value
        cached = unsafe_text.fit_to_cell(self._shown(cached)) if isinstance(cached, str) else cached
        if array:
            sheet.write_array_formula(row, column, row, column, "{=" + formula + "}", self.style(style), cached)
        else:
            sheet.write_formula(row, column, "=" + formula, self.style(style), cached)

    def formula_box(self, sheet: Worksheet, box: CellBox, formula: str, style: str, value: CellValue) -> None:
        """Write a formula and its value into a cell, or into several merged into one."""
        if box.merged:
            sheet.merge_range(*box, "", self.style(style))
        self.formula(sheet, box.top, box.left, formula, style, value)

    def link(self, sheet: Worksheet, row: int, column: int, to: SheetCell, text: str, style: str = "link") -> None:
        """Write a link to another place of the workbook."""
        sheet.write_url(row, column, f"internal:'{to.sheet}'!{to.a1}", self.style(style), text)

    def jump(self, sheet: Worksheet, box: CellBox, to: SheetCell, value: int, style: str) -> None:
        """Write a number that is itself a link to another place of the workbook, perhaps in several cells merged."""
        self.box(sheet, box, value, style)
        sheet.write_url(box.top, box.left, f"internal:'{to.sheet}'!{to.a1}", self.style(style), str(value))
        sheet.write_number(box.top, box.left, value, self.style(style))

    def note(self, sheet: Worksheet, row: int, column: int, text: str, author: str = "") -> None:
        """Add a note to a cell, as large as its text."""
        text = unsafe_text.fit_to_cell(unsafe_text.make_legible(text), MOST_NOTED)
        size = {"x_scale": 1.9, "y_scale": min(TALLEST_NOTE, fit_row_height(text, 36) / 74)}
        look = {"author": author, "font_name": "宋体", "font_size": 9, "color": "#FFFDF0"}
        sheet.write_comment(row, column, text, size | look)

    def row(
        self,
        sheet: Worksheet,
        row: int,
        values: Sequence[CellValue],
        styles: Sequence[str],
        height: float,
        links: Mapping[int, SheetCell | str | None] = MappingProxyType({}),
    ) -> None:
        """Write one row of a list from its first column on: a value and a style a cell, links by column."""
        sheet.set_row(row, height)
        for column, to in links.items():
            if to:
                self._link_cell(sheet, row, column, to)
        cells = sheet.open_row(row, len(values))
        for column, (value, style) in enumerate(zip(values, styles, strict=True)):
            if type(value) is int and -EXACT < value < EXACT:
                cells[column] = CellNumberTuple(value, self.style(style))
            else:
                self.put(sheet, row, column, value, style)

    def _link_cell(self, sheet: Worksheet, row: int, column: int, to: SheetCell | str) -> None:
        """Make a cell, written afterwards, a link to another place of the workbook or to the address of a file."""
        if sheet.hlink_count >= MOST_LINKS or (isinstance(to, str) and len(to) > LONGEST_LINK):
            return
        url = _FileLink(to) if isinstance(to, str) else Url(f"internal:{quote_sheet(to.sheet)}!{to.a1}")
        sheet.write_url(row, column, url)

    def chart(self, kind: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- XlsxWriter has no types
        """Return a new chart of that kind, for `insert_chart`."""
        return self.book.add_chart(dict(kind))

    def buttons(self, sheet: Worksheet, buttons: Sequence[Button]) -> None:
        """Add buttons in the corner left of the title, in sight whatever the screen; a spreadsheet does not print them.

        They stand where they should only if the first row has its height already.
        """
        for n, button in enumerate(buttons):
            down, along = divmod(n, BUTTONS_ABREAST)
            place = {"x_offset": BUTTON_GAP + along * (BUTTON_WIDTH + BUTTON_GAP)}
            place |= {"y_offset": BUTTON_GAP + down * (BUTTON_HEIGHT + 1), "width": BUTTON_WIDTH}
            bound = {"caption": button.caption, "macro": button.macro}
            sheet.insert_button(0, 0, {**bound, **place, "height": BUTTON_HEIGHT})

    def save(self, path: Path) -> None:
        """Finish the workbook and put it in its place, atomically."""
        atomic_write.write_bytes(path, self.bytes())

    def bytes(self) -> bytes:
        """Finish the workbook; return its bytes."""
        self.book.close()
        return self._bytes.getvalue()


def escape_address(path: str) -> str:
    """Return a relative path, slashes between its parts, as a link holds it: `报 送/1#.xlsx` → `报%20送/1%23.xlsx`."""
    return "/".join(_RESERVED.sub(lambda match: quote(match[0], errors="replace"), part) for part in path.split("/"))


def measure_text_width(text: str) -> int:
    """Return how many half-width columns a text takes on screen."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def fit_row_height(text: str, columns: float, *, line: float = 15.0, least: float = 22.0) -> float:
    """Return the row height (points) that shows a text wrapped into a cell that many half-width columns wide."""
    lines = sum(max(1, math.ceil(measure_text_width(part) / max(1.0, columns - 1.5))) for part in text.split("\n"))
    return min(max(least, lines * line + 6), TALLEST)
