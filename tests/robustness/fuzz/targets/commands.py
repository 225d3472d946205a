"""The `ogi` command over one file of any kind. Every command ends with 0, 1 or 2 and says why in a sentence, never with
an exception of its own making; what it wrote, `ogi check` can read; the screen and its JSON can be shown."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random
from unittest import mock

from tests.robustness.fuzz.samples import reports
from tests.robustness.fuzz.targets import documents, reportjson, rosters, submissions
from workbook.cli import main
from workbook.documents import libreoffice
from workbook.exchange import report_json
from workbook.safety.messages import UserError

KINDS = {
    "json": reportjson,
    "xlsx": submissions,
    "html": documents,
    "docx": documents,
    "txt": documents,
    "csv": rosters,
}
COMMANDS = (
    ("check",), ("check", "--json"), ("check", "--lang", "en"), ("export", "又.json"), ("export", "又.csv"),
    ("export", "又.html", "--draft"), ("export", "又.docx", "--draft"), ("import", "又.xlsx"), ("repair", "又.xlsx"),
    ("import", "又.xlsx", "--review", "核对.html"), ("new", "又.xlsx"), ("roster", "又.csv"), ("roster", "又.xlsx"),
)  # fmt: skip
"""What is done with the file, by the first byte of the input; the second is its kind."""


def seeds() -> list[bytes]:
    text = [report_json.dump_report_text(one).encode() for one in reports()[:3]]
    page = documents.seeds()[0]
    each = [bytes([n]) + b"j" + text[n % 3] for n in range(len(COMMANDS))]
    return [*each, *(bytes([n]) + b"h" + page for n in (0, 7, 9)), b"\x0bj[]"]


def changed(data: bytes, draw: Random) -> bytes:
    command = bytes([draw.randrange(len(COMMANDS))]) if draw.random() < 0.5 else data[:1]
    return command + data[1:2] + KINDS[_kind(data)].changed(data[2:], draw)


def _kind(data: bytes) -> str:
    return next((kind for kind in KINDS if kind[:1].encode() == data[1:2]), "txt")


def tried(data: bytes, folder: Path) -> None:
    if len(data) < 2:
        return
    command, *rest = COMMANDS[data[0] % len(COMMANDS)]
    source = folder / f"某某局2023.{_kind(data)}"
    source.write_bytes(data[2:])
    for name in ("又.json", "又.csv", "又.html", "又.docx", "又.xlsx", "核对.html"):
        (folder / name).unlink(missing_ok=True)
    made = folder / rest[0] if rest and rest[0].startswith("又") else None
    others = [str(folder / one) if one.endswith(".html") else one for one in (rest[1:] if made else rest)]
    output = ["-o", str(made)] if made else []
    if command == "new":
        done = _ran("new", "--year", "2024", "--from", str(source), *output)
    elif command == "roster":
        done = _ran("roster", "from", str(source), *output)
    else:
        done = _ran(command, str(source), *others, *output)
    if command == "check" and "--json" in others:
        assert isinstance(json.loads(done[1]), list)
    if done[0] == 0 and made and made.suffix in (".json", ".xlsx") and command != "roster":
        assert _ran("check", str(made))[0] in (0, 1)


def _ran(*words: str) -> tuple[int, str]:
    """What a command ends with, and says; raises what it would call unexpected."""
    screen, beside = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with (
        redirect_stdout(screen),
        redirect_stderr(beside),
        mock.patch.object(libreoffice, "find_libreoffice", lambda: None),
    ):
        try:
            code = main([*words, "--debug"])
        except (UserError, OSError):
            code = 2
        screen.flush()
        beside.flush()
        printed = screen.buffer.getvalue().decode("utf-8")
    assert code in (0, 1, 2), (words, code)
    return code, printed
