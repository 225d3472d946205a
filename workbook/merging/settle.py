"""What becomes of every report read: other year or form, duplicate, superseded, conflict, held back, or merged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from workbook.finding import Severity, Words
from workbook.form import Form
from workbook.forms import load
from workbook.identity import Identity
from workbook.merging.across import judged_again
from workbook.merging.agencies import differing, named_difference
from workbook.merging.collection import Collection
from workbook.merging.ledger import Ledger
from workbook.merging.mapped import mapped
from workbook.merging.record import count, findings_text, form_of
from workbook.merging.rows import Before
from workbook.merging.status import NOTHING, Entry, Status
from workbook.merging.words import said
from workbook.report import Report, shown

DIFFERENCES_NAMED = 3
"""How many differing cells a conflict names before it only counts them."""
MOVES_NAMED = 3


class Terms(NamedTuple):
    """What the coordinator asked for: see `collect.Choices`."""

    year: int | None = None
    include_errors: bool = False
    chosen: frozenset[str] = frozenset()
    known: Callable[[Identity], str] | None = None
    before: Before | None = None


class _Fate(NamedTuple):
    number: int
    status: Status
    why: Words = NOTHING


def settle(ledger: Ledger, terms: Terms) -> Collection:
    """Give every report its status. The most frequent year and form are merged; a tie goes to the later."""
    year, form = _kind(ledger, terms.year)
    collection = Collection(ledger, year, form)
    if form is None:
        _put(ledger, (_Fate(one.number, Status.YEAR, _other_year(one, terms.year)) for one in _read(collection, "1")))
        return collection
    _key(ledger, terms.known)
    others = _read(collection, "year IS NOT ?", year)
    _put(ledger, [_Fate(one.number, Status.YEAR, _other_year(one, year)) for one in others])
    _put(ledger, list(_other_forms(collection, form)))
    _put(ledger, [fate for same in _several(collection) for fate in _agency(collection, same, terms)])
    if terms.before:
        _judge_again(collection, terms.before)
    held = Status.ERRORS if terms.include_errors else Status.HELD
    ledger.change(
        "UPDATE file SET status = CASE WHEN errors > 0 THEN ? WHEN warnings > 0 THEN ? ELSE status END "
        "WHERE status = 'merged' AND form <> ''",
        [(held, Status.WARNINGS)],
    )
    return collection


def _read(collection: Collection, condition: str, *values: object) -> Iterator[Entry]:
    """The reports not yet settled for which that holds."""
    return collection.entries.where(f"status = 'merged' AND form <> '' AND ({condition})", values)


def _put(ledger: Ledger, fates: Iterator[_Fate] | Sequence[_Fate]) -> None:
    rows = [(fate.status, *fate.why, fate.number) for fate in fates]
    ledger.change("UPDATE file SET status = ?, zh = ?, en = ? WHERE number = ?", rows)


# year, form, agency ---------------------------------------------------------------------------------------------------


def _kind(ledger: Ledger, year: int | None) -> tuple[int | None, Form | None]:
    """The year and form to merge; where regions added rows of their own, the national form without them."""
    asked = "" if year is None else f"AND year = {int(year)}"
    counted = [
        (int(files), one, form)
        for one, form, files in ledger.rows(
            f"SELECT year, form, count(*) FROM file WHERE status = 'merged' AND form <> '' {asked} GROUP BY year, form"
        )
    ]
    if not counted:
        return year, None
    by_year: defaultdict[int | None, int] = defaultdict(int)
    for files, one, _ in counted:
        by_year[one] += files
    best = max(by_year, key=lambda y: (y is not None, by_year[y], y or 0))
    form_id = max((files, form) for files, one, form in counted if one == best)[1]
    used = list(
        ledger.rows(
            "SELECT DISTINCT fingerprint, region FROM file "
            "WHERE status = 'merged' AND form = ? AND year IS ? GROUP BY fingerprint",
            (form_id, best),
        )
    )
    if len(used) == 1:
        return best, form_of(form_id, used[0][1], used[0][0])
    return best, load(form_id)


def _key(ledger: Ledger, known: Callable[[Identity], str] | None) -> None:
    """What tells agencies apart: see `agencies.keys`; first of all the line of the roster."""
    ledger.change("CREATE INDEX IF NOT EXISTS temp.file_folded ON file (folded)", [()])
    ledger.change(
        "UPDATE file SET key = CASE WHEN valid <> '' THEN valid WHEN folded = '' THEN '#' || number ELSE coalesce("
        "(SELECT CASE WHEN count(DISTINCT other.valid) = 1 THEN min(other.valid) END FROM file AS other "
        "WHERE other.folded = file.folded AND other.valid <> ''), folded) END WHERE form <> ''",
        [()],
    )
    if known is not None:
        found = ledger.rows("SELECT number, name, code, region, level FROM file WHERE form <> ''")
        keyed = [(known(Identity(*who)), number) for number, *who in found]
        ledger.change("UPDATE file SET key = ? WHERE number = ?", [one for one in keyed if one[0]])
    ledger.change("CREATE INDEX IF NOT EXISTS temp.file_key ON file (key)", [()])


def _other_year(one: Entry, year: int | None) -> Words:
    own = said("why.no_year") if one.year is None else Words(str(one.year), str(one.year))
    return said("why.year", own=own, wanted=year) if year else said("why.nothing", own=own)


def _other_forms(collection: Collection, form: Form) -> Iterator[_Fate]:
    """Reports of the year in another form: mapped, if no figure is lost by it."""
    for one in _read(collection, "form <> ?", form.id):
        moved = mapped(collection.report(one), form)
        if not moved.lost:
            yield _Fate(one.number, Status.MERGED, said("why.mapped", own=one.form, wanted=form.id))
            continue
        named = [
            said("why.lost", place=move.old.words, value=shown(move.value, move.old))
            for move in moved.lost[:MOVES_NAMED]
        ]
        cells = _listed(named)
        why = said("why.form", own=one.form, wanted=form.id, count=len(moved.lost), cells=cells)
        yield _Fate(one.number, Status.FORM, why)


def _judge_again(collection: Collection, before: Before) -> None:
    """The rules between the years, by what was submitted last year instead of what the file says of it."""
    ledger = collection.ledger
    judged: list[tuple[int, str]] = []
    counts: list[tuple[int, int, int]] = []
    for one in _read(collection, "1"):
        previous = before(one.key)
        if previous is None:
            continue
        old = collection.findings(one)
        found = judged_again(collection.report(one), old, previous, collection.carried(one))
        if found != old:
            judged.append((one.number, findings_text(found)))
            counts.append((count(found, Severity.ERROR), count(found, Severity.WARNING), one.number))
    ledger.change("INSERT OR REPLACE INTO judged VALUES (?, ?)", judged)
    ledger.change("UPDATE file SET errors = ?, warnings = ? WHERE number = ?", counts)


# several files of one agency ------------------------------------------------------------------------------------------


def _several(collection: Collection) -> Iterator[list[Entry]]:
    """The files of each agency that handed in more than one."""
    repeated = "key IN (SELECT key FROM file WHERE status = 'merged' AND form <> '' GROUP BY key HAVING count(*) > 1)"
    entries = sorted(_read(collection, repeated), key=lambda one: (one.key, one.number))
    for _, same in groupby(entries, key=lambda one: one.key):
        yield list(same)


class _File(NamedTuple):
    """One of several files of an agency, with its report in the form merged."""

    entry: Entry
    report: Report


def _agency(collection: Collection, same: Sequence[Entry], terms: Terms) -> Iterator[_Fate]:
    """The files of one agency for one year: the one decided for, else the highest revision, if its files agree."""
    form = collection.form
    if form is None:
        raise ValueError("no form is merged")
    files = [_File(one, mapped(collection.report(one), form).report) for one in same]
    chosen = [one for one in files if {one.entry.place, one.entry.sha256} & terms.chosen]
    if len({one.report.values for one in chosen}) == 1:
        yield from _rest(chosen[0], files, decided=True)
        return
    best = max(one.entry.agency.revision for one in files)
    top = [one for one in files if one.entry.agency.revision == best]
    if all(one.report.values == top[0].report.values for one in top):
        yield from _rest(top[0], files)
        return
    for one in files:
        if one in top:
            others = [other for other in top if other is not one]
            yield _Fate(one.entry.number, Status.CONFLICT, _conflict(one, others))
        else:
            why = said("why.superseded", own=one.entry.agency.revision, best=best, file=top[0].entry.place)
            yield _Fate(one.entry.number, Status.SUPERSEDED, why)


def _rest(counts: _File, files: Sequence[_File], *, decided: bool = False) -> Iterator[_Fate]:
    """One file counts; each of the others is its duplicate, or gives way to it."""
    place = counts.entry.place
    for one in files:
        if one is counts:
            continue
        if one.report.values == counts.report.values:
            status, why = Status.DUPLICATE, said("why.duplicate", file=place)
        else:
            status = Status.SUPERSEDED
            own, best = one.entry.agency.revision, counts.entry.agency.revision
            facts = {"own": own, "best": best, "file": place}
            why = said("why.decided", file=place) if decided else said("why.superseded", **facts)
            why = why.then(_differences(one, [counts]))
        yield _Fate(one.entry.number, status, why.then(_names(one, [counts])))


def _conflict(one: _File, others: Sequence[_File]) -> Words:
    files = Words("、".join(o.entry.place for o in others), ", ".join(o.entry.place for o in others))
    why = said("why.conflict", files=files, revision=one.entry.agency.revision)
    return why.then(_differences(one, others)).then(_names(one, others))


def _differences(one: _File, others: Sequence[_File]) -> Words:
    """The cells in which they differ: the first few with their figures."""
    reports = [one.report, *(other.report for other in others)]
    cells = differing(reports)
    named = [named_difference(cell, reports) for cell in cells[:DIFFERENCES_NAMED]]
    more = said("why.and_more") if len(cells) > len(named) else NOTHING
    return said("why.differs", count=len(cells), cells=_listed(named).then(more))


def _names(one: _File, others: Sequence[_File]) -> Words:
    names = dict.fromkeys(file.entry.agency.name for file in (one, *others))
    if len({"".join(name.split()) for name in names}) < 2:
        return NOTHING
    return said("why.names", names=Words("、".join(names), ", ".join(names)))


def _listed(texts: Sequence[Words]) -> Words:
    return Words("、".join(text.zh for text in texts), ", ".join(text.en for text in texts))
