"""Which files are of one agency, and which of them counts: nothing is preferred silently."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from workbook.finding import Severity, Words
from workbook.form import Cell, Form
from workbook.forms import load
from workbook.identity import Identity, credit_code_problem
from workbook.merging.status import Collection, Entry, Status
from workbook.merging.words import said
from workbook.report import Report, shown

DIFFERENCES_NAMED = 3
"""How many differing cells a conflict names before it only counts them."""

Kind = tuple[int | None, str]
"""Report year and form id: what can be summed."""


def folded(name: str) -> str:
    """A name as it is compared: NFKC, no spaces, one case."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def valid_code(agency: Identity) -> str:
    """The credit code as it is compared; blank where it cannot be one (then it identifies nobody)."""
    code = folded(agency.code).upper()
    return "" if len(set(code)) < 2 or credit_code_problem(code) else code


def keys(agencies: Sequence[Identity]) -> list[str]:
    """What tells agencies apart, one key each: equal keys are one agency.

    The credit code; where there is none the name, or the code that goes with that name in the other reports if only
    one does. An agency with neither is like no other.
    """
    codes: defaultdict[str, set[str]] = defaultdict(set)
    for agency in agencies:
        if code := valid_code(agency):
            codes[folded(agency.name)].add(code)
    found = []
    for n, agency in enumerate(agencies):
        name = folded(agency.name)
        code = valid_code(agency)
        if not code and name and len(codes[name]) == 1:
            (code,) = codes[name]
        found.append(code or name or f"#{n}")
    return found


def settle(entries: Sequence[Entry], *, year: int | None = None, hold_errors: bool = False) -> Collection:
    """Give every report its status: other year or form, duplicate, superseded, conflict, held back, or merged.

    The most frequent year and form are merged, or the most frequent form of `year`; a tie goes to the later.
    """
    reports = [one for one in entries if one.report]
    kind = _kind([one.report for one in reports if one.report], year)
    own = [one for one in reports if one.report and _kind_of(one.report) == kind]
    settled = {one.path: _elsewhere(one, kind) for one in reports if one not in own}
    by_agency: defaultdict[str, list[Entry]] = defaultdict(list)
    for key, one in zip(keys([one.report.agency for one in own if one.report]), own, strict=True):
        by_agency[key].append(one)
    for same in by_agency.values():
        for one in _agency(same):
            settled[one.path] = _held(one) if hold_errors else one
    done = tuple(settled.get(one.path, one) for one in entries)
    forms = [one.report.form for one in done if one.report and _kind_of(one.report) == kind]
    return Collection(done, kind[0] if kind else year, _common(forms))


def _kind_of(report: Report) -> Kind:
    return report.year, report.form.id


def _kind(reports: Iterable[Report], year: int | None) -> Kind | None:
    counted = Counter(_kind_of(report) for report in reports)
    if year is not None:
        counted = Counter({kind: n for kind, n in counted.items() if kind[0] == year})
    return max(counted, key=lambda k: (k[0] is not None, counted[k], k[0] or 0, k[1]), default=None)


def _common(forms: Sequence[Form]) -> Form | None:
    """The form all share; where regions added rows of their own, the national form without them."""
    if not forms:
        return None
    if len({form.fingerprint for form in forms}) == 1:
        return forms[0]
    return load(forms[0].id)


def _elsewhere(one: Entry, kind: Kind | None) -> Entry:
    report = one.report
    if report is None:
        raise ValueError(f"{one.place} holds no report")
    own = _named(_kind_of(report))
    why = said("why.other", own=own, wanted=_named(kind)) if kind else said("why.nothing", own=own)
    return replace(one, status=Status.OTHER, why=why)


def _named(kind: Kind) -> Words:
    year = said("why.no_year") if kind[0] is None else Words(str(kind[0]), str(kind[0]))
    return said("why.of", year=year, form=kind[1])


def judged(one: Entry) -> Entry:
    """A report that counts, with the status its findings give it."""
    errors, warnings = one.count(Severity.ERROR), one.count(Severity.WARNING)
    status = Status.ERRORS if errors else Status.WARNINGS if warnings else Status.MERGED
    why = said("why.findings", errors=errors, warnings=warnings) if errors or warnings else one.why
    return replace(one, status=status, why=why)


def _held(one: Entry) -> Entry:
    return replace(one, status=Status.HELD) if one.status is Status.ERRORS else one


def _agency(same: Sequence[Entry]) -> list[Entry]:
    """The files of one agency for one year: the highest revision counts, if its files agree."""
    best = max(_revision(one) for one in same)
    top = [one for one in same if _revision(one) == best]
    first = top[0]
    agreed = all(_values(one) == _values(first) for one in top)
    settled = [judged(first)] if agreed else [_conflict(one, top) for one in top]
    rest = [one for one in same if one is not first] if agreed else [one for one in same if one not in top]
    for one in rest:
        if agreed and _values(one) == _values(first):
            status, why = Status.DUPLICATE, said("why.duplicate", file=first.place)
        else:
            status = Status.SUPERSEDED
            why = said("why.superseded", own=_revision(one), best=best, file=first.place)
        settled.append(replace(one, status=status, why=_with_names(why, one, first)))
    return settled


def _revision(one: Entry) -> int:
    return one.report.agency.revision if one.report else 0


def _values(one: Entry) -> tuple[object, ...]:
    return one.report.values if one.report else ()


def _conflict(one: Entry, top: Sequence[Entry]) -> Entry:
    others = [other for other in top if other is not one]
    cells = differing([other.report for other in (one, *others) if other.report])
    named = [_difference(cell, (one, *others)) for cell in cells[:DIFFERENCES_NAMED]]
    why = said(
        "why.conflict",
        files=Words("、".join(o.place for o in others), ", ".join(o.place for o in others)),
        revision=_revision(one),
        count=len(cells),
        cells=Words("、".join(w.zh for w in named), ", ".join(w.en for w in named)),
    )
    return replace(one, status=Status.CONFLICT, why=_with_names(why, one, *others))


def _difference(cell: Cell, entries: Sequence[Entry]) -> Words:
    values = [
        shown(one.report[cell.code], cell) for one in entries if one.report and cell.code in one.report.form.index
    ]
    return said("why.difference", place=cell.words, values="／".join(values))


def _with_names(why: Words, *entries: Entry) -> Words:
    names: Mapping[str, str] = {folded(one.agency): one.agency for one in entries}
    if len(names) < 2:
        return why
    more = said("why.names", names=Words("、".join(names.values()), ", ".join(names.values())))
    return Words(why.zh + more.zh, why.en + more.en)


def differing(reports: Sequence[Report]) -> list[Cell]:
    """The cells in which reports of one form do not agree, in form order."""
    first = reports[0]
    return [
        cell
        for cell in first.form.cells
        if any(cell.code not in r.form.index or r[cell.code] != first[cell.code] for r in reports[1:])
    ]
