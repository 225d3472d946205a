"""What is made to fail: every command that writes, small enough to be run hundreds of times."""

from __future__ import annotations

import csv
import importlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from tests.samples import fake_machine as fake
from tests.samples.agency_files import put, report
from workbook.cli import main
from workbook.cli.console import Console
from workbook.excel.template.template_writer import write_workbook
from xlplugin.install import excel_addin
from xlplugin.install.install_commands import install_plugin, uninstall_plugin

_WORKBOOK = (
    "cli.check_command", "cli.file_arguments", "cli.merge_command", "cli.roster_command",
    "cli.workbook_commands", "merging.letters.letter_files", "merging.letters.letter_folder", "summary.data.dataframe",
    "summary.excel.summary_workbook", "summary.page.page_writer", "summary.summary_json",
)  # fmt: skip
_READ = ("pandas", "pyarrow.parquet", "pyarrow.pandas_compat", "docx")
for _module in (*(f"workbook.{one}" for one in _WORKBOOK), *_READ):
    importlib.import_module(_module)  # once here instead of at every step

OLD = b"what was there before"
Look = dict[str, bytes | None]
"""The files of a folder by name, the places written to only; None for one that is not there."""


def whole(name: str, data: bytes) -> bool:
    """Whether a file of that kind is complete."""
    suffix = Path(name).suffix
    if suffix == ".json":
        return bool(json.loads(data))
    if suffix in (".xlsx", ".docx"):
        with ZipFile(BytesIO(data)) as package:
            return package.testzip() is None
    if suffix == ".html":
        return data.rstrip().endswith(b"</html>")
    if suffix == ".parquet":
        return data[:4] == data[-4:] == b"PAR1"
    return data.endswith(b"\n")


def wrong(name: str, data: bytes | None, new: bytes | None, old: bytes | None) -> str:
    """What is wrong with a place: it must hold what was there, or the new file, complete."""
    if data is None:
        return "" if old is None else f"{name} is lost"
    if data in (old, new):
        return ""
    try:
        return "" if whole(name, data) else f"{name} is half written ({len(data)} bytes)"
    except (ValueError, BadZipFile, csv.Error) as trouble:
        return f"{name} is half written ({trouble})"


@dataclass(frozen=True)
class Case:
    """One command: what there is before, the places it writes to, and what is there before it (`OLD`, or nothing)."""

    name: str
    prepare: Callable[[Path], None]
    argv: tuple[str, ...]
    targets: tuple[str, ...]
    old: bytes | None = None
    all_: bool = False
    """Whether steps outside the folder count: those of the cache, of temporary files, of SQLite."""
    by_content = False

    def run(self) -> int:
        """The command, in the folder prepared."""
        return main(list(self.argv))

    def look(self, folder: Path) -> Look:
        """What is in the places."""
        return {name: (folder / name).read_bytes() if (folder / name).is_file() else None for name in self.targets}

    def wrong(self, folder: Path, new: Look) -> Iterator[str]:
        """What is half or lost."""
        for name, data in self.look(folder).items():
            if said := wrong(name, data, new[name], self.old):
                yield said
        for path in folder.rglob("*"):
            if path.is_file() and path.name.startswith("in-") and path.read_bytes()[:2] not in (b"{\n", b"PK", b'{"'):
                yield f"{path.name} was changed"

    def missing(self, folder: Path, new: Look) -> Iterator[str]:
        """What is not as it should be after a run that nothing disturbed."""
        for name, data in self.look(folder).items():
            if data is None or data == self.old or wrong(name, data, new[name], None):
                yield f"{name} is not there, or not whole"
        for path in folder.rglob(".*.part"):
            yield f"{path.name} is left"


def some(*names: str, old: bytes | None = None) -> Callable[[Path], None]:
    """A folder with a workbook and a JSON, and old files where the new ones go."""

    def prepare(folder: Path) -> None:
        write_workbook(folder / "in-1.xlsx", report(1))
        put(folder, {"in-2.json": report(2)})
        for name in names if old is not None else ():
            (folder / name).write_bytes(old)

    return prepare


def command(name: str, *argv: str, targets: tuple[str, ...], old: bytes | None = OLD) -> tuple[str, Case]:
    """A command that writes over files that are there, or where nothing is."""
    return name, Case(name, some(*targets, old=old), (*argv, "--force"), targets, old)


class Letters(Case):
    """A merge whose letters replace those of an earlier one: the folder is whole, the old one or the new."""

    by_content = True

    def look(self, folder: Path) -> Look:
        inside = folder / "letters"
        names = sorted(one.name for one in inside.iterdir()) if inside.is_dir() else []
        return {"letters": "\n".join(names).encode()}

    def wrong(self, folder: Path, new: Look) -> Iterator[str]:
        now, old = self.look(folder)["letters"], self.look(folder.parent / "made")["letters"]
        aside = [
            "\n".join(sorted(one.name for one in at.iterdir())).encode() for at in folder.glob(".letters.*.part/before")
        ]
        if now not in (old, new["letters"]) and not (now == b"" and old in aside):
            yield f"letters hold {now.decode()}"

    def missing(self, folder: Path, new: Look) -> Iterator[str]:
        if self.look(folder) != new:
            yield f"letters hold {self.look(folder)}"
        for path in folder.rglob(".*.part"):
            yield f"{path.name} is left"


class LettersHere(Letters):
    """The same where the folder stays, for somebody is in it: of old and new letters one set is there to the last."""

    def run(self) -> int:
        os.chdir("letters")
        return super().run()

    def look(self, folder: Path) -> Look:
        inside = folder / "letters"
        names = sorted(one.name for one in inside.iterdir() if not one.name.startswith("."))
        return {"letters": "\n".join(names).encode()}

    def wrong(self, folder: Path, new: Look) -> Iterator[str]:
        there = {one.name for one in folder.glob("letters/*")}
        old, wanted = (set(look["letters"].decode().split()) for look in (self.look(folder.parent / "made"), new))
        aside, ahead = ({one.name for one in folder.glob(f"letters/.*.part/{at}/*")} for at in ("before", "new"))
        if not (old <= there | aside or (not any(folder.glob("letters/.*.part/before")) and wanted <= there)):
            yield f"letters hold {there}, and there are {aside}, {ahead}"


def letters(*, here: bool = False) -> Letters:
    """The first merge has one agency to write to, the second two; or the second is run in the folder of letters."""
    what = ("merge", "reports", "--roster", "roster.csv", "--no-cache", "--force")
    argv = (*what, "-o", "sum.json", "--chase", "letters")
    again = tuple(
        {"reports": "../reports", "roster.csv": "../roster.csv", "letters": ".", "sum.json": "../sum.json"}.get(
            one, one
        )
        for one in argv
    )

    heads = "机关名称,统一社会信用代码,区划代码,层级,上级机关\n"
    missing = [f"某县第{n}局,,,county-department,\n" for n in (1, 7, 8)]

    def prepare(folder: Path) -> None:
        (folder / "reports").mkdir()
        put(folder / "reports", {"in-1.json": report(1)})
        here = Path.cwd()
        os.chdir(folder)
        for many in (2, 3):
            (folder / "roster.csv").write_text(heads + "".join(missing[:many]), "utf-8")
            if many == 2:
                with redirect_stdout(StringIO()):
                    main(list(argv))
        (folder / "sum.json").unlink()
        os.chdir(here)

    return LettersHere("letters here", prepare, again, ()) if here else Letters("letters", prepare, argv, ())


class Setup(Case):
    """`ogi install`: whatever was changed can be undone to the byte."""

    by_content = True

    def run(self) -> int:
        return install_plugin(machine(Path.cwd()), Console("en"), only="excel")

    def look(self, folder: Path) -> Look:
        return dict(machine(folder).files())

    def wrong(self, folder: Path, new: Look) -> Iterator[str]:  # noqa: ARG002 -- any mixture will do if it is undone
        """After a kill the settings are undone, in a child that has nothing to do with it."""
        copy = folder.parent / "undone"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy)
        _moved(copy, folder)
        with redirect_stdout(StringIO()):
            if uninstall_plugin(machine(copy), Console("en")) != 0:
                yield "uninstall fails"
        left, before = _files(self.look(copy)), _files(self.look(folder.parent / "made"))
        if left != before:
            yield f"not undone: {sorted(set(left.items()) ^ set(before.items()))}"

    def missing(self, folder: Path, new: Look) -> Iterator[str]:
        if _files(self.look(folder)).keys() != _files(new).keys():
            yield f"not all is set up: {sorted(set(_files(self.look(folder))) ^ set(_files(new)))}"


def set_up(folder: Path) -> None:
    """A Mac with Excel, somebody's xlwings settings and an older add-in on it."""
    one = machine(folder)
    for path, text in (
        (excel_addin.xlwings_settings_path(one), '"A","1"\n'),
        (excel_addin.startup_folder(one) / "ogi.xlam", "older"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def machine(folder: Path) -> fake.Fake:
    home = folder / "Users" / "clerk"
    if not home.exists():
        return fake.mac(folder)
    return fake.Fake("darwin", home, home / "ogi" / "bin" / "python3", {"OGI_HOME": str(home)})


def _files(look: Look) -> Look:
    """The files alone: an empty folder of ours, or a file not finished, does no harm."""
    return {name: data for name, data in look.items() if data is not None and ".part/" not in name}


def _moved(copy: Path, folder: Path) -> None:
    """The record names places by their full path."""
    for path in copy.rglob("*.json"):
        path.write_text(path.read_text("utf-8").replace(str(folder), str(copy)), "utf-8")


MERGES = {".json": "sum.json", ".xlsx": "sum.xlsx", ".html": "sum.html", ".csv": "sum.csv", ".parquet": "sum.parquet"}
MERGE = ("merge", "--jobs=1", ".", "-o")

NEW = ("new", "--year", "2024", "--agency", "某局", "-o", "out.xlsx")
EXPORT = ("export", "in-1.xlsx", "-o", "out.json")
DRAFT = ("export", "in-1.xlsx", "--draft", "-o", "out.docx")
ROSTER = ("roster", "from", "in-1.xlsx", "in-2.json", "-o", "out.csv")
ALL = ("merge", "in-1.xlsx", "in-2.json", "-o", "sum.json", "-o", "sum.csv", "--submit", "up")

CASES: dict[str, Case] = dict(
    [
        command("new", *NEW, targets=("out.xlsx",)),
        command("export", *EXPORT, targets=("out.json",)),
        command("export anew", *EXPORT, targets=("out.json",), old=None),
        command("export docx", *DRAFT, targets=("out.docx",)),
        command("import", "import", "in-2.json", "-o", "out.xlsx", targets=("out.xlsx",)),
        command("repair", "repair", "in-1.xlsx", "-o", "out.xlsx", targets=("out.xlsx",)),
        command("roster", *ROSTER, targets=("out.csv",)),
        *(command(f"merge {suffix}", *MERGE, name, targets=(name,)) for suffix, name in MERGES.items()),
        command("merge anew", *ALL, targets=("sum.json", "sum.csv"), old=None),
        ("merge, inside", Case("merge, inside", some(), (*MERGE, "s.json", "--force"), ("s.json",), all_=True)),
        ("letters", letters()),
        ("letters here", letters(here=True)),
        ("install", Setup("install", set_up, (), ())),
    ]
)
