"""The parts of a workbook's package, each heard by expat as it is parsed: links, sheets, shared texts, properties."""

# ruff: noqa: D102 -- what start, end and text hear is said once, by Part

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import TypeVar
from xml.parsers import expat

from workbook.excel.reading.cell_appearance import CellStyles, ConditionalFormats, FontLook, WrittenRun, parse_font
from workbook.excel.reading.workbook_contents import (
    Attributes,
    Cell,
    CellLook,
    ReadBudget,
    Sheet,
    SheetFormulas,
    Validation,
    is_locked,
    make_cell,
    parse_bool,
    parse_validation,
    unescape_text,
)
from workbook.model.cell_address import Area, Place, format_address, parse_address, parse_range


class PackagePart:
    """What one part says, gathered while it is parsed; `into` collects the text under way."""

    root = ""

    def __init__(self, budget: ReadBudget) -> None:
        self.budget = budget
        self.into: list[str] | None = None

    def start(self, name: str, attributes: Attributes) -> None:
        """Meet the beginning of an element."""

    def end(self, name: str) -> None:
        """Meet the end of an element."""

    def text(self, data: str) -> None:
        """Meet a stretch of text."""
        if self.into is not None:
            self.into.append(data)


_P = TypeVar("_P", bound=PackagePart)
ELEMENTS = 1_000
"""So many elements are met before they are paid for together."""


def parse_part(xml: bytes, part: _P) -> _P:
    """Let a part hear what its XML says in the namespace of its root: what programs add in others is not for it."""
    parser = expat.ParserCreate(namespace_separator=" ")
    unpaid = 0

    def root(name: str, _: Attributes) -> None:
        space, blank, local = name.rpartition(" ")
        if local != part.root:
            raise ValueError(f"{local} where {part.root} should be")
        prefix = space + blank

        def start(name: str, attributes: Attributes) -> None:
            nonlocal unpaid
            unpaid += 1
            if unpaid == ELEMENTS:
                part.budget.meet(unpaid)
                unpaid = 0
            if part.into is not None:
                raise ValueError(f"{name} within a text")
            part.start(name.removeprefix(prefix), attributes)

        parser.StartElementHandler = start
        parser.EndElementHandler = lambda name: part.end(name.removeprefix(prefix))

    def refuse(*_: object) -> None:
        raise ValueError("a document type is declared")  # the door to entities, which no workbook needs

    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = root
    parser.CharacterDataHandler = part.text
    try:
        parser.Parse(xml, True)
        part.budget.meet(unpaid)
    finally:  # no cycle is left for the garbage collector
        parser.StartElementHandler = parser.EndElementHandler = None
        parser.CharacterDataHandler = parser.StartDoctypeDeclHandler = None
    return part


class PartLinks(PackagePart):
    """A part's references to others, by the identifier it uses: kind and target; with `outside` no inner ones."""

    root = "Relationships"

    def __init__(self, folder: str, budget: ReadBudget, *, outside: bool = False) -> None:
        super().__init__(budget)
        self.folder, self.outside, self.found = folder, outside, dict[str, tuple[str, str]]()

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            target = attributes["Target"]
            if attributes.get("TargetMode") != "External":
                if self.outside:
                    return
                target = posixpath.normpath(posixpath.join("/", self.folder, target.replace("\\", "/")))[1:]
            self.found[attributes["Id"]] = attributes["Type"].rpartition("/")[2], target


class ExternalPart(PackagePart):
    """A part about something outside: `kind` is dde or ole where it is no workbook, `what` the program and topic."""

    root = "externalLink"

    def __init__(self, budget: ReadBudget) -> None:
        super().__init__(budget)
        self.kind = self.what = ""

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "ddeLink":
            self.kind, self.what = "dde", f"{attributes.get('ddeService', '')}|{attributes.get('ddeTopic', '')}"
        elif name == "oleLink":
            self.kind, self.what = "ole", attributes.get("progId", "")


class WorkbookPart(PackagePart):
    """The workbook's own part: sheets as (name, hidden, link), names, links to other workbooks; `late` by its days."""

    root = "workbook"

    def __init__(self, budget: ReadBudget) -> None:
        super().__init__(budget)
        self.sheets: list[tuple[str, bool, str]] = []
        self.externals: list[str] = []
        self.names: dict[str, str] = {}
        self.late = False
        self._name = ""
        self._listing = False

    def start(self, name: str, attributes: Attributes) -> None:
        if self._listing and name != "sheet":  # passed over, it might be a sheet of figures
            raise ValueError(f"{name} among the sheets")
        if name == "sheets":
            self._listing = True
        elif name == "sheet":
            hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append((attributes["name"], hidden, _id(attributes)))
        elif name == "externalReference":
            self.externals.append(_id(attributes))
        elif name == "definedName" and "localSheetId" not in attributes:
            self._name, self.into = attributes["name"], []
        elif name == "workbookPr":
            self.late = parse_bool(attributes.get("date1904"))

    def end(self, name: str) -> None:
        if name == "sheets":
            self._listing = False
        elif name == "definedName" and self.into is not None:
            self.names[self._name], self.into = "".join(self.into), None
            self.budget.keep()


def _id(attributes: Attributes) -> str:
    return next(value for name, value in attributes.items() if name.endswith(" id"))


class TextRuns:
    """The stretches of one text, each in a font of its own: heard along with its pieces."""

    def __init__(self) -> None:
        self._found: list[tuple[int, int, FontLook]] = []
        self._start = 0
        self._said: list[tuple[str, Attributes]] | None = None
        self._open = False

    def start(self, name: str, attributes: Attributes, pieces: Sequence[str]) -> None:
        """Meet the beginning of an element of a text; `pieces` are those heard so far."""
        if name == "r":
            self._start, self._open, self._said = len(pieces), True, None
        elif name == "rPr":
            self._said = []
        elif self._said is not None and self._open:
            self._said.append((name, attributes))

    def end(self, pieces: Sequence[str]) -> None:
        """Meet the end of a stretch."""
        if self._said is not None:
            self._found.append((self._start, len(pieces), parse_font(self._said)))
        self._open, self._said = False, None

    def written(self, pieces: Sequence[str]) -> tuple[WrittenRun, ...]:
        """The stretches of the text that is at its end; nothing where none has a font of its own."""
        if not self._found:
            return ()
        written, at = [], 0
        for first, last, pen in [*self._found, (len(pieces), len(pieces), None)]:
            written.append(WrittenRun(unescape_text("".join(pieces[at:first]))))
            written.append(WrittenRun(unescape_text("".join(pieces[first:last])), pen))
            at = last
        self._found = []
        return tuple(one for one in written if one.text)


class SharedTexts(PackagePart):
    """The texts cells share; how a text is pronounced is no part of it. `written` has those in several fonts."""

    root = "sst"

    def __init__(self, budget: ReadBudget) -> None:
        super().__init__(budget)
        self.texts: list[str] = []
        self.written: dict[int, tuple[WrittenRun, ...]] = {}
        self._fonts = TextRuns()
        self._runs: list[str] = []
        self._within = self._spoken = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "si":
            if self._within:  # one more or one less, and every text after it is another's
                raise ValueError("a text within a text")
            self._runs, self._within = [], True
        elif name == "rPh":
            self._spoken = True
        elif name == "t" and not self._spoken:
            self.into = self._runs
        else:
            self._fonts.start(name, attributes, self._runs)

    def end(self, name: str) -> None:
        if name == "t":
            self.into = None
        elif name == "rPh":
            self._spoken = False
        elif name == "r":
            self._fonts.end(self._runs)
        elif name == "si":
            if written := self._fonts.written(self._runs):
                self.written[len(self.texts)] = written
            text = unescape_text("".join(self._runs))
            self.budget.keep()
            self.budget.say(len(text))
            self.texts.append(text)
            self._within = False


class CustomProperties(PackagePart):
    """The custom properties of a document, whatever their type, as text."""

    root = "Properties"

    def __init__(self, budget: ReadBudget) -> None:
        super().__init__(budget)
        self.texts: dict[str, str] = {}
        self._name = ""
        self._said: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "property":
            self._name, self._said = attributes["name"], []

    def text(self, data: str) -> None:
        self._said.append(data)  # it stands in an element that tells its type, or in several

    def end(self, name: str) -> None:
        if name == "property":
            self.texts[self._name] = "".join(self._said).strip()


class SheetPart(PackagePart):
    """The part of one sheet."""

    root = "worksheet"

    def __init__(
        self,
        strings: Sequence[str],
        budget: ReadBudget,
        styles: CellStyles | None = None,
        written: Mapping[int, Sequence[WrittenRun]] | None = None,
    ) -> None:
        super().__init__(budget)
        self._strings, self._formulas = strings, SheetFormulas(budget)
        self._styles, self._written, self._fonts = styles or CellStyles(), written or {}, TextRuns()
        self._cells: dict[Place, Cell] = {}
        self._looks: dict[Place, CellLook] = {}
        self._numbers: dict[Place, str | None] = {}
        self._conditions = ConditionalFormats(self._styles, budget)
        self._merges: list[Area] = []
        self._validations: list[Validation] = []
        self._locked = False, False
        self._row, self._col, self._in_row = -1, -1, False
        self._skip = 0
        self._open: Attributes | None = None  # the cell or validation under way,
        self._said: dict[str, list[str]] = {}  # what its elements say,
        self._formula: Attributes = {}  # and what its formula is
        self._spoken = False

    def start(self, name: str, attributes: Attributes) -> None:
        if self._skip or name == "extLst":  # extensions use the same names with other meanings
            self._skip += name == "extLst"
        elif self._open is not None and name in ("c", "dataValidation"):  # its end would be taken for the outer one's
            raise ValueError(f"{name} within a cell or a validation")
        elif (name == "c" and self._in_row) or name == "dataValidation":
            self._open, self._said = attributes, {}
        elif self._open is None:
            if self._in_row:  # passed over, it might be a figure
                raise ValueError(f"{name} among the cells")
            self._around(name, attributes)
        elif name == "rPh":
            self._spoken = True
        elif name in _SAYING and not self._spoken:
            if name in self._said and name != "t":
                raise ValueError(f"two of {name}")
            self.into = self._said.setdefault(name, [])
            if name == "f":
                self._formula = attributes
        else:
            self._fonts.start(name, attributes, self._said.get("t", ()))

    def _around(self, name: str, attributes: Attributes) -> None:
        if name == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._col, self._in_row = -1, True
        elif name == "mergeCell":
            area = parse_range(attributes["ref"])
            if area is not None:
                self.budget.keep()
                self._merges.append(area[1:])
            elif not _WHOLE.fullmatch(attributes["ref"]):
                raise ValueError("merged cells without a place")
        elif name == "sheetProtection":
            self._locked = is_locked(attributes)
        else:
            self._conditions.start(name, attributes)

    def end(self, name: str) -> None:
        if self._skip:
            self._skip -= name == "extLst"
        elif name in _SAYING:
            self.into = None
        elif name == "rPh":
            self._spoken = False
        elif name == "row":
            self._in_row = False
        elif name == "r" and self._open is not None:
            self._fonts.end(self._said.get("t", ()))
        elif self._open is not None and name in ("c", "dataValidation"):
            if name == "c":
                self.budget.keep()
                self._cell(self._open)
            else:
                said = self._text("formula1") or "", self._text("formula2") or ""
                self._validations.append(parse_validation(self._open, *said, self.budget))
            self._open = None
        else:
            self._conditions.end(name)

    def _cell(self, attributes: Attributes) -> None:
        place = parse_address(attributes.get("r") or format_address(self._row, self._col + 1))
        self._col = place[1]
        kind = attributes.get("t", "n")
        formula = self._text("f")
        if formula is not None:
            formula = self._formulas.text(self._formula, formula, *place)
        value = self._text("t" if kind == "inlineStr" else "v")
        cell = make_cell(kind, value, formula, self._strings)
        written: Sequence[WrittenRun] = self._fonts.written(self._said.get("t", ())) if kind == "inlineStr" else ()
        self._looks.pop(place, None)
        if cell is not None:
            self._cells[place] = cell
            self._numbers[place] = attributes.get("s")
            if kind == "s" and self._written:
                written = self._written.get(int(value or ""), ())
            if (look := self._styles.look(attributes.get("s"), written)) is not None:
                self._looks[place] = look
            if isinstance(cell.value, str):  # each place that shows a shared text may be written out
                self.budget.say(len(cell.value))
        else:
            self._cells.pop(place, None)

    def _text(self, name: str) -> str | None:
        said = self._said.get(name)
        return None if said is None else "".join(said)

    def made(self, name: str, hidden: bool) -> Sheet:
        """Give the sheet, once its part was parsed."""
        merges, validations = tuple(self._merges), tuple(self._validations)
        dressings = tuple(self._conditions.found)
        inks = {place: self._styles.ink(self._numbers[place]) for place in self._cells} if dressings else {}
        return Sheet(name, self._cells, merges, validations, *self._locked, hidden, self._looks, dressings, inks)


_WHOLE = re.compile(r"\$?[A-Z]{1,3}:\$?[A-Z]{1,3}|\$?[0-9]{1,7}:\$?[0-9]{1,7}")
"""Whole columns or rows, which some programs merge: no table stands in them."""
_SAYING = frozenset(("v", "f", "t", "formula1", "formula2"))
