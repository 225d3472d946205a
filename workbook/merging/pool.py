"""Files taken in by several processes, a bounded number of chunks at a time; one alone works in this process."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path

from workbook.merging.status import Status
from workbook.merging.take import Taken, Task, take
from workbook.merging.words import said

CHUNK = 32
"""Files handed to a process at once."""
WINDOW = 3
"""Chunks per process that may wait: more would only be held in memory."""
FEW = 150
"""So many files are read before a second process has even started."""

Takes = Callable[[Iterable[Task], Path | None], Iterator[list[Taken]]]
"""How files are taken in: here, by processes of this machine, or by a cluster. Results come in any order."""


def processes() -> int:
    """How many processes this machine has a processor for."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def taking(jobs: int, files: int) -> Takes:
    """The way to take in so many files with at most `jobs` processes."""
    if jobs < 2 or files < FEW:
        return _here
    return lambda tasks, database: _spread(tasks, database, jobs)


def chunks(tasks: Iterable[Task], size: int = CHUNK) -> Iterator[list[Task]]:
    """The tasks, so many at a time."""
    rest = iter(tasks)
    while chunk := list(islice(rest, size)):
        yield chunk


def _here(tasks: Iterable[Task], database: Path | None) -> Iterator[list[Taken]]:
    for chunk in chunks(tasks):
        yield take(chunk, database)


def _spread(tasks: Iterable[Task], database: Path | None, jobs: int) -> Iterator[list[Taken]]:
    waiting = chunks(tasks)
    lost: list[Task] = []
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        running: deque[tuple[list[Task], Future[list[Taken]]]] = deque()
        try:
            for chunk in waiting:
                running.append((chunk, pool.submit(take, chunk, database)))
                if len(running) >= jobs * WINDOW:
                    yield running[0][1].result()
                    running.popleft()
            while running:
                yield running[0][1].result()
                running.popleft()
        except BrokenProcessPool:
            lost = [task for chunk, _ in running for task in chunk]
        finally:
            for _, future in running:
                future.cancel()
    if lost:
        yield from _narrowed(lost, database)
        yield from _spread((task for chunk in waiting for task in chunk), database, jobs)


def _narrowed(tasks: Sequence[Task], database: Path | None) -> Iterator[list[Taken]]:
    """A process died over one of these files: halved until it is found, so that only that one is lost."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        try:
            taken = pool.submit(take, tasks, database).result()
        except BrokenProcessPool:
            taken = []
    half = len(tasks) // 2
    if taken:
        yield taken
    elif half:
        yield from _narrowed(tasks[:half], database)
        yield from _narrowed(tasks[half:], database)
    else:
        yield [Taken(tasks[0].number, Status.UNREADABLE, said("why.trouble", kind="BrokenProcessPool"))]
