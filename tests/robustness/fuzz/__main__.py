"""Fuzz the targets one after the other, each in a process of its own, and print what came of it.

    python -m tests.robustness.fuzz                      all targets, 5 minutes each
    python -m tests.robustness.fuzz numbers --minutes 1

The status is 1 where a fault was found: its input and what happened are in `build/fuzz/<target>/found/`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.robustness.fuzz.target import NAMES, named

FEWEST = 5
"""Seconds for which it is not worth to begin once more."""


def fuzzed(name: str, seconds: float, folder: Path, *options: str) -> dict[str, Any]:
    """Fuzz one target for so long; a process that dies is begun again, and its last input stored as a fault."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "figures.json").unlink(missing_ok=True)
    died: dict[str, int] = {}
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > FEWEST:
        words = [name, str(left), str(folder), *options]
        with (folder / "log.txt").open("ab") as log:
            command = [sys.executable, "-m", "tests.robustness.fuzz.search", *words]
            code = subprocess.run(command, stdout=log, stderr=log, check=False).returncode
        if code and end - time.monotonic() > FEWEST:
            data = (folder / "current").read_bytes()
            shutil.copy(folder / "current", folder / "found" / f"died-{named(data)}")
            kind = f"the process ended with {code}"
            died[kind] = died.get(kind, 0) + 1
    facts = json.loads((folder / "figures.json").read_text("utf-8"))
    return facts | {"faults": facts["faults"] | died}


def main() -> int:
    """Fuzz what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.robustness.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="target", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--minutes", type=float, default=5, help="for each target")
    parser.add_argument("--into", type=Path, default=Path("build/fuzz"))
    parser.add_argument(
        "--by-chance", action="store_true", help="even where atheris is installed: more inputs, unguided"
    )
    args = parser.parse_args()
    if unknown := {*args.targets} - {*NAMES}:
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    faults = 0
    print(f"{'target':<12} {'inputs':>9} {'seconds':>8} {'of processor':>13} {'slowest':>8}  faults")
    for name in args.targets or NAMES:
        one = fuzzed(name, args.minutes * 60, args.into.absolute() / name, *["--by-chance"] * args.by_chance)
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
