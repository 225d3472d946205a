"""Writes the folder of letters: a letter an agency, and the list of all, as text and as CSV."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from workbook.exchange.delimited_text import make_safe_line, open_csv_writer
from workbook.merging.letters.letter_folder import (
    find_foreign_files,
    get_list_paths,
    hash_files,
    recover_folder,
    replace_folder,
    sign_lists,
)
from workbook.merging.letters.letter_texts import (
    ChasedAgency,
    Letter,
    LetterMatter,
    LetterOccasion,
    LetterReason,
    count_overdue_days,
    end_sentence,
    format_as_of,
    format_day,
    get_agency_title,
    group_matters,
    one_line,
    write_letter_texts,
)
from workbook.model.finding import Severity
from workbook.model.identity import get_comparable_code
from workbook.safety.messages import UserError, load_messages
from workbook.safety.owned_folders import is_marked
from workbook.safety.unsafe_text import fold_name

if TYPE_CHECKING:
    from workbook.merging.letters.letter_texts import ChasedAgency
    from workbook.merging.roster.roster_lines import RosterAgency


messages = load_messages("workbook.merging.letters")


class FolderNotEmpty(UserError):
    """A folder that may not be written."""


def write_letters(
    folder: Path, chased: Iterable[ChasedAgency], occasion: LetterOccasion, *, force: bool = False
) -> int:
    """Write letters and list into a folder of their own, all or nothing; how many letters.

    The folder may be there if it is empty or, with `force`, if nothing but an earlier chase-up is in it, as it was
    written: that is replaced. Raises FolderNotEmpty where anything else is there, OSError where the disk refuses.
    """
    refuse_foreign_folder(folder, force=force)
    place = Path(os.path.realpath(folder))  # where a link leads: the link itself stays
    with AgencyDossiers(chased) as dossiers:
        fill = partial(_write_folder, dossiers=dossiers, occasion=occasion)
        replace_folder(
            place, fill, check=partial(refuse_foreign_folder, folder, force=force, recovered=True)
        )  # writing takes a while
        return len(dossiers)


def refuse_foreign_folder(folder: Path, *, force: bool = False, recovered: bool = False) -> None:
    """Raise FolderNotEmpty if `write_letters` would: to be asked before long work is done."""
    if not recovered:
        recover_folder(Path(os.path.realpath(folder)))
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise FolderNotEmpty(messages.get("refused.file", folder=folder))
    theirs = next(find_foreign_files(folder), None)
    if theirs is not None and force and all(one.is_file() for one in get_list_paths(folder)):
        raise FolderNotEmpty(messages.get("refused.theirs", folder=folder, file=theirs.name))
    if theirs is not None or (not force and any(not is_marked(one) for one in folder.iterdir())):
        raise FolderNotEmpty(messages.get("refused.folder", folder=folder))


def _write_folder(folder: Path, dossiers: AgencyDossiers, occasion: LetterOccasion) -> None:
    """The letters, and as they are written the two lists."""
    text, table_ = get_list_paths(folder)
    with _open_text(text) as listed, open_csv_writer(table_) as table:
        listed.write(_write_head(dossiers, occasion))
        table.writerow(messages.entry("list.columns"))
        n = 0
        for letter in write_letter_texts(dossiers, occasion):
            with _open_text(folder / letter.file) as file:
                file.write(letter.text)
            code = hash_files(folder / letter.file)
            for n, matter in enumerate(letter.matters, n + 1):  # noqa: B020 -- counts on over all letters
                facts = "".join(_list_facts(letter, matter))
                what = {"agency": get_agency_title(letter.agency), "short": matter.why.short, "facts": facts}
                listed.write(messages.text("list.line", n=n, **what) + "\n")
                table.writerow(make_safe_line([*_make_list_line(n, letter, matter, occasion), code]))
    sign_lists(folder)


def _open_text(path: Path) -> TextIO:
    """A new text file as programs of Windows expect it, old ones included: with a mark and their line ends."""
    return path.open("x", encoding="utf-8-sig", errors="replace", newline="\r\n")


def _write_head(dossiers: AgencyDossiers, occasion: LetterOccasion) -> str:
    """The head of the list: how many agencies, how many of what."""
    lines = [messages.text("list.title", year=occasion.year), ""]
    counted = Counter(matter.why for same in dossiers for matter in group_matters(same))
    if not counted:
        return "\n".join([*lines, messages.text("list.none"), ""])
    facts = {"agencies": len(dossiers), "n": counted.total(), "until": format_as_of(occasion)}
    reasons = [messages.text("list.reason", short=why.short, n=counted[why]) for why in LetterReason if counted[why]]
    reasons_line = messages.text("list.reasons", reasons=messages.text("list.comma").join(reasons))
    return "\n".join([*lines, messages.text("list.count", **facts), reasons_line, "", ""])


def _list_facts(letter: Letter, matter: LetterMatter) -> Iterator[str]:
    errors, warnings = matter.count(Severity.ERROR), matter.count(Severity.WARNING)
    if errors or warnings:
        yield messages.text("list.findings", errors=errors, warnings=warnings)
    if letter.due:
        yield messages.text("list.due", due=format_day(letter.due))
    if letter.contact:
        yield messages.text("list.contact", contact=letter.contact)
    yield messages.text("list.letter", file=letter.file)


def _make_list_line(n: int, letter: Letter, matter: LetterMatter, occasion: LetterOccasion) -> list[str]:
    """A line of the list as a table, but for the code of the letter: one matter, by `list.columns`."""
    agency = letter.agency
    days = count_overdue_days(letter.due, occasion) if matter.why is LetterReason.MISSING else 0
    return [
        str(n),
        get_agency_title(agency),
        one_line(agency.code),
        one_line(agency.region),
        letter.contact,
        matter.why.short,
        messages.text("list.comma").join(one_line(one.place) for one in matter.chased),
        *(str(matter.count(severity) or "") for severity in (Severity.ERROR, Severity.WARNING)),
        letter.due.isoformat() if letter.due else "",
        str(days or ""),
        end_sentence(matter.detail.zh),
        letter.file,
    ]


# What agencies are to be written to about, put by on disk until all is known of each: 20,000 need lit


class AgencyDossiers:
    """One dossier an agency, in the order in which agencies first come; gone when closed.

    Agencies are identified by credit code, else by name and region.
    """

    def __init__(self, chased: Iterable[ChasedAgency]) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with the dossiers
        self._places: dict[Hashable, list[tuple[int, int]]] = {}
        try:
            for one in chased:
                begins = self._file.tell()
                pickle.dump(one, self._file)
                place = (begins, self._file.tell() - begins)
                self._places.setdefault(_get_key(one.agency), []).append(place)
        except BaseException:
            self._file.close()
            raise

    def __len__(self) -> int:
        """How many agencies there are."""
        return len(self._places)

    def __iter__(self) -> Iterator[tuple[ChasedAgency, ...]]:
        """All that is to be written to one agency after the other, as often as asked."""
        for places in self._places.values():
            yield tuple(self._load(*place) for place in places)

    def _load(self, begins: int, length: int) -> ChasedAgency:
        self._file.seek(begins)
        one: ChasedAgency = pickle.loads(
            self._file.read(length)
        )  # of our own temporary file, which nobody else can open
        return one

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()


def _get_key(agency: RosterAgency) -> Hashable:
    code = get_comparable_code(agency.identity)
    return code or (fold_name(agency.name), fold_name(agency.region), fold_name(agency.code))
