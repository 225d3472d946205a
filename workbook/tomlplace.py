"""At which line of a TOML text a key stands: the standard parser does not say, and a typo is found by its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import lru_cache

_TOKEN = re.compile(
    r"""(?P<newline>\n)|(?P<space>[ \t\r]+)|(?P<comment>\#[^\n]*)
      |(?P<string>\"\"\"(?:\\.|[^\\])*?\"\"\"|'''.*?'''|"(?:\\.|[^"\\\n])*"|'[^'\n]*')
      |(?P<mark>[\[\]{}=,.])|(?P<bare>[^\s\[\]{}=,.\#"']+)""",
    re.VERBOSE | re.DOTALL,
)

Path = tuple[str | int, ...]


class _Walk:
    """One pass over the tokens, noting the line of every key and every array element."""

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}

    def peek(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def take(self) -> tuple[str, int]:
        token = self.tokens[self.at] if self.at < len(self.tokens) else ("", 0)
        self.at += 1
        return token

    def document(self) -> None:
        base: Path = ()
        while self.at < len(self.tokens):
            token = self.peek()
            if token == "\n":
                self.at += 1
            elif token == "[":
                base = self.header()
            else:
                self.pair(base)

    def header(self) -> Path:
        _, line = self.take()
        many = self.peek() == "["
        if many:
            self.take()
        keys = self.dotted("]")
        for _ in range(1 + many):
            self.take()
        path = self.current(keys[:-1])
        path = (*path, keys[-1])
        for end in range(1, len(path) + 1):  # parents that no header of their own states begin here
            self.lines.setdefault(path[:end], line)
        if many:
            count = self.counts.get(path, 0)
            self.counts[path] = count + 1
            path = (*path, count)
        self.lines.setdefault(path, line)
        return path

    def current(self, keys: Sequence[str]) -> Path:
        """The path of a header's parents: inside the newest element of an array of tables."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
        return path

    def dotted(self, end: str) -> list[str]:
        keys: list[str] = []
        while self.peek() not in (end, "", "\n"):
            token, _ = self.take()
            if token != ".":
                keys.append(tomllib.loads(f"key = {token}")["key"] if token[0] in "\"'" else token)
        return keys

    def pair(self, base: Path) -> None:
        line = self.tokens[self.at][1]
        keys = self.dotted("=")
        self.take()
        path = (*base, *keys)
        for end in range(len(base) + 1, len(path) + 1):
            self.lines.setdefault(path[:end], line)
        self.value(path)

    def value(self, path: Path) -> None:
        if self.peek() == "[":
            self.array(path)
        elif self.peek() == "{":
            self.table(path)
        else:  # a number or a date holds dots and dashes: everything up to the next mark
            while self.peek() not in (",", "]", "}", "\n", ""):
                self.take()

    def array(self, path: Path) -> None:
        self.take()
        number = 0
        while self.peek() not in ("]", ""):
            if self.peek() in ("\n", ","):
                self.at += 1
            else:
                self.lines.setdefault((*path, number), self.tokens[self.at][1])
                self.value((*path, number))
                number += 1
        self.take()

    def table(self, path: Path) -> None:
        self.take()
        while self.peek() not in ("}", ""):
            if self.peek() in ("\n", ","):
                self.at += 1
            else:
                self.pair(path)
        self.take()


def _tokens(text: str) -> list[tuple[str, int]]:
    line, out = 1, []
    for match in _TOKEN.finditer(text):
        if match.lastgroup not in ("space", "comment"):
            out.append((match[0], line))
        line += match[0].count("\n")
    return out


@lru_cache(maxsize=4)
def _lines(text: str) -> dict[Path, int]:
    walk = _Walk(text)
    walk.document()
    return walk.lines


def line_of(text: str, keys: Sequence[str | int]) -> tuple[int, bool]:
    r"""The line (from 1) of the key at that path, or of its nearest stated parent; False if nothing of it is there.

    >>> line_of('a = 1\n[[t]]\nrows = [\n { code = "x" },\n]', ("t", 0, "rows", 0, "code"))
    (4, True)
    """
    lines = _lines(text)
    path = tuple(keys)
    while path:
        if path in lines:
            return lines[path], True
        path = path[:-1]
    return 1, False
