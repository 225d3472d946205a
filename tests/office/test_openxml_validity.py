"""Office opens what we write without repairing it: Microsoft's validator finds nothing, in every kind of file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests import domain
from tests.domain import FORM_FILES
from tests.office import openxml
from workbook.excel.template.template_writer import build_workbook
from workbook.model.form_loader import load_form
from workbook.model.report import Answer, Report, make_empty_report

pytestmark = [pytest.mark.office, pytest.mark.timeout(300)]


def kinds() -> Mapping[str, tuple[Report, Report | None]]:
    """One report of every kind that makes the file look different."""
    made: dict[str, tuple[Report, Report | None]] = {}
    for form in FORM_FILES:
        zero = domain.zero(form)
        made[f"blank {form.id}"] = make_empty_report(form), None
        made[f"filled, with last year {form.id}"] = zero, replace(zero, year=domain.year_of(form) - 1)
        odd = {"requests.new.total": 7, "requests.new.person": "约10", "requests.results.total": None}
        made[f"totals as published {form.id}"] = zero.with_values(odd), None
    new = FORM_FILES[1]
    texts = {
        "overview": "\n".join("很长的一段。" * 900 for _ in range(40)),
        "problems": "<b>&\x0b_x0041_",
        "other": "=1",
    }
    made["long and odd texts"] = replace(domain.zero(new), texts=texts), None
    carried = Answer("carried-over", ("requests.brought.person",), '<说明> & "引号"', "0123456789abcdef")
    other = Answer("topics", ("texts.overview",), "不涉及", "")
    made["reasons"] = replace(domain.zero(new), answers=(carried, other, other)), domain.zero(new)
    wild = {
        "requests.new.person": 10**17,
        "fees.fees.amount": Decimal("41.5"),
        "requests.granted.person": Decimal("1.5"),
    }
    made["numbers beyond a spreadsheet"] = domain.zero(new).with_values(wild), None
    made["supplement"] = domain.zero(load_form("annual-2019", "420000")), None
    return made


def test_the_validator_finds_nothing_in_any_file(tmp_path: Path) -> None:
    if (missing := openxml.why_not()) is not None:
        pytest.skip(missing)
    names = {}
    for n, (name, (report, previous)) in enumerate(kinds().items()):
        path = tmp_path / f"{n}.xlsx"
        path.write_bytes(build_workbook(report, previous))
        names[path] = name
    assert len(names) == 10
    assert {names[path]: errors for path, errors in openxml.errors_of(names).items() if errors} == {}
