"""Files and folders → every file found, each with its status. Nothing that lies there is passed over in silence."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workbook.harmless import folded, unseen, whole
from workbook.identity import Identity
from workbook.merging.agencies import valid_code
from workbook.merging.collection import Collection, unseen_in
from workbook.merging.files import files_in
from workbook.merging.found import Found, distinct
from workbook.merging.ledger import Kept, Ledger
from workbook.merging.pool import Takes, taking
from workbook.merging.record import head_of
from workbook.merging.remote import files_at, is_elsewhere, path_of
from workbook.merging.rows import LastYear
from workbook.merging.settle import Terms, settle
from workbook.merging.status import Status, besides
from workbook.merging.take import Taken, Task, finish
from workbook.safety.messages import Bilingual

Progress = Callable[[int, int, str], None]
"""Told as files are read: how many are done, of how many, and the place of one of them."""

_FOUND = (
    "INSERT INTO file (number, place, path, member, nth, top, within, kind, status, zh, en) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_TAKEN = "UPDATE file SET status = ?, zh = ?, en = ?, sha = ?, size = ?, modified = ?, read_at = ? WHERE number = ?"
_READ = (
    "UPDATE file SET status = ?, zh = ?, en = ?, sha = ?, size = ?, modified = ?, read_at = ?, form = ?, "
    "fingerprint = ?, year = ?, name = ?, code = ?, region = ?, level = ?, contact = ?, revision = ?, figures = ?, "
    "errors = ?, warnings = ?, reader = ?, template = ?, control = ?, folded = ?, valid = ? WHERE number = ?"
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a coordinator may ask of a merge.

    `year` of the reports to merge (None: the most frequent); `include_errors` merges reports with errors, too;
    `chosen` files count, those `excluded` do not, by place or sha256 (see `decisions`); `known` tells agencies apart by
    a roster (None: there is none; blank: nobody on it), `include_unlisted` merges reports of nobody on it, too, and
    `crossed` says of a report whose name is one agency's there and whose credit code another's that it is so;
    `before` gives last year's report by what tells agencies apart and the year merged; `outputs` will be written and
    are not read.
    """

    year: int | None = None
    include_errors: bool = False
    chosen: frozenset[str] = frozenset()
    known: Callable[[Identity], str] | None = None
    before: LastYear | None = None
    outputs: Sequence[Path] = field(default_factory=tuple)
    excluded: frozenset[str] = frozenset()
    include_unlisted: bool = False
    crossed: Callable[[Identity], Bilingual] | None = None


def collect(
    paths: Sequence[Path | str],
    choices: Choices = Choices(),
    *,
    cache: Path | None = None,
    jobs: int = 1,
    takes: Takes | None = None,
    progress: Progress | None = None,
) -> Collection:
    """Read every file among `paths`, below the folders and in the archives among them, and say what becomes of each.

    `cache` is a folder in which readings are kept from one merge to the next (None: nowhere); `jobs` the number of
    processes; `takes` another way to read, such as a cluster. The order of `paths` does not matter; a text among them
    is a URL (see `remote`).
    """
    return collect_into(Ledger(cache), paths, choices, jobs=jobs, takes=takes, progress=progress)


def collect_into(
    ledger: Ledger,
    paths: Sequence[Path | str],
    choices: Choices,
    *,
    jobs: int = 1,
    takes: Takes | None = None,
    progress: Progress | None = None,
) -> Collection:
    """The same into a ledger of the caller's, which is closed where the merge fails."""
    try:
        found = _found(paths, choices.outputs, ledger.scratch)
        _enter(ledger, found)
        count = sum(1 for one in found if not one.why.zh)
        del found
        try:
            _read(ledger, takes or taking(jobs, count), count, progress)
        finally:
            finish()
        terms = Terms(
            choices.year,
            choices.include_errors,
            choices.chosen,
            choices.known,
            choices.before,
            choices.excluded,
            choices.include_unlisted,
            choices.crossed,
        )
        return _names_told(settle(ledger, terms))
    except BaseException:
        ledger.close()
        raise


def _found(paths: Sequence[Path | str], outputs: Sequence[Path], scratch: Path) -> list[Found]:
    """Every file of this machine and elsewhere, in the order of their places, no two of which read alike."""
    here = [path if isinstance(path, Path) else path_of(path) for path in paths if not is_elsewhere(path)]
    urls = [path for path in paths if isinstance(path, str) and is_elsewhere(path)]
    listed = files_in(here, outputs, scratch)
    if urls:
        listed = sorted(files_at(urls, scratch, alone=not here) + listed, key=lambda one: one.place)
    places = distinct([one.place for one in listed])
    told = (one._replace(place=place) for one, place in zip(listed, places, strict=True))
    return sorted(told, key=lambda one: one.place)


def _enter(ledger: Ledger, found: Iterable[Found]) -> None:
    """Every file into the ledger, numbered from 1."""
    skipped = {False: Status.SKIPPED, True: Status.UNREADABLE}
    ledger.change(
        _FOUND,
        (
            (
                number,
                one.place,
                _stored(str(one.path)),
                one.member,
                one.nth,
                one.top,
                _stored(one.within),
                Task(number, one.within or str(one.path), one.member).kind,
                skipped[one.unreadable] if one.why.zh else "",
                *one.why,
            )
            for number, one in enumerate(found, 1)
        ),
    )


def _names_told(collection: Collection) -> Collection:
    """The same; of a file whose name is not what it looks like it is said which signs in it are not seen."""
    ledger = collection.ledger
    found = ledger.rows("SELECT number, place, zh, en FROM file")
    told = [(besides(Bilingual(zh, en), unseen_in(place)), number) for number, place, zh, en in found if unseen(place)]
    ledger.change("UPDATE file SET zh = ?, en = ? WHERE number = ?", [(*why, number) for why, number in told])
    return collection


def _stored(path: str) -> str | bytes:
    """A path as it is kept: bytes where it is no text (a name in another encoding); `os.fsdecode` undoes it."""
    return path if path.isascii() or whole(path) == path else os.fsencode(path)


def _tasks(ledger: Ledger) -> Iterator[Task]:
    """The files still to be read; asked for in portions, for the ledger is written to meanwhile."""
    last = 0
    while portion := list(
        ledger.rows(
            "SELECT number, CASE top WHEN '' THEN path ELSE within END, member, nth, top FROM file "
            "WHERE status = '' AND number > ? ORDER BY number LIMIT 512",
            (last,),
        )
    ):
        for number, path, member, nth, top in portion:
            last = number
            yield Task(number, os.fsdecode(path), member, nth, top)


def _read(ledger: Ledger, takes: Takes, count: int, progress: Progress | None) -> None:
    done = 0
    kept_places: set[str] = set()
    for chunk in takes(_tasks(ledger), ledger.path):
        ledger.readings.keep(_kept(chunk, ledger, kept_places))
        ledger.change(_READ, (_row(one, ledger) for one in chunk if one.status is Status.MERGED))
        ledger.change(_TAKEN, (_unread(one) for one in chunk if one.status is not Status.MERGED))
        done += len(chunk)
        if progress and chunk:
            ((place,),) = ledger.rows("SELECT place FROM file WHERE number = ?", (chunk[-1].number,))
            progress(done, count, place)


def _kept(chunk: Sequence[Taken], ledger: Ledger, places: set[str]) -> Iterator[Kept]:
    kinds: dict[int, str] = dict(
        ledger.rows(f"SELECT number, kind FROM file WHERE number IN ({', '.join(str(one.number) for one in chunk)})")
    )
    for one in chunk:
        if one.record is not None:
            new = one.record.places not in places
            places.add(one.record.places)
            yield Kept(one.sha, kinds[one.number], one.record, one.places if new else None)


def _about(one: Taken) -> tuple[object, ...]:
    return (one.status, *map(whole, one.why), one.sha, one.size, one.modified, one.read_at)


def _unread(one: Taken) -> tuple[object, ...]:
    return (*_about(one), one.number)


def _row(one: Taken, ledger: Ledger) -> tuple[object, ...]:
    """A file that was read: what is compared between files, from its record."""
    ((kind,),) = ledger.rows("SELECT kind FROM file WHERE number = ?", (one.number,))
    record = one.record or ledger.readings.record(one.sha, kind)
    if record is None:
        raise LookupError(one.number)
    head = head_of(record.head)
    agency = head.agency
    who = (agency.name, agency.code, agency.region, agency.level, agency.contact, agency.revision)
    rest = (head.figures, head.errors, head.warnings, head.reader, head.template, str(head.control))
    same = (folded(agency.name), valid_code(agency))
    return (*_about(one), head.form, head.fingerprint, head.year, *who, *rest, *same, one.number)
