"""Old formats through LibreOffice, where it is installed: a copy converted under a profile of its own, in time."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workbook.documents.profile import quiet

SECONDS = 120
"""How long a conversion may take."""
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
    "C:/Program Files (x86)/LibreOffice/program/soffice.exe",
)


class Absent(Exception):
    """LibreOffice is not installed."""


class Failed(Exception):
    """LibreOffice could not convert the file in time."""


def program() -> str | None:
    """Where LibreOffice is; None where it is not."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return found or next((place for place in _PLACES if Path(place).is_file()), None)


@contextmanager
def converted(path: Path, suffix: str, seconds: float = SECONDS) -> Iterator[Path]:
    """The file in another format, in a folder that is gone afterwards. Raises Absent, Failed."""
    soffice = program()
    if soffice is None:
        raise Absent
    with tempfile.TemporaryDirectory(prefix="ogi-") as name:
        folder = Path(name)
        copy = folder / f"document{path.suffix.lower()}"
        shutil.copyfile(path, copy)
        out = folder / "out"
        command = [
            soffice, quiet(folder / "profile"), "--headless", "--norestore", "--nologo", "--nolockcheck",
            "--convert-to", suffix, "--outdir", str(out), str(copy),
        ]  # fmt: skip
        _run(command, seconds)
        made = out / f"document.{suffix}"
        if not made.is_file():
            raise Failed
        yield made


def _run(command: list[str], seconds: float) -> None:
    """Run to the end, or end it with all it started."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=os.name == "posix")
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        _end(process)
        raise Failed from None
    except BaseException:
        _end(process)
        raise


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
