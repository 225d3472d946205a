"""The spreadsheet plugin: Python behind buttons in the workbook.

Every command takes the open workbook as a `SpreadsheetHost`, or finds the one whose button was pressed in Excel. They
are loaded when first used, so that `ogi doctor` can report what is missing where xlwings is not there.
"""

import os
import sys

# Run as `python -m xlplugin…` (only then does `-m` stand here while this is loaded), Python has put the current folder
# first. Untrusted files may be there: nothing more is imported from it, unless this package lies there itself.
# `os` is loaded already when Python starts; nothing else may be imported before.
if getattr(sys, "argv", [])[:1] == ["-m"] and not sys.flags.safe_path and sys.path[0] != __file__.rsplit(os.sep, 2)[0]:
    del sys.path[0]

from typing import Any

__all__ = [
    "answer",
    "clear_marks",
    "export_json",
    "fill_blanks",
    "import_json",
    "load_last_year",
    "merge_folder",
    "next_finding",
    "validate",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- a command
    if name not in __all__:
        raise AttributeError(name)
    from xlplugin import commands

    return getattr(commands, name)
