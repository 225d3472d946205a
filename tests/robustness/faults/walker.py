"""Walks through the steps by which a command writes, and lets it fail at each: killed, or refused by the disk.

Run as a process of its own, it imports the program once and then forks for every step: hundreds of them are cheap. A
step is whatever Python tells its audit hooks of that changes the folder worked in (a file opened for writing, renamed,
linked, removed, a folder made, rights set), and every `fsync`; where a case asks for it the same in the folders of
readings and temporary files, and every statement given to SQLite. Bytes are walked through besides, by a limit on how
long a file may grow (`RLIMIT_FSIZE`): the kernel cuts the write short.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from tests.robustness.faults.cases import CASES, Case
from workbook.safety import owned_folders

CHANGES = frozenset(
    f"os.{name}"
    for name in ("rename", "remove", "rmdir", "mkdir", "link", "symlink", "chmod", "chown", "truncate", "utime")
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
BYTES = (0, 1, 1000, 4096, 9000, 20_000)
"""How long a file may grow before it is cut."""
FINISHED = 100
"""A run that ended by itself exits with this and its own code."""


class Tripwire:
    """Counts steps, and fails at the one asked for."""

    def __init__(self, at: int, fail: Callable[[], None], folder: Path, *, all_: bool) -> None:
        self.at, self.fail, self.count = at, fail, 0
        self.folder = "" if all_ else str(folder)
        sys.addaudithook(self.heard)
        real = os.fsync

        def fsync(handle: int) -> None:
            self.step()
            real(handle)

        os.fsync = fsync
        if all_:
            self.listen()

    def listen(self) -> None:
        """Take statements of SQLite for steps, too."""
        connect = sqlite3.connect

        def connected(*place: Any, **named: Any) -> sqlite3.Connection:
            connection = connect(*place, **named)
            connection.set_trace_callback(lambda _: self.step())
            return connection

        sqlite3.connect = connected

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in CHANGES or (event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING):
            path = placed(arguments[0])
            if path.startswith(self.folder) and not path.startswith("/dev/"):
                self.step()

    def step(self) -> None:
        self.count += 1
        if self.count == self.at:
            self.fail()


def placed(path: object) -> str:
    """The whole path of what is changed; nothing for a file that was open already. Links are not followed."""
    return str(Path.cwd() / os.fsdecode(path)) if isinstance(path, str | bytes | Path) else ""


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def refused(number: int) -> Callable[[], None]:
    def fail() -> None:
        raise OSError(number, os.strerror(number))

    return fail


def run(case: Case, folder: Path, before: Callable[[], object] = lambda: None) -> tuple[int, str]:
    """Run it in a child: how it ended (a signal is negative, else its own exit code), and what it said."""
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        code = 99
        try:
            sys.stdout = sys.stderr = os.fdopen(said, "w", encoding="utf-8")
            os.environ["TMPDIR"] = str(folder.parent / "tmp")
            os.environ["OGI_CACHE"] = str(folder.parent / "cache")
            tempfile.tempdir = None
            os.chdir(folder)
            before()
            code = case.run()
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException as trouble:
            os.write(said, f"ESCAPED {trouble!r}".encode())
        finally:
            os._exit(FINISHED + code)
    os.close(said)
    with os.fdopen(heard, "rb") as file:
        text = file.read().decode("utf-8", "replace")
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return -os.WTERMSIG(status), text
    return os.WEXITSTATUS(status) - FINISHED, text


class Walk:
    """One case, walked through in one way."""

    def __init__(self, case: Case, room: Path) -> None:
        self.case, self.room = case, room
        self.made = room / "made"
        self.made.mkdir()
        case.prepare(self.made)
        self.folder = room / "work"
        self.troubles: list[str] = []
        self.again: set[object] = set()
        self.fresh()
        code, said = run(case, self.folder)
        if code not in (0, 1):
            raise RuntimeError(f"{case.name} does not run at all: {code} {said}")
        self.code = code
        self.whole = case.look(self.folder)

    def fresh(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.made, self.folder, symlinks=True)
        for name in ("tmp", "cache"):
            shutil.rmtree(self.room / name, ignore_errors=True)
            (self.room / name).mkdir()

    def steps(self, fail: Callable[[], None], every: int) -> Iterator[tuple[str, int, str]]:
        """Fail at the first step, the second … (or each so many) until one run has no more of them."""
        for at in count(1, every):
            self.fresh()
            tripped = self.room / "tripped"
            tripped.unlink(missing_ok=True)
            mark = os.open(tripped, os.O_CREAT | os.O_WRONLY)

            def failing(mark: int = mark) -> None:
                os.write(mark, b"x")
                fail()

            code, said = run(self.case, self.folder, partial(Tripwire, at, failing, self.folder, all_=self.case.all_))
            os.close(mark)
            if not tripped.stat().st_size:
                return
            yield f"step {at}", code, said

    def lengths(self, *, kill: bool) -> Iterator[tuple[str, int, str]]:
        for size in BYTES:
            self.fresh()
            code, said = run(self.case, self.folder, partial(_limited, size, self.folder, kill=kill))
            yield f"{size} bytes", code, said

    def judge(self, where: str, code: int, said: str) -> None:
        """What must hold however it failed: told in a sentence, nothing half, nothing lost, and the next run works."""
        if "Traceback" in said or "ESCAPED" in said or code == 99:
            self.troubles.append(f"{where}: {said[-400:]}")
        if code == 2 and not said.strip():
            self.troubles.append(f"{where}: not a word")
        for trouble in self.case.wrong(self.folder, self.whole):
            self.troubles.append(f"{where}: {trouble}")
        left = frozenset(_plain(path.relative_to(self.folder)) for path in self.folder.rglob("*"))
        key = left, tuple(sorted(self.case.look(self.folder).items())) if self.case.by_content else None
        if key in self.again:
            return
        self.again.add(key)
        _age(self.folder)
        code, said = run(self.case, self.folder)
        if code != self.code:
            self.troubles.append(f"{where}: the next run ends with {code}: {said[-300:]}")
        for trouble in self.case.missing(self.folder, self.whole):
            self.troubles.append(f"{where}: after the next run {trouble}")


def _limited(size: int, folder: Path, *, kill: bool) -> None:
    """Let no file grow longer, from the first on that is written in the folder."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL if kill else signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        written = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING
        if written and placed(arguments[0]).startswith(str(folder)):
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    sys.addaudithook(heard)


def _plain(path: Path) -> str:
    """The name with what is chosen by chance taken out."""
    parts = path.as_posix().split(".")
    return ".".join("#" if len(part) == 16 and set(part) <= set("0123456789abcdef") else part for part in parts)


def _age(folder: Path) -> None:
    """Two days later."""
    for path in folder.rglob(".*.part"):
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 2 * owned_folders.DAY))


def walked(name: str, way: str, every: int = 1) -> dict[str, Any]:
    """How a case fared: how many steps, how each ended, and what went wrong."""
    begun = _seconds()
    with tempfile.TemporaryDirectory(prefix="ogi-faults-") as room:
        walk = Walk(CASES[name], Path(room).resolve())
        ways = {
            "kill": lambda: walk.steps(killed, every),
            "cut": lambda: walk.lengths(kill=True),
            "long": lambda: walk.lengths(kill=False),
        }
        failures = ways[way]() if way in ways else walk.steps(refused(getattr(errno, way)), every)
        ends: dict[str, int] = {}
        for where, code, said in failures:
            end = {-9: "killed", -25: "killed", 2: "told"}.get(code, "done" if code in (0, 1) else str(code))
            ends[end] = ends.get(end, 0) + 1
            walk.judge(where, code, said)
        took = round(_seconds() - begun, 1)
        facts = {"case": name, "way": way, "ends": ends, "next runs": len(walk.again), "seconds": took}
        return facts | {"troubles": walk.troubles[:5]}


def _seconds() -> float:
    """Processor time so far, of this process and those it made."""
    return sum(os.times()[:4])


if __name__ == "__main__":
    for line in sys.stdin:
        answer = json.dumps(walked(*json.loads(line)), ensure_ascii=False)
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()
