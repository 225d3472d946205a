"""The command `ogi` run in this process: how it ended, and what it printed."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

from workbook.cli import main


class EndedCommand(NamedTuple):
    """The exit status, what went to the screen and what to standard error, and both in the order of the screen."""

    code: int
    out: str
    err: str
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


class _Copied(io.StringIO):
    """A stream whose texts are written to another one, too."""

    def __init__(self, to: io.StringIO) -> None:
        super().__init__()
        self.to = to

    def write(self, text: str) -> int:
        self.to.write(text)
        return super().write(text)


def run_ogi(*words: object) -> EndedCommand:
    """Run the command with these words; a text of several words is taken apart at its blanks."""
    screen = io.StringIO()
    with redirect_stdout(_Copied(screen)) as out, redirect_stderr(_Copied(screen)) as err:
        code = main([part for word in words for part in (word.split() if isinstance(word, str) else [str(word)])])
    return EndedCommand(code, out.getvalue(), err.getvalue(), screen.getvalue())
