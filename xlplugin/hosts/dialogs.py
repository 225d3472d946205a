"""Asking for a file or a folder, in whatever program the workbook is open.

xlwings has no word for it. In LibreOffice its own file picker is used, in Excel on Windows Excel's, elsewhere Tk's.
"""
# ruff: noqa: ANN401  what lies behind xlwings has no types

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import xlwings as xw

from workbook.safety.messages import load_messages

messages = load_messages("xlplugin")


def ask_open(book: xw.Book, patterns: str) -> Path | None:
    """The file the clerk chooses, among those a pattern like `*.xlsx;*.json` names; None where they cancel."""
    return _ask(book, "open", patterns, Path(book.fullname).parent)


def ask_save(book: xw.Book, suggestion: Path) -> Path | None:
    """Where the clerk wants a file; None where they cancel."""
    return _ask(book, "save", f"*{suggestion.suffix}", suggestion)


def ask_folder(book: xw.Book) -> Path | None:
    """The folder the clerk chooses; None where they cancel."""
    return _ask(book, "folder", "", Path(book.fullname).parent)


def _ask(book: xw.Book, what: str, patterns: str, start: Path) -> Path | None:
    engine = book.app.engine.name
    if engine == "libreoffice":
        return _libreoffice(book.app.impl, what, patterns, start)
    if engine == "excel" and sys.platform == "win32":
        return _windows(book.app.api, what, patterns, start)
    return _tk(what, patterns, start)


def _libreoffice(app: Any, what: str, patterns: str, start: Path) -> Path | None:
    chosen: Path | None = app.ask_file(what, patterns, start, messages.text(f"title.{what}"))
    return chosen


def _windows(app: Any, what: str, patterns: str, start: Path) -> Path | None:
    """Through COM: `GetOpenFilename` and `GetSaveAsFilename`; False where the clerk cancels."""
    shown = f"{patterns},{patterns}"
    if what == "save":
        chosen = app.GetSaveAsFilename(str(start), shown, 1, messages.text("title.save"))
    elif what == "folder":
        dialog = app.FileDialog(4)  # msoFileDialogFolderPicker
        chosen = dialog.SelectedItems(1) if dialog.Show() == -1 else False
    else:
        chosen = app.GetOpenFilename(shown, 1, messages.text("title.open"))
    return Path(chosen) if isinstance(chosen, str) and chosen else None


def _tk(what: str, patterns: str, start: Path) -> Path | None:
    import tkinter
    from tkinter import filedialog

    root = tkinter.Tk()
    root.withdraw()
    root.attributes("-topmost", True)
    try:
        kinds = [(patterns, patterns.split(";"))]
        if what == "save":
            chosen = filedialog.asksaveasfilename(initialdir=start.parent, initialfile=start.name, filetypes=kinds)
        elif what == "folder":
            chosen = filedialog.askdirectory(initialdir=start)
        else:
            chosen = filedialog.askopenfilename(initialdir=start, filetypes=kinds)
    finally:
        root.destroy()
    return Path(chosen) if chosen else None
