"""Reports that are missing, come twice, contradict each other, or hold figures that are wrong."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.agencies import Line
from benchmarks.desk import Desk, Planted, figures_of, stated
from benchmarks.reports import reports
from workbook.model.form_loader import list_form_ids, load_form
from workbook.model.report import Report
from workbook.rules.rule_types import Equation

TELLING = 5
"""Different figures above 9 that no two agencies have by chance."""

# the same agency twice, or not at all


def missing(desk: Desk) -> Iterator[Planted]:
    line, _, _ = desk.take()
    yield Planted("missing", "", line.code, "")


def copied(desk: Desk) -> Iterator[Planted]:
    """The same file under two names."""
    line, now, before = desk.take()
    first = desk.put(desk.place(line), now, before, counts=True)
    shutil.copy(first, desk.path(desk.place(line, "（1）")))
    yield Planted("copied", desk.place(line), line.code, "merged")
    yield Planted("copied", desk.place(line, "（1）"), line.code, "duplicate")


def saved_again(desk: Desk) -> Iterator[Planted]:
    """The same figures, in a file of other bytes."""
    line, now, before = desk.take()
    first = desk.put(desk.place(line), now, before, counts=True)
    again = desk.path(desk.place(line, "（另存）"))
    with zipfile.ZipFile(first) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    yield Planted("saved_again", desk.place(line), line.code, "merged")
    yield Planted("saved_again", desk.place(line, "（另存）"), line.code, "duplicate")


def corrected(desk: Desk) -> Iterator[Planted]:
    """A correction handed in under the next revision."""
    line, now, before = desk.take()
    desk.put(desk.place(line), now, before)
    later = desk.rewritten(line, now, _one_more(now))
    desk.put(desk.place(line, "（更正）"), _revised(later, 1), before, counts=True)
    yield Planted("corrected", desk.place(line), line.code, "superseded")
    yield Planted("corrected", desk.place(line, "（更正）"), line.code, "merged")


def conflicting(desk: Desk) -> Iterator[Planted]:
    """Other figures under the same revision."""
    line, now, before = desk.take()
    desk.put(desk.place(line), now, before)
    desk.put(desk.place(line, "（改）"), desk.rewritten(line, now, _one_more(now)), before)
    for more in ("", "（改）"):
        yield Planted("conflicting", desk.place(line, more), line.code, "conflict")


def _revised(report: Report, revision: int) -> Report:
    return replace(report, agency=replace(report.agency, revision=revision))


def _one_more(report: Report) -> dict[str, int]:
    """One request more, received and carried over: every equation still holds."""
    rule = stated(report.form, yearly=False)[0]
    known = figures_of(report)
    return {code: known[code] + 1 for code in (rule.right[0].cell.code, rule.left[-1].cell.code)}


def twins(desk: Desk) -> Iterator[Planted]:
    """Two agencies with one report: somebody copied the neighbour's."""
    line, now, before = desk.take(lambda now, _: len({n for n in figures_of(now).values() if n > 9}) >= TELLING)
    other, _, _ = desk.take()
    desk.put(desk.place(line), now, before, counts=True)
    desk.put(desk.place(other), replace(now, agency=other.identity), before, counts=True)
    for one in (line, other):
        yield Planted("twins", desk.place(one), one.code, "merged")


def unknown(desk: Desk) -> Iterator[Planted]:
    """An agency that is not in the roster."""
    line = desk.strangers.pop()
    now, before = reports(line, desk.form, desk.year, desk.seed)
    desk.put(desk.place(line), now, before, counts=True)
    yield Planted("unknown", desk.place(line), line.code, "merged")


def all_zero(desk: Desk) -> Iterator[Planted]:
    line, now, before = desk.take()
    nothing = dict.fromkeys(figures_of(now), 0)
    zero = desk.rewritten(line, now, nothing)
    desk.put(desk.place(line), zero, desk.rewritten(line, before, nothing), counts=True)
    yield Planted("all_zero", desk.place(line), line.code, "merged")


# figures that are wrong


def _wrong(desk: Desk, kind: str, line: Line, report: Report, before: Report, finding: str) -> Planted:
    desk.put(desk.place(line), report, before)
    return Planted(kind, desk.place(line), line.code, "held", finding)


def swapped_digits(desk: Desk) -> Iterator[Planted]:
    """12 typed as 21: the sums follow, the balance does not."""
    line, now, before = desk.take(lambda now, _: bool(_two_digits(now)))
    code = _two_digits(now)[0]
    turned = int(str(now[code])[::-1])
    changed = figures_of(desk.rewritten(line, now, {code: turned}))
    yield _wrong(desk, "swapped_digits", line, now.with_values(changed), before, "balance")


def _two_digits(report: Report) -> list[str]:
    """Cells of a stated equation whose figure is another one backwards."""
    cells = [term.cell for rule in stated(report.form, yearly=False) for term in rule.terms if not term.cell.total]
    return [cell.code for cell in cells if (known := str(report[cell.code]))[-1] != "0" and known != known[::-1]]


def unbalanced(desk: Desk) -> Iterator[Planted]:
    line, now, before = desk.take()
    code = stated(desk.form, yearly=False)[0].right[0].cell.code
    more = desk.rewritten(line, now, {code: figures_of(now)[code] + 5})
    yield _wrong(desk, "unbalanced", line, more, before, "balance")


def not_brought_forward(desk: Desk) -> Iterator[Planted]:
    """What last year carried over is missing this year; the figures of the year agree among themselves."""
    line, now, before = desk.take(lambda now, _: _brought(now) is not None)
    rule = _brought(now)
    if rule is None:
        raise LookupError("nothing was brought forward")
    new, brought = (term.cell.code for term in rule.right)
    known = figures_of(now)
    lost = desk.rewritten(line, now, {new: known[new] + known[brought], brought: 0})
    desk.put(desk.place(line), lost, before, counts=True)
    yield Planted("not_brought_forward", desk.place(line), line.code, "warnings", "carried-over")


def _brought(report: Report) -> Equation | None:
    """A column in which something was brought forward from last year."""
    return next((r for r in stated(report.form, yearly=False) if report.number(r.right[-1].cell.index)), None)


def another_year(desk: Desk) -> Iterator[Planted]:
    line, _, _ = desk.take()
    year = desk.year - 1 if desk.year - 2 in desk.form.years else desk.year + 1
    desk.put(desk.place(line), *reports(line, desk.form, year, desk.seed))
    yield Planted("another_year", desk.place(line), line.code, "year")


def another_form(desk: Desk) -> Iterator[Planted]:
    """The form of other years, filled in for this one."""
    line, _, _ = desk.take()
    other = next(form for form in map(load_form, list_form_ids()) if form.id != desk.form.id)
    now, _ = reports(line, other, desk.year, desk.seed)
    desk.put(desk.place(line), now, None)
    yield Planted("another_form", desk.place(line), line.code, "form", "form-in-force")


REPORTED = (
    missing,
    copied,
    saved_again,
    corrected,
    conflicting,
    twins,
    unknown,
    all_zero,
    swapped_digits,
    unbalanced,
    not_brought_forward,
    another_year,
    another_form,
)
