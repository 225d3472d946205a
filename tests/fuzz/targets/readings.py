"""The readings kept between merges: a SQLite file anybody may damage. A reading comes back exactly as it was kept or
not at all; the file is put aside where it is none; what is kept afterwards is found again."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

from tests.fuzz.mutation import changed_bytes
from tests.fuzz.samples import made, reports
from workbook.merging.ledger import Kept, Readings
from workbook.merging.record import Record, body_of, head_of, recorded
from workbook.submission import Submission

NAME = "readings-0123456789abcdef.sqlite"
SQL = (
    b"reading",
    b"places",
    b"TEXT",
    b"CREATE TABLE",
    b"SQLite format 3\0",
    b"\0\0\0\0",
    b"annual-2021",
    b"[",
    b"null",
)


@cache
def kept() -> tuple[Kept, ...]:
    found = []
    for n, report in enumerate(reports()[:3]):
        submission = Submission(Path("某局.json"), report)
        record, places = recorded(submission, submission.check())
        found.append(Kept(f"{n:064x}", "json", record, places))
    return tuple(found)


def seeds() -> list[bytes]:
    return [made(_filled, NAME), made(lambda path: Readings(path).close(), NAME), b""]


def _filled(path: Path) -> None:
    readings = Readings(path)
    readings.keep(kept())
    readings.close()


def changed(data: bytes, draw: Random) -> bytes:
    if draw.random() < 0.3 and data:  # whole pages, as a torn disk leaves them
        page = 4096 * draw.randrange(1 + len(data) // 4096)
        return data[:page] + draw.choice((b"", bytes(4096), draw.randbytes(4096))) + data[page + 4096 :]
    return changed_bytes(data, draw, SQL)


def tried(data: bytes, folder: Path) -> None:
    for path in folder.glob("readings-*"):
        path.unlink()
    path = folder / NAME
    path.write_bytes(data)
    readings = Readings(path, proven=True)
    try:
        for one in kept():
            record = readings.known(one.sha, one.kind)
            if record is not None:
                assert record == one.record
                _whole(record)
        readings.keep(kept())
        assert readings.known(kept()[0].sha, "json") == kept()[0].record
    finally:
        readings.close()


def _whole(record: Record) -> None:
    assert head_of(record.head).form
    assert body_of(record.body, "某局.json").values
