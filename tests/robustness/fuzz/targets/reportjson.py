"""Reports as JSON. Any bytes are a report or refused in a sentence (NotAReport). A report that was read can be checked,
everything found be told in both languages; written and loaded again it is the same, as JSON and as a workbook."""

from __future__ import annotations

import zlib
from pathlib import Path
from random import Random

from tests.robustness.fuzz.mutation import changed_json
from tests.robustness.fuzz.oracle import evaluate, round_trip_json, round_trip_workbook, word_findings
from tests.robustness.fuzz.samples import reports
from workbook.exchange import report_json
from workbook.exchange.report_json import NotAReport, load_report

REWRITTEN = 24
"""One in so many is written as a workbook, too: that costs ten times the rest."""


def seeds() -> list[bytes]:
    return [report_json.dump_report_text(report).encode() for report in reports()] + [
        b'{"format": 1, "year": 2022, "tables": {}}'
    ]


def changed(data: bytes, draw: Random) -> bytes:
    return changed_json(data, draw, ("format", "form", "tables", "agency", "texts", "answers", "requests", "fees"))


def tried(data: bytes, folder: Path) -> None:
    path = folder / "某局.json"
    path.write_bytes(data)
    try:
        loaded = load_report(path)
    except NotAReport as refused:
        str(refused).encode("utf-8")
        return
    word_findings(loaded.findings)
    evaluate(loaded.report, None, loaded.findings)
    round_trip_json(loaded.report)
    if zlib.crc32(data) % REWRITTEN == 0:
        round_trip_workbook(loaded.report, None, folder)
