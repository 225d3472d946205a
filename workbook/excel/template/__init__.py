"""Form and report → a workbook that checks itself: places, formulas, and the only module that drives XlsxWriter."""
