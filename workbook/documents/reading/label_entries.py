"""Strips → entries: a label of the form with the figures beside it, or figures alone; each in its part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from workbook.documents.reading.document_blocks import RowStrip, TableCell, find_similar_lines
from workbook.documents.reading.form_labels import FormWord, FormWords, WordHit
from workbook.model.finding import Source
from workbook.model.numbers import NOT_APPLICABLE, UNITS, parse_figure
from workbook.safety.messages import load_messages

messages = load_messages("workbook.documents.reading")

WORDY = 24
"""A cell of more characters holds no figure."""
_NUMBERING = re.compile(r"(?<![0-9.])[0-9]{1,2}$|[0-9]$")
_POINT = re.compile(r"[.、．](?=\D)")
_SPACES = re.compile(r"[ \t\u3000\xa0|]*")
_TITLE_LINE = re.compile(r"^[\s#*]*(?:表?[一二三四五六七八九十0-9]{1,3}[、.．：:\s]*)?")


@dataclass(frozen=True, slots=True)
class LabelEntry:
    """Figures met in a document, and the words they belong to.

    `label` is the text beside them, `words` what of the form that is; `values` the cells in order, or the pieces of
    plain text between blanks (then `cut` is false and one piece may be several cells). `zone` is the section of the
    form they are in, "" before any heading; `order` counts from the top; `grid` the table they are in, -1 if none.
    """

    label: str
    words: tuple[FormWord, ...]
    values: tuple[TableCell, ...]
    cut: bool
    zone: str
    order: int
    grid: int = -1
    below: bool = False
    """The figures are below the label, one to a line."""

    @property
    def source(self) -> Source:
        """Where the first figure is."""
        return self.values[0].source if self.values else Source()

    @property
    def raw(self) -> str:
        """The figures as printed."""
        return (" | " if self.cut else " ").join(" ".join(v.text.split()) for v in self.values).strip()


@dataclass(slots=True)
class DocumentScan:
    """What a document holds of a form: its entries, the headings of columns met, and the sections begun."""

    vocabulary: FormWords
    entries: list[LabelEntry] = field(default_factory=list)
    headings: list[tuple[int, int, FormWord, TableCell]] = field(default_factory=list)
    """Order, table number, the column named, and where."""
    zones: set[str] = field(default_factory=set)
    zone: str = ""
    order: int = 0
    grid: int = -1

    def enter(
        self, label: str, words: tuple[FormWord, ...], values: Sequence[TableCell], *, cut: bool, below: bool = False
    ) -> None:
        """Note figures."""
        self.order += 1
        self.entries.append(LabelEntry(label, words, tuple(values), cut, self.zone, self.order, self.grid, below))

    def width(self, words: Iterable[FormWord]) -> int:
        """How many figures the row of that label has."""
        tables = self.vocabulary.form.tables
        return max((len(t.columns) for w in words for t in tables if t.code == w.table), default=0)

    def across(self, words: Iterable[FormWord]) -> int:
        """How many figures the one row has that is printed below such headings; 0 where no table is printed so."""
        tables = [t for w in words for t in self.vocabulary.form.tables if t.code == w.table and t.layout == "across"]
        return max((len(t.columns) * len(t.rows) for t in tables), default=0)

    def tidy(self) -> None:
        """Forget single figures below their label, unless complete rows are printed so: they may be page numbers."""
        if not any(entry.below and len(entry.values) > 1 for entry in self.entries):
            self.entries = [entry for entry in self.entries if not entry.below]

    def begin(self, words: Iterable[FormWord]) -> None:
        """A heading, title or corner says which section begins."""
        sections = {table.code: table.section for table in self.vocabulary.form.tables}
        for word in words:
            if word.kind in ("section", "title", "corner"):
                self.zone = word.code if word.kind == "section" else sections[word.code]
                self.zones.add(self.zone)
                return


def scan_strips(strips: Iterable[RowStrip], vocabulary: FormWords) -> DocumentScan:
    """Read a document's rows against a form's words."""
    found = DocumentScan(vocabulary)
    plain: list[TableCell] = []
    for strip in strips:
        found.grid = strip.grid
        if strip.cut:
            _plain(plain, found)
            plain = []
            _cut(strip, found)
        else:
            plain += strip.pieces
    _plain(plain, found)
    found.tidy()
    return found


def is_figure(text: str) -> bool:
    """Whether a cell holds a figure, several run together, or a mark for “nothing here”."""
    text = text.strip()
    if not text or len(text) > 60:
        return False
    if any(
        not isinstance(parse_figure(text, unit).value, str) or parse_figure(text, unit).value == NOT_APPLICABLE
        for unit in _UNITS
    ):
        return True
    return bool(_run_pattern().fullmatch(text)) or text in messages.texts("unread")


_UNITS = tuple(UNITS.values())


def _may_be_figure(piece: TableCell) -> bool:
    return is_figure(piece.text) or any(is_figure(text) for text in piece.others)


def _known(piece: TableCell, vocabulary: FormWords) -> tuple[FormWord, ...]:
    """What of the form a cell says, in whichever reading."""
    texts = (text for text in (piece.text, *piece.others) if text.strip())
    return next((words for text in texts if (words := vocabulary.match(text))), ())


def _cut(strip: RowStrip, found: DocumentScan) -> None:
    """One row of cells: the last label in front, then its figures; or a heading."""
    pieces = strip.pieces
    known = [_known(piece, found.vocabulary) for piece in pieces]
    for piece, words in zip(pieces, known, strict=True):
        if piece.row == strip.row:
            found.begin(words or _line_start(piece.text, found.vocabulary))
            found.headings += [(found.order, strip.grid, w, piece) for w in words if w.kind == "column"]
    lines = [n for n, words in enumerate(known) if any(word.kind in ("row", "group") for word in words)]
    texts = [n for n, p in enumerate(pieces) if p.text.strip() and not _may_be_figure(p)]
    last = lines[-1] if lines else texts[-1] if texts else -1
    values = pieces[last + 1 :]
    if not any(_may_be_figure(value) for value in values):
        _held(pieces, known, found)
        return
    label = pieces[last].text if last >= 0 else ""
    words = tuple(w for w in known[last] if w.kind in ("row", "group")) if lines else ()
    found.enter(label, words, values, cut=True)


def _held(pieces: Sequence[TableCell], known: Sequence[tuple[FormWord, ...]], found: DocumentScan) -> None:
    """A row without figures beside a label: labels and figures may be in one cell, or the cells be blank."""
    for piece, words in zip(pieces, known, strict=True):
        if not words and len(piece.text) > WORDY and _figure_pattern().search(piece.text):
            _plain([piece], found)
    rows = [n for n, words in enumerate(known) if any(word.kind == "row" for word in words)]
    if rows and rows[-1] + 1 < len(pieces) and not any(p.text.strip() for p in pieces[rows[-1] + 1 :]):
        words = tuple(w for w in known[rows[-1]] if w.kind == "row")
        found.enter(pieces[rows[-1]].text, words, pieces[rows[-1] + 1 :], cut=True)


def _line_start(text: str, vocabulary: FormWords) -> tuple[FormWord, ...]:
    """A heading of a section with another number in front of it, or none."""
    line = text.strip()
    if not line or len(line) > 60 or "\n" in line:
        return ()
    bare = _TITLE_LINE.sub("", line)
    return tuple(word for word in vocabulary.match(bare) if word.kind == "section")


# plain text ---------------------------------------------------------------------------------------------------------


def _plain(pieces: Sequence[TableCell], found: DocumentScan) -> None:
    """Running text: labels with the figures right after them, and lines of figures that have no label."""
    if not pieces:
        return
    text = "\n".join(piece.text for piece in pieces)
    starts, at = [], 0
    for piece in pieces:
        starts.append(at)
        at += len(piece.text) + 1
    hits = [hit for hit in found.vocabulary.find(text) if _stands(hit, text, found.vocabulary)]
    page = _Page(text, pieces, starts)
    _stretch(page, 0, hits[0].start if hits else len(text), None, found)
    for hit, after in pairwise([*hits, None]):
        if hit is not None:
            found.begin(hit.words)
            _stretch(page, hit.end, after.start if after else len(text), hit, found)


def _stands(hit: WordHit, text: str, vocabulary: FormWords) -> bool:
    """A heading of a section without its own number counts only at the start of a line."""
    section = all(word.kind == "section" for word in hit.words)
    if not section or hit.numbered:
        return True
    start = text.rfind("\n", 0, hit.start) + 1
    end = text.find("\n", hit.end)
    return bool(_line_start(text[start : end if end >= 0 else len(text)], vocabulary))


@dataclass(frozen=True, slots=True)
class _Page:
    text: str
    pieces: Sequence[TableCell]
    starts: Sequence[int]

    def piece(self, text: str, at: int) -> TableCell:
        """A stretch of the text as a piece, at the place of the line it begins in."""
        from bisect import bisect_right

        line = self.pieces[max(0, bisect_right(self.starts, at) - 1)]
        return TableCell(
            text, line.source, others=find_similar_lines(text, line.others) if line.doubts else (), doubts=line.doubts
        )


def _stretch(page: _Page, start: int, end: int, hit: WordHit | None, found: DocumentScan) -> None:
    """What is between one word of the form and the next."""
    lines = _lines(page.text, start, end)
    words = tuple(w for w in hit.words if w.kind in ("row", "group")) if hit else ()
    label = page.text[hit.start : hit.end] if hit else ""
    columns = tuple(w for w in hit.words if w.kind == "column") if hit else ()
    if hit and columns:
        found.headings += [(found.order, -1, word, page.piece(label, hit.start)) for word in columns]
    wide = found.width(words) if words else found.across(columns)
    if wide and len(down := _one_a_line(page, lines)) >= wide:
        found.enter(label, words, down, cut=True, below=True)
        return
    beside = True
    for n, (first, last) in enumerate(lines):
        after, text = first, ""
        for match in _run_pattern().finditer(page.text, first, last):
            text = page.text[after : match.start()].strip()
            values, after = _values(page, match, end), match.end()
            if page.text[after : after + 1] in messages.texts("dated"):
                continue
            adjacent = beside and n == 0 and not _SPACES.sub("", page.text[first : match.start()])
            if adjacent and hit:
                found.enter(label, words, values, cut=False)
            elif values:
                found.enter(text or (label if n == 0 else ""), (), values, cut=False)
            beside = False


def _lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    lines, at = [], start
    while at <= end:
        stop = text.find("\n", at, end)
        stop = end if stop < 0 else stop
        lines.append((at, stop))
        at = stop + 1
    return lines


def _one_a_line(page: _Page, lines: Sequence[tuple[int, int]]) -> list[TableCell]:
    """Figures below their label, one to a line."""
    if len(lines) < 2 or page.text[slice(*lines[0])].strip(" :："):
        return []
    found: list[TableCell] = []
    for first, last in lines[1:]:
        text = page.text[first:last].strip()
        if not text:
            continue
        if not _figure_pattern().fullmatch(text) or parse_figure(text, _UNITS[0]).value is None:
            break
        if isinstance(parse_figure(text, _UNITS[0]).value, str) and isinstance(
            parse_figure(text, _UNITS[1]).value, str
        ):
            break
        found.append(page.piece(text, first))
    return found


def _values(page: _Page, match: re.Match[str], end: int) -> list[TableCell]:
    """The pieces of a run; the number of the next label, glued to its end, is none of them."""
    text, stop = match[0], match.end()
    behind = page.text[stop : stop + 2]
    ahead = text[-1:] in ".、．" and stop < len(page.text) and not page.text[stop].isspace()
    if ahead or (stop < end and _POINT.match(behind)):
        text = _NUMBERING.sub("", text.rstrip(".、．"))
    words = re.finditer(r"\S+", text)
    return [
        page.piece(part[0], match.start() + one.start()) for one in words for part in _figure_pattern().finditer(one[0])
    ]


@cache
def _figure_pattern() -> re.Pattern[str]:
    """One figure in plain text, or several with nothing between them: digits, points, minus signs, a unit, a note."""
    units = "|".join(map(re.escape, messages.texts("units")))
    marks = "|".join(map(re.escape, messages.texts("marks")))
    # Each takes all it can and gives nothing back: else n digits can be cut in 2^n ways, and all are tried.
    digits = r"[-−－]?[0-9０-９][0-9０-９.,，．]*+(?:[-−－][0-9０-９][0-9０-９.,，．]*+)*+"
    note = r"(?:[（(][^（()）\n]{1,30}[)）])?"
    return re.compile(rf"(?:{digits}(?:{units})?{note}|(?<!\S)(?:{marks})(?!\S))")


@cache
def _run_pattern() -> re.Pattern[str]:
    """Figures in one line, blanks between them."""
    one = _figure_pattern().pattern
    return re.compile(rf"{one}(?:[ \t\u3000\xa0]*+{one})*+")
