"""The part of a sheet, parsed: its cells as the part spells them, and what is laid over them.

`sheet_scan` reads most sheets by a pattern, several times as fast, and delivers the same `SheetCells` and `SheetFrame`.
This parser reads the others, and refuses a sheet that programs may take in two ways: a value beside a text, a cell that
names another row than its row's, elements of other programs among the cells.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from workbook.excel.reading.cell_appearance import parse_float
from workbook.excel.reading.ooxml_parts import SPREADSHEET, ElementRules, PackagePart
from workbook.excel.reading.plain_xml import Piece, read_text, spell_text
from workbook.excel.reading.shared_texts import TEXT, TEXT_RULES, Runs, TextParser
from workbook.excel.reading.workbook_contents import (
    AmbiguousWorkbook,
    Attributes,
    ReadBudget,
    UnseenArea,
    Validation,
    is_locked,
    parse_validation,
)
from workbook.model.cell_address import Area, format_address, parse_address, parse_range

LAST_ROW, LAST_COLUMN = (1 << 20) - 1, (1 << 14) - 1
"""The last row and column that a sheet may have, counted from 0."""
UNSEEN = 1.0
"""Rows of so many points, and columns of so many characters, are too small to show anything."""


class SheetCells(NamedTuple):
    """The cells of a sheet in their order, each in five pieces as the part spells them: None where it has none.

    A formula is its whole element; the value of a cell of kind `inlineStr` is its own text. `runs` are, by position,
    the stretches of such texts.
    """

    refs: list[bytes]
    styles: list[Piece]
    kinds: list[Piece]
    formulas: list[Piece]
    values: list[Piece]
    runs: Mapping[int, Runs] = {}


class SheetFrame(NamedTuple):
    """What is laid over the cells of a sheet: merged areas, validations, protection and whether by a password.

    `conditions` are the elements of its conditional formats, in their order: name, attributes (None at its end).
    `unseen` are its hidden rows and columns; `zeros` is False where it shows nothing for 0.
    """

    merges: tuple[Area, ...] = ()
    validations: tuple[Validation, ...] = ()
    locked: tuple[bool, bool] = (False, False)
    conditions: tuple[tuple[str, tuple[tuple[str, str], ...] | None], ...] = ()
    unseen: tuple[UnseenArea, ...] = ()
    zeros: bool = True


def is_unseen(attributes: Attributes, size: str) -> bool:
    """Whether a row (size `ht`) or a column (`width`) is hidden, or too small to show anything."""
    return attributes.get("hidden", "").strip() in ("1", "true") or parse_float(attributes.get(size, ""), 99) < UNSEEN


def hides_zeros(attributes: Attributes) -> bool:
    """Whether a view of a sheet shows nothing for 0."""
    return attributes.get("showZeros", "").strip() in ("0", "false")


def hide_columns(attributes: Attributes) -> UnseenArea:
    """The columns of one `<col min="2" max="4" hidden="1"/>`."""
    return UnseenArea("column", (0, int(attributes["min"]) - 1, LAST_ROW, int(attributes["max"]) - 1))


def list_array_cells(formula: Attributes) -> list[UnseenArea]:
    """The cells that hold results of an array formula, which has several; of a formula that has not, none."""
    area = parse_range(formula.get("ref", "")) if formula.get("t") == "array" else None
    return [UnseenArea("array", area[1:])] if area is not None and area[1:3] != area[3:] else []


class SheetPart(PackagePart):
    """The part of a sheet, parsed: the same `cells` and `frame` as of one that is scanned."""

    root = "worksheet"
    spaces = SPREADSHEET
    rules = ElementRules(
        {
            "sheetData": ("row", "extLst"),
            "row": ("c", "extLst"),
            "c": ("f", "v", "is", "extLst"),
            "is": TEXT,
            "f": (),
            "v": (),
            **TEXT_RULES,
        },
        {"worksheet": ("sheetData",)},
    )
    """ISO/IEC 29500-1, 18.3: programs add elements of their own, but never among the cells."""

    def __init__(self, budget: ReadBudget) -> None:
        super().__init__(budget)
        self._runs = dict[int, Runs]()
        self.cells = SheetCells([], [], [], [], [], self._runs)
        self._merges: list[Area] = []
        self._validations: list[Validation] = []
        self._conditions: list[tuple[str, tuple[tuple[str, str], ...] | None]] = []
        self._locked = False, False
        self._unseen: list[UnseenArea] = []
        self._zeros = True
        self._row = self._column = -1
        self._numbered = False
        self._met = set[str]()
        self._open: Attributes = {}  # the cell or the validation under way,
        self._contents: dict[str, list[str]] = {}  # what its elements say,
        self._formula: Attributes = {}  # what its formula is,
        self._text: TextParser | None = None  # and its own text

    @property
    def frame(self) -> SheetFrame:
        """What is laid over the cells."""
        conditions, unseen = tuple(self._conditions), tuple(self._unseen)
        return SheetFrame(tuple(self._merges), tuple(self._validations), self._locked, conditions, unseen, self._zeros)

    def start(self, name: str, attributes: Attributes) -> None:
        """Meet the beginning of an element."""
        if self._text is not None:
            self.into = self._text.start(name, attributes)
        elif name in ("v", "f", "formula1", "formula2"):
            if name in self._contents:
                raise ValueError(f"two of {name}")
            self.into = self._contents.setdefault(name, [])
            if name == "f":
                self._formula = attributes
                arrays = list_array_cells(attributes)
                self.budget.keep(len(arrays))
                self._unseen += arrays
        elif name == "is":
            self._text = TextParser()
        elif name in ("c", "dataValidation"):
            self._open, self._contents = attributes, {}
        else:
            self._around(name, attributes)

    def _around(self, name: str, attributes: Attributes) -> None:
        if name == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._column, self._numbered = -1, "r" in attributes
            if is_unseen(attributes, "ht"):
                self.budget.keep()
                self._unseen.append(UnseenArea("row", (self._row, 0, self._row, LAST_COLUMN)))
        elif name == "col" and is_unseen(attributes, "width"):
            self.budget.keep()
            self._unseen.append(hide_columns(attributes))
        elif name == "sheetView":
            self._zeros = self._zeros and not hides_zeros(attributes)
        elif name == "mergeCell":
            area = parse_range(attributes["ref"])
            if area is not None:
                self.budget.keep()
                self._merges.append(area[1:])
            elif not _WHOLE.fullmatch(attributes["ref"]):
                raise ValueError("merged cells without a place")
        elif name == "sheetProtection":
            self._locked = is_locked(attributes)
        elif name in _CONDITIONS:
            self._conditions.append((name, tuple(attributes.items())))
        if name in _ONCE and name in self._met:
            raise AmbiguousWorkbook(f"two of {name}")
        self._met.add(name)

    def end(self, name: str) -> None:
        """Meet the end of an element."""
        self.into = None
        if name == "is" and self._text is not None:
            spelled, runs = self._text.read()
            self._contents["is"], self._text = [read_text(spelled)], None
            if runs:
                self._runs[len(self.cells.refs)] = runs
        elif self._text is not None:
            self._text.end(name)
        elif name == "c":
            self.budget.keep()
            self._cell(self._open)
        elif name == "dataValidation":
            formulas = ["".join(self._contents.get(formula, ())) for formula in ("formula1", "formula2")]
            self._validations.append(parse_validation(self._open, formulas[0], formulas[1], self.budget))
        elif name == "colorScale":
            self._conditions.append((name, None))

    def _cell(self, attributes: Attributes) -> None:
        ref = attributes.get("r") or format_address(self._row, self._column + 1)
        if "$" in ref:  # some programs take it for the place that it names, some for none
            raise AmbiguousWorkbook(f"the place {ref}")
        row, self._column = parse_address(ref)
        if self._numbered and row != self._row:
            raise AmbiguousWorkbook(f"{ref} in row {self._row + 1}")
        kind = attributes.get("t")
        if "is" in self._contents and (kind != "inlineStr" or "v" in self._contents):
            raise AmbiguousWorkbook(f"a value and a text in {ref}")
        formula = None
        if "f" in self._contents:
            shared = f' t="shared" si="{self._formula.get("si", "")}"' if self._formula.get("t") == "shared" else ""
            formula = f"<f{shared}>".encode() + spell_text("".join(self._contents["f"])) + b"</f>"
        value = self._contents.get("is" if kind == "inlineStr" else "v")
        self.cells.refs.append(ref.encode())
        self.cells.styles.append(_encode(attributes.get("s")))
        self.cells.kinds.append(_encode(kind))
        self.cells.formulas.append(formula)
        self.cells.values.append(None if value is None else spell_text("".join(value)))


def _encode(text: str | None) -> Piece:
    return None if text is None else text.encode()


_WHOLE = re.compile(r"\$?[A-Z]{1,3}:\$?[A-Z]{1,3}|\$?[0-9]{1,7}:\$?[0-9]{1,7}")
"""Whole columns or rows, which some programs merge: no table is in them."""
_ONCE = frozenset(("sheetData", "mergeCells", "sheetProtection", "dataValidations"))
"""What a sheet has once: of two, some programs take the first and others the last."""
_CONDITIONS = frozenset(("conditionalFormatting", "cfRule", "iconSet", "dataBar", "colorScale", "color"))
"""The elements of which `ConditionalFormats` takes notice."""
