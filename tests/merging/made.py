"""Made-up agencies handing in files, for the tests of a merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests import domain
from workbook import jsonio
from workbook.form import Form
from workbook.forms import load
from workbook.identity import Identity
from workbook.merging.collecting import Choices, collect
from workbook.merging.collection import Collection
from workbook.merging.roster.lines import Agency, Roster
from workbook.merging.status import Entry
from workbook.numbers import Value
from workbook.report import Report

FORM = load("annual-2021")
OLD = load("annual-2019")


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
    """A report with errors: a total that is wrong, a blank, and words."""
    cells: dict[str, Value] = {
        "requests.results.person": 999,
        "fees.fees.amount": None,
        "licensing.permits.decisions": "约10",
    }
    return report(n, **who).with_values(cells)


def put(folder: Path, files: Mapping[str, Report | str | bytes]) -> Path:
    """Files in a folder: reports as JSON, texts and bytes as they are; `/` in a name makes folders."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = jsonio.dumps(content) if isinstance(content, Report) else content
        path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    return folder


def collected(folder: Path, files: Mapping[str, Report | str | bytes], **choices: Any) -> Collection:
    """The collection of such files, in a folder made for them."""
    folder.mkdir(parents=True, exist_ok=True)
    return collect([put(folder, files)], Choices(**choices))


def entry(collection: Collection, place: str) -> Entry:
    """The entry of that place; exactly one."""
    (one,) = [one for one in collection.entries if one.place == place]
    return one


def statuses(collection: Collection) -> dict[str, str]:
    return {one.place: one.status.value for one in collection.entries}


def rostered(*numbers: int, parent: str = "某县", extra: Sequence[Agency] = ()) -> Roster:
    """A roster of a county with those made-up agencies below it."""
    county = Agency(parent, code(9000), "110105", "county")
    below = [Agency(who.name, who.code, who.region, who.level, parent, "张三 123") for who in map(agency, numbers)]
    return Roster((county, *below, *extra))
