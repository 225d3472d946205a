"""Numbers in a report as JSON: the tables of `cases/json_numbers.toml`, read from files as programs write them."""

from __future__ import annotations

import json
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import domain
from tests.domain import plain_json, pointed, zero
from workbook.exchange import report_json
from workbook.exchange.report_json import LoadedReport, NotAReport
from workbook.model import rule_catalog
from workbook.model.form_loader import load_form
from workbook.rules.evaluation import check_report

CASES = tomllib.loads((domain.CASES / "json_numbers.toml").read_text("utf-8"))
NEW = load_form("annual-2021")
AMOUNT = "/tables/fees/fees/amount"


def load_with(folder: Path, pointer: str, literal: str) -> LoadedReport:
    """A report of zeros in a file in which that literal stands at a pointer."""
    data = plain_json(zero(NEW, 2023))
    holder, key = pointed(data, pointer)
    holder[key] = "@"
    path = folder / "某局.json"
    path.write_text(json.dumps(data, ensure_ascii=False).replace('"@"', literal), "utf-8")
    return report_json.load_report(path)


def value_at(loaded: LoadedReport, pointer: str) -> object:
    report = loaded.report
    known = {"/year": report.year, "/agency/revision": report.agency.revision, "/format": report_json.FORMAT}
    return known[pointer] if pointer in known else report[pointer.removeprefix("/tables/").replace("/", ".")]


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: f"{case['at']} {case['json']}")
def test_one_leniency_for_all_numbers(tmp_path, case):
    loaded = load_with(tmp_path, case["at"], case["json"])
    wanted = case.get("value")
    if isinstance(wanted, str) and wanted.startswith("="):
        wanted = Decimal(wanted[1:])
    assert value_at(loaded, case["at"]) == wanted
    assert [(one.rule, one.source.cell) for one in loaded.findings] == [(rule, case["at"]) for rule in case["found"]]


@pytest.mark.parametrize("case", [case for case in CASES["cases"] if case["found"] == ["json-type"]])
def test_what_is_no_number_is_reported_once_and_never_as_missing(tmp_path, case):
    loaded = load_with(tmp_path, case["at"], case["json"])
    found = [one.rule for one in check_report(loaded.report, None, loaded.findings)]
    assert found.count("json-type") == 1
    assert not {"identity", "identity-unread"} & set(found)


@pytest.mark.parametrize("literal", CASES["quoted"])
def test_a_message_quotes_a_number_as_it_stands_in_the_file(tmp_path, literal):
    (found,) = load_with(tmp_path, AMOUNT, literal).findings
    assert f"“{literal}”" in rule_catalog.format_message(found)


@pytest.mark.parametrize("literal", ["5.50", "2024.5", "1e999"])
def test_a_number_where_a_text_or_a_year_belongs_is_quoted_as_it_stands(tmp_path, literal):
    for pointer in ("/agency/name", "/year", "/texts"):
        (found,) = load_with(tmp_path, pointer, literal).findings
        assert (found.rule, found.actual) == ("json-type", literal)


def test_words_for_a_year_or_revision_come_back_as_they_were(tmp_path):
    for pointer in ("/year", "/agency/revision"):
        first = load_with(tmp_path, pointer, '"去年"').report
        holder, key = pointed(report_json.dump_report(first), pointer)
        assert holder[key] == "去年"


@pytest.mark.parametrize("case", CASES["without_form"], ids=lambda case: case["year"])
@pytest.mark.parametrize("missing", [True, False])
def test_a_missing_form_is_reported_as_what_it_is(case, missing):
    data = plain_json(zero(load_form(case.get("form", "annual-2021"))))
    data |= {"form": None, "year": json.loads(case["year"])}
    if missing:
        del data["form"]
    if "form" not in case:
        with pytest.raises(NotAReport, match=case["says"]):
            report_json.load_report_data(data)
        return
    loaded = report_json.load_report_data(data)
    assert loaded.report.form.id == case["form"]
    (found,) = [one for one in loaded.findings if one.rule != "number-clean"]
    assert found.rule == "json-form"
    message = rule_catalog.format_message(found)
    assert case["says"] in message
    assert "空白" not in message


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.integers(0, 10**20))
def test_an_amount_of_any_length_is_read_to_the_last_fen(tmp_path, fen):
    literal = f"{fen // 10**6}.{fen % 10**6:06}"
    assert value_at(load_with(tmp_path, AMOUNT, literal), AMOUNT) == fen
    assert value_at(load_with(tmp_path, AMOUNT, f'"{literal}"'), AMOUNT) == fen


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.integers(1000, 9999), st.sampled_from(["{}", "{}.0", '"{}"', '"{}年"', '" {}.00"']))
def test_a_year_in_any_spelling_is_that_year(tmp_path, year, spelling):
    assert load_with(tmp_path, "/year", spelling.format(year)).report.year == year
