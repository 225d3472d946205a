"""Several files of one agency for one year: which of them counts, and in what the others differ.

However many there are, each is compared once and one report at a time; a reason names a few files, cells and figures,
then only counts. A form with one agency's name handed out to thousands makes thousands of such files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from workbook.form import Cell, Form
from workbook.merging.collection import Collection
from workbook.merging.mapped import mapped
from workbook.merging.record import figures_digest
from workbook.merging.status import NOTHING, Entry, Fate, Status
from workbook.numbers import Value
from workbook.report import Report, shown
from workbook.safety.messages import Bilingual, join_texts, load_messages

messages = load_messages("workbook.merging")

FILES_NAMED = 3
"""How many other files a reason names before it only counts them."""
DIFFERENCES_NAMED = 3
"""How many differing cells it names."""
FIGURES_NAMED = 3
"""How many figures of such a cell."""
WORDS_SHOWN = 40
"""How many signs of what stands in a cell instead of a figure."""


class _File(NamedTuple):
    """One of several files of an agency: its figures in the form merged, by digest, and whether it was decided for."""

    entry: Entry
    figures: str
    chosen: bool


def settle_several(collection: Collection) -> Iterator[Fate]:
    """What becomes of the files of every agency that handed in more than one; nothing is said of one that counts."""
    form = collection.form
    if form is None:
        raise ValueError("no form is merged")
    for _, same in groupby(_repeated(collection, form), key=lambda one: one.entry.key):
        yield from _settled(collection, form, list(same))


def _repeated(collection: Collection, form: Form) -> Iterator[_File]:
    """The files of agencies that handed in several, agency by agency."""
    repeated = (
        "status = 'merged' AND form <> '' AND "
        "key IN (SELECT key FROM file WHERE status = 'merged' AND form <> '' GROUP BY key HAVING count(*) > 1)"
    )
    query = f"SELECT number, fingerprint, figures, decided FROM file WHERE {repeated}"
    known = {number: rest for number, *rest in collection.ledger.rows(query)}
    for one in sorted(collection.entries.where(repeated), key=lambda one: (one.key, one.number)):
        fingerprint, figures, decided = known[one.number]
        if fingerprint != form.fingerprint:
            figures = figures_digest(_report(collection, form, one).values)
        yield _File(one, figures, decided == "yes")


def _report(collection: Collection, form: Form, one: Entry) -> Report:
    return mapped(collection.report(one), form).report


def _settled(collection: Collection, form: Form, files: Sequence[_File]) -> Iterator[Fate]:
    """The file decided for counts, else the highest revision, if its files agree."""
    chosen = [one for one in files if one.chosen]
    best = max(one.entry.agency.revision for one in files)
    top = chosen or [one for one in files if one.entry.agency.revision == best]
    if len({one.figures for one in top}) == 1:
        yield from _rest(collection, form, top[0], files)
        return
    yield from _conflict(collection, form, top)
    conflicting = {one.entry.number for one in top}
    for one in files:
        if one.entry.number not in conflicting:
            yield Fate(one.entry.number, Status.SUPERSEDED, _gives_way(one, top[0]))


def _rest(collection: Collection, form: Form, counts: _File, files: Sequence[_File]) -> Iterator[Fate]:
    """One file counts; each of the others is its duplicate, or gives way to it."""
    report = None
    told: dict[str, Bilingual] = {}
    for one in files:
        if one is counts:
            continue
        if one.figures == counts.figures:
            status, why = Status.DUPLICATE, messages.get("why.duplicate", file=counts.entry.place)
        else:
            if one.figures not in told:
                report = report or _report(collection, form, counts.entry)
                told[one.figures] = _differences(form, (_report(collection, form, one.entry), report))
            status, why = Status.SUPERSEDED, _gives_way(one, counts).then(told[one.figures])
        yield Fate(one.entry.number, status, why.then(_names([one, counts])))


def _gives_way(one: _File, counts: _File) -> Bilingual:
    if counts.chosen:
        return messages.get("why.decided", file=counts.entry.place)
    own, best = one.entry.agency.revision, counts.entry.agency.revision
    return messages.get("why.superseded", own=own, best=best, file=counts.entry.place)


def _conflict(collection: Collection, form: Form, files: Sequence[_File]) -> Iterator[Fate]:
    """Files of which none counts: of a few the own figures come first, of many how they differ is found out once."""
    distinct: dict[str, Entry] = {}
    for one in files:
        distinct.setdefault(one.figures, one.entry)
    few, names = files[: FILES_NAMED + 1], _names(files)
    all_ = None if len(files) == len(few) else _apart(collection, form, distinct)
    for one in files:
        others = [other.entry.place for other in few if other is not one][:FILES_NAMED]
        named = _few([Bilingual(place, place) for place in others], len(files) - 1)
        why = messages.get("why.conflict", files=named, revision=one.entry.agency.revision)
        differences = all_ or _apart(collection, form, {one.figures: one.entry} | distinct)
        yield Fate(one.entry.number, Status.CONFLICT, why.then(differences).then(names))


def _apart(collection: Collection, form: Form, distinct: Mapping[str, Entry]) -> Bilingual:
    """How files of other figures each differ; their reports are there one at a time."""
    return _differences(form, (_report(collection, form, one) for one in distinct.values()))


def _few(named: Sequence[Bilingual], count: int) -> Bilingual:
    """Those named, and how many there are in all where that is more."""
    told = join_texts(named)
    return told if count == len(named) else messages.get("why.files", files=told, count=count)


def _differences(form: Form, reports: Iterable[Report]) -> Bilingual:
    """The cells in which reports do not all agree: how many, and the first few with some of the figures there."""
    seen: dict[int, list[Value]] = {}
    reports = iter(reports)
    first = next(reports).values
    for report in reports:
        for index, (mine, theirs) in enumerate(zip(first, report.values, strict=True)):
            if mine != theirs:
                figures = seen.setdefault(index, [mine])
                if len(figures) <= FIGURES_NAMED and theirs not in figures:
                    figures.append(theirs)
    named = [_difference(form.cells[index], seen[index]) for index in sorted(seen)[:DIFFERENCES_NAMED]]
    more = messages.get("why.and_more") if len(seen) > len(named) else NOTHING
    return messages.get("why.differs", count=len(seen), cells=join_texts(named).then(more))


def _difference(cell: Cell, figures: Sequence[Value]) -> Bilingual:
    values = "／".join(_brief(shown(one, cell)) for one in figures[:FIGURES_NAMED])
    more = messages.get("why.and_more") if len(figures) > FIGURES_NAMED else NOTHING
    return messages.get("why.difference", place=cell.words, values=Bilingual(values, values).then(more))


def _brief(text: str) -> str:
    return text if len(text) <= WORDS_SHOWN else text[:WORDS_SHOWN] + "…"


def _names(files: Sequence[_File]) -> Bilingual:
    """That the agency goes by several names, if it does."""
    names = dict.fromkeys(one.entry.agency.name for one in files)
    if len({"".join(name.split()) for name in names}) < 2:
        return NOTHING
    few = join_texts(list(names)[:FILES_NAMED])
    return messages.get(
        "why.names", names=few.then(messages.get("why.and_more") if len(names) > FILES_NAMED else NOTHING)
    )
