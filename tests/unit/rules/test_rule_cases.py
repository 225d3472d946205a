"""Every rule of the rule book, by cases that pass and cases that fail: the tables of `cases/rules/`."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests import domain
from tests.domain import edited_form, plain_json, pointed, year_of, zero
from workbook.exchange import report_json
from workbook.model import rule_catalog
from workbook.model.finding import Finding
from workbook.model.form import Form
from workbook.model.form_loader import load_form
from workbook.model.numbers import parse_figure
from workbook.model.report import Answer, Report
from workbook.rules.evaluation import check_report

FILES = sorted((domain.CASES / "rules").glob("*.toml"))
CASES = [case for path in FILES for case in tomllib.loads(path.read_text("utf-8"))["case"]]


@cache
def form_of(form_id: str, old: str = "", new: str = "") -> Form:
    if not old:
        return load_form(form_id)
    with TemporaryDirectory() as folder:
        edited_form(Path(folder), form_id, (old, new))
        return load_form(form_id, folder=Path(folder))


def filled(report: Report, figures: dict[str, object]) -> Report:
    """The report with figures as they would be typed; "" is blank."""
    cells = {code: report.form.cell(code) for code in figures}
    return report.with_values({code: parse_figure(figures[code], cell.unit).value for code, cell in cells.items()})


def findings(case: dict) -> list[Finding]:
    """All that is found in a case, of whatever rule."""
    form = form_of(case.get("form", "annual-2021"), *case.get("edit", ()))
    report = zero(form)
    if "only" in case:
        report = replace(report, values=(None,) * len(form.cells))
    report = filled(report, case.get("set", {}) | case.get("only", {}))
    report = replace(
        report,
        year=case.get("year", year_of(form)) or None,
        agency=replace(report.agency, **case.get("agency", {})),
        texts={**report.texts, **case.get("texts", {})},
        answers=tuple(Answer(**{**a, "cells": tuple(a["cells"])}) for a in case.get("answers", ())),
    )
    previous = None
    if "previous" in case:
        before = form_of(case.get("previous_form", form.id))
        previous = filled(zero(before, report.year - 1), case["previous"])
    if "json" not in case and "remove" not in case:
        return check_report(report, previous)
    data = plain_json(report)
    for pointer, value in case.get("json", {}).items():
        holder, key = pointed(data, pointer)
        holder[key] = None if value == "null" else value
    for pointer in case.get("remove", ()):
        holder, key = pointed(data, pointer)
        del holder[key]
    loaded = report_json.load_report_data(data, "某局.json")
    return [*loaded.findings, *check_report(loaded.report, previous)]


def number(value: object) -> object:
    return Decimal(value) if isinstance(value, str) and value.lstrip("-").replace(".", "", 1).isdigit() else value


def said(found: Finding, wanted: dict) -> dict:
    """What a case knows of a finding, as the finding has it."""
    have = {
        "cells": list(found.cells),
        "first": found.cells[0] if found.cells else "",
        "actual": found.actual,
        "expected": found.expected,
        "difference": found.difference,
        "source": str(found.source),
        "zh": rule_catalog.format_message(found),
        "en": rule_catalog.format_message(found, "en"),
    }
    typed = {key: number(value) if isinstance(value, Decimal | int | str) else value for key, value in have.items()}
    return {key: typed[key] for key in wanted}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['rule']}-{case.get('why', '')[:30]}")
def test_case(case):
    found = [one for one in findings(case) if one.rule == case["rule"]]
    wanted = [{key: number(value) for key, value in want.items()} for want in case["finds"]]
    assert [said(one, want) for one, want in zip(found, wanted, strict=False)] == wanted
    assert len(found) == len(wanted)
    assert {one.severity for one in found} <= {rule_catalog.get_rule_book()[case["rule"]].severity}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_found_is_said_in_whole_sentences(lang):
    for one in (one for case in CASES for one in findings(case)):
        for text in (
            rule_catalog.format_message(one, lang),
            rule_catalog.format_advice(one, lang),
            rule_catalog.get_rule_title(one, lang),
        ):
            assert text
            assert "{" not in text.replace('{"n": 1}', "")
            assert "None" not in text
        assert rule_catalog.get_citation(one)


def test_every_rule_has_a_case_that_passes_and_one_that_fails():
    rules = {norm.id for norm in rule_catalog.get_rule_book().values() if norm.kind not in NOT_HERE}
    assert {case["rule"] for case in CASES if not case["finds"]} >= rules
    assert {case["rule"] for case in CASES if case["finds"]} >= rules


NOT_HERE = {"structure", "merge", "document"}
"""Kinds found only in workbooks, sums of several reports and documents: their own tests have the cases."""


def test_the_faultless_report_of_the_cases_is_without_fault():
    for form_id in ("annual-2019", "annual-2021"):
        assert findings({"rule": "", "form": form_id}) == []
