"""The merge as one web page that needs nothing but itself: for an office to read, print and pass on."""

from __future__ import annotations

from workbook.merging.page.data import Agency, Completeness, FileStatus, PageData, Problem, SourceFile
from workbook.merging.page.document import page_of, write_page

__all__ = [
    "Agency",
    "Completeness",
    "FileStatus",
    "PageData",
    "Problem",
    "SourceFile",
    "page_of",
    "write_page",
]
