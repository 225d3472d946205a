"""The screen: UTF-8 whatever the locale; colour and progress only on a terminal; nothing that could steer it."""

from __future__ import annotations

import io
import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path, PurePath

from workbook.safety.messages import Bilingual, load_messages

NAMED = 20
"""So many files of one kind are named on the screen."""
STYLES = {"error": "31", "warning": "33", "notice": "36", "good": "32", "dim": "2", "strong": "1"}


LONGEST = 400
"""No more characters of untrusted text are shown, so that it cannot fill the screen."""


def to_plain_line(text: str) -> str:
    """The text on one line, without characters that steer a terminal: what an untrusted file holds is only shown."""
    if text.isprintable() and text.isascii():
        return text
    from workbook.safety.unsafe_text import make_one_line

    return make_one_line(text)


def _show(value: object, lang: str) -> object:
    """Untrusted text, and the names of files, on one line and without characters that steer a terminal."""
    if isinstance(value, Bilingual):
        value = value.say(lang)
    if not isinstance(value, str | PurePath):
        return value
    text = to_plain_line(str(value))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


messages = load_messages("workbook.cli", _show)
"""Help in Chinese with English beside it, and sentences in both."""


class Console:
    """Where a command writes: results to the standard output, refusals and progress to the standard error."""

    def __init__(self, lang: str, name: str = "ogi") -> None:
        self.lang = lang
        self.name = name
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        self.colour = _terminal(sys.stdout) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def out(self, text: str = "") -> None:
        """One line, or several, of the result."""
        sys.stdout.write(text + "\n")

    def err(self, text: str) -> None:
        """One line beside the result, after the part of it written so far."""
        sys.stdout.flush()
        sys.stderr.write(to_plain_line(text) + "\n")

    def say(self, key: str, /, **facts: object) -> str:
        """The sentence of that key in the language spoken."""
        return messages.get(key, **facts).say(self.lang)

    def refuse(self, said: Bilingual) -> None:
        """Say in one line why something could not be done."""
        self.err(self.say("could_not", command=self.name, what=said.say(self.lang)))

    def some(self, lines: Iterable[str], count: int, more: str = "more") -> Iterator[str]:
        """The first of `count` lines; in place of all others how many they are: a screen of thousands is not read."""
        yield from islice(lines, NAMED)
        if count > NAMED:
            yield self.say(more, count=count - NAMED)

    def paint(self, text: str, style: str) -> str:
        """The text in colour, on a terminal."""
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if self.colour and text else text

    def progress(self, items: Sequence[Path]) -> Iterator[Path]:
        """The files one by one; while there are several, a line on the terminal says which is being worked on."""
        for done, path in enumerate(items):
            self.report_progress(done, len(items), path)
            yield path
            self.report_progress(len(items), len(items), path)

    def report_progress(self, done: int, count: int, path: Path) -> None:
        """Say on the terminal how far a long work has come; nothing remains of it when all is done."""
        if count > 1:
            self.line(self.say("progress", n=done, all=count, file=path) if done < count else "")

    def line(self, text: str) -> None:
        """A passing line on the terminal, in place of the one before; nothing where the output is no terminal."""
        if _terminal(sys.stderr):
            sys.stderr.write("\r\x1b[K" + _cut(to_plain_line(text), 76))
            sys.stderr.flush()


def _terminal(stream: object) -> bool:
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]
    except (AttributeError, ValueError):
        return False


def measure_width(text: str) -> int:
    """How many columns the text takes on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _cut(text: str, columns: int) -> str:
    while measure_width(text) > columns:
        text = text[:-1]
    return text


def wrap_text(text: str, columns: int) -> list[str]:
    """The text in lines of so many columns: broken at spaces, or between Chinese characters."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and measure_width(line + piece.rstrip()) > columns:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _pieces(text: str) -> Iterator[str]:
    """Words with the space after them; Chinese characters one by one, with the punctuation that follows."""
    piece = ""
    for character in text:
        wide = unicodedata.east_asian_width(character) in "WF"
        closing = character in "，。；：、）”？！·" or character == " "
        if piece and not closing and (wide or piece[-1] == " " or unicodedata.east_asian_width(piece[-1]) in "WF"):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece
