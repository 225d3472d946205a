"""Decides what becomes of every report: left out, of another year or form, one of several, held back, or merged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from workbook.merging.collected_reports import LastYear, ReportCollection, convert_to_form
from workbook.merging.file_record import get_record_form, hash_report_figures
from workbook.merging.file_status import CROSSED, NOTHING, FileEntry, FileFate, FileStatus
from workbook.merging.prior_year.year_comparison import reevaluate_report
from workbook.merging.result_store import ResultStore
from workbook.merging.roster.roster_lines import Roster
from workbook.model.finding import Finding
from workbook.model.form import Cell, Form
from workbook.model.form_loader import load_form
from workbook.model.identity import Identity
from workbook.model.numbers import Value
from workbook.model.report import Report, format_value
from workbook.safety.messages import Bilingual, join_texts, load_messages

if TYPE_CHECKING:
    from workbook.merging.collection_run import MergeOptions

messages = load_messages("workbook.merging")

MOVES_NAMED = 3
"""So many of the figures that have no place in the form merged are named."""
SLASH = Bilingual("／", "／")


def resolve_duplicates(store: ResultStore, options: MergeOptions) -> ReportCollection:
    """Give every report its status. The most frequent year and form are merged; a tie goes to the later."""
    store.mark_decided(options.chosen, "yes")
    store.mark_decided(options.excluded, "no")
    store.assign_keys()
    if options.roster is not None:
        store.assign_roster_keys(options.roster)
    _set_aside(store, options)
    year, form = _choose_year_and_form(store, options.year)
    collection = ReportCollection(store, year, form)
    if form is None:
        store.set_fates(
            FileFate(one.number, FileStatus.YEAR, _other_year(one, options.year)) for one in store.entries.unresolved()
        )
        return collection
    store.set_fates(_other_years(collection, year))
    store.set_fates(_other_forms(collection, form))
    store.set_fates(resolve_rivals(collection))
    if options.before:
        store.replace_findings(_reevaluate(collection, options.before))
    store.classify_by_findings(include_errors=options.include_errors)
    return collection


# decisions, roster ----------------------------------------------------------------------------------------------------


def _set_aside(store: ResultStore, options: MergeOptions) -> None:
    """Leave reports out that no sum sees, and that do not count for the year to merge, either.

    Those decided against, and those that are not certainly of an agency on the roster. Where these are included, they
    keep their status and are given the reason why no line of the roster is certain, if name and code disagree.
    """
    reports = store.entries.unresolved
    if options.excluded:
        why = messages.get("why.excluded")
        store.set_fates(FileFate(one.number, FileStatus.EXCLUDED, why) for one in reports() if one.set_aside)
    if options.roster is not None:
        status, least = (FileStatus.MERGED, CROSSED) if options.include_unlisted else (FileStatus.UNLISTED, 0)
        store.set_fates(
            FileFate(one.number, status, _explain_unlisted(Identity(one.agency.name, one.agency.code), options.roster))
            for one in reports()
            if one.listed <= least
        )


def _explain_unlisted(who: Identity, roster: Roster) -> Bilingual:
    """Why no line of the roster is certain for a report of that name and code."""
    crossed = roster.crossed(who)
    if crossed.zh:
        return crossed
    stated = " ".join(one for one in (who.name, who.code) if one)
    return messages.get("why.unlisted", stated=stated) if stated else messages.get("why.nobody")


# year, form, agency ---------------------------------------------------------------------------------------------------


def _choose_year_and_form(store: ResultStore, year: int | None) -> tuple[int | None, Form | None]:
    """The year and form to merge; where regions added rows of their own, the national form without them."""
    counted = store.count_years_and_forms(year)
    if not counted:
        return year, None
    by_year: defaultdict[int | None, int] = defaultdict(int)
    for reports, one, _ in counted:
        by_year[one] += reports
    best = max(by_year, key=lambda y: (y is not None, by_year[y], y or 0))
    _, form_id = max((reports, form) for reports, one, form in counted if one == best)
    supplements = store.list_supplements(form_id, best)
    if len(supplements) == 1:
        ((fingerprint, region),) = supplements
        return best, get_record_form(form_id, region, fingerprint)
    return best, load_form(form_id)


def _other_year(one: FileEntry, year: int | None) -> Bilingual:
    own = messages.get("why.no_year") if one.year is None else Bilingual(str(one.year), str(one.year))
    return messages.get("why.year", own=own, wanted=year) if year else messages.get("why.nothing", own=own)


def _other_years(collection: ReportCollection, year: int | None) -> Iterator[FileFate]:
    """Reports of another year than the one merged, or of none: whoever they are of, nothing more is asked of them."""
    for one in collection.entries.of_other_years(year):
        yield FileFate(one.number, FileStatus.YEAR, _other_year(one, year))


def _other_forms(collection: ReportCollection, form: Form) -> Iterator[FileFate]:
    """Reports of the year in another form: mapped, if no figure is lost by it."""
    for one in collection.entries.unresolved_in_other_forms(form.id):
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


def _reevaluate(collection: ReportCollection, before: LastYear) -> Iterator[tuple[int, Sequence[Finding]]]:
    """The findings that change where the rules between the years are evaluated on the report submitted last year."""
    for one in collection.entries.unresolved():
        previous = before(one.key, collection.year)
        if previous is None:
            continue
        old = collection.findings(one)
        found = reevaluate_report(collection.report(one), old, previous, collection.carried(one))
        if found != old:
            yield one.number, found


# Several files of one agency for one year: which of them counts, and in what the others differ


UNREAD_RULES = ("identity-unread", "json-type")
"""The findings that quote a revision which is no certain number."""
FILES_NAMED = 3
"""How many other files a reason names before it only counts them."""
DIFFERENCES_NAMED = 3
"""How many differing cells it names."""
FIGURES_NAMED = 3
"""How many figures of such a cell."""
CHARACTERS_SHOWN = 40
"""How many characters are shown of what a cell holds instead of a figure."""


def resolve_rivals(collection: ReportCollection) -> Iterator[FileFate]:
    """What becomes of the files of every agency that handed in more than one; nothing of one that counts."""
    form = collection.form
    if form is None:
        raise ValueError("no form is merged")
    for _, same in groupby(_list_rivals(collection, form), key=lambda one: one.key):
        yield from _settle(collection, form, list(same))


def _list_rivals(collection: ReportCollection, form: Form) -> Iterator[FileEntry]:
    """The files of agencies that handed in several, agency by agency, their figures as digests in the form merged."""
    for one in collection.entries.rivals():
        if one.fingerprint == form.fingerprint:
            yield one
        else:
            yield replace(one, figures=hash_report_figures(_load(collection, form, one).values))


def _load(collection: ReportCollection, form: Form, one: FileEntry) -> Report:
    return convert_to_form(collection.report(one), form).report


def _settle(collection: ReportCollection, form: Form, files: Sequence[FileEntry]) -> Iterator[FileFate]:
    """The file decided for counts, else the highest revision, if its files agree.

    A file whose revision cannot be read may be of any: without a decision it is as high as the highest.
    """
    chosen = [one for one in files if one.decided == "yes"]
    best = max(one.agency.revision for one in files)
    unread = {} if chosen else {one.number: raw for one in files if (raw := _find_unread_revision(collection, one))}
    top = chosen or [one for one in files if one.agency.revision == best or one.number in unread]
    if len({one.figures for one in top}) == 1:
        yield from _settle_others(collection, form, top[0], files)
        return
    yield from _report_conflict(collection, form, top, unread)
    conflicting = {one.number for one in top}
    for one in files:
        if one.number not in conflicting:
            yield FileFate(one.number, FileStatus.SUPERSEDED, _explain_superseded(one, top[0]))


def _find_unread_revision(collection: ReportCollection, one: FileEntry) -> str:
    """What a file states for its revision, where that is no certain number; blank where it is one, or nothing."""
    if not one.errors or one.agency.revision:
        return ""
    found = (f for f in collection.findings(one) if f.rule in UNREAD_RULES and f.cells == ("agency.revision",))
    return next((str(finding.actual).strip('"') for finding in found), "")


def _settle_others(
    collection: ReportCollection, form: Form, counts: FileEntry, files: Sequence[FileEntry]
) -> Iterator[FileFate]:
    """One file counts; each of the others is its duplicate, or superseded by it."""
    report = None
    differences: dict[str, Bilingual] = {}
    for one in files:
        if one is counts:
            continue
        if one.figures == counts.figures:
            status, why = FileStatus.DUPLICATE, messages.get("why.duplicate", file=counts.place)
        else:
            if one.figures not in differences:
                report = report or _load(collection, form, counts)
                differences[one.figures] = _describe_differences(form, (_load(collection, form, one), report))
            status, why = FileStatus.SUPERSEDED, _explain_superseded(one, counts).then(differences[one.figures])
        yield FileFate(one.number, status, why.then(_describe_names([one, counts])))


def _explain_superseded(one: FileEntry, counts: FileEntry) -> Bilingual:
    if counts.decided == "yes":
        return messages.get("why.decided", file=counts.place)
    return messages.get("why.superseded", own=one.agency.revision, best=counts.agency.revision, file=counts.place)


def _report_conflict(
    collection: ReportCollection, form: Form, files: Sequence[FileEntry], unread: Mapping[int, str]
) -> Iterator[FileFate]:
    """Files of which none counts; `unread` has what is stated for those revisions that are no certain number.

    Of a few files each reason begins with the file's own figures; of many the differences are found out once for all.
    """
    distinct: dict[str, FileEntry] = {}
    for one in files:
        distinct.setdefault(one.figures, one)
    few, names = files[: FILES_NAMED + 1], _describe_names(files)
    common = None if len(files) == len(few) else _compare(collection, form, distinct)
    for one in files:
        others = [other.place for other in few if other is not one][:FILES_NAMED]
        named = join_texts(others)
        if len(others) < len(files) - 1:
            named = messages.get("why.files", files=named, count=len(files) - 1)
        revision = messages.get("why.unread", raw=unread[one.number]) if one.number in unread else one.agency.revision
        why = messages.get("why.conflict", files=named, revision=revision)
        others_unread = [other for other in few if other is not one and other.number in unread]
        for other in others_unread[:FILES_NAMED]:
            why = why.then(messages.get("why.other-unread", file=other.place, raw=unread[other.number]))
        differences = common or _compare(collection, form, {one.figures: one} | distinct)
        yield FileFate(one.number, FileStatus.CONFLICT, why.then(differences).then(names))


def _compare(collection: ReportCollection, form: Form, distinct: Mapping[str, FileEntry]) -> Bilingual:
    """In what files of different figures differ; one of their reports is in memory at a time."""
    return _describe_differences(form, (_load(collection, form, one) for one in distinct.values()))


def _describe_differences(form: Form, reports: Iterable[Report]) -> Bilingual:
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
    named = (_describe_difference(form.cells[index], seen[index]) for index in sorted(seen))
    return messages.get("why.differs", count=len(seen), cells=join_texts(named, most=DIFFERENCES_NAMED))


def _describe_difference(cell: Cell, figures: Sequence[Value]) -> Bilingual:
    shown = [_shorten(format_value(one, cell)) for one in figures]
    return messages.get("why.difference", place=cell.words, values=join_texts(shown, SLASH, most=FIGURES_NAMED))


def _shorten(text: str) -> str:
    return text if len(text) <= CHARACTERS_SHOWN else text[:CHARACTERS_SHOWN] + "…"


def _describe_names(files: Sequence[FileEntry]) -> Bilingual:
    """That the agency goes by several names, if it does."""
    names = dict.fromkeys(one.agency.name for one in files)
    if len({"".join(name.split()) for name in names}) < 2:
        return NOTHING
    return messages.get("why.names", names=join_texts(names, most=FILES_NAMED))
