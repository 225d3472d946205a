"""What is made to fail: every command that writes, small enough to be run hundreds of times."""

from __future__ import annotations

import csv
import importlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import chdir, redirect_stdout
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


def is_complete(name: str, data: bytes) -> bool:
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


def find_damage(name: str, data: bytes | None, new: bytes | None, old: bytes | None) -> str:
    """What is wrong with a place: it must hold what was there, or the new file, complete."""
    if data is None:
        return "" if old is None else f"{name} is lost"
    if data in (old, new):
        return ""
    try:
        return "" if is_complete(name, data) else f"{name} is half written ({len(data)} bytes)"
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
            if damage := find_damage(name, data, new[name], self.old):
                yield damage
        for path in folder.rglob("*"):
            if path.is_file() and path.name.startswith("in-") and path.read_bytes()[:2] not in (b"{\n", b"PK", b'{"'):
                yield f"{path.name} was changed"

    def missing(self, folder: Path, new: Look) -> Iterator[str]:
        """What is not as it should be after a run that nothing disturbed."""
        for name, data in self.look(folder).items():
            if data is None or data == self.old or find_damage(name, data, new[name], None):
                yield f"{name} is not there, or not complete"
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


def command(name: str, *argv: str, targets: tuple[str, ...] = (), old: bytes | None = OLD) -> tuple[str, Case]:
    """A command that writes over files that are there, or where nothing is; its last word is the file, or `targets`."""
    targets = targets or argv[-1:]
    return name, Case(name, some(*targets, old=old), (*argv, "--force"), targets, old)


class Letters(Case):
    """A merge whose letters replace those of an earlier one: the folder is complete, the old one or the new."""

    by_content = True

    def look(self, folder: Path) -> Look:
        return {"letters": "\n".join(sorted(names_in(folder / "letters"))).encode()}

    def wrong(self, folder: Path, new: Look) -> Iterator[str]:
        now, old = names_in(folder / "letters"), names_in(folder.parent / "made" / "letters")
        aside = [names_in(at) for at in folder.glob(".letters.*.part/before")]
        if now not in (old, names_of(new)) and not (not now and old in aside):
            yield f"letters hold {now}"

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

    def wrong(self, folder: Path, new: Look) -> Iterator[str]:
        there, old = names_in(folder / "letters"), names_in(folder.parent / "made" / "letters")
        aside = {one.name for one in folder.glob("letters/.*.part/before/*")}
        moved = any(folder.glob("letters/.*.part/before"))
        if not (old <= there | aside or (names_of(new) <= there and not moved)):
            yield f"letters hold {there}, and aside are {aside}"


def names_in(folder: Path) -> set[str]:
    """The files of a folder, our own hidden ones left out; none where it is not there."""
    return {one.name for one in folder.glob("*") if not one.name.startswith(".")}


def names_of(look: Look) -> set[str]:
    return set((look["letters"] or b"").decode().split())


def letters(*, here: bool = False) -> Letters:
    """The first merge has one agency to write to, the second two; or the second is run in the folder of letters."""

    def words(top: str = "", folder: str = "letters") -> tuple[str, ...]:
        inputs = (f"{top}reports", "--roster", f"{top}roster.csv", "--no-cache", "--force")
        return ("merge", *inputs, "-o", f"{top}sum.json", "--chase", folder)

    def prepare(folder: Path) -> None:
        put(folder, {"reports/in-1.json": report(1)})
        lines = ["机关名称,统一社会信用代码,区划代码,层级,上级机关"]
        lines += [f"某县第{n}局,,,county-department," for n in (1, 7, 8)]
        (folder / "roster.csv").write_text("\n".join(lines[:3]) + "\n", "utf-8")
        with chdir(folder), redirect_stdout(StringIO()):
            main(list(words()))
        (folder / "sum.json").unlink()
        (folder / "roster.csv").write_text("\n".join(lines) + "\n", "utf-8")

    if here:
        return LettersHere("letters here", prepare, words("../", "."), ())
    return Letters("letters", prepare, words(), ())


class Setup(Case):
    """`ogi install`: whatever was changed can be undone to the byte."""

    by_content = True

    def run(self) -> int:
        return install_plugin(machine(Path.cwd()), Console("en"), only="excel")

    def look(self, folder: Path) -> Look:
        """The files alone: an empty folder of ours, or a file not finished, does no harm."""
        found = machine(folder).files()
        return {name: data for name, data in found.items() if data is not None and ".part/" not in name}

    def wrong(self, folder: Path, new: Look) -> Iterator[str]:  # noqa: ARG002 -- any mixture will do if it is undone
        """After a kill the settings are undone, on a copy in which the record names the places of the copy."""
        copy = folder.parent / "undone"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy)
        for path in copy.rglob("*.json"):
            path.write_text(path.read_text("utf-8").replace(str(folder), str(copy)), "utf-8")
        with redirect_stdout(StringIO()):
            if uninstall_plugin(machine(copy), Console("en")) != 0:
                yield "uninstall fails"
        left, before = self.look(copy), self.look(folder.parent / "made")
        if left != before:
            yield f"not undone: {sorted(set(left.items()) ^ set(before.items()))}"

    def missing(self, folder: Path, new: Look) -> Iterator[str]:
        if self.look(folder).keys() != new.keys():
            yield f"not all is set up: {sorted(set(self.look(folder)) ^ set(new))}"


def set_up(folder: Path) -> None:
    """A Mac with Excel, somebody's xlwings settings and an older add-in on it."""
    one = machine(folder)
    put(excel_addin.xlwings_settings_path(one).parent, {excel_addin.xlwings_settings_path(one).name: '"A","1"\n'})
    put(excel_addin.startup_folder(one), {"ogi.xlam": "older"})


def machine(folder: Path) -> fake.Fake:
    home = folder / "Users" / "clerk"
    if not home.exists():
        return fake.mac(folder)
    return fake.Fake("darwin", home, home / "ogi" / "bin" / "python3", {"OGI_HOME": str(home)})


MERGE = ("merge", "--jobs=1", ".", "-o")
ALL = ("merge", "in-1.xlsx", "in-2.json", "-o", "sum.json", "-o", "sum.csv", "--submit", "up")

CASES: dict[str, Case] = dict(
    [
        command("new", "new", "--year", "2024", "--agency", "某局", "-o", "out.xlsx"),
        command("export", "export", "in-1.xlsx", "-o", "out.json"),
        command("export anew", "export", "in-1.xlsx", "-o", "out.json", old=None),
        command("export docx", "export", "in-1.xlsx", "--draft", "-o", "out.docx"),
        command("import", "import", "in-2.json", "-o", "out.xlsx"),
        command("repair", "repair", "in-1.xlsx", "-o", "out.xlsx"),
        command("roster", "roster", "from", "in-1.xlsx", "in-2.json", "-o", "out.csv"),
        *(command(f"merge .{kind}", *MERGE, f"sum.{kind}") for kind in ("json", "xlsx", "html", "csv", "parquet")),
        command("merge anew", *ALL, targets=("sum.json", "sum.csv"), old=None),
        ("merge, inside", Case("merge, inside", some(), (*MERGE, "s.json", "--force"), ("s.json",), all_=True)),
        ("letters", letters()),
        ("letters here", letters(here=True)),
        ("install", Setup("install", set_up, (), ())),
    ]
)
