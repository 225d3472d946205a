"""Limits on what reading one untrusted file may cost: stated here, enforced wherever a file is read, set by the user.

`OGI_LIMITS="seconds=300 cells=2000000"` in the environment, or `--limit seconds=300`, sets one otherwise; processes
that a merge starts inherit it. Each is far above what a report needs: a filled template has 2,500 cells, inflates to
230 KB and is read in milliseconds.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache, wraps
from types import MappingProxyType
from typing import Final, NamedTuple, TypeVar

from workbook.safety.messages import Bilingual, UserError, join_texts, load_messages

VARIABLE: Final = "OGI_LIMITS"
"""The environment variable that sets limits otherwise."""
MIB: Final = 1 << 20


class Limit(NamedTuple):
    """One limit: its default, and the unit it is counted in (`limit.unit` of the messages)."""

    default: int
    unit: str = "many"


messages = load_messages("workbook.safety")
LIMITS: Final = MappingProxyType(
    {
        "seconds": Limit(60, "s"),
        "memory": Limit(2048, "MiB"),
        "file": Limit(64, "MiB"),
        "json": Limit(16, "MiB"),
        "inflated": Limit(128, "MiB"),
        "part": Limit(64, "MiB"),
        "parts": Limit(5_000),
        "elements": Limit(2_000_000),
        "cells": Limit(500_000),
        "letters": Limit(8_000_000),
        "paragraphs": Limit(20_000),
        "tags": Limit(200_000),
        "attributes": Limit(1_000),
        "members": Limit(200_000),
        "unpacked": Limit(4096, "MiB"),
        "depth": Limit(4, "levels"),
    }
)
"""Every limit by name, in the order they are documented; what each bounds is said by the messages."""


class UnknownLimit(UserError):
    """A limit that is not known, or no integer above 0."""

    def __init__(self, stated: str) -> None:
        known = join_texts(LIMITS)
        super().__init__(messages.get("limit.wrong", stated=stated, known=known))


class TooLarge(Exception):
    """The file asks for more than any report needs: no reader may go on. `limit` names what it goes beyond."""

    def __init__(self, limit: str = "") -> None:
        super().__init__(limit)
        self.limit = limit


class TooSlow(BaseException):
    """The time for one file is over. No `Exception`: readers, which take those for damage, must not go on with it."""


def get_limit(name: str) -> int:
    """Return a limit as it is in force; sizes in bytes. Raises UnknownLimit if the environment states one."""
    value = _stated(os.environ.get(VARIABLE, ""))[name]
    return value * MIB if LIMITS[name].unit == "MiB" else value


def describe_limit(name: str) -> Bilingual:
    """Describe a limit in a sentence: what it bounds, how much, and how to widen it."""
    value = _stated(os.environ.get(VARIABLE, ""))[name]
    about, unit = messages.get(f"limit.bounds.{name}"), messages.get(f"limit.unit.{LIMITS[name].unit}")
    return messages.get("limit.stated", about=about, value=f"{value:,}", unit=unit, name=name)


def set_limits(settings: Iterable[str]) -> None:
    """Set limits, each as `name=number`, for this process and those it starts. Raises UnknownLimit."""
    text = " ".join([os.environ.get(VARIABLE, ""), *settings]).strip()
    _stated(text)
    if text:
        os.environ[VARIABLE] = text


@lru_cache(maxsize=8)
def _stated(text: str) -> dict[str, int]:
    values = {name: one.default for name, one in LIMITS.items()}
    for setting in text.split():
        name, _, number = setting.partition("=")
        if name not in LIMITS or not number.isascii() or not number.isdigit() or int(number) < 1:
            raise UnknownLimit(setting)
        values[name] = int(number)
    return values


@contextmanager
def limit_time(seconds: float) -> Iterator[None]:
    """End what is done in this block once that time is over, by TooSlow.

    Where the system can interrupt a program (Linux, Mac; the main thread), whatever it is doing; elsewhere nothing is
    done here: there a reader looks at the clock now and then (`workbook_contents.ReadBudget`), and a merge ends the
    process.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    if signal.getitimer(signal.ITIMER_REAL)[0]:  # one clock runs already, around this block
        yield
        return
    running = True

    def ring(*_: object) -> None:
        if running:
            raise TooSlow

    before = signal.signal(signal.SIGALRM, ring)
    # It rings again and again: what catches everything may have caught the first.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    finally:
        while True:
            try:
                running = False
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, before)
                break
            except TooSlow:  # it rang on the way out
                continue


def limit_memory() -> None:
    """Hold this process to the limit of memory, where the system can (Linux); what asks for more gets MemoryError."""
    try:
        import resource
    except ImportError:  # Windows
        return
    most = get_limit("memory")
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or hard > most:
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


# What is worked out once and kept from one file to the next: only of what is short


_A = TypeVar("_A", str, bytes)
_R = TypeVar("_R")


def cache_short_texts(most: int, longest: int) -> Callable[[Callable[[_A], _R]], Callable[[_A], _R]]:
    """Cache the last `most` results of a function of one text, but only for texts no longer than `longest`.

    Thousands of files repeat the same few hundred short texts. A long text of an untrusted file must not stay in memory
    after the file was read: its result is computed anew each time.
    """

    def keeping(function: Callable[[_A], _R]) -> Callable[[_A], _R]:
        known = lru_cache(maxsize=most)(function)

        @wraps(function)
        def asked(text: _A) -> _R:
            return known(text) if len(text) <= longest else function(text)

        return asked

    return keeping
