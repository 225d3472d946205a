r"""A report as JSON (format 1): the public contract of figures, texts, identity and answers; and its JSON Schema.

Counts are JSON integers; money is a string in the form's unit ("4166.214619"); blank is null; 不适用 is the string
"不适用". Other words that stand where a figure belongs travel as strings, so that nothing is lost; they are a finding.

Every text is exact: nothing is neutralised in JSON, which no program runs. Signs that are not seen or steer a terminal
are spelt (`\u202e`), so that the file itself can be looked at; read back they are what they were.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from workbook.model import identity
from workbook.model.finding import Finding, Source
from workbook.model.form import LAST, Form
from workbook.model.form_loader import get_form_in_force, list_form_ids, load_form
from workbook.model.identity import Identity
from workbook.model.numbers import Value, format_json_value, parse_json_value
from workbook.model.report import Answer, Report, SharedLocations, list_oddities
from workbook.model.rule_catalog import make_finding
from workbook.safety.messages import Bilingual, UserError, join_texts, load_messages
from workbook.safety.unsafe_text import json_text

messages = load_messages("workbook.jsonio")

FORMAT = 1
TOO_MUCH = 10**400
"""No count is that large; Python refuses to print numbers of some thousand digits."""
_ESCAPED = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\(?:u[dD][89a-fA-F]..|.)", re.DOTALL)
"""What a JSON text spells by a backslash: a character in two halves, half of one alone, any other."""
MOST_REVISED = 10**8 - 1
"""No report is revised so often: eight digits, as the cover of a workbook is read."""
KEYS = ("format", "form", "year", "agency", "texts", "tables", "answers")


SUMMARY = "ogi-summary"
"""What the JSON of a merge says it is: no report, but many and their sum."""


class NotAReport(UserError):
    """The JSON is no report of format 1 at all. `summary`: it is of a merge."""

    def __init__(self, words: Bilingual, *, summary: bool = False) -> None:
        super().__init__(words)
        self.summary = summary


@dataclass(frozen=True, slots=True)
class LoadedReport:
    """A report read from JSON, and what was odd about it."""

    report: Report
    findings: tuple[Finding, ...]


def dump_report(report: Report) -> dict[str, Any]:
    """The report as plain data for `json.dumps`. Identity fields beyond the contract's four appear when known."""
    agency: dict[str, Any] = {
        name: getattr(report.agency, name) or None for name in ("name", "code", "region", "level")
    }
    for extra in ("contact", "revision"):
        if value := getattr(report.agency, extra):
            agency[extra] = value
    tables: dict[str, dict[str, dict[str, Any]]] = {}
    for cell, value in zip(report.form.cells, report.values, strict=True):
        row = tables.setdefault(cell.table.code, {}).setdefault(cell.row.code, {})
        row[cell.column.code] = format_json_value(value, cell.unit)
    return {
        "format": FORMAT,
        "form": report.form.id,
        "year": report.year,
        "agency": agency,
        "texts": {text.code: report.texts.get(text.code) for text in report.form.texts},
        "tables": tables,
        "answers": [
            {"rule": a.rule, "cells": list(a.cells), "reason": a.reason, "figures": a.figures} for a in report.answers
        ],
    }


def dump_report_text(report: Report) -> str:
    """The report as JSON text, as `ogi export` writes it."""
    return json_text(json.dumps(dump_report(report), ensure_ascii=False, indent=1)) + "\n"


def load_path(path: Path) -> LoadedReport:
    """Read a report from a JSON file. Raises OSError, or NotAReport where the file is no report at all."""
    raw = path.read_bytes()
    try:
        data = json.loads(_mended(raw.decode("utf-8-sig")), object_pairs_hook=_Object)
    except UnicodeDecodeError as error:
        raise _refused("not-utf8", file=path.name) from error
    except RecursionError as error:
        raise _refused("too-deep", file=path.name) from error
    except json.JSONDecodeError as error:
        raise _refused("unsound", file=path.name, line=error.lineno, column=error.colno) from error
    except ValueError as error:  # a number of thousands of digits
        raise _refused("too-long", file=path.name) from error
    return load_data(data, path.name)


def refuse_summary(path: Path) -> None:
    """Refuse a JSON of a merge by its beginning: of thousands of agencies it is larger than any report.

    Raises OSError and NotAReport.
    """
    with path.open("rb") as file:
        if f'"kind": "{SUMMARY}"'.encode() in file.read(100):
            raise NotAReport(messages.get("refused.summary"), summary=True)


def _refused(why: str, **facts: object) -> NotAReport:
    return NotAReport(messages.get(f"refused.{why}", **facts))


def _whole(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _mended(text: str) -> str:
    r"""The JSON text, each half of a character (`\ud800`) made `\ufffd`: no file of ours could hold half of one."""
    if "\\ud" not in text and "\\uD" not in text:
        return text
    return _ESCAPED.sub(lambda found: "\\ufffd" if len(found[0]) == len("\\ud800") else found[0], text)


def load_data(data: object, file: str = "") -> LoadedReport:
    """Read a report from plain data. What is missing is blank and a finding; only data of no form at all is refused.

    Raises NotAReport if it is no object, of another format, or of a form that is not known.
    """
    if isinstance(data, dict) and data.get("kind") == SUMMARY:
        raise NotAReport(messages.get("refused.summary"), summary=True)
    if not isinstance(data, dict) or "tables" not in data:
        raise _refused("no-tables")
    if data.get("format") != FORMAT or data["format"] is True:
        raise _refused("format", found=repr(data.get("format")), expected=FORMAT)
    return _Loader(data, file).load()


class _Object(dict[str, Any]):
    """A JSON object that remembers which of its keys stood more than once: the last one counts, and it is told."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        counts = Counter(key for key, _ in pairs) if len(pairs) > len(self) else {}
        self.twice = tuple(key for key, count in counts.items() if count > 1)


class _Loader:
    """One pass over the data along the form, gathering findings with their JSON pointers."""

    def __init__(self, data: Mapping[str, Any], file: str) -> None:
        self.data = data
        self.file = file
        self.found: list[Finding] = []

    def load(self) -> LoadedReport:
        for key in self.data:
            if key not in KEYS:
                self.say("json-key", "/", raw=key)
        self.repeated()
        year = self.year()
        agency = self.agency()
        form = self.form(year, agency)
        texts = self.texts(form)
        values = tuple(self.values(form))
        sources = SharedLocations(self.file, _pointers(form))
        report = Report(form, year, agency, values, MappingProxyType(texts), tuple(self.answers()), sources)
        return LoadedReport(report, tuple(self.found))

    def repeated(self) -> None:
        """Tell of every key that stood more than once: the last one was read."""
        open_: list[tuple[object, str]] = [(self.data, "")]
        while open_:
            value, pointer = open_.pop()
            if isinstance(value, _Object):
                for key in value.twice:
                    self.wrong(f"{pointer}/{key}", "once", value[key])
            if isinstance(value, dict):
                open_ += [(inner, f"{pointer}/{key}") for key, inner in value.items()]

    def say(self, rule: str, pointer: str, cells: tuple[str, ...] = (), **facts: str | Bilingual) -> None:
        found = make_finding(rule, cells=cells, where=pointer, **facts)  # type: ignore[arg-type] # no figures among them
        self.found.append(found.at(Source(self.file, "", pointer)))

    def wrong(self, pointer: str, wanted: str, value: object, cells: tuple[str, ...] = ()) -> None:
        """Tell of a value of another type; `wanted` names the right one among the words."""
        try:
            shown = json.dumps(value, ensure_ascii=False, default=str)
        except (RecursionError, ValueError):  # nested too deep, or a number of thousands of digits
            shown = "…"
        due = messages.get(f"type.{wanted}")
        actual = shown if len(shown) < 60 else shown[:57] + "…"
        self.say("json-type", pointer, cells, expected=due.zh, due=due, actual=actual)

    def member(self, parent: Mapping[str, Any], key: str, pointer: str, cells: tuple[str, ...] = ()) -> dict[str, Any]:
        """The object under a key; empty, with a finding, where there is none."""
        value = parent.get(key)
        if isinstance(value, dict):
            return value
        if value is None:
            self.say("json-missing", pointer, cells, expected=key)
        else:
            self.wrong(f"{pointer.rstrip('/')}/{key}", "object", value, cells)
        return {}

    def year(self) -> int | None:
        year = self.data.get("year")
        if year is None or (_whole(year, LAST) and year >= 1000):
            return year
        self.wrong("/year", "year", year)
        return None

    def agency(self) -> Identity:
        given = self.member(self.data, "agency", "/")
        known = {f.code: f for f in identity.list_identity_fields() if f.code != "year"}
        values: dict[str, Any] = {}
        for key, value in given.items():
            pointer = f"/agency/{key}"
            if key not in known:
                self.say("json-key", "/agency", raw=key)
            elif value is None:
                continue
            elif key == "revision":
                if _whole(value, MOST_REVISED):
                    values[key] = value
                else:
                    self.wrong(pointer, "revision", value)
            elif isinstance(value, str):
                values[key] = value.strip()
            else:
                self.wrong(pointer, "text", value)
        return Identity(**values)

    def form(self, year: int | None, agency: Identity) -> Form:
        form_id = self.data.get("form")
        if form_id is None and year is not None:
            self.say("json-missing", "/", expected="form")
            try:
                return get_form_in_force(year, agency.region)
            except LookupError:
                raise _refused("no-form", year=year) from None
        if not isinstance(form_id, str) or form_id not in list_form_ids():
            raise _refused("form", found=repr(form_id), forms=join_texts(list_form_ids()))
        return load_form(form_id, agency.region)

    def texts(self, form: Form) -> dict[str, str]:
        given = self.member(self.data, "texts", "/")
        known = [text.code for text in form.texts]
        for key in given:
            if key not in known:
                self.say("json-key", "/texts", raw=key)
        texts = {}
        for key in known:
            value = given.get(key)
            if isinstance(value, str):
                if tidy := tidy_text(value):
                    texts[key] = tidy
            elif value is not None:
                self.wrong(f"/texts/{key}", "text", value)
        return texts

    def values(self, form: Form) -> Iterator[Value]:
        tables = self.member(self.data, "tables", "/")
        self.unknown(tables, [table.code for table in form.tables], "/tables")
        for table in form.tables:
            cells = tuple(cell.code for cell in form.cells if cell.table.code == table.code)
            rows = self.member(tables, table.code, "/tables", cells)
            at = f"/tables/{table.code}"
            missing = not isinstance(tables.get(table.code), dict)
            self.unknown(rows, [row.code for row in table.rows], at)
            for row in table.rows:
                codes = tuple(table.cell(row.code, column.code) for column in table.columns)
                line = {} if missing else self.member(rows, row.code, at, codes)
                pointer = f"{at}/{row.code}"
                there = isinstance(rows.get(row.code), dict)
                self.unknown(line, [column.code for column in table.columns], pointer)
                for column, code in zip(table.columns, codes, strict=True):
                    if there and column.code not in line:
                        self.say("json-missing", pointer, (code,), expected=column.code)
                    yield self.value(form, code, line.get(column.code), f"{pointer}/{column.code}")

    def unknown(self, given: Mapping[str, Any], known: list[str], pointer: str) -> None:
        for key in given:
            if key not in known:
                self.say("json-key", pointer, raw=key)

    def value(self, form: Form, code: str, raw: Any, pointer: str) -> Value:  # noqa: ANN401 -- whatever the JSON holds
        cell = form.cell(code)
        plain = raw is None or (isinstance(raw, int | float | str) and not isinstance(raw, bool))
        if not plain or (isinstance(raw, int) and abs(raw) >= TOO_MUCH):
            self.wrong(pointer, "figure", raw, (code,))
            return None
        reading = parse_json_value(raw, cell.unit)
        if reading.oddities:
            source = Source(self.file, "", pointer)
            self.found += [found.at(source) for found in list_oddities(cell, reading)]
        return reading.value

    def answers(self) -> Iterator[Answer]:
        given = self.data.get("answers", [])
        if not isinstance(given, list):
            self.wrong("/answers", "list", given)
            return
        for n, one in enumerate(given):
            pointer = f"/answers/{n}"
            good = (
                isinstance(one, dict)
                and all(isinstance(one.get(key), str) for key in ("rule", "reason"))
                and one["reason"].strip()
                and isinstance(one.get("cells"), list)
                and all(isinstance(code, str) and code and not any(map(str.isspace, code)) for code in one["cells"])
            )
            if not good:
                self.wrong(pointer, "answer", one)
                continue
            self.unknown(one, ["rule", "cells", "reason", "figures"], pointer)
            figures = one.get("figures")
            if figures is not None and not isinstance(figures, str):
                self.wrong(f"{pointer}/figures", "text", figures)
            yield Answer(
                one["rule"],
                tuple(one["cells"]),
                one["reason"],
                figures if isinstance(figures, str) else "",
            )


_POINTERS: dict[str, Mapping[str, tuple[str, str]]] = {}


def _pointers(form: Form) -> Mapping[str, tuple[str, str]]:
    """Where each value of a form stands in any JSON of format 1."""
    known = _POINTERS.get(form.fingerprint)
    if known is None:
        at = {f"agency.{field.code}": f"/agency/{field.code}" for field in identity.list_identity_fields()}
        at["agency.year"] = "/year"
        at |= {f"texts.{text.code}": f"/texts/{text.code}" for text in form.texts}
        at |= {cell.code: f"/tables/{cell.table.code}/{cell.row.code}/{cell.column.code}" for cell in form.cells}
        known = _POINTERS[form.fingerprint] = MappingProxyType({code: ("", pointer) for code, pointer in at.items()})
    return known


def tidy_text(text: str) -> str:
    r"""A text as a report keeps it: line ends as \n, no blank space at the end of lines, no blank lines around it."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return "\n".join(lines).strip("\n")
