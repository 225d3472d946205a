"""Executors: the files of a merge are processed in this process, by several processes, or on a Dask cluster.

A cluster runs already and its workers have the same version of this program. They read files at URLs, or in a folder
that all machines share under one path; a file that no worker sees is read on this machine. Placing work, and repeating
what a lost worker had, is left to Dask: this is the only module that imports distributed.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import islice
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from workbook.merging.file_status import FileStatus
from workbook.merging.process_file import FileOutcome, FileTask, close_archives, process_files
from workbook.merging.reading_cache import fingerprint_program
from workbook.merging.remote_files import UnreachableSource
from workbook.safety.isolated_process import can_isolate_pool, process_pool
from workbook.safety.limits import get_limit, limit_memory
from workbook.safety.messages import load_messages

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

messages = load_messages("workbook.merging")

CHUNK = 32
"""Files handed to a process at once."""
WINDOW = 3
"""Chunks per process that may wait: more would only be held in memory."""
FEW = 150
"""So many files are read before a second process has even started."""

FileExecutor = Callable[[Iterable[FileTask], Path | None], Iterator[list[FileOutcome]]]
"""How files are taken in: here, by processes of this machine, or by a cluster. Results come in any order."""


def count_processors() -> int:
    """How many processes this machine has a processor for."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def choose_executor(jobs: int, files: int) -> FileExecutor:
    """The way to take in so many files with at most `jobs` processes."""
    if jobs < 2 or files < FEW or not can_isolate_pool():
        return _process_here
    return lambda tasks, database: _process_in_several(tasks, database, jobs)


def split_chunks(tasks: Iterable[FileTask], size: int = CHUNK) -> Iterator[list[FileTask]]:
    """The tasks, so many at a time."""
    rest = iter(tasks)
    while chunk := list(islice(rest, size)):
        yield chunk


def _process_here(tasks: Iterable[FileTask], database: Path | None) -> Iterator[list[FileOutcome]]:
    for chunk in split_chunks(tasks):
        yield process_files(chunk, database)


def _process_in_several(tasks: Iterable[FileTask], database: Path | None, jobs: int) -> Iterator[list[FileOutcome]]:
    from concurrent.futures.process import BrokenProcessPool  # loads multiprocessing, which few files do not need

    waiting, database = split_chunks(one.absolute() for one in tasks), database and database.absolute()
    lost: list[FileTask] = []
    with _pool(jobs) as pool:
        running: deque[tuple[list[FileTask], Future[list[FileOutcome]]]] = deque()
        try:
            for chunk in waiting:
                running.append((chunk, pool.submit(_process_in_pool, chunk, database)))
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
        yield from _process_singly(deque(lost), database)
        yield from _process_in_several((task for chunk in waiting for task in chunk), database, jobs)


def _pool(jobs: int) -> AbstractContextManager[Executor]:
    """Processes that read untrusted files: limited in memory, and ended where one file takes them too long."""
    return process_pool(jobs, limit_memory)


def _process_singly(tasks: deque[FileTask], database: Path | None) -> Iterator[list[FileOutcome]]:
    """A process died over one of these files: read one by one, so that only that one is lost."""
    from concurrent.futures.process import BrokenProcessPool

    while tasks:
        with _pool(1) as pool, suppress(BrokenProcessPool):
            while tasks:
                yield pool.submit(_process_in_pool, [tasks[0]], database).result()
                tasks.popleft()
        if tasks:
            yield [FileOutcome(tasks.popleft().number, FileStatus.UNREADABLE, messages.get("why.process"))]


def _process_in_pool(tasks: Sequence[FileTask], database: Path | None) -> list[FileOutcome]:
    """Take in these files in a process of the pool, which ends itself where nothing else ends one of them."""
    import faulthandler

    with Path(os.devnull).open("w") as nowhere:
        try:
            return process_files(
                tasks,
                database,
                each=lambda: faulthandler.dump_traceback_later(_get_hard_limit(), file=nowhere, exit=True),
            )
        finally:
            faulthandler.cancel_dump_traceback_later()


def _get_hard_limit() -> float:
    """Seconds after which the process is ended: the file's own limit should have stopped it before."""
    return get_limit("seconds") * 1.5 + 1


# on a Dask cluster ----------------------------------------------------------------------------------------------------

Client = Any
DaskFuture = Any
ANSWER = 30
"""Seconds a cluster has to answer, and to show a worker."""
_ONE_THREAD = Lock()
"""The reader of a process learns from what it reads: one thread at a time. A worker with several gains nothing."""


def make_cluster_executor(scheduler: str, *, size: int = CHUNK, cached: bool = False) -> FileExecutor:
    """The way to take in files by the workers of the cluster at that address, `size` files at a time.

    Workers read every file anew, unless they are `cached`: only where all of them run on this machine can they look
    readings up in its cache, for SQLite must not be shared over a network. Raises UnreachableSource.
    """

    def outcomes(tasks: Iterable[FileTask], database: Path | None) -> Iterator[list[FileOutcome]]:
        with connect_cluster(scheduler) as client:
            near = database if cached else None

            def submit_chunk(chunk: Sequence[FileTask]) -> DaskFuture:
                return client.submit(read_on_worker, chunk, near, fingerprint_program(), pure=False)

            for read in await_all(client, (one.absolute() for one in tasks), size, submit_chunk):
                yield read.outcomes + process_files(read.unseen, database)

    return outcomes


@contextmanager
def connect_cluster(scheduler: str) -> Iterator[Client]:
    """The cluster at that address, with a worker at least. Raises UnreachableSource, with what to do."""
    try:
        import distributed
        from distributed.comm.core import CommClosedError
    except ImportError as missing:
        raise UnreachableSource(messages.get("cluster.missing")) from missing
    try:
        connected: Any = distributed.Client
        client = connected(scheduler, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError) as silent:
        raise UnreachableSource(messages.get("cluster.silent", address=scheduler)) from silent
    with client:
        try:
            client.wait_for_workers(1, timeout=ANSWER)
        except TimeoutError as idle:
            raise UnreachableSource(messages.get("cluster.idle", address=scheduler)) from idle
        try:
            _close_worker_archives(client)  # of what a merge left open whose coordinator is gone
            yield client
            _close_worker_archives(client)
        except (distributed.CancelledError, CommClosedError) as lost:
            raise UnreachableSource(messages.get("cluster.lost", address=scheduler)) from lost


def _close_worker_archives(client: Client) -> None:
    """Let every worker close the archives it took files from."""
    asked = [client.submit(finish_on_worker, workers=[address], pure=False) for address in client.nthreads()]
    until = monotonic() + ANSWER
    for future in asked:
        with suppress(TimeoutError):  # one that is busy, or lost meanwhile, holds up nobody
            future.exception(timeout=max(0.0, until - monotonic()))


# what a worker does ---------------------------------------------------------------------------------------------------


class ChunkResult(NamedTuple):
    """What became of a chunk on a worker, and the files that it does not see."""

    outcomes: list[FileOutcome]
    unseen: list[FileTask]


def read_on_worker(tasks: Sequence[FileTask], database: Path | None, program: str) -> ChunkResult:
    """Take in, on a worker, the files that it sees. UnreachableSource where its program is not that `program`."""
    if fingerprint_program() != program:
        raise UnreachableSource(messages.get("cluster.other"))
    seen = [bool(task.top) or Path(task.path).exists() for task in tasks]
    here = [task for task, there in zip(tasks, seen, strict=True) if there]
    with _ONE_THREAD:
        outcomes = process_files(here, database)
    return ChunkResult(outcomes, [task for task, there in zip(tasks, seen, strict=True) if not there])


def finish_on_worker() -> None:
    """Close, on a worker, the archives that files were taken from."""
    with _ONE_THREAD:
        close_archives()


# what is asked of the cluster -----------------------------------------------------------------------------------------


def await_all(
    client: Client, tasks: Iterable[FileTask], size: int, submit_chunk: Callable[[Sequence[FileTask]], DaskFuture]
) -> Iterator[ChunkResult]:
    """What became of all tasks, as chunks of them are done; so many are asked for that no worker waits.

    Dask gives what a lost worker had to another. Where several were lost over a chunk (KilledWorker), one of its files
    may be to blame, or one beside it: in the end each is asked for alone, and one that kills then is to blame.
    """
    from distributed import KilledWorker, as_completed

    waiting = split_chunks(tasks, size)
    asked: dict[str, list[FileTask]] = {}
    suspects: list[FileTask] = []
    as_any: Any = as_completed
    running = as_any(loop=client.loop)

    def fill() -> None:
        room = max(1, sum(client.nthreads().values())) * WINDOW - len(asked)
        for chunk in islice(waiting, max(0, room)):
            future = submit_chunk(chunk)
            asked[future.key] = chunk
            running.add(future)

    fill()
    for future in running:
        chunk = asked.pop(future.key)
        try:
            read = future.result()
        except KilledWorker:
            suspects += chunk
            read = None
        fill()
        if read is not None:
            yield read
    for task in suspects:
        try:
            yield submit_chunk([task]).result()
        except KilledWorker:
            why = messages.get("why.trouble", kind="KilledWorker")
            yield ChunkResult([FileOutcome(task.number, FileStatus.UNREADABLE, why)], [])
