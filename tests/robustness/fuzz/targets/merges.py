"""A merge with one stranger's file among sound ones. Whatever that file says, the merge ends, every file has a status;
the sound ones count unless it claims to be one of them; the result is written in some format, and letters with it."""

from __future__ import annotations

import datetime
import shutil
import zlib
from pathlib import Path

from tests.robustness.fuzz.targets import reportjson
from tests.samples.agency_files import put, report, rostered
from workbook.exchange import report_json
from workbook.merging.attendance import list_chased
from workbook.merging.collection_run import MergeOptions, collect_reports
from workbook.merging.file_status import PENDING, FileStatus
from workbook.merging.letters import letter_files as chasefiles
from workbook.merging.letters.letter_texts import LetterOccasion
from workbook.merging.totals import merge_reports
from workbook.summary import summary_output

SOUND = 2
WRITTEN = (".xlsx", ".html", ".json", ".csv", ".parquet")
MAY_BECOME = {FileStatus.MERGED, FileStatus.CONFLICT, FileStatus.SUPERSEDED, FileStatus.DUPLICATE, *PENDING}
"""What may become of a sound file beside one that claims to be of the same agency."""
TODAY = datetime.date(2025, 6, 1)


def seeds() -> list[bytes]:
    some = report(7, {"requests.granted.person": 5}), report(0), report(1, {"requests.granted.person": 9})
    return [report_json.dump_report_text(one).encode() for one in some]


changed = reportjson.changed


def tried(data: bytes, folder: Path) -> None:
    for name in ("in", "out"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir()
    sound = {f"第{n}局.json": report_json.dump_report_text(report(n)) for n in range(SOUND)}
    put(folder / "in", {**sound, "外来.json": data})
    known = rostered(*range(SOUND + 2))
    with collect_reports([folder / "in"], MergeOptions(roster=known, include_errors=True)) as found:
        assert sum(found.counts().values()) == len(found.entries) == SOUND + 1
        settled = [one for one in found.entries if one.place in sound]
        assert {one.status for one in settled} <= MAY_BECOME
        merged = merge_reports(found, roster=known)
        assert merged.reconciled
        suffix = WRITTEN[zlib.crc32(data) % len(WRITTEN)]
        assert list(summary_output.write_summary(folder / "out" / f"汇总{suffix}", merged))
        occasion = LetterOccasion(found.year or 0, "某局", "", TODAY)
        chasefiles.write_letters(folder / "out" / "催报", list_chased(found, merged.attendance), occasion)
