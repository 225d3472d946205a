"""What one click on 校验 costs Python itself, without starting it and without Excel: `python benchmarks/plugin.py`.

The commands run on the tests' program of dictionaries: what is measured is reading, checking and marking. CPU time, the
median of several runs, beside Python doing nothing and beside checking the same workbook from its file.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "市中区统计局-2020.json"
RUNS = 15


def median_of(work: Callable[[], object]) -> float:
    """CPU seconds, median."""
    work()  # forms and rules are read once
    took = []
    for _ in range(RUNS):
        started = time.process_time()
        work()
        took.append(time.process_time() - started)
    return statistics.median(took)


def main() -> None:
    sys.path.insert(0, str(ROOT))
    from tests.integration.plugin.fake_host import FakeHost
    from workbook.excel.report_loading import load_submission
    from workbook.excel.template.template_writer import write_workbook
    from xlplugin import validate

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "市中区统计局.xlsx"
        write_workbook(path, load_submission(EXAMPLE).report)
        host = FakeHost(path)
        host.calls.clear()
        validate(host)
        crossings = host.calls.total()
        click, check = median_of(lambda: validate(host)), median_of(lambda: load_submission(path).check())
    bare = statistics.median(_bare() for _ in range(RUNS))
    print("| what | ms | × `python -c pass` |\n|---|---|---|")
    for name, seconds in (
        ("`python -c pass`", bare),
        ("`validate`, open workbook", click),
        ("check, from the file", check),
    ):
        print(f"| {name} | {seconds * 1000:.0f} | {seconds / bare:.1f} |")
    print(f"\nCalls across the boundary for these findings: {crossings}")


def _bare() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
