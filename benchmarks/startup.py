"""How long commands take to start, against Python doing nothing: `python benchmarks/startup.py [RUNS]`.

Every command is run in turn, RUNS times over, so that a slow moment of the machine falls on all of them; medians of
wall time. Prints a Markdown table with the targets. Quote the ratios of one run, never milliseconds of two.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "洛龙区统计局-2020.json"
TARGETS = {"ogi --help": 4, "ogi check one.xlsx": 20, "ogi check one.json": 24}


def ogi(*arguments: str) -> list[str]:
    """The installed command beside this Python; the module where it is not installed."""
    command = Path(sys.executable).with_name("ogi")
    start = [str(command)] if command.exists() else [sys.executable, "-m", "workbook"]
    return [*start, *arguments]


def measure(commands: dict[str, list[str]], runs: int) -> dict[str, float]:
    """Median seconds of each command."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    # What is measured is a program in use: compiled once, not at every start.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    for run in range(runs + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, check=True)
            if run:  # the first round fills caches
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(some) for name, some in times.items()}


def main(runs: int = 21) -> None:
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "one.xlsx"
        subprocess.run(ogi("import", str(EXAMPLE), "-o", str(book)), stdout=subprocess.DEVNULL, check=True)
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "ogi --help": ogi("--help"),
            "ogi check one.xlsx": ogi("check", str(book)),
            "ogi check one.json": ogi("check", str(EXAMPLE)),
        }
        medians = measure(commands, runs)
    bare = medians["python -c pass"]
    print(f"Python {platform.python_version()}, {runs} runs, interleaved, medians\n")
    print("| command | ms | × python -c pass | target |")
    print("|---|---|---|---|")
    for name, seconds in medians.items():
        target = f"≤ {TARGETS[name]}" if name in TARGETS else ""
        print(f"| `{name}` | {seconds * 1000:.0f} | {seconds / bare:.1f} | {target} |")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
