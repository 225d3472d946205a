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


# Files


def test_a_file_is_written_and_taken_away_with_its_folders(machine: fake.Fake) -> None:
    before, path = machine.files(), machine.home / "a" / "b" / "c.bin"
    assert not file_step("addin", path, b"\x00\r\n").is_done
    make(machine, file_step("addin", path, b"\x00\r\n"))
    assert file_step("addin", path, b"\x00\r\n").is_done
    assert undo(machine) is True
    assert machine.files() == before


def test_the_file_that_was_there_comes_back(machine: fake.Fake) -> None:
    path = machine.home / "ogi.xlam"
    path.write_bytes(b"theirs\r\n\xff")
    make(machine, file_step("addin", path, b"ours"))
    assert undo(machine) is True
    assert path.read_bytes() == b"theirs\r\n\xff"


def test_a_file_changed_since_is_left_alone(machine: fake.Fake) -> None:
    path = machine.home / "ogi.xlam"
    make(machine, file_step("addin", path, b"ours"))
    path.write_bytes(b"edited")
    assert undo(machine) is False
    assert path.read_bytes() == b"edited"


def test_a_folder_somebody_uses_stays(machine: fake.Fake) -> None:
    make(machine, file_step("addin", machine.home / "new" / "ours.txt", b"x"))
    (machine.home / "new" / "theirs.txt").write_bytes(b"y")
    undo(machine)
    assert [path.name for path in (machine.home / "new").iterdir()] == ["theirs.txt"]


def test_a_file_already_gone_is_no_trouble(machine: fake.Fake) -> None:
    path = machine.home / "new" / "ours.txt"
    make(machine, file_step("addin", path, b"x"))
    path.unlink()
    assert undo(machine) is True
    assert not path.parent.exists()


# Settings of xlwings


@pytest.fixture
def conf(machine: fake.Fake) -> Path:
    return xlwings_settings_path(machine)


def setting(path: Path, value: str = r"C:\ogi\pythonw.exe") -> Step:
    return setting_step(path, "INTERPRETER_WIN", value, "gbk", b"\r\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b'"INTERPRETER_WIN","P"\r\n'),
        (b'"PYTHONPATH","D:\\x"\r\n', b'"PYTHONPATH","D:\\x"\r\n"INTERPRETER_WIN","P"\r\n'),
        (b'"PYTHONPATH","D:\\x"', b'"PYTHONPATH","D:\\x"\r\n"INTERPRETER_WIN","P"\r\n'),
        (b'"INTERPRETER_WIN","old"\n"A","1"\n', b'"INTERPRETER_WIN","P"\n"A","1"\n'),
        (b'"interpreter_win","old"\r\n', b'"INTERPRETER_WIN","P"\r\n'),
        (b'"A","1"\n"INTERPRETER_WIN","1"\n"INTERPRETER_WIN","2"\n', b'"A","1"\n"INTERPRETER_WIN","P"\n'),
        (
            '"PYTHONPATH","D:\\年报"\r\n'.encode("gbk"),
            '"PYTHONPATH","D:\\年报"\r\n"INTERPRETER_WIN","P"\r\n'.encode("gbk"),
        ),
        (b'"INTERPRETER_WIN_OTHER","x"\n', b'"INTERPRETER_WIN_OTHER","x"\n"INTERPRETER_WIN","P"\r\n'),
    ],
)
def test_one_setting_is_set_and_all_others_stay(machine: fake.Fake, conf: Path, before: bytes, after: bytes) -> None:
    conf.parent.mkdir(parents=True)
    conf.write_bytes(before)
    assert not setting(conf, "P").is_done
    make(machine, setting(conf, "P"))
    assert conf.read_bytes() == after
    assert setting(conf, "P").is_done
    assert undo(machine) is True
    assert conf.read_bytes() == before


def test_a_settings_file_made_by_us_goes_with_its_folder(machine: fake.Fake, conf: Path) -> None:
    before = machine.files()
    make(machine, setting(conf))
    assert undo(machine) is True
    assert machine.files() == before


@pytest.mark.parametrize("old", [b"", b'"INTERPRETER_WIN","C:\\old.exe"\r\n'])
def test_settings_the_user_added_since_survive(machine: fake.Fake, conf: Path, old: bytes) -> None:
    conf.parent.mkdir(parents=True)
    conf.write_bytes(old + b'"A","1"\r\n')
    make(machine, setting(conf))
    conf.write_bytes(conf.read_bytes() + b'"SHOW CONSOLE","True"\r\n')
    assert undo(machine) is True
    assert sorted(conf.read_bytes().splitlines()) == sorted([*old.splitlines(), b'"A","1"', b'"SHOW CONSOLE","True"'])


def test_an_interpreter_the_user_chose_since_is_left(machine: fake.Fake, conf: Path) -> None:
    make(machine, setting(conf))
    conf.write_bytes(b'"INTERPRETER_WIN","C:\\mine.exe"\r\n')
    assert undo(machine) is False
    assert conf.read_bytes() == b'"INTERPRETER_WIN","C:\\mine.exe"\r\n'


def test_a_settings_file_already_gone_is_no_trouble(machine: fake.Fake, conf: Path) -> None:
    make(machine, setting(conf))
    conf.unlink()
    assert undo(machine) is True


@given(st.lists(st.sampled_from([b'"A","1"', b'"INTERPRETER_WIN","x"', b"", b"garbage", b'"B","2"'])), st.booleans())
def test_other_lines_are_never_touched(lines: list[bytes], ended: bool) -> None:
    before = b"\r\n".join(lines) + (b"\r\n" if ended and lines else b"")
    after = replace_setting(before, "INTERPRETER_WIN", b'"INTERPRETER_WIN","P"', b"\r\n")
    assert find_setting(after, "INTERPRETER_WIN") == [b'"INTERPRETER_WIN","P"']
    others = [line for line in before.split(b"\r\n") if b"INTERPRETER" not in line and line]
    assert [line for line in after.split(b"\r\n") if b"INTERPRETER" not in line and line] == others
    assert replace_setting(after, "INTERPRETER_WIN", b'"INTERPRETER_WIN","P"', b"\r\n") == after


# Registry


def test_a_key_is_made_and_taken_away_with_those_above_it(machine: fake.Fake) -> None:
    before = machine.registry.state()
    values = {"Path": RegistryValue("X\\"), "AllowSubfolders": RegistryValue(1, DWORD)}
    assert not registry_step(machine, "trusted", KEY, values).is_done
    make(machine, registry_step(machine, "trusted", KEY, values))
    assert registry_step(machine, "trusted", KEY, values).is_done
    assert machine.registry.value(KEY, "AllowSubfolders") == RegistryValue(1, DWORD)
    assert undo(machine) is True
    assert machine.registry.state() == before


def test_a_value_changed_since_is_left(machine: fake.Fake) -> None:
    make(machine, registry_step(machine, "trusted", KEY, {"Path": RegistryValue("X\\")}))
    machine.registry.set_value(KEY, "Path", RegistryValue("Y\\"))
    assert undo(machine) is False
    assert machine.registry.value(KEY, "Path") == RegistryValue("Y\\")


def test_a_key_somebody_uses_stays(machine: fake.Fake) -> None:
    make(machine, registry_step(machine, "trusted", KEY, {"Path": RegistryValue("X\\")}))
    other = KEY.replace("20", "21")
    machine.registry.set_value(other, "Path", RegistryValue("Z\\"))
    assert undo(machine) is True
    assert not machine.registry.has_key(KEY)
    assert machine.registry.value(other, "Path") == RegistryValue("Z\\")


# The record


def test_the_record_is_read_again_and_vanishes_when_all_is_undone(machine: fake.Fake) -> None:
    before = machine.files()
    for name, path in (("addin", "a.xlam"), ("settings", "b.json")):
        make(machine, file_step(name, machine.home / path, b"x"))
    record = InstallRecord(machine)
    assert [entry["name"] for entry in record.entries] == ["addin", "settings"]
    for entry in reversed(list(record.entries)):
        record.undo(entry)
    assert machine.files() == before


def test_a_second_version_does_not_forget_what_was_there_before_the_first(machine: fake.Fake) -> None:
    path = machine.home / "a.xlam"
    path.write_bytes(b"theirs")
    for ours in (b"one", b"two", b"three"):
        make(machine, file_step("addin", path, ours))
    assert undo(machine) is True
    assert path.read_bytes() == b"theirs"


@pytest.mark.parametrize("edited", [False, True])
def test_a_second_interpreter_does_not_forget_the_first(machine: fake.Fake, edited: bool) -> None:
    path = xlwings_settings_path(machine)
    path.parent.mkdir()
    path.write_bytes(b'"INTERPRETER_WIN","theirs"\r\n"A","1"\r\n')
    make(machine, setting(path, "one"))
    if edited:
        path.write_bytes(path.read_bytes() + b'"B","2"\r\n')
    make(machine, setting(path, "two"))
    assert undo(machine) is True
    assert path.read_bytes() == b'"INTERPRETER_WIN","theirs"\r\n"A","1"\r\n' + (b'"B","2"\r\n' if edited else b"")


@pytest.mark.parametrize("text", ["", "[]", '{"version": 2, "changes": []}', '{"version": 1, "changes": [{}]}', "{"])
def test_a_record_that_is_not_ours_is_refused_and_kept(machine: fake.Fake, text: str) -> None:
    path = record_path(machine)
    path.write_text(text)
    with pytest.raises(UserError, match="安装记录"):
        InstallRecord(machine)
    assert path.read_text() == text


def test_a_step_that_fails_is_not_in_the_record(machine: fake.Fake) -> None:
    (machine.home / "file").write_bytes(b"")
    record = InstallRecord(machine)
    with pytest.raises(OSError, match="file"):
        record.make(file_step("addin", machine.home / "file" / "a.xlam", b"x"))
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
