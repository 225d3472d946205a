"""How far a merge has come: a line on the terminal for people, lines of JSON for programs."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook.safety.unsafe_text import escape_json_text

if TYPE_CHECKING:
    from workbook.cli.console import Console
    from workbook.merging.totals import MergeResult

EVERY = 0.1
"""Seconds between two lines on the terminal."""


class MergeProgress:
    """Reports how far a merge has come; `lines` asks for JSON on the standard output, an event a line."""

    def __init__(self, console: Console, *, lines: bool = False) -> None:
        self.console, self.lines = console, lines
        self.read = 0
        self._started = time.monotonic()
        self._last_shown = 0.0

    def reading(self, done: int, count: int, place: str) -> None:
        """So many files are read, of so many; `place` is one of the last."""
        self.read = done
        now = time.monotonic()
        seconds = now - self._started
        rate = done / seconds if seconds > 0 else 0.0
        if now - self._last_shown < EVERY and done < count:
            return
        self._last_shown = now
        left = (count - done) / rate if rate else 0.0
        folder = place.rpartition("/")[0] or place.partition("!")[0]
        if self.lines:
            facts = {"done": done, "count": count, "rate": round(rate, 1), "remaining": round(left, 1)}
            self._event("reading", **facts, folder=folder)
        else:
            facts_ = {"n": done, "all": count, "rate": f"{rate:.0f}", "left": _duration(left), "folder": folder}
            self.console.line(self.console.say("merge_progress", **facts_) if done < count else "")

    def doing(self, what: str, **facts: object) -> None:
        """What comes after reading."""
        if self.lines:
            self._event(what, **{name: str(fact) for name, fact in facts.items()})
        else:
            self.console.line(self.console.say(f"merge_{what}", **facts))

    def done(self, merged: MergeResult, written: Sequence[Path], code: int, unwritten: Sequence[Path] = ()) -> None:
        """The end, for programs: the counts, whether they reconcile, what was written, and what could not be."""
        counts = merged.collection.counts()
        self._event(
            "done",
            year=merged.collection.year,
            form=merged.report.form.id,
            files={status.value: count for status, count in counts.items()},
            merged=merged.agencies,
            reconciled=merged.reconciled,
            errors=merged.errors,
            side_input_problems=[one.words.zh for one in merged.side_input_problems],
            written=[str(path) for path in written],
            unwritten=[str(path) for path in unwritten],
            exit=code,
        )

    def clear(self) -> None:
        """Take the line off the terminal."""
        if not self.lines:
            self.console.line("")

    def _event(self, event: str, **facts: Any) -> None:  # noqa: ANN401 -- what JSON takes
        self.console.out(escape_json_text(json.dumps({"event": event, **facts}, ensure_ascii=False)))


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
