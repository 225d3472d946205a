"""The demonstration: published and made-up reports, taken through every command, with what it shows proved on the way.

The made-up reports lie in `demo_reports/`, one JSON for each agency and year; their stories are in `demo_command.toml`.
"""

from __future__ import annotations

import hashlib
import json
import operator
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from workbook.cli import main
from workbook.cli.console import messages
from workbook.exchange import report_json
from workbook.model.finding import Severity
from workbook.model.report import Report, format_value
from workbook.rules.evaluation import check_report
from workbook.rules.rule_types import list_equations
from workbook.rules.suspects import find_suspects
from workbook.safety import atomic_write
from workbook.safety.messages import UserError, load_messages

if TYPE_CHECKING:
    import argparse

    from workbook.cli.console import Console


Run = Callable[[Sequence[str]], int]
"""Runs the ogi command with arguments; gives its exit code."""
Say = Callable[[str], None]

MARKER = "说明.txt"
"""The file that says a folder is the demonstration's own."""


MADE_UP = Path(__file__).with_name("demo_reports")
"""Where the made-up reports lie."""
_WRITTEN = re.compile(r"[0-9a-f]{64}  .+")
"""A line of that file, as `sha256sum` writes them: `9f86d0…  2020/市中区统计局-2020.xlsx`."""


demo_messages = load_messages("workbook.cli.demo_command")


def find_examples() -> Path:
    """Where the published reports lie: inside the installed package, or beside it in the source tree."""
    package = Path(__file__).parents[1]
    inside = package / "examples"
    return inside if inside.is_dir() else package.parent / "examples"


def is_ours(folder: Path) -> bool:
    """Whether the demonstration may write here: the folder is new, empty, or its own from an earlier run."""
    return not folder.exists() or not any(folder.iterdir()) or _written(folder) is not None


def _written(folder: Path) -> dict[str, str] | None:
    """What an earlier run wrote in that folder, each file with its SHA-256; None where none did."""
    try:
        text = (folder / MARKER).read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None
    head = demo_messages.text("say.readme")
    lines = text.removeprefix(head).splitlines()
    if not text.startswith(head) or not all(_WRITTEN.fullmatch(line) for line in lines):
        return None
    return {line[66:]: line[:64] for line in lines}


class UnexpectedResult(Exception):
    """Something did not come out as the demonstration says it does."""


class CommandFailed(Exception):
    """A command could not do its work."""


class ForeignFile(Exception):
    """Where the demonstration would write is a file that it has not written, or that was changed since."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


class _Own:
    """The files of the demonstration: those that an earlier run wrote make way, and no other unless by `force`."""

    def __init__(self, folder: Path, *, force: bool) -> None:
        self.folder, self.force = folder, force
        self.before = _written(folder) or {}
        self.now: list[Path] = []
        for name, code in self.before.items():
            if not force and (folder / name).is_file() and _code(folder / name) != code:
                raise ForeignFile(folder / name)

    def make_way(self, path: Path) -> None:
        """Remove what an earlier run wrote there. Raises ForeignFile."""
        name = path.relative_to(self.folder).as_posix()
        if path.is_file() and not self.force and path not in self.now and _code(path) != self.before.get(name):
            raise ForeignFile(path)
        path.unlink(missing_ok=True)
        self.now.append(path)

    def note(self) -> None:
        """Write down what this run and the earlier ones have written."""
        codes = self.before | {
            path.relative_to(self.folder).as_posix(): _code(path) for path in self.now if path.is_file()
        }
        lines = [f"{code}  {name}\n" for name, code in sorted(codes.items())]
        atomic_write.write_text(self.folder / MARKER, demo_messages.text("say.readme") + "".join(lines))


def _code(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class DemoWorkbook(NamedTuple):
    """One workbook of the demonstration: its file, what is in it, and what it is there to show."""

    path: Path
    report: Report
    previous: Report | None = None
    story: str = ""


def run_demonstration(folder: Path, run: Run, say: Say, *, force: bool = False) -> int:
    """Play the demonstration in that folder; 0 if all came out as stated, 1 if not, 2 if a command failed.

    With `force` files are replaced that somebody changed, or put where the demonstration writes. Raises OSError,
    ForeignFile.
    """
    try:
        _play(folder, run, say, force=force)
    except UnexpectedResult as trouble:
        say(demo_messages.text("say.failed", what=trouble))
        return 1
    except CommandFailed as trouble:
        say(demo_messages.text("say.unfinished", what=trouble))
        return 2
    return 0


def _play(folder: Path, run: Run, say: Say, *, force: bool) -> None:
    own = _Own(folder, force=force)
    stage = _Stage(own, run, say)
    say(demo_messages.text("say.start", folder=folder))
    folder.mkdir(parents=True, exist_ok=True)
    own.note()
    stage.act("made", first=demo_messages.entry("first_year"), year=demo_messages.entry("year"))
    for book in _books(folder):
        own.make_way(book.path)
    books = write_demo_workbooks(folder)
    own.note()
    for book in books:
        story = demo_messages.text(f"stories.{book.story}") if book.story else ""
        stage.report("made_up" if story else "made_published", file=book.path, story=story)
    published, new = books[0], [book for book in books if book.previous]
    stage.check_published(published)
    stage.check_all(new)
    stage.round_trip(published)
    next_book = stage.next_year(next(book for book in books if book.story and not book.previous))
    stage.act("end", published=published.path, next=next_book, summary=stage.merge(new))


class _Stage:
    """The acts: each runs commands as a user would type them, then proves what it says about the outcome."""

    def __init__(self, own: _Own, run: Run, say: Say) -> None:
        self.own, self.folder = own, own.folder
        self._run = run
        self.say = say

    def report(self, key: str, **facts: object) -> None:
        self.say(demo_messages.text(f"say.{key}", **facts))

    def act(self, key: str, **facts: object) -> None:
        self.say("")
        self.report(key, **facts)

    def command(self, *arguments: str | Path, writes: Sequence[Path] = (), code: int = 0) -> None:
        """Show a command, run it, and insist on its exit code; what an earlier run wrote makes way."""
        for path in writes:
            self.own.make_way(path)
        words = [str(argument) for argument in arguments]
        self.say("$ ogi " + shlex.join(words))
        got = self._run(words)
        self.own.note()
        if got not in {0, 1, code}:
            raise CommandFailed(f"ogi {words[0]}: exit {got}")
        if got != code:
            raise UnexpectedResult(f"ogi {words[0]}: exit {got}, not {code}")

    def check_published(self, book: DemoWorkbook) -> None:
        self.act("check_published")
        self.command("check", book.path, code=1)
        findings = [one for one in check_report(book.report) if one.severity is Severity.ERROR]
        named = find_suspects(book.report, findings)
        if len(named) != 1 or len(named[0].findings) != len(findings):
            raise UnexpectedResult(f"{len(named)} suspects for {len(findings)} errors")
        cell, value = named[0].changes[0]
        facts = {"is": format_value(book.report[cell.code], cell), "should": format_value(value, cell)}
        self.report("found_published", cell=cell.words.zh, count=len(findings), **facts)

    def check_all(self, books: Sequence[DemoWorkbook]) -> None:
        self.act("check_all", year=demo_messages.entry("year"))
        self.command("check", *(book.path for book in books))
        self.report("checked_all")

    def round_trip(self, book: DemoWorkbook) -> None:
        self.act("round_trip")
        once, again = (self.folder / f"{book.path.stem}{end}.json" for end in ("", "-2"))
        back = self.folder / f"{book.path.stem}-2.xlsx"
        self.command("export", book.path, "-o", once, writes=[once])
        self.command("import", once, "-o", back, writes=[back])
        self.command("export", back, "-o", again, writes=[again])
        if once.read_bytes() != again.read_bytes() or report_json.load_report(once).report != book.report:
            raise UnexpectedResult(f"{once} ≠ {again}")
        self.report("round_tripped", bytes=once.stat().st_size)

    def next_year(self, book: DemoWorkbook) -> Path:
        first, year = demo_messages.entry("first_year"), demo_messages.entry("next_form_year")
        self.act("next_year", first=first, next=year)
        path = self.folder / f"{book.report.agency.name}-{year}.xlsx"
        self.command("new", "--year", str(year), "--from", book.path, "-o", path, writes=[path])
        return path

    def merge(self, books: Sequence[DemoWorkbook]) -> Path:
        self.act("merge")
        folder = books[0].path.parent
        summary = self.folder / f"{demo_messages.entry('summary')}-{folder.name}.xlsx"
        plain = summary.with_suffix(".json")
        page, roster = summary.with_suffix(".html"), self.folder / f"{demo_messages.entry('roster')}.xlsx"
        self.command("roster", "from", folder, "-o", roster, writes=[roster])
        given: list[str | Path] = ["-o", summary, "-o", plain, "-o", page, "--roster", roster, "--no-cache"]
        self.command("merge", folder, *given, writes=[summary, plain, page])
        total = report_json.load_report_data(json.loads(plain.read_text("utf-8"))["sum"]).report
        if total.values != reduce(operator.add, (_reread(book.report) for book in books)).values:
            raise UnexpectedResult(str(plain))
        self.report("merged", cells=len(total.values), count=len(books))
        return summary


def write_demo_workbooks(folder: Path) -> list[DemoWorkbook]:
    """Write the workbooks of the demonstration: the published reports first, then those made up."""
    from workbook.excel.template.template_writer import write_workbook

    books = list(_books(folder))
    for book in books:
        book.path.parent.mkdir(exist_ok=True)
        write_workbook(book.path, book.report, book.previous)
    return books


def _books(folder: Path) -> Iterator[DemoWorkbook]:
    for name in demo_messages.entry("published"):
        report = report_json.load_report(find_examples() / f"{name}.json").report
        yield DemoWorkbook(folder / str(report.year) / f"{name}.xlsx", report)
    first, year = demo_messages.entry("first_year"), demo_messages.entry("year")
    for agency in demo_messages.entry("agency"):
        yield DemoWorkbook(_path(folder, agency, first), _read_made_up_report(agency, first), story="clean")
    for agency in demo_messages.entry("agency"):
        last, report = (_read_made_up_report(agency, one) for one in (year - 1, year))
        if agency["story"] == "typed-units":
            report = _type_units(report)
        yield DemoWorkbook(_path(folder, agency, year), report, last, agency["story"])


def _path(folder: Path, agency: Mapping[str, str], year: int) -> Path:
    return folder / str(year) / f"{agency['name']}-{year}.xlsx"


def _read_made_up_report(agency: Mapping[str, str], year: int) -> Report:
    """A report of an agency that does not exist: it keeps every rule but those that its story is about."""
    return report_json.load_report(MADE_UP / f"{agency['name']}-{year}.json").report


def _type_units(report: Report) -> Report:
    """The report with 17个 instead of a number in the counts that no equation needs."""
    needed = {code for rule in list_equations(report.form) for code in rule.cells}
    cells = [cell for cell in report.form.cells if cell.code not in needed and cell.unit.scale == 1]
    return report.with_values(dict.fromkeys((cell.code for cell in cells), demo_messages.entry("typed")))


def _reread(report: Report) -> Report:
    """The report as reading its workbook gives it: 17个 is 17."""
    return report_json.load_report_data(report_json.dump_report(report)).report


# `ogi demo`: the demonstration


def run_demo(args: argparse.Namespace, console: Console) -> int:
    """Play the demonstration in a folder of its own."""
    folder = Path(args.folder)
    if folder.exists() and not folder.is_dir():
        raise UserError(messages.get("parent_is_file", folder=folder))
    if not folder.absolute().parent.is_dir():
        raise UserError(messages.get("no_parent", folder=folder.absolute().parent))
    if not args.force and not is_ours(folder):
        raise UserError(messages.get("demo_not_ours", folder=folder))
    try:
        return run_demonstration(folder, main, console.out, force=args.force)
    except ForeignFile as trouble:
        raise UserError(messages.get("demo_changed", file=trouble.path)) from trouble
