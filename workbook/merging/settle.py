"""What becomes of every report read: left out, of another year or form, one of several, held back, or merged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from workbook.finding import Severity
from workbook.form import Form
from workbook.forms import load
from workbook.harmless import folded
from workbook.identity import Identity
from workbook.merging.across import judged_again
from workbook.merging.collection import Collection
from workbook.merging.ledger import Ledger
from workbook.merging.mapped import mapped
from workbook.merging.record import count, findings_text, form_of
from workbook.merging.rows import LastYear
from workbook.merging.several import settle_several
from workbook.merging.status import CROSSED, NOTHING, Entry, Fate, Status
from workbook.report import shown
from workbook.safety.messages import Bilingual, join_texts, load_messages

messages = load_messages("workbook.merging")

MOVES_NAMED = 3


class Terms(NamedTuple):
    """What the coordinator asked for: see `collect.Choices`."""

    year: int | None = None
    include_errors: bool = False
    chosen: frozenset[str] = frozenset()
    known: Callable[[Identity], str] | None = None
    before: LastYear | None = None
    excluded: frozenset[str] = frozenset()
    include_unlisted: bool = False
    crossed: Callable[[Identity], Bilingual] | None = None


def settle(ledger: Ledger, terms: Terms) -> Collection:
    """Give every report its status. The most frequent year and form are merged; a tie goes to the later."""
    _decide(ledger, terms)
    _key(ledger, terms)
    _set_aside(ledger, terms)
    year, form = _kind(ledger, terms.year)
    collection = Collection(ledger, year, form)
    if form is None:
        _put(ledger, (Fate(one.number, Status.YEAR, _other_year(one, terms.year)) for one in _read(collection, "1")))
        return collection
    _put(ledger, list(_other_years(collection, year)))
    _put(ledger, list(_other_forms(collection, form)))
    _put(ledger, list(settle_several(collection)))
    if terms.before:
        _judge_again(collection, terms.before)
    held = Status.ERRORS if terms.include_errors else Status.HELD
    ledger.change(
        "UPDATE file SET status = CASE WHEN errors > 0 THEN CASE WHEN decided = 'yes' THEN ? ELSE ? END "
        "WHEN warnings > 0 THEN ? ELSE status END WHERE status = 'merged' AND form <> ''",
        [(Status.ERRORS, held, Status.WARNINGS)],
    )
    return collection


def _read(collection: Collection, condition: str, *values: object) -> Iterator[Entry]:
    """The reports not yet settled for which that holds."""
    return collection.entries.where(f"status = 'merged' AND form <> '' AND ({condition})", values)


def _put(ledger: Ledger, fates: Iterator[Fate] | Sequence[Fate]) -> None:
    rows = [(fate.status, *fate.why, fate.number) for fate in fates]
    ledger.change("UPDATE file SET status = ?, zh = ?, en = ? WHERE number = ?", rows)


# decisions, roster ----------------------------------------------------------------------------------------------------


def _decide(ledger: Ledger, terms: Terms) -> None:
    """Mark the files decided about, by place or content."""
    if terms.chosen or terms.excluded:
        found = [(number, {place, sha}) for number, place, sha in ledger.rows("SELECT number, place, sha FROM file")]
        for word, meant in (("yes", terms.chosen), ("no", terms.excluded)):
            marks = [(word, number) for number, names in found if names & meant]
            ledger.change("UPDATE file SET decided = ? WHERE number = ?", marks)


def _set_aside(ledger: Ledger, terms: Terms) -> None:
    """Reports that no sum sees: left out by decision, or of nobody on the roster. They do not tell the year, either."""
    ledger.change(
        "UPDATE file SET status = ?, zh = ?, en = ? WHERE decided = 'no' AND status = 'merged' AND form <> ''",
        [(Status.EXCLUDED, *messages.get("why.excluded"))],
    )
    status, least = (Status.MERGED, CROSSED) if terms.include_unlisted else (Status.UNLISTED, 0)
    query = "SELECT number, name, code FROM file WHERE listed <= ? AND status = 'merged' AND form <> ''"
    found = ledger.rows(query, (least,))
    _put(ledger, [Fate(number, status, _unlisted(Identity(name, code), terms)) for number, name, code in found])


def _unlisted(who: Identity, terms: Terms) -> Bilingual:
    """Why no line of the roster is certain for a report of that name and code."""
    crossed = terms.crossed(who) if terms.crossed else NOTHING
    if crossed.zh:
        return crossed
    stated = " ".join(one for one in (who.name, who.code) if one)
    return messages.get("why.unlisted", stated=stated) if stated else messages.get("why.nobody")


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


def _key(ledger: Ledger, terms: Terms) -> None:
    """What tells agencies apart: see `agencies.keys`; first of all the line of the roster.

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
                others.append((CROSSED, "|" + folded(who[0]), number) if crossed else (0, "", number))
        ledger.change("UPDATE file SET key = ? WHERE number = ?", keyed)
        ledger.change("UPDATE file SET listed = ?, key = '?' || key || ? WHERE number = ?", others)
    ledger.change("CREATE INDEX IF NOT EXISTS temp.file_key ON file (key)", [()])


def _other_year(one: Entry, year: int | None) -> Bilingual:
    own = messages.get("why.no_year") if one.year is None else Bilingual(str(one.year), str(one.year))
    return messages.get("why.year", own=own, wanted=year) if year else messages.get("why.nothing", own=own)


def _other_years(collection: Collection, year: int | None) -> Iterator[Fate]:
    """Reports of another year than the one merged, or of none: whoever they are of, nothing more is asked of them."""
    others = "form <> '' AND year IS NOT ? AND status IN ('merged', ?, ?)"
    for one in collection.entries.where(others, (year, Status.EXCLUDED, Status.UNLISTED)):
        yield Fate(one.number, Status.YEAR, _other_year(one, year))


def _other_forms(collection: Collection, form: Form) -> Iterator[Fate]:
    """Reports of the year in another form: mapped, if no figure is lost by it."""
    for one in _read(collection, "form <> ?", form.id):
        moved = mapped(collection.report(one), form)
        if not moved.lost:
            yield Fate(one.number, Status.MERGED, messages.get("why.mapped", own=one.form, wanted=form.id))
            continue
        named = [
            messages.get("why.lost", place=move.old.words, value=shown(move.value, move.old))
            for move in moved.lost[:MOVES_NAMED]
        ]
        cells = join_texts(named)
        why = messages.get("why.form", own=one.form, wanted=form.id, count=len(moved.lost), cells=cells)
        yield Fate(one.number, Status.FORM, why)


def _judge_again(collection: Collection, before: LastYear) -> None:
    """The rules between the years, by what was submitted last year instead of what the file says of it."""
    ledger = collection.ledger
    judged: list[tuple[int, str]] = []
    counts: list[tuple[int, int, int]] = []
    for one in _read(collection, "1"):
        previous = before(one.key, collection.year)
        if previous is None:
            continue
        old = collection.findings(one)
        found = judged_again(collection.report(one), old, previous, collection.carried(one))
        if found != old:
            judged.append((one.number, findings_text(found)))
            counts.append((count(found, Severity.ERROR), count(found, Severity.WARNING), one.number))
    ledger.change("INSERT OR REPLACE INTO judged VALUES (?, ?)", judged)
    ledger.change("UPDATE file SET errors = ?, warnings = ? WHERE number = ?", counts)
