"""The spreadsheet plugin: Python behind buttons in the workbook, over the public xlwings API.

Every command takes the open workbook, or finds the one whose button was pressed.
"""

from xlplugin.commands import (
    answer,
    clear_marks,
    export_json,
    fill_blanks,
    import_json,
    load_last_year,
    merge_folder,
    next_finding,
    validate,
)

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
