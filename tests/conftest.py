"""What all tests share: programs that open real workbooks, hypothesis profiles, and no silent skips."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

# None of these needs its program to be there before it is used: collecting tests works everywhere.
from tests.office import gnumeric as gnumeric_program
from tests.office import libreoffice, openxml
from tests.office.clerk import Clerk
from tests.office.libreoffice import Office
from tests.robustness.offline import network_ban

# A machine shared with a LibreOffice is now and then slow for a moment: that is no failure of the code under test.
settings.register_profile("local", deadline=None)
# In CI a test must give today what it gave yesterday; new examples are looked for on people's own machines.
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


OFFICE_FIXTURES = {"office", "clerk_office", "clerk", "gnumeric", "openxml_errors"}


@pytest.hookimpl(tryfirst=True)  # before pytest chooses by marker
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by folder and fixture. Modules that wait for real programs come first: last, they keep all waiting."""
    for item in items:
        for folder in {"office", "robustness"} & {*item.path.relative_to(item.config.rootpath).parts[:2]}:
            item.add_marker(folder)
        if OFFICE_FIXTURES & {*getattr(item, "fixturenames", ())}:
            item.add_marker("office")
    waiting = {item.path for item in items if item.get_closest_marker("office")}
    items.sort(key=lambda item: item.path not in waiting)


# For every test, and for good: a test, and what it tests, reaches this machine alone.
network_ban.allow_this_machine_alone()


OFFICE_PROGRAMS = {"soffice", "soffice.bin", "libreoffice", "localc", "unopkg"}
OFFICE_PROGRAMS |= {"ssconvert", "gnumeric", "ooxml-validator"}
_started: list[str] = []


def _note_office_program(event: str, arguments: tuple[object, ...]) -> None:
    """Note each office program that this process starts; a stand-in in a temporary folder is none."""
    if event == "subprocess.Popen" and (words := arguments[1]):
        first = words if isinstance(words, str | bytes | os.PathLike) else words[0]  # type: ignore[index]
        program = shutil.which(os.fsdecode(first))
        if program and Path(program).name in OFFICE_PROGRAMS and not program.startswith(tempfile.gettempdir()):
            _started.append(program)


sys.addaudithook(_note_office_program)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test that starts an office program and is not marked `office`: it would not run where there is none."""
    _started.clear()
    yield
    if _started and not item.get_closest_marker("office"):
        pytest.fail(f"starts {_started[0]}: mark this test `office`", pytrace=False)


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or leaves anything in the cache of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OGI_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages are Chinese, whatever the language of whoever runs the test."""
    monkeypatch.setenv("OGI_LANG", "zh")


# Programs. A fixture with the scope of a session exists once in each xdist worker, with a profile of its own.


def _skip_without(program: ModuleType) -> None:
    """Skip the test where that module of tests/office says why its program cannot be started."""
    if (missing := program.why_not()) is not None:
        pytest.skip(missing)


@pytest.fixture(scope="session")
def office() -> Iterator[Office]:
    """A LibreOffice for files: recalculate, convert, print."""
    _skip_without(libreoffice)
    with libreoffice.Office("headless") as running:
        yield running


@pytest.fixture(scope="session")
def clerk_office() -> Iterator[Office]:
    """A LibreOffice with windows that nobody sees, for ``clerk``."""
    _skip_without(libreoffice)
    with libreoffice.Office("svp") as running:
        yield running


@pytest.fixture
def clerk(clerk_office: Office) -> Iterator[Callable[[Path], Clerk]]:
    """``clerk(path)`` is a clerk in front of a copy of that workbook; gone after the test."""
    at_work: list[Clerk] = []

    def sit_down(path: Path) -> Clerk:
        at_work.append(Clerk(clerk_office, path))
        return at_work[-1]

    yield sit_down
    for one in reversed(at_work):
        one.close()


@pytest.fixture(scope="session")
def gnumeric() -> Callable[[Path], dict[str, dict[str, object]]]:
    """``gnumeric(path)`` is what Gnumeric calculates: sheet name → A1 address → value."""
    _skip_without(gnumeric_program)
    return gnumeric_program.recalculated


@pytest.fixture(scope="session")
def openxml_errors() -> Callable[[Path], list[str]]:
    """``openxml_errors(path)`` is what Microsoft's validator finds wrong with a file."""
    _skip_without(openxml)
    return openxml.errors


# No silent skips. A test that is skipped in CI is a test that is not there: with OGI_REFUSE_SKIPS=1 the session fails
# for it, and for every test that is expected to fail. Only the process that reports counts, not the xdist workers.


class _SkipRefuser:
    """Collects what did not really run, and makes the session fail for it."""

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        expected_to_fail = getattr(report, "wasxfail", None)
        if expected_to_fail is not None:
            self.reasons[report.nodeid] = f"xfail: {expected_to_fail or 'no reason given'}"
        elif report.skipped:
            # pytest gives (file, line, "Skipped: why") for a skip.
            why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.reasons[report.nodeid] = why

    pytest_collectreport = pytest_runtest_logreport

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.reasons and session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.reasons:
            terminalreporter.section("skipped tests are refused here (OGI_REFUSE_SKIPS=1)", red=True, bold=True)
            for nodeid, why in self.reasons.items():
                terminalreporter.line(f"{nodeid}: {why}")


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("OGI_REFUSE_SKIPS") == "1" and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_SkipRefuser(), "refuse-skips")
