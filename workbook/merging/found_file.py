"""A file found among those of a merge, and what is said of one that is not read."""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from workbook.merging.file_status import NOTHING
from workbook.safety.messages import Bilingual, load_messages
from workbook.safety.office_lock_file import is_lock_name

messages = load_messages("workbook.merging")

_HIDDEN = frozenset(("thumbs.db", "desktop.ini"))
"""What Windows hides in folders; on another system, or in an archive, it shows."""


class FoundFile(NamedTuple):
    """A file found: its place as lists show it, where it is, its name inside an archive, and why it is not read.

    `path` is a text where it is a URL. It is never taken apart again: such a file lies at `within`, as the listing
    spelled it, in the file system that the URL given by the user, `top`, is of.
    """

    place: str
    path: Path | str
    member: str = ""
    why: Bilingual = NOTHING
    unreadable: bool = False
    """Whether the reason is that it cannot be read, not that it need not be."""
    nth: int = 0
    """Which file of the archive's list it is, counted from 0: two may have one name."""
    top: str = ""
    within: str = ""

    def untold(self, why: Bilingual) -> FoundFile:
        """The same, not read for that reason although a report may be in it."""
        return self._replace(why=why, unreadable=True)


def explain_skipping(name: str) -> Bilingual:
    """Why a file of that name is not read; blank where it is."""
    if is_lock_name(name):
        return messages.get("why.owner")
    return messages.get("why.hidden") if name.startswith(".") or name.lower() in _HIDDEN else NOTHING


def number_duplicates(places: Sequence[str]) -> list[str]:
    """The same places in that order; those that several files share get a number, so that each names one file."""
    counts = Counter(places)
    if len(counts) == len(places):
        return list(places)
    taken, numbers, told = set(counts), Counter[str](), []
    for place in places:
        one = place
        while counts[place] > 1 and one in taken:
            numbers[place] += 1
            one = messages.text("place.same", place=place, n=numbers[place])
        taken.add(one)
        told.append(one)
    return told


def make_showable(text: str) -> str:
    """A name as lists can show it: what is no text in it is replaced."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def get_own_name(name: str) -> str:
    """The name of a file as it can stand in a folder of any system."""
    return "".join("_" if sign in '\\/:*?"<>|\0' else sign for sign in name)[-80:] or "_"


def is_regular_file(path: Path) -> bool:
    """Whether reading it can end: a pipe would wait for ever."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False
