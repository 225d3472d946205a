"""Files and folders → every file found, each with its status. Nothing that lies there is passed over in silence."""

from __future__ import annotations

import hashlib
import os
import stat
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from workbook import intake
from workbook.finding import Words
from workbook.form import Form
from workbook.jsonio import NotAReport
from workbook.merging.agencies import settle
from workbook.merging.status import MARK, NOTHING, Collection, Entry, Status
from workbook.merging.words import said
from workbook.reading.recognise import Unreadable
from workbook.submission import Submission

Load = Callable[[Path], Submission]
"""How one file is read; raises Unreadable."""
Progress = Callable[[int, int, Path], None]
"""Told after each file: how many are done, of how many, which."""

PROPERTIES = "docProps/custom.xml"
MOST_PROPERTIES = 1 << 20
"""Custom properties of a workbook are a few hundred bytes; more is somebody's trap."""

NO_REPORTS = frozenset({"text", "picture", "slides", "unknown", "special", "foreign"})
"""Kinds of file that hold no report, so that nobody need be asked for a better copy."""


def collect(
    paths: Sequence[Path],
    *,
    year: int | None = None,
    hold_errors: bool = False,
    output: Path | None = None,
    load: Load = intake.load,
    progress: Progress | None = None,
) -> Collection:
    """Read every file among `paths` and below the folders among them, and say what becomes of each.

    The most frequent year and form are merged unless `year` is given. Reports with errors are merged unless
    `hold_errors`. `output` is where the summary will be written: it is not read. The order of `paths` does not matter.
    """
    found = files_in(paths, output)
    forms: dict[str, Form] = {}
    entries = []
    for done, one in enumerate(found, 1):
        read = one if one.status is Status.SKIPPED else _shared(_read(one, load), forms)
        entries.append(read)
        if progress:
            progress(done, len(found), one.path)
    return settle(entries, year=year, hold_errors=hold_errors)


def files_in(paths: Sequence[Path], output: Path | None = None) -> list[Entry]:
    """Every file given or below a folder given, once each, in the order of their places; not read yet."""
    own = _resolved(output) if output else None
    found: dict[Path, tuple[Path, Words]] = {}
    for path in paths:
        for file, why in _walk(path) if path.is_dir() else [(path, _why_skipped(path))]:
            real = _resolved(file)
            skipped = said("why.output") if real == own else why
            found.setdefault(real, (file, skipped))
    root = _root(paths)
    entries = [_entry(path, root, why) for path, why in found.values()]
    return sorted(entries, key=lambda one: one.place)


def _entry(path: Path, root: str, why: Words) -> Entry:
    """A file found: skipped where a reason is given, else still to be read."""
    place = Path(os.path.relpath(path.absolute(), root)).as_posix()
    place = place.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    status = Status.SKIPPED if why.zh else Status.UNREADABLE
    try:
        size = path.stat().st_size if path.is_file() else 0
    except OSError:
        size = 0
    return Entry(path, place, status, why, size=size)


def _root(paths: Sequence[Path]) -> str:
    """The folder from which places are named: the one that all files given share."""
    folders = [str(path.absolute() if path.is_dir() else path.absolute().parent) for path in paths]
    try:
        return os.path.commonpath(folders) if folders else str(Path.cwd())
    except ValueError:  # several drives
        return str(Path.cwd())


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a link that leads to itself
        return path.absolute()


def _walk(folder: Path) -> Iterator[tuple[Path, Words]]:
    """Every file below a folder, with the reason to skip it (blank: none); a folder not entered is listed itself."""
    for at, folders, files in os.walk(folder):
        here = Path(at)
        for name in sorted(folders):
            link = (here / name).is_symlink()
            if name.startswith(".") or link:
                folders.remove(name)
                yield here / name, said("why.link" if link else "why.folder")
        folders.sort()
        for name in sorted(files):
            yield here / name, _why_skipped(here / name)


def _why_skipped(path: Path) -> Words:
    if path.name.startswith(("~$", ".~lock.")):
        return said("why.owner")
    return said("why.hidden") if path.name.startswith(".") else NOTHING


def _read(one: Entry, load: Load) -> Entry:
    """The file read and checked, not yet compared with the others; whatever goes wrong is said of this file alone."""
    one = replace(one, sha256=_sha256(one.path))
    if one.sha256 and is_summary(one.path):
        return replace(one, status=Status.SKIPPED, why=said("why.summary"))
    try:
        submitted = load(one.path)
        findings = tuple(submitted.check())
    except Unreadable as error:
        return replace(one, status=_unread(error), why=error.words)
    except OSError as error:
        return replace(one, why=said("why.unavailable", reason=error.strerror or type(error).__name__))
    except ImportError:  # the program is broken, not the file
        raise
    except Exception as error:  # one stranger's file must not stop the merge of all others
        return replace(one, why=said("why.trouble", kind=type(error).__name__))
    return replace(one, report=submitted.report, findings=findings, reader=submitted.reader, status=Status.MERGED)


def is_summary(path: Path) -> bool:
    """Whether a workbook is a summary of ours: its tables look like a report, and would count every agency twice."""
    if path.suffix.lower() == ".json":
        return False
    try:
        with ZipFile(path) as package:
            part = package.getinfo(PROPERTIES)
            return part.file_size <= MOST_PROPERTIES and MARK.encode() in package.read(part)
    except (OSError, ValueError, LookupError, NotImplementedError, RuntimeError, EOFError, BadZipFile, zlib.error):
        return False  # whatever it is, the reader will say


def _unread(error: Unreadable) -> Status:
    """Not a report where the file is sound and of another kind; unreadable where a report may be in it."""
    sound_json = isinstance(error.__cause__, NotAReport) and error.__cause__.__cause__ is None
    return Status.FOREIGN if sound_json or error.kind in NO_REPORTS else Status.UNREADABLE


def _sha256(path: Path) -> str:
    """The fingerprint of a file's content; blank where it cannot be opened."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # reading a pipe would wait for ever
            return ""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return ""


def _shared(one: Entry, forms: dict[str, Form]) -> Entry:
    """The same, with one form object for all reports of that form: they compare fast and take little memory."""
    if one.report is None:
        return one
    form = forms.setdefault(one.report.form.fingerprint, one.report.form)
    return replace(one, report=replace(one.report, form=form))
