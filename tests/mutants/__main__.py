"""`python -m tests.mutants numbers check …`: change the code in small ways, and see whether its tests notice.

For each module of `workbook` named (`reading/labels` for one of a package) mutmut makes the mutants and runs the tests
that `tests/mutants/<module>.toml` names against each. Survivors that file accepts, with the reason, are left out of
the score; the others are printed as they would stand there. Work is kept in `build/mutants/`; `--again` tries only
what survived the last time, after a change of tests (not of the code).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

LISTS = Path(__file__).parent
ROOT = LISTS.parents[1]
WORK = ROOT / "build" / "mutants"
COPIED = ("workbook", "xlplugin", "tests", "tools", "examples", "templates", "docs")
CAUGHT = {"killed", "timeout", "segfault", "caught by type check"}


@dataclass(frozen=True)
class Mutant:
    """One change of the code: in which function, the line before and after, and what became of it."""

    name: str
    function: str
    was: str
    now: str
    status: str

    @property
    def change(self) -> tuple[str, str, str]:
        """What an accepted survivor is known by; numbers would not outlive an edit of the function."""
        return self.function, self.was, self.now

    def __str__(self) -> str:
        """As it would stand among the accepted."""
        quoted = [f"'''{part}'''" if "'" in part else f"'{part}'" for part in self.change]
        return "  {{ in = {}, was = {}, now = {}, why = '' }},".format(*quoted)


def main() -> int:
    """Run the modules named; 1 where a survivor is not accounted for."""
    options = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    options.add_argument("modules", nargs="+", help="numbers, check, reading/labels …")
    options.add_argument("--again", action="store_true", help="try only what survived the last time")
    options.add_argument("--only-score", action="store_true", help="say the score of the last run")
    chosen = options.parse_args()
    lines, unaccounted = [], 0
    for module in chosen.modules:
        asked = tomllib.loads((LISTS / f"{module}.toml").read_text("utf-8"))
        folder = WORK / module.replace("/", "+")
        if not chosen.only_score:
            if not chosen.again:
                shutil.rmtree(folder, ignore_errors=True)
                _run(folder, module, asked, quick=True)
            _run(folder, module, asked, quick=False)
        line, left = _told(module, list(mutants(folder, module)), asked)
        lines.append(line)
        unaccounted += left
    print("\nmodule                mutants  caught  accepted  survived   score")
    print(*lines, sep="\n")
    return min(unaccounted, 1)


def _run(folder: Path, module: str, asked: dict[str, Any], *, quick: bool) -> None:
    """Try all mutants quickly, in forks of a process that imported everything, or those left exactly, in fresh ones.

    A fork keeps what was derived on import: a mutant of such code can only be caught in a fresh process.
    """
    left = [] if quick else [one.name for one in mutants(folder, module) if one.status not in CAUGHT]
    if not quick and not left:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        if not (folder / name).exists():
            (folder / name).symlink_to(ROOT / name)
    own = f"""[tool.mutmut]
only_mutate = ["workbook/{module}.py"]
pytest_add_cli_args_test_selection = {asked["tests"]!r}
process_isolation = "{"fork" if quick else "forkserver"}"
"""
    settings = (ROOT / "pyproject.toml").read_text("utf-8")
    (folder / "pyproject.toml").write_text(settings.replace("[tool.mutmut]\n", own), "utf-8")
    command = [Path(sys.executable).with_name("mutmut"), "run", "--max-children", os.environ.get("JOBS", "1"), *left]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(command, cwd=folder, env=environment, check=True)


def mutants(folder: Path, module: str) -> Iterator[Mutant]:
    """The mutants of a module that was run."""
    with chdir(folder):
        data = SourceFileMutationData(path=f"workbook/{module}.py")
        data.load()
        for name, code in data.exit_code_by_key.items():
            status = status_by_exit_code[code]
            was, now = ("", "") if status == "killed" else _changed(get_diff_for_mutant(name, path=data.path))
            yield Mutant(name, _function(name), was, now, status)


def _function(name: str) -> str:
    """`workbook.suspects.xǁ_Netǁbroken__mutmut_3` → `_Net.broken`."""
    mangled = name.rpartition(".")[2].partition("__mutmut_")[0]
    return mangled.removeprefix("xǁ").replace("ǁ", ".") if "ǁ" in mangled else mangled.removeprefix("x_")


def _changed(diff: str) -> tuple[str, str]:
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
    return tuple(" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")  # type: ignore[return-value]


def _told(module: str, found: list[Mutant], asked: dict[str, Any]) -> tuple[str, int]:
    accepted = Counter((one["in"], one["was"], one["now"]) for one in asked.get("accepted", ()))
    left = []
    for one in found:
        if one.status not in CAUGHT:
            if accepted[one.change] > 0:
                accepted[one.change] -= 1
            else:
                left.append(one)
    caught = sum(1 for one in found if one.status in CAUGHT)
    excused = len(found) - caught - len(left)
    print(f"\n{module}: not caught, and not accepted", *(f"{one}  # {one.status}" for one in left), sep="\n")
    stale = [change for change, count in accepted.items() if count > 0]
    if stale:
        print("accepted, but caught or gone:", *stale, sep="\n  ")
    score = caught / max(1, len(found) - excused)
    return f"{module:20} {len(found):8} {caught:7} {excused:9} {len(left):9} {score:7.1%}", len(left)


if __name__ == "__main__":
    sys.exit(main())
