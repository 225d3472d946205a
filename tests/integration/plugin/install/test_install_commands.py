"""The three commands as the ogi command finds them: by entry points, and without importing the plugin otherwise."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from tests.domain import ROOT
from workbook.cli import GROUP, main
from workbook.cli.console import messages as cli_messages
from xlplugin.install import install_commands as commands
from xlplugin.install import machine
from xlplugin.install.install_record import record_path

NAMES = ("install", "uninstall", "doctor")


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, built: Path) -> None:
    monkeypatch.setenv("OGI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OGI_LIBREOFFICE_PROFILE", str(tmp_path / "profile"))
    monkeypatch.setenv("OGI_SOFFICE", "none")
    monkeypatch.setenv("OGI_TEMPLATES", str(built))
    for name in ("OGI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", NAMES)
def test_the_commands_are_found_by_their_entry_points(name: str) -> None:
    (entry,) = metadata.entry_points(group=GROUP, name=name)
    assert entry.load() is getattr(commands, name)


def test_help_lists_them_with_the_same_words() -> None:
    assert cli_messages.entry("help.more") == {name: getattr(commands, name).short for name in NAMES}


def test_help_names_them_and_each_has_help_that_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    for name in NAMES:
        assert f"\n    {name} " in said
        assert main([name, "--help"]) == 0
        own = capsys.readouterr().out
        assert all(words in own for words in (f"ogi {name}", "例：", "--lang"))


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], [], ["forms"]])
def test_other_commands_import_nothing_of_the_plugin(arguments: list[str]) -> None:
    script = "import sys; from workbook.cli import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    ended = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, check=True, cwd=ROOT)
    imported = {name.partition(".")[0] for name in ended.stderr.decode().split()}
    assert not imported & {"xlplugin", "xlwings"}
    assert arguments == ["forms"] or "importlib.metadata" not in ended.stderr.decode().split()


def test_setting_up_needs_nothing_that_only_building_has() -> None:
    script = "import sys; import xlplugin.install.install_commands; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, cwd=ROOT)
    imported = {name.partition(".")[0] for name in ended.stdout.decode().split()}
    assert not imported & {"pyopenvba", "uno"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["install"], 0, "没有可以设置的"),
        (["install", "--lang", "en"], 0, "nothing to set up"),
        (["uninstall"], 0, "没有可以恢复的"),
        (["doctor"], 0, "没有找到 LibreOffice"),
        (["--debug", "doctor", "--lang=en"], 0, "LibreOffice was not found"),
    ],
)
def test_they_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    monkeypatch.setattr(machine.Machine, "__init__", _on_linux(machine.Machine.__init__))
    assert main(arguments) == code
    assert said in capsys.readouterr().out


def _on_linux(original: Callable[..., None]) -> Callable[..., None]:
    return lambda self: original(self, platform="linux", registry=machine.Registry())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["install", "--only", "word"], "--only"),
        (["install", "--nonsense"], "--nonsense"),
        (["doctor", "--only", "excel"], "--only"),
        (["nonsense"], "nonsense"),
    ],
)
def test_a_wrong_command_line_is_refused(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


LACKING = metadata.EntryPoint("doctor", "no_such_package.commands:doctor", GROUP)


@pytest.mark.parametrize("entries", [(), (LACKING,)], ids=["not installed", "lacks what it needs"])
def test_a_plugin_that_cannot_be_loaded_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], entries: tuple[metadata.EntryPoint, ...]
) -> None:
    monkeypatch.setattr(metadata, "entry_points", lambda **_: entries)
    assert main(["doctor"]) == 2
    assert "ogi-workbook[plugin]" in capsys.readouterr().err


def test_a_damaged_record_is_refused_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    path = record_path(machine.Machine())
    path.parent.mkdir(parents=True)
    path.write_text("{")
    assert main(["uninstall"]) == 2
    assert str(path) in capsys.readouterr().err
    assert path.read_text() == "{"


# The real machine


def test_a_command_that_cannot_be_started_is_no_exception() -> None:
    assert machine.Machine().run(["/nowhere/python"]).code == 127


def test_commands_run_without_what_others_set_for_their_python() -> None:
    here = machine.Machine(environ={"PYTHONPATH": "/theirs", "PYTHONHOME": "/theirs", "KEEP": "1"})
    script = "import os; print(sorted({'PYTHONPATH', 'PYTHONHOME', 'KEEP'} & set(os.environ)))"
    assert here.run([sys.executable, "-c", script]) == machine.FinishedRun(0, "['KEEP']")


def test_there_is_no_registry_but_on_windows() -> None:
    registry = machine.Registry()
    registry.delete_value("HKCU", "x")
    registry.delete_key("HKCU")
    assert registry.value("HKCU", "x") is None
    assert (registry.list_values("HKCU"), registry.list_subkeys("HKCU"), registry.has_key("HKCU")) == ({}, [], False)
    with pytest.raises(OSError, match="no registry"):
        registry.set_value("HKCU", "x", machine.RegistryValue(1))


class Winreg:
    """As much of Windows' module as is used, over a dictionary: key → its values."""

    HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, HKEY_CLASSES_ROOT, KEY_SET_VALUE = "U", "M", "C", 2

    def __init__(self) -> None:
        self.keys: dict[str, dict[str, tuple[object, int]]] = {}

    def OpenKey(self, hive: str, path: str, reserved: int = 0, access: int = 1) -> Handle:  # noqa: ARG002
        if not any(f"{one}\\".startswith(f"{hive}\\{path}\\") for one in self.keys):
            raise FileNotFoundError(path)
        return Handle(f"{hive}\\{path}")

    def CreateKey(self, hive: str, path: str) -> Handle:
        self.keys.setdefault(f"{hive}\\{path}", {})
        return Handle(f"{hive}\\{path}")

    def SetValueEx(self, key: Handle, name: str, reserved: int, kind: int, data: object) -> None:
        assert reserved == 0
        self.keys[key.path][name] = (data, kind)

    def DeleteValue(self, key: Handle, name: str) -> None:
        if name not in self.keys[key.path]:
            raise FileNotFoundError(name)
        del self.keys[key.path][name]

    def DeleteKey(self, hive: str, path: str) -> None:
        if self.keys.pop(f"{hive}\\{path}", None) is None:
            raise FileNotFoundError(path)

    def EnumValue(self, key: Handle, n: int) -> tuple[str, object, int]:
        values = list(self.keys.get(key.path, {}).items())
        if n >= len(values):
            raise OSError(259, "no more data")
        return values[n][0], *values[n][1]

    def EnumKey(self, key: Handle, n: int) -> str:
        below = [one.removeprefix(key.path + "\\") for one in self.keys if one.startswith(key.path + "\\")]
        below = list(dict.fromkeys(one.partition("\\")[0] for one in below))
        if n >= len(below):
            raise OSError(259, "no more data")
        return below[n]


class Handle:
    def __init__(self, path: str) -> None:
        self.path = path

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None: ...


def test_windows_own_registry_is_read_and_written(monkeypatch: pytest.MonkeyPatch) -> None:
    module = Winreg()
    monkeypatch.setitem(sys.modules, "winreg", module)
    registry = machine.WindowsRegistry()
    key = r"HKCU\Software\Ogi"
    assert registry.value(key, "x") is None
    assert not registry.has_key(key)
    assert (registry.list_values(key), registry.list_subkeys(key)) == ({}, [])
    registry.delete_value(key, "x")
    registry.delete_key(key)
    registry.set_value(key, "x", machine.RegistryValue(1, machine.DWORD))
    registry.set_value(key + r"\Below", "", machine.RegistryValue("y"))
    assert module.keys == {r"U\Software\Ogi": {"x": (1, 4)}, r"U\Software\Ogi\Below": {"": ("y", 1)}}
    assert registry.value(key, "x") == machine.RegistryValue(1, machine.DWORD)
    assert registry.value(key, "z") is None
    assert registry.list_values(key) == {"x": machine.RegistryValue(1, machine.DWORD)}
    assert registry.list_subkeys(key) == ["Below"]
    assert registry.has_key(key)
    registry.delete_value(key, "x")
    registry.delete_value(key, "x")
    registry.delete_key(key + r"\Below")
    assert module.keys == {r"U\Software\Ogi": {}}
