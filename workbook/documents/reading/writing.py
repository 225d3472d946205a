"""Writing that is struck out, raised or hardly seen: what a place says plainly, and what it says with that. Pure.

Nobody can tell from the signs alone whether `96` with a raised `1` is 96 and a mark for a note, or 961. Such a place
has more than one reading. What surely nobody sees is no run at all: its reader leaves it out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple


class Manner(StrEnum):
    """How signs stand that are no plain writing."""

    STRUCK = "struck"
    """With a line through them."""
    RAISED = "raised"
    """Above or below the line, or small above other signs."""
    FAINT = "faint"
    """Hidden in some views, as light as what is behind them, tiny, covered, or off the page."""
    OTHER = "other"
    """A control, a box that floats, a sign of a font for signs, a second version, a sheet of styles not understood."""
    STYLED = "styled"
    """As read, but for a style that is not known to leave them as they stand."""


_AS_READ = (None, Manner.STYLED)
SMALL = 0.85
"""A figure so much smaller than those beside it is none of theirs, in whatever kind of document."""


class Run(NamedTuple):
    """Signs that stand in one manner; `instead` is what other programs show in their place, `size` 0 if not known."""

    text: str
    manner: Manner | None = None
    instead: str | None = None
    size: float = 0


class Doubt(NamedTuple):
    """Signs that are no plain writing, and how they stand."""

    manner: Manner
    text: str


class Writing(NamedTuple):
    """What a place says: its plain signs, other readings, and why there are such."""

    text: str
    others: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def in_cell(runs: Iterable[Run], tidy: Callable[[str], str] = str.strip) -> Writing:
    """The writing of a cell. Where nothing in it is plain, all of it is its text, in doubt all the same."""
    some = _small_ones_raised(list(runs))
    whole = tidy("".join(run.text for run in some))
    doubts = _doubts(some)
    if not doubts:
        return Writing(whole)
    plain = tidy("".join(run.text for run in some if _stands(run)))
    text = plain or whole
    replaced = tidy("".join(run.text if run.instead is None else run.instead for run in some if _stands(run)))
    others = dict.fromkeys(one for one in (whole, replaced) if one and one != text)
    return Writing(text, tuple(others), doubts)


def _small_ones_raised(runs: list[Run]) -> list[Run]:
    """Figures that are much smaller than others of their cell stand like raised ones."""
    sizes = {run.size for run in runs if run.manner in _AS_READ and run.size and _counts(run.text)}
    if len(sizes) < 2:
        return runs
    least = max(sizes) * SMALL
    return [
        run._replace(manner=Manner.RAISED) if run.manner in _AS_READ and run.size < least and _counts(run.text) else run
        for run in runs
    ]


def in_line(runs: Iterable[Run], tidy: Callable[[str], str]) -> tuple[str, Writing]:
    """The words of a line of text, and the same as figures may be read from it.

    What is struck out or hardly seen is no part of the words; a raised figure behind a figure stands in brackets. A
    line that is faint as a whole keeps its words: a title may stand on a picture.
    """
    some = list(runs)
    if all(run.manner is None for run in some):
        text = tidy("".join(run.text for run in some))
        return text, Writing(text)
    writing = in_cell(some, tidy)
    said: list[str] = []
    for run in some:
        if run.manner is Manner.RAISED and said and said[-1][-1:].isdigit() and _counts(run.text):
            said.append(f"[{run.text.strip()}]")
        elif run.text and run.manner not in (Manner.STRUCK, Manner.FAINT):
            said.append(run.text)
    faint = "".join(run.text for run in some if run.manner is not Manner.STRUCK)
    return tidy("".join(said)) or tidy(faint), writing


def lines_of(runs: Iterable[Run]) -> list[list[Run]]:
    """Runs cut at their line breaks."""
    lines: list[list[Run]] = [[]]
    for run in runs:
        first, *rest = run.text.split("\n")
        lines[-1].append(run._replace(text=first))
        lines += [[run._replace(text=part, instead=None)] for part in rest]
    return lines


def _stands(run: Run) -> bool:
    return run.manner in _AS_READ or run.instead is not None


def _counts(text: str) -> bool:
    return any(sign.isnumeric() for sign in text)


def _doubts(runs: Sequence[Run]) -> tuple[Doubt, ...]:
    """The signs in doubt, neighbours that stand alike together."""
    together = groupby((run for run in runs if run.text.strip() or run.instead), key=lambda run: run.manner)
    return tuple(
        Doubt(manner, " ".join("".join(run.text or run.instead or "" for run in some).split()))
        for manner, some in together
        if manner is not None
    )
