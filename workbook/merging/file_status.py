"""Holds a file found, its status and the reason. Every file has one status; the counts add up to the files found."""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

from workbook.excel.reading.file_type import get_kind_message
from workbook.model.identity import Identity
from workbook.safety.atomic_write import is_lock_name
from workbook.safety.messages import NO_TEXT, Bilingual, join_texts, load_messages

messages = load_messages("workbook.merging")

NOTHING = NO_TEXT


NOBODY = Identity()
CROSSED = -1
"""How a report is listed whose name is one agency's on the roster and whose credit code another's."""


class FileStatus(StrEnum):
    """What became of one file."""

    MERGED = "merged"
    WARNINGS = "warnings"
    """Merged; has warnings nobody gave a reason for."""
    ERRORS = "errors"
    """Merged although it has errors, as the coordinator asked."""
    HELD = "held"
    """Held back for its errors."""
    COMPARED = "compared"
    """A government's own report, compared with the sum of those below it: added to that it would count twice."""
    CONFLICT = "conflict"
    """Same agency, year and revision as another file, with other figures: none counts until somebody decides."""
    UNREADABLE = "unreadable"
    YEAR = "year"
    """A report of another year than the one merged, or of none."""
    FORM = "form"
    """A report of this year in another form, with figures that have no place in the form merged."""
    UNLISTED = "unlisted"
    """Of nobody on the roster, or not certain of whom: left out of every sum."""
    EXCLUDED = "excluded"
    """Left out as the coordinator decided."""
    SUPERSEDED = "superseded"
    """The same agency handed in a higher revision, or the coordinator decided for another file."""
    DUPLICATE = "duplicate"
    """Same agency, year and figures as another file, which counts."""
    FOREIGN = "foreign"
    """A file with no report in it."""
    SKIPPED = "skipped"
    """Not looked into: hidden, temporary, or the summary itself."""

    @property
    def words(self) -> Bilingual:
        """The status as a user reads it."""
        return messages.get(f"status.{self.value}")

    @property
    def means(self) -> Bilingual:
        """What the status means, in a sentence."""
        return messages.get(f"status.{self.value}.means")

    @property
    def tone(self) -> str:
        """How pressing it is: good, wait, bad or quiet."""
        return str(messages.entry(f"status.{self.value}.tone"))


COUNTED = frozenset({FileStatus.MERGED, FileStatus.WARNINGS, FileStatus.ERRORS})
"""Whose figures are in the sum."""
GOOD = COUNTED | {FileStatus.COMPARED}
"""Reports that need not be handed in again."""
RETURNED = frozenset({FileStatus.HELD, FileStatus.CONFLICT, FileStatus.FORM, FileStatus.YEAR})
"""Reports of an agency that are not in the sum: it must hear of them."""
PENDING = frozenset({FileStatus.HELD, FileStatus.CONFLICT, FileStatus.FORM, FileStatus.UNREADABLE, FileStatus.UNLISTED})
"""Files not in the sum that somebody must settle."""
LISTED = GOOD | {FileStatus.HELD, FileStatus.CONFLICT, FileStatus.FORM, FileStatus.UNLISTED}
"""Whose findings the agency should hear of."""
CHECKED = frozenset({FileStatus.WARNINGS, FileStatus.ERRORS, FileStatus.HELD})
"""What a file is called by its own findings."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file found: where, what became of it and why, and whose report is in it.

    `number` counts the files from 1 in the order of their places; `place` is the path as lists show it, from the
    folder that all files share, `部门.zip!某局.xlsx` inside an archive; `path` the file on disk or its URL, `member`
    the name in it where it is an archive. `key` identifies the agency: equal keys are one agency. `sha256` is blank for
    a file not opened; `modified` and `read_at` are local times as ISO texts; `template` the version of ours it was
    made from. `listed` is 1, 0 for a report of nobody on the roster, or CROSSED; `decided` yes or no if the coordinator
    did; letters are written from `why`, which mentions neither. `fingerprint` and `figures` are digests of the form and
    of the figures in it.
    """

    number: int
    place: str
    path: str
    status: FileStatus
    why: Bilingual = NOTHING
    agency: Identity = NOBODY
    year: int | None = None
    form: str = ""
    key: str = ""
    errors: int = 0
    warnings: int = 0
    sha256: str = ""
    size: int = 0
    modified: str = ""
    reader: str = ""
    read_at: str = ""
    template: str = ""
    member: str = ""
    listed: int = 1
    decided: str = ""
    fingerprint: str = ""
    figures: str = ""

    @property
    def set_aside(self) -> bool:
        """Whether the coordinator decided that it does not count: nothing is left to be settled of it."""
        return self.decided == "no"

    @property
    def reason(self) -> Bilingual:
        """Why the file has its status, for the coordinator: what was decided of it, and what was found out."""
        found, asked = self._found_out(), []
        if self.status in COUNTED:
            asked = ["why.chosen"] if self.decided == "yes" else []
            asked += [_COUNTED_ANYWAY[self.listed]] if self.listed in _COUNTED_ANYWAY else []
        elif self.set_aside and self.status is not FileStatus.EXCLUDED:
            return _join([Bilingual(found.zh.rstrip("。"), found.en.rstrip(".")), messages.get("why.excluded_anyway")])
        return _join([*(messages.get(key) for key in asked), found])

    def _found_out(self) -> Bilingual:
        """The reason stored, and the number of findings of a report that counts or is held back by these alone."""
        found = messages.get("why.findings", errors=self.errors, warnings=self.warnings)
        if not (self.errors or self.warnings):
            return self.why
        return join_sentences(self.why, found) if self.status in CHECKED or not self.why.zh else self.why


_COUNTED_ANYWAY = {0: "why.unlisted_counted", CROSSED: "why.asked"}
"""The reason of a report that counts although no line of the roster is certain for it."""


def _join(parts: Sequence[Bilingual]) -> Bilingual:
    besides = messages.get("why.besides")
    return join_texts((one for one in parts if one.zh), besides)


class FileFate(NamedTuple):
    """What becomes of one file, by its number, and why."""

    number: int
    status: FileStatus
    why: Bilingual = NOTHING


def join_sentences(one: Bilingual, more: Bilingual) -> Bilingual:
    """Two parts of a reason, with a stop between them where the first has none."""
    if not one.zh or not more.zh:
        return one if one.zh else more
    stop = messages.get("why.besides")
    zh = one.zh if one.zh.endswith("。") else one.zh + stop.zh
    en = f"{one.en} " if one.en.endswith(".") else one.en + stop.en
    return Bilingual(zh + more.zh, en + more.en)


# files found, and why one of them is not read -------------------------------------------------------------------------

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

    def as_unreadable(self, why: Bilingual) -> FoundFile:
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
    taken, numbers, numbered = set(counts), Counter[str](), []
    for place in places:
        one = place
        while counts[place] > 1 and one in taken:
            numbers[place] += 1
            one = messages.text("place.same", place=place, n=numbers[place])
        taken.add(one)
        numbered.append(one)
    return numbered


def make_showable(text: str) -> str:
    """A name as lists can show it: what is no text in it is replaced."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def make_storable_name(name: str) -> str:
    """The name of a file as a folder of any system can hold it."""
    return "".join("_" if character in '\\/:*?"<>|\0' else character for character in name)[-80:] or "_"


def is_regular_file(path: Path) -> bool:
    """Whether reading it can end: a pipe would wait for ever."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False


# Which reasons for not reading a file are the coordinator's own troubles: no letter mentions them


def is_coordinator_side(why: Bilingual) -> bool:
    """Whether the reason of a file is the coordinator's own trouble: known by how it begins."""
    return (
        why.zh.startswith(_list_beginnings())
        or load_messages("workbook.safety").get("limit.bounds.memory").zh in why.zh
    )


@cache
def _list_beginnings() -> tuple[str, ...]:
    """How these reasons begin: up to the first fact that is filled in."""
    reasons = (one["zh"].partition("{")[0] for one in messages.entry("why").values() if one.get("ours"))
    return (*reasons, *(get_kind_message(kind).zh for kind in messages.entry("ours.kinds")))
