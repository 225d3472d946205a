"""Decisions (which of several files counts) as CSV. Any bytes are decisions or refused in a sentence (NotDecisions);
every file decided about stands in the text."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.robustness.fuzz.mutation import changed_text
from workbook.exchange.delimited_text import decode_text
from workbook.merging.side_inputs import NotADecisionFile, read_decisions

WORDS = ("采用", "不采用", ",", "\n", '"', "yes", "no", "文件", "结论", "\r", "'", "a/b.xlsx", "0" * 64, "\0")


def seeds() -> list[bytes]:
    text = f"文件,结论\n甲/一.xlsx,采用\n甲/二.xlsx,不采用\n{'a' * 64},采用\n"
    return [text.encode(encoding) for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16")]


def changed(data: bytes, draw: Random) -> bytes:
    return changed_text(data, draw, WORDS)


def tried(data: bytes, folder: Path) -> None:
    path = folder / "结论.csv"
    path.write_bytes(data)
    try:
        found = read_decisions(path)
    except NotADecisionFile as refused:
        (refused.message.zh + refused.message.en).encode()
        return
    text = (decode_text(data) or "").replace('"', "").lower()  # within quotes, two stand for one
    assert all(one.file.replace('"', "").lower() in text for one in found), found
