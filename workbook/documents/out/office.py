"""LibreOffice, where it is installed: one document turned into another format by a process of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from workbook.documents.profile import quiet

SECONDS: Final = 120
"""A first start on a slow machine takes half a minute."""

_ELSEWHERE: Final = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.com",
    "C:/Program Files (x86)/LibreOffice/program/soffice.com",
)


class NotConverted(Exception):
    """LibreOffice ran and delivered nothing; the text is what it said."""


class TooSlow(NotConverted):
    """LibreOffice was stopped because it was not done in time."""


def program() -> str | None:
    """The soffice command, from the PATH or from where it is installed by default; None where there is none."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return found or next((place for place in _ELSEWHERE if Path(place).is_file()), None)


def converted(soffice: str, data: bytes, old: str, new: str, *, how: str = "", seconds: float = SECONDS) -> bytes:
    """A document of suffix `old` as one of suffix `new` (both without dot); `how` is the filter and its options.

    The profile is a fresh one, so that neither a running LibreOffice nor its settings stand in the way, and nothing is
    fetched. Raises NotConverted, TooSlow and OSError.
    """
    with tempfile.TemporaryDirectory(prefix="ogi-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        source, target = folder / f"report.{old}", folder / f"report.{new}"
        source.write_bytes(data)
        command = [soffice, quiet(folder / "profile"), "--headless", "--norestore"]
        command += [
            "--nologo",
            "--nolockcheck",
            "--convert-to",
            f"{new}:{how}" if how else new,
            "--outdir",
            str(folder),
            str(source),
        ]
        said = _run(command, folder / "said", seconds)
        if not target.is_file():
            raise NotConverted(said)
        return target.read_bytes()


def _run(command: list[str], said: Path, seconds: float) -> str:
    """Run a command to its end, or end it and all it started; the last line it said."""
    with said.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # soffice is a script that starts a program that starts a program
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired as slow:
            raise TooSlow(f"{seconds:g} s") from slow
        finally:
            _end(process)
    lines = said.read_text("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), str(process.returncode))


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()
