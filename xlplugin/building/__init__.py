"""Builds the files people click in: .xlsm with buttons, .xlam with a ribbon, .oxt for LibreOffice."""
