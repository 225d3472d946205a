"""Functions for formulas: `=OGI_CHECK(D6:J28, "annual-2021", "requests")` checks a table where it stands.

Optional, and for Excel on Windows alone: xlwings offers formula functions nowhere else. Not tried in an Excel by its
makers. Everywhere else this module may be imported, and its functions are plain functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import xlwings as xw

from workbook import rulebook
from workbook.check import check
from workbook.finding import Severity
from workbook.form import Table
from workbook.forms import form_ids, load
from workbook.report import Report, empty, read_blocks
from xlplugin.words import said

F = TypeVar("F", bound=Callable[..., Any])


def _offered(function: F) -> F:
    """A function of formulas, where xlwings has such; else itself."""
    try:
        made: F = xw.func(xw.arg("figures", ndim=2)(function))
    except Exception:  # xlwings names no kind: it depends on the machine
        return function
    return made


@_offered
def OGI_CHECK(figures: Sequence[Sequence[Any]], form: str, table: str) -> str:  # noqa: N802 -- as formulas write it
    """What is wrong within one table: its figures, the id of its form, its code; one finding a line."""
    return judged(figures, form, table)
