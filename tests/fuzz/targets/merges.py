"""A merge with one stranger's file among sound ones. Whatever that file says, the merge ends, every file has a status;
the sound ones count unless it claims to be one of them; the result is written in some format, and letters with it."""

from __future__ import annotations

import datetime
import shutil
import zlib
from pathlib import Path
from random import Random

from tests.fuzz.targets import reportjson
from tests.merging.made import put, report, rostered
from workbook import jsonio
from workbook.merging import results
from workbook.merging.attendance import chased
from workbook.merging.chase import files as chasefiles
from workbook.merging.chase.letters import Occasion
from workbook.merging.collecting import Choices, collect
from workbook.merging.status import PENDING, Status
from workbook.merging.summing import merge

SOUND = 2
WRITTEN = (".xlsx", ".html", ".json", ".csv", ".parquet")
TODAY = datetime.date(2025, 6, 1)


def seeds() -> list[bytes]:
    same, other = report(0), report(7, {"requests.granted.person": 5})
    return [jsonio.dumps(one).encode() for one in (other, same, report(1, {"requests.granted.person": 9}))]


def changed(data: bytes, draw: Random) -> bytes:
    return reportjson.changed(data, draw)


def tried(data: bytes, folder: Path) -> None:
    for name in ("in", "out"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir()
    sound = {f"第{n}局.json": jsonio.dumps(report(n)) for n in range(SOUND)}
    put(folder / "in", {**sound, "外来.json": data})
    known = rostered(*range(SOUND + 2))
    with collect([folder / "in"], Choices(known=known.key, include_errors=True)) as found:
        assert sum(found.counts().values()) == len(found.entries) == SOUND + 1
        settled = [one for one in found.entries if one.place in sound]
        assert all(one.status in {Status.MERGED, Status.CONFLICT, Status.SUPERSEDED, Status.DUPLICATE, *PENDING}
                   for one in settled)  # fmt: skip
        merged = merge(found, roster=known)
        assert merged.reconciled
        suffix = WRITTEN[zlib.crc32(data) % len(WRITTEN)]
        assert list(results.write(folder / "out" / f"汇总{suffix}", merged))
        occasion = Occasion(found.year or 0, "某局", "", TODAY)
        chasefiles.write(folder / "out" / "催报", chased(found, merged.attendance), occasion)
