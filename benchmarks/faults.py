"""Kill or refuse every system call by which a command writes: `tests/robustness/faults/`, seen from the kernel.

`strace` injects the fault, so that what SQLite, pyarrow and the C library write is reached, too: they tell Python
nothing. A process starts for every step, which takes long; so this is no test, and its figures stand in
docs/reliability.md. Linux, with strace.

    python -m benchmarks.faults --steps                   every step that Python sees, of every command (no strace)
    python -m benchmarks.faults                           every system call of the commands below
    python -m benchmarks.faults --two 10                  two merges at once into the same places, ten times
    python -m benchmarks.faults --every 7 "merge .json"   each seventh of one
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.robustness.faults.cases import CASES, Case

CALLS = ("write", "pwrite64", "writev", "rename", "link", "unlink", "mkdir", "fsync", "fdatasync", "ftruncate", "chmod")
FAULTS = {"killed": "signal=KILL", "disk full": "error=ENOSPC", "disk broken": "error=EIO"}
COMMANDS = ("export", "export anew", "merge .json", "merge .parquet")


def run(case: Case, room: Path, *inject: str) -> tuple[int, str, Counter[str]]:
    """Run a command under strace: how it ended, what it complained of, and which calls it made."""
    log = room / "calls"
    environ = os.environ | {
        "OGI_CACHE": str(room / "cache"),
        "TMPDIR": str(room / "tmp"),
        "PYTHONPATH": str(Path.cwd()),
    }
    trace = ["strace", "-f", "-qq", "-o", str(log), "-e", f"trace={','.join(CALLS)}", *inject]
    ended = subprocess.run(
        [*trace, sys.executable, "-m", "workbook", *case.argv],
        cwd=room / "work", env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    made = re.findall(r"^\d+ +(\w+)\(", log.read_text("utf-8", "replace"), re.MULTILINE)
    return ended.returncode, ended.stderr, Counter(made)


def fresh(case: Case, room: Path) -> None:
    for name in ("work", "cache", "tmp"):
        shutil.rmtree(room / name, ignore_errors=True)
        (room / name).mkdir()
    case.prepare(room / "work")


def walk(case: Case, room: Path, every: int) -> None:
    fresh(case, room)
    code, said, calls = run(case, room)
    if code not in (0, 1):
        raise SystemExit(f"{case.name} does not run at all: {said}")
    new = case.look(room / "work")
    for fault, how in FAULTS.items():
        ends: Counter[str] = Counter()
        troubles = []
        for call, count in calls.items():
            for at in range(1, count + 1, every):
                fresh(case, room)
                code, said, _ = run(case, room, "-e", f"inject={call}:{how}:when={at}")
                ends[{137: "killed", -9: "killed", 2: "told"}.get(code, "done" if code in (0, 1) else str(code))] += 1
                troubles += [f"{call} {at}: {one}" for one in case.wrong(room / "work", new)]
                if "Traceback" in said:
                    troubles.append(f"{call} {at}: {said.splitlines()[-1]}")
                code, said, _ = run(case, room)
                troubles += [f"{call} {at}: next run: {said}"] if code not in (0, 1) else []
                troubles += [
                    f"{call} {at}: next run: {one}" for one in case.missing(room / "work", new) if ".part" not in one
                ]
        print(f"{case.name}, {fault}: {sum(ends.values())} calls, {dict(ends)}, {len(troubles)} troubles", flush=True)
        for one in troubles[:10]:
            print("   ", one[:300], flush=True)


def steps(name: str) -> None:
    """The same walk as in the tests, over every step and in every way."""
    from tests.robustness.faults.walker import walked

    for way in ("kill", "ENOSPC", "EIO", "cut", "long"):
        if name != "merge, inside" or way == "kill":
            fared = walked(name, way)
            told = f"{sum(fared['ends'].values())} steps, {fared['ends']}, {len(fared['troubles'])} troubles"
            print(f"{name}, {way}: {told}", flush=True)


def together(rounds: int) -> None:
    """Start two merges of the same files into the same places: both end well or are reported, all files complete."""
    case = CASES["merge anew"]
    argv = [*case.argv, "-o", "sum.xlsx"]
    ends: Counter[str] = Counter()
    troubles = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="ogi-faults-") as name:
            room = Path(name).resolve()
            fresh(case, room)
            environ = os.environ | {"OGI_CACHE": str(room / "cache"), "PYTHONPATH": str(Path.cwd())}
            command = [sys.executable, "-m", "workbook", *argv]
            both = [
                subprocess.Popen(
                    command, cwd=room / "work", env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
                )
                for _ in range(2)
            ]
            for one in both:
                said = one.communicate()[0].decode()
                ends[
                    "done" if one.returncode in (0, 1) else "told" if one.returncode == 2 else str(one.returncode)
                ] += 1
                troubles += [said] if "Traceback" in said or one.returncode not in (0, 1, 2) else []
            troubles += case.missing(room / "work", case.look(room / "work"))
    print(
        f"two at once: {rounds} rounds, {dict(ends)}, {len(troubles)} troubles", *troubles[:5], sep="\n    ", flush=True
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("cases", nargs="*", default=[])
    arguments.add_argument("--steps", action="store_true", help="walk as the tests do")
    arguments.add_argument("--every", type=int, default=1, help="only each n-th call of a kind")
    arguments.add_argument("--two", type=int, metavar="ROUNDS", help="two merges at once, so many times")
    chosen = arguments.parse_args()
    if chosen.two:
        together(chosen.two)
        return
    for name in chosen.cases or (CASES if chosen.steps else COMMANDS):
        if chosen.steps:
            steps(name)
            continue
        with tempfile.TemporaryDirectory(prefix="ogi-faults-") as room:
            walk(CASES[name], Path(room).resolve(), chosen.every)


if __name__ == "__main__":
    main()
