"""A merge → 汇总.xlsx: a workbook in which every sum can be followed to its agencies, and every file to its status."""

from workbook.merging.summary.book import summary_of, write

__all__ = ["summary_of", "write"]
