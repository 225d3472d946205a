"""The summary workbook 汇总.xlsx: every sum can be followed to its agencies, and every file to its status."""
