"""Strips → entries: a label of the form with the figures beside it, or figures alone; each in its part."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, zip_longest
from typing import NamedTuple

from workbook.documents.reading.document_blocks import RowStrip, TableCell, find_similar_lines
from workbook.documents.reading.form_labels import FormWord, FormWords, WordHit
from workbook.model.finding import Source
from workbook.model.numbers import NOT_APPLICABLE, UNITS, Value, parse_figure
from workbook.safety.messages import load_messages

messages = load_messages("workbook.documents.reading")

WORDY = 24
"""A cell of more characters holds no figure."""
LONGEST = 60
"""Nor is a text of more characters one, or a heading."""
_NUMBERING = re.compile(r"(?<![0-9.])[0-9]{1,2}$|[0-9]$")
"""The number of the next label at the end of figures: the 2 of `0 0 12.`, whose last figure is 1, and of `5 2`."""
_POINT = re.compile(r"[.、．](?=\D)")
"""The point behind the number of a label: `2.本年`, not `2.5`."""
_BLANKS = re.compile(r"[ \t\u3000\xa0|]*")
_TITLE_LINE = re.compile(r"^[\s#*]*(?:表?[一二三四五六七八九十0-9]{1,3}[、.．：:\s]*)?")
"""What is in front of a heading: `## `, `三、`, `表2：`."""


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

    def count_figures(self, words: Iterable[FormWord]) -> int:
        """How many figures a row has whose label that is; or the one row below such a heading, printed across."""
        tables = {table.code: table for table in self.vocabulary.form.tables}
        counts = [0]
        for word in words:
            table = tables.get(word.table)
            if word.kind in ("row", "group") and table:
                counts.append(len(table.columns))
            elif word.kind == "column" and table and table.layout == "across":
                counts.append(len(table.columns) * len(table.rows))
        return max(counts)

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
            _scan_text(plain, found)
            plain = []
            _scan_row(strip, found)
        else:
            plain += strip.pieces
    _scan_text(plain, found)
    found.tidy()
    return found


def is_figure(text: str) -> bool:
    """Whether a cell holds a figure, several run together, or a mark for “nothing here”."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        return False
    if any(not isinstance(value, str) or value == NOT_APPLICABLE for value in _parse_in_units(text)):
        return True
    return bool(_run_pattern().fullmatch(text)) or text in messages.texts("unread")


def _parse_in_units(text: str) -> list[Value]:
    """The text as a figure in each of the form's units."""
    return [parse_figure(text, unit).value for unit in UNITS.values()]


def _may_be_figure(piece: TableCell) -> bool:
    return any(map(is_figure, (piece.text, *piece.others)))


def _match_piece(piece: TableCell, vocabulary: FormWords) -> tuple[FormWord, ...]:
    """What of the form a cell says, in whichever reading."""
    texts = (text for text in (piece.text, *piece.others) if text.strip())
    return next((words for text in texts if (words := vocabulary.match(text))), ())


def _of_rows(words: Iterable[FormWord]) -> tuple[FormWord, ...]:
    return tuple(word for word in words if word.kind in ("row", "group"))


def _scan_row(strip: RowStrip, found: DocumentScan) -> None:
    """One row of cells: the last label in front, then its figures; or a heading."""
    pieces = strip.pieces
    known = [_match_piece(piece, found.vocabulary) for piece in pieces]
    for piece, words in zip(pieces, known, strict=True):
        if piece.row == strip.row:
            found.begin(words or _match_heading(piece.text, found.vocabulary))
            found.headings += [(found.order, strip.grid, word, piece) for word in words if word.kind == "column"]
    labels = [n for n, words in enumerate(known) if _of_rows(words)]
    texts = [n for n, piece in enumerate(pieces) if piece.text.strip() and not _may_be_figure(piece)]
    last = labels[-1] if labels else texts[-1] if texts else -1
    values = pieces[last + 1 :]
    if any(map(_may_be_figure, values)):
        words = _of_rows(known[last]) if labels else ()
        found.enter(pieces[last].text if last >= 0 else "", words, values, cut=True)
        return
    for piece, words in zip(pieces, known, strict=True):  # label and figures may be in one cell
        if not words and len(piece.text) > WORDY and _figure_pattern().search(piece.text):
            _scan_text([piece], found)
    rows = [n for n, words in enumerate(known) if any(word.kind == "row" for word in words)]
    blank = pieces[rows[-1] + 1 :] if rows else ()
    if blank and not any(piece.text.strip() for piece in blank):
        words = tuple(word for word in known[rows[-1]] if word.kind == "row")
        found.enter(pieces[rows[-1]].text, words, blank, cut=True)


def _match_heading(text: str, vocabulary: FormWords) -> tuple[FormWord, ...]:
    """A heading of a section with another number in front of it, or none."""
    line = text.strip()
    if not line or len(line) > LONGEST or "\n" in line:
        return ()
    return tuple(word for word in vocabulary.match(_TITLE_LINE.sub("", line)) if word.kind == "section")


# plain text ---------------------------------------------------------------------------------------------------------


class _Page(NamedTuple):
    """Running text, and the lines it is made of, with where each begins."""

    text: str
    lines: Sequence[TableCell]
    starts: Sequence[int]

    def piece(self, text: str, at: int) -> TableCell:
        """A stretch of the text as a piece, at the place of the line it begins in."""
        line = self.lines[max(0, bisect_right(self.starts, at) - 1)]
        others = find_similar_lines(text, line.others) if line.doubts else ()
        return TableCell(text, line.source, others=others, doubts=line.doubts)


def _scan_text(lines: Sequence[TableCell], found: DocumentScan) -> None:
    """Running text: labels with the figures right after them, and lines of figures that have no label."""
    if not lines:
        return
    text = "\n".join(line.text for line in lines)
    starts = [0, *accumulate(len(line.text) + 1 for line in lines)]
    page = _Page(text, lines, starts[:-1])
    hits = [hit for hit in found.vocabulary.find(text) if _is_in_its_place(hit, text, found.vocabulary)]
    _scan_stretch(page, 0, hits[0].start if hits else len(text), None, found)
    for hit, after in zip_longest(hits, hits[1:]):
        found.begin(hit.words)
        _scan_stretch(page, hit.end, after.start if after else len(text), hit, found)


def _is_in_its_place(hit: WordHit, text: str, vocabulary: FormWords) -> bool:
    """A heading of a section without its own number counts only at the start of a line."""
    if hit.numbered or any(word.kind != "section" for word in hit.words):
        return True
    start = text.rfind("\n", 0, hit.start) + 1
    end = text.find("\n", hit.end)
    return bool(_match_heading(text[start : end if end >= 0 else len(text)], vocabulary))


def _scan_stretch(page: _Page, start: int, end: int, hit: WordHit | None, found: DocumentScan) -> None:
    """What is between one word of the form and the next."""
    lines = list(_split_lines(page.text, start, end))
    label = page.text[hit.start : hit.end] if hit else ""
    words = _of_rows(hit.words) if hit else ()
    columns = tuple(word for word in hit.words if word.kind == "column") if hit else ()
    found.headings += [(found.order, -1, word, page.piece(label, hit.start)) for word in columns if hit]
    count = found.count_figures(words or columns)
    if count and len(below := _list_figures_below(page, lines)) >= count:
        found.enter(label, words, below, cut=True, below=True)
        return
    beside = True
    for n, (first, last) in enumerate(lines):
        after = first
        for match in _run_pattern().finditer(page.text, first, last):
            before = page.text[after : match.start()].strip()
            values, after = _list_values(page, match, end), match.end()
            if page.text[after : after + 1] in messages.texts("dated"):
                continue
            adjacent = beside and n == 0 and not _BLANKS.sub("", page.text[first : match.start()])
            if adjacent and hit:
                found.enter(label, words, values, cut=False)
            elif values:
                found.enter(before or (label if n == 0 else ""), (), values, cut=False)
            beside = False


def _split_lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where each line of a stretch begins and ends."""
    for line in text[start:end].split("\n"):
        yield start, start + len(line)
        start += len(line) + 1


def _list_figures_below(page: _Page, lines: Sequence[tuple[int, int]]) -> list[TableCell]:
    """Figures below their label, one to a line."""
    if len(lines) < 2 or page.text[slice(*lines[0])].strip(" :："):
        return []
    found: list[TableCell] = []
    for first, last in lines[1:]:
        text = page.text[first:last].strip()
        if not text:
            continue
        if not _figure_pattern().fullmatch(text):
            break
        values = _parse_in_units(text)
        if values[0] is None or all(isinstance(value, str) for value in values):
            break
        found.append(page.piece(text, first))
    return found


def _list_values(page: _Page, match: re.Match[str], end: int) -> list[TableCell]:
    """The pieces of a run; the number of the next label, glued to its end, is none of them."""
    text, stop = match[0], match.end()
    ahead = text[-1:] in ".、．" and stop < len(page.text) and not page.text[stop].isspace()
    if ahead or (stop < end and _POINT.match(page.text[stop : stop + 2])):
        text = _NUMBERING.sub("", text.rstrip(".、．"))
    return [
        page.piece(figure[0], match.start() + word.start())
        for word in re.finditer(r"\S+", text)
        for figure in _figure_pattern().finditer(word[0])
    ]


@cache
def _figure_pattern() -> re.Pattern[str]:
    """One figure in plain text, or several with nothing between them: digits, points, minus signs, a unit, a note.

    `12`, `1,234.5万元`, `3件（含1件）`, `7-15`, and a mark between blanks: `不适用`.
    """
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
