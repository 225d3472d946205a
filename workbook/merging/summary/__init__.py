"""A merge → 汇总.xlsx: a workbook in which every sum can be followed to its agencies, and every file to its status."""

from workbook.merging.summary.summary_workbook import build_summary, write_summary

__all__ = ["build_summary", "write_summary"]
