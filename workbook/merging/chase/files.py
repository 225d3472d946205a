"""The folder of a chase-up: a letter an agency, and the list of all, as text and as CSV."""

from __future__ import annotations

import glob
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from workbook import whole
from workbook.finding import Severity, Words
from workbook.merging.chase.cells import CHASE, one_line, sentence
from workbook.merging.chase.dossiers import Dossiers
from workbook.merging.chase.letters import (
    Chased,
    Letter,
    Matter,
    Occasion,
    Why,
    called,
    chase,
    day,
    matters,
    overdue,
    until,
)
from workbook.merging.csvtext import decoded, parsed, safe_line, writing

LIST = CHASE.word("list.file") + ".csv"
"""The name of the list as a table: by it a folder of letters is known."""
OLD = ".old"
"""How the name of a folder ends that is being replaced."""


class NotEmpty(Exception):
    """A folder that may not be written: `words` say why and what to do."""

    def __init__(self, words: Words) -> None:
        self.words = words
        super().__init__(words.zh)


def write(folder: Path, chased: Iterable[Chased], occasion: Occasion, *, force: bool = False) -> int:
    """Write letters and list into a folder of their own, all or nothing; how many letters.

    The folder may be there if it is empty or, with `force`, if nothing but an earlier chase-up is in it, which is
    replaced. Raises NotEmpty where anything else is there, OSError where the disk refuses.
    """
    refuse(folder, force=force)
    folder = Path(os.path.realpath(folder))  # where a link leads: the link itself stays
    whole.tidy(folder.parent)
    part = whole.neighbour(folder)
    part.mkdir()
    try:
        with Dossiers(chased) as dossiers:
            _fill(part, dossiers, occasion)
            count = len(dossiers)
        if folder.is_dir():
            part.chmod(folder.stat().st_mode & 0o777)
        _settle()
        refuse(folder, force=force)  # writing took a while
        _put(part, folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return count


def refuse(folder: Path, *, force: bool = False) -> None:
    """Raise NotEmpty if `write` would: to be asked before long work is done."""
    _recover(Path(os.path.realpath(folder)))
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise NotEmpty(CHASE.said("refused.file", folder=folder))
    inside = list(folder.iterdir())
    if inside and not (force and _ours(folder, inside)):
        raise NotEmpty(CHASE.said("refused.folder", folder=folder))


def _ours(folder: Path, inside: Sequence[Path]) -> bool:
    """Whether a folder holds an earlier chase-up and nothing that its list does not name."""
    if any(one.is_symlink() or not one.is_file() for one in inside):
        return False
    names = {one.name for one in inside}
    lists = {_list(".txt"), _list(".csv")}
    return lists <= names and names - lists <= letters_in(folder / _list(".csv"))


def letters_in(file: Path) -> set[str]:
    """The letters that a list (.csv) of an earlier chase-up names, and the lists; nothing where it is no such list."""
    try:
        table = parsed(decoded(file.read_bytes()) or "", ",") or {}
    except OSError:
        return set()
    heads, *lines = [list(line.values()) for line in table.values()] or [[]]
    if heads != CHASE.entry("list.columns"):
        return set()
    return {_list(".txt"), _list(".csv"), *(line[-1] for line in lines if len(line) == len(heads))}


def _list(suffix: str) -> str:
    return CHASE.word("list.file") + suffix


def _put(part: Path, folder: Path) -> None:
    """Move the finished folder into place; what was there stays beside it until that is done."""
    if not folder.exists():
        part.rename(folder)
        whole.settle(folder.parent)
        return
    old = whole.neighbour(folder, OLD)
    folder.rename(old)
    try:
        part.rename(folder)
    except BaseException:
        with suppress(OSError):  # where another chase-up has come meanwhile, that one stays
            old.rename(folder)
        raise
    whole.settle(folder.parent)
    _remove(old)


def _recover(folder: Path) -> None:
    """End what a run that was killed began: between two moves the folder's old content stood beside it."""
    for old in sorted(folder.parent.glob(f".{glob.escape(whole.short(folder.name))}.{'[0-9a-f]' * 16}{OLD}")):
        with suppress(OSError):
            _remove(old) if os.path.lexists(folder) else old.rename(folder)


def _remove(old: Path) -> None:
    """Remove what was replaced; under another name first, for half of it must not be taken for all."""
    gone = whole.neighbour(old)
    with suppress(OSError):
        old.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def _settle() -> None:
    """All on the disk before it is moved into place, in one go: waiting for each of 20,000 letters takes minutes."""
    with suppress(AttributeError):  # Windows has none
        os.sync()


def _fill(part: Path, dossiers: Dossiers, occasion: Occasion) -> None:
    """The letters, and as they are written the two lists."""
    with _text_file(part / _list(".txt")) as listed, writing(part / _list(".csv")) as table:
        listed.write(_head(dossiers, occasion))
        table.writerow(CHASE.entry("list.columns"))
        n = 0
        for letter in chase(dossiers, occasion):
            with _text_file(part / letter.file) as file:
                file.write(letter.text)
            for n, matter in enumerate(letter.matters, n + 1):  # noqa: B020 -- counts on over all letters
                facts = "".join(_facts(letter, matter))
                what = {"agency": called(letter.agency), "short": matter.why.short, "facts": facts}
                listed.write(CHASE.word("list.line", n=n, **what) + "\n")
                table.writerow(safe_line(_line(n, letter, matter, occasion)))


def _text_file(path: Path) -> TextIO:
    """A new text file as programs of Windows expect it, old ones included: with a mark and their line ends."""
    return path.open("x", encoding="utf-8-sig", errors="replace", newline="\r\n")


def _head(dossiers: Dossiers, occasion: Occasion) -> str:
    """The head of the list: how many agencies, how many of what."""
    lines = [CHASE.word("list.title", year=occasion.year), ""]
    counted = Counter(matter.why for same in dossiers for matter in matters(same))
    if not counted:
        return "\n".join([*lines, CHASE.word("list.none"), ""])
    facts = {"agencies": len(dossiers), "n": counted.total(), "until": until(occasion)}
    reasons = [CHASE.word("list.reason", short=why.short, n=counted[why]) for why in Why if counted[why]]
    said = CHASE.word("list.reasons", reasons=CHASE.word("list.comma").join(reasons))
    return "\n".join([*lines, CHASE.word("list.count", **facts), said, "", ""])


def _facts(letter: Letter, matter: Matter) -> Iterator[str]:
    errors, warnings = matter.count(Severity.ERROR), matter.count(Severity.WARNING)
    if errors or warnings:
        yield CHASE.word("list.findings", errors=errors, warnings=warnings)
    if letter.due:
        yield CHASE.word("list.due", due=day(letter.due))
    if letter.contact:
        yield CHASE.word("list.contact", contact=letter.contact)
    yield CHASE.word("list.letter", file=letter.file)


def _line(n: int, letter: Letter, matter: Matter, occasion: Occasion) -> list[str]:
    """A line of the list as a table: one matter, by `list.columns`."""
    agency = letter.agency
    days = overdue(letter.due, occasion) if matter.mend else 0
    return [
        str(n), called(agency), one_line(agency.code), one_line(agency.region), letter.contact, matter.why.short,
        CHASE.word("list.comma").join(one_line(one.place) for one in matter.chased), *(
            str(matter.count(severity) or "") for severity in (Severity.ERROR, Severity.WARNING)
        ), letter.due.isoformat() if letter.due else "", str(days or ""), sentence(matter.detail.zh), letter.file,
    ]  # fmt: skip
