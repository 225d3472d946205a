"""Reads the VBA that goes into our files: our own modules, and xlwings' without what an untrusted file could misuse.

xlwings (BSD 3-clause) lets a workbook choose the interpreter, by a sheet or by a file beside it, and puts the
workbook's folder first on Python's path. A coordinator opens folders with untrusted files; so our copy takes its
settings from the file that holds the macros and from the user's own configuration, and imports nothing from the folder,
nor from the spreadsheet program's current folder, which is untrusted, too, when a file was opened from there.
Every change is one exact replacement: should xlwings' text change, building fails instead of leaving a hole.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[1] / "vba"
INTERPRETER_WIN = r"%LOCALAPPDATA%\ogi\python\pythonw.exe"
"""Where Python is looked for on Windows when the user's configuration names none."""

Replacement = tuple[str, str, int]
"""The text that is replaced, its replacement, and how often it occurs."""

_NAMES = "ogiNames = ThisWorkbook.Name & ThisWorkbook.Path"
_START = "    SourcePythonCommand = PythonCommand\r\n"
# On a Mac the names of the workbook and its folder go to a shell inside double quotes: one that would be more than a
# name there is refused.
_GUARD = (
    "    #If Mac Then\r\n"
    "        Dim ogiNames As String\r\n"
    f"        {_NAMES}\r\n"
    "        For i = 1 To Len(ogiNames)\r\n"
    '            If InStr("""$`\\|", Mid$(ogiNames, i, 1)) > 0 Then\r\n'
    '                MsgBox "Rename the workbook or its folder: its name holds one of these signs: "" $ ` \\ |"\r\n'
    "                Exit Function\r\n"
    "            End If\r\n"
    "        Next i\r\n"
    "    #End If\r\n"
)

# xlwings.utils.prepare_sys_path makes of no PYTHONPATH a blank one, which is the current folder.
_BLANKS = "sys.path[:] = filter(None, sys.path); "

_HARDENED: tuple[Replacement, ...] = (
    (_START, f'{_START}    PythonCommand = "import sys; {_BLANKS}" & PythonCommand\r\n{_GUARD}', 1),
    ('\\"");import xlwings; xlwings.serve(', f'\\""); {_BLANKS}import xlwings; xlwings.serve(', 1),
    # Python puts no folder on its path: with -c that would be the current one.
    (" -B -c ", " -P -B -c ", 2),
    ('ParameterString + "|" + PythonInterpreter', 'ParameterString + "|" + PythonInterpreter + " -P"', 1),
    # Windows looks for a program that is named without its folder in the current one first.
    ('"cmd.exe /C "', 'Environ("ComSpec") & " /C "', 1),
    ('"cmd.exe " & ConsoleSwitch', 'Environ("ComSpec") & " " & ConsoleSwitch', 2),
    ('PythonDir = ""  \' TODO: hack', 'DriveCommand = "cd /d """ & Environ("SystemRoot") & """ & "', 1),
    # No settings from a file that merely lies in the same folder.
    ('If source = "" Or source = "directory" Then', 'If source = "directory" Then', 1),
    # No modules from that folder either.
    ('GetConfig("ADD_WORKBOOK_TO_PYTHONPATH", "true")', 'GetConfig("ADD_WORKBOOK_TO_PYTHONPATH", "false")', 2),
    # The sheet with settings can be read while no workbook is open.
    ('In Range(sht.Range("A1"), lastCell)', 'In sht.Range(sht.Range("A1"), lastCell)', 1),
    # With no settings at all, our own Python rather than whichever comes first on the PATH.
    ('GetConfig("INTERPRETER_WIN", "")', f'GetConfig("INTERPRETER_WIN", "{INTERPRETER_WIN}")', 3),
)
_ADDIN: tuple[Replacement, ...] = (
    (_NAMES, _NAMES.replace("ThisWorkbook.Name", "CallerName()"), 1),
    # The workbook a command is for is the one in front; all else stays with the add-in itself.
    ('" --wb=" & """" & ThisWorkbook.Name & """', '" --wb=" & """" & CallerName() & """', 1),
    ('ParameterString + "|" + ThisWorkbook.Name', 'ParameterString + "|" + CallerName()', 1),
)
_NOTE = "'Changed by ogi-workbook (xlplugin/building/sources.py): settings only from this file and the user's.\r\n"


class VbaModule(NamedTuple):
    """One VBA module: its text has CRLF line ends and no character that VBA cannot store."""

    name: str
    text: str
    is_class: bool = False


def read_module(stem: str) -> VbaModule:
    """Return one of our modules, by the name of its file in `vba/`."""
    return parse_module((FOLDER / f"{stem}.bas").read_text("utf-8"))


def parse_module(text: str, *, is_class: bool = False) -> VbaModule:
    """Return a module from its text, which names it. ValueError for a character that VBA cannot store."""
    found = re.search(r'^Attribute VB_Name = "(\w+)"', text, re.MULTILINE)
    if not found:
        raise ValueError("the text of a VBA module must say its VB_Name")
    try:
        text.encode("cp1252")
    except UnicodeEncodeError as error:
        raise ValueError(f"VBA cannot keep {text[error.start]!r} of module {found[1]}") from error
    return VbaModule(found[1], to_crlf(text), is_class)


def to_crlf(text: str) -> str:
    """Return a text with the line ends that VBA wants."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


def harden_xlwings(xlwings: VbaModule, *, addin: bool = False) -> VbaModule:
    """Return the module of xlwings with our changes; in an add-in, its commands are for the workbook in front."""
    text = xlwings.text
    for old, new, times in _HARDENED + (_ADDIN if addin else ()):
        if text.count(old) != times:
            raise ValueError(f"xlwings' VBA has changed: {old!r} stands {text.count(old)} times in it, not {times}")
        text = text.replace(old, new)
    head, rest = text.split("\r\n", 1)
    return xlwings._replace(text=f"{head}\r\n{_NOTE}{rest}")
