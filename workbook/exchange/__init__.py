"""Reports in formats for other programs: JSON and delimited text."""
