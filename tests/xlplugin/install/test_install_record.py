"""Every change can be made twice and undone to the byte; what somebody else changed since is left to them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.xlplugin.install import fake_machine as fake
from xlplugin.install import user_folders as places
from xlplugin.install.install_record import Record, Unknown
from xlplugin.install.install_steps import (
    RegistryKey,
    Setting,
    Step,
    Undone,
    WriteFile,
    lines_of,
    undo_file,
    undo_registry,
    undo_setting,
    with_line,
)
from xlplugin.install.machine import BINARY, DWORD, EXPAND_SZ, Value

KEY = r"HKCU\Software\Microsoft\Office\16.0\Excel\Security\Trusted Locations\Location20"


@pytest.fixture
def machine(tmp_path: Path) -> fake.Fake:
    return fake.windows(tmp_path)


def as_json(facts: dict[str, object]) -> dict[str, object]:
    read: dict[str, object] = json.loads(json.dumps(facts))
    return read


# Files


def test_a_file_is_written_and_taken_away_with_its_folders(machine: fake.Fake) -> None:
    before = machine.files()
    change = WriteFile(machine.home / "a" / "b" / "c.bin", b"\x00\r\n")
    assert not change.done(machine)
    facts = as_json(change.do(machine))
    assert change.done(machine)
    assert undo_file(machine, facts) is Undone.RESTORED
    assert machine.files() == before


def test_the_file_that_was_there_comes_back(machine: fake.Fake) -> None:
    path = machine.home / "ogi.xlam"
    path.write_bytes(b"theirs\r\n\xff")
    facts = as_json(WriteFile(path, b"ours").do(machine))
    undo_file(machine, facts)
    assert path.read_bytes() == b"theirs\r\n\xff"


def test_a_file_changed_since_is_left_alone(machine: fake.Fake) -> None:
    path = machine.home / "ogi.xlam"
    facts = WriteFile(path, b"ours").do(machine)
    path.write_bytes(b"edited")
    assert undo_file(machine, facts) is Undone.KEPT
    assert path.read_bytes() == b"edited"


def test_a_folder_somebody_uses_stays(machine: fake.Fake) -> None:
    change = WriteFile(machine.home / "new" / "ours.txt", b"x")
    facts = change.do(machine)
    (machine.home / "new" / "theirs.txt").write_bytes(b"y")
    undo_file(machine, facts)
    assert [path.name for path in (machine.home / "new").iterdir()] == ["theirs.txt"]


def test_a_file_already_gone_is_no_trouble(machine: fake.Fake) -> None:
    change = WriteFile(machine.home / "new" / "ours.txt", b"x")
    facts = change.do(machine)
    change.path.unlink()
    assert undo_file(machine, facts) is Undone.RESTORED
    assert not change.path.parent.exists()


# Settings of xlwings


def setting(machine: fake.Fake, value: str = r"C:\ogi\pythonw.exe") -> Setting:
    return Setting(places.xlwings_settings(machine), "INTERPRETER_WIN", value, "gbk")


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
def test_one_setting_is_set_and_all_others_stay(machine: fake.Fake, before: bytes, after: bytes) -> None:
    change = setting(machine, "P")
    change.path.parent.mkdir(parents=True)
    change.path.write_bytes(before)
    assert not change.done(machine)
    facts = as_json(change.do(machine))
    assert change.path.read_bytes() == after
    assert change.done(machine)
    assert undo_setting(machine, facts) is Undone.RESTORED
    assert change.path.read_bytes() == before


def test_a_settings_file_made_by_us_goes_with_its_folder(machine: fake.Fake) -> None:
    before = machine.files()
    facts = setting(machine).do(machine)
    assert undo_setting(machine, facts) is Undone.RESTORED
    assert machine.files() == before


@pytest.mark.parametrize("old", [b"", b'"INTERPRETER_WIN","C:\\old.exe"\r\n'])
def test_settings_the_user_added_since_survive(machine: fake.Fake, old: bytes) -> None:
    change = setting(machine)
    change.path.parent.mkdir(parents=True)
    change.path.write_bytes(old + b'"A","1"\r\n')
    facts = change.do(machine)
    change.path.write_bytes(change.path.read_bytes() + b'"SHOW CONSOLE","True"\r\n')
    assert undo_setting(machine, facts) is Undone.RESTORED
    assert sorted(change.path.read_bytes().splitlines()) == sorted(
        [*old.splitlines(), b'"A","1"', b'"SHOW CONSOLE","True"']
    )


def test_an_interpreter_the_user_chose_since_is_left(machine: fake.Fake) -> None:
    change = setting(machine)
    facts = change.do(machine)
    change.path.write_bytes(b'"INTERPRETER_WIN","C:\\mine.exe"\r\n')
    assert undo_setting(machine, facts) is Undone.KEPT
    assert change.path.read_bytes() == b'"INTERPRETER_WIN","C:\\mine.exe"\r\n'
    change.path.unlink()
    assert undo_setting(machine, facts) is Undone.RESTORED


@given(st.lists(st.sampled_from([b'"A","1"', b'"INTERPRETER_WIN","x"', b"", b"garbage", b'"B","2"'])), st.booleans())
def test_other_lines_are_never_touched(lines: list[bytes], ended: bool) -> None:
    before = b"\r\n".join(lines) + (b"\r\n" if ended and lines else b"")
    after = with_line(before, "INTERPRETER_WIN", b'"INTERPRETER_WIN","P"', b"\r\n")
    assert lines_of(after, "INTERPRETER_WIN") == [b'"INTERPRETER_WIN","P"']
    others = [line for line in before.split(b"\r\n") if b"INTERPRETER" not in line and line]
    assert [line for line in after.split(b"\r\n") if b"INTERPRETER" not in line and line] == others
    assert with_line(after, "INTERPRETER_WIN", b'"INTERPRETER_WIN","P"', b"\r\n") == after


# Registry


def test_a_key_is_made_and_taken_away_with_those_above_it(machine: fake.Fake) -> None:
    before = machine.registry.state()
    change = RegistryKey(KEY, {"Path": Value("X\\"), "AllowSubfolders": Value(1, DWORD)})
    assert not change.done(machine)
    facts = as_json(change.do(machine))
    assert change.done(machine)
    assert machine.registry.value(KEY, "AllowSubfolders") == Value(1, DWORD)
    assert undo_registry(machine, facts) is Undone.RESTORED
    assert machine.registry.state() == before


@pytest.mark.parametrize("old", [Value("%APPDATA%\\x", EXPAND_SZ), Value(b"\x00\xff", BINARY), Value(0, DWORD)])
def test_a_value_that_was_there_comes_back_as_it_was(machine: fake.Fake, old: Value) -> None:
    machine.registry.put(KEY, "Path", old)
    before = machine.registry.state()
    facts = as_json(RegistryKey(KEY, {"Path": Value("X\\")}).do(machine))
    assert undo_registry(machine, facts) is Undone.RESTORED
    assert machine.registry.state() == before


def test_a_value_changed_since_is_left(machine: fake.Fake) -> None:
    facts = RegistryKey(KEY, {"Path": Value("X\\")}).do(machine)
    machine.registry.put(KEY, "Path", Value("Y\\"))
    assert undo_registry(machine, facts) is Undone.KEPT
    assert machine.registry.value(KEY, "Path") == Value("Y\\")


def test_a_key_somebody_uses_stays(machine: fake.Fake) -> None:
    facts = RegistryKey(KEY, {"Path": Value("X\\")}).do(machine)
    other = KEY.replace("20", "21")
    machine.registry.put(other, "Path", Value("Z\\"))
    assert undo_registry(machine, facts) is Undone.RESTORED
    assert not machine.registry.exists(KEY)
    assert machine.registry.value(other, "Path") == Value("Z\\")


# The record


def test_the_record_is_read_again_and_vanishes_when_all_is_undone(machine: fake.Fake) -> None:
    before = machine.files()
    for name, path in (("addin", "a.xlam"), ("settings", "b.json")):
        Record(machine).do(Step(name, WriteFile(machine.home / path, b"x")))
    record = Record(machine)
    assert [entry["name"] for entry in record.entries] == ["addin", "settings"]
    for entry in reversed(list(record.entries)):
        record.undo(entry)
    assert machine.files() == before


def test_a_second_version_does_not_forget_what_was_there_before_the_first(machine: fake.Fake) -> None:
    path = machine.home / "a.xlam"
    path.write_bytes(b"theirs")
    for ours in (b"one", b"two", b"three"):
        Record(machine).do(Step("addin", WriteFile(path, ours)))
    record = Record(machine)
    (entry,) = record.entries
    assert record.undo(entry) is Undone.RESTORED
    assert path.read_bytes() == b"theirs"


@pytest.mark.parametrize("edited", [False, True])
def test_a_second_interpreter_does_not_forget_the_first(machine: fake.Fake, edited: bool) -> None:
    path = places.xlwings_settings(machine)
    path.parent.mkdir()
    path.write_bytes(b'"INTERPRETER_WIN","theirs"\r\n"A","1"\r\n')
    Record(machine).do(Step("interpreter", setting(machine, "one")))
    if edited:
        path.write_bytes(path.read_bytes() + b'"B","2"\r\n')
    Record(machine).do(Step("interpreter", setting(machine, "two")))
    record = Record(machine)
    assert record.undo(record.entries[0]) is Undone.RESTORED
    assert path.read_bytes() == b'"INTERPRETER_WIN","theirs"\r\n"A","1"\r\n' + (b'"B","2"\r\n' if edited else b"")


@pytest.mark.parametrize("text", ["", "[]", '{"version": 2, "changes": []}', '{"version": 1, "changes": [{}]}', "{"])
def test_a_record_that_is_not_ours_is_refused_and_kept(machine: fake.Fake, text: str) -> None:
    path = places.record(machine)
    path.write_text(text)
    with pytest.raises(Unknown):
        Record(machine)
    assert path.read_text() == text


def test_a_step_that_fails_is_not_in_the_record(machine: fake.Fake) -> None:
    (machine.home / "file").write_bytes(b"")
    record = Record(machine)
    with pytest.raises(OSError, match="file"):
        record.do(Step("addin", WriteFile(machine.home / "file" / "a.xlam", b"x")))
    assert Record(machine).entries == []
