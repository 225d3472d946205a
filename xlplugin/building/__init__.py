"""The files people click in: .xlsm with buttons, .xlam with a ribbon, .oxt for LibreOffice. To build, not to run."""
