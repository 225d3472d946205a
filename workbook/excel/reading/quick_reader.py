"""Reads many workbooks of few layouts: one that differs from another only in what was typed is read quickly.

Each workbook is walked and scanned once. Where its layout is known, only what was typed is read (`known_layout`); else
its cells are made of the same scans, and it is read in full. A layout is known from then on, if the full reader found
nothing odd about the workbook, and the template says what each cell is there for (`layout_builder`). The quick way has
no opinion of its own: whatever it does not know is read in full, with the same result.
"""

from __future__ import annotations

import hashlib
import stat
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from workbook.excel.reading.file_type import Unreadable, is_owner_file, is_workbook_package
from workbook.excel.reading.known_layout import KnownLayout
from workbook.excel.reading.layout_builder import build_layout
from workbook.excel.reading.ooxml_reader import WorkbookScan, walk_workbook
from workbook.excel.reading.workbook_contents import ReadBudget, WorkbookContents, has_macros, read_bytes
from workbook.excel.reading.workbook_reader import open_workbook, read_book
from workbook.rules.evaluation import Submission

FRAMES = 8
"""So many frames are remembered: a few programs that save one template, texts of different length."""
LAYOUTS = 3
"""So many layouts of one frame, where workbooks differ in words that nobody types."""
TRIES = 6
"""So many workbooks of a frame that no layout fits are each tried as one; then ever fewer, for they are odd each."""
LARGEST = 4 << 20
"""Bytes inflated, beyond which no report goes the quick way."""
OURS = "ogi."
"""How the custom properties begin that say something of a workbook; programs add others, some to each file."""


class QuickReader:
    """A reader that remembers layouts: read many workbooks of few layouts with one of these."""

    def __init__(self) -> None:
        self._frames: OrderedDict[object, _Frame] = OrderedDict()

    def read(self, path: Path, content: bytes | None = None) -> Submission:
        """Read a submitted workbook; `content` is the file's, if it was read already. Raises Unreadable."""
        walk = _walk(path, content)
        if walk is not None and (submission := self._read_known(path, walk)) is not None:
            return submission
        book = open_workbook(path, walk)
        if content is not None and book.sha256 != hashlib.sha256(content).hexdigest():
            raise Unreadable("changed")
        submission = read_book(book)
        if walk is not None and book.reader == "package":
            self._remember(book, submission, walk)
        return submission

    def read_known(self, path: Path, content: bytes | None = None) -> Submission | None:
        """What a workbook of a layout that is known says; None for any other file."""
        walk = _walk(path, content)
        return None if walk is None else self._read_known(path, walk)

    def _read_known(self, path: Path, walk: WorkbookScan) -> Submission | None:
        described = _describe_frame(walk)
        frame = self._frames.get(described)
        if frame is None:
            return None
        for n, layout in enumerate(frame.layouts):
            if (submission := layout.read(path, walk)) is not None:
                frame.layouts.insert(0, frame.layouts.pop(n))
                self._frames.move_to_end(described)
                return submission
        return None

    def _remember(self, book: WorkbookContents, submission: Submission, walk: WorkbookScan) -> None:
        """Make a layout of a workbook that was read in full, unless too many of its frame were odd already."""
        described = _describe_frame(walk)
        if described is None:
            return
        frame = self._frames.setdefault(described, _Frame([]))
        frame.missed += 1
        if frame.missed <= TRIES or frame.missed & (frame.missed - 1) == 0:  # 8, 16, 32 …
            layout = build_layout(book, submission, walk)
            if layout is not None:
                frame.layouts.insert(0, layout)
                del frame.layouts[LAYOUTS:]
                self._frames.move_to_end(described)
        if len(self._frames) > FRAMES:
            self._frames.popitem(last=False)


@dataclass
class _Frame:
    """The layouts of one frame, the last used first; `missed` counts workbooks that none of them fitted."""

    layouts: list[KnownLayout]
    missed: int = 0


def _walk(path: Path, content: bytes | None) -> WorkbookScan | None:
    """A workbook that was walked; None where it is damaged, or none."""
    try:
        if is_owner_file(path) or not stat.S_ISREG(path.stat().st_mode):
            return None
        raw = read_bytes(path) if content is None else content
        walk = walk_workbook(raw, ReadBudget()) if raw.startswith(b"PK\3\4") else None
    except Exception:  # untrusted files find every way to fail: the full reader will say
        return None
    return walk if walk is not None and is_workbook_package(walk.parts.names, locked=walk.parts.locked) else None


def _describe_frame(walk: WorkbookScan) -> object:
    """All of a workbook but its cells; None where its cells are not all there is to it, or not all plain."""
    frames = tuple(sheet.scan.plain_frame if sheet.scan else None for sheet in walk.sheets)
    odd = walk.late or not walk.styles.read or any(walk.styles.dressings) or walk.references or walk.external_links
    if (
        odd
        or any(sheet.drawn for sheet in walk.sheets)
        or None in frames
        or walk.parts.size > LARGEST
        or has_macros(walk.parts.names)
    ):
        return None
    sheets = tuple((sheet.name, sheet.hidden) for sheet in walk.sheets)
    properties = tuple(sorted(one for one in walk.properties.items() if one[0].startswith(OURS)))
    return sheets, tuple(walk.names.items()), properties, frames, len(walk.styles.dressings)
