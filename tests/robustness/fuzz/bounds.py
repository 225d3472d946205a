"""What one input may cost: processor seconds and memory. Going beyond is a fault like a crash."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS = 10.0
"""Processor time, not wall time: a busy machine is no fault."""
GROWTH = 512 << 10
"""KiB by which one input may raise the most memory this process ever held."""


class TooSlow(BaseException):
    """An input took too long; no `except Exception` of the product may hide it."""


class TooFat(Exception):
    """An input took too much memory."""


@contextmanager
def bounded() -> Iterator[None]:
    """Let the block take no more than that."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    old = signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, old)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if grown > GROWTH:
        raise TooFat(f"{grown >> 10} MiB")


def _stop(*_: object) -> None:
    raise TooSlow(f"more than {SECONDS} s")
