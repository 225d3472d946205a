"""What was found and what became of it: every file has one status, and the counts add up to the files found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from workbook.excel.reading.file_type import get_kind_message
from workbook.model.identity import Identity
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
    """Of nobody on the roster, or nobody can tell of whom: left out of every sum."""
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
    the name in it where it is an archive. `key` tells agencies apart: equal keys are one agency. `sha256` is blank for
    a file not opened; `modified` and `read_at` are local times as ISO texts; `template` the version of ours it was
    made from. `listed` is 1, 0 for a report of nobody on the roster, or CROSSED; `decided` yes or no if the coordinator
    did. Letters are written from `why`, which knows of neither.
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
            asked += [_ASKED[self.listed]] if self.listed in _ASKED else []
        elif self.set_aside and self.status is not FileStatus.EXCLUDED:
            return _joined(
                [Bilingual(found.zh.rstrip("。"), found.en.rstrip(".")), messages.get("why.excluded_anyway")]
            )
        return _joined([*(messages.get(key) for key in asked), found])

    def _found_out(self) -> Bilingual:
        """What was said of the file, and what is wrong with a report that only this bars."""
        found = messages.get("why.findings", errors=self.errors, warnings=self.warnings)
        if not (self.errors or self.warnings):
            return self.why
        return join_sentences(self.why, found) if self.status in CHECKED or not self.why.zh else self.why


_ASKED = {0: "why.unlisted_counted", CROSSED: "why.asked"}
"""What is said of a report that counts although no line of the roster is certain for it."""


def _joined(parts: Sequence[Bilingual]) -> Bilingual:
    besides = messages.get("why.besides")
    return join_texts((one for one in parts if one.zh), besides)


class FileFate(NamedTuple):
    """What becomes of one file, by its number, and why."""

    number: int
    status: FileStatus
    why: Bilingual = NOTHING


def join_sentences(one: Bilingual, more: Bilingual) -> Bilingual:
    """Two things said of a file, with a stop between them where the first has none."""
    if not one.zh or not more.zh:
        return one if one.zh else more
    stop = messages.get("why.besides")
    zh = one.zh if one.zh.endswith("。") else one.zh + stop.zh
    en = f"{one.en} " if one.en.endswith(".") else one.en + stop.en
    return Bilingual(zh + more.zh, en + more.en)


# Which reasons for not reading a file are the coordinator's own troubles: an agency is not to be told


def is_coordinator_side(why: Bilingual) -> bool:
    """Whether a reason, as it was kept of a file, is the coordinator's own trouble: told by how it begins."""
    return why.zh.startswith(_beginnings()) or load_messages("workbook.safety").get("limit.bounds.memory").zh in why.zh


@cache
def _beginnings() -> tuple[str, ...]:
    """How these reasons begin: up to the first fact that is filled in."""
    reasons = (one["zh"].partition("{")[0] for one in messages.entry("why").values() if one.get("ours"))
    return (*reasons, *(get_kind_message(kind).zh for kind in messages.entry("ours.kinds")))
