"""Parses the parts of a workbook's package by expat: links, the workbook's own part, properties, links to the outside.

`parse_part` lets a `PackagePart` hear the elements of one part. A part has rules (`ElementRules`) of what may stand
where: programs differ in what they make of a cell within an unknown element, or of two alternatives for one row, so
that such a part is refused (`AmbiguousWorkbook`) and never read one way or the other. The parts with many elements,
sheets and shared texts, have modules of their own: `sheet_scan`, `shared_texts`.
"""

# ruff: noqa: D102 -- what start, end and text hear is said once, by Part

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import NamedTuple, TypeVar, cast
from xml.parsers import expat

from workbook.excel.reading.workbook_contents import AmbiguousWorkbook, Attributes, ReadBudget, parse_bool

EXTENSIONS = "extLst"
"""What stands beneath it has the same names with other meanings: no part hears it."""
Children = Mapping[str, tuple[str, ...]]


class ElementRules:
    """Which elements may stand where in a part.

    Beneath an element of `closed` there may be its children alone, whatever their namespace; beneath one of `open`
    anything, but a child that is named here stands beneath none but the parents it is named for. A name stands for the
    element in the namespace of the part's root: `x:row` is no `row`.
    """

    def __init__(self, closed: Children, open: Children) -> None:
        self._closed = {parent: frozenset(children) for parent, children in closed.items()}
        self._parents: dict[str, set[str]] = {}
        for parent, children in (*closed.items(), *open.items()):
            for child in children:
                self._parents.setdefault(child, set()).add(parent)
        self._parents.pop(EXTENSIONS, None)  # they may be anywhere, but in what is closed to them

    def check(self, parent: str, child: str) -> None:
        """Raise AmbiguousWorkbook where that child may not stand there."""
        allowed = self._closed.get(parent)
        if (allowed is not None and child not in allowed) or parent not in self._parents.get(child, (parent,)):
            raise AmbiguousWorkbook(f"{child} beneath {parent}")


ANYTHING = ElementRules({}, {})
SPREADSHEET = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
"""The namespaces of workbooks, sheets and shared texts, in both dialects of the standard (ISO/IEC 29500-4 and -1)."""


class PackagePart:
    """What one part says, gathered while it is parsed; `into` collects the text under way."""

    root = ""
    spaces: Collection[str] = ()
    """The namespaces that the root may be in; none where any will do."""
    rules = ANYTHING

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
    """Let a part hear what its XML says in the namespace of its root: what programs add in others is not for it.

    Raises ExpatError where the XML is not well-formed, ValueError where it says what has no meaning, AmbiguousWorkbook
    where an element stands where it may not, TooLarge.
    """
    _PartParser(part).parse(xml)
    return part


SMALL = 1 << 16
"""Bytes of a part up to which it is parsed once for all files that have the same."""


def parse_once(xml: bytes, kind: Callable[..., _P], budget: ReadBudget, *more: str) -> _P:
    """Do as `parse_part` for a part of that kind, but only once for all files that have the same small part.

    `more` is what is said to it before the budget. What it heard must not be changed.
    """
    if len(xml) > SMALL:
        return parse_part(xml, kind(*more, budget))
    return cast(_P, _parse_small(xml, kind, more))


@lru_cache(maxsize=64)
def _parse_small(xml: bytes, kind: Callable[..., PackagePart], more: tuple[str, ...]) -> PackagePart:
    return parse_part(xml, kind(*more, ReadBudget()))


class _PartParser:
    """Tells a part of the elements it should hear, checks where they stand, and pays for them."""

    def __init__(self, part: PackagePart) -> None:
        self._part = part
        self._above: list[str] = []
        """The names of the elements that are open; of those in an extension it is the extension's."""
        self._prefix = ""
        self._unpaid = 0

    def parse(self, xml: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_document_type
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._hear
        try:
            parser.Parse(xml, True)
            self._part.budget.meet(self._unpaid)
        finally:  # no cycle is left for the garbage collector
            parser.StartElementHandler = parser.EndElementHandler = None
            parser.CharacterDataHandler = parser.StartDoctypeDeclHandler = None

    def _start(self, name: str, attributes: Attributes) -> None:
        if not self._above:
            self._start_root(name)
            return
        self._unpaid += 1
        if self._unpaid == ELEMENTS:
            self._part.budget.meet(self._unpaid)
            self._unpaid = 0
        if self._part.into is not None:
            raise AmbiguousWorkbook(f"{name} within a text")
        name, parent = name.removeprefix(self._prefix), self._above[-1]
        if parent == EXTENSIONS:
            self._above.append(EXTENSIONS)
            return
        self._part.rules.check(parent, name)
        self._above.append(name)
        if name != EXTENSIONS:
            self._part.start(name, attributes)

    def _start_root(self, name: str) -> None:
        space, blank, local = name.rpartition(" ")
        if local != self._part.root:
            raise ValueError(f"{local} where {self._part.root} should be")
        if self._part.spaces and space not in self._part.spaces:
            raise ValueError(f"{local} of the namespace {space}")
        self._prefix = space + blank
        self._above.append(local)

    def _end(self, name: str) -> None:
        if self._above.pop() != EXTENSIONS:
            self._part.end(name.removeprefix(self._prefix))

    def _hear(self, data: str) -> None:
        if self._above[-1] != EXTENSIONS:
            self._part.text(data)


def _refuse_document_type(*_: object) -> None:
    raise ValueError("a document type is declared")  # the door to entities, which no workbook needs


class PartLink(NamedTuple):
    """What a part refers to: the kind of link, the target, and whether that is outside of the package."""

    kind: str
    target: str
    outside: bool = False


_KINDS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/",
    "http://purl.oclc.org/ooxml/officeDocument/relationships/",
)
"""How the types of links begin, in both dialects of the standard (ISO/IEC 29500-1 and -4)."""


_ESCAPED = re.compile("%(?:2[DdEe]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff]|7[Ee])")
"""A letter, digit, or one of - . _ ~ that is escaped in the name of a part, which may not be (ISO/IEC 29500-2, 6.2.2):
some programs find the part, some none. `sheet%32.xml` for `sheet2.xml`."""


class PartLinks(PackagePart):
    """A part's links to others, by the identifier it uses; with `outside` no inner ones."""

    root = "Relationships"
    rules = ElementRules({}, {"Relationships": ("Relationship",)})

    def __init__(self, folder: str, budget: ReadBudget, *, outside: bool = False) -> None:
        super().__init__(budget)
        self.folder, self.outside, self.found = folder, outside, dict[str, PartLink]()

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            target, outside = attributes["Target"], attributes.get("TargetMode") == "External"
            if self.outside and not outside:
                return
            if not outside:
                if _ESCAPED.search(target):
                    raise AmbiguousWorkbook(f"the link to {target}")
                target = posixpath.normpath(posixpath.join("/", self.folder, target.replace("\\", "/")))[1:]
            if attributes["Id"] in self.found:
                raise AmbiguousWorkbook(f"two links {attributes['Id']}")
            self.found[attributes["Id"]] = PartLink(_kind(attributes["Type"]), target, outside)


def _kind(said: str) -> str:
    """The last word of a type that the standard gives; any other type as it is."""
    return next((said[len(start) :] for start in _KINDS if said.startswith(start)), said)


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
    spaces = SPREADSHEET
    rules = ElementRules(
        {"sheets": ("sheet",)},
        {"workbook": ("sheets", "definedNames", "externalReferences", "workbookPr"), "definedNames": ("definedName",)},
    )

    def __init__(self, budget: ReadBudget) -> None:
        super().__init__(budget)
        self.sheets: list[tuple[str, bool, str]] = []
        self.externals: list[str] = []
        self.names: dict[str, str] = {}
        self.late = self._listed = False
        self._name = ""

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheets":
            if self._listed:
                raise AmbiguousWorkbook("two lists of sheets")
            self._listed = True
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
        if name == "definedName" and self.into is not None:
            self.names[self._name], self.into = "".join(self.into), None
            self.budget.keep()


def _id(attributes: Attributes) -> str:
    """The link of an element, by an attribute in the namespace of either dialect. KeyError where it has none."""
    transitional, strict = (f"{start[:-1]} id" for start in _KINDS)
    return attributes[strict if strict in attributes else transitional]


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
