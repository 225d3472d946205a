"""LibreOffice, where it is installed: one document turned into another format by a process of its own.

Its profile asks no questions, and runs nothing. Left to itself, LibreOffice fetches the pictures and style sheets
that a document only links to: whoever sent it would learn when it is opened, and from where.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbook.safety import owned_folders
from workbook.safety.isolated_process import ProgramTimeout, find_program, start_program, wait_for_program

if TYPE_CHECKING:
    from workbook.safety.isolated_process import Started

SECONDS: Final = 120
"""How long a conversion may take: a first start on a slow machine takes half a minute."""
FREE_SPACE: Final = 8 << 20
"""With less space among the temporary files a conversion that failed is no fault of the document's."""
SETTINGS: Final = Path(__file__).with_name("libreoffice.xcu")

_DEFAULT_PLACES: Final = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.com",
    "C:/Program Files (x86)/LibreOffice/program/soffice.com",
)


class LibreOfficeMissing(Exception):
    """LibreOffice is not installed."""


class ConversionFailed(Exception):
    """LibreOffice ran and delivered nothing; the text is its message."""


class ConversionTimeout(ConversionFailed):
    """LibreOffice was stopped because it was not done in time."""


def find_libreoffice() -> str | None:
    """The soffice command, from the PATH or from where it is installed by default; None where there is none."""
    found = find_program("soffice") or find_program("libreoffice")
    return str(found) if found else next((place for place in _DEFAULT_PLACES if Path(place).is_file()), None)


@contextmanager
def convert_document(path: Path, new: str, *, how: str = "", seconds: float = SECONDS) -> Iterator[Path]:
    """The document as one of suffix `new` (without dot), in a folder that is gone afterwards.

    `how` is the filter and its options. The profile is a fresh one, so that neither a running LibreOffice nor its
    settings prevent it. Raises LibreOfficeMissing, ConversionFailed, ConversionTimeout and OSError.
    """
    soffice = find_libreoffice()
    if soffice is None:
        raise LibreOfficeMissing
    with owned_folders.scratch_folder() as folder:
        source = folder / f"document{path.suffix.lower()}"
        shutil.copyfile(path, source)
        target = folder / "out" / f"document.{new}"
        command = [
            soffice, write_profile(folder / "profile"), "--headless", "--norestore", "--nologo", "--nolockcheck",
            "--convert-to", f"{new}:{how}" if how else new, "--outdir", str(target.parent), str(source),
        ]  # fmt: skip
        message = _run(command, folder / "messages", seconds)
        if not target.is_file():
            if shutil.disk_usage(folder).free < FREE_SPACE:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(owned_folders.get_temporary_folder()))
            raise ConversionFailed(message)
        yield target


def write_profile(folder: Path) -> str:
    """Make the profile in that folder; the argument that starts LibreOffice with it. Raises OSError."""
    user = folder / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_bytes(SETTINGS.read_bytes())
    return f"-env:UserInstallation={folder.as_uri()}"


def _run(command: list[str], messages: Path, seconds: float) -> str:
    """Run a command to its end, or end it and all it started; return the last line it printed."""
    with messages.open("wb") as output:
        # It leads a group: soffice is a script that starts a program that starts a program.
        process = start_program(command, messages.parent, output=output, errors=output, leading=True)
        try:
            wait_for_program(process, seconds)
        except ProgramTimeout as timeout:
            raise ConversionTimeout(str(timeout)) from timeout
        finally:
            _end(process)
    lines = messages.read_text("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), str(process.returncode))


def _end(process: Started) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()
