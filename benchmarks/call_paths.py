"""Counts the modules and functions of workbook that `ogi check` runs: `python benchmarks/call_paths.py FILE.xlsx`.

A reader who follows one check from the command line to the findings meets that many. A module counts where any of its
code runs, be it only its definitions. Functions are all that are called: with a name or as a lambda; in brackets stands
what Python counts as code of its own besides (comprehensions, bodies of classes and modules). `--list` names them all.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType

ROOT = Path(__file__).parents[1]
MOST_MODULES, MOST_FUNCTIONS = 55, 650
_BODIES = ("<module>", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
_FUNCTION = 0x2
"""CO_NEWLOCALS of `inspect`: set for functions, not for bodies of classes and modules."""


def trace_check(file: str) -> set[CodeType]:
    """Run `ogi check` on a file; return every piece of workbook's code that was entered."""
    inside, met = f"{ROOT / 'workbook'}/", set[CodeType]()

    def enter(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(inside):
            met.add(frame.f_code)

    sys.setprofile(enter)
    try:
        from workbook.cli import main as ogi

        ogi(["check", file])
    finally:
        sys.setprofile(None)
    return met


def main(file: str, *options: str) -> int:
    """Print the two figures; 1 where one is beyond its target."""
    met = trace_check(file)
    names = {(code.co_filename, code.co_qualname) for code in met}
    functions = {
        (code.co_filename, code.co_qualname)
        for code in met
        if code.co_flags & _FUNCTION and code.co_name not in _BODIES
    }
    modules = Counter(path for path, _ in functions) | Counter(dict.fromkeys({path for path, _ in names}, 0))
    if "--list" in options:
        for path in sorted({path for path, _ in names}):
            print(Path(path).relative_to(ROOT), modules[path], *sorted(name for at, name in functions if at == path))
    print(f"{len({path for path, _ in names})} modules (target ≤ {MOST_MODULES})")
    print(f"{len(functions)} functions (target ≤ {MOST_FUNCTIONS}; {len(names)} pieces of code in all)")
    return int(len({path for path, _ in names}) > MOST_MODULES or len(functions) > MOST_FUNCTIONS)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
