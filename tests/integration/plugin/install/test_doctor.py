"""The doctor: nothing to say of a good machine, and for each thing that can be wrong one sentence and what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from string import Formatter

import pytest

from tests.samples import fake_machine as fake
from workbook.cli.console import Console
from workbook.safety.messages import NO_TEXT
from xlplugin.building.addin_settings import write_addin_settings
from xlplugin.building.extension_package import build_extension
from xlplugin.building.ribbon import build_addin
from xlplugin.building.zip_package import build_package, read_parts
from xlplugin.install import excel_addin, libreoffice_extension
from xlplugin.install.doctor import MESSAGES, Level, Remark, examine_machine
from xlplugin.install.install_commands import install_plugin, run_doctor
from xlplugin.install.libreoffice_extension import settings_path
from xlplugin.install.machine import BINARY, DWORD, FinishedRun, RegistryValue

OFFICE, POLICIES = r"HKCU\Software\Microsoft\Office\16.0", r"HKCU\Software\Policies\Microsoft\Office\16.0"
SECURITY = OFFICE + r"\Excel\Security"


MAKE = {"win32": fake.windows, "darwin": fake.mac, "linux": fake.linux}


def bare(kind: str, folder: Path, built: Path) -> fake.Fake:
    """A machine with Excel, where there is one, and LibreOffice, on which nothing is set up."""
    machine = MAKE[kind](folder)
    machine.environ["OGI_TEMPLATES"] = str(built)
    fake.Unopkg(machine, folder / "profile")
    return machine


def good(kind: str, folder: Path, built: Path) -> fake.Fake:
    """A machine with everything set up."""
    machine = bare(kind, folder, built)
    assert install_plugin(machine, Console("zh")) == 0
    return machine


def heard(machine: fake.Fake) -> dict[str, Remark]:
    return {remark.key: remark for remark in examine_machine(machine)}


@pytest.fixture
def windows(tmp_path: Path, built: Path) -> fake.Fake:
    return good("win32", tmp_path, built)


BOTH_HAVE = {"python", "addin", "interpreter", "libreoffice", "extension", "uno"}
GOOD = {
    "win32": BOTH_HAVE | {"excel", "trusted", "macros"},
    "darwin": BOTH_HAVE | {"excel_found", "script"},
    "linux": {"python", "libreoffice", "extension", "uno"},
}
OF_EXCEL = {"addin_missing", "interpreter_missing"}
NOT_SET_UP = {"win32": OF_EXCEL | {"trusted_missing"}, "darwin": OF_EXCEL | {"script_missing"}, "linux": set()}


@pytest.mark.parametrize("kind", MAKE)
def test_a_machine_that_was_set_up_is_good_and_what_is_good_is_said(kind: str, tmp_path: Path, built: Path) -> None:
    machine = good(kind, tmp_path, built)
    found = heard(machine)
    assert {remark.level for remark in found.values()} == {Level.GOOD}
    assert set(found) == GOOD[kind]
    assert run_doctor(machine, Console("zh")) == 0


@pytest.mark.parametrize("kind", MAKE)
def test_a_machine_with_no_spreadsheet_program_needs_nothing(kind: str, tmp_path: Path) -> None:
    machine = MAKE[kind](tmp_path, **({} if kind == "linux" else {"excel": False}))
    machine.environ["OGI_SOFFICE"] = "none"
    found = heard(machine)
    assert found["libreoffice_none"].level is Level.NOTE
    assert ("excel_none" in found) == (kind != "linux")
    assert run_doctor(machine, Console("zh")) == 0


@pytest.mark.parametrize("kind", MAKE)
def test_a_machine_not_set_up_yet_is_told_to_install(kind: str, tmp_path: Path, built: Path) -> None:
    machine = bare(kind, tmp_path, built)
    found = heard(machine)
    wrong = {key for key, remark in found.items() if remark.level is Level.MEND}
    assert wrong == {"extension_missing", "settings_missing"} | NOT_SET_UP[kind]
    assert all("ogi install" in found[key].fix.zh for key in wrong if found[key].fix)
    assert found["profile_none"].level is Level.NOTE
    assert run_doctor(machine, Console("zh")) == 1


# Windows, one thing wrong at a time


def put(key: str, name: str, value: RegistryValue) -> Callable[[fake.Fake], None]:
    return lambda machine: machine.registry.set_value(key, name, value)


def policy(value: int, name: str, place: str = r"Excel\Security") -> Callable[[fake.Fake], None]:
    return put(rf"{POLICIES}\{place}", name, RegistryValue(value, DWORD))


def choice(value: int, name: str, place: str = "") -> Callable[[fake.Fake], None]:
    return put(SECURITY + place, name, RegistryValue(value, DWORD))


def remove(path: Callable[[fake.Fake], Path]) -> Callable[[fake.Fake], None]:
    return lambda machine: path(machine).unlink()


def write(path: Callable[[fake.Fake], Path], data: bytes) -> Callable[[fake.Fake], None]:
    return lambda machine: void(path(machine).write_bytes(data))


def void(_: object) -> None: ...


def wps(machine: fake.Fake) -> None:
    machine.registry.set_value(r"HKCR\Excel.Application\CurVer", "", RegistryValue("Excel.Application.12"))
    machine.registry.set_value(r"HKCR\Excel.Application.12\CLSID", "", RegistryValue("{2}"))
    machine.registry.set_value(r"HKCR\CLSID\{2}\LocalServer32", "", RegistryValue(f'"{fake.WPS}" /automation'))


def another_addin(machine: fake.Fake) -> None:
    parts = read_parts(excel_addin.addin_path(machine).read_bytes())
    excel_addin.addin_path(machine).write_bytes(build_package({**parts, "xl/vbaProject.bin": b"older"}))


def addin_of_a_python_gone(machine: fake.Fake) -> None:
    excel_addin.addin_path(machine).write_bytes(
        write_addin_settings(build_addin(), INTERPRETER_WIN=r"C:\gone\pythonw.exe")
    )


def distrust(machine: fake.Fake) -> None:
    (name,) = machine.registry.list_subkeys(rf"{SECURITY}\Trusted Locations")
    machine.registry.delete_key(rf"{SECURITY}\Trusted Locations\{name}")


def answering(said: str, code: int = 0) -> Callable[[fake.Fake], None]:
    def change(machine: fake.Fake) -> None:
        machine.answer = lambda command: FinishedRun(0, "") if command[-1] == "import uno" else FinishedRun(code, said)

    return change


def no_uno(machine: fake.Fake) -> None:
    machine.answer = lambda command: FinishedRun(1, "") if command[-1] == "import uno" else FinishedRun(0, fake.PROBE)


def probe(**told: object) -> str:
    return "a line of something else\nogi-probe " + json.dumps(
        {"python": "3.12.1", "ogi": None, "xlwings": None} | told
    )


def older_extension(machine: fake.Fake) -> None:
    data = build_extension().replace(b"Addons.xcu", b"Others.xcu")
    libreoffice_extension.add_extension(machine, libreoffice_extension.profile_folder(machine), data)


BLOB = RegistryValue(b"\x01\x00" + r"c:\users\clerk\appdata\xlstart\OGI.xlam".encode("utf-16-le"), BINARY)

INSTALL, OTHER_PYTHON = "ogi install", '"INTERPRETER_WIN","D:\\没有\\python.exe"\r\n'.encode("gbk")
CONF = excel_addin.xlwings_settings_path

WRONG: list[tuple[str, Level, str, Callable[[fake.Fake], None]]] = [
    ("addin_missing", Level.MEND, INSTALL, remove(excel_addin.addin_path)),
    ("addin_unknown", Level.MEND, "关闭 Excel", write(excel_addin.addin_path, b"something else")),
    ("addin_other", Level.MEND, "关闭 Excel", another_addin),
    ("addin_no_python", Level.MEND, INSTALL, addin_of_a_python_gone),
    ("addin_disabled", Level.MEND, "禁用项目", put(OFFICE + r"\Excel\Resiliency\DisabledItems", "1A2B", BLOB)),
    ("addins_off", Level.MEND, "信任中心", choice(1, "DisableAllAddins")),
    ("interpreter_missing", Level.MEND, INSTALL, remove(CONF)),
    ("interpreter_gone", Level.MEND, INSTALL, write(CONF, OTHER_PYTHON)),
    ("excel_wps", Level.MEND, "WPS 配置工具", wps),
    ("trusted_missing", Level.MEND, INSTALL, distrust),
    ("trusted_off", Level.MEND, "受信任位置", choice(1, "AllLocationsDisabled", r"\Trusted Locations")),
    ("trusted_policy", Level.MEND, "管理员", policy(0, "Allow User Locations", r"Common\Security\Trusted Locations")),
    ("macros_all", Level.NOTE, "", choice(1, "VBAWarnings")),
    ("macros_signed", Level.NOTE, "--trust", choice(3, "VBAWarnings")),
    ("macros_none", Level.NOTE, "--trust", policy(4, "VBAWarnings")),
    ("macros_internet", Level.NOTE, "解除锁定", policy(1, "blockcontentexecutionfrominternet")),
    ("python_fails", Level.MEND, "重新安装", answering("Traceback…\nModuleNotFoundError: xlplugin", 1)),
    ("python_no_xlwings", Level.MEND, "pip install", answering(probe())),
    ("python_other_xlwings", Level.MEND, "pip install", answering(probe(xlwings="1.0.0"))),
    ("extension_other", Level.MEND, "关闭 LibreOffice", older_extension),
    ("settings_missing", Level.MEND, INSTALL, remove(settings_path)),
    ("settings_broken", Level.MEND, INSTALL, write(settings_path, b"{")),
    ("settings_gone", Level.MEND, INSTALL, write(settings_path, b'{"python": "/gone/python"}')),
    ("uno_missing", Level.MEND, "自带的 Python", no_uno),
]


@pytest.mark.parametrize(("key", "level", "fix", "spoil"), WRONG, ids=[key for key, *_ in WRONG])
def test_each_fault_has_its_sentence_and_its_remedy(
    windows: fake.Fake, capsys: pytest.CaptureFixture[str], key: str, level: Level, fix: str, spoil: Callable[..., None]
) -> None:
    spoil(windows)
    before = windows.files(), windows.registry.state()
    found = heard(windows)
    assert found[key].level is level
    assert fix in (found[key].fix or NO_TEXT).zh
    assert {remark.level for other, remark in found.items() if other != key} <= {Level.GOOD}, found
    capsys.readouterr()
    assert run_doctor(windows, Console("zh")) == (1 if level is Level.MEND else 0)
    assert MESSAGES.get(f"doctor.{key}", **dict.fromkeys(FACTS, "")).zh[:6] in capsys.readouterr().out
    assert (windows.files(), windows.registry.state()) == before


FACTS = ["path", "python", "program", "version", "why", "found", "wanted", "file", "count", "fix", "ogi", "xlwings"]


def test_what_is_wrong_can_be_mended_by_installing_again(windows: fake.Fake) -> None:
    for key, _, fix, spoil in WRONG:
        if "ogi install" in fix or "关闭" in fix:
            spoil(windows)
            assert key in heard(windows)
            assert install_plugin(windows, Console("zh")) == 0
            assert {remark.level for remark in heard(windows).values()} == {Level.GOOD}, key


def test_a_policy_weighs_more_than_the_users_setting(windows: fake.Fake) -> None:
    choice(1, "VBAWarnings")(windows)
    policy(2, "VBAWarnings")(windows)
    assert "macros" in heard(windows)


def test_wps_alone_is_not_excel(tmp_path: Path) -> None:
    machine = fake.windows(tmp_path, excel=False)
    machine.environ["OGI_SOFFICE"] = "none"
    wps(machine)
    found = heard(machine)
    assert found["only_wps"].level is Level.NOTE
    assert "kingsoft" in found["only_wps"].text.zh.lower()
    assert run_doctor(machine, Console("zh")) == 0


def test_excel_on_a_32_bit_registration_is_found(tmp_path: Path) -> None:
    machine = fake.windows(tmp_path, excel=False)
    machine.registry.set_value(r"HKCR\Excel.Application\CLSID", "", RegistryValue("{3}"))
    machine.registry.set_value(r"HKCR\WOW6432Node\CLSID\{3}\LocalServer32", "", RegistryValue(fake.EXCEL))
    assert excel_addin.find_server(machine) == excel_addin.ExcelServer(fake.EXCEL, is_wps=False)
    assert excel_addin.is_installed(machine)
    assert "excel" in heard(machine)


def test_a_package_without_the_addin_cannot_compare(windows: fake.Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: object) -> bytes:
        raise excel_addin.FileNotFound(excel_addin.ADDIN)

    monkeypatch.setattr(excel_addin, "read_built_addin", missing)
    assert heard(windows)["shipped_missing"].level is Level.NOTE


# Mac and Linux


def test_a_mac_without_the_script_is_told(tmp_path: Path, built: Path) -> None:
    machine = good("darwin", tmp_path, built)
    excel_addin.script_path(machine).write_bytes(b"another")
    assert heard(machine)["script_missing"].level is Level.MEND


def test_a_space_in_the_path_of_a_macs_python_is_said_once(tmp_path: Path, built: Path) -> None:
    machine = fake.mac(tmp_path, where="my python")
    machine.environ |= {"OGI_TEMPLATES": str(built), "OGI_SOFFICE": "none"}
    install_plugin(machine, Console("zh"))
    assert "没有空格" in (heard(machine)["mac_space"].fix or NO_TEXT).zh


def test_on_linux_the_bridge_comes_from_the_distribution(tmp_path: Path, built: Path) -> None:
    machine = good("linux", tmp_path, built)
    no_uno(machine)
    assert "python3-uno" in (heard(machine)["uno_missing"].fix or NO_TEXT).zh


# Words


def test_english_is_spoken_when_asked(windows: fake.Fake, capsys: pytest.CaptureFixture[str]) -> None:
    remove(excel_addin.addin_path)(windows)
    capsys.readouterr()
    assert run_doctor(windows, Console("en")) == 1
    said = capsys.readouterr().out
    assert "The add-in is missing" in said
    assert "Run ogi install." in said
    assert "To be mended: 1." in said


def test_every_sentence_of_the_doctor_is_in_some_case_above() -> None:
    text = Path(__file__).read_text("utf-8")
    elsewhere = {*GOOD["win32"], *GOOD["darwin"], "all_good", "to_mend", "arrow"}
    assert [key for key in set(MESSAGES.texts("doctor")) - elsewhere if f'"{key}"' not in text] == []


@pytest.mark.parametrize("group", ["step", "install", "uninstall", "level", "doctor", "fix"])
def test_every_sentence_is_in_both_languages_with_the_same_facts(group: str) -> None:
    for key in MESSAGES.texts(group):
        zh, en = MESSAGES.get(f"{group}.{key}", **dict.fromkeys([*FACTS, "what", "target", "folder", "name"], "X"))
        assert zh
        assert en
        raw = MESSAGES.entry(f"{group}.{key}")
        first, second = ({name for _, name, _, _ in Formatter().parse(text) if name} for text in raw)
        assert first == second, key
