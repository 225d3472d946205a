"""What becomes of every report read: left out, of another year or form, one of several, held back, or merged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from workbook.merging.collected_reports import ReportCollection, convert_to_form
from workbook.merging.file_record import count_findings, dump_findings, get_record_form, hash_report_figures
from workbook.merging.file_status import CROSSED, NOTHING, FileEntry, FileFate, FileStatus
from workbook.merging.prior_year.prior_year_rules import reevaluate_report
from workbook.merging.report_rows import LastYear
from workbook.merging.result_store import ResultStore
from workbook.model.finding import Severity
from workbook.model.form import Cell, Form
from workbook.model.form_loader import load_form
from workbook.model.identity import Identity
from workbook.model.numbers import Value
from workbook.model.report import Report, format_value
from workbook.safety.messages import Bilingual, join_texts, load_messages
from workbook.safety.unsafe_text import fold_name

messages = load_messages("workbook.merging")

MOVES_NAMED = 3


class ResolutionTerms(NamedTuple):
    """What the coordinator asked for: see `collect.Choices`."""

    year: int | None = None
    include_errors: bool = False
    chosen: frozenset[str] = frozenset()
    known: Callable[[Identity], str] | None = None
    before: LastYear | None = None
    excluded: frozenset[str] = frozenset()
    include_unlisted: bool = False
    crossed: Callable[[Identity], Bilingual] | None = None


def resolve_duplicates(ledger: ResultStore, terms: ResolutionTerms) -> ReportCollection:
    """Give every report its status. The most frequent year and form are merged; a tie goes to the later."""
    _decide(ledger, terms)
    _key(ledger, terms)
    _set_aside(ledger, terms)
    year, form = _kind(ledger, terms.year)
    collection = ReportCollection(ledger, year, form)
    if form is None:
        _put(
            ledger,
            (FileFate(one.number, FileStatus.YEAR, _other_year(one, terms.year)) for one in _read(collection, "1")),
        )
        return collection
    _put(ledger, list(_other_years(collection, year)))
    _put(ledger, list(_other_forms(collection, form)))
    _put(ledger, list(resolve_rivals(collection)))
    if terms.before:
        _judge_again(collection, terms.before)
    held = FileStatus.ERRORS if terms.include_errors else FileStatus.HELD
    ledger.change(
        "UPDATE file SET status = CASE WHEN errors > 0 THEN CASE WHEN decided = 'yes' THEN ? ELSE ? END "
        "WHEN warnings > 0 THEN ? ELSE status END WHERE status = 'merged' AND form <> ''",
        [(FileStatus.ERRORS, held, FileStatus.WARNINGS)],
    )
    return collection


def _read(collection: ReportCollection, condition: str, *values: object) -> Iterator[FileEntry]:
    """The reports not yet settled for which that holds."""
    return collection.entries.where(f"status = 'merged' AND form <> '' AND ({condition})", values)


def _put(ledger: ResultStore, fates: Iterator[FileFate] | Sequence[FileFate]) -> None:
    rows = [(fate.status, *fate.why, fate.number) for fate in fates]
    ledger.change("UPDATE file SET status = ?, zh = ?, en = ? WHERE number = ?", rows)


# decisions, roster ----------------------------------------------------------------------------------------------------


def _decide(ledger: ResultStore, terms: ResolutionTerms) -> None:
    """Mark the files decided about, by place or content."""
    if terms.chosen or terms.excluded:
        found = [(number, {place, sha}) for number, place, sha in ledger.rows("SELECT number, place, sha FROM file")]
        for word, meant in (("yes", terms.chosen), ("no", terms.excluded)):
            marks = [(word, number) for number, names in found if names & meant]
            ledger.change("UPDATE file SET decided = ? WHERE number = ?", marks)


def _set_aside(ledger: ResultStore, terms: ResolutionTerms) -> None:
    """Reports that no sum sees: left out by decision, or of nobody on the roster. They do not tell the year, either."""
    ledger.change(
        "UPDATE file SET status = ?, zh = ?, en = ? WHERE decided = 'no' AND status = 'merged' AND form <> ''",
        [(FileStatus.EXCLUDED, *messages.get("why.excluded"))],
    )
    status, least = (FileStatus.MERGED, CROSSED) if terms.include_unlisted else (FileStatus.UNLISTED, 0)
    query = "SELECT number, name, code FROM file WHERE listed <= ? AND status = 'merged' AND form <> ''"
    found = ledger.rows(query, (least,))
    _put(ledger, [FileFate(number, status, _unlisted(Identity(name, code), terms)) for number, name, code in found])


def _unlisted(who: Identity, terms: ResolutionTerms) -> Bilingual:
    """Why no line of the roster is certain for a report of that name and code."""
    crossed = terms.crossed(who) if terms.crossed else NOTHING
    if crossed.zh:
        return crossed
    stated = " ".join(one for one in (who.name, who.code) if one)
    return messages.get("why.unlisted", stated=stated) if stated else messages.get("why.nobody")


# year, form, agency ---------------------------------------------------------------------------------------------------


def _kind(ledger: ResultStore, year: int | None) -> tuple[int | None, Form | None]:
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
        return best, get_record_form(form_id, used[0][1], used[0][0])
    return best, load_form(form_id)


def _key(ledger: ResultStore, terms: ResolutionTerms) -> None:
    """What tells agencies apart: see `identity.make_agency_keys`; first of all the line of the roster.

    With a roster, no report of nobody on it has the key of a line, whatever code it states.
    """
    ledger.change(
        "INSERT OR REPLACE INTO sole SELECT folded, min(valid) FROM file WHERE folded <> '' AND valid <> '' "
        "GROUP BY folded HAVING min(valid) = max(valid)",
        [()],
    )
    ledger.change(
        "UPDATE file SET key = CASE WHEN valid <> '' THEN valid WHEN folded = '' THEN '#' || number "
        "ELSE coalesce((SELECT sole.valid FROM sole WHERE sole.folded = file.folded), folded) END WHERE form <> ''",
        [()],
    )
    if terms.known is not None:
        found = ledger.rows("SELECT number, name, code, region, level FROM file WHERE form <> ''")
        keyed, others = [], []
        for number, *who in found:
            if key := terms.known(Identity(*who)):
                keyed.append((key, number))
            else:
                crossed = terms.crossed is not None and terms.crossed(Identity(*who)).zh
                others.append((CROSSED, "|" + fold_name(who[0]), number) if crossed else (0, "", number))
        ledger.change("UPDATE file SET key = ? WHERE number = ?", keyed)
        ledger.change("UPDATE file SET listed = ?, key = '?' || key || ? WHERE number = ?", others)
    ledger.change("CREATE INDEX IF NOT EXISTS temp.file_key ON file (key)", [()])


def _other_year(one: FileEntry, year: int | None) -> Bilingual:
    own = messages.get("why.no_year") if one.year is None else Bilingual(str(one.year), str(one.year))
    return messages.get("why.year", own=own, wanted=year) if year else messages.get("why.nothing", own=own)


def _other_years(collection: ReportCollection, year: int | None) -> Iterator[FileFate]:
    """Reports of another year than the one merged, or of none: whoever they are of, nothing more is asked of them."""
    others = "form <> '' AND year IS NOT ? AND status IN ('merged', ?, ?)"
    for one in collection.entries.where(others, (year, FileStatus.EXCLUDED, FileStatus.UNLISTED)):
        yield FileFate(one.number, FileStatus.YEAR, _other_year(one, year))


def _other_forms(collection: ReportCollection, form: Form) -> Iterator[FileFate]:
    """Reports of the year in another form: mapped, if no figure is lost by it."""
    for one in _read(collection, "form <> ?", form.id):
        moved = convert_to_form(collection.report(one), form)
        if not moved.lost:
            yield FileFate(one.number, FileStatus.MERGED, messages.get("why.mapped", own=one.form, wanted=form.id))
            continue
        named = [
            messages.get("why.lost", place=move.old.words, value=format_value(move.value, move.old))
            for move in moved.lost[:MOVES_NAMED]
        ]
        cells = join_texts(named)
        why = messages.get("why.form", own=one.form, wanted=form.id, count=len(moved.lost), cells=cells)
        yield FileFate(one.number, FileStatus.FORM, why)


def _judge_again(collection: ReportCollection, before: LastYear) -> None:
    """The rules between the years, by what was submitted last year instead of what the file says of it."""
    ledger = collection.ledger
    judged: list[tuple[int, str]] = []
    counts: list[tuple[int, int, int]] = []
    for one in _read(collection, "1"):
        previous = before(one.key, collection.year)
        if previous is None:
            continue
        old = collection.findings(one)
        found = reevaluate_report(collection.report(one), old, previous, collection.carried(one))
        if found != old:
            judged.append((one.number, dump_findings(found)))
            counts.append((count_findings(found, Severity.ERROR), count_findings(found, Severity.WARNING), one.number))
    ledger.change("INSERT OR REPLACE INTO judged VALUES (?, ?)", judged)
    ledger.change("UPDATE file SET errors = ?, warnings = ? WHERE number = ?", counts)


# Several files of one agency for one year: which of them counts, and in what the others differ


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

    entry: FileEntry
    figures: str
    chosen: bool


def resolve_rivals(collection: ReportCollection) -> Iterator[FileFate]:
    """What becomes of the files of every agency that handed in more than one; nothing is said of one that counts."""
    form = collection.form
    if form is None:
        raise ValueError("no form is merged")
    for _, same in groupby(_repeated(collection, form), key=lambda one: one.entry.key):
        yield from _settled(collection, form, list(same))


def _repeated(collection: ReportCollection, form: Form) -> Iterator[_File]:
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
            figures = hash_report_figures(_report(collection, form, one).values)
        yield _File(one, figures, decided == "yes")


def _report(collection: ReportCollection, form: Form, one: FileEntry) -> Report:
    return convert_to_form(collection.report(one), form).report


def _settled(collection: ReportCollection, form: Form, files: Sequence[_File]) -> Iterator[FileFate]:
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
            yield FileFate(one.entry.number, FileStatus.SUPERSEDED, _gives_way(one, top[0]))


def _rest(collection: ReportCollection, form: Form, counts: _File, files: Sequence[_File]) -> Iterator[FileFate]:
    """One file counts; each of the others is its duplicate, or gives way to it."""
    report = None
    told: dict[str, Bilingual] = {}
    for one in files:
        if one is counts:
            continue
        if one.figures == counts.figures:
            status, why = FileStatus.DUPLICATE, messages.get("why.duplicate", file=counts.entry.place)
        else:
            if one.figures not in told:
                report = report or _report(collection, form, counts.entry)
                told[one.figures] = _differences(form, (_report(collection, form, one.entry), report))
            status, why = FileStatus.SUPERSEDED, _gives_way(one, counts).then(told[one.figures])
        yield FileFate(one.entry.number, status, why.then(_names([one, counts])))


def _gives_way(one: _File, counts: _File) -> Bilingual:
    if counts.chosen:
        return messages.get("why.decided", file=counts.entry.place)
    own, best = one.entry.agency.revision, counts.entry.agency.revision
    return messages.get("why.superseded", own=own, best=best, file=counts.entry.place)


def _conflict(collection: ReportCollection, form: Form, files: Sequence[_File]) -> Iterator[FileFate]:
    """Files of which none counts: of a few the own figures come first, of many how they differ is found out once."""
    distinct: dict[str, FileEntry] = {}
    for one in files:
        distinct.setdefault(one.figures, one.entry)
    few, names = files[: FILES_NAMED + 1], _names(files)
    all_ = None if len(files) == len(few) else _apart(collection, form, distinct)
    for one in files:
        others = [other.entry.place for other in few if other is not one][:FILES_NAMED]
        named = _few([Bilingual(place, place) for place in others], len(files) - 1)
        why = messages.get("why.conflict", files=named, revision=one.entry.agency.revision)
        differences = all_ or _apart(collection, form, {one.figures: one.entry} | distinct)
        yield FileFate(one.entry.number, FileStatus.CONFLICT, why.then(differences).then(names))


def _apart(collection: ReportCollection, form: Form, distinct: Mapping[str, FileEntry]) -> Bilingual:
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
    values = "／".join(_brief(format_value(one, cell)) for one in figures[:FIGURES_NAMED])
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
