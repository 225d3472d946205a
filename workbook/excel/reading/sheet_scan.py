"""Scans the part of a sheet into its cells: by one pattern where it is spelled plainly, by a parser where it is not.

Both give the same lists (`SheetCells`): of each cell its address, style, kind, formula and value as the part spells
them. All reading starts from these: `build_sheet` makes the cells of a `Sheet` of them, `known_layout` compares them.

How the pattern is proven to see what a parser would see. A part is taken for plain only where

- it is UTF-8, and what stands before its cells and after them is parsed, and well-formed (`_read_head`, `_read_frame`):
  neither ends, nor begins, within a comment;
- between the cells there are but rows, each opened and closed, no attribute twice, no prefix unbound (`_prove_rows`):
  `<!-- <c …> -->` is no row, and the cell in it none;
- values and formulas have no markup, and nothing for which a parser would refuse them (`plain_xml.is_well_formed`).

Anything else is no reason to refuse a sheet: the parser (`SheetPart`) reads it, and refuses what has two meanings. Most
parts are plain, and are scanned several times as fast as they are parsed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache

from workbook.excel.reading.cell_appearance import CellStyles, ConditionalFormats
from workbook.excel.reading.ooxml_parts import PackagePart, parse_part
from workbook.excel.reading.plain_xml import (
    ATTRIBUTE,
    DECLARATION,
    Piece,
    is_well_formed,
    read_text,
)
from workbook.excel.reading.shared_texts import Runs, SharedTexts
from workbook.excel.reading.sheet_part import SheetCells, SheetFrame, SheetPart, hide_columns, hides_zeros, is_unseen
from workbook.excel.reading.workbook_contents import (
    Attributes,
    Cell,
    CellLook,
    ReadBudget,
    Sheet,
    SheetFormulas,
    UnseenArea,
    make_cell,
)
from workbook.model.cell_address import Place, parse_address
from workbook.safety.limits import cache_short_texts

LARGEST = 4 << 20
"""Bytes of a part, beyond which the parser takes less memory than the pattern."""

_CELL = re.compile(
    rb'<c r="([A-Z]{1,3}[1-9][0-9]{0,6})"(?: s="([0-9]+)")?(?: t="([a-zA-Z]+)")?'
    rb"(?:/>|>(<f(?:%b)*(?:/>|>[^<]*</f>))?(?:<v>([^<]*)</v>)?</c>)" % ATTRIBUTE
)
"""A cell: address, style, kind, formula, value; `<c r="D6" s="5"><v>12</v></c>`, `<c r="D6" s="5"/>`,
`<c r="D29" s="7" t="str"><f>SUM(D6:D28)</f><v>40</v></c>`."""
_VALUE = re.compile(rb"<v>([^<]*)</v>")
_OPEN, _CLOSE = b"<sheetData>", b"</sheetData>"
_HEAD = re.compile(DECLARATION + rb"(<worksheet(?:%b)*>)" % ATTRIBUTE)
"""`<?xml …?><worksheet xmlns="…" xmlns:r="…">`."""
_ROWS = re.compile(
    rb"""(?x: (?:
      [ \t\r\n]* <row (?:
        (?= [^>]* \ r="([0-9]{1,7})") (?:%b)* (?: /> | > (?: [ \t\r\n]* \0 [A-Z]+ \1 \0 )* [ \t\r\n]* </row> )
      | (?: \ (?!r=) %b )* (?: /> | > (?: [ \t\r\n]* \0 [A-Z]+ [0-9]+ \0 )* [ \t\r\n]* </row> )
      )
    )* [ \t\r\n]* )"""
    % (ATTRIBUTE.replace(b" ", rb"\ "), ATTRIBUTE[1:])
)
"""Rows with the places of their cells between zeros, which are in that row if it says its number:
`<row r="5" spans="1:9">\\0A5\\0\\0B5\\0</row><row r="6"/><row>\\0C7\\0</row>`."""
_QUOTED = re.compile(rb'"[^"]*"')
_ROW = re.compile(rb"<row([^>]*)>")
_NAME = re.compile(rb" ([a-zA-Z0-9:]+)=")
_FORMULA = re.compile(rb"<f((?:%b)*)(?:/>|>([^<]*)</f>)" % ATTRIBUTE)
"""`<f>SUM(D6:D28)</f>`, `<f t="shared" si="0"/>`, `<f aca="false">D6+1</f>`."""
_PAIR = re.compile(r' ([a-zA-Z0-9:]+)="([^"]*)"')


class NotPlain(Exception):
    """The part is for the parser."""


class SheetScan:
    """One sheet's part. What it says is found out when it is asked for, and is paid for out of the budget then."""

    def __init__(self, part: bytes, budget: ReadBudget) -> None:
        self._part, self.budget = part, budget
        self._body, root, self.plain_frame = _cut(part)
        """`plain_frame` is what is laid over the cells, by what is around them; None where that is not plain."""
        self.prefixed = b" xmlns:x14ac=" in root
        """Whether the prefix x14ac is declared, which Excel gives to a measure of rows."""

    @cached_property
    def stored(self) -> tuple[list[bytes], list[bytes]]:
        """All of a plain body that is no stored value, in pieces, and those values: much quicker than `cells`.

        Of two sheets with the same pieces the one is proven as the other is.
        """
        pieces = _VALUE.split(self._body)
        return pieces[0::2], pieces[1::2]

    @cached_property
    def plain_cells(self) -> SheetCells | None:
        """The cells, if the pattern is proven to see them all; else None."""
        if self.plain_frame is None:
            return None
        pieces = _CELL.split(self._body)
        refs, values = pieces[1::6], pieces[5::6]
        kinds = pieces[3::6]
        stored = b"\n".join([value for value in values if value])
        if b"inlineStr" in kinds or (b'"array"' in self._body and _ARRAY.search(self._body)):
            return None
        if not _prove_rows(pieces[0::6], refs, prefixed=self.prefixed) or not is_well_formed(stored):
            return None
        return SheetCells(refs, pieces[2::6], kinds, pieces[4::6], values)

    def pay(self) -> None:
        """Pay for a plain part as for one that is parsed."""
        if (cells := self.plain_cells) is not None and (frame := self.plain_frame) is not None:
            areas = sum(len(one.ranges) or 1 for one in frame.validations)
            self.budget.keep(len(cells.refs) + len(frame.merges) + len(frame.unseen) + areas)
            self.budget.meet(self._part.count(b"<") // 2)

    @cached_property
    def parsed(self) -> SheetPart:
        """The part, parsed."""
        return parse_part(self._part, SheetPart(self.budget))


def _cut(part: bytes) -> tuple[bytes, bytes, SheetFrame | None]:
    """Cut a part between its cells and what is around them: the cells, the opening tag, the frame (None: not plain)."""
    start, end = part.find(_OPEN) + len(_OPEN), part.rfind(_CLOSE)
    if not len(_OPEN) <= start <= end or len(part) > LARGEST:
        return b"", b"", None
    head = _read_head(part[:start])
    if head is None:
        return part[start:end], b"", None
    root, columns, zeros = head
    frame = _read_frame(root + _OPEN + part[end:])
    return part[start:end], root, frame and frame._replace(unseen=columns, zeros=zeros)


_VIEWS = frozenset(
    ("sheetPr", "tabColor", "outlinePr", "pageSetUpPr", "dimension", "sheetViews", "sheetView", "pane", "selection")
) | {"sheetFormatPr", "cols", "col", "sheetData"}


_ARRAY = re.compile(rb' ref="([A-Z]+[0-9]+):(?!\1")[^"]*"[^>]*? t="array"| t="array"[^>]*? ref="([A-Z]+[0-9]+):(?!\2")')
"""A formula whose results are in several cells, of which but the first says so: ` t="array" ref="A5:B5"`."""
_HIDDEN = re.compile(rb' (?:hidden="(?:1|true)"|ht="0?(?:\.[0-9]*)?")')
"""What hides a row: ` hidden="1"`, ` hidden="true"`, ` ht="0"`, ` ht="0.5"`."""


class _Head(PackagePart):
    """What stands before the cells of a sheet, where that only says how the sheet is looked at."""

    root = "worksheet"

    def __init__(self, budget: ReadBudget) -> None:
        super().__init__(budget)
        self.unseen: list[UnseenArea] = []
        self.zeros = True

    def start(self, name: str, attributes: Attributes) -> None:
        """Meet an element."""
        if name not in _VIEWS:
            raise ValueError(f"{name} before the cells")
        if name == "col" and is_unseen(attributes, "width"):
            self.unseen.append(hide_columns(attributes))
        self.zeros = self.zeros and not (name == "sheetView" and hides_zeros(attributes))


@cache_short_texts(256, 1 << 14)  # the same few in most files
def _read_head(head: bytes) -> tuple[bytes, tuple[UnseenArea, ...], bool] | None:
    """The opening tag of a sheet, its hidden columns, whether it shows zeros.

    None where there is anything else between it and the cells that a reader takes notice of.
    """
    root = _HEAD.match(head)
    try:
        heard = parse_part(head + b"</sheetData></worksheet>", _Head(ReadBudget()))
    except Exception:  # not well-formed, or something is there: the parser of the whole will say
        return None
    return (root[1], tuple(heard.unseen), heard.zeros) if root else None


@cache_short_texts(64, 1 << 16)  # the same in all files of a template
def _read_frame(around: bytes) -> SheetFrame | None:
    """What is laid over the cells of a sheet, by its part without them; None where a parser of the whole must say."""
    try:
        heard = parse_part(around, SheetPart(ReadBudget()))
    except Exception:
        return None
    return None if heard.cells.refs else heard.frame


def _prove_rows(gaps: Sequence[bytes], refs: Sequence[bytes], *, prefixed: bool) -> bool:
    """Whether there is nothing between the cells but rows, as any parser takes them, and each cell is in its row."""
    pieces = [b""] * (len(gaps) + len(refs))
    pieces[0::2], pieces[1::2] = gaps, refs
    between = b"\0".join(pieces)
    if between.count(b"\0") > 2 * len(refs) or not _ROWS.fullmatch(between):
        return False
    if _HIDDEN.search(between):
        return False
    known = {b"x14ac:dyDescent"} if prefixed else set()
    for row in set(_ROW.findall(_QUOTED.sub(b"", between))):
        names = _NAME.findall(row)
        if len(set(names)) < len(names) or any(b":" in name and name not in known for name in names):
            return False
    return True


# the cells of a sheet -------------------------------------------------------------------------------------------------

_EMPTY = frozenset((None, b"n", b"s"))
"""The kinds of a cell that holds nothing where it has no value."""
KNOWN = 1 << 14
"""So many cells are remembered from one file to the next, by how they are spelled."""
SHORT = 256


def build_sheet(name: str, hidden: bool, scan: SheetScan, texts: SharedTexts, styles: CellStyles) -> Sheet:
    """Make a sheet of its part. Raises as `parse_part` does, and ValueError, LookupError for a cell without meaning."""
    if (plain := scan.plain_cells) is not None and (frame := scan.plain_frame) is not None:
        scan.pay()
        try:
            return _build(name, hidden, plain, frame, texts, styles, scan.budget)
        except NotPlain:
            pass
    return _build(name, hidden, scan.parsed.cells, scan.parsed.frame, texts, styles, scan.budget)


def _build(
    name: str,
    hidden: bool,
    cells: SheetCells,
    frame: SheetFrame,
    texts: SharedTexts,
    styles: CellStyles,
    budget: ReadBudget,
) -> Sheet:
    found, looks, shared = dict[Place, Cell](), dict[Place, CellLook](), SheetFormulas(budget)
    twice = len(set(cells.refs)) < len(cells.refs)
    letters = 0
    for n, (ref, style, kind, formula, value) in enumerate(zip(*cells[:5], strict=True)):
        if value is None and formula is None and kind in _EMPTY and not twice:
            continue
        place = _parse_ref(ref)
        spelled = kind, formula, value
        if kind == b"s" and formula is None and value is not None and value.isdigit() and int(value) < len(texts.cells):
            cell = texts.cells[int(value)]
        else:
            cell = _CELLS[spelled] if spelled in _CELLS else _make_cell(spelled, place, texts, shared)
        if twice:
            found.pop(place, None) if cell is None else None
            looks.pop(place, None)
        if cell is None:
            continue
        found[place] = cell
        if isinstance(cell.value, str):  # each place that shows a shared text may be written out
            letters += len(cell.value)
        runs: Runs = ()
        if kind == b"s":
            runs = texts.written.get(int(value or b"-1"), ()) if texts.written else ()
        elif cells.runs:
            runs = cells.runs.get(n, ())
        if runs or (b"0" if style is None else style) not in styles.plain:
            look = styles.look(None if style is None else style.decode(), runs)
            if look is not None:
                looks[place] = look
    budget.say(letters)
    dressings = list_dressings(frame, styles, budget)
    inks = {}
    if dressings.found:
        numbers = {_parse_ref(ref): style for ref, style in zip(cells.refs, cells.styles, strict=True)}
        inks = {place: styles.ink(None if (style := numbers[place]) is None else style.decode()) for place in found}
    return Sheet(
        name,
        found,
        frame.merges,
        frame.validations,
        *frame.locked,
        hidden,
        looks,
        tuple(dressings.found),
        inks,
        frame.unseen,
        frame.zeros,
    )


def list_dressings(frame: SheetFrame, styles: CellStyles, budget: ReadBudget) -> ConditionalFormats:
    """The conditional formats of a sheet that may show cells otherwise than they are."""
    heard = ConditionalFormats(styles, budget)
    for name, attributes in frame.conditions:
        if attributes is None:
            heard.end(name)
        else:
            heard.start(name, dict(attributes))
    return heard


@lru_cache(maxsize=1 << 16)
def _parse_ref(ref: bytes) -> Place:
    return parse_address(ref.decode())


Spelled = tuple[Piece, Piece, Piece]
"""Kind, formula and value of a cell."""
_CELLS: dict[Spelled, Cell | None] = {}
"""Cells by kind, formula and value, but shared texts and shared formulas: the same few thousand in every file."""


def _make_cell(spelled: Spelled, place: Place, texts: SharedTexts, shared: SheetFormulas) -> Cell | None:
    kind, formula, value = spelled
    written: str | None = None
    is_shared = False
    if formula is not None:
        attributes, own = _parse_formula(formula)
        written, is_shared = shared.text(attributes, own, *place), attributes.get("t") == "shared"
    said = None if value is None else read_text(value)
    cell = make_cell("n" if kind is None else kind.decode(), said, written, texts.texts)
    if kind != b"s" and not is_shared and len(formula or b"") + len(value or b"") < SHORT:
        if len(_CELLS) >= KNOWN:
            _CELLS.clear()
        _CELLS[spelled] = cell
    return cell


@cache_short_texts(1 << 12, 1 << 10)  # the same few hundred formulas come in every file
def _parse_formula(spelled: bytes) -> tuple[Mapping[str, str], str]:
    """What a formula's element says, and the formula."""
    match = _FORMULA.fullmatch(spelled)
    if match is None or not is_well_formed(match[2] or b"") or not match[1].isascii():
        raise NotPlain
    attributes = _PAIR.findall(match[1].decode("ascii"))
    names = [name for name, _ in attributes]
    if len(set(names)) < len(names) or any(":" in name for name in names):
        raise NotPlain
    return dict(attributes), read_text(match[2] or b"")
