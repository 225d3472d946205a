"""A merge on a Dask cluster that runs already: files are read where the processors are, and settled here.

The only module that imports distributed. Placing work, and doing again what a lost worker had, is Dask's business;
here is only what is asked of it. A worker has the same version of this program, and sees the same files: at URLs, or
in a folder all machines share under one path. What no worker sees is read on this machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

from workbook.merging.executors.process_pool import CHUNK, WINDOW, Takes, split_chunks
from workbook.merging.file_status import FileStatus
from workbook.merging.process_file import FileOutcome, FileTask, close_archives, process_files
from workbook.merging.remote_files import UnreachableSource
from workbook.merging.result_store import fingerprint_program
from workbook.safety.messages import load_messages

messages = load_messages("workbook.merging")

Client = Any
Future = Any
ANSWER = 30
"""Seconds a cluster has to answer, and to show a worker."""
_ALONE = Lock()
"""The reader of a process learns from what it reads: one thread at a time. A worker with several gains nothing."""


def make_cluster_executor(scheduler: str, *, size: int = CHUNK, cached: bool = False) -> Takes:
    """The way to take in files by the workers of the cluster at that address, `size` files at a time.

    Workers read every file anew, unless they are `cached`: only where all of them run on this machine can they look
    readings up in its cache, for SQLite must not be shared over a network. Raises OutOfReach.
    """

    def taken(tasks: Iterable[FileTask], database: Path | None) -> Iterator[list[FileOutcome]]:
        with connect_cluster(scheduler) as client:
            near = database if cached else None

            def ask(chunk: Sequence[FileTask]) -> Future:
                return client.submit(read_on_worker, chunk, near, fingerprint_program(), pure=False)

            for read in await_all(client, (one.absolute() for one in tasks), size, ask):
                yield read.taken + process_files(read.unseen, database)

    return taken


@contextmanager
def connect_cluster(scheduler: str) -> Iterator[Client]:
    """The cluster at that address, with a worker at least. Raises OutOfReach, with what to do."""
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
            _let_go(client)  # of what a merge left open whose coordinator is gone
            yield client
            _let_go(client)
        except (distributed.CancelledError, CommClosedError) as lost:
            raise UnreachableSource(messages.get("cluster.lost", address=scheduler)) from lost


def _let_go(client: Client) -> None:
    """Let every worker close the archives it took files from."""
    asked = [client.submit(finish_on_worker, workers=[address], pure=False) for address in client.nthreads()]
    until = monotonic() + ANSWER
    for future in asked:
        with suppress(TimeoutError):  # one that is busy, or lost meanwhile, holds up nobody
            future.exception(timeout=max(0.0, until - monotonic()))


# what a worker does ---------------------------------------------------------------------------------------------------


class ChunkResult(NamedTuple):
    """What became of a chunk on a worker, and the files that it does not see."""

    taken: list[FileOutcome]
    unseen: list[FileTask]


def read_on_worker(tasks: Sequence[FileTask], database: Path | None, wanted: str) -> ChunkResult:
    """Take in, on a worker, the files that it sees. OutOfReach where its program is not the `wanted` one."""
    if fingerprint_program() != wanted:
        raise UnreachableSource(messages.get("cluster.other"))
    seen = [bool(task.top) or Path(task.path).exists() for task in tasks]
    here = [task for task, there in zip(tasks, seen, strict=True) if there]
    with _ALONE:
        taken = process_files(here, database)
    return ChunkResult(taken, [task for task, there in zip(tasks, seen, strict=True) if not there])


def finish_on_worker() -> None:
    """Close, on a worker, the archives that files were taken from."""
    with _ALONE:
        close_archives()


# what is asked of the cluster -----------------------------------------------------------------------------------------


def await_all(
    client: Client, tasks: Iterable[FileTask], size: int, ask: Callable[[Sequence[FileTask]], Future]
) -> Iterator[ChunkResult]:
    """What became of all tasks, as chunks of them are done; so many are asked for that no worker waits.

    Dask gives what a lost worker had to another. Where several were lost over a chunk (KilledWorker), one of its files
    may be to blame, or one beside it: in the end each is asked for alone, and one that kills then is to blame.
    """
    from distributed import KilledWorker, as_completed

    waiting = split_chunks(tasks, size)
    asked: dict[str, list[FileTask]] = {}
    suspects: list[FileTask] = []
    some: Any = as_completed
    running = some(loop=client.loop)

    def fill() -> None:
        room = max(1, sum(client.nthreads().values())) * WINDOW - len(asked)
        for chunk in islice(waiting, max(0, room)):
            future = ask(chunk)
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
            yield ask([task]).result()
        except KilledWorker:
            why = messages.get("why.trouble", kind="KilledWorker")
            yield ChunkResult([FileOutcome(task.number, FileStatus.UNREADABLE, why)], [])
