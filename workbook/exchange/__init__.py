"""Reports in formats for other programs: JSON and delimited text."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbook.exchange.report_data import AgencyData, AnswerData, ReportData

__all__ = ["AgencyData", "AnswerData", "ReportData"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- a class
    """Import a model when it is first used (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.report_data"), name)
