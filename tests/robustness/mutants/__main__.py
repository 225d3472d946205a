"""`python -m tests.robustness.mutants model/numbers …`: change code in small ways; do tests notice?

For each module of `workbook` named (`excel/reading/label_index`) mutmut makes the mutants and runs the unit tests of
the module (`tests/module_tests.py`), or the integration tests where it has none, against each. What was not caught is
printed as a diff. mutmut works in `build/mutants/`; `mutmut browse` and `mutmut run NAME` there go on from it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.domain import ROOT
from tests.module_tests import find_tests

COPIED = ("workbook", "xlplugin", "tests", "tools", "benchmarks", "examples", "templates", "docs")
NOT_CAUGHT = re.compile(r"^ +(\S+): (?!timeout|segfault|caught)\w", re.MULTILINE)
"""A line of `mutmut results`, which leaves out what was killed: `    workbook.model.x_sum__mutmut_3: survived`."""


def main() -> None:
    """Try the mutants of the modules named, and print those that no test caught."""
    if not sys.argv[1:]:
        sys.exit('make mutants MODULES="model/numbers excel/reading/label_index …"')
    for module in sys.argv[1:]:
        folder = prepare_folder(module)
        run_mutmut(folder, "run", "--max-children", os.environ.get("JOBS", "1"))
        tried = run_mutmut(folder, "results", "--all", "true", shown=False)
        left = NOT_CAUGHT.findall(run_mutmut(folder, "results", shown=False))
        print(f"\n{module}: {len(left)} of {len(tried.splitlines())} mutants not caught", flush=True)
        for name in left:
            run_mutmut(folder, "show", name)


def prepare_folder(module: str) -> Path:
    """Give mutmut a tree to work in, whose settings name one module and its tests."""
    folder = ROOT / "build" / "mutants" / module.replace("/", "+")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in COPIED:
        (folder / name).symlink_to(ROOT / name)
    own = f"""[tool.mutmut]
only_mutate = ["workbook/{module}.py"]
pytest_add_cli_args_test_selection = {list_tests(module)!r}
"""
    settings = (ROOT / "pyproject.toml").read_text("utf-8")
    (folder / "pyproject.toml").write_text(settings.replace("[tool.mutmut]\n", own), "utf-8")
    return folder


def list_tests(module: str) -> list[str]:
    """Return the unit tests of a module, or else its integration tests."""
    found = [path.relative_to(ROOT) for path in find_tests("workbook." + module.replace("/", "."))[0]]
    kinds = [[str(path) for path in found if path.parts[1] == folder] for folder in ("unit", "integration")]
    return kinds[0] or kinds[1]


def run_mutmut(folder: Path, *words: str, shown: bool = True) -> str:
    """Run mutmut in that folder; return what it printed where it is not shown."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [Path(sys.executable).with_name("mutmut"), *words]
    output = None if shown else subprocess.PIPE
    done = subprocess.run(command, cwd=folder, env=environment, stdout=output, check=True, encoding="utf-8")
    return done.stdout or ""


if __name__ == "__main__":
    main()
