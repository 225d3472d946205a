"""The folder of a chase-up: a letter an agency, and the list of all, as text and as CSV."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TextIO

from workbook.finding import Severity
from workbook.merging.chase.cells import one_line, sentence
from workbook.merging.chase.dossiers import Dossiers
from workbook.merging.chase.folder import code_of, lists, put, recover, sign, strangers
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
from workbook.merging.csvtext import safe_line, writing
from workbook.ownership import is_marked
from workbook.safety.messages import UserError, load_messages

messages = load_messages("workbook.merging.chase")


class NotEmpty(UserError):
    """A folder that may not be written."""


def write(folder: Path, chased: Iterable[Chased], occasion: Occasion, *, force: bool = False) -> int:
    """Write letters and list into a folder of their own, all or nothing; how many letters.

    The folder may be there if it is empty or, with `force`, if nothing but an earlier chase-up is in it, as it was
    written: that is replaced. Raises NotEmpty where anything else is there, OSError where the disk refuses.
    """
    refuse(folder, force=force)
    place = Path(os.path.realpath(folder))  # where a link leads: the link itself stays
    with Dossiers(chased) as dossiers:
        fill = partial(_fill, dossiers=dossiers, occasion=occasion)
        put(place, fill, check=partial(refuse, folder, force=force, recovered=True))  # writing takes a while
        return len(dossiers)


def refuse(folder: Path, *, force: bool = False, recovered: bool = False) -> None:
    """Raise NotEmpty if `write` would: to be asked before long work is done."""
    if not recovered:
        recover(Path(os.path.realpath(folder)))
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise NotEmpty(messages.get("refused.file", folder=folder))
    theirs = next(strangers(folder), None)
    if theirs is not None and force and all(one.is_file() for one in lists(folder)):
        raise NotEmpty(messages.get("refused.theirs", folder=folder, file=theirs.name))
    if theirs is not None or (not force and any(not is_marked(one) for one in folder.iterdir())):
        raise NotEmpty(messages.get("refused.folder", folder=folder))


def _fill(folder: Path, dossiers: Dossiers, occasion: Occasion) -> None:
    """The letters, and as they are written the two lists."""
    text, table_ = lists(folder)
    with _text_file(text) as listed, writing(table_) as table:
        listed.write(_head(dossiers, occasion))
        table.writerow(messages.entry("list.columns"))
        n = 0
        for letter in chase(dossiers, occasion):
            with _text_file(folder / letter.file) as file:
                file.write(letter.text)
            code = code_of(folder / letter.file)
            for n, matter in enumerate(letter.matters, n + 1):  # noqa: B020 -- counts on over all letters
                facts = "".join(_facts(letter, matter))
                what = {"agency": called(letter.agency), "short": matter.why.short, "facts": facts}
                listed.write(messages.text("list.line", n=n, **what) + "\n")
                table.writerow(safe_line([*_line(n, letter, matter, occasion), code]))
    sign(folder)


def _text_file(path: Path) -> TextIO:
    """A new text file as programs of Windows expect it, old ones included: with a mark and their line ends."""
    return path.open("x", encoding="utf-8-sig", errors="replace", newline="\r\n")


def _head(dossiers: Dossiers, occasion: Occasion) -> str:
    """The head of the list: how many agencies, how many of what."""
    lines = [messages.text("list.title", year=occasion.year), ""]
    counted = Counter(matter.why for same in dossiers for matter in matters(same))
    if not counted:
        return "\n".join([*lines, messages.text("list.none"), ""])
    facts = {"agencies": len(dossiers), "n": counted.total(), "until": until(occasion)}
    reasons = [messages.text("list.reason", short=why.short, n=counted[why]) for why in Why if counted[why]]
    said = messages.text("list.reasons", reasons=messages.text("list.comma").join(reasons))
    return "\n".join([*lines, messages.text("list.count", **facts), said, "", ""])


def _facts(letter: Letter, matter: Matter) -> Iterator[str]:
    errors, warnings = matter.count(Severity.ERROR), matter.count(Severity.WARNING)
    if errors or warnings:
        yield messages.text("list.findings", errors=errors, warnings=warnings)
    if letter.due:
        yield messages.text("list.due", due=day(letter.due))
    if letter.contact:
        yield messages.text("list.contact", contact=letter.contact)
    yield messages.text("list.letter", file=letter.file)


def _line(n: int, letter: Letter, matter: Matter, occasion: Occasion) -> list[str]:
    """A line of the list as a table, but for the code of the letter: one matter, by `list.columns`."""
    agency = letter.agency
    days = overdue(letter.due, occasion) if matter.why is Why.MISSING else 0
    return [
        str(n), called(agency), one_line(agency.code), one_line(agency.region), letter.contact, matter.why.short,
        messages.text("list.comma").join(one_line(one.place) for one in matter.chased), *(
            str(matter.count(severity) or "") for severity in (Severity.ERROR, Severity.WARNING)
        ), letter.due.isoformat() if letter.due else "", str(days or ""), sentence(matter.detail.zh), letter.file,
    ]  # fmt: skip
