"""Reads a submitted workbook, whichever program wrote it and whatever was done to it since."""
