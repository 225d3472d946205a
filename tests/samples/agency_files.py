"""Made-up agencies handing in files, for the tests of a merge."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from tests import domain
from workbook.cli import main
from workbook.exchange import report_json
from workbook.merging.collected_reports import ReportCollection
from workbook.merging.collection_run import MergeOptions, collect_reports
from workbook.merging.file_status import FileEntry
from workbook.merging.roster.roster_lines import Roster, RosterAgency
from workbook.model.form import Form
from workbook.model.form_loader import load_form
from workbook.model.identity import Identity
from workbook.model.numbers import Value
from workbook.model.report import Report, make_empty_report

FORM = load_form("annual-2021")
OLD = load_form("annual-2019")


def code(n: int) -> str:
    """The credit code of made-up agency `n`."""
    return domain.credit_code(f"1111010500000{n:04d}")


def agency(n: int, **other: Any) -> Identity:
    return replace(Identity(f"某县第{n}局", code(n), f"11010{1 + n % 8}", "county-department"), **other)


def report(n: int, figures: Mapping[str, int] | None = None, form: Form = FORM, year: int = 2024, **who: Any) -> Report:
    """A report without error from agency `n`; every equation holds, whatever `figures` are given for leaf cells."""
    values = domain.consistent(form, figures or {"requests.granted.person": n + 1, "requests.denied.secret.law": 2})
    texts = MappingProxyType(dict(domain.TEXTS))
    return Report(form, year, agency(n, **who), tuple(values[cell.code] for cell in form.cells), texts)


def broken(n: int, **who: Any) -> Report:
    """A report with errors."""
    return report(n, **who).with_values(WRONG)


def read_content(text: str) -> Report | str:
    """The content of a file as `cases/merges.toml` writes it: `'{'` is a text, `3 law=5 revision=1` a report."""
    if text.startswith("'"):
        return text[1:-1]
    number, *words = text.split()
    given = {key: value for word in words if "=" in word for key, _, value in [word.partition("=")]}
    who: dict[str, Any] = {key: given.pop(key) for key in ("name", "region") if key in given}
    if "code" in given:
        other = given.pop("code")
        who["code"] = other and code(int(other))
    who["revision"] = int(given.pop("revision", 0))
    year = given.pop("year", "2024")
    names = {"person": "requests.granted.person", "law": "requests.granted.law"}
    figures = {names.get(key, key): int(value) for key, value in given.items()}
    one = report(int(number), figures, form=OLD if "old" in words else FORM, year=int(year or 0), **who)
    if "broken" in words:
        one = one.with_values(WRONG)
    if "empty" in words:
        one = make_empty_report(one.form, one.year, one.agency)
    return one if year else replace(one, year=None)


WRONG: Mapping[str, Value] = {
    "requests.results.person": 999,
    "fees.fees.amount": None,
    "licensing.permits.decisions": "约10",
}
"""A total that is wrong, a blank, and words."""


def put(folder: Path, files: Mapping[str, Report | str | bytes]) -> Path:
    """Files in a folder: reports as JSON, texts and bytes as they are; `/` in a name makes folders."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = report_json.dump_report_text(content) if isinstance(content, Report) else content
        path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    return folder


def collected(folder: Path, files: Mapping[str, Report | str | bytes], **choices: Any) -> ReportCollection:
    """The collection of such files, in a folder made for them."""
    folder.mkdir(parents=True, exist_ok=True)
    return collect_reports([put(folder, files)], MergeOptions(**choices))


def entry(collection: ReportCollection, place: str) -> FileEntry:
    """The entry of that place; exactly one."""
    (one,) = [one for one in collection.entries if one.place == place]
    return one


def statuses(collection: ReportCollection) -> dict[str, str]:
    return {one.place: one.status.value for one in collection.entries}


class EndedMerge(NamedTuple):
    """What `ogi merge` came to: exit status, screen, and the JSON it wrote (empty where it wrote none)."""

    code: int
    out: str
    err: str
    data: dict[str, Any]

    @property
    def screen(self) -> str:
        """All that was printed."""
        return self.out + self.err

    @property
    def files(self) -> dict[str, str]:
        """The status of every file by its place."""
        return {one["file"]: one["status"] for one in self.data.get("sources", ())}

    @property
    def why(self) -> dict[str, str]:
        """The reason of every file by its place."""
        return {one["file"]: one["why"] for one in self.data.get("sources", ())}


def run_merge(capsys: pytest.CaptureFixture[str], out: Path, *arguments: object) -> EndedMerge:
    """Merge by the command, here, into that JSON."""
    out.unlink(missing_ok=True)
    code_ = main([str(one) for one in ("merge", *arguments, "-o", out, "--force", "--no-cache", "--jobs", 1)])
    written = json.loads(out.read_text("utf-8")) if out.exists() else {}
    return EndedMerge(code_, *capsys.readouterr(), written)


def rostered(*numbers: int, parent: str = "某县", extra: Sequence[RosterAgency] = ()) -> Roster:
    """A roster of a county with those made-up agencies below it."""
    county = RosterAgency(parent, code(9000), "110105", "county")
    below = [
        RosterAgency(who.name, who.code, who.region, who.level, parent, "张三 123") for who in map(agency, numbers)
    ]
    return Roster((county, *below, *extra))
