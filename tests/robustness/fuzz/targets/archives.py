"""Archives among the files of a merge. Whatever is in them is listed, each file once, nothing raises; a file that is to
be read unpacks into the folder given and nowhere else, or fails as BROKEN says; the merge goes on."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from random import Random

from tests.robustness.fuzz.mutation import changed_archive, changed_bytes, changed_text, packed, unpacked
from workbook.merging.archive_files import BROKEN, OpenArchives, list_archived_files
from workbook.merging.file_status import FoundFile

NAMES = ("某局.xlsx", "../出.xlsx", "/etc/x.json", "C:\\x.xlsx", "a/b/c.json", "__MACOSX/._a", ".隐.xlsx",
         "~$某局.xlsx", "con.xlsx", "a" * 300 + ".xlsx", "内.zip", "a\0b.json", "甲:乙.xlsx", "x/", "", ".", "..",
         "\0")  # fmt: skip


def seeds() -> list[bytes]:
    inner = packed([("甲/一.json", b"{}"), ("二.xlsx", b"PK\3\4"), ("../三.json", b"{}")])
    chinese = packed([("市局/某局年报.json".encode("gb18030").decode("cp437"), b"{}" * 40), ("空/", b"")])
    nested = packed([("a.zip", packed([("b.zip", packed([("c.zip", packed([("d.zip", inner)]))]))]))])
    names = packed([(name, b"{}") for name in NAMES])
    return [inner, chinese, nested, names, packed([("内.zip", inner), ("x.zip", b"x")])]


def changed(data: bytes, draw: Random) -> bytes:
    parts = unpacked(data)
    if parts and draw.random() < 0.25:
        at = draw.randrange(len(parts))
        name = draw.choice((*NAMES, changed_text(parts[at][0].encode(), draw, NAMES).decode("utf-8", "replace")))
        parts[at] = name, parts[at][1]
        return packed(parts)
    if draw.random() < 0.4:
        return changed_bytes(data, draw, (b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\6\6", b"\xff" * 4))
    return changed_archive(data, draw, _inner)


def _inner(name: str, part: bytes, draw: Random) -> bytes:
    return changed(part, draw) if name.endswith(".zip") else changed_bytes(part, draw)


def tried(data: bytes, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as own:
        scratch, into = Path(own) / "scratch", Path(own) / "into"
        scratch.mkdir()
        path = Path(own) / "报.zip"
        path.write_bytes(data)
        found = list(list_archived_files(FoundFile("报.zip", path), scratch))
        archives = OpenArchives()
        for one in found[:50]:
            one.place.encode("utf-8")
            if one.why.zh or not one.member:
                continue
            into.mkdir(exist_ok=True)
            try:
                made = archives.unpacked(one.path, partial(open, one.path, "rb"), one.nth, one.member, into)
            except (OSError, *BROKEN):
                continue
            assert made.parent == into
            assert made.is_file()
        archives.close()
        assert {path.name for path in Path(own).iterdir()} <= {"scratch", "into", "报.zip"}
        assert all(path.parent != scratch or path.is_dir() for path in scratch.iterdir())
