"""Starts other programs and Python processes, isolated from the user's current folder.

That folder is full of untrusted files when a coordinator merges them. Python looks for modules there first (with `-c`
and `-m`, and in every process that multiprocessing spawns), and Windows looks there for programs: a `struct.py` or a
`soffice.exe` among the submissions would be run. So whatever is started is named by its full path, in a
folder of ours, and a Python among it, or started by it in turn, puts no folder on its path by itself.

Nothing else in this project starts anything. What cannot import this module (the job within LibreOffice, the macros,
the scripts of the offline bundle) keeps to the same rule; tests/robustness/test_isolated_process.py
holds all of them to it.
"""

from __future__ import annotations

import errno
import os
import sys
from _thread import allocate_lock  # threading, which is this and more, takes a millisecond to load at every start
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    import subprocess
    from concurrent.futures import Executor

    Started = subprocess.Popen[bytes]

P = ParamSpec("P")
T = TypeVar("T")

SAFE_VARIABLES = {"PYTHONSAFEPATH": "1", "NoDefaultCurrentDirectoryInExePath": "1"}
"""What keeps Python from looking for modules in the current folder, and Windows from looking for programs there."""
NO_OUTPUT, CAPTURED = -3, -1
"""Where what a program prints may go: nowhere, or to us. subprocess, whose numbers these are, is loaded when used."""
_LISTS = ("PATH", "PYTHONPATH")
"""Variables that list folders; a blank or relative one among them means a place in the current folder."""
_FOLDERS = (
    *("OGI_CACHE", "OGI_HOME", "OGI_TEMPLATES", "OGI_LIBREOFFICE"),
    *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "HOME", "TMPDIR", "TEMP", "TMP"),
)
"""Variables that name a place of the user's or of ours; a relative one is relative to the user's current folder."""


class ProgramTimeout(OSError):
    """A program was not done in its time."""


def python_command(*words: str | Path, python: Path | str = sys.executable) -> list[str]:
    """The command line that has a Python do that: `-m` and a module, `-c` and code, or a file."""
    return [str(python), "-P", *map(str, words)]


def find_program(name: str) -> Path | None:
    """Where the program of that name is on the PATH; never in the current folder, whatever the PATH and Windows say."""
    endings = os.environ.get("PATHEXT", ".COM;.EXE;.BAT;.CMD").split(";") if os.name == "nt" else [""]
    for folder in _absolute(os.environ.get("PATH", os.defpath)):
        for ending in endings:
            path = Path(folder, name + ending)
            if path.is_file() and os.access(path, os.X_OK):
                return path
    return None


def build_environment(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of what is started: this process's, or the one given, without a word of the current folder."""
    made = {**(os.environ if given is None else given), **SAFE_VARIABLES}
    for name in _LISTS:
        if name in made:
            made[name] = os.pathsep.join(_absolute(made[name]))
            if not made[name]:
                del made[name]
    for name in _FOLDERS:
        if folder := made.get(name):
            with suppress(OSError):  # the current folder was removed: then it names nothing
                made[name] = str(Path(folder).absolute())
    return made


def start_program(
    command: Sequence[str | Path],
    folder: Path,
    *,
    environ: Mapping[str, str] | None = None,
    output: IO[bytes] | int | None = None,
    errors: IO[bytes] | int | None = None,
    leading: bool = False,
) -> Started:
    """Start a program in a folder of ours, with no input; `leading`, it and all that it starts can be ended as one.

    Raises OSError; FileNotFoundError, too, where the program is not named by its full path.
    """
    import subprocess

    words = [str(word) for word in command]
    if not Path(words[0]).is_absolute():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), words[0])
    return subprocess.Popen(
        words,
        cwd=folder.absolute(),
        env=build_environment(environ),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        start_new_session=leading,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def run_program(
    command: Sequence[str | Path],
    folder: Path,
    *,
    environ: Mapping[str, str] | None = None,
    seconds: float | None = None,
    errors: IO[bytes] | int | None = CAPTURED,
) -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end in a folder of ours, and return what it prints (`errors` None: shown instead).

    Raises OSError as `start_program` does, and ProgramTimeout.
    """
    import subprocess

    with start_program(command, folder, environ=environ, output=CAPTURED, errors=errors) as process:
        try:
            printed, errors_printed = process.communicate(timeout=seconds)
        except BaseException as trouble:
            process.kill()
            if isinstance(trouble, subprocess.TimeoutExpired):
                raise ProgramTimeout(f"{seconds:g} s") from trouble
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, printed, errors_printed)


def wait_for_program(process: Started, seconds: float) -> None:
    """Wait until a program ends. Raises ProgramTimeout where it does not; it goes on then."""
    import subprocess

    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired as trouble:
        raise ProgramTimeout(f"{seconds:g} s") from trouble


# processes of this very program ---------------------------------------------------------------------------------------


def can_isolate_pool() -> bool:
    """Whether `process_pool` can keep its promise: not under `python -E`, for what it starts then asks no variable."""
    return bool(sys.flags.safe_path or not sys.flags.ignore_environment)


@contextmanager
def process_pool(jobs: int, begin: Callable[[], object]) -> Iterator[Executor]:
    """Processes that do what is handed to them, in a fresh folder of ours; `begin` is called first in each.

    Paths handed to them must be absolute: their current folder is not the one of this process.
    """
    import multiprocessing
    from concurrent.futures import Future, ProcessPoolExecutor

    from workbook.safety.owned_folders import get_temporary_folder, scratch_folder

    class Pool(ProcessPoolExecutor):
        def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
            with _apart():  # this is where processes are started, one after the other
                return super().submit(fn, *args, **kwargs)

    with scratch_folder() as folder:
        with _apart():  # locks are made here; with the first of them a Unix starts a process that watches over them
            started = (str(folder), str(get_temporary_folder()), begin)
            pool = Pool(jobs, multiprocessing.get_context("spawn"), initializer=_begin, initargs=started)
        with pool:
            yield pool


def _begin(folder: str, temporary: str, begin: Callable[[], object]) -> None:
    import tempfile

    os.chdir(folder)
    tempfile.tempdir = temporary  # which may have been named from the folder we came from
    begin()


@contextmanager
def _apart() -> Iterator[None]:
    """While processes of this program are started: they take environment and path of modules from this one."""
    with _STARTING:
        wanted, path = build_environment(), sys.path
        changed = {*SAFE_VARIABLES, *_LISTS, *_FOLDERS}
        before = {name: os.environ.get(name) for name in changed}
        _set({name: wanted.get(name) for name in changed})
        if (safe := without_current_folder(path)) != path:
            sys.path = safe
        try:
            yield
        finally:
            sys.path = path
            _set(before)


_STARTING = allocate_lock()
"""Environment and path of modules are of the whole program: one thread at a time changes them."""


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


# this process ---------------------------------------------------------------------------------------------------------


def leave_current_folder() -> None:
    """Look in the current folder for modules, and for commands of other packages, no more, unless we lie there."""
    sys.path[:] = without_current_folder(sys.path)


def without_current_folder(path: Iterable[str]) -> list[str]:
    """A path of modules without the current folder; but where this program or Python itself lies is kept."""
    try:
        here = os.getcwd()  # noqa: PTH109 -- this is asked at every start: a text is enough
    except OSError:  # it was removed meanwhile
        here = ""
    return [entry for entry in path if entry not in {"", here} or here in _own()]


def _own() -> set[str]:
    """Folders of this program and of Python. All that is asked is loaded already: nothing is imported to know this."""
    library = Path(os.__file__).parent
    found = [Path(__file__).parents[2], library, library / "lib-dynload"]
    for prefix in {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}:
        found += [Path(prefix), Path(prefix, "DLLs")]
    site = sys.modules.get("site")
    return {*map(str, found), *(site.getsitepackages() if site else ())}


def _absolute(folders: str) -> list[str]:
    """Those of a list of folders that are named in full; Windows allows quotes around one, and does without them."""
    return [folder for one in folders.split(os.pathsep) if Path(folder := one.strip('"')).is_absolute()]
