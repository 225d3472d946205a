"""JSON of format 1: nothing lost on the way out and back, and no junk that ends in a traceback."""

from __future__ import annotations

import json
import tempfile
import tomllib
import zlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random

import jsonschema
import pydantic
import pytest
from hypothesis import example as this_one
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import domain
from tests.domain import (
    EXAMPLES,
    FORM_FILES,
    ROOT,
    TEXTS,
    any_report,
    broken_reports,
    forms,
    plain_json,
    pointed,
    reports,
    zero,
)
from tests.robustness.fuzz.mutation import changed_json
from workbook import exchange
from workbook.exchange.json_schema import build_report_model, build_schema
from workbook.exchange.report_json import (
    LoadedReport,
    NotAReport,
    dump_report,
    dump_report_text,
    load_report,
    load_report_data,
    tidy_text,
)
from workbook.model import rule_catalog
from workbook.model.finding import Severity
from workbook.model.form import Form
from workbook.model.form_loader import load_form
from workbook.model.numbers import NOT_APPLICABLE
from workbook.model.report import Report
from workbook.rules.evaluation import check_report

CASES = tomllib.loads((domain.CASES / "report_json.toml").read_text("utf-8"))
PERSON = "/tables/requests/new/person"
VERDICTS = ROOT / "tests" / "cases" / "report_json.txt"
OLD, NEW = load_form("annual-2019"), load_form("annual-2021")
SCHEMAS = {form.id: jsonschema.Draft202012Validator(build_schema(form)) for form in FORM_FILES}


def place(loaded: LoadedReport) -> list[tuple[str, str]]:
    return [(one.rule, one.source.cell) for one in loaded.findings]


def changed(pointer: str, value: object, form: Form = NEW) -> dict:
    data = plain_json(zero(form))
    holder, key = pointed(data, pointer)
    if isinstance(holder, list):
        holder.insert(int(key), value)
    else:
        holder[key] = value
    return data


# out and back


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_real_files_come_back_as_they_were(path):
    loaded = load_report(path)
    assert loaded.findings == ()
    assert dump_report(loaded.report) == json.loads(path.read_text("utf-8"))
    assert json.loads(dump_report_text(loaded.report)) == dump_report(loaded.report)
    assert str(loaded.report.source("requests.new.person")) == "/tables/requests/new/person"
    assert loaded.report.source("agency.name").file == path.name
    assert list(SCHEMAS[loaded.report.form.id].iter_errors(dump_report(loaded.report))) == []


@pytest.mark.slow
@given(any_report)
def test_any_report_comes_back_equal(report):
    data = plain_json(report)
    assert data == dump_report(report)
    loaded = load_report_data(data)
    assert dump_report(loaded.report) == data
    assert loaded.report == report
    assert [type(value) for value in loaded.report.values] == [type(value) for value in report.values]
    assert {one.rule for one in loaded.findings} <= {"number-clean"}


def test_values_as_json_holds_them():
    report = zero(OLD).with_values(
        {
            "procurement.procurement.amount": 17436055,
            "licensing.permits.change": -3,
            "requests.new.person": None,
            "requests.new.company": NOT_APPLICABLE,
            "requests.new.law": "约10",
            "requests.new.other": Decimal("1.5"),
        }
    )
    tables = dump_report(report)["tables"]
    assert tables["procurement"]["procurement"] == {"projects": 0, "amount": "174360.55"}
    assert tables["licensing"]["permits"]["change"] == -3
    assert list(tables["requests"]["new"].values()) == [None, "不适用", 0, 0, "约10", "1.5", 0]
    assert list(tables) == [table.code for table in OLD.tables]
    assert dump_report(report)["agency"] == {
        key: getattr(report.agency, key) for key in ("name", "code", "region", "level")
    }


def test_a_region_brings_its_supplement():
    data = changed("/agency/region", "420100", OLD)
    loaded = load_report_data(data)
    assert loaded.report.form == load_form("annual-2019", "420100")
    assert place(loaded) == [("json-missing", "/tables/legislation")]
    assert loaded.report["legislation.other_documents.made"] is None


def test_without_a_form_that_of_the_year_is_taken():
    data = plain_json(zero(OLD, 2020))
    del data["form"]
    loaded = load_report_data(data)
    assert (loaded.report.form, place(loaded)) == (OLD, [("json-form", "/")])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("一\r\n二\r三", "一\n二\n三"),
        ("\n\n　一  \n\t\n二\n\n", "　一\n\n二"),
        ("", ""),
        ("\n \n", ""),
    ],
)
def test_texts_are_tidied_at_their_edges_only(typed, kept):
    assert tidy_text(typed) == tidy_text(kept) == kept
    assert load_report_data(changed("/texts/other", typed)).report.texts.get("other", "") == kept


# the models, as another program uses them


def test_a_program_reads_a_published_report_by_the_models():
    text = (EXAMPLES / "洛龙区统计局-2020.json").read_text("utf-8")
    data = exchange.ReportData.model_validate_json(text)
    assert (data.year, data.agency.name) == (2020, "洛龙区统计局")
    assert data.tables["requests"]["new"]["person"] == json.loads(text)["tables"]["requests"]["new"]["person"]
    of_form = build_report_model(OLD).model_validate_json(text)
    assert of_form.model_dump() == data.model_dump()
    assert of_form.tables == data.tables


def test_a_program_is_told_where_and_why_a_report_is_wrong():
    data = changed("/tables/requests/new/person", [4])
    with pytest.raises(pydantic.ValidationError) as error:
        exchange.ReportData.model_validate(data)
    (one,) = error.value.errors()
    assert one["loc"] == ("tables", "requests", "new", "person")
    assert "whole number" in one["msg"]
    del data["tables"]["reviews"]
    with pytest.raises(pydantic.ValidationError, match="reviews"):
        build_report_model(NEW).model_validate(data)


@pytest.mark.parametrize("name", exchange.__all__)
def test_every_public_name_can_be_imported(name):
    assert getattr(exchange, name).__doc__
    with pytest.raises(AttributeError):
        getattr(exchange, name + "_")


# the schema


@pytest.mark.parametrize("form", FORM_FILES, ids=lambda form: form.id)
def test_the_schema_is_a_schema_with_the_forms_words(form):
    made = build_schema(form)
    jsonschema.Draft202012Validator.check_schema(made)

    def properties(of: dict) -> dict:
        return made["$defs"][of["$ref"].removeprefix("#/$defs/")]

    tables = properties(made["properties"]["tables"])
    requests = properties(tables["properties"]["requests"])
    assert list(requests["properties"]) == requests["required"] == [row.code for row in form.table("requests").rows]
    assert requests["properties"]["granted"]["title"] == form.table("requests").row_named("granted").label
    assert "条例第三十七条" in requests["properties"]["partial"]["description"]
    assert form.citation.number in made["description"]
    assert made["properties"]["year"]["minimum"] == form.years.from_
    county = "county-department"
    assert county in properties(made["properties"]["agency"])["properties"]["level"]["enum"]
    assert json.loads(json.dumps(made)) == made


@pytest.mark.slow
@given(forms.flatmap(reports))
def test_a_sound_report_is_valid(report):
    assert list(SCHEMAS[report.form.id].iter_errors(plain_json(report))) == []


@pytest.mark.slow
@given(forms.flatmap(broken_reports))
def test_what_the_schema_refuses_is_also_a_finding(report):
    refused = list(SCHEMAS[report.form.id].iter_errors(plain_json(report)))
    rules = {one.rule for one in check_report(report)}
    if refused:
        assert rules & {"number", "whole-numbers"}
    if any(isinstance(value, Decimal | str) and value != NOT_APPLICABLE for value in report.values):
        assert refused


@pytest.mark.parametrize(("pointer", "value"), CASES["refused_by_schema"])
def test_the_schema_refuses(pointer, value):
    assert not SCHEMAS[NEW.id].is_valid(changed(pointer, json.loads(value)))


# junk


@pytest.mark.parametrize(
    ("pointer", "value", "findings"),
    [*CASES["found"], (PERSON, "1" + "0" * 500, [("json-type", PERSON)])],
)
def test_junk_is_a_finding_at_its_pointer(pointer, value, findings):
    loaded = load_report_data(changed(pointer, json.loads(value)), "某局.json")
    assert place(loaded) == [tuple(one) for one in findings]
    assert {one.source.file for one in loaded.findings} <= {"某局.json"}
    assert all(rule_catalog.format_message(one) for one in loaded.findings)
    dues = [value for one in loaded.findings for name, value in one.facts if name == "due"]
    assert all(due.en.isascii() and due.zh for due in dues)


def test_no_tables_at_all_is_every_table_missing():
    data = changed("/tables", {})
    loaded = load_report_data(data)
    assert [(one.expected, one.cells[0]) for one in loaded.findings] == [
        (table.code, next(cell.code for cell in NEW.cells if cell.table == table)) for table in NEW.tables
    ]
    assert "nothing-filled" in {one.rule for one in check_report(loaded.report)}


@pytest.mark.parametrize(("data", "said"), CASES["refused"])
def test_what_is_no_report_is_refused_in_a_sentence(data, said):
    with pytest.raises(NotAReport, match=said) as refused:
        load_report_data(json.loads(data))
    assert refused.value.message.en.isascii()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "第 1 行第 1 列"),
        (b'{"format": 1,\n "tables": }', "第 2 行"),
        ("{“format”: 1}".encode("gb18030"), "UTF-8"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"[" * 200_000, "嵌套过深"),
        (b'{"format": 1, "tables": ' + b"9" * 5000 + b"}", "数字过长"),
        (b"PK\x03\x04", "JSON"),
    ],
)
def test_a_file_that_is_no_json_is_refused_in_a_sentence(tmp_path, raw, said):
    path = tmp_path / "某局.json"
    path.write_bytes(raw)
    with pytest.raises(NotAReport, match=said) as refused:
        load_report(path)
    assert refused.value.message.en.replace(path.name, "").isascii()


def test_a_file_with_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "某局.json"
    path.write_text(dump_report_text(zero(NEW)), "utf-8-sig")
    assert load_report(path).report == zero(NEW)
    with pytest.raises(OSError):
        load_report(tmp_path / "nothing.json")


def test_half_a_character_is_read_as_one_that_is_unknown(tmp_path):
    """No file could hold it: a merge, an export, an import would fail over it."""
    path = tmp_path / "某局.json"
    text = dump_report_text(zero(NEW)).replace("无", r"\ud800甲\ud83d\ude00\uDE00乙\\ud800丙\ud83d")
    assert r"\ud800" in text
    path.write_text(text, "utf-8")
    assert load_report(path).report.texts["other"] == "\ufffd甲😀\ufffd乙\\ud800丙\ufffd"


junk = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(["174360元", "不适用", "\ud800", "1元(\ud800x)", "annual-2019", "person", "2024", 10**400]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)


def pointers(data: object, at: str = "") -> list[str]:
    children = data.items() if isinstance(data, dict) else ()
    return [place for key, value in children for place in (f"{at}/{key}", *pointers(value, f"{at}/{key}"))]


PLACES = [*pointers(plain_json(zero(NEW))), "/answers/0"]


def survives(data: object) -> None:
    """What is read is a report with findings that can be said; what is not is refused; nothing else happens."""
    try:
        loaded = load_report_data(data, "x.json")
    except NotAReport as refused:
        assert str(refused)
        return
    assert isinstance(loaded.report, Report)
    for one in (*loaded.findings, *check_report(loaded.report)):
        assert rule_catalog.format_message(one)
        assert one.severity in Severity
    dump_report_text(loaded.report)


@given(junk)
@this_one({"format": 1, "form": "annual-2021", "tables": []})
def test_any_json_is_read_or_refused(data):
    survives(data)


@pytest.mark.slow
@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(PLACES), junk), min_size=1, max_size=6))
@this_one([("/tables/fees/fees/amount", "1元(\ud800x)")])
@this_one([("/tables/requests/new/person", "9" * 390), ("/year", 10**30)])
def test_junk_anywhere_in_a_report_is_read_or_refused(edits):
    data = plain_json(zero(NEW))
    for pointer, value in sorted(edits, key=lambda edit: -len(edit[0].split("/"))):
        holder, key = pointed(data, pointer)
        if isinstance(holder, list):
            holder.append(value)
        elif isinstance(holder, dict):
            holder[key] = value
    survives(data)


def test_deep_nesting_within_a_report_is_a_finding():
    deep: object = 1
    for _ in range(5000):
        deep = [deep]
    assert place(load_report_data(changed("/tables/fees/fees/amount", None) | {"texts": dict(TEXTS, other=deep)})) == [
        ("json-type", "/texts/other")
    ]


def verdicts(folder: Path) -> Iterator[str]:
    """What became of each of some hundred altered reports, in eight digits: read or refused, every finding, figure."""
    path, draw = folder / "某局.json", Random(20)
    seeds = [file.read_bytes() for file in sorted(EXAMPLES.glob("*.json"))]
    for _ in range(600):
        data = changed_json(draw.choice(seeds), draw, ("format", "tables", "agency", "texts", "answers", "requests"))
        if data.count(b"[") > 100:
            continue  # how deep JSON may be nested is up to each Python
        path.write_bytes(data)
        try:
            loaded = load_report(path)
        except NotAReport as refused:
            said: object = refused.message.en
        else:
            said = (
                dump_report_text(loaded.report),
                [(one.rule, one.source.cell, one.cells, str(one.actual), str(one.expected)) for one in loaded.findings],
            )
        valid = [schema.is_valid(json.loads(data)) for schema in SCHEMAS.values()] if loads(data) else []
        yield f"{zlib.crc32(json.dumps((said, valid)).encode()):08x}"


def loads(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


@pytest.mark.slow
def test_altered_reports_are_read_as_they_always_were(tmp_path):
    """Format 1 keeps its meaning; `python -m tests.unit.exchange.test_report_json` writes a change that is meant."""
    assert list(verdicts(tmp_path)) == VERDICTS.read_text("utf-8").split()


def test_a_key_that_stands_twice_is_told_and_the_last_one_counts(tmp_path):
    path = tmp_path / "某局.json"
    text = dump_report_text(zero(NEW))
    path.write_text(text.replace('"person": 0,', '"person": 3, "person": 0,', 1), "utf-8")
    loaded = load_report(path)
    assert place(loaded) == [("json-type", "/tables/requests/new/person")]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        made = list(verdicts(Path(folder)))
    VERDICTS.write_text("".join(" ".join(made[n : n + 12]) + "\n" for n in range(0, len(made), 12)), "utf-8")
