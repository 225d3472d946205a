"""What a merge gives: the summary as a workbook, a web page, JSON, CSV or parquet."""
