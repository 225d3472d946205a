"""The spreadsheet plugin: Python behind buttons in the workbook (a later step of the project)."""
