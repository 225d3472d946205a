"""Workbooks: read, checked for alterations, repaired, and written from a form and a report."""
