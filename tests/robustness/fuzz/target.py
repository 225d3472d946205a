"""A target: what is fuzzed, what it begins with, how an input is changed; its docstring says what must hold."""

from __future__ import annotations

import hashlib
import traceback
from functools import cache
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Protocol, cast

NAMES = (
    "numbers", "reportjson", "formfiles", "packages", "books", "submissions", "rosters", "decisions", "documents",
    "texts", "identities", "archives", "readings", "merges", "commands",
)  # fmt: skip
CASES = Path(__file__).with_name("cases")
"""Inputs that once were a fault, by target: run as ordinary tests."""


class Target(Protocol):
    """One module of `targets/`; its docstring states what must hold."""

    __doc__: str

    def seeds(self) -> list[bytes]:
        """What fuzzing begins with."""

    def changed(self, data: bytes, draw: Random) -> bytes:
        """Another input, made from one."""

    def tried(self, data: bytes, folder: Path) -> None:
        """Try one input; raises where something does not hold. `folder` is for files."""


def target(name: str) -> Target:
    """The target of that name."""
    return cast(Target, import_module(f"tests.robustness.fuzz.targets.{name}"))


@cache
def beginnings(name: str) -> tuple[bytes, ...]:
    """The seeds of a target, and the inputs that once were a fault."""
    cases = sorted((CASES / name).glob("*")) if (CASES / name).is_dir() else []
    return (*target(name).seeds(), *(path.read_bytes() for path in cases))


def signature(trouble: BaseException) -> str:
    """What tells two faults apart: kind of exception and the last places of our own it passed."""
    ours = [
        f"{Path(frame.filename).stem}.{frame.name}:{frame.lineno}"
        for frame in traceback.extract_tb(trouble.__traceback__)
        if "/workbook/" in frame.filename or "/fuzz/" in frame.filename
    ]
    return f"{type(trouble).__name__} {' > '.join(ours[-3:])}"


def named(data: bytes) -> str:
    """A short name for an input."""
    return hashlib.sha256(data).hexdigest()[:12]
