"""ogi.oxt: installs into a fresh LibreOffice, shows its toolbar and menu, and runs a command without blocking."""

from __future__ import annotations

import json
import sys
import threading
import time
import tomllib
import zipfile
from pathlib import Path

import pytest
from defusedxml import ElementTree

from tests.domain import ROOT
from tests.integration.plugin.conftest import sample
from tests.office import libreoffice
from tests.office.libreoffice import Office, bridge, texts_of, wait_for
from tests.robustness.hostile.module_folder import fill, ran
from tests.samples.extension_job import loaded
from workbook.excel.template.template_writer import write_workbook
from workbook.safety import owned_folders
from xlplugin.building import extension_package as extension
from xlplugin.building.plugin_commands import list_buttons, list_commands
from xlplugin.install.extension_manager import add_extension

OOR = "{http://openoffice.org/2001/registry}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


# The package


@pytest.fixture(scope="module")
def archive(built):
    with zipfile.ZipFile(built / "ogi.oxt") as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def test_the_manifest_names_every_part(archive):
    space = "{http://openoffice.org/2001/manifest}"
    named = {entry.get(f"{space}full-path") for entry in ElementTree.fromstring(archive["META-INF/manifest.xml"])}
    assert named == archive.keys() - {"META-INF/manifest.xml", "description.xml", "messages.json"}


def test_its_version_is_the_projects(archive):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    space = "{http://openoffice.org/extensions/description/2006}"
    assert ElementTree.fromstring(archive["description.xml"]).find(f"{space}version").get("value") == version


def items(archive, which):
    """The items below a node of Addons.xcu: name → {property: {language: text}}."""
    root = ElementTree.fromstring(archive["Addons.xcu"])
    node = next(node for node in root.iter("node") if node.get(f"{OOR}name") == which)
    found = {}
    for item in node.iter("node"):
        stated = {
            prop.get(f"{OOR}name"): {value.get(LANG): value.text for value in prop.iter("value")}
            for prop in item.findall("prop")
        }
        if "URL" in stated:
            found[item.get(f"{OOR}name")] = stated
    return found


@pytest.mark.parametrize(("which", "offered"), [("OfficeToolBar", list_buttons()), ("OfficeMenuBar", list_commands())])
def test_toolbar_and_menu_offer_the_commands_in_their_order(archive, which, offered):
    found = items(archive, which)
    assert list(found) == sorted(found)  # LibreOffice sorts by name
    assert [item["URL"][None] for item in found.values()] == [extension.command_url(command) for command in offered]
    titles = [(item["Title"]["zh-CN"], item["Title"]["en-US"]) for item in found.values()]
    assert titles == [(command.zh, command.en) for command in offered]
    assert {item["Context"][None] for item in found.values()} == {"com.sun.star.sheet.SpreadsheetDocument"}


# What its job decides, without LibreOffice


@pytest.fixture(scope="module")
def job():
    return loaded()


def test_the_job_is_the_one_the_addresses_name(job):
    assert extension.SERVICE == job.IMPLEMENTATION
    assert {command.code for command in list_commands() if command.anywhere} == job.ANYWHERE


@pytest.mark.parametrize(
    ("platform", "environ", "wanted"),
    [
        ("linux", {"HOME": "/home/a"}, "/home/a/.config/ogi/libreoffice.json"),
        ("linux", {"HOME": "/home/a", "XDG_CONFIG_HOME": "/x"}, "/x/ogi/libreoffice.json"),
        ("darwin", {"HOME": "/Users/a"}, "/Users/a/Library/Application Support/ogi/libreoffice.json"),
        ("win32", {"LOCALAPPDATA": "/l", "USERPROFILE": "/u"}, "/l/ogi/libreoffice.json"),
        ("linux", {"HOME": "/home/a", "OGI_LIBREOFFICE": "/o.json"}, "/o.json"),
    ],
)
def test_where_the_python_to_run_is_written_down(job, platform, environ, wanted):
    assert job.settings_path(environ, platform).as_posix() == wanted


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"python": "/nowhere/python"}'])
def test_the_python_written_down_is_run_and_none_is_told(job, tmp_path, text):
    path = tmp_path / "libreoffice.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ValueError, match=r"libreoffice\.json|nowhere"):
        job.read_interpreter(path)
    path.write_text(json.dumps({"python": sys.executable}))
    assert job.read_interpreter(path) == sys.executable


def test_what_libreoffice_sets_for_its_own_python_is_not_handed_on(job):
    assert job.clean_environment({"PYTHONHOME": "x", "PYTHONPATH": "y", "HOME": "z"}) == {"HOME": "z"}


# In LibreOffice

# What stands in for xlplugin.hosts.run: it comes through the pipe, and writes into the workbook that called.
COMMAND = """
import json, sys, time
sys.path[:0] = {path!r}
import uno
command, _, pipe, name = sys.argv[sys.argv.index("xlplugin.hosts.run") + 1 :][:4]
if command == "clear_marks":
    sys.exit("这一步出错了")
local = uno.getComponentContext()
resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
context = resolver.resolve("uno:pipe,name=" + pipe + ";urp;StarOffice.ComponentContext")
desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
document = desktop.getCurrentComponent()
sheet = document.Sheets.getByIndex(0)
if command == "import_json":  # one that is half done until somebody says that it may go on
    document.lockControllers()
    steps = document.getUndoManager()
    steps.enterUndoContext("导入")
    sheet.getCellRangeByName("B1").String = "一半"
    until = time.monotonic() + 30
    while not sheet.getCellRangeByName("B2").String and time.monotonic() < until:
        time.sleep(0.05)
    steps.leaveUndoContext()
    document.unlockControllers()
else:
    time.sleep(1)  # a slow command; LibreOffice goes on meanwhile
sheet.getCellRangeByName("A1").String = json.dumps([command, name, document.Title, pipe], ensure_ascii=False)
"""


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """A LibreOffice with the extension, opened in a stranger's folder, and a stand-in for the Python it runs."""
    if (missing := libreoffice.why_not()) is not None:
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("installed")
    script, program, settings = folder / "command.py", folder / "python", folder / "libreoffice.json"
    script.write_text(COMMAND.format(path=[entry for entry in sys.path if entry]), "utf-8")
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
    program.chmod(0o755)
    settings.write_text(json.dumps({"python": str(program)}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OGI_LIBREOFFICE", str(settings))
        patch.setenv("TMPDIR", str(folder))  # its logs and pipes
        patch.delenv("PYTHONSAFEPATH", raising=False)
        (folder / "收到的年报").mkdir()
        patch.chdir(fill(folder / "收到的年报", folder / "ran"))
        office = Office("svp")
    with office:
        with office.deadline(90):
            added = add_extension(office.context, built / "ogi.oxt")
        yield office, added, settings


def test_it_installs(installed):
    _, added, _ = installed
    assert added.Identifier.Value == "ogi.workbook"
    assert added.DisplayName
    registered = added.isRegistered(None, None)
    assert registered.IsPresent
    assert registered.Value.Value  # and not ambiguous


def blank(office):
    return office.desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, ())


def test_every_address_resolves(installed):
    office, _, _ = installed
    with office.deadline():
        document = blank(office)
        address = bridge().createUnoStruct("com.sun.star.util.URL")
        for command in list_commands():
            address.Complete = extension.command_url(command)
            _, parsed = office.service("com.sun.star.util.URLTransformer").parseStrict(address)
            assert document.CurrentController.Frame.queryDispatch(parsed, "_self", 0) is not None, command.code
        document.close(True)
        assert office.service(extension.SERVICE) is not None


def toolbar(document):
    """The toolbar as assistive programs see it."""
    name = "private:resource/toolbar/addon_ogi.workbook.toolbar"
    element = document.CurrentController.Frame.LayoutManager.getElement(name)
    return element.getRealInterface().getAccessibleContext()


def test_the_toolbar_is_shown_in_calc_alone(installed):
    office, _, _ = installed
    with office.deadline():
        document = blank(office)
        bar = toolbar(document)
        said = [bar.getAccessibleChild(n).getAccessibleContext() for n in range(bar.getAccessibleChildCount())]
        names = [one.getAccessibleName() for one in said]
        document.close(True)
        letter = office.desktop.loadComponentFromURL("private:factory/swriter", "_blank", 0, ())
        elsewhere = [one.ResourceURL for one in letter.CurrentController.Frame.LayoutManager.getElements()]
        letter.close(True)
    # This LibreOffice speaks English.
    assert bar is not None
    assert names == [command.en for command in list_buttons()]
    assert not [name for name in elsewhere if "ogi" in name]


@pytest.fixture
def settings(installed):
    """The file that names the Python to run, as it was once more after the test."""
    path = installed[2]
    before = path.read_text()
    yield path
    path.write_text(before)


def test_nothing_of_the_folder_it_was_opened_from_is_run(installed, settings):
    """By a press in a workbook that lies there beside a module of every name, with the real Python and command."""
    office, marker = installed[0], settings.with_name("ran")
    settings.write_text(json.dumps({"python": sys.executable}))
    path = settings.parent / "收到的年报" / "某局 2020.xlsx"
    write_workbook(path, sample())
    with office.deadline(100):
        document = office.open(path, hidden=False)
        office.dispatch(document, f"service:{extension.SERVICE}?validate")
        wait_for(lambda: document.Sheets.hasByName("问题") or ran(marker))
        found = document.Sheets.hasByName("问题")
        wait_for(lambda: not left(settings.parent) or ran(marker))
        document.close(True)
    assert (ran(marker), found) == ([], True)


def written(document):
    """What the stand-in wrote into the workbook."""
    cell = document.Sheets.getByIndex(0).getCellRangeByName("A1")
    return json.loads(wait_for(lambda: cell.String))


@pytest.mark.parametrize("code", ["validate", "merge_folder"])
def test_a_command_runs_beside_libreoffice_and_reaches_the_workbook(installed, code):
    office, _, settings = installed
    with office.deadline(60):
        document = blank(office)
        started = time.monotonic()
        office.dispatch(document, f"service:{extension.SERVICE}?{code}")
        assert time.monotonic() - started < 0.9  # it did not wait for the command, which takes a second
        *said, pipe = written(document)
        title = document.Title
        document.close(True)
    assert said == [code, f"--wb={title}", title]
    wait_for(lambda: not left(settings.parent, pipe))


def left(folder, pipe="-"):
    """What is left of the folders and the pipe of a command."""
    return [*folder.glob("ogi-*"), *Path("/tmp").glob(f"OSL_PIPE_*_{pipe}")]


def pressed(office, document, address):
    """A press of a button that opens a message box, and returns when that has been answered: in a thread of its own.

    All that the press needs is asked for beforehand: two threads must not learn what an object can do at one time.
    """
    helper = office.service("com.sun.star.frame.DispatchHelper")
    press, frame = helper.executeDispatch, document.CurrentController.Frame
    for name in ("org.libreoffice.uitest.UITest", "com.sun.star.awt.Toolkit"):
        office.service(name)
    pressing = threading.Thread(target=press, args=(frame, address, "", 0, ()))
    pressing.start()
    return pressing


def answered(office, answer="ok"):
    """The texts of the message box that is there, or comes in a moment; it is answered."""
    tests, toolkit = office.service("org.libreoffice.uitest.UITest"), office.service("com.sun.star.awt.Toolkit")

    def find_box():
        windows = [toolkit.getTopWindow(n).getAccessibleContext() for n in range(toolkit.getTopWindowCount())]
        return next((one for one in windows if one and one.getAccessibleName() == "公开年报"), None)

    said = "".join(texts_of(wait_for(find_box)))
    tests.getTopFocusWindow().getChild(answer).executeAction("CLICK", ())
    return said


def test_a_command_that_fails_says_why(installed):
    office, _, settings = installed
    with office.deadline(60):
        document = blank(office)
        office.dispatch(document, f"service:{extension.SERVICE}?clear_marks")
        said = answered(office)
        document.close(True)
    assert "这一步出错了" in said
    assert "ogi-" in said  # and where the log is, which stays
    for folder in settings.parent.glob("ogi-*"):
        assert owned_folders.is_owned_folder(folder)
        owned_folders.remove_owned_folder(folder)
    wait_for(lambda: not left(settings.parent))


@pytest.mark.parametrize(
    ("answer", "done", "half", "steps"),
    [("no", ["import_json"], "一半", 3), ("yes", ["export_json"], "", 2)],
)
def test_one_command_at_a_time(installed, answer, done, half, steps):
    """A second press asks whether to stop what runs; "no" lets it run on and starts nothing.

    What is stopped leaves nothing behind: no change, no open step, no locked window.
    """
    office, _, settings = installed
    with office.deadline(60):
        document = blank(office)
        cells = {name: document.Sheets.getByIndex(0).getCellRangeByName(name) for name in ("B1", "B2", "C1")}
        cells["C1"].String = "自己的"
        office.dispatch(document, f"service:{extension.SERVICE}?import_json")
        wait_for(lambda: cells["B1"].String)
        pressing = pressed(office, document, f"service:{extension.SERVICE}?export_json")
        said = answered(office, answer)
        pressing.join()
        if answer == "no":
            cells["B2"].String = "可以"
        assert written(document)[:1] == done
        assert (cells["B1"].String, cells["C1"].String) == (half, "自己的")
        assert not document.hasControllersLocked()
        assert len(document.getUndoManager().getAllUndoActionTitles()) == steps  # 自己的, 导入, and what was written
        assert document.getUndoManager().getAllRedoActionTitles() == ()
        document.close(True)
    assert "中止" in said
    wait_for(lambda: not left(settings.parent))


def test_without_a_python_it_says_what_to_do(installed, settings):
    office = installed[0]
    settings.unlink()
    with office.deadline(60):
        document = blank(office)
        pressing = pressed(office, document, f"service:{extension.SERVICE}?validate")
        said = answered(office)
        pressing.join()
        document.close(True)
    assert "ogi install" in said
