"""Many merges in one process, and what is left behind after each: `python -m benchmarks.soak [--merges N] [--cache]`.

A province of made-up submissions is merged again and again by the library, one process, summary workbook and all, as
in an office that leaves the program open. After each merge are noted: memory held, objects alive, open files, threads,
and what lies in the folder for temporary files. Printed as Markdown, with how much memory each merge added. With
`--provinces` several are merged in turn, so that what is cached by content shows; `--cache` stores readings.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

from benchmarks.merge import MIB
from benchmarks.province import province
from workbook.merging.collection_run import MergeOptions, collect_reports
from workbook.merging.totals import merge_reports
from workbook.summary.summary_output import write_summary

PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
SETTLED = 3
"""Merges after which all is loaded and learnt: growth is measured from there."""


class Left(NamedTuple):
    """What a process holds after a merge."""

    seconds: float
    counted: int
    memory: float
    objects: int
    files: int
    threads: int
    temporary: int


def memory() -> int:
    """Bytes of memory this process holds now."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * PAGE


def merges(folders: Sequence[Path], out: Path, cache: Path | None) -> Iterator[Left]:
    """Merge each folder in turn; what is left after each."""
    for number, folder in enumerate(folders, 1):
        started = time.perf_counter()
        with collect_reports([folder], MergeOptions(year=2024), cache=cache) as collection:
            merged = merge_reports(collection)
            counted = merged.agencies
            list(write_summary(out, merged))
        del merged, collection
        seconds = time.perf_counter() - started
        gc.collect()
        yield Left(
            seconds,
            counted,
            memory(),
            len(gc.get_objects()) - number,  # of these, one a merge is given here
            sum(1 for _ in Path("/proc/self/fd").iterdir()),
            threading.active_count(),
            sum(1 for _ in Path(tempfile.gettempdir()).rglob("*")),
        )


def slope(figures: Sequence[float]) -> float:
    """How much each figure is above the one before, by the straight line nearest to them; 0 for fewer than two."""
    return statistics.linear_regression(range(len(figures)), figures).slope if len(figures) > 1 else 0.0


def table(left: Sequence[Left]) -> list[str]:
    """All merges, as Markdown, and the growth."""
    lines = ["| merge | s | agencies | memory, MiB | objects | open files | threads | temporary files |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    for number, one in enumerate(left, 1):
        lines.append(
            f"| {number} | {one.seconds:.1f} | {one.counted} | {one.memory / MIB:.1f} | {one.objects} | {one.files} | "
            f"{one.threads} | {one.temporary} |"
        )
    settled = left[SETTLED - 1 :]
    grown = slope([one.memory / MIB for one in settled])
    objects = slope([one.objects for one in settled])
    lines += ["", f"Growth from merge {SETTLED} on: {grown:+.2f} MiB and {objects:+.0f} objects a merge."]
    return lines


def _made(folder: Path, agencies: int, seed: int) -> Path:
    """The files of a province, made in a process of its own: what that loads is not to count here."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(province, folder, agencies, seed=seed, jobs=1).result().files


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--merges", type=int, default=10)
    parser.add_argument("--agencies", type=int, default=2000)
    parser.add_argument("--provinces", type=int, default=1, help="merged in turn, so that files are not the same")
    parser.add_argument("--cache", action="store_true", help="keep readings from one merge to the next")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "ogi-province")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    provinces = [_made(args.folder, args.agencies, seed) for seed in range(1, args.provinces + 1)]
    made = list(islice(cycle(provinces), args.merges))
    with tempfile.TemporaryDirectory(prefix="ogi-soak-", dir=args.folder) as scratch:
        here = Path(scratch, "temporary")
        here.mkdir()
        tempfile.tempdir = str(here)  # so that only what a merge leaves there is counted
        left: list[Left] = []
        for one in merges(made, Path(scratch, "汇总.xlsx"), Path(scratch, "cache") if args.cache else None):
            left.append(one)
            print(f"{len(left)}/{args.merges}: {one.seconds:.1f} s, {one.memory / MIB:.1f} MiB", flush=True)
    print("\n".join(["", *table(left)]))


if __name__ == "__main__":
    main()
