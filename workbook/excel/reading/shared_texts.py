"""Reads the texts that the cells of a workbook share, each as it is spelled and with the stretches it is written in.

Nearly every program spells them alike, so that a pattern cuts the part into its items: several times as fast as a
parser. An item of any other shape (text pasted with its looks, the sound of a word) is parsed alone; a part of any
other shape is parsed whole. Both ways give the same `SharedTexts`.

The pattern is proven to cut where a parser would: between items there is but white space, a text has no markup, and any
other item is well-formed by itself. `<si><!-- </si><si> --><t>1</t></si>` is cut within a comment: its first piece is
not well-formed, and the part is parsed whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from xml.parsers import expat

from workbook.excel.reading.cell_appearance import FontLook, WrittenRun, parse_font
from workbook.excel.reading.ooxml_parts import SPREADSHEET, ElementRules, PackagePart, parse_part
from workbook.excel.reading.plain_xml import (
    DECLARATION,
    is_well_formed,
    read_text,
    spell_text,
)
from workbook.excel.reading.workbook_contents import AmbiguousWorkbook, Attributes, Cell, ReadBudget, unescape_text
from workbook.safety.limits import cache_short_texts

MAIN = SPREADSHEET[0].encode()
LARGEST = 4 << 20
"""Bytes of a part, beyond which the parser takes less memory than the pattern."""

_ITEM = re.compile(
    rb'<si>(?:<t(?: xml:space="preserve")?>([^<]*)</t>(?:<phoneticPr(?: [a-zA-Z]+="[a-zA-Z0-9]*")*/>)?|(.*?))</si>',
    re.DOTALL,
)
"""`<si><t>合计</t></si>`, with or without `<phoneticPr fontId="1" type="noConversion"/>`; or any other item."""
_START = re.compile(
    DECLARATION + rb'<sst xmlns="' + re.escape(MAIN) + rb'"(?: count="[0-9]+")?(?: uniqueCount="[0-9]+")?>[ \t\r\n]*'
)
_END = re.compile(rb"[ \t\r\n]*</sst>[ \t\r\n]*")

Runs = tuple[WrittenRun, ...]


@dataclass(frozen=True)
class SharedTexts:
    """The shared texts by number, as spelled; `written` has the stretches of those that have fonts of their own."""

    spelled: Sequence[bytes] = ()
    written: Mapping[int, Runs] = field(default_factory=dict)

    def get(self, number: int) -> str:
        """One of the texts as people read it. IndexError."""
        return unescape_text(read_text(self.spelled[number]))

    @cached_property
    def cells(self) -> Sequence[Cell | None]:
        """The cells that show the texts; None for one that is empty."""
        return [Cell(text) if text else None for text in self.texts]

    @cached_property
    def texts(self) -> Sequence[str]:
        """The texts as people read them."""
        return [unescape_text(read_text(spelled)) for spelled in self.spelled]


def read_shared_texts(part: bytes, budget: ReadBudget) -> SharedTexts:
    """Read the part of shared texts. Raises as `parse_part` does."""
    found = _scan(part) if len(part) <= LARGEST else None
    if found is None:
        heard = parse_part(part, SharedTextsPart(budget))
        return SharedTexts(heard.spelled, heard.written)
    budget.keep(len(found.spelled))
    budget.say(len(b"".join(found.spelled).decode("utf-8")))
    budget.meet(2 * len(found.spelled))
    return found


def _scan(part: bytes) -> SharedTexts | None:
    """The texts, cut by the pattern; None where only a parser can tell."""
    pieces = _ITEM.split(part)
    between = pieces[3:-1:3]
    if not _START.fullmatch(pieces[0]) or not _END.fullmatch(pieces[-1]):
        return None
    if any(between) and b"".join(between).strip(b" \t\r\n"):
        return None
    spelled, written = list[bytes](), dict[int, Runs]()
    for number, (text, item) in enumerate(zip(pieces[1::3], pieces[2::3], strict=True)):
        read = (text, ()) if item is None else _read_item(item)
        if read is None:
            return None
        spelled.append(read[0])
        if read[1]:
            written[number] = read[1]
    return SharedTexts(spelled, written) if is_well_formed(b"\n".join(spelled)) else None


@cache_short_texts(1 << 10, 1 << 12)  # the labels of a form have the same runs in every file
def _read_item(item: bytes) -> tuple[bytes, Runs] | None:
    """One item that is parsed alone: its text, and its stretches; None where it is none by itself."""
    try:
        heard = parse_part(b'<sst xmlns="%b"><si>%b</si></sst>' % (MAIN, item), SharedTextsPart(ReadBudget()))
    except (expat.ExpatError, ValueError, AmbiguousWorkbook):
        return None
    return (heard.spelled[0], heard.written.get(0, ())) if len(heard.spelled) == 1 else None


TEXT = ("t", "r", "rPh", "phoneticPr")
"""What may stand beneath a text, shared (`si`) or of a cell's own (`is`): ISO/IEC 29500-1, 18.4."""
TEXT_RULES = {"r": ("rPr", "t"), "rPh": ("t",), "t": ()}
"""And beneath its elements: a stretch, and how it is pronounced."""


class TextParser:
    """One text, shared or of a cell's own, heard element by element: its pieces, and the font of each stretch."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._fonts: list[tuple[int, int, FontLook]] = []
        self._start = 0
        self._font: list[tuple[str, Attributes]] | None = None
        self._stretch = self._stretches = self._spoken = self._said = False

    def start(self, name: str, attributes: Attributes) -> list[str] | None:
        """Meet the beginning of an element; where text begins that is to be read, what to collect it in."""
        if name == "rPh":
            self._spoken = True
        elif name == "r":
            if self._said:
                raise AmbiguousWorkbook("a text beside stretches of text")
            self._start, self._stretch, self._stretches, self._font = len(self.pieces), True, True, None
        elif name == "rPr":
            self._font = []
        elif name == "t" and not self._spoken:
            if self._said or self._stretches > self._stretch:  # programs show the first of them, the last, or all
                raise AmbiguousWorkbook("two texts in one")
            self._said = True
            return self.pieces
        elif self._font is not None and self._stretch:
            self._font.append((name, attributes))
        return None

    def end(self, name: str) -> None:
        """Meet the end of an element."""
        if name == "rPh":
            self._spoken = False
        elif name == "r":
            if self._font is not None:
                self._fonts.append((self._start, len(self.pieces), parse_font(self._font)))
            self._stretch, self._said, self._font = False, False, None

    def read(self) -> tuple[bytes, Runs]:
        """The text that is at its end, as it would be spelled, and its stretches if any has a font of its own."""
        runs, at = list[WrittenRun](), 0
        for first, last, font in [*self._fonts, (len(self.pieces), len(self.pieces), None)] if self._fonts else ():
            runs.append(WrittenRun(unescape_text("".join(self.pieces[at:first]))))
            runs.append(WrittenRun(unescape_text("".join(self.pieces[first:last])), font))
            at = last
        return spell_text("".join(self.pieces)), tuple(one for one in runs if one.text)


class SharedTextsPart(PackagePart):
    """The part of shared texts, parsed: the same as `SharedTexts`; how a text is pronounced is no part of it."""

    root = "sst"
    spaces = SPREADSHEET
    rules = ElementRules({"sst": ("si", "extLst"), "si": TEXT, **TEXT_RULES}, {})

    def __init__(self, budget: ReadBudget) -> None:
        super().__init__(budget)
        self.spelled: list[bytes] = []
        self.written: dict[int, Runs] = {}
        self._text = TextParser()

    def start(self, name: str, attributes: Attributes) -> None:
        """Meet the beginning of an element."""
        if name == "si":
            self._text = TextParser()
        else:
            self.into = self._text.start(name, attributes)

    def end(self, name: str) -> None:
        """Meet the end of an element."""
        self.into = None
        if name == "si":
            spelled, runs = self._text.read()
            if runs:
                self.written[len(self.spelled)] = runs
            self.budget.keep()
            self.budget.say(len(unescape_text(read_text(spelled))))
            self.spelled.append(spelled)
        else:
            self._text.end(name)
