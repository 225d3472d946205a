"""The conclusion of a merge in one sentence: what a coordinator must know before anything else."""

from __future__ import annotations

from typing import NamedTuple

from workbook.merging.attendance import State
from workbook.merging.sideinputs import open_problems
from workbook.merging.status import PENDING, Status
from workbook.merging.summing import Merged
from workbook.safety.messages import Bilingual, join_texts, load_messages

messages = load_messages("workbook.merging")


class Verdict(NamedTuple):
    """The sentence, and its tone: good, wait (something to look at) or bad (something must be settled)."""

    words: Bilingual
    tone: str


def verdict(merged: Merged) -> Verdict:
    """The conclusion: figures lost, a sum that breaks rules, something to settle, warnings, or all good.

    Where reports of nobody on the roster are in the sum, that comes first; that sums may lack something because the
    roster or another side input is wrong is said behind.
    """
    words, tone = _verdict(merged)
    unlisted, side = merged.collection.unlisted(), open_problems(merged.side_input_problems)
    if unlisted:
        words = messages.get("verdict.unlisted", unlisted=unlisted, rest=words)
    if side:
        words = words.then(messages.get("verdict.side", n=side))
    return Verdict(words, "wait" if tone == "good" and (unlisted or side) else tone)


def _verdict(merged: Merged) -> Verdict:
    counts = merged.collection.counts()
    if not merged.agencies:
        return Verdict(messages.get("verdict.nothing"), "bad")
    if not merged.reconciled:
        return Verdict(messages.get("verdict.lost"), "bad")
    parts = _open(merged)
    if merged.errors:
        words = messages.get("verdict.bad", errors=merged.errors)
        return Verdict(words.then(messages.get("verdict.besides", parts=parts)) if parts.zh else words, "bad")
    if parts.zh:
        return Verdict(messages.get("verdict.open", parts=parts), "wait")
    if counts[Status.WARNINGS]:
        return Verdict(messages.get("verdict.warned", agencies=counts[Status.WARNINGS]), "wait")
    return Verdict(messages.get("verdict.passed"), "good")


def _open(merged: Merged) -> Bilingual:
    """What must still be settled: files and agencies, and how many of them; nothing where nothing must."""
    counts, called = merged.collection.counts(), merged.attendance
    open_ = {
        "files": sum(counts[status] for status in PENDING),
        "agencies": counts[Status.ERRORS],
        **{
            state.value: called.count(state) if called else 0
            for state in (State.MISSING, State.RECEIVED, State.UNVERIFIED)
        },
    }
    parts = [messages.get(f"verdict.{key}", n=n) for key, n in open_.items() if n]
    return join_texts(parts)
