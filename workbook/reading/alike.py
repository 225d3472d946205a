"""The fast way: a workbook like one already read, from which it differs only in what was typed.

An office receives one template from all its agencies, saved by few programs. The first workbook of each make is read
in full; if nothing about it was odd, it is learnt: which cells hold figures, which the words of the report, and what
all others hold. A workbook of the same make is then split, compared byte by byte with the one learnt, and only what
was typed is read. Whatever differs in any other way, or is typed in any unusual way, is read in full: this reader
never has an opinion of its own. A result stored with a sum is compared with its parts, as the full reader does.
"""

from __future__ import annotations

import hashlib
import stat
from collections import OrderedDict
from pathlib import Path

from workbook.reading.book import Book
from workbook.reading.common import PROPERTIES, Budget, alone, contents, macros
from workbook.reading.kept import kept
from workbook.reading.learnt import Learnt, Parted
from workbook.reading.lesson import learn
from workbook.reading.opening import open_book
from workbook.reading.outside import of_package
from workbook.reading.package import Parts, links_of, styles_in
from workbook.reading.parts import Properties, Workbook, parse
from workbook.reading.read import read_book
from workbook.reading.recognise import Unreadable
from workbook.reading.split import plain, strings
from workbook.submission import Submission

MAKES = 8
"""So many makes are remembered: a few programs, texts of different length."""
LAYOUTS = 3
"""So many of one make, where workbooks differ in words that nobody types."""
LARGEST = 4 << 20
"""Bytes inflated, beyond which no report goes this way."""
OURS = "ogi."
"""How the custom properties begin that say something of a workbook; programs add others, some to each file."""


class Alike:
    """A reader that learns: read many workbooks of few makes with one of these."""

    def __init__(self) -> None:
        self._learnt: OrderedDict[object, list[Learnt]] = OrderedDict()

    def read(self, path: Path, content: bytes | None = None) -> Submission:
        """Read a submitted workbook; `content` is the file's, if it was read already. Raises Unreadable."""
        parted = _parted(path, content)
        if parted is not None and (submission := self._known(path, parted)) is not None:
            return submission
        book = open_book(path)
        if content is not None and book.sha256 != _sha256(path, content):
            raise Unreadable("changed")
        submission = read_book(book)
        if parted is not None and book.reader == "package" and book.sha256 == _sha256(path, content):
            self._learn(book, submission, parted)
        return submission

    def _known(self, path: Path, parted: Parted) -> Submission | None:
        """What a workbook of a make that was learnt says."""
        known = self._learnt.get(parted.make, [])
        for n, one in enumerate(known):
            if (submission := one.submission(path, parted)) is not None:
                known.insert(0, known.pop(n))
                self._learnt.move_to_end(parted.make)
                return submission
        return None

    def _learn(self, book: Book, submission: Submission, parted: Parted) -> None:
        made = learn(book, submission, parted)
        if made is not None:
            known = self._learnt.setdefault(parted.make, [])
            known.insert(0, made)
            del known[LAYOUTS:]
            self._learnt.move_to_end(parted.make)
            if len(self._learnt) > MAKES:
                self._learnt.popitem(last=False)


def _sha256(path: Path, content: bytes | None) -> str:
    return hashlib.sha256(path.read_bytes() if content is None else content).hexdigest()


def _parted(path: Path, content: bytes | None) -> Parted | None:
    """A workbook taken apart; None where it is not plain, or no workbook."""
    budget = Budget(LARGEST)
    try:
        if path.name.startswith(("~$", ".~lock.")) or not stat.S_ISREG(path.stat().st_mode):
            return None
        raw = contents(path) if content is None else content
        return _taken_apart(Parts(raw, budget)) if raw.startswith(b"PK\3\4") else None
    except Exception:  # strangers' files find every way to fail: the full reader will say
        return None


def _taken_apart(parts: Parts) -> Parted | None:
    if macros(parts.names) or not _workbook_alone(parts) or any(of_package(parts.names, parts.read, ())):
        return None
    main = dict(links_of(parts, "").values())["officeDocument"]
    links = links_of(parts, main)
    book = _workbook(parts.read(main))
    texts = [target for kind, target in links.values() if kind == "sharedStrings"]
    if book.externals or len(texts) != 1 or any(links[link][0] != "worksheet" for _, _, link in book.sheets):
        return None
    alone(links[link][1] for _, _, link in book.sheets)
    shared = parts.read(texts[0])
    properties = _properties(parts.read(PROPERTIES)) if PROPERTIES in parts else ()
    spelled = strings(shared)
    sheets = {name: plain(parts.read(links[link][1])) for name, _, link in book.sheets}
    split = {name: one for name, one in sheets.items() if one is not None}
    if spelled is None or len(split) < len(book.sheets):  # two of one name among them
        return None
    styles = styles_in(parts, links)
    if book.late or not styles.read or any(styles.dressings):  # what is seen hangs on more than a cell and its style
        return None
    named = tuple((name, hidden) for name, hidden, _ in book.sheets)
    tails = tuple(one.tail for one in split.values())
    make = parts.names, named, tuple(book.names.items()), properties, tails, len(styles.dressings)
    return Parted(make, split, shared, spelled, styles.plain)


def _workbook_alone(parts: Parts) -> bool:
    """Whether the package is nothing but a workbook, by what is looked at to recognise a file; the rest is its make."""
    return not parts.locked and "xl/workbook.xml" in parts.names and "mimetype" not in parts.names


@kept(64, 1 << 16)
def _workbook(part: bytes) -> Workbook:
    return parse(part, Workbook(Budget()))


@kept(64, 1 << 16)
def _properties(part: bytes) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(one for one in parse(part, Properties(Budget())).texts.items() if one[0].startswith(OURS)))
