"""`ogi merge` beside the ways it is usually done: `python -m benchmarks.merge [--files N] [--large] [--year YEAR]`.

Two workloads: submissions as offices send them (a third as issued, a third saved again by LibreOffice, a third spelled
as Excel spells them, a fifth of all with one oddity of a clerk, 2 % broken: `workload.py`), and as issued. Every
contender sums the same files in turn, `--rounds` times over, each in a process of its own. Printed are medians, as
Markdown, for README; ratios are medians of the ratios within each round, since a shared machine is never equally fast
for long. A slow contender does a sample of the files, and its figures are scaled: start-up once, the rest by the number
of files.

Seconds are of processor. The critical path of a job is what would pass on a machine with nothing else to do: the
processor time of the parent process, and half of that of its two children. `--large` is the merge alone, on as many
files, three times and ten times as many, and how its memory grows.
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
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from benchmarks.rivals import JOBS, files_in

ROOT = Path(__file__).parents[1]
MIXED, ISSUED, LIBREOFFICE = "mixed", "as issued", "saved by LibreOffice"
"""Names of `workload`, which is not imported: what this process has loaded would count as its children's memory."""
ODDITIES = (
    "a text pasted with its looks", "a figure typed as text", "/ for nothing", "a figure left blank", "a row taller",
    "a column wider", "a note beside the table", "a figure with two decimals",
)  # fmt: skip
ONE, TWO = "ogi merge, 1 process", "ogi merge, 2 processes"
WARM = "ogi merge, 1 process, cache filled"
LIMIT, FAST_LIMIT = (name for name in JOBS if name.startswith("limit"))
PANDAS, CALAMINE, *LOOPS = (name for name in JOBS if not name.startswith("limit"))
MIB = 1 << 20
_OGI = """
import json, resource, sys
from workbook.cli import main
status = main(sys.argv[2:])
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
open(sys.argv[1], "w").write(json.dumps([one.ru_utime + one.ru_stime for one in used]))
sys.exit(status)
"""
"""What runs `ogi` and writes down how much processor time it took itself, and how much its children."""


class Cost(NamedTuple):
    """What a job took: seconds of wall, CPU and critical path; bytes of the largest process."""

    wall: float
    cpu: float
    path: float
    memory: float

    def scaled(self, start: Cost, factor: float) -> Cost:
        """The same for `factor` times as many files, the start paid once."""
        longer = [one + max(0.0, two - one) * factor for one, two in zip(start[:3], self[:3], strict=True)]
        return Cost(*longer, self.memory)


Costs = Mapping[str, Sequence[Cost]]


def run(command: Sequence[str], output: Path, usage: Path | None = None) -> Cost:
    """Run a command to its end. SystemExit where it could not do its work; a merge with findings exits with 1."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment["TMPDIR"] = str(output.parent)  # other programs of this machine put away what lies in the usual one
    with output.open("wb") as file:
        started = time.perf_counter()
        running = subprocess.Popen(command, stdout=file, stderr=subprocess.PIPE, env=environment, cwd=ROOT)
        errors = running.stderr.read() if running.stderr else b""
        _, status, used = os.wait4(running.pid, 0)
        wall = time.perf_counter() - started
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode not in (0, 1) or b"Traceback" in errors:
        raise SystemExit(f"{' '.join(command)}\n{errors.decode(errors='replace')}")
    kib = 1 if sys.platform == "darwin" else 1024
    cpu = used.ru_utime + used.ru_stime
    _, children = json.loads(usage.read_text()) if usage else (cpu, 0.0)
    return Cost(wall, cpu, cpu - children / 2, used.ru_maxrss * kib)


@dataclass
class Field:
    """Where contenders run: a province, its files, a sample of them, nothing at all, and a folder to write to."""

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

    def rival(self, name: str) -> Cost:
        """One of `rivals.JOBS`; a slow one on a sample."""
        if "openpyxl" not in name or self.count <= self.sample:
            cost = self._rival(name, self.files)
            self.right[name] = self._right()
            return cost
        start = self._rival(name, self.nothing)
        return self._rival(name, self.part).scaled(start, self.count / len(files_in(self.part)))

    def _rival(self, name: str, folder: Path) -> Cost:
        out, said = self.scratch / "out.xlsx", self.scratch / "said.json"
        return run([sys.executable, "-m", "benchmarks.rivals", name, str(self.province), str(folder), str(out)], said)

    def _right(self) -> str:
        """How many sums of the last rival are right; nothing where it has none."""
        wanted = json.loads((self.province / "province.json").read_text("utf-8"))["shown"]
        said = json.loads((self.scratch / "said.json").read_text("utf-8"))
        if not said:
            return ""
        return f"{sum(abs(said.get(code, -1) - figure) < 0.005 for code, figure in wanted.items())} of {len(wanted)}"

    def merge(self, *options: str) -> Cost:
        """`ogi merge` of all files."""
        out, usage = self.scratch / "汇总.xlsx", self.scratch / "usage.json"
        out.unlink(missing_ok=True)
        command = [sys.executable, "-c", _OGI, str(usage), "merge", str(self.files), "-o", str(out), *options]
        return run(command, self.scratch / "said.txt", usage)

    def one(self) -> Cost:
        """The merge in one process, nothing cached."""
        return self.merge("--jobs", "1", "--no-cache")

    def two(self) -> Cost:
        """The merge in two processes, nothing cached."""
        return self.merge("--jobs", "2", "--no-cache")

    def warm(self) -> Cost:
        """The merge of files of which none has changed since the last one."""
        cache = self.scratch / "cache"
        if not cache.exists():
            self.merge("--jobs", "1", "--cache", str(cache))
        return self.merge("--jobs", "1", "--cache", str(cache))

    def readers(self) -> Counter[str]:
        """How many files were read by which reader (`alike` is the quick way); blank: by none."""
        out = self.scratch / "汇总.json"
        command = [sys.executable, "-m", "workbook", "merge", str(self.files), "-o", str(out), "--no-cache"]
        run(command, self.scratch / "said.txt")
        return Counter(one.get("reader") or "" for one in json.loads(out.read_text("utf-8"))["sources"])


def measure(place: Field, rounds: int, contenders: Mapping[str, Callable[[], Cost]]) -> Costs:
    """Every contender's costs, round by round; the files are read once before, so that none is the first to."""
    place.rival(LIMIT)
    costs: dict[str, list[Cost]] = {name: [] for name in contenders}
    for number in range(rounds):
        for name, job in contenders.items():
            costs[name].append(job())
            print(f"{number + 1}/{rounds} {place.count} files, {name}: {costs[name][-1].cpu:.2f} s", file=sys.stderr)
    return costs


def list_contenders(place: Field) -> dict[str, Callable[[], Cost]]:
    """Everything that is measured, in the order it is run."""
    limits = [LIMIT, *([FAST_LIMIT] if find_spec("deflate") else [])]
    rivals = {name: (lambda n=name: place.rival(n)) for name in (*limits, PANDAS, CALAMINE, *LOOPS)}
    return {ONE: place.one, TWO: place.two, WARM: place.warm} | rivals


def ratio(costs: Costs, name: str, other: str, of: str = "cpu", than: str = "") -> float:
    """How many times the other's cost one has: the median over the rounds."""
    pairs = zip(costs[name], costs[other], strict=True)
    return float(statistics.median(getattr(one, of) / getattr(two, than or of) for one, two in pairs))


def median(costs: Sequence[Cost], of: str) -> float:
    return float(statistics.median(getattr(one, of) for one in costs))


# tables ---------------------------------------------------------------------------------------------------------------


def table(costs: Costs, count: int) -> list[str]:
    """All contenders, as Markdown."""
    lines = [
        "| contender | critical path, s | × ours | CPU, s | CPU ms a file | CPU × limit | wall, s | peak MiB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, some in costs.items():
        path, cpu, wall = (median(some, of) for of in ("path", "cpu", "wall"))
        lines.append(
            f"| {name} | {path:.2f} | {ratio(costs, name, TWO, 'path'):.2f} | {cpu:.2f} | {cpu / count * 1000:.2f} | "
            f"{ratio(costs, name, LIMIT):.2f} | {wall:.2f} | {max(one.memory for one in some) / MIB:.0f} |"
        )
    return lines


class Aim(NamedTuple):
    """A target: what it is, its sign, the bounds for the mixed workload and for files as issued (None: no such aim)."""

    what: str
    sign: str
    mixed: float | None
    issued: float | None


def show_targets(rows: Sequence[tuple[Aim, float | None, float | None]]) -> list[str]:
    """What was aimed at, and what was measured: mixed, then as issued."""
    lines = ["| target | mixed: aim | measured | as issued: aim | measured |", "|---|---|---|---|---|"]
    for aim, *measured in rows:
        shown = []
        for bound, got in zip((aim.mixed, aim.issued), measured, strict=True):
            missed = got is not None and bound is not None and (got < bound if aim.sign == "≥" else got > bound)
            shown.append("" if bound is None else f"{aim.sign} {bound:g}")
            shown.append("" if got is None else f"{got:.2f}{' (missed)' if missed else ''}")
        lines.append(f"| {aim.what} | {' | '.join(shown)} |")
    return lines


def list_targets(mixed: Costs, issued: Costs) -> list[tuple[Aim, float | None, float | None]]:
    """The targets that the two workloads show by themselves."""
    deflate = "libdeflate" if find_spec("deflate") else "zlib"
    limits = (5.5, 4.2) if find_spec("deflate") else (6, 4.5)

    def both(get: Callable[[Costs], float], aim: Aim) -> tuple[Aim, float, float]:
        return aim, get(mixed), get(issued)

    return [
        both(lambda c: ratio(c, PANDAS, TWO, "path"), Aim(f"{PANDAS}, against 2 processes", "≥", 20, 26)),
        both(lambda c: ratio(c, CALAMINE, TWO, "path"), Aim(f"{CALAMINE}, against 2 processes", "≥", 3.5, 4.5)),
        both(lambda c: ratio(c, ONE, LIMIT), Aim(f"1 process against the limit (zlib), with {deflate}", "≤", *limits)),
        both(lambda c: ratio(c, WARM, ONE), Aim("cache filled against empty, 1 process", "≤", 0.30, 0.40)),
        both(lambda c: ratio(c, TWO, ONE, "path"), Aim("2 processes against 1, critical path", "≤", 0.65, 0.65)),
        both(lambda c: ratio(c, ONE, CALAMINE), Aim("1 process against pandas (calamine)", "≤", 1, 1)),
    ]


# what is run ----------------------------------------------------------------------------------------------------------


@dataclass
class Bench:
    """One run of the benchmark."""

    folder: Path
    scratch: Path
    year: int
    rounds: int
    sample: int

    def place(self, files: int, sent: str, broken: float = 0.02) -> Field:
        """Files of a workload, made in a process of its own: what that loads is not to count here."""
        what = [str(files), str(self.year), sent, str(broken)]
        command = [sys.executable, "-m", "benchmarks.province", str(self.folder), *what]
        made = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[0]
        scratch = Path(tempfile.mkdtemp(dir=self.scratch))
        return Field(Path(made), scratch, self.sample)

    def workload(self, files: int, sent: str) -> Costs:
        """All contenders on one workload, printed."""
        place = self.place(files, sent)
        costs = measure(place, self.rounds, list_contenders(place))
        readers = place.readers()
        read = sum(number for reader, number in readers.items() if reader)
        quick = readers["alike"] / max(1, read)
        print(f"\n**{sent}**: {place.count} workbooks; of those read, {quick:.1%} the quick way\n")
        print("\n".join(table(costs, place.count)), "\n")
        for name, right in place.right.items():
            if right:
                print(f"- {name}: {right} sums are right")
        return costs

    def compare(self, files: int, sent: str) -> Costs:
        """The whole command, as started by a user, and pandas (calamine)."""
        place = self.place(files, sent, broken=0)
        return measure(place, self.rounds, {ONE: place.one, CALAMINE: lambda: place.rival(CALAMINE)})

    def oddities(self, files: int) -> list[str]:
        """Workbooks as issued with a single oddity each, and without: CPU of the whole command."""
        none = self.compare(files, ISSUED)
        few = self.compare(max(2, files // 4), ISSUED)
        start = median(few[ONE], "cpu")
        lines = [
            f"| {files} files, each with | CPU ms a file more | × without | whole command × pandas (calamine) |",
            "|---|---|---|---|",
        ]
        more = files - max(2, files // 4)
        each = max(1e-6, median(none[ONE], "cpu") - start) / more
        for kind in (ISSUED, LIBREOFFICE, *ODDITIES):
            costs = none if kind == ISSUED else self.compare(files, kind)
            own = (median(costs[ONE], "cpu") - start + each * (files - more)) / files
            lines.append(f"| {kind} | {own * 1000:.2f} | {own / each:.2f} | {ratio(costs, ONE, CALAMINE):.2f} |")
        return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--large", action="store_true", help="three and ten times as many, too, without rivals")
    parser.add_argument("--year", type=int, default=2024, help="decides the form: 2020 is the one of 2019")
    parser.add_argument("--rounds", type=int, default=0, help="0: three, one for less than 500 files")
    parser.add_argument("--sample", type=int, default=200, help="files for slow contenders")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser.add_argument("--folder", type=Path, default=cache / "ogi-benchmarks", help="where made files are kept")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    rounds = args.rounds or (3 if args.files >= 500 else 1)
    print(
        f"{args.files} agencies, {rounds} rounds, medians; Python {platform.python_version()}, {os.cpu_count()} cores."
    )
    with tempfile.TemporaryDirectory(prefix="ogi-bench-", dir=args.folder) as scratch:
        bench = Bench(args.folder, Path(scratch), args.year, rounds, args.sample)
        if args.large:
            show_growth(bench, args.files)
            return
        mixed, issued = (bench.workload(args.files, sent) for sent in (MIXED, ISSUED))
        rows = list_targets(mixed, issued)
        small = [ratio(bench.compare(40, sent), ONE, CALAMINE) for sent in (MIXED, ISSUED)]
        rows.append((Aim("40 files, whole command, against pandas (calamine)", "≤", 0.75, 0.65), small[0], small[1]))
        print("\n" + "\n".join(show_targets(rows)))
        print("\nAims of the next table: × without ≤ 3 (saved by LibreOffice ≤ 1.5), × pandas (calamine) ≤ 1.\n")
        print("\n".join(bench.oddities(min(200, max(20, args.files // 2)))))


def show_growth(bench: Bench, files: int) -> None:
    """How two processes and memory do with three and ten times as many files."""
    print("\n| files | 2 processes against 1, critical path | CPU ms a file | peak MiB |\n|---|---|---|---|")
    for factor in (1, 3, 10):
        place = bench.place(files * factor, MIXED)
        costs = measure(place, bench.rounds, {ONE: place.one, TWO: place.two})
        peak = max(one.memory for some in costs.values() for one in some) / MIB
        cpu = median(costs[ONE], "cpu") / place.count * 1000
        print(f"| {place.count} | {ratio(costs, TWO, ONE, 'path'):.2f} | {cpu:.2f} | {peak:.0f} |", flush=True)
    print("\nAims: ≤ 0.65 (2,000), ≤ 0.55 (6,000); ≤ 100 MiB (20,000), ≤ 1.4 × that of 2,000.")


if __name__ == "__main__":
    main()
