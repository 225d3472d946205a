"""The readings kept between merges: a SQLite file anybody may damage. A reading comes back exactly as it was kept or
not at all; the file is put aside where it is none; what is kept afterwards is found again."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

from tests.robustness.fuzz.mutation import changed_bytes
from tests.robustness.fuzz.samples import made, reports
from workbook.merging.file_record import FileRecord, RecordBody, make_record, read_record_head
from workbook.merging.reading_cache import CachedReading, ReadingCache
from workbook.rules.evaluation import Submission

NAME = "readings-0123456789abcdef.sqlite"
SQL = (b"reading", b"places", b"TEXT", b"CREATE TABLE", b"SQLite format 3\0", bytes(4), b"annual-2021", b"[", b"null")


@cache
def list_readings() -> tuple[CachedReading, ...]:
    found = []
    for n, report in enumerate(reports()[:3]):
        submission = Submission(Path("某局.json"), report)
        record, places = make_record(submission, submission.check())
        found.append(CachedReading(f"{n:064x}", "json", record, places))
    return tuple(found)


def seeds() -> list[bytes]:
    return [made(_filled, NAME), made(lambda path: ReadingCache(path).close(), NAME), b""]


def _filled(path: Path) -> None:
    readings = ReadingCache(path)
    readings.store_readings(list_readings())
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
    readings = ReadingCache(path, proven=True)
    try:
        for one in list_readings():
            record = readings.find_complete_record(one.sha, one.kind)
            if record is not None:
                assert record == one.record
                _whole(record)
        readings.store_readings(list_readings())
        assert readings.find_complete_record(list_readings()[0].sha, "json") == list_readings()[0].record
    finally:
        readings.close()


def _whole(record: FileRecord) -> None:
    assert read_record_head(record.head).form
    assert RecordBody(record.body).values
