"""What Excel is asked for, through xlwings and behind it, where there is no Excel: from their documentation."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xlwings as xw

from xlplugin import host_xlwings
from xlplugin.host import Highlight, PasswordNeededError, lift_protection
from xlplugin.host_xlwings import XlwingsHost, find_calling_workbook, offer_in_formulas


class Note:
    def __init__(self, cells: Cells, text: str) -> None:
        self.cells, self.text = cells, text

    def delete(self) -> None:
        self.cells.log.append((self.cells.address, "note.delete", ()))
        self.cells.sheet.notes.pop(self.cells.address)


class Cells:
    """A range of xlwings: what is set or called is written down, what is asked comes from `has`."""

    def __init__(self, sheet: Sheet, address: str) -> None:
        self.__dict__.update(sheet=sheet, address=address, log=sheet.log, row=7, column=4, asked={})

    def __setattr__(self, name: str, value: Any) -> None:
        self.log.append((self.address, name, value))

    def __getattr__(self, name: str) -> Any:
        if name == "note":
            return self.sheet.notes.get(self.address)
        if name in self.sheet.has:
            return self.sheet.has[name]
        return lambda *given: self.log.append((self.address, name, given))

    def options(self, **asked: Any) -> Cells:
        assert asked == {"ndim": 2, "err_to_str": True}
        return self

    def add_note(self, text: str) -> None:
        self.log.append((self.address, "add_note", text))
        self.sheet.notes[self.address] = Note(self, text)


class Sheet:
    """A sheet of xlwings."""

    def __init__(self, name: str) -> None:
        self.name, self.log = name, []
        self.has: dict[str, Any] = {}
        self.notes: dict[str, Note] = {}
        self.used_range = SimpleNamespace(address="$B$2:$D$9")
        self.api: Any = None

    def range(self, address: str) -> Cells:
        return Cells(self, address)

    def activate(self) -> None:
        self.log.append((self.name, "activate", ()))


class Sheets(list[Sheet]):
    def add(self, name: str, after: Sheet) -> Sheet:
        assert after is self[-1]
        self.append(Sheet(name))
        return self[-1]


class App:
    """Excel, as xlwings shows it: what it was told, and what it answers."""

    def __init__(self) -> None:
        self.alerts: list[tuple[Any, ...]] = []
        self.answer: Any = "yes"
        self.screen_updating = True
        self.status_bar: Any = False
        self.selection: Any = None
        self.api = self

    def alert(self, text: str, title: str, buttons: str = "ok", mode: str = "") -> str:
        self.alerts.append((text, title, buttons, mode))
        return self.answer

    # behind COM, on Windows
    def GetOpenFilename(self, *_: Any) -> Any:
        return self.answer

    GetSaveAsFilename = GetOpenFilename

    def FileDialog(self, kind: int) -> Any:
        assert kind == 4
        return SimpleNamespace(Show=lambda: -1 if self.answer else 0, SelectedItems=lambda _: self.answer)


class Book:
    def __init__(self) -> None:
        self.app = App()
        self.fullname = "/文件夹/年报.xlsx"
        self.sheets = Sheets([Sheet("封面"), Sheet("表三")])
        self.names = {"ogi.stamp": SimpleNamespace(refers_to='="annual-2021|1|x"')}


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def host(book: Book) -> XlwingsHost:
    return XlwingsHost(book)  # type: ignore[arg-type]


def test_the_calling_workbook_is_found(monkeypatch: pytest.MonkeyPatch, book: Book) -> None:
    monkeypatch.setattr(xw.Book, "caller", lambda: book)
    assert find_calling_workbook().path == Path("/文件夹/年报.xlsx")


def test_sheets(host: XlwingsHost, book: Book) -> None:
    assert host.sheet_names() == ["封面", "表三"]
    host.add_sheet("问题")
    assert host.sheet_names() == ["封面", "表三", "问题"]
    assert host.used_area("问题") == (1, 1, 8, 3)
    book.sheets[2].used_range.address = "$1:$1048576"
    assert host.used_area("问题") is None
    host.set_column_widths("问题", [5, 11])
    assert book.sheets[2].log == [("A1", "column_width", 5), ("B1", "column_width", 11)]
    with pytest.raises(KeyError):
        host.clear_sheet("没有")


def test_blocks_are_read_as_rows(host: XlwingsHost, book: Book) -> None:
    book.sheets[1].has = {"value": [[1.0, None], ["#REF!", "甲"]], "formula": (("=A1", ""), ("=B1", "甲"))}
    assert host.read_values("表三", (5, 3, 6, 4)) == [[1.0, None], ["#REF!", "甲"]]
    assert host.read_formulas("表三", (5, 3, 6, 4)) == [["=A1", ""], ["=B1", "甲"]]
    book.sheets[1].has["formula"] = "=A1"
    assert host.read_formulas("表三", (5, 3, 5, 3)) == [["=A1"]]


def test_what_is_written_is_what_excel_takes(host: XlwingsHost, book: Book) -> None:
    """A float is the only number; a text longer than a formula may be comes after, as a value."""
    long = "长" * 9_000
    host.write_block("表三", (5, 3), [[None, Decimal("63.071612"), 7], [2**40, 2**70, long]])
    assert book.sheets[1].log == [
        ("D6:F7", "formula", [["", 63.071612, 7.0], [float(2**40), f"'{2**70}", ""]]),
        ("F7", "value", long),
    ]
    ((_, _, rows), _) = book.sheets[1].log
    assert all(isinstance(value, str | float) for row in rows for value in row)


def test_links_names_and_formats(host: XlwingsHost, book: Book) -> None:
    host.write_link("表三", (0, 0), "it's!D27", ("it's", "D27"))
    host.format_area("表三", (0, 0, 1, 2), color=(1, 2, 3), number_format=";;;", wrapped=True)
    assert book.sheets[1].log == [
        ("A1", "add_hyperlink", ("#'it''s'!D27", "it's!D27")),
        ("A1:C2", "color", (1, 2, 3)),
        ("A1:C2", "number_format", ";;;"),
        ("A1:C2", "wrap_text", True),
    ]
    assert host.read_name("ogi.stamp") == '"annual-2021|1|x"'
    assert host.read_name("没有") is None
    book.sheets[1].has["number_format"] = None
    assert host.read_number_format("表三", (0, 0, 1, 2)) is None


def test_a_note_takes_the_place_of_another(host: XlwingsHost, book: Book) -> None:
    sheet = book.sheets[1]
    sheet.has["color"] = None
    assert host.read_highlight("表三", (0, 0)) == Highlight(None, "")
    host.write_highlight("表三", (0, 0), Highlight((1, 2, 3), "甲"))
    assert host.read_highlight("表三", (0, 0)) == Highlight(None, "甲")
    host.write_highlight("表三", (0, 0), Highlight(None, ""))
    done = [(name, given) for _, name, given in sheet.log]
    assert done == [("color", (1, 2, 3)), ("add_note", "甲"), ("note.delete", ()), ("color", None)]


def test_the_clerk(host: XlwingsHost, book: Book) -> None:
    assert host.selected_cell() is None
    book.app.selection = book.sheets[1].range("D7:E9")
    assert host.selected_cell() == ("表三", (6, 3))
    host.select_cell("表三", (26, 3))
    assert [name for _, name, _ in book.sheets[1].log] == ["activate", "select"]
    assert not host.show_message("甲", "公开年报")
    assert not host.show_message("乙", "公开年报", "critical")
    assert host.show_message("丙", "公开年报", "question")
    book.app.answer = "no"
    assert not host.show_message("丁", "公开年报", "question")
    assert [(buttons, mode) for _, _, buttons, mode in book.app.alerts] == [
        ("ok", "info"),
        ("ok", "critical"),
        ("yes_no", "exclamation"),
        ("yes_no", "exclamation"),
    ]
    host.show_status("完")
    assert book.app.status_bar == "完"
    host.begin_command()
    assert not book.app.screen_updating
    host.end_command()
    assert book.app.screen_updating


@pytest.mark.parametrize(
    ("facts", "busy"),
    [
        ({"hresult": -2147418111}, True),
        ({"hresult": -2147352567, "excepinfo": (0, None, None, None, 0, -2146777998)}, True),
        ({"hresult": -2147352567, "excepinfo": None}, False),
        ({}, False),
    ],
)
def test_an_excel_that_is_being_typed_into_is_busy(host: XlwingsHost, facts: dict[str, Any], busy: bool) -> None:
    error = Exception()
    error.__dict__.update(facts)
    assert host.is_busy(error) is busy


@pytest.mark.parametrize("answer", [False, "/文件夹/选中"])
def test_excel_is_asked_for_a_file(
    host: XlwingsHost, book: Book, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: Any
) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    book.app.answer = answer
    wanted = Path(answer) if answer else None
    assert host.choose_file("open", "选择", tmp_path, "*.json") == wanted
    assert host.choose_file("save", "另存为", tmp_path / "a.json", "*.json") == wanted
    assert host.choose_file("folder", "选择", tmp_path, "") == wanted


def test_where_excel_has_no_functions_of_ours_they_stay_functions() -> None:
    def judge(figures: list[list[float]]) -> str:
        return str(figures)

    assert offer_in_formulas(judge)([[1.0]]) == "[[1.0]]"


# Protection. A sheet that is protected, with sorting and nothing else allowed


class Value:
    """A property behind AppleScript."""

    def __init__(self, value: object) -> None:
        self.value = value

    def get(self) -> object:
        return self.value

    def set(self, value: object) -> None:
        self.value = value


class Com:
    """The sheet behind COM."""

    platform, options = "win32", {"Contents", "DrawingObjects", "AllowSorting"}

    def __init__(self, password: str = "") -> None:
        self.ProtectContents = True
        self.ProtectDrawingObjects, self.ProtectScenarios, self.ProtectionMode = True, False, False
        self.EnableSelection = 1
        self.Protection = SimpleNamespace(**dict.fromkeys(host_xlwings._ALLOWED, False) | {"AllowSorting": True})
        self.cell = SimpleNamespace(Locked=True)
        self.password, self.again = password, {}

    def Unprotect(self, password: str) -> None:
        if password != self.password:
            raise OSError("the password is not correct")
        self.ProtectContents, self.EnableSelection = False, 0

    def Protect(self, **options: object) -> None:
        self.ProtectContents, self.again = True, options

    def state(self) -> tuple[bool, object, bool]:
        """Whether it is protected, what can be selected, whether the cell is locked."""
        return self.ProtectContents, self.EnableSelection, self.cell.Locked


class AppleScript:
    """The same sheet on a Mac."""

    platform, options = "darwin", {"worksheet_contents", "drawing_objects", "allow_sorting"}

    def __init__(self, password: str = "") -> None:
        self.protect_contents, self.protect_drawing_objects = Value(True), Value(True)
        self.protect_scenarios, self.protection_mode = Value(False), Value(False)
        self.enable_selection = Value(1)
        names = map(host_xlwings._name_on_mac, host_xlwings._ALLOWED)
        self.protection_object = SimpleNamespace(**{name: Value(name == "allow_sorting") for name in names})
        self.cell = SimpleNamespace(locked=Value(True))
        self.secret, self.again = password, {}

    def unprotect(self, password: str) -> None:
        if password != self.secret:
            raise OSError("the password is not correct")
        self.protect_contents.set(False)
        self.enable_selection.set(0)

    def protect_worksheet(self, **options: object) -> None:
        self.protect_contents.set(True)
        self.again = options

    def state(self) -> tuple[object, object, object]:
        return self.protect_contents.get(), self.enable_selection.get(), self.cell.locked.get()


@pytest.mark.parametrize("kind", [Com, AppleScript])
def test_protection_is_lifted_and_restored_with_what_it_allowed(
    host: XlwingsHost, book: Book, monkeypatch: pytest.MonkeyPatch, kind: Any
) -> None:
    monkeypatch.setattr("sys.platform", kind.platform)
    native = book.sheets[1].api = kind()
    with lift_protection(host, "表三"):
        assert native.state() == (False, 0, True)
        assert host.unprotect("表三") is None
    assert native.state() == (True, 1, True)
    assert {option for option, value in native.again.items() if value} == kind.options
    assert len(native.again) == len(host_xlwings._ALLOWED) + 4
    book.sheets[1].has["api"] = native.cell
    host.set_locked("表三", (0, 0), locked=False)
    assert native.state() == (True, 1, False)
    book.sheets[1].api = kind("x")
    with pytest.raises(PasswordNeededError, match="表三"), lift_protection(host, "表三"):
        pytest.fail("it was lifted")


def test_the_words_for_a_mac_are_those_of_its_dictionary() -> None:
    mac_dict = pytest.importorskip("xlwings.mac_dict")
    properties = {name for name, _ in mac_dict.properties}
    (arguments,) = (dict(arguments) for name, _, arguments in mac_dict.commands if name == "protect_worksheet")
    for option in host_xlwings._ALLOWED:
        assert host_xlwings._name_on_mac(option) in properties
        assert host_xlwings._name_on_mac(option) in arguments
    assert {"protection_object", "protect_contents", "protection_mode", "enable_selection"} <= properties
