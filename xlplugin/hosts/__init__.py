"""Holds the entry point that installed LibreOffice extensions call by this path, `run`."""
