"""The coordinator's decisions: which of several files of one agency counts, as a table of two columns.

A CSV file (UTF-8 or GB18030): the file, by its place as the summary lists it or by its SHA-256, and 采用 or 不采用.
"""

from __future__ import annotations

from pathlib import Path

from workbook.finding import Words
from workbook.merging.csvtext import decoded, parsed
from workbook.merging.words import entry, said


class NotDecisions(Exception):
    """The file is no table of decisions; `words` say why and what to do."""

    def __init__(self, words: Words) -> None:
        self.words = words
        super().__init__(words.zh)


def decided(path: Path) -> set[str]:
    """The files decided for, by place or SHA-256. Raises OSError, NotDecisions."""
    text = decoded(path.read_bytes())
    lines = None if text is None else parsed(text, ",")
    if not lines:
        raise NotDecisions(said("decisions.not_csv"))
    yes, no = set(entry("decisions.yes")), set(entry("decisions.no"))
    chosen: set[str] = set()
    for number, cells in sorted(lines.items()):
        file, word = (cells.get(n, "").strip() for n in (0, 1))
        if word.lower() in yes:
            chosen.add(file)
        elif word and word.lower() not in no and number > min(lines):
            raise NotDecisions(said("decisions.unclear", line=number, word=word))
    return chosen
