"""The first reader: a workbook straight from its package, exactly, by the standard library alone.

Every part is inflated within bounds, its checksum compared, and parsed by expat, which takes any spelling XML allows.
Nothing is guessed: what this reader does not understand it leaves to the second one by raising `NotFast`.
"""

from __future__ import annotations

import hashlib
import posixpath
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TypeVar
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from workbook.reading.book import (
    Area,
    Book,
    Cell,
    Place,
    Sheet,
    Validation,
    a1,
    held,
    parse_a1,
    parse_range,
    shifted,
    unescaped,
)

Attributes = Mapping[str, str]


class NotFast(Exception):
    """The file is not for this reader; the tolerant one may take it."""


class TooLarge(Exception):
    """The file asks for more than any report needs: no reader may go on."""


@dataclass(slots=True)
class Budget:
    """What reading one file may still cost: bytes to inflate or write out, and cells to keep."""

    size: int = 256 << 20
    part: int = 128 << 20
    cells: int = 2_000_000

    def spend(self, size: int) -> None:
        """Pay for `size` bytes."""
        self.size -= size
        if self.size < 0 or size > self.part:
            raise TooLarge

    def keep(self, cells: int = 1) -> None:
        """Pay for cells."""
        self.cells -= cells
        if self.cells < 0:
            raise TooLarge


def read(path: Path, budget: Budget | None = None) -> Book:
    """Read a workbook; `NotFast` where the tolerant reader should be asked, `TooLarge` where nobody should."""
    try:
        return _read(path, budget or Budget())
    except (expat.ExpatError, BadZipFile, zlib.error, struct.error, LookupError, ValueError) as trouble:
        raise NotFast(str(trouble)) from trouble
    except (OSError, NotImplementedError, OverflowError, EOFError) as trouble:
        raise NotFast(str(trouble)) from trouble


def _sheet(parts: _Parts, name: str, hidden: bool, link: tuple[str, str], strings: Sequence[str]) -> Sheet:
    kind, target = link
    sheet = _Sheet(strings, parts.budget)
    if kind == "worksheet":  # a chart sheet has no cells
        _parse(parts.read(target), sheet)
    return sheet.made(name, hidden)


# What both readers must do alike, or they would not tell of the same file.

PROPERTIES = "docProps/custom.xml"


def contents(path: Path, budget: Budget) -> bytes:
    """Read the file once, unless it is larger than one part may be."""
    if path.stat().st_size > budget.part:
        raise TooLarge
    return path.read_bytes()


def alone(names: Iterable[str]) -> None:
    """Refuse a package that says one thing twice: programs differ in which of the two they show."""
    seen = [name.lower() for name in names if name.lower().endswith((".xml", ".rels"))]
    if len(set(seen)) < len(seen):
        raise ValueError("a part is there twice, or shown as two sheets")


def macros(names: Iterable[str]) -> bool:
    """Tell by its parts whether a workbook carries macros, of either generation."""
    return any(name.lower().endswith("vbaproject.bin") or "macrosheets/" in name.lower() for name in names)


def true(text: str | None) -> bool:
    """Read a truth value as XML spells it."""
    return text in ("1", "true")


def locked(attributes: Attributes) -> tuple[bool, bool]:
    """Tell whether a sheet is protected, and whether by a password."""
    return true(attributes.get("sheet")), bool(attributes.get("password") or attributes.get("hashValue"))


def areas(text: str) -> tuple[str, ...]:
    """List the areas a validation holds for, each spelled one way; their order means nothing."""
    found = set()
    for piece in text.split():
        area = parse_range(piece)
        if area is None or area[0]:
            raise ValueError(f"not an area: {piece}")
        first, last = a1(*area[1:3]), a1(*area[3:])
        found.add(first if first == last else f"{first}:{last}")
    return tuple(sorted(found))


class Formulas:
    """The formulas of one sheet; one that is shared by many cells is written out for each."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._shared: dict[str, tuple[str, int, int]] = {}

    def text(self, attributes: Attributes, text: str, row: int, col: int) -> str:
        """Give the formula of a cell: its own text, or what the shared one comes to there."""
        text = text.removeprefix("=")
        if attributes.get("t") != "shared":
            return text
        number = attributes.get("si", "")
        if text:
            self._shared[number] = text, row, col
            return text
        if number not in self._shared:
            return ""
        text, top, left = self._shared[number]
        self._budget.spend(len(text))
        moved = shifted(text, row - top, col - left)
        return text if moved is None else moved


def _read(path: Path, budget: Budget) -> Book:
    raw = contents(path, budget)
    parts = _Parts(raw, budget)
    main = dict(_links(parts, "").values())["officeDocument"]
    links = _links(parts, main)
    workbook = _parse(parts.read(main), _Workbook())
    strings, properties = _Texts(), _Properties()
    for kind, target in links.values():
        if kind == "sharedStrings":
            _parse(parts.read(target), strings)
    if PROPERTIES in parts:
        _parse(parts.read(PROPERTIES), properties)
    alone(links[link][1] for _, _, link in workbook.sheets)
    externals = [_links(parts, links[link][1]) for link in workbook.externals]
    return Book(
        path=path,
        reader="package",
        sheets=tuple(_sheet(parts, name, hidden, links[link], strings.texts) for name, hidden, link in workbook.sheets),
        names=workbook.names,
        properties=properties.texts,
        external_links=tuple(next(iter(found.values()))[1] for found in externals if found),
        macros=macros(parts.names),
        sha256=hashlib.sha256(raw).hexdigest(),
        size=len(raw),
    )


class _Parts:
    """The parts of a package by name, in any case and with either slash."""

    def __init__(self, raw: bytes, budget: Budget) -> None:
        with ZipFile(BytesIO(raw)) as archive:
            members = archive.infolist()
        alone(member.filename for member in members)
        self._raw, self.budget = raw, budget
        self._members = {_key(member.filename): member for member in members}
        self.names = tuple(self._members)

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._members

    def read(self, name: str) -> bytes:
        member = self._members[_key(name)]
        self.budget.spend(member.file_size)
        head = self._raw[member.header_offset : member.header_offset + 30]
        mark, name_size, extra_size = struct.unpack("<4s22xHH", head)
        start = member.header_offset + 30 + name_size + extra_size
        data = self._raw[start : start + member.compress_size]
        if mark != b"PK\3\4" or member.flag_bits & 1:
            raise ValueError(f"damaged or encrypted: {name}")
        if member.compress_type == ZIP_DEFLATED:
            # One byte more than announced is asked for, so that a lying size shows.
            data = zlib.decompressobj(-15).decompress(data, member.file_size + 1)
        elif member.compress_type != ZIP_STORED:
            raise ValueError(f"compressed in an unusual way: {name}")
        if len(data) != member.file_size or zlib.crc32(data) != member.CRC:
            raise ValueError(f"damaged: {name}")
        return data


def _key(name: str) -> str:
    return name.replace("\\", "/").lower()


class _Part:
    """What one part says, gathered while it is parsed; `into` collects the text under way."""

    root = ""

    def __init__(self) -> None:
        self.into: list[str] | None = None

    def start(self, name: str, attributes: Attributes) -> None:
        """Meet the beginning of an element."""

    def end(self, name: str) -> None:
        """Meet the end of an element."""

    def text(self, data: str) -> None:
        """Meet a stretch of text."""
        if self.into is not None:
            self.into.append(data)


_P = TypeVar("_P", bound=_Part)


def _parse(xml: bytes, part: _P) -> _P:
    """Let a part hear what its XML says in the namespace of its root: what programs add in others is not for it."""
    parser = expat.ParserCreate(namespace_separator=" ")

    def root(name: str, _: Attributes) -> None:
        space, blank, local = name.rpartition(" ")
        if local != part.root:
            raise ValueError(f"{local} where {part.root} should be")
        prefix = space + blank

        def start(name: str, attributes: Attributes) -> None:
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
    finally:  # no cycle is left for the garbage collector
        parser.StartElementHandler = parser.EndElementHandler = None
        parser.CharacterDataHandler = parser.StartDoctypeDeclHandler = None
    return part


def _links(parts: _Parts, part: str) -> dict[str, tuple[str, str]]:
    """Find what a part refers to: kind and target by the identifier it uses."""
    folder, name = posixpath.split(part)
    file = posixpath.join(folder, "_rels", f"{name}.rels")
    return _parse(parts.read(file), _Links(folder)).found if file in parts else {}


class _Links(_Part):
    """A part's references to others, by the identifier it uses: kind and target."""

    root = "Relationships"

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.folder, self.found = folder, dict[str, tuple[str, str]]()

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            target = attributes["Target"]
            if attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", self.folder, target.replace("\\", "/")))[1:]
            self.found[attributes["Id"]] = attributes["Type"].rpartition("/")[2], target


class _Workbook(_Part):
    """The workbook's own part: sheets as (name, hidden, link), names, links to other workbooks."""

    root = "workbook"

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, bool, str]] = []
        self.externals: list[str] = []
        self.names: dict[str, str] = {}
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

    def end(self, name: str) -> None:
        if name == "sheets":
            self._listing = False
        elif name == "definedName" and self.into is not None:
            self.names[self._name], self.into = "".join(self.into), None


def _id(attributes: Attributes) -> str:
    return next(value for name, value in attributes.items() if name.endswith(" id"))


class _Texts(_Part):
    """The texts cells share; how a text is pronounced is no part of it."""

    root = "sst"

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._runs: list[str] = []
        self._spoken = False

    def start(self, name: str, attributes: Attributes) -> None:  # noqa: ARG002
        if name == "si":
            self._runs = []
        elif name == "rPh":
            self._spoken = True
        elif name == "t" and not self._spoken:
            self.into = self._runs

    def end(self, name: str) -> None:
        if name == "t":
            self.into = None
        elif name == "rPh":
            self._spoken = False
        elif name == "si":
            self.texts.append(unescaped("".join(self._runs)))


class _Properties(_Part):
    """The custom properties of a document, whatever their type, as text."""

    root = "Properties"

    def __init__(self) -> None:
        super().__init__()
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


class _Sheet(_Part):
    """The part of one sheet."""

    root = "worksheet"

    def __init__(self, strings: Sequence[str], budget: Budget) -> None:
        super().__init__()
        self._strings, self._budget, self._formulas = strings, budget, Formulas(budget)
        self._cells: dict[Place, Cell] = {}
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

    def _around(self, name: str, attributes: Attributes) -> None:
        if name == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._col, self._in_row = -1, True
        elif name == "mergeCell":
            area = parse_range(attributes["ref"])
            if area is None:
                raise ValueError("merged cells without a place")
            self._budget.keep()
            self._merges.append(area[1:])
        elif name == "sheetProtection":
            self._locked = locked(attributes)

    def end(self, name: str) -> None:
        if self._skip:
            self._skip -= name == "extLst"
        elif name in _SAYING:
            self.into = None
        elif name == "rPh":
            self._spoken = False
        elif name == "row":
            self._in_row = False
        elif self._open is not None and name in ("c", "dataValidation"):
            self._budget.keep()
            if name == "c":
                self._cell(self._open)
            else:
                self._validation(self._open)
            self._open = None

    def _cell(self, attributes: Attributes) -> None:
        place = parse_a1(attributes.get("r") or a1(self._row, self._col + 1))
        self._col = place[1]
        kind = attributes.get("t", "n")
        formula = self._text("f")
        if formula is not None:
            formula = self._formulas.text(self._formula, formula, *place)
        cell = held(kind, self._text("t" if kind == "inlineStr" else "v"), formula, self._strings)
        if cell is not None:
            self._cells[place] = cell
        else:
            self._cells.pop(place, None)

    def _validation(self, attributes: Attributes) -> None:
        self._validations.append(
            Validation(
                areas(attributes.get("sqref", "")),
                attributes.get("type", "none"),
                attributes.get("operator", "between"),
                self._text("formula1") or "",
                self._text("formula2") or "",
                true(attributes.get("showErrorMessage")) and attributes.get("errorStyle", "stop") == "stop",
            )
        )

    def _text(self, name: str) -> str | None:
        said = self._said.get(name)
        return None if said is None else "".join(said)

    def made(self, name: str, hidden: bool) -> Sheet:
        """Give the sheet, once its part was parsed."""
        return Sheet(name, self._cells, tuple(self._merges), tuple(self._validations), *self._locked, hidden)


_SAYING = frozenset(("v", "f", "t", "formula1", "formula2"))
