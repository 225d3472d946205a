"""Every step can be made twice and is undone; what somebody else changed since is left to them."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.samples import fake_machine as fake
from workbook.cli.console import Console
from workbook.safety.messages import UserError
from xlplugin.install.excel_addin import xlwings_settings_path
from xlplugin.install.install_commands import uninstall_plugin
from xlplugin.install.install_record import InstallRecord, record_path
from xlplugin.install.install_steps import (
    Step,
    file_step,
    find_setting,
    registry_step,
    replace_setting,
    setting_step,
    sha256,
)
from xlplugin.install.libreoffice_extension import extension_step, read_installed
from xlplugin.install.machine import DWORD, RegistryValue

KEY = r"HKCU\Software\Microsoft\Office\16.0\Excel\Security\Trusted Locations\Location20"


@pytest.fixture
def machine(tmp_path: Path) -> fake.Fake:
    return fake.windows(tmp_path)


def make(machine: fake.Fake, step: Step) -> None:
    InstallRecord(machine).make(step)


def undo(machine: fake.Fake) -> bool:
    """Undo the only step in the record."""
    record = InstallRecord(machine)
    (entry,) = record.entries
    return record.undo(entry)


# A step of each kind, on what was there before; what undoing it gives back


def step_for(machine: fake.Fake, kind: str, value: str = "ours") -> Step:
    """The step of a kind that puts a value into the same place."""
    if kind == "file":
        return file_step("addin", machine.home / "new" / "deep" / "ogi.xlam", value.encode())
    if kind == "setting":
        return setting_step(xlwings_settings_path(machine), "INTERPRETER_WIN", value, "gbk", b"\r\n")
    values = {"Path": RegistryValue(value), "AllowSubfolders": RegistryValue(1, DWORD)}
    return registry_step(machine, "trusted", KEY, values)


def change_by_hand(machine: fake.Fake, kind: str, value: str) -> None:
    """What somebody else puts into the place of the step."""
    if kind == "registry":
        machine.registry.set_value(KEY, "Path", RegistryValue(value))
    else:
        text = f'"INTERPRETER_WIN","{value}"\r\n' if kind == "setting" else value
        path = Path(step_for(machine, kind).facts["path"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, newline="")


def state(machine: fake.Fake) -> tuple[object, object]:
    """All files but the record, and the registry."""
    files = {name: data for name, data in machine.files().items() if not name.endswith(record_path(machine).name)}
    return files, machine.registry.state()


each_kind = pytest.mark.parametrize("kind", ["file", "setting", "registry"])


@each_kind
def test_a_step_is_made_once_and_undone_with_its_folders_and_keys(machine: fake.Fake, kind: str) -> None:
    before = state(machine)
    assert not step_for(machine, kind).is_done
    make(machine, step_for(machine, kind))
    assert step_for(machine, kind).is_done
    assert undo(machine) is True
    assert state(machine) == before
    assert not record_path(machine).exists()


@each_kind
def test_what_was_changed_since_is_left_alone(machine: fake.Fake, kind: str) -> None:
    make(machine, step_for(machine, kind))
    change_by_hand(machine, kind, "theirs")
    changed = state(machine)
    assert undo(machine) is False
    assert state(machine) == changed


@pytest.mark.parametrize("kind", ["file", "setting"])
def test_what_was_there_before_the_first_version_comes_back(machine: fake.Fake, kind: str) -> None:
    change_by_hand(machine, kind, "theirs")
    before = state(machine)
    for version in ("one", "two", "three"):
        make(machine, step_for(machine, kind, version))
    assert undo(machine) is True
    assert state(machine) == before


@pytest.mark.parametrize("kind", ["file", "setting"])
def test_what_is_gone_already_is_no_trouble(machine: fake.Fake, kind: str) -> None:
    before = state(machine)
    make(machine, step_for(machine, kind))
    Path(step_for(machine, kind).facts["path"]).unlink()
    assert undo(machine) is True
    assert kind == "setting" or state(machine) == before, "its folders go, too"


def test_a_folder_and_a_key_that_somebody_uses_stay(machine: fake.Fake) -> None:
    make(machine, step_for(machine, "file"))
    (machine.home / "new" / "theirs.txt").write_bytes(b"y")
    undo(machine)
    assert [path.name for path in (machine.home / "new").iterdir()] == ["theirs.txt"]
    make(machine, step_for(machine, "registry"))
    other = KEY.replace("20", "21")
    machine.registry.set_value(other, "Path", RegistryValue("Z\\"))
    assert undo(machine) is True
    assert not machine.registry.has_key(KEY)
    assert machine.registry.value(other, "Path") == RegistryValue("Z\\")


# The lines of xlwings' configuration


@pytest.fixture
def conf(machine: fake.Fake) -> Path:
    path = xlwings_settings_path(machine)
    path.parent.mkdir(parents=True)
    return path


LINE = b'"INTERPRETER_WIN","ours"\r\n'
GBK = '"PYTHONPATH","D:\\年报"\r\n'.encode("gbk")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", LINE),
        (b'"PYTHONPATH","D:\\x"\r\n', b'"PYTHONPATH","D:\\x"\r\n' + LINE),
        (b'"PYTHONPATH","D:\\x"', b'"PYTHONPATH","D:\\x"\r\n' + LINE),
        (b'"INTERPRETER_WIN","old"\n"A","1"\n', b'"INTERPRETER_WIN","ours"\n"A","1"\n'),
        (b'"interpreter_win","old"\r\n', LINE),
        (b'"A","1"\n"INTERPRETER_WIN","1"\n"INTERPRETER_WIN","2"\n', b'"A","1"\n"INTERPRETER_WIN","ours"\n'),
        (GBK, GBK + LINE),
        (b'"INTERPRETER_WIN_OTHER","x"\n', b'"INTERPRETER_WIN_OTHER","x"\n' + LINE),
    ],
)
def test_one_setting_is_set_and_all_others_stay(machine: fake.Fake, conf: Path, before: bytes, after: bytes) -> None:
    conf.write_bytes(before)
    make(machine, step_for(machine, "setting"))
    assert conf.read_bytes() == after
    assert undo(machine) is True
    assert conf.read_bytes() == before


@pytest.mark.parametrize("old", [b"", b'"INTERPRETER_WIN","C:\\old.exe"\r\n'])
def test_settings_the_user_added_since_survive(machine: fake.Fake, conf: Path, old: bytes) -> None:
    conf.write_bytes(old + b'"A","1"\r\n')
    for version in ("one", "two"):
        make(machine, step_for(machine, "setting", version))
        conf.write_bytes(conf.read_bytes() + b'"SHOW CONSOLE","True"\r\n')
    assert undo(machine) is True
    added = [b'"SHOW CONSOLE","True"'] * 2
    assert sorted(conf.read_bytes().splitlines()) == sorted([*old.splitlines(), b'"A","1"', *added])


@given(st.lists(st.sampled_from([b'"A","1"', b'"INTERPRETER_WIN","x"', b"", b"garbage", b'"B","2"'])), st.booleans())
def test_other_lines_are_never_touched(lines: list[bytes], ended: bool) -> None:
    before = b"\r\n".join(lines) + (b"\r\n" if ended and lines else b"")
    after = replace_setting(before, "INTERPRETER_WIN", b'"INTERPRETER_WIN","P"', b"\r\n")
    assert find_setting(after, "INTERPRETER_WIN") == [b'"INTERPRETER_WIN","P"']
    others = [line for line in before.split(b"\r\n") if b"INTERPRETER" not in line and line]
    assert [line for line in after.split(b"\r\n") if b"INTERPRETER" not in line and line] == others
    assert replace_setting(after, "INTERPRETER_WIN", b'"INTERPRETER_WIN","P"', b"\r\n") == after


# The record


@pytest.mark.parametrize("text", ["", "[]", '{"version": 2, "changes": []}', '{"version": 1, "changes": [{}]}', "{"])
def test_a_record_that_is_not_ours_is_refused_and_kept(machine: fake.Fake, text: str) -> None:
    path = record_path(machine)
    path.write_text(text)
    with pytest.raises(UserError, match="安装记录"):
        InstallRecord(machine)
    assert path.read_text() == text


def test_a_step_that_fails_is_not_in_the_record(machine: fake.Fake) -> None:
    (machine.home / "new").write_bytes(b"")
    with pytest.raises(OSError, match="new"):
        make(machine, step_for(machine, "file"))
    assert InstallRecord(machine).entries == []


# The record as version 0.1.0 wrote it

ADDIN, OLDER, PYTHON = b"the add-in", b"an add-in that was there", b'"INTERPRETER_WIN","C:\\python.exe"'


@pytest.fixture
def earlier(machine: fake.Fake, tmp_path: Path) -> fake.Fake:
    """A computer that version 0.1.0 installed the plugin on; a step of each kind."""
    profile = tmp_path / "profile"
    fake.Unopkg(machine, profile)
    extension_step(machine).make()
    addin, conf = machine.home / "XLSTART" / "ogi.xlam", machine.home / ".xlwings" / "xlwings.conf"
    for path, data in ((addin, ADDIN), (conf, b'"A","1"\r\n' + PYTHON + b"\r\n")):
        path.parent.mkdir()
        path.write_bytes(data)
    machine.registry.set_value(KEY, "Path", RegistryValue("X\\"))
    machine.registry.set_value(KEY, "Description", RegistryValue("ogi"))
    facts = {
        f"file {addin}": {
            "path": str(addin), "before": in_base64(OLDER), "after": sha256(ADDIN), "folders": [],
        },
        f"setting {conf} INTERPRETER_WIN": {
            "path": str(conf), "name": "INTERPRETER_WIN", "folders": [str(conf.parent)], "before": None,
            "after": "0" * 64, "line": None, "ours": in_base64(PYTHON),
        },
        f"registry {KEY}": {
            "key": KEY, "before": {"Path": None, "Description": None},
            "after": {"Path": ["X\\", 1, False], "Description": ["ogi", 1, False]},
            "keys": [KEY, KEY.rpartition("\\")[0]],
        },
        f"extension {profile}": {
            "profile": str(profile), "before": None, "after": sha256(read_installed(profile) or b""),
        },
    }  # fmt: skip
    names = {"file": "addin", "setting": "interpreter", "registry": "trusted", "extension": "extension"}
    kinds = {one: one.partition(" ")[0] for one in facts}
    changes = [{"id": one, "name": names[kinds[one]], "kind": kinds[one], "facts": facts[one]} for one in facts]
    record = {"version": 1, "folders": [], "changes": changes}
    record_path(machine).write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return machine


def in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_what_version_0_1_0_installed_is_taken_out(
    earlier: fake.Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert uninstall_plugin(earlier, Console("en")) == 0
    assert capsys.readouterr().out.count("restored") == 4
    assert (earlier.home / "XLSTART" / "ogi.xlam").read_bytes() == OLDER
    assert (earlier.home / ".xlwings" / "xlwings.conf").read_bytes() == b'"A","1"\r\n'
    assert not earlier.registry.has_key(KEY)
    assert read_installed(tmp_path / "profile") is None
    assert not record_path(earlier).exists()


def test_installing_over_version_0_1_0_does_not_forget_what_was_there_before_it(earlier: fake.Fake) -> None:
    make(earlier, file_step("addin", earlier.home / "XLSTART" / "ogi.xlam", b"a newer add-in"))
    assert len(InstallRecord(earlier).entries) == 4
    assert uninstall_plugin(earlier, Console("en")) == 0
    assert (earlier.home / "XLSTART" / "ogi.xlam").read_bytes() == OLDER
