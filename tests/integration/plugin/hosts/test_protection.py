"""Which words Excel is spoken to in, where there is no Excel: from its documentation, to a stand-in."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from xlplugin.hosts import protection


class Com:
    """A sheet behind COM, protected, with sorting and nothing else allowed."""

    def __init__(self, password: str = "") -> None:
        self.ProtectContents = True
        self.ProtectDrawingObjects, self.ProtectScenarios, self.ProtectionMode = True, False, False
        self.EnableSelection = 1
        self.Protection = SimpleNamespace(**dict.fromkeys(protection._ALLOWED, False) | {"AllowSorting": True})
        self.password, self.again = password, {}

    def Unprotect(self, password: str) -> None:
        if password != self.password:
            raise OSError("the password is not correct")
        self.ProtectContents, self.EnableSelection = False, 0

    def Protect(self, **options: object) -> None:
        self.ProtectContents, self.again = True, options


class Value:
    """A property behind AppleScript."""

    def __init__(self, value: object) -> None:
        self.value = value

    def get(self) -> object:
        return self.value

    def set(self, value: object) -> None:
        self.value = value


class AppleScript:
    """The same sheet on a Mac."""

    def __init__(self, password: str = "") -> None:
        self.protect_contents, self.protect_drawing_objects = Value(True), Value(True)
        self.protect_scenarios, self.protection_mode = Value(False), Value(False)
        self.enable_selection = Value("unlocked cells")
        allowed = {protection._on_mac(option): Value(option == "AllowSorting") for option in protection._ALLOWED}
        self.protection_object = SimpleNamespace(**allowed)
        self.secret, self.again = password, {}

    def unprotect(self, password: str) -> None:
        if password != self.secret:
            raise OSError("the password is not correct")
        self.protect_contents.set(False)
        self.enable_selection.set(None)

    def protect_worksheet(self, **options: object) -> None:
        self.protect_contents.set(True)
        self.again = options


def in_excel(api: object) -> Any:
    engine = SimpleNamespace(name="excel")
    return SimpleNamespace(name="表三", api=api, book=SimpleNamespace(app=SimpleNamespace(engine=engine)))


def test_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    com = Com()
    with protection.unprotected(in_excel(com)):
        assert not com.ProtectContents
    assert com.ProtectContents
    assert com.EnableSelection == 1
    assert {option for option, value in com.again.items() if value} == {"Contents", "DrawingObjects", "AllowSorting"}
    assert len(com.again) == 15
    with pytest.raises(protection.PasswordNeededError, match="表三"), protection.unprotected(in_excel(Com("x"))):
        pytest.fail("it was lifted")


def test_on_a_mac(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    script = AppleScript()
    with protection.unprotected(in_excel(script)):
        assert not protection.is_protected(in_excel(script))
    assert protection.is_protected(in_excel(script))
    assert script.enable_selection.get() == "unlocked cells"
    allowed = {option for option, value in script.again.items() if value}
    assert allowed == {"worksheet_contents", "drawing_objects", "allow_sorting"}
    with pytest.raises(protection.PasswordNeededError), protection.unprotected(in_excel(AppleScript("x"))):
        pytest.fail("it was lifted")


def test_the_words_for_a_mac_are_those_of_its_dictionary() -> None:
    mac_dict = pytest.importorskip("xlwings.mac_dict")
    properties = {name for name, _ in mac_dict.properties}
    (arguments,) = (dict(arguments) for name, _, arguments in mac_dict.commands if name == "protect_worksheet")
    for option in protection._ALLOWED:
        assert protection._on_mac(option) in properties
        assert protection._on_mac(option) in arguments
    assert {"protection_object", "protect_contents", "protection_mode", "enable_selection"} <= properties
