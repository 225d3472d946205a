"""Reads a roster from a workbook or from text (CSV), whatever the order of its columns."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from workbook.excel.reading.file_type import Unreadable, read_within_time, recognise_file
from workbook.excel.reading.workbook_contents import Raw, Sheet
from workbook.excel.reading.workbook_reader import open_workbook
from workbook.exchange.delimited_text import DELIMITERS, BrokenTable, decode_text, parse_strictly, strip_guard
from workbook.merging.roster.roster_lines import (
    Roster,
    RosterAgency,
    RosterProblem,
    get_roster_column,
    list_roster_columns,
    parse_written_date,
)
from workbook.model import identity
from workbook.model.cell_address import format_address
from workbook.model.finding import Severity, Source
from workbook.model.identity import CodeProblem, Identity, get_comparable_code
from workbook.model.rule_catalog import get_phrase
from workbook.safety.messages import NO_TEXT, Bilingual, UserError, join_texts, load_messages
from workbook.safety.unsafe_text import fold_name, remove_controls

messages = load_messages("workbook.merging.roster")

LOOKED_AT = 40
"""Among how many lines at the top the headings are looked for."""
TEXTS = (".csv", ".tsv", ".txt")
"""How the names of lists as text end."""
MOST_BYTES = 64 << 20
MOST_LINES = 500_000
"""A list of every agency of the country is smaller."""
MOST_COLUMNS = 256
"""No list of agencies has more columns."""
SHOWN = 40
"""So much of a line that names no agency is quoted."""


class NotARoster(UserError):
    """A file from which no roster can be read."""


class _Table(NamedTuple):
    """Lines of a sheet or of a text: line number (from 1) → values by column (from 0).

    Of a text that `delimiter` takes apart these are only the first, to find the headings by.
    """

    sheet: str
    lines: Mapping[int, Mapping[int, Raw]]
    delimiter: str = ""


class _Heading(NamedTuple):
    """Where the headings are located, and which column (from 0) means what."""

    line: int
    columns: Mapping[int, str]


def read_roster(path: Path) -> Roster:
    """Read a roster from a workbook or a CSV (UTF-8, UTF-16 with a mark, GB18030; comma, tab or semicolon).

    Every line that names an agency is taken; what is wrong with lines is in `problems`. Raises NotARoster where
    the file cannot be opened or has no heading “机关名称” or “统一社会信用代码”.
    """
    try:
        with read_within_time():
            return _read_roster(path, path.name)
    except Unreadable as trouble:
        raise NotARoster(messages.get("refused.file", file=path.name, what=trouble.message)) from trouble


def _read_roster(path: Path, file: str) -> Roster:
    tables = _read_tables(path)
    found = [(heading, table) for table in tables if (heading := _find_heading(table))]
    if not found:
        text = any(table.delimiter for table in tables)
        raise NotARoster(
            _explain_broken_text(_decode_file(path), path) if text else messages.get("refused.heading", file=file)
        )
    heading, table = max(found, key=lambda pair: len(set(pair[0].columns.values())))
    return _build_roster(_read_all_lines(table, heading, path) if table.delimiter else table, heading, file)


def _read_tables(path: Path) -> list[_Table]:
    try:
        recognise_file(path)
    except Unreadable as trouble:
        stray = trouble.kind == "unknown" and path.suffix.lower() in TEXTS  # a control among the first lines
        if trouble.kind != "text" and not stray:
            raise
        return _read_first_lines(path)
    book = open_workbook(path)
    return [_read_sheet(sheet) for sheet in sorted(book.sheets, key=lambda sheet: sheet.hidden)]


def _read_sheet(sheet: Sheet) -> _Table:
    lines: dict[int, dict[int, Raw]] = {}
    for (row, column), cell in sorted(sheet.cells.items(), key=lambda pair: pair[0]):
        lines.setdefault(row + 1, {})[column] = None if cell.error else cell.value
    return _Table(sheet.name, lines)


def _read_first_lines(path: Path) -> list[_Table]:
    """The first lines of the text by each delimiter: by which of them headings are found will be seen."""
    text = _decode_file(path)
    found = []
    for delimiter in DELIMITERS:
        lines: dict[int, Mapping[int, Raw]] = {}
        with suppress(BrokenTable):
            for line, values in islice(parse_strictly(text, delimiter, MOST_COLUMNS, MOST_LINES), LOOKED_AT):
                lines[line] = {column: strip_guard(value) for column, value in enumerate(values)}
        found.append(_Table("", lines, delimiter))
    return found


def _decode_file(path: Path) -> str:
    if path.stat().st_size > MOST_BYTES:
        raise NotARoster(messages.get("refused.large", file=path.name))
    text = decode_text(path.read_bytes())
    if text is None:
        raise NotARoster(messages.get("refused.encoding", file=path.name))
    return text


def _explain_broken_text(text: str, path: Path) -> Bilingual:
    """Why a text cannot be taken apart by the delimiter tried first."""
    try:
        for _ in parse_strictly(text, DELIMITERS[0], MOST_COLUMNS, MOST_LINES):
            pass
    except BrokenTable as trouble:
        return messages.get(f"refused.{trouble.kind}", file=path.name, line=trouble.line)
    return messages.get("refused.heading", file=path.name)


def _read_all_lines(table: _Table, heading: _Heading, path: Path) -> _Table:
    """All lines of the text; of each what is under a heading. NotARoster where a line has swallowed others."""
    lines: dict[int, Mapping[int, Raw]] = {}
    try:
        for line, values in parse_strictly(_decode_file(path), table.delimiter, MOST_COLUMNS, MOST_LINES):
            if _has_swallowed_lines(values, table.delimiter, heading):
                raise NotARoster(messages.get("refused.quote", file=path.name, line=line))
            if any(map(str.strip, values)):
                lines[line] = {
                    column: strip_guard(values[column]) for column in heading.columns if column < len(values)
                }
    except BrokenTable as trouble:
        words = messages.get(f"refused.{trouble.kind}", file=path.name, line=trouble.line)
        raise NotARoster(words) from None
    return table._replace(lines=lines)


def _has_swallowed_lines(values: Sequence[str], delimiter: str, heading: _Heading) -> bool:
    """Whether a value of several lines holds lines of the list: a quote was opened and closed further down.

    Whom to call may be several people, a line each, with a comma between name and number; nothing else is.
    """
    for column, value in enumerate(values):
        if "\n" in value or "\r" in value:
            least = max(2, len(heading.columns) - 1) if heading.columns.get(column, "contact") == "contact" else 1
            if not value.strip() or any(part.count(delimiter) >= least for part in value.splitlines()):
                return True
    return False


def _find_heading(table: _Table) -> _Heading | None:
    """The line with most headings near the top; None where no line has a usable one."""
    best: _Heading | None = None
    top = list(table.lines.items())[:LOOKED_AT]
    for line, values in top:
        named = {column: code for column, raw in values.items() if (code := get_roster_column(raw))}
        if not {"name", "code"} & set(named.values()):
            continue
        filled = [raw for raw in values.values() if raw not in (None, "")]
        if len(named) == 1 and (len(filled) > 1 or _is_form(top, next(iter(named)), line)):
            continue  # the label of one value in a form, not a list
        if best is None or len(set(named.values())) > len(set(best.columns.values())):
            best = _Heading(line, named)
    return best


def _is_form(top: Sequence[tuple[int, Mapping[int, Raw]]], column: int, heading: int) -> bool:
    """Whether other headings are above or below: then it is a form filled in from top to bottom."""
    own = get_roster_column(dict(top)[heading][column])
    return any(code not in ("", own) for _, values in top for code in [get_roster_column(values.get(column))])


def _build_roster(table: _Table, heading: _Heading, file: str) -> Roster:
    agencies: list[RosterAgency] = []
    problems: list[RosterProblem] = []
    column_of = {code: column for column, code in sorted(heading.columns.items(), reverse=True)}

    def place(code: str, line: int) -> Source:
        return Source(file, table.sheet, format_address(line - 1, column_of.get(code, 0)) if table.sheet else "")

    for line, values in table.lines.items():
        if line <= heading.line or _repeats_headings(values, heading):
            continue
        texts = _join_line_texts(values, heading.columns)
        if not any(texts.values()):
            continue
        if not texts["name"] and not texts["code"]:
            problems.append(make_roster_problem("nobody", place("name", line), line))
            continue
        if not get_comparable_code(Identity(code=texts["code"])) and _no_agency().fullmatch(fold_name(texts["name"])):
            problems.append(make_roster_problem("total", place("name", line), line, name=texts["name"][:SHOWN]))
            continue
        agency, troubles = _read_agency(texts, line, place)
        agencies.append(agency)
        problems += [*troubles, *list_line_problems(agency, place)]
    distinct, repeated = remove_repeats(agencies, place)
    roster = Roster(tuple(distinct))
    every = sorted((*problems, *repeated, *list_roster_problems(roster, place)), key=lambda one: one.line)
    return Roster(tuple(distinct), tuple(every))


@cache
def _no_agency() -> re.Pattern[str]:
    """What is below a list of agencies and is none: its total, and notes, such as 合计 or 注：…, each a pattern."""
    return re.compile("|".join(f"(?:{one})" for one in messages.entry("no_agency")))


def _repeats_headings(values: Mapping[int, Raw], heading: _Heading) -> bool:
    """Whether the headings are here once more, as at the top of a printed page."""
    return all(get_roster_column(values.get(column)) == code for column, code in heading.columns.items())


def _join_line_texts(values: Mapping[int, Raw], meant: Mapping[int, str]) -> dict[str, str]:
    """What a line says by column; of several columns for one thing the first, contacts all of them."""
    by_code: dict[str, list[str]] = {one.code: [] for one in list_roster_columns()}
    for column, code in meant.items():
        if code in by_code and (text := _format_cell(values.get(column))):
            by_code[code].append(text)
    return {code: " ".join(texts) if code == "contact" else next(iter(texts), "") for code, texts in by_code.items()}


def _format_cell(raw: Raw) -> str:
    """A cell as text on one line: numbers as a spreadsheet shows them, no spaces at the ends, no controls.

    A control would make the list that is written of it a file that no program takes for a text.
    """
    if raw is None or isinstance(raw, bool):
        return ""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return " ".join(remove_controls(str(raw)).split())


def _read_agency(texts: Mapping[str, str], line: int, place: Place) -> tuple[RosterAgency, list[RosterProblem]]:
    level, deadline = _find_level_code(texts["level"]), parse_written_date(texts["deadline"])
    agency = RosterAgency(
        texts["name"],
        "".join(texts["code"].split()),
        "".join(texts["region"].split()),
        level,
        texts["parent"],
        texts["contact"],
        deadline,
        line,
    )
    return agency, list(_list_unread_cells(agency, texts, place))


def _find_level_code(text: str) -> str:
    """The level that a cell means, brackets of any width; blank for none known."""
    known = identity.find_level(text)
    if known is None:
        known = next((one for one in identity.list_levels() if fold_name(one.label) == fold_name(text)), None)
    return known.code if known else ""


def _list_unread_cells(agency: RosterAgency, texts: Mapping[str, str], place: Place) -> Iterator[RosterProblem]:
    """Cells that say something, but nothing known."""
    read: dict[str, str | datetime.date | None] = {"level": agency.level, "deadline": agency.deadline}
    for code, value in read.items():
        if texts[code] and not value:
            facts = {"name": get_line_name(agency), "raw": texts[code], "known": list_known_levels()}
            yield make_roster_problem(code, place(code, agency.line), agency.line, **facts)


# What is wrong with the lines of a roster, each in a sentence that says what is there and what to do


NUMBERS = 8
"""So many lines are named of those that are alike: all of a list may be."""
Place = Callable[[str, int], Source]
"""Where the cell of a column (its code) is located in a line (from 1) of the file."""


def make_roster_problem(kind: str, source: Source, line: int, **facts: object) -> RosterProblem:
    """A problem of that kind (see the messages) with a line of a roster."""
    entry = f"problem.{kind}"
    severity = Severity(messages.entry(f"{entry}.severity"))
    message, advice = messages.get(f"{entry}.message", **facts), messages.get(f"{entry}.fix", **facts)
    return RosterProblem(kind, severity, line, source, message, advice)


def get_line_name(agency: RosterAgency) -> str | Bilingual:
    """What to call an agency: its name, else its code."""
    return agency.name or agency.code or messages.get("problems.nameless")


def list_line_problems(agency: RosterAgency, place: Place) -> Iterator[RosterProblem]:
    """What is wrong with one line alone."""
    found = (
        ("code", agency.code, identity.find_credit_code_problem(fold_name(agency.code).upper())),
        ("region", agency.region, identity.find_region_problem(agency.region)),
    )
    for column, raw, trouble in found:
        if trouble:
            what = get_phrase(trouble.kind, "code_problem", **CodeProblem._asdict(trouble))
            source = place(column, agency.line)
            yield make_roster_problem(column, source, agency.line, name=get_line_name(agency), raw=raw, what=what)


def list_known_levels() -> Bilingual:
    """The levels to choose from."""
    return join_texts((Bilingual(one.label, one.en) for one in identity.list_levels()), messages.get("problems.comma"))


def remove_repeats(agencies: Sequence[RosterAgency], place: Place) -> tuple[list[RosterAgency], list[RosterProblem]]:
    """The lines without those that name an agency once more (same code and name, or nothing to differ by)."""
    distinct: list[RosterAgency] = []
    problems = []
    first: dict[tuple[str, str, str], RosterAgency] = {}
    for one in agencies:
        region = "" if get_comparable_code(one.identity) else fold_name(one.region)
        key = (fold_name(one.code), fold_name(one.name), region)
        before = first.setdefault(key, one)
        if before is one:
            distinct.append(one)
        else:
            problems.append(
                make_roster_problem(
                    "repeated", place("name", one.line), one.line, name=get_line_name(one), others=before.line
                )
            )
    return distinct, problems


def list_roster_problems(roster: Roster, place: Place) -> Iterator[RosterProblem]:
    """What is wrong between the lines: codes and names used twice, parents not found, circles."""
    yield from _list_used_twice(roster, place)
    for one in roster.agencies:
        if not one.parent:
            continue
        lines = roster.named(one.parent)
        if len(lines) != 1:
            kind = "parent-unclear" if lines else "parent-unknown"
            source = place("parent", one.line)
            yield make_roster_problem(
                kind, source, one.line, name=get_line_name(one), raw=one.parent, others=_name_lines(lines)
            )
    for circle in roster.circles:
        names = [one.name or one.code for one in (*circle, circle[0])]
        if len(names) > NUMBERS + 2:
            names = [*names[:NUMBERS], "……", names[-1]]
        words = join_texts(names, messages.get("problems.arrow"))
        source = place("parent", circle[0].line)
        yield make_roster_problem("circle", source, circle[0].line, names=words, others=_name_lines(circle))


def _list_used_twice(roster: Roster, place: Place) -> Iterator[RosterProblem]:
    codes: defaultdict[str, list[RosterAgency]] = defaultdict(list)
    names: defaultdict[str, list[RosterAgency]] = defaultdict(list)
    for one in roster.agencies:
        if code := get_comparable_code(one.identity):
            codes[code].append(one)
        if one.name:
            names[fold_name(one.name)].append(one)
    for code, lines in codes.items():
        for one in lines[1:]:
            facts = {
                "name": get_line_name(one),
                "other": get_line_name(lines[0]),
                "others": lines[0].line,
                "code": code,
            }
            yield make_roster_problem("code-twice", place("code", one.line), one.line, **facts)
    for lines in names.values():
        yield from _list_same_name(lines, place)


def _list_same_name(lines: Sequence[RosterAgency], place: Place) -> Iterator[RosterProblem]:
    """Lines of one name with neither codes that all differ nor regions that all differ."""
    codes, regions = [get_comparable_code(one.identity) for one in lines], [fold_name(one.region) for one in lines]
    if any(all(keys) and len(set(keys)) == len(keys) for keys in (codes, regions)):
        return
    for one in lines[1:]:
        yield make_roster_problem("name-twice", place("name", one.line), one.line, name=one.name, others=lines[0].line)


def _name_lines(agencies: Iterable[RosterAgency]) -> Bilingual:
    """In which lines they are: the first, for of thousands each would name thousands."""
    lines = [str(one.line) for one in islice(agencies, NUMBERS + 1)]
    more = messages.get("problems.more") if len(lines) > NUMBERS else NO_TEXT
    return join_texts(lines[:NUMBERS], messages.get("problems.comma")).then(more)
