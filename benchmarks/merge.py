"""`ogi merge` beside the ways it is usually done: `python -m benchmarks.merge [--agencies N] [--large] [--year YEAR]`.

A province of made-up submissions, stored below `--folder`, is summed by every contender in turn, `--rounds` times over,
each in a process of its own. Printed are medians, as Markdown; the ratios are medians of the ratios within each round,
since a shared machine is never equally fast for long. A slow contender does a sample of the files, and its figures are
scaled: start-up once, the rest by the number of files. `--large` is the merge alone, on as many files and ten times
as many, and how its memory grows.

Rivals do the simple job of `rivals.py`; `ogi merge` reads, checks, settles and writes the finished summary workbook.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from benchmarks.rivals import JOBS, files_in

ROOT = Path(__file__).parents[1]
ONE, TWO = "ogi merge, 1 process", "ogi merge, 2 processes"
FILLING, WARM = "ogi merge, 2 processes, filling the cache", "ogi merge, 2 processes, cache filled"
LIMIT, FAST_LIMIT = (name for name in JOBS if name.startswith("limit"))
PANDAS, CALAMINE, *_ = JOBS
MIB = 1 << 20


class Cost(NamedTuple):
    """What a process and its children took: seconds of wall and CPU, bytes of the largest of them."""

    wall: float
    cpu: float
    memory: float

    def scaled(self, start: Cost, factor: float) -> Cost:
        """The same for `factor` times as many files, the start paid once."""
        return Cost(
            start.wall + max(0.0, self.wall - start.wall) * factor,
            start.cpu + max(0.0, self.cpu - start.cpu) * factor,
            self.memory,
        )


def cost_of(command: Sequence[str], said: Path) -> Cost:
    """Run a command to its end. SystemExit where it could not do its work; a merge with findings exits with 1."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with said.open("wb") as output:
        started = time.perf_counter()
        running = subprocess.Popen(command, stdout=output, stderr=subprocess.PIPE, env=environment, cwd=ROOT)
        errors = running.stderr.read() if running.stderr else b""
        _, status, used = os.wait4(running.pid, 0)
        wall = time.perf_counter() - started
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode not in (0, 1) or b"Traceback" in errors:
        raise SystemExit(f"{' '.join(command)}\n{errors.decode(errors='replace')}")
    kib = 1 if sys.platform == "darwin" else 1024
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * kib)


@dataclass
class Field:
    """Where contenders run: the province, its files, a sample of them, nothing at all, and a folder to write to."""

    province: Path
    scratch: Path
    sample: int
    files: Path = field(init=False)
    count: int = field(init=False)
    right: dict[str, str] = field(default_factory=dict)
    """Contender → how many of its sums are those of the reports that count."""

    def __post_init__(self) -> None:
        self.files = self.province / "报送"
        paths = files_in(self.files)
        self.count = len(paths)
        self.part, self.nothing = self.scratch / "sample", self.scratch / "nothing"
        self.nothing.mkdir()
        self.part.mkdir()
        for number, path in enumerate(paths[:: max(1, len(paths) // self.sample)][: self.sample]):
            shutil.copy(path, self.part / f"{number:06d}{path.name}")

    def rival(self, name: str, *, sampled: bool) -> Cost:
        if not sampled or self.count <= self.sample:
            cost = self._run(name, self.files)
            self.right[name] = self._right()
            return cost
        start = self._run(name, self.nothing)
        return self._run(name, self.part).scaled(start, self.count / len(files_in(self.part)))

    def _run(self, name: str, folder: Path) -> Cost:
        out, said = self.scratch / "out.xlsx", self.scratch / "said.json"
        command = [sys.executable, "-m", "benchmarks.rivals", name, str(self.province), str(folder), str(out)]
        return cost_of(command, said)

    def _right(self) -> str:
        """How many sums of the last rival are right; nothing where it has none."""
        wanted = json.loads((self.province / "province.json").read_text("utf-8"))["shown"]
        said = json.loads((self.scratch / "said.json").read_text("utf-8"))
        if not said:
            return ""
        return f"{sum(abs(said.get(code, -1) - figure) < 0.005 for code, figure in wanted.items())} of {len(wanted)}"

    def merge(self, *options: str) -> Cost:
        out = self.scratch / "汇总.xlsx"
        out.unlink(missing_ok=True)
        ogi = Path(sys.executable).with_name("ogi")
        start = [str(ogi)] if ogi.exists() else [sys.executable, "-m", "workbook"]
        return cost_of([*start, "merge", str(self.files), "-o", str(out), *options], self.scratch / "said.txt")


def contenders(place: Field, *, large: bool) -> dict[str, Callable[[], Cost]]:
    """Everything that is measured, in the order it is run."""
    cache = str(place.scratch / "cache")

    def filling() -> Cost:
        shutil.rmtree(cache, ignore_errors=True)
        return place.merge("--jobs", "2", "--cache", cache)

    ours: dict[str, Callable[[], Cost]] = {
        ONE: lambda: place.merge("--jobs", "1", "--no-cache"),
        TWO: lambda: place.merge("--jobs", "2", "--no-cache"),
        FILLING: filling,
        WARM: lambda: place.merge("--jobs", "2", "--cache", cache),
    }
    limits = [LIMIT, *([FAST_LIMIT] if find_spec("deflate") else [])]
    rivals = [] if large else [name for name in JOBS if not name.startswith("limit")]
    slow = {name for name in rivals if "openpyxl" in name}
    return ours | {name: (lambda n=name: place.rival(n, sampled=n in slow)) for name in (*limits, *rivals)}


def measured(place: Field, rounds: int, *, large: bool) -> Mapping[str, list[Cost]]:
    """Every contender's costs, round by round; the files are read once before, so that none is the first to."""
    place.rival(LIMIT, sampled=False)
    costs: dict[str, list[Cost]] = {}
    for number in range(rounds):
        for name, run in contenders(place, large=large).items():
            costs.setdefault(name, []).append(run())
            print(f"{number + 1}/{rounds} {name}: {costs[name][-1].wall:.1f} s", file=sys.stderr)
    return costs


Costs = Mapping[str, Sequence[Cost]]


def ratio(costs: Costs, name: str, other: str, of: str) -> float:
    """How many times the other's cost one has: the median over the rounds."""
    pairs = zip(costs[name], costs[other], strict=True)
    return float(statistics.median(getattr(one, of) / getattr(two, of) for one, two in pairs))


def table(costs: Costs, count: int) -> list[str]:
    """All contenders, as Markdown."""
    lines = [
        "| contender | wall, s | × wall | CPU, s | CPU × limit | CPU ms a file | peak MiB |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, some in costs.items():
        wall, cpu = (statistics.median(getattr(one, of) for one in some) for of in ("wall", "cpu"))
        peak = max(one.memory for one in some) / MIB
        lines.append(
            f"| {name} | {wall:.2f} | {ratio(costs, name, TWO, 'wall'):.2f} | {cpu:.2f} | "
            f"{ratio(costs, name, LIMIT, 'cpu'):.2f} | {cpu / count * 1000:.2f} | {peak:.0f} |"
        )
    return lines


def targets(costs: Costs) -> list[str]:
    """What was aimed at, and what was measured."""
    aims = [
        (f"wall, {PANDAS}", PANDAS, TWO, "wall", "≥", 60),
        (f"wall, {CALAMINE}", CALAMINE, TWO, "wall", "≥", 15),
        ("CPU of one process against the limit (zlib)", ONE, LIMIT, "cpu", "≤", 3),
        ("wall of two processes against one", TWO, ONE, "wall", "≤", 0.6),
        ("wall with the cache filled against without", WARM, TWO, "wall", "≤", 0.35),
    ]
    lines = ["| target (for 2,000 files) | aim | measured |", "|---|---|---|"]
    for what, name, other, of, symbol, aim in aims:
        if name in costs and other in costs:
            got = ratio(costs, name, other, of)
            met = got >= aim if symbol == "≥" else got <= aim
            lines.append(f"| {what} | {symbol} {aim} × | {got:.2f} × {'' if met else '(missed)'} |")
    return lines


def report(costs: Costs, place: Field, args: argparse.Namespace) -> list[str]:
    """One province, as Markdown."""
    about = f"{place.count} workbooks, {args.rounds} rounds, medians; Python {platform.python_version()}, "
    about += f"{os.cpu_count()} cores. “× wall” is against {TWO}."
    if not args.large and place.count > args.sample:
        about += f" openpyxl on a sample of {args.sample} files, scaled."
    right = [f"- {name}: {right} sums are right" for name, right in place.right.items() if right]
    return [about, "", *table(costs, place.count), "", *right, "", *targets(costs), ""]


def growth(few: Costs, many: Costs) -> list[str]:
    """How much more memory the merge of ten times as many files takes: the largest process of each."""
    lines = ["| peak memory, ten times as many files | × | MiB |", "|---|---|---|"]
    for name in (ONE, TWO, FILLING, WARM):
        before, after = (max(one.memory for one in costs[name]) for costs in (few, many))
        lines.append(f"| {name} (aim: ≤ 1.3 ×, ≤ 100 MiB) | {after / before:.2f} | {after / MIB:.0f} |")
    return lines


def made(folder: Path, agencies: int, year: int) -> Path:
    """The province, made in a process of its own: what this process has loaded would count as its children's memory."""
    command = [sys.executable, "-m", "benchmarks.province", str(folder), str(agencies), str(year)]
    return Path(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--agencies", type=int, default=2000)
    parser.add_argument("--large", action="store_true", help="ten times as many, too, without rivals")
    parser.add_argument("--year", type=int, default=2024, help="decides the form: 2020 is the one of 2019")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sample", type=int, default=200, help="files for slow contenders")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "ogi-province")
    args = parser.parse_args()
    found: list[Costs] = []
    for agencies in (args.agencies, 10 * args.agencies) if args.large else (args.agencies,):
        province = made(args.folder, agencies, args.year)
        with tempfile.TemporaryDirectory(prefix="ogi-bench-", dir=args.folder) as scratch:
            place = Field(province, Path(scratch), args.sample)
            found.append(measured(place, args.rounds, large=args.large))
            print("\n".join(report(found[-1], place, args)), flush=True)
    if args.large:
        print("\n".join(growth(*found)))


if __name__ == "__main__":
    main()
