"""`python -m tests.robustness.mutants model/numbers …`: change code in small ways; do tests notice?

For each module of `workbook` named (`excel/reading/label_index`) mutmut makes the mutants and runs the unit tests of
the module (`tests/module_tests.py`), or the integration tests where it has none, against each. Survivors are printed.
Work is kept in `build/mutants/`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

from tests.domain import ROOT
from tests.module_tests import find_tests

WORK = ROOT / "build" / "mutants"
COPIED = ("workbook", "xlplugin", "tests", "tools", "benchmarks", "examples", "templates", "docs")
CAUGHT = {"killed", "timeout", "segfault", "caught by type check"}


@dataclass(frozen=True)
class Mutant:
    """One change of the code: in which function, the line before and after, and what became of it."""

    name: str
    function: str
    was: str
    now: str
    status: str

    def __str__(self) -> str:
        return f"{self.function}: {self.was}  →  {self.now}  # {self.status}"


def main() -> None:
    """Run the modules named, and print what survived."""
    options = argparse.ArgumentParser(prog="python -m tests.robustness.mutants", description=__doc__)
    options.add_argument("modules", nargs="+", help="model/numbers, excel/reading/label_index …")
    options.add_argument("--again", action="store_true", help="keep what was caught; try the rest anew")
    options.add_argument("--exact", action="store_true", help="try what is left in a fresh process each")
    options.add_argument("--score", action="store_true", help="say the score of the last run")
    chosen = options.parse_args()
    lines = []
    for module in chosen.modules:
        folder = WORK / module.replace("/", "+")
        if not (chosen.score or chosen.exact):
            left = _left(folder, module) if chosen.again else []
            _prepare(folder, module, anew=not chosen.again)
            _run(folder, [])
            if left := sorted({*left} & {*_left(folder, module)}):
                _run(folder, left)
        if chosen.exact and (left := _left(folder, module)):
            _prepare(folder, module, isolation="forkserver")
            _run(folder, left)
        lines.append(_score(module, list(mutants(folder, module))))
    print("\nmodule                              mutants  caught  survived   score")
    print(*lines, sep="\n")


def _prepare(folder: Path, module: str, *, anew: bool = False, isolation: str = "fork") -> None:
    """Give mutmut a tree to work in, whose settings name one module and its tests.

    A fork of a process that imported everything is quick, and keeps what was derived on import: a mutant of such code
    can only be caught in a fresh process, which the isolation "forkserver" gives.
    """
    if anew:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        if not (folder / name).exists():
            (folder / name).symlink_to(ROOT / name)
    if (tree := folder / "mutants" / "workbook").exists():  # mutmut brings up to date the module and the tests
        mutated = (tree / f"{module}.py").parent, Path(module).name + ".py"
        shutil.copytree(
            ROOT / "workbook",
            tree,
            dirs_exist_ok=True,
            ignore=lambda at, _: [mutated[1]] if tree / Path(at).relative_to(ROOT / "workbook") == mutated[0] else [],
        )
    own = f"""[tool.mutmut]
only_mutate = ["workbook/{module}.py"]
pytest_add_cli_args_test_selection = {_tests(module)!r}
process_isolation = "{isolation}"
"""
    settings = (ROOT / "pyproject.toml").read_text("utf-8")
    (folder / "pyproject.toml").write_text(settings.replace("[tool.mutmut]\n", own), "utf-8")


def _run(folder: Path, only: list[str]) -> None:
    command = [Path(sys.executable).with_name("mutmut"), "run", "--max-children", os.environ.get("JOBS", "1"), *only]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(command, cwd=folder, env=environment, check=True)


def _left(folder: Path, module: str) -> list[str]:
    return [name for name, status in statuses(folder, module).items() if status not in CAUGHT]


def statuses(folder: Path, module: str) -> dict[str, str]:
    """What became of each mutant of a module that was run."""
    with chdir(folder):
        data = SourceFileMutationData(path=f"workbook/{module}.py")
        data.load()
    return {name: status_by_exit_code[code] for name, code in data.exit_code_by_key.items()}


def mutants(folder: Path, module: str) -> Iterator[Mutant]:
    """The mutants of a module that was run."""
    for name, status in statuses(folder, module).items():
        was, now = ("", "")
        if status not in CAUGHT:
            with chdir(folder):
                was, now = _changed(get_diff_for_mutant(name, path=f"workbook/{module}.py"))
        yield Mutant(name, _function(name), was, now, status)


def _function(name: str) -> str:
    """`workbook.rules.suspects.xǁ_Netǁbroken__mutmut_3` → `_Net.broken`."""
    mangled = name.rpartition(".")[2].partition("__mutmut_")[0]
    return mangled.removeprefix("xǁ").replace("ǁ", ".") if "ǁ" in mangled else mangled.removeprefix("x_")


def _changed(diff: str) -> tuple[str, str]:
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
    return tuple(" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")  # type: ignore[return-value]


def _score(module: str, found: list[Mutant]) -> str:
    left = [one for one in found if one.status not in CAUGHT]
    print(f"\n{module}: not caught", *left, sep="\n")
    caught = len(found) - len(left)
    return f"{module:34} {len(found):8} {caught:7} {len(left):9} {caught / max(1, len(found)):7.1%}"


def _tests(module: str) -> list[str]:
    """Return the unit tests of a module, or else its integration tests."""
    found = [path.relative_to(ROOT) for path in find_tests("workbook." + module.replace("/", "."))[0]]
    kinds = [[str(path) for path in found if path.parts[1] == folder] for folder in ("unit", "integration")]
    return kinds[0] or kinds[1]


if __name__ == "__main__":
    main()
