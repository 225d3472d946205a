"""Text that is struck out, raised or hardly seen: what a cell or a line says without it, and what with it. Pure.

How a run is shown is decided by its reader: `docx_styles.py`, `html_styles.py` and `pdf_characters.py`.

The characters alone do not show whether `96` with a raised `1` is 96 and the mark of a note, or 961. Such a cell has
more than one reading. What is certainly invisible is no run at all: its reader leaves it out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple


class WritingManner(StrEnum):
    """How characters that are no plain text are shown."""

    STRUCK = "struck"
    """With a line through them."""
    RAISED = "raised"
    """Above or below the line, or small above other characters."""
    FAINT = "faint"
    """Hidden in some views, as light as what is behind them, tiny, covered, or off the page."""
    OTHER = "other"
    """A control, a floating box, a character of a symbol font, a second version, a style sheet not understood."""
    STYLED = "styled"
    """As read, but for a style that is not known to leave them as they are."""


_AS_READ = (None, WritingManner.STYLED)
SMALL = 0.85
"""A figure so much smaller than those beside it is none of theirs, in whatever kind of document."""


class TextRun(NamedTuple):
    """Characters shown in one manner; `instead` is what other programs show in their place, `size` 0 if unknown."""

    text: str
    manner: WritingManner | None = None
    instead: str | None = None
    size: float = 0


class TextDoubt(NamedTuple):
    """Characters that are no plain writing, and how they are shown."""

    manner: WritingManner
    text: str


class VisibleText(NamedTuple):
    """What a place says: its plain characters, other readings, and why there are such."""

    text: str
    others: tuple[str, ...] = ()
    doubts: tuple[TextDoubt, ...] = ()


def read_cell_text(runs: Iterable[TextRun], tidy: Callable[[str], str] = str.strip) -> VisibleText:
    """The text of a cell. Where nothing in it is plain, all of it is its text, in doubt all the same."""
    marked = _raise_small_figures(list(runs))
    complete = tidy("".join(run.text for run in marked))
    doubts = _list_doubts(marked)
    if not doubts:
        return VisibleText(complete)
    as_read = [run for run in marked if run.manner in _AS_READ or run.instead is not None]
    text = tidy("".join(run.text for run in as_read)) or complete
    replaced = tidy("".join(run.text if run.instead is None else run.instead for run in as_read))
    others = dict.fromkeys(one for one in (complete, replaced) if one and one != text)
    return VisibleText(text, tuple(others), doubts)


def _raise_small_figures(runs: list[TextRun]) -> list[TextRun]:
    """Figures that are much smaller than others of their cell are read like raised ones."""
    sizes = {run.size for run in runs if run.manner in _AS_READ and run.size and _has_figure(run.text)}
    if len(sizes) < 2:
        return runs
    least = max(sizes) * SMALL
    return [
        run._replace(manner=WritingManner.RAISED)
        if run.manner in _AS_READ and run.size < least and _has_figure(run.text)
        else run
        for run in runs
    ]


def read_line_text(runs: Iterable[TextRun], tidy: Callable[[str], str]) -> tuple[str, VisibleText]:
    """The words of a line of text, and the same as figures may be read from it.

    What is struck out or hardly seen is no part of the words; a raised figure after a figure is put in brackets. A
    line that is faint throughout keeps its words: a title may be on a picture.
    """
    line = list(runs)
    if all(run.manner is None for run in line):
        text = tidy("".join(run.text for run in line))
        return text, VisibleText(text)
    words = ""
    for run in line:
        if run.manner is WritingManner.RAISED and words[-1:].isdigit() and _has_figure(run.text):
            words += f"[{run.text.strip()}]"
        elif run.manner not in (WritingManner.STRUCK, WritingManner.FAINT):
            words += run.text
    faint = "".join(run.text for run in line if run.manner is not WritingManner.STRUCK)
    return tidy(words) or tidy(faint), read_cell_text(line, tidy)


def split_lines(runs: Iterable[TextRun]) -> list[list[TextRun]]:
    """Runs cut at their line breaks."""
    lines: list[list[TextRun]] = [[]]
    for run in runs:
        first, *rest = run.text.split("\n")
        lines[-1].append(run._replace(text=first))
        lines += [[run._replace(text=part, instead=None)] for part in rest]
    return lines


def _has_figure(text: str) -> bool:
    return any(character.isnumeric() for character in text)


def _list_doubts(runs: Sequence[TextRun]) -> tuple[TextDoubt, ...]:
    """The characters in doubt, neighbours of one manner together."""
    shown = (run for run in runs if run.text.strip() or run.instead)
    return tuple(
        TextDoubt(manner, " ".join("".join(run.text or run.instead or "" for run in neighbours).split()))
        for manner, neighbours in groupby(shown, key=lambda run: run.manner)
        if manner is not None
    )
