r"""Reads and writes a report as JSON (format 1; its models are in `report_data`).

Every text is exact: nothing is neutralised in JSON, which no program runs. Characters that are invisible or steer a
terminal are escaped (`\u202e`), so that the file itself can be looked at; read again they are what they were. Half of
a surrogate pair (`\ud800`), which no file could hold, is read as U+FFFD.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from workbook.model import identity
from workbook.model.finding import Finding, Source
from workbook.model.form import Cell, Form
from workbook.model.form_loader import get_form_in_force, list_form_ids, load_form
from workbook.model.identity import Identity
from workbook.model.numbers import UNITS, JsonNumber, Value, format_json_value, parse_figure, parse_json_value
from workbook.model.report import Answer, Report, SharedLocations, list_oddities
from workbook.model.rule_catalog import get_phrase, make_finding
from workbook.model.text_normalization import tidy_text
from workbook.safety.messages import Bilingual, UserError, join_texts, load_messages
from workbook.safety.unsafe_text import escape_json_text, replace_surrogates

if TYPE_CHECKING:
    from workbook.exchange.report_data import ReportData

messages = load_messages("workbook.exchange")

FORMAT: Final = 1
SUMMARY: Final = "ogi-summary"
"""The `kind` of the JSON of a merge: it is no report, but many and their sum."""
_DEEPEST: Final = 6
"""No value of a report is nested deeper: report, answers, answer, cells, code."""
_KINDS: Final = {"model_type": "object", "dict_type": "object", "list_type": "list", "string_type": "text"}
"""pydantic's types of errors → [type] in messages.toml; those of `report_data` have its names themselves."""
_MAY_BE_MISSING: Final = ("model_type", "dict_type", "literal_error")
"""Where null is as good as nothing: objects, and the name of the form."""
_UNKNOWN_KEY: Final = ("extra_forbidden", "invalid_key")

Loc = tuple[str | int, ...]
"""Keys and list indexes that lead to a value, as pydantic gives them."""


class NotAReport(UserError):
    """Raised for JSON that is no report of format 1 at all. `summary`: it is the JSON of a merge."""

    def __init__(self, message: Bilingual, *, summary: bool = False) -> None:
        super().__init__(message)
        self.summary = summary


class LoadedReport(NamedTuple):
    """A report read from JSON, and the findings of reading it."""

    report: Report
    findings: tuple[Finding, ...]


def dump_report(report: Report) -> dict[str, Any]:
    """Turn a report into plain data for `json.dumps`. Identity fields beyond the contract's four appear when known.

    Words in place of a figure, of the year or the revision are written as they are.
    """
    agency: dict[str, Any] = {
        name: getattr(report.agency, name) or None for name in ("name", "code", "region", "level")
    }
    for extra in ("contact", "revision"):
        if value := getattr(report.agency, extra):
            agency[extra] = value
    unreadable = dict(report.agency.unreadable)
    if not report.agency.revision and "revision" in unreadable:
        agency["revision"] = unreadable["revision"]
    tables: dict[str, dict[str, dict[str, Any]]] = {}
    for cell, value in zip(report.form.cells, report.values, strict=True):
        row = tables.setdefault(cell.table.code, {}).setdefault(cell.row.code, {})
        row[cell.column.code] = format_json_value(value, cell.unit)
    return {
        "format": FORMAT,
        "form": report.form.id,
        "year": unreadable.get("year") if report.year is None else report.year,
        "agency": agency,
        "texts": {text.code: report.texts.get(text.code) for text in report.form.texts},
        "tables": tables,
        "answers": [
            {"rule": a.rule, "cells": list(a.cells), "reason": a.reason, "figures": a.figures} for a in report.answers
        ],
    }


def dump_report_text(report: Report) -> str:
    """Turn a report into JSON text, as `ogi export` writes it."""
    return escape_json_text(json.dumps(dump_report(report), ensure_ascii=False, indent=1)) + "\n"


def load_report(path: Path) -> LoadedReport:
    """Read a report from a JSON file. Raises OSError, or NotAReport where the file is no report at all."""
    raw = path.read_bytes()
    try:
        data = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_Object, parse_float=_parse_number)
    except UnicodeDecodeError as error:
        raise _refused("not-utf8", file=path.name) from error
    except RecursionError as error:
        raise _refused("too-deep", file=path.name) from error
    except json.JSONDecodeError as error:
        raise _refused("unsound", file=path.name, line=error.lineno, column=error.colno) from error
    except ValueError as error:  # an integer of thousands of digits
        raise _refused("too-long", file=path.name) from error
    return load_report_data(data, path.name)


def load_report_data(data: object, file: str = "") -> LoadedReport:
    """Read a report from plain data. What is missing is blank and a finding; `file` is named in the findings.

    Raises NotAReport if it is no object, of another format, or of a form that is not known.
    """
    data = _without_halves(data)
    if isinstance(data, _Object) and data.get("kind") == SUMMARY:
        raise _refused("summary")
    if not isinstance(data, _Object) or "tables" not in data:
        raise _refused("no-tables")
    if not _is_format(data.get("format")):
        raise _refused("format", found=repr(data.get("format")), expected=FORMAT)
    return _Reader(data, file).read()


def _parse_number(literal: str) -> JsonNumber | float:
    """Give a number with a fraction or an exponent exactly, and as it stands in the file."""
    try:
        return JsonNumber(literal)
    except InvalidOperation:  # an exponent of twenty digits
        return float(literal)


def _is_format(stated: object) -> bool:
    """Whether the format is ours, in any spelling that a figure may have: 1, 1.0, "1"."""
    if isinstance(stated, bool) or not isinstance(stated, int | float | Decimal | str):
        return False
    return parse_figure(stated, UNITS["件"]).value == FORMAT


def refuse_summary(path: Path) -> None:
    """Refuse the JSON of a merge by its first characters: of thousands of agencies it is larger than any report.

    Raises OSError and NotAReport.
    """
    with path.open("rb") as file:
        if f'"kind": "{SUMMARY}"'.encode() in file.read(100):
            raise _refused("summary")


def _refused(why: str, **facts: object) -> NotAReport:
    return NotAReport(messages.get(f"refused.{why}", **facts), summary=why == "summary")


class _Object(dict[str, Any]):
    """A JSON object that knows which of its keys were repeated: the last one counts, and there is a finding."""

    def __init__(self, pairs: Iterable[tuple[str, Any]], depth: int = _DEEPEST) -> None:
        pairs = [(_without_halves(key), _without_halves(value, depth)) for key, value in pairs]
        super().__init__(pairs)
        counts = Counter(key for key, _ in pairs) if len(pairs) > len(self) else {}
        self.repeated = tuple(key for key, count in counts.items() if count > 1)


def _without_halves(value: Any, depth: int = _DEEPEST) -> Any:  # noqa: ANN401 -- whatever the JSON holds
    """Copy a value down to a depth, each half of a surrogate pair replaced by U+FFFD."""
    if isinstance(value, str):
        return replace_surrogates(value)
    if isinstance(value, _Object) or depth == 0:
        return value
    if isinstance(value, dict):
        return _Object(value.items(), depth - 1)
    return [_without_halves(one, depth - 1) for one in value] if isinstance(value, list) else value


def _find_form(data: _Object) -> Form:
    """Find the form by its name, or by the year where the JSON names none. Raises NotAReport."""
    form_id, stated, agency = (data.get(key) for key in ("form", "year", "agency"))
    region = agency.get("region") if isinstance(agency, dict) else None
    region = region.strip() if isinstance(region, str) else ""
    if form_id is None:
        year = _parse_field("year", stated)
        if year is None:
            found = messages.get("blank") if stated in (None, "") else _show(stated)
            raise _refused("no-year", found=found, forms=join_texts(list_form_ids()))
        try:
            return get_form_in_force(year, region)
        except LookupError:
            raise _refused("no-form", year=year) from None
    if not isinstance(form_id, str) or form_id not in list_form_ids():
        raise _refused("form", found=repr(form_id), forms=join_texts(list_form_ids()))
    return load_form(form_id, region)


def _parse_field(code: str, stated: object) -> int | None:
    """Read year or revision; None for a blank and whatever is no certain number."""
    if isinstance(stated, bool) or not isinstance(stated, int | float | Decimal | str):
        return None
    if isinstance(stated, int) and abs(stated) > identity.MOST_REVISED:
        return None
    return identity.parse_year(stated) if code == "year" else identity.parse_revision(stated)


def _show(value: object) -> str:
    """A value as it stands in the file, cut after 60 characters."""
    try:
        literal = isinstance(value, JsonNumber)
        shown = str(value) if literal else json.dumps(value, ensure_ascii=False, default=float)
    except (RecursionError, ValueError, TypeError):  # nested too deep, or an integer of thousands of digits
        shown = "…"
    shown = replace_surrogates(shown)
    return shown if len(shown) < 60 else shown[:57] + "…"


class _Reader:
    """Reads one report: pydantic finds what is wrong, and the report is made of all the rest."""

    def __init__(self, data: _Object, file: str) -> None:
        self.data = data
        self.file = file
        self.form = _find_form(data)
        self.found: list[tuple[Loc, Finding]] = []
        """Each finding with the place that it is sorted by."""

    def read(self) -> LoadedReport:
        asked = self.data.get("agency")
        agency_keys = tuple(asked) if isinstance(asked, dict) else ()
        repeated = list(_repeated_keys(self.data))
        unreadable = tuple(self.read_numbers_of_identity())
        good = self.validate()
        for pointer, value in repeated:
            self.report_type((), pointer, "once", value)
        values = tuple(self.read_figures(good.tables))
        agency: dict[str, Any] = {
            key: value.strip() if isinstance(value, str) else value for key, value in good.agency if value
        }
        texts = {text.code: tidy_text(good.texts.get(text.code) or "") for text in self.form.texts}
        report = Report(
            self.form,
            good.year,
            replace(Identity(**agency), unreadable=unreadable),
            values,
            MappingProxyType({code: text for code, text in texts.items() if text}),
            tuple(Answer(a.rule, tuple(a.cells), a.reason, a.figures or "") for a in good.answers),
            SharedLocations(self.file, _pointers(self.form)),
        )
        if self.found:
            order = self.order_places(agency_keys)
            self.found.sort(key=lambda one: (order.get(one[0], len(order)), one[0]))  # those of answers come last
        return LoadedReport(report, tuple(found for _, found in self.found))

    def order_places(self, agency_keys: tuple[str, ...]) -> dict[Loc, int]:
        """Number the places of a report in the order in which they are reported, an object before what is in it."""
        places: list[Loc] = [(), ("year",), ("agency",), *(("agency", key) for key in agency_keys)]
        places += [("form",), ("texts",), *(("texts", text.code) for text in self.form.texts), ("tables",)]
        for cell in self.form.cells:
            loc = _cell_loc(cell)
            places += [loc[:2], loc[:3], loc]
        return {place: number for number, place in enumerate(dict.fromkeys(places))}

    def read_numbers_of_identity(self) -> Iterator[tuple[str, str]]:
        """Put year and revision as integers in place of other spellings; yield those that are no certain number."""
        agency = self.data.get("agency")
        for code, holder in (("year", self.data), ("revision", agency)):
            if not isinstance(holder, dict) or holder.get(code) is None:
                continue
            stated = holder[code]
            if isinstance(stated, str) and not stated.strip():
                holder[code] = None
            elif (number := _parse_field(code, stated)) is None:
                yield code, stated if isinstance(stated, str) else _show(stated)
            elif type(stated) is not int:
                holder[code] = number
                self.report_spelling(code, stated, number)

    def report_spelling(self, code: str, stated: object, number: int) -> None:
        """Report a year or revision that was read, but is no integer, as a figure of that spelling is reported."""
        loc = ("year",) if code == "year" else ("agency", code)
        field = identity.find_identity_field(code)
        place = Bilingual(field.label, field.en) if field else code
        what = get_phrase("text" if isinstance(stated, str) else "json-float", "oddity")
        found = make_finding(
            "number-clean", cells=(f"agency.{code}",), actual=str(number), place=place, raw=str(stated), what=what
        )
        self.found.append((loc, found.at(Source(self.file, "", _pointer(loc)))))

    def validate(self) -> ReportData:
        """Validate the data as a report of the form, report what is wrong, and give the rest."""
        from pydantic import ValidationError

        from workbook.exchange.json_schema import build_report_model
        from workbook.exchange.report_data import ReportData

        self.data["format"] = FORMAT  # it may be 1.0
        if not isinstance(tables := self.data["tables"], dict):  # then every table is reported as missing, too
            self.report_problem(("tables",), "dict_type", tables)
            self.data["tables"] = {}
        try:
            return build_report_model(self.form).model_validate(self.data)
        except ValidationError as error:
            problems = error.errors(include_url=False, include_context=False)
        for problem in problems:
            self.report_problem(problem["loc"], problem["type"], problem["input"])
        for *parents, key in (one["loc"] for one in problems if one["type"] != "missing"):
            holder: Any = self.data
            for parent in parents:
                holder = holder[parent]
            if isinstance(key, int):  # an answer: the indexes of the others stay
                holder[key] = None
            else:
                del holder[key]
        answers = [one for one in self.data.get("answers", ()) if one is not None]
        return ReportData.model_validate({**self.data, "form": self.form.id, "answers": answers})

    def read_figures(self, tables: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterator[Value]:
        for cell in self.form.cells:
            raw = tables.get(cell.table.code, {}).get(cell.row.code, {}).get(cell.column.code)
            reading = parse_json_value(raw, cell.unit)
            if reading.oddities:
                loc = _cell_loc(cell)
                source = Source(self.file, "", _pointer(loc))
                self.found += [(loc, found.at(source)) for found in list_oddities(cell, reading)]
            yield reading.value

    def report_problem(self, loc: Loc, error: str, value: object) -> None:
        """Report an error of pydantic: where, its type, and the value that has it."""
        *parents, key = loc
        if error in _UNKNOWN_KEY:
            place = loc if loc[0] == "agency" else tuple(parents)
            self.report(place, "json-key", _pointer(parents), raw=str(key))
            return
        inside = self.form.cells if loc[0] == "tables" and parents else ()
        cells = tuple(cell.code for cell in inside if _cell_loc(cell)[: len(loc)] == loc)
        if loc == ("form",):  # no other form comes here
            year = str(_parse_field("year", self.data.get("year")))
            self.report(loc, "json-form", _pointer(parents), year=year, form=self.form.id)
        elif error == "missing" or (value is None and error in _MAY_BE_MISSING):
            self.report(loc, "json-missing", _pointer(parents), cells, expected=str(key))
        else:
            self.report_type(loc, _pointer(loc), _KINDS.get(error, error), value, cells)

    def report_type(self, place: Loc, pointer: str, kind: str, value: object, cells: tuple[str, ...] = ()) -> None:
        """Report a value of another type; `kind` names the right one in messages.toml."""
        due = messages.get(f"type.{kind}")
        if kind in ("year", "revision"):
            cells = (f"agency.{kind}",)
        self.report(place, "json-type", pointer, cells, expected=due.zh, due=due, actual=_show(value))

    def report(
        self, place: Loc, rule: str, pointer: str, cells: tuple[str, ...] = (), **facts: str | Bilingual
    ) -> None:
        found = make_finding(rule, cells=cells, where=pointer, **facts)  # type: ignore[arg-type] # no figures among them
        self.found.append((place, found.at(Source(self.file, "", pointer))))


def _repeated_keys(data: object) -> Iterator[tuple[str, object]]:
    """Every repeated key: its JSON pointer, and its last value, which is the one read."""
    open_: list[tuple[object, str]] = [(data, "")]
    while open_:
        value, pointer = open_.pop()
        if isinstance(value, dict):
            for key in value.repeated if isinstance(value, _Object) else ():
                yield f"{pointer}/{key}", value[key]
            open_ += [(inner, f"{pointer}/{key}") for key, inner in value.items()]


def _cell_loc(cell: Cell) -> Loc:
    return ("tables", cell.table.code, cell.row.code, cell.column.code)


def _pointer(loc: Iterable[str | int]) -> str:
    return "/" + "/".join(map(str, loc))


@cache
def _pointers(form: Form) -> Mapping[str, tuple[str, str]]:
    """Give the place of each value of a form, which is the same in any JSON of format 1."""
    at = {f"agency.{field.code}": f"/agency/{field.code}" for field in identity.list_identity_fields()}
    at["agency.year"] = "/year"
    at |= {f"texts.{text.code}": f"/texts/{text.code}" for text in form.texts}
    at |= {cell.code: _pointer(_cell_loc(cell)) for cell in form.cells}
    return MappingProxyType({code: ("", pointer) for code, pointer in at.items()})
