"""Finds the files whose agency is not known, and which of them may hold somebody's report all the same.

As long as one of them may be an agency's own, nobody may say that nothing came from it.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Collection as Collection_
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import IO

from workbook.merging.archive_files import BROKEN, OpenArchives
from workbook.merging.collected_reports import ReportCollection, get_file_name, get_last_part
from workbook.merging.file_status import FileEntry, FileStatus, is_regular_file
from workbook.merging.letters.letter_folder import get_list_paths, is_letter, list_letter_files
from workbook.merging.roster.likely_agency import NOBODY, AgencyGuess, LikelyAgencies, get_bare_name, is_note
from workbook.merging.roster.roster_lines import Roster, RosterAgency, RosterMatch
from workbook.model.identity import get_comparable_code
from workbook.safety.messages import load_messages
from workbook.safety.unsafe_text import fold_name

messages = load_messages("workbook.merging")

PROGRAMS = re.compile(
    r"\.(?:exe|dll|msi|bat|cmd|ps1|sh|vbs|js|py|css|ini|log|toml|ya?ml|db|tt[fc]|otf|mp[34]|wav|m4a|avi|mov|wm[av]|mkv)$"
)
"""How the names end of programs, settings, sound and film (setup.exe, 录音.m4a): no report is sent so."""
DOCUMENTS = re.compile(
    r"\.(?:xl\w+|ett?|ods|csv|json|docx?|wps|od[tf]|rtf|pdf|ofd|html?|mht|xml|txt|zip|rar|7z|gz|tar|jpe?g|png|tiff?|bmp|"
    r"gif|pptx?)$"
)
"""How the name of a hidden file ends that may be a report (.年报.xlsx, .年报.et); others are settings of programs."""
ARCHIVES = re.compile(r"\.(?:zip|rar|7z|gz|tar|tgz|bz2|xz|cab|iso)$")
"""How the names end of files that hold other files: 某局.zip, 某局.rar."""
SYSTEMS = frozenset(("thumbs.db", "desktop.ini", ".ds_store", "__macosx", ".git", ".svn", ".hg", ".idea", ".vscode"))
"""What operating systems and programs put into folders for themselves."""
NOTES = (".txt", ".md", ".text")
BEGINNING = 400
"""So many bytes at the beginning of a file show whether it is a letter."""
MOST_BYTES = 64 << 20
"""No list of letters is larger."""
OUTPUTS = (".json", ".html", ".csv", ".parquet")
"""What a merge writes beside its workbook or JSON, and cannot be recognised as its own when it is read."""
LETTERS = (".txt", ".csv")
"""What a chase-up writes: letters and lists."""
_OPEN = frozenset({FileStatus.UNREADABLE, FileStatus.FOREIGN, FileStatus.SKIPPED})


@dataclass(slots=True)
class UnattributedFiles:
    """What came of which it is not certain whose it is; files by their number in the store.

    `likely` are files that by their name may be of one agency; `anybodys` those that may be anybody's, `coded` those
    that state a credit code not on the roster: they may be of an agency that is listed without one. `containers` are
    folders and archives named after an agency of which nothing else was found.
    """

    likely: defaultdict[RosterAgency, list[int]] = field(default_factory=lambda: defaultdict(list))
    containers: defaultdict[RosterAgency, list[str]] = field(default_factory=lambda: defaultdict(list))
    anybodys: list[int] = field(default_factory=list)
    coded: list[int] = field(default_factory=list)

    def others(self, agency: RosterAgency) -> int:
        """How many files there are that may be of that agency, or of another."""
        return len(self.anybodys) + (0 if get_comparable_code(agency.identity) else len(self.coded))


class AttributionFinder:
    """Finds what is not attributed; `beside` are files and folders given besides, such as the roster's own."""

    def __init__(self, roster: Roster, collection: ReportCollection, beside: Iterable[Path] = ()) -> None:
        self.roster = roster
        self.collection = collection
        self.found = UnattributedFiles()
        self._beside = tuple(os.path.realpath(path) for path in beside)
        self._folders: dict[str, str] = {}

    @cached_property
    def _likely(self) -> LikelyAgencies:
        return LikelyAgencies(self.roster)

    def add_report(self, entry: FileEntry, match: RosterMatch) -> None:
        """Take a report for which no line of the roster is certain."""
        who, guess = entry.agency, NOBODY
        if match.crossed:  # it is of one of these, or of whom the name of its file says
            named = self._likely.guess_by_place(entry.place).agency
            for agency in dict.fromkeys((*match.candidates, *([named] if named else []))):
                self.found.likely[agency].append(entry.number)
            return
        if match.candidates:
            guess = AgencyGuess(match.candidates[0], alone=True) if len(match.candidates) == 1 else NOBODY
        else:
            guess = self._likely.guess_by_place(entry.place, who.name)
            if who.name and guess.agency is None:  # the cover may have stayed another's
                guess = self._likely.guess_by_place(entry.place)
        self._add(entry, guess, coded=bool(get_comparable_code(who)) and not match.candidates)

    def add_attributed(self, whose: Mapping[int, RosterAgency]) -> None:
        """Take the reports that are certainly of these agencies by their covers: a file's name may say another's."""
        for number, place, has_report, _ in self.collection.store.list_places():
            if not has_report:
                continue
            agency = whose.get(number)
            name = get_bare_name(get_last_part(place))
            if agency is None or (agency.name and fold_name(agency.name) in name):
                continue
            guess = self._likely.guess_by_name(name)
            if guess.agency is not None and guess.agency is not agency and guess.alone:
                self.found.likely[guess.agency].append(number)

    def add_open_files(self) -> None:
        """Take all files in which no report was found but one may be."""
        for entry in self._list_open_files():
            guess = self._likely.guess_by_place(entry.place)
            if (
                guess.agency is not None
                and guess.alone
                and _may_hold_files(entry)
                and self.roster.children(guess.agency)
            ):
                guess = guess._replace(alone=False)  # those below it may have put theirs into it
            if entry.why.zh.startswith(_list_empty_reasons()) and (
                guess.agency is None or not ARCHIVES.search(get_file_name(entry).lower())
            ):
                continue  # nobody's report can be in it; but an archive was sent by whom its name says
            if entry.why.zh.startswith(messages.get("why.summary").zh):
                guess = guess._replace(alone=True)
                if guess.agency is None:
                    continue
            self._add(entry, guess)

    def add_containers(self, known: Collection_[RosterAgency]) -> None:
        """Take the folders and archives named after an agency of which no file is `known` or likely.

        One that holds reports of those below the agency is theirs, and so is one that holds what a merge wrote.
        """
        open_ = {agency for agency in self.roster.agencies if agency not in known and not self.found.likely.get(agency)}
        if not open_:
            return
        named: dict[str, tuple[RosterAgency, ...]] = {}
        holds_reports: dict[tuple[RosterAgency, str], bool] = {}
        """Whose name a container bears → whether reports of those below that agency lie in it."""
        own = self._own_places
        for number, place, has_report, zh in self.collection.store.list_places():
            for container in _list_containers(place):
                if container not in named:
                    called = self._likely.list_called(get_bare_name(get_last_part(container)))
                    named[container] = tuple(agency for agency in called if agency in open_)
                if not named[container] or place in own or zh.startswith(_list_written_reasons()):
                    continue
                entry = self.collection.entries[number - 1]
                if self.is_beside(entry):
                    continue
                sender = self.roster.match(entry.agency).agency if has_report else None
                for agency in named[container]:
                    below = sender is not None and self._is_below(sender, agency)
                    holds_reports[agency, container] = holds_reports.get((agency, container), False) or below
        for (agency, container), below in holds_reports.items():
            outer = (f"{one}{mark}" for one in self.found.containers.get(agency, ()) for mark in "/!")
            if not below and not container.startswith(tuple(outer)):
                self.found.containers[agency].append(container)

    def _is_below(self, agency: RosterAgency, above: RosterAgency) -> bool:
        one = self.roster.parent(agency)
        while one is not None and one is not above:
            one = self.roster.parent(one)
        return one is above

    def _add(self, entry: FileEntry, guess: AgencyGuess, *, coded: bool = False) -> None:
        if guess.agency is not None:
            self.found.likely[guess.agency].append(entry.number)
        if (guess.agency is None or not guess.alone) and not entry.set_aside:
            (self.found.coded if coded else self.found.anybodys).append(entry.number)

    # files without a report

    def _list_open_files(self) -> Iterator[FileEntry]:
        """The files without a report in which one may be all the same."""
        own = self._own_places
        for entry in self.collection.entries.with_status(_OPEN):
            name = get_file_name(entry).lower()
            if entry.status is FileStatus.SKIPPED and not _may_be_report(entry, name):
                continue
            if entry.status is FileStatus.FOREIGN and (
                PROGRAMS.search(name) or (name.endswith(NOTES) and is_note(name))
            ):
                continue
            if entry.place in own or (name.endswith(OUTPUTS) and _drop_suffix(entry) in own):
                continue
            if not self.is_beside(entry):
                yield entry

    @cached_property
    def _own_places(self) -> set[str]:
        """Places of letters, and those of summaries without their ends: what an earlier merge wrote."""
        found = set()
        archives = OpenArchives()
        for entry in self.collection.entries.with_status(frozenset({FileStatus.SKIPPED, FileStatus.FOREIGN})):
            name, path = get_file_name(entry), Path(entry.path)
            if entry.status is FileStatus.SKIPPED:
                found |= {_drop_suffix(entry)} if entry.why.zh.startswith(_list_written_reasons()) else set()
            elif name.lower().endswith(LETTERS) and is_letter(_read_beginning(entry, archives)):
                found.add(entry.place)
            elif entry.member or entry.size > MOST_BYTES or not is_regular_file(path):
                continue
            elif path == get_list_paths(path.parent)[1]:
                found |= {entry.place.removesuffix(name) + letter for letter in list_letter_files(path.parent)}
        archives.close()
        return found

    def is_beside(self, entry: FileEntry) -> bool:
        """Whether it is among what was given besides the reports."""
        if not self._beside:
            return False
        folder, name = os.path.split(entry.path)
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder)
        path = os.path.join(self._folders[folder], name)  # noqa: PTH118 -- for each of many files
        return any(path == one or path.startswith(one + os.sep) for one in self._beside)


def _may_be_report(entry: FileEntry, name: str) -> bool:
    """Whether what was not looked into may be a report: not what programs leave behind for themselves."""
    why = entry.why.zh
    if name in SYSTEMS or name.startswith(("._", ".trash")) or "__MACOSX" in entry.place:
        return False
    if why.startswith(tuple(messages.get(f"why.{key}").zh for key in ("owner", "output", "link_within"))):
        return False
    hidden, folder = messages.get("why.hidden").zh, messages.get("why.folder").zh
    return bool(DOCUMENTS.search(name)) or why.startswith(folder) or not why.startswith(hidden)


def _may_hold_files(entry: FileEntry) -> bool:
    """Whether it may hold several files: an archive, or a folder that was not entered."""
    name = get_file_name(entry).lower()
    return bool(ARCHIVES.search(name)) or "." not in name


@cache
def _list_written_reasons() -> tuple[str, ...]:
    """How the reason of a file begins that a merge wrote."""
    return tuple(messages.get(f"why.{key}").zh for key in ("summary", "output"))


@cache
def _list_empty_reasons() -> tuple[str, ...]:
    """How the reason of a folder or archive begins in which nothing is."""
    return tuple(one["zh"] for one in messages.entry("why").values() if one.get("empty"))


def _read_beginning(entry: FileEntry, archives: OpenArchives) -> bytes:
    """The first bytes of a file of this machine, also of one in an archive; nothing where they cannot be read."""
    path = Path(entry.path)
    try:
        if not is_regular_file(path):
            return b""
        if entry.member:
            archive = archives.get(path, lambda: path.open("rb"))
            opened: IO[bytes] = archive.open(entry.member)
        else:
            opened = path.open("rb")
        with opened as file:
            return file.read(BEGINNING)
    except (OSError, *BROKEN):
        return b""


def _list_containers(place: str) -> Iterator[str]:
    """The folders and archives a file lies in, the outermost first, but for those that systems make for themselves."""
    for mark in re.finditer("[/!]", place):  # 县.zip!某局/年报.xlsx -> 县.zip, 县.zip!某局
        container = place[: mark.start()]
        if get_last_part(container).lower() in SYSTEMS:
            return
        yield container


def _drop_suffix(entry: FileEntry) -> str:
    """The place of a file without the end of its name."""
    return entry.place.rpartition(".")[0]


def list_side_folders(beside: Sequence[Path], merged: Sequence[Path]) -> list[Path]:
    """Of what was given besides, that which is not merged itself: last year's may lie in the folder of this year's."""
    own = {os.path.realpath(path) for path in merged}
    return [path for path in beside if not any(_is_within(one, os.path.realpath(path)) for one in own)]


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + os.sep)
