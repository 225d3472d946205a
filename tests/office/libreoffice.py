"""A LibreOffice of our own to test with: recalculate, convert, print, and (with ``clerk``) type.

Every ``Office`` has its own profile and its own pipe, so several may run side by side: one for each pytest-xdist
worker, and one next to the LibreOffice the developer has open.
"""

from __future__ import annotations

import os
import reprlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from xlsxwriter.utility import xl_rowcol_to_cell

from xlplugin.uno_bridge import NotReachableError, connect_office, import_uno, make_properties

if TYPE_CHECKING:
    from types import TracebackType

FONTS = Path(__file__).with_name("fonts.conf")

START_SECONDS = 90.0
"""How long a cold start may take: a first start on a small machine under load needs up to half a minute."""

# (configuration node, property, value). The reasons are the ones that cost somebody an afternoon:
_SETTINGS = (
    # 0 = always. LibreOffice believes the cached values of files that Excel is supposed to have written, and it
    # takes XlsxWriter's files for those, even with fullCalcOnLoad. Without this every formula test is void.
    ("org.openoffice.Office.Calc/Formula/Load", "OOXMLRecalcMode", "0"),
    # A lock file left over from a killed process opens a modal box that nobody answers.
    ("org.openoffice.Office.Common/Misc", "UseLocking", "false"),
    ("org.openoffice.Office.Common/Misc", "UseDocumentOOoLockFile", "false"),
    ("org.openoffice.Office.Common/Misc", "UseDocumentSystemFileLocking", "false"),
    # Greetings, tips and requests for donations take the keyboard focus from the cell being typed into.
    ("org.openoffice.Office.Common/Misc", "FirstRun", "false"),
    ("org.openoffice.Office.Common/Misc", "ShowTipOfTheDay", "false"),
    ("org.openoffice.Setup/Product", "LastTimeDonateShown", "4000000000"),
    ("org.openoffice.Setup/Product", "LastTimeGetInvolvedShown", "4000000000"),
)

_SHEET_FILTERS = {
    "xlsx": "Calc MS Excel 2007 XML",
    "xls": "MS Excel 97",
    "ods": "calc8",
    "csv": "Text - txt - csv (StarCalc)",
    "html": "HTML (StarCalc)",
    "pdf": "calc_pdf_Export",
}
_TEXT_FILTERS = {
    "docx": "MS Word 2007 XML",
    "doc": "MS Word 97",
    "odt": "writer8",
    "txt": "Text",
    "html": "HTML (StarWriter)",
    "pdf": "writer_pdf_Export",
}

_ERROR_RESULTS = 4  # com.sun.star.sheet.FormulaResult.ERROR
_NEVER_RUN_MACROS = 0  # com.sun.star.document.MacroExecMode.NEVER_EXECUTE
_ALWAYS_RUN_MACROS = 4  # com.sun.star.document.MacroExecMode.ALWAYS_EXECUTE_NO_WARN


def _name_only(_: reprlib.Repr, value: object, _level: int) -> str:
    return f"<{type(value).__name__}>"


reprlib.Repr.repr_pyuno = _name_only  # type: ignore[attr-defined]
"""Pytest prints what a failed test held by `reprlib`, which looks for `repr_` and the name of the type. An object of
LibreOffice's asks LibreOffice how it is called: where that was stopped, this ends the whole process (C++ `terminate`).
"""


class OfficeMissingError(Exception):
    """LibreOffice, or the bridge from Python to it, is not on this machine; the message says what to do."""


class OfficeError(Exception):
    """LibreOffice refused to do something."""


def _program() -> str:
    """The soffice command, from the PATH or from where a Mac keeps it."""
    on_a_mac = Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")
    found = shutil.which("soffice") or (str(on_a_mac) if on_a_mac.exists() else None)
    if found is None:
        raise OfficeMissingError("LibreOffice (soffice) is not installed; tools/setup-tests.sh installs it")
    return found


def bridge() -> Any:
    """The ``uno`` module, Python's bridge to LibreOffice."""
    try:
        return import_uno()
    except NotReachableError as error:
        raise OfficeMissingError(
            f"{error}; tools/setup-tests.sh links Debian's python3-uno into .venv, if that has the same Python"
        ) from error


def why_not() -> str | None:
    """Why LibreOffice cannot be driven on this machine, or None when it can."""
    try:
        _program()
        bridge()
    except OfficeMissingError as error:
        return str(error)
    return None


def wait_for(what: Callable[[], Any], seconds: float = 60.0) -> Any:
    """What that gives, once it gives something."""
    until = time.monotonic() + seconds
    while not (found := what()):
        if time.monotonic() > until:
            raise TimeoutError("nothing happened")
        time.sleep(0.1)
    return found


def texts_of(context: Any) -> Iterator[str]:
    """The texts in a window, from the top, as assistive programs see it: by its accessible context."""
    yield context.getAccessibleName()
    for n in range(context.getAccessibleChildCount()):
        yield from texts_of(context.getAccessibleChild(n).getAccessibleContext())


class Office:
    """One running LibreOffice.

    ``mode`` is "headless" for files in, files out; or "svp" for a LibreOffice that has windows, focus and message
    boxes but draws them in memory, which is what ``Clerk`` types into. It is started again by ``open`` when it has
    died, so that one hanging document spoils one test and not the rest of the session.
    """

    def __init__(self, mode: Literal["headless", "svp"] = "headless") -> None:
        self.mode = mode
        self._process: subprocess.Popen[bytes] | None = None
        self._profile: Path | None = None
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Life and death

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def _start(self) -> None:
        program = _program()
        bridge()
        self._profile = Path(tempfile.mkdtemp(prefix="libreoffice-"))
        _write_settings(self._profile)
        pipe = "ogi" + uuid.uuid4().hex[:12]
        command = [
            program,
            f"-env:UserInstallation={self._profile.as_uri()}",
            *(["--headless"] if self.mode == "headless" else []),
            *("--norestore", "--nologo", "--nodefault", "--nolockcheck"),
            f"--accept=pipe,name={pipe};urp;",
        ]
        # A session of its own: soffice is a script that starts a program that starts a program, and all must die.
        self._process = subprocess.Popen(
            command,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            self.context: Any = connect_office(f"pipe,name={pipe}", START_SECONDS)
        except NotReachableError as error:
            self.kill()
            raise OfficeError("LibreOffice did not start") from error
        self.desktop: Any = self.service("com.sun.star.frame.Desktop")

    def _environment(self) -> dict[str, str]:
        environment = dict(os.environ)
        environment["FONTCONFIG_FILE"] = str(FONTS)
        if self.mode == "svp":
            environment["SAL_USE_VCLPLUGIN"] = "svp"
            environment.pop("DISPLAY", None)
            environment.pop("WAYLAND_DISPLAY", None)
        return environment

    def kill(self) -> None:
        """End the process now, whatever it is doing."""
        process, self._process = self._process, None
        if process is not None:
            # The group may already be gone, or (on a Mac) be ours no longer.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        profile, self._profile = self._profile, None
        if profile is not None:
            shutil.rmtree(profile, ignore_errors=True)

    def close(self) -> None:
        """Ask it to go, then make sure that it went."""
        if self.alive:
            # The bridge breaks while the answer is on its way: an error here means "gone".
            with suppress(OfficeError, TimeoutError), self.deadline(10):
                self.desktop.terminate()
            if self._process is not None:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(10)
        self.kill()

    def deadline(self, seconds: float = 60) -> Deadline:
        """``with office.deadline(20):`` kills LibreOffice when the block takes longer; it then ends with TimeoutError.

        A UNO call that waits behind a message box nobody answers ignores SIGINT, and with it pytest-timeout; the
        death of the other side is the only thing that ends it.
        """
        return Deadline(self, seconds)

    # Documents

    def service(self, name: str) -> Any:
        """A UNO service of the running LibreOffice."""
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def open(self, path: Path, *, hidden: bool = True, macros: bool = False) -> Any:
        """The document model of a file. Hidden documents have no window: they lose freeze panes when saved."""
        if not Path(path).exists():
            raise FileNotFoundError(path)
        if not self.alive:
            self.kill()
            self._start()
        document = self.desktop.loadComponentFromURL(
            Path(path).resolve().as_uri(),
            "_blank",
            0,
            make_properties(Hidden=hidden, MacroExecutionMode=_ALWAYS_RUN_MACROS if macros else _NEVER_RUN_MACROS),
        )
        if document is None:
            raise OfficeError(f"LibreOffice cannot open {path}")
        return document

    def blank(self) -> Any:
        """A new hidden spreadsheet."""
        return self.desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, make_properties(Hidden=True))

    def save(self, document: Any, path: Path) -> None:
        """Write a copy in the format that the suffix of the path names."""
        is_sheet = document.supportsService("com.sun.star.sheet.SpreadsheetDocument")
        filters = _SHEET_FILTERS if is_sheet else _TEXT_FILTERS
        name = filters[path.suffix.lstrip(".").lower()]
        document.storeToURL(Path(path).resolve().as_uri(), make_properties(FilterName=name))

    def dispatch(self, document: Any, command: str, **arguments: object) -> None:
        """Run a menu command such as ``.uno:Copy`` in the window of a document."""
        helper = self.service("com.sun.star.frame.DispatchHelper")
        helper.executeDispatch(document.CurrentController.Frame, command, "", 0, make_properties(**arguments))

    # Whole jobs

    def recalculated(self, path: Path, seconds: float = 120) -> dict[str, dict[str, object]]:
        """Every value of a workbook after a hard recalculation: sheet name → A1 address → value.

        Numbers, dates and truth values are floats (a date is its serial number), texts are strings, and errors are
        their names ("#REF!"). Cells that are empty or whose formula gives "" are left out.
        """
        with self.deadline(seconds):
            document = self.open(path)
            try:
                document.calculateAll()
                return {sheet.Name: _values(sheet) for sheet in document.Sheets}
            finally:
                document.close(True)

    def convert(self, path: Path, target: Path, seconds: float = 120) -> Path:
        """Save a file in another format (the suffix of ``target`` says which); returns ``target``."""
        with self.deadline(seconds):
            document = self.open(path)
            try:
                self.save(document, target)
            finally:
                document.close(True)
        return target


class Deadline:
    """The block of ``Office.deadline``. Exceptions of UNO leave it as OfficeError.

    They cannot travel far: their class takes every assignment for one to a UNO field, so that the first generator
    context manager on the way up, which restores ``__traceback__``, hides them behind an error of its own. This is
    why this is a class and not a ``contextmanager``.
    """

    def __init__(self, office: Office, seconds: float) -> None:
        self._office = office
        self._seconds = seconds
        self._passed = False
        self._timer = threading.Timer(seconds, self._stop)
        self._timer.daemon = True

    def _stop(self) -> None:
        self._passed = True
        self._office.kill()

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if not isinstance(error, Exception):
            return
        if self._passed:
            raise TimeoutError(f"LibreOffice did not answer within {self._seconds:g} s and was stopped") from error
        if isinstance(error, bridge().getClass("com.sun.star.uno.Exception")):
            raise OfficeError(str(error)) from error


def _write_settings(profile: Path) -> None:
    items = "".join(
        f'<item oor:path="/{node}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>\n'
        for node, name, value in _SETTINGS
    )
    user = profile / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
        f"{items}</oor:items>\n",
        encoding="utf-8",
    )


def _values(sheet: Any) -> dict[str, object]:
    """The non-empty cells of a sheet by address, in one call for the values and one for each error."""
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    end = cursor.RangeAddress
    rows = sheet.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow).getDataArray()
    found: dict[str, object] = {
        xl_rowcol_to_cell(row, column): value
        for row, values in enumerate(rows)
        for column, value in enumerate(values)
        if value not in {"", None}
    }
    # The array of values has no errors in it; the cell's own text has their names.
    for area in sheet.queryFormulaCells(_ERROR_RESULTS).RangeAddresses:
        for row in range(area.StartRow, area.EndRow + 1):
            for column in range(area.StartColumn, area.EndColumn + 1):
                found[xl_rowcol_to_cell(row, column)] = error_name(sheet.getCellByPosition(column, row))
    return found


def error_name(cell: Any) -> str:
    """The name of a cell's error as Excel writes it, whatever LibreOffice shows for its own errors."""
    shown = str(cell.String)
    # Err:502 and its like are LibreOffice's numbers for what Excel has one name for.
    return _EXCEL_ERRORS.get(cell.getError(), shown)


_EXCEL_ERRORS = {
    502: "#VALUE!",  # invalid argument
    503: "#NUM!",  # invalid floating point operation
    504: "#VALUE!",  # parameter list error
    519: "#VALUE!",
    524: "#REF!",
    525: "#NAME?",
    532: "#DIV/0!",
    32767: "#N/A",
}
