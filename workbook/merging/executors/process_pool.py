"""Files taken in by several processes, a bounded number of chunks at a time; one alone works in this process."""

from __future__ import annotations

import faulthandler
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from workbook.merging.file_status import FileStatus
from workbook.merging.process_file import FileOutcome, FileTask, process_files
from workbook.safety.isolated_process import can_share, process_pool
from workbook.safety.limits import get_limit, limit_memory

if TYPE_CHECKING:
    from concurrent.futures import Executor
from workbook.safety.messages import load_messages

messages = load_messages("workbook.merging")

CHUNK = 32
"""Files handed to a process at once."""
WINDOW = 3
"""Chunks per process that may wait: more would only be held in memory."""
FEW = 150
"""So many files are read before a second process has even started."""

Takes = Callable[[Iterable[FileTask], Path | None], Iterator[list[FileOutcome]]]
"""How files are taken in: here, by processes of this machine, or by a cluster. Results come in any order."""


def count_processors() -> int:
    """How many processes this machine has a processor for."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def choose_executor(jobs: int, files: int) -> Takes:
    """The way to take in so many files with at most `jobs` processes."""
    if jobs < 2 or files < FEW or not can_share():
        return _here
    return lambda tasks, database: _spread(tasks, database, jobs)


def split_chunks(tasks: Iterable[FileTask], size: int = CHUNK) -> Iterator[list[FileTask]]:
    """The tasks, so many at a time."""
    rest = iter(tasks)
    while chunk := list(islice(rest, size)):
        yield chunk


def _here(tasks: Iterable[FileTask], database: Path | None) -> Iterator[list[FileOutcome]]:
    for chunk in split_chunks(tasks):
        yield process_files(chunk, database)


def _spread(tasks: Iterable[FileTask], database: Path | None, jobs: int) -> Iterator[list[FileOutcome]]:
    waiting, database = split_chunks(one.absolute() for one in tasks), database and database.absolute()
    lost: list[FileTask] = []
    with _pool(jobs) as pool:
        running: deque[tuple[list[FileTask], Future[list[FileOutcome]]]] = deque()
        try:
            for chunk in waiting:
                running.append((chunk, pool.submit(_taken, chunk, database)))
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
        yield from _singly(deque(lost), database)
        yield from _spread((task for chunk in waiting for task in chunk), database, jobs)


def _pool(jobs: int) -> AbstractContextManager[Executor]:
    """Processes that read strangers' files: held to so much memory, and ended where one file takes them too long."""
    return process_pool(jobs, limit_memory)


def _singly(tasks: deque[FileTask], database: Path | None) -> Iterator[list[FileOutcome]]:
    """A process died over one of these files: read one by one, so that only that one is lost."""
    while tasks:
        with _pool(1) as pool, suppress(BrokenProcessPool):
            while tasks:
                yield pool.submit(_taken, [tasks[0]], database).result()
                tasks.popleft()
        if tasks:
            yield [FileOutcome(tasks.popleft().number, FileStatus.UNREADABLE, messages.get("why.process"))]


def _taken(tasks: Sequence[FileTask], database: Path | None) -> list[FileOutcome]:
    """Take in these files in a process of the pool, which ends itself where nothing else ends one of them."""
    with Path(os.devnull).open("w") as nowhere:
        try:
            return process_files(
                tasks, database, each=lambda: faulthandler.dump_traceback_later(_hard(), file=nowhere, exit=True)
            )
        finally:
            faulthandler.cancel_dump_traceback_later()


def _hard() -> float:
    """Seconds after which the process is ended: the file's own limit should have stopped it before."""
    return get_limit("seconds") * 1.5 + 1
