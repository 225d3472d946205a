"""Fuzz the targets one after the other, each in a process of its own, and say what came of it.

    python -m tests.robustness.fuzz                      all targets, 5 minutes each
    python -m tests.robustness.fuzz numbers --minutes 1

The status is 1 where a fault was found: its input and what happened stand in `build/fuzz/<target>/found/`.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.robustness.fuzz.target import NAMES, named

INTO = Path("build/fuzz")
FEWEST = 5
"""Seconds for which it is not worth to begin once more."""


def fuzzed(name: str, seconds: float, into: Path, how: list[str]) -> dict[str, Any]:
    """Fuzz one target for so long; a process that dies is begun again, and its last input kept as a fault."""
    home = into / name
    home.mkdir(parents=True, exist_ok=True)
    whole: dict[str, Any] = {"target": name, "inputs": 0, "seconds": 0, "processor": 0, "slowest": 0.0, "faults": {}}
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > FEWEST:
        (home / "figures.json").unlink(missing_ok=True)
        command = [
            sys.executable,
            "-m",
            "tests.robustness.fuzz.search",
            name,
            "--seconds",
            str(left),
            "--into",
            str(into),
        ]
        with (home / "log.txt").open("ab") as log:
            seed = str(random.randrange(10**9))  # another search each time; what it finds is kept
            code = subprocess.run([*command, *how, "--seed", seed], stdout=log, stderr=log, check=False).returncode
        _add(whole, home / "figures.json")
        if code and end - time.monotonic() > FEWEST:
            current = home / "current"
            (home / "found").mkdir(exist_ok=True)
            shutil.copy(current, home / "found" / f"died-{named(current.read_bytes())}")
            kind = f"the process ended with {code}"
            whole["faults"][kind] = whole["faults"].get(kind, 0) + 1
    return whole


def _add(whole: dict[str, Any], path: Path) -> None:
    """Add what one process wrote down."""
    if not path.exists():
        return
    part = json.loads(path.read_text("utf-8"))
    for key in ("inputs", "seconds", "processor"):
        whole[key] += part[key]
    whole["slowest"] = max(whole["slowest"], part["slowest"])
    for kind, count in part["faults"].items():
        whole["faults"][kind] = whole["faults"].get(kind, 0) + count


def main() -> int:
    """Fuzz what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.robustness.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="target", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--minutes", type=float, default=5, help="for each target")
    parser.add_argument("--into", type=Path, default=INTO)
    parser.add_argument(
        "--by-chance", action="store_true", help="even where atheris is installed: more inputs, unguided"
    )
    args = parser.parse_args()
    if unknown := {*args.targets} - {*NAMES}:
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    faults = 0
    print(f"{'target':<12} {'inputs':>9} {'seconds':>8} {'of processor':>13} {'slowest':>8}  faults")
    for name in args.targets or NAMES:
        one = fuzzed(name, args.minutes * 60, args.into.absolute(), ["--by-chance"] * args.by_chance)
        counts = f"{one['inputs']:>9,} {one['seconds']:>8} {one['processor']:>13} {one['slowest']:>8}"
        print(f"{name:<12} {counts}  {len(one['faults'])}")
        for kind, count in one["faults"].items():
            print(f"    {count} × {kind}")
        sys.stdout.flush()
        faults += len(one["faults"])
    if faults:
        print(f"see {args.into}/<target>/found/")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
