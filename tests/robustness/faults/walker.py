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
from collections import Counter
from collections.abc import Callable, Iterator
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
Act = Callable[[], object]
Ended = tuple[int, str]
"""How a run ended (a signal is negative, else its own exit status), and what it printed."""


# in the child


def at_each_change(folder: str, act: Act, *, opened_alone: bool = False) -> None:
    """Do something before each change below a folder, or before each file that is opened there for writing."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        opens = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING
        if opens or (event in CHANGES and not opened_alone):
            path = arguments[0]  # a number is a file that was open already
            changed = str(Path.cwd() / os.fsdecode(path)) if isinstance(path, str | bytes | Path) else ""
            if changed.startswith(folder) and not changed.startswith("/dev/"):
                act()

    sys.addaudithook(hook)


def at_each_step(folder: Path, act: Act, *, everywhere: bool) -> None:
    """Do something before each step: a change in the folder, or anywhere, with the statements of SQLite; an fsync."""
    at_each_change("" if everywhere else str(folder), act)
    fsync, connect = os.fsync, sqlite3.connect

    def synced(handle: int) -> None:
        act()
        fsync(handle)

    def connected(*place: Any, **named: Any) -> sqlite3.Connection:
        connection = connect(*place, **named)
        connection.set_trace_callback(lambda _: act())
        return connection

    os.fsync = synced
    if everywhere:
        sqlite3.connect = connected


def limit_growth(size: int, folder: Path, *, kill: bool) -> None:
    """Let no file grow longer, from the first on that is written in the folder."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL if kill else signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    at_each_change(str(folder), lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)), opened_alone=True)


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def refused(number: int) -> Act:
    def fail() -> None:
        raise OSError(number, os.strerror(number))

    return fail


def run(case: Case, folder: Path, prepare: Act = lambda: None) -> Ended:
    """Run a case in a child, in that folder, with its own folders of readings and of temporary files."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 99
        try:
            sys.stdout = sys.stderr = os.fdopen(writing, "w", encoding="utf-8")
            os.environ["TMPDIR"] = str(folder.parent / "tmp")
            os.environ["OGI_CACHE"] = str(folder.parent / "cache")
            tempfile.tempdir = None
            os.chdir(folder)
            prepare()
            code = case.run()
            sys.stdout.flush()
        except BaseException as trouble:
            os.write(writing, f"ESCAPED {trouble!r}".encode())
        finally:
            os._exit(FINISHED + code)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        text = file.read().decode("utf-8", "replace")
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return (code if code < 0 else code - FINISHED), text


# in the parent


class Walk:
    """One case, walked through in one way."""

    def __init__(self, case: Case, top: Path) -> None:
        self.case, self.top = case, top
        self.made, self.folder = top / "made", top / "work"
        self.made.mkdir()
        case.prepare(self.made)
        self.troubles: list[str] = []
        self.tried_again: set[object] = set()
        self.code, text = self.run()
        if self.code not in (0, 1):
            raise RuntimeError(f"{case.name} does not run at all: {self.code} {text}")
        self.complete = case.look(self.folder)

    def run(self, prepare: Act = lambda: None) -> Ended:
        """Run the case in folders made anew."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.made, self.folder, symlinks=True)
        for name in ("tmp", "cache"):
            shutil.rmtree(self.top / name, ignore_errors=True)
            (self.top / name).mkdir()
        return run(self.case, self.folder, prepare)

    def steps(self, fail: Act, every: int) -> Iterator[tuple[str, Ended]]:
        """Fail at the first step, the second … (or each so many) until one run has no more of them."""
        reached = self.top / "reached"
        for at in count(1, every):
            reached.unlink(missing_ok=True)
            numbers = count(1)

            def step(at: int = at, numbers: Iterator[int] = numbers) -> None:
                if next(numbers) == at:
                    os.close(os.open(reached, os.O_CREAT))  # itself a step, which is counted and harmless
                    fail()

            ended = self.run(lambda step=step: at_each_step(self.folder, step, everywhere=self.case.all_))
            if not reached.exists():
                return
            yield f"step {at}", ended

    def lengths(self, *, kill: bool) -> Iterator[tuple[str, Ended]]:
        """Let files grow so long and no longer."""
        for size in BYTES:
            yield f"{size} bytes", self.run(lambda size=size: limit_growth(size, self.folder, kill=kill))

    def judge(self, where: str, code: int, text: str) -> None:
        """What must hold however it failed: told in a sentence, nothing half, nothing lost, and the next run works."""
        found = list(self.case.wrong(self.folder, self.complete))
        if "Traceback" in text or "ESCAPED" in text or code == 99:
            found.append(text[-400:])
        if code == 2 and not text.strip():
            found.append("not a word")
        left = frozenset(_without_chance(path.relative_to(self.folder)) for path in self.folder.rglob("*"))
        key = left, tuple(sorted(self.case.look(self.folder).items())) if self.case.by_content else None
        if key not in self.tried_again:
            self.tried_again.add(key)
            _age(self.folder)
            code, text = run(self.case, self.folder)
            if code != self.code:
                found.append(f"the next run ends with {code}: {text[-300:]}")
            found += [f"after the next run {one}" for one in self.case.missing(self.folder, self.complete)]
        self.troubles += [f"{where}: {one}" for one in found]


def _without_chance(path: Path) -> str:
    """The name with the sixteen random digits of our folders taken out: `.a.xlsx.#.part`."""
    parts = path.as_posix().split(".")
    return ".".join("#" if len(part) == 16 and set(part) <= set("0123456789abcdef") else part for part in parts)


def _age(folder: Path) -> None:
    """Let what was left be two days old."""
    for path in folder.rglob(".*.part"):
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 2 * owned_folders.DAY))


def walked(name: str, way: str, every: int = 1) -> dict[str, Any]:
    """How a case fared: how many steps, how each ended, and what went wrong."""
    begun = sum(os.times()[:4])
    with tempfile.TemporaryDirectory(prefix="ogi-faults-") as top:
        walk = Walk(CASES[name], Path(top).resolve())
        if way in ("cut", "long"):
            failures = walk.lengths(kill=way == "cut")
        else:
            failures = walk.steps(killed if way == "kill" else refused(getattr(errno, way)), every)
        ends: Counter[str] = Counter()
        for where, (code, text) in failures:
            ends[{-9: "killed", -25: "killed", 2: "told", 0: "done", 1: "done"}.get(code, str(code))] += 1
            walk.judge(where, code, text)
    took = round(sum(os.times()[:4]) - begun, 1)
    facts = {"case": name, "way": way, "ends": ends, "next runs": len(walk.tried_again), "seconds": took}
    return facts | {"troubles": walk.troubles[:5]}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(walked(*json.loads(line)), ensure_ascii=False), flush=True)
