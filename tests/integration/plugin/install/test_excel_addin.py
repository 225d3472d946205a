"""Setting up Excel, on computers that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.samples import fake_machine as fake
from workbook.cli.console import Console
from workbook.safety.messages import UserError
from xlplugin.building.addin_settings import is_same_addin, read_addin_settings, write_addin_settings
from xlplugin.building.macro_workbooks import _xlwings_modules
from xlplugin.building.ribbon import build_addin
from xlplugin.building.zip_package import build_package
from xlplugin.install import excel_addin
from xlplugin.install import machine as machines
from xlplugin.install.install_commands import install_plugin, uninstall_plugin
from xlplugin.install.machine import DWORD, RegistryValue

LOCATIONS = r"HKCU\Software\Microsoft\Office\{}\Excel\Security\Trusted Locations"


def equipped(machine: fake.Fake, built: Path) -> fake.Fake:
    """The computer with our built files at hand, and no LibreOffice."""
    machine.environ |= {"OGI_TEMPLATES": str(built), "OGI_SOFFICE": "none"}
    return machine


@pytest.fixture
def machine(tmp_path: Path, built: Path) -> fake.Fake:
    return equipped(fake.windows(tmp_path), built)


@pytest.fixture
def a_mac(tmp_path: Path, built: Path) -> fake.Fake:
    return equipped(fake.mac(tmp_path), built)


def state(machine: fake.Fake) -> tuple[object, object]:
    return machine.files(), machine.registry.state()


# The add-in's settings


def test_a_python_is_written_into_the_addin_and_over_another() -> None:
    package = build_addin()
    python = r"C:\Users\张三 & 李四\pythonw.exe"
    assert read_addin_settings(write_addin_settings(package, INTERPRETER_WIN=python))["INTERPRETER_WIN"] == python
    assert read_addin_settings(package)["USE UDF SERVER"] == "False"
    once = write_addin_settings(package, INTERPRETER_MAC="/one")
    assert write_addin_settings(once, INTERPRETER_MAC="/two") == write_addin_settings(package, INTERPRETER_MAC="/two")
    assert write_addin_settings(once, INTERPRETER_MAC="") == package


def test_versions_are_told_apart_whatever_the_settings() -> None:
    package = build_addin()
    assert is_same_addin(write_addin_settings(package, INTERPRETER_WIN="x"), package)
    assert not is_same_addin(package.replace(b"customUI14", b"customUI15"), package)
    assert not is_same_addin(b"no zip", package)


def test_what_is_not_our_addin_is_refused() -> None:
    for package in (build_package({"a": b""}), build_package({"xl/worksheets/sheet2.xml": b"<worksheet/>"})):
        with pytest.raises(ValueError, match="not our add-in"):
            write_addin_settings(package, INTERPRETER_WIN="x")


def test_the_number_of_the_mac_script_is_that_of_our_macros() -> None:
    assert f'XLWINGS_VERSION As String = "{excel_addin.XLWINGS}"' in _xlwings_modules()["xlwings"].text
    script = excel_addin.find_script()
    assert script is not None
    assert script.name == f"xlwings-{excel_addin.XLWINGS}.applescript"


# Windows


def test_windows_is_set_up_and_put_back_to_the_byte(machine: fake.Fake, console: Console) -> None:
    excel_addin.xlwings_settings_path(machine).parent.mkdir()
    excel_addin.xlwings_settings_path(machine).write_bytes('"PYTHONPATH","D:\\资料"\r\n'.encode("gbk"))
    files, keys = state(machine)
    assert install_plugin(machine, console) == 0

    startup = machine.home / "AppData/Roaming/Microsoft/Excel/XLSTART"
    pythonw = machine.python.with_name("pythonw.exe")
    installed = (startup / "ogi.xlam").read_bytes()
    assert read_addin_settings(installed)["INTERPRETER_WIN"] == str(pythonw)
    assert is_same_addin(installed, excel_addin.read_built_addin(machine))
    assert excel_addin.xlwings_settings_path(machine).read_bytes() == (
        '"PYTHONPATH","D:\\资料"\r\n"INTERPRETER_WIN","%LOCALAPPDATA%/ogi/python/Scripts/pythonw.exe"\r\n'.encode("gbk")
    )
    location = LOCATIONS.format("16.0") + r"\Location20"
    assert machine.registry.list_values(location) == {
        "Path": RegistryValue(f"{startup}\\"),
        "Description": RegistryValue("ogi"),
    }
    assert not any(key.startswith("HKLM") for key in set(machine.registry.keys) - set(keys)), "needs an administrator"

    once = state(machine)
    assert install_plugin(machine, console) == 0
    assert state(machine) == once, "the second time nothing is done"
    assert uninstall_plugin(machine, console) == 0
    assert state(machine) == (files, keys)
    assert uninstall_plugin(machine, console) == 0


def test_a_dry_run_changes_nothing(machine: fake.Fake, console: Console, capsys: pytest.CaptureFixture[str]) -> None:
    before = state(machine)
    assert install_plugin(machine, console, dry_run=True) == 0
    assert state(machine) == before
    said = capsys.readouterr().out
    assert said.count("将要做") == 3
    assert "什么也没有改" in said


def test_a_new_version_replaces_the_old_and_the_first_state_is_restored(
    machine: fake.Fake, console: Console, tmp_path: Path
) -> None:
    before = machine.files()
    old = tmp_path / "old"
    old.mkdir()
    (old / "ogi.xlam").write_bytes(build_addin().replace(b"customUI14", b"customUI15"))
    new = machine.environ["OGI_TEMPLATES"]
    machine.environ["OGI_TEMPLATES"] = str(old)
    install_plugin(machine, console)
    machine.environ["OGI_TEMPLATES"] = new
    install_plugin(machine, console)
    assert is_same_addin(excel_addin.addin_path(machine).read_bytes(), excel_addin.read_built_addin(machine))
    uninstall_plugin(machine, console)
    assert machine.files() == before


def test_every_excel_of_the_user_is_told(machine: fake.Fake, console: Console) -> None:
    machine.registry.set_value(r"HKCU\Software\Microsoft\Office\15.0\Excel\Options", "x", RegistryValue(1, DWORD))
    machine.registry.set_value(r"HKCU\Software\Microsoft\Office\12.0\Excel\Options", "x", RegistryValue(1, DWORD))
    machine.registry.set_value(r"HKCU\Software\Microsoft\Office\14.0\Word\Options", "x", RegistryValue(1, DWORD))
    install_plugin(machine, console)
    assert [v for v in ("12.0", "14.0", "15.0", "16.0") if machine.registry.list_subkeys(LOCATIONS.format(v))] == [
        "15.0",
        "16.0",
    ]


@pytest.mark.parametrize("text", ["%APPDATA%\\Microsoft\\Excel\\XLSTART", "%appdata%\\Microsoft\\Excel\\XLSTART\\"])
def test_a_startup_folder_trusted_already_is_not_trusted_twice(machine: fake.Fake, text: str) -> None:
    base = LOCATIONS.format("16.0")
    machine.environ["APPDATA"] = r"C:\Users\a\AppData\Roaming"
    machine.registry.set_value(rf"{base}\Location1", "Path", RegistryValue(text))
    step = excel_addin.trust_step(machine, "16.0", Path(r"C:\Users\a\AppData\Roaming\Microsoft\Excel\XLSTART"))
    assert step.target == rf"{base}\Location1"
    assert step.is_done


def test_another_trusted_location_keeps_its_number(machine: fake.Fake, console: Console) -> None:
    base = LOCATIONS.format("16.0")
    machine.registry.set_value(rf"{base}\Location20", "Path", RegistryValue("D:\\other\\"))
    install_plugin(machine, console)
    assert machine.registry.value(rf"{base}\Location20", "Path") == RegistryValue("D:\\other\\")
    assert machine.registry.has_key(rf"{base}\Location21")
    uninstall_plugin(machine, console)
    assert machine.registry.list_subkeys(base) == ["Location20"]


def test_a_folder_of_ones_own_can_be_trusted(machine: fake.Fake, console: Console, tmp_path: Path) -> None:
    folder = tmp_path / "年报"
    folder.mkdir()
    before = machine.registry.state()
    assert install_plugin(machine, console, trust=str(folder)) == 0
    values = machine.registry.list_values(LOCATIONS.format("16.0") + r"\Location40")
    assert values["Path"] == RegistryValue(f"{folder}\\")
    assert values["AllowSubfolders"] == RegistryValue(1, DWORD)
    uninstall_plugin(machine, console)
    assert machine.registry.state() == before


TOO_WIDE = [r"\\server\share\年报", "/", "C:\\", "{home}", "{home}/Downloads", "{home}/Desktop"]


@pytest.mark.parametrize(("folder", "words"), [*((one, "范围太大") for one in TOO_WIDE), ("{home}/no", "不存在")])
def test_a_folder_where_strangers_files_lie_is_not_trusted(
    machine: fake.Fake, console: Console, folder: str, words: str
) -> None:
    before = state(machine)
    with pytest.raises(UserError, match=words):
        install_plugin(machine, console, trust=folder.format(home=machine.home))
    assert state(machine) == before


def test_a_name_of_a_user_that_macros_cannot_read_is_written_as_a_variable(
    tmp_path: Path, built: Path, console: Console
) -> None:
    machine = equipped(fake.windows(tmp_path, user="ᠮᠣᠩᠭᠣᠯ"), built)
    assert install_plugin(machine, console) == 0
    assert b"%LOCALAPPDATA%" in excel_addin.xlwings_settings_path(machine).read_bytes()


def test_a_folder_name_that_macros_cannot_read_is_refused_before_anything_is_done(
    machine: fake.Fake, console: Console, tmp_path: Path
) -> None:
    machine.python = tmp_path / "ᠮᠣᠩᠭᠣᠯ" / "python.exe"
    before = machine.files()
    with pytest.raises(UserError, match="读不了"):
        install_plugin(machine, console)
    assert machine.files() == before


def test_a_chinese_folder_name_is_written_as_windows_writes_it(
    machine: fake.Fake, tmp_path: Path, console: Console
) -> None:
    machine.python = tmp_path / "程序" / "python.exe"
    fake.made(machine.python)
    install_plugin(machine, console)
    assert f'"{machine.python}"'.encode("gbk") in excel_addin.xlwings_settings_path(machine).read_bytes()


def test_a_file_excel_holds_open_stops_only_its_own_step(
    machine: fake.Fake, console: Console, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbook.safety import atomic_write

    really = atomic_write.write_bytes

    def held(path: Path, data: bytes, **how: bool) -> None:
        if path.suffix == ".xlam":
            raise PermissionError(13, "held by Excel", str(path))
        really(path, data, **how)

    monkeypatch.setattr(atomic_write, "write_bytes", held)
    assert install_plugin(machine, console) == 2
    said = capsys.readouterr().out
    assert "未做成" in said
    assert "请关闭 Excel" in said
    assert excel_addin.xlwings_settings_path(machine).is_file()
    monkeypatch.undo()
    assert install_plugin(machine, console) == 0
    assert excel_addin.addin_path(machine).is_file()


def test_an_addin_that_cannot_be_removed_stays_in_the_record(
    machine: fake.Fake, console: Console, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = machine.files()
    install_plugin(machine, console)

    def held(path: Path, **_: object) -> None:
        raise PermissionError(13, "held by Excel", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", held)
        assert uninstall_plugin(machine, console) == 2
    assert "未恢复" in capsys.readouterr().out
    assert uninstall_plugin(machine, console) == 0
    assert machine.files() == before


def test_what_the_user_changed_is_said_and_left(
    machine: fake.Fake, console: Console, capsys: pytest.CaptureFixture[str]
) -> None:
    install_plugin(machine, console)
    excel_addin.addin_path(machine).write_bytes(b"mine")
    assert uninstall_plugin(machine, console) == 0
    assert "未动　Excel 加载项" in capsys.readouterr().out
    assert excel_addin.addin_path(machine).read_bytes() == b"mine"


def test_without_excel_there_is_nothing_to_do_unless_asked(
    tmp_path: Path, built: Path, console: Console, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = equipped(fake.windows(tmp_path, excel=False), built)
    before = machine.files()
    assert install_plugin(machine, console) == 0
    assert "没有可以设置的" in capsys.readouterr().out
    assert machine.files() == before
    assert install_plugin(machine, console, only="excel") == 0
    assert excel_addin.addin_path(machine).is_file()


def test_a_package_without_the_addin_is_said(
    machine: fake.Fake, console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.environ["OGI_TEMPLATES"] = str(tmp_path)
    monkeypatch.setattr(machines, "_ROOT", tmp_path)
    with pytest.raises(UserError, match=r"ogi\.xlam"):
        install_plugin(machine, console)


# Mac


def test_a_mac_is_set_up_and_put_back_to_the_byte(a_mac: fake.Fake, console: Console) -> None:
    files = a_mac.files()
    assert install_plugin(a_mac, console) == 0
    library = a_mac.home / "Library"
    placed = library / "Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel/ogi.xlam"
    assert read_addin_settings(placed.read_bytes())["INTERPRETER_MAC"] == str(a_mac.python)
    conf = library / "Containers/com.microsoft.Excel/Data/xlwings.conf"
    assert conf.read_text("utf-8") == f'"INTERPRETER_MAC","{a_mac.python}"\n'
    script = library / "Application Scripts/com.microsoft.Excel" / f"xlwings-{excel_addin.XLWINGS}.applescript"
    assert b"VbaHandler" in script.read_bytes()
    once = a_mac.files()
    assert install_plugin(a_mac, console) == 0
    assert a_mac.files() == once
    assert uninstall_plugin(a_mac, console) == 0
    assert a_mac.files() == files


def test_folders_are_trusted_on_windows_only(a_mac: fake.Fake, console: Console, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Windows"):
        install_plugin(a_mac, console, trust=str(tmp_path))


def test_a_mac_without_xlwings_is_told_what_to_run(
    a_mac: fake.Fake, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = a_mac.files()
    monkeypatch.setattr(excel_addin, "find_spec", lambda _: None)
    with pytest.raises(UserError, match="pip install"):
        install_plugin(a_mac, console)
    assert a_mac.files() == before


def test_linux_has_no_excel(tmp_path: Path, console: Console) -> None:
    with pytest.raises(UserError, match="没有 Excel"):
        install_plugin(fake.linux(tmp_path), console, only="excel")
