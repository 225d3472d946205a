"""Rosters, as CSV or workbook. Any bytes are a roster or refused in a sentence (NotARoster); its problems can be told
in both languages, its lines matched; written as CSV and as a workbook and read again, it lists the same agencies."""

from __future__ import annotations

import zlib
from pathlib import Path
from random import Random

from tests.robustness.fuzz.mutation import changed_archive, changed_markup, changed_text, packed, unpacked
from tests.samples.agency_files import agency, rostered
from workbook.merging.roster import roster_writer
from workbook.merging.roster.roster_lines import Roster, RosterAgency, list_roster_columns
from workbook.merging.roster.roster_reader import NotARoster, read_roster
from workbook.model.identity import fold_name

REWRITTEN = 10
"""One in so many is written as a workbook."""
WORDS = (
    *(text for one in list_roster_columns() for text in (one.label, one.en, *one.also)),
    "县级部门", "county", "2026-01-31", "20260131", "45688", "2月30日", "110105", "某县第1局", "=1", "*", "（必填）",
    ",", "\t", ";", "\n", "\r", '"', "'", '""',
)  # fmt: skip


def seeds() -> list[bytes]:
    circle = RosterAgency("甲局", "", "110105", "county-department", "乙局"), RosterAgency("乙局", parent="甲局")
    some = rostered(1, 2, 3, extra=circle)
    text = roster_writer.format_roster_csv(some).decode("utf-8-sig")
    book = roster_writer.build_roster_workbook(some)
    csvs = [
        text.encode("utf-8-sig"),
        text.replace(",", "\t").encode("utf-16"),
        text.encode("gb18030"),
        text.replace(",", ";").encode(),
        "机关名称\n某局\n某局\n".encode(),
    ]
    parts = [(name, data[:20_000] if "sheet2" in name else data) for name, data in unpacked(book) or []]
    return [*csvs, packed(parts)]


def changed(data: bytes, draw: Random) -> bytes:
    if data[:2] == b"PK":
        return changed_archive(data, draw, lambda _, part, draw: changed_markup(part, draw))
    return changed_text(data, draw, WORDS)


def tried(data: bytes, folder: Path) -> None:
    path = folder / ("名录.xlsx" if data[:2] == b"PK" else "名录.csv")
    path.write_bytes(data)
    try:
        roster = read_roster(path)
    except NotARoster as refused:
        (refused.message.zh + refused.message.en).encode()
        return
    for one in roster.problems:
        (one.say("zh") + one.say("en")).encode("utf-8")
    for one in roster.agencies:
        roster.match(one.identity)
        assert roster.named(one.name) or not fold_name(one.name)
    roster.match(agency(1))
    assert isinstance(roster.circles, tuple)
    _again(roster, folder / "又.csv")
    if zlib.crc32(data) % REWRITTEN == 0:
        _again(roster, folder / "又.xlsx")


def _again(roster: Roster, path: Path) -> None:
    if not roster.agencies:
        return
    roster_writer.write_roster(path, roster)
    again = read_roster(path).agencies
    assert again == roster.agencies, [pair for pair in zip(again, roster.agencies, strict=False) if pair[0] != pair[1]]
