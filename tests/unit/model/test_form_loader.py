"""The forms as issued: their shape, codes and years; supplements; what a wrong form file is answered with."""

from __future__ import annotations

import tomllib
from functools import partial
from pathlib import Path

import jsonschema
import pytest

from tests import domain
from tests.domain import FORM_FILES, edited_form, zero
from workbook.exchange import report_json
from workbook.exchange.json_schema import build_schema
from workbook.model import print_layout, rule_catalog
from workbook.model.finding import Severity
from workbook.model.form_loader import FORMS, FormError, extend_form, get_form_in_force, list_form_ids, load_form
from workbook.rules.evaluation import check_report
from workbook.rules.rule_types import list_equations

CODES = tomllib.loads((domain.CASES / "codes.toml").read_text("utf-8"))
OLD, NEW = load_form("annual-2019"), load_form("annual-2021")


# shape


def test_codes_are_the_public_contract():
    assert list_form_ids() == tuple(CODES)
    for form in FORM_FILES:
        assert {
            table.code: {"rows": [row.code for row in table.rows], "columns": [column.code for column in table.columns]}
            for table in form.tables
        } == CODES[form.id]


@pytest.mark.parametrize(
    ("form", "sheets"),
    [(OLD, {"表二": 22, "表三": 161, "表四": 15}), (NEW, {"表二": 10, "表三": 175, "表四": 15})],
    ids=lambda x: getattr(x, "id", ""),
)
def test_every_sheet_has_the_cells_of_the_issued_form(form, sheets):
    counted = {
        section.sheet: sum(len(table.rows) * len(table.columns) for table in form.tables_of(section))
        for section in form.sheets
    }
    assert counted == sheets
    assert len(form.cells) == len(form.index) == sum(sheets.values())
    assert [cell.index for cell in form.cells] == list(range(len(form.cells)))
    assert all(form.cell(cell.code) is cell for cell in form.cells)


@pytest.mark.parametrize("form", FORM_FILES, ids=lambda form: form.id)
def test_six_parts_in_order(form):
    assert [section.label[:2] for section in form.sections] == ["一、", "二、", "三、", "四、", "五、", "六、"]
    assert [section.code for section in form.texts] == ["overview", "problems", "other"]
    assert [section.sheet for section in form.sheets] == ["表二", "表三", "表四"]
    assert all(line.en for table in form.tables for line in (*table.rows, *table.columns))


def test_units_and_signs():
    assert {cell.code: cell.unit.label for form in FORM_FILES for cell in form.cells if cell.unit.scale > 1} == {
        "procurement.procurement.amount": "元",
        "fees.fees.amount": "万元",
    }
    assert [cell.code for cell in NEW.cells if cell.signed] == []
    assert {cell.column.label for cell in OLD.cells if cell.signed} == {"本年增/减"}
    assert sum(cell.signed for cell in OLD.cells) == 5


def test_totals_follow_from_into():
    down, across = 7, 25
    assert sum(cell.total for cell in NEW.cells if cell.table.code == "requests") == down + across - 1
    assert [cell.code for cell in NEW.cells if cell.total and cell.table.code == "reviews"] == [
        f"reviews.{row}.total" for row in ("reconsideration", "litigation.direct", "litigation.after")
    ]
    parts = {form.id: next(e for e in list_equations(form) if e.rule == "results-total").right for form in (OLD, NEW)}
    assert {form_id: len(terms) for form_id, terms in parts.items()} == {"annual-2019": 19, "annual-2021": 21}


def test_unknown_names():
    with pytest.raises(KeyError):
        load_form("annual-1999")
    with pytest.raises(KeyError):
        NEW.table("procurement")
    with pytest.raises(KeyError):
        NEW.cell("requests.otherwise.person")


def test_a_fingerprint_names_the_content():
    assert len({OLD.fingerprint, NEW.fingerprint, load_form("annual-2019", "420100").fingerprint}) == 3
    assert load_form("annual-2019", "110000").fingerprint == OLD.fingerprint


# years and regions


@pytest.mark.parametrize(("year", "form_id"), [(2019, OLD.id), (2020, OLD.id), (2021, NEW.id), (2025, NEW.id)])
def test_the_form_in_force(year, form_id):
    assert get_form_in_force(year).id == form_id


def test_one_form_follows_on_another():
    """An older form ends where the next begins: `until` in its file."""
    first, *_ = FORM_FILES
    assert [(year, get_form_in_force(year).id in list_form_ids()) for year in range(first.years.from_, 2100)] == [
        (year, True) for year in range(first.years.from_, 2100)
    ]


def test_no_form_before_2019_and_never_two(tmp_path):
    with pytest.raises(LookupError, match="2018"):
        get_form_in_force(2018)
    for form_id in list_form_ids():
        edited_form(tmp_path, form_id)
    edited_form(tmp_path, NEW.id, ("from = 2021", "from = 2020"))
    with pytest.raises(LookupError, match=r"annual-2019.*annual-2021"):
        get_form_in_force(2020, folder=tmp_path)
    assert get_form_in_force(2021, folder=tmp_path).id == NEW.id


@pytest.mark.parametrize(
    ("year", "region", "added"),
    [
        (2020, "420100", True),
        (2019, "420000", True),
        (2021, "420100", False),
        (2020, "430100", False),
        (2020, "", False),
    ],
)
def test_hubei_adds_a_row_to_its_reports_for_2020(year, region, added):
    form = get_form_in_force(year, region)
    rows = [row.label for row in form.table("legislation").rows]
    assert ("其他主动公开文件" in rows) is added
    assert [supplement.id for supplement in form.supplements] == (["420000-2019"] if added else [])
    if added:
        assert rows == ["规章", "规范性文件", "其他主动公开文件"]
        assert len(form.cells) == len(OLD.cells) + 3


SUPPLEMENT = """\
id = "110000-2021"
region = "110000"
form = "annual-2021"
citation = { number = "京1号", by = "某市" }

[[row]]
table = "enforcement"
after = "penalties"
code = "inspections"
label = "行政检查"
[[rule]]
table = "enforcement"
id = "cumulative"
left = ["coercion"]
op = "<="
right = ["inspections"]
"""


def supplement(folder: Path, old: str = "", new: str = "") -> Path:
    assert old in SUPPLEMENT
    path = folder / "110000.toml"
    path.write_text(SUPPLEMENT.replace(old, new, 1) if old else SUPPLEMENT, "utf-8")
    return path


def test_a_supplement_adds_rows_and_rules(tmp_path):
    form = extend_form(NEW, supplement(tmp_path))
    assert [row.code for row in form.table("enforcement").rows] == ["penalties", "inspections", "coercion"]
    assert [e.cells for e in list_equations(form) if e.rule == "cumulative"] == [
        ("enforcement.coercion.decisions", "enforcement.inspections.decisions")
    ]
    assert form.table("requests") == NEW.table("requests")
    assert {e.code for e in list_equations(NEW)} < {e.code for e in list_equations(form)}


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('code = "inspections"', 'code = "coercion"', "row[0].code"),
        ('label = "行政检查"', 'label = "行政检查"\ninto = "coercion"', "row[0].into"),
        ('after = "penalties"', 'after = "nowhere"', "row[0].after"),
        ('table = "enforcement"\nafter', 'table = "taxes"\nafter', "row[0].table"),
        ('label = "行政检查"', 'label = "行政检查"\nunit = "亩"', "row[0].unit"),
        ('label = "行政检查"', 'label = "行政检查"\nunder = "nowhere"', "row[0].under"),
        ('table = "enforcement"\nafter = "penalties"', 'table = "requests"\nafter = "granted"', "row[0].after"),
        ('id = "cumulative"', 'id = "balance"', "rule[0].id"),
        ('id = "cumulative"', 'id = "results-total"', "rule[0].id"),
        ('table = "enforcement"\nid', 'table = "taxes"\nid', "rule[0].table"),
        ('left = ["coercion"]', 'left = ["coercive"]', "rule[0].left"),
        ("\n[[row]]", 'drop = ["balance"]\n[[row]]', "drop"),
        ('region = "110000"', 'region = "Beijing"', "region"),
    ],
)
def test_a_supplement_may_only_add(tmp_path, old, new, place):
    with pytest.raises(FormError) as refused:
        extend_form(NEW, supplement(tmp_path, old, new))
    assert refused.value.message.en.startswith(f"Form file {tmp_path / '110000.toml'}, {place}")


# mistakes in a form file


MISTAKES = tomllib.loads((domain.CASES / "form_mistakes.toml").read_text("utf-8"))["case"]
LINES = (FORMS / f"{NEW.id}.toml").read_text("utf-8").splitlines()


@pytest.mark.parametrize("case", MISTAKES, ids=lambda case: f"{case['place']}:{case['edit'][1][:24]}")
def test_a_mistake_in_a_form_is_named_with_file_and_place_and_what_to_write(tmp_path, case):
    (old, new), place = case["edit"], case["place"]
    if case.get("whole_line"):
        old = next(line for line in LINES if old in line)
    path = edited_form(tmp_path, NEW.id, (old, new))
    with pytest.raises(FormError) as refused:
        load_form(NEW.id, folder=tmp_path)
    zh, en = refused.value.message
    assert en.startswith(f"Form file {path}, {place}" if place else f"Form file {path}: ")
    assert en.endswith(f": {case['said']}")
    assert zh.startswith(f"表式文件 {path}")
    assert place in zh
    assert zh.endswith("。")


def test_of_a_place_the_row_is_named_too(tmp_path):
    edited_form(tmp_path, NEW.id, ('en = "(7) Total", under = "handled"', 'en = "(7) Total", under = "handed"'))
    with pytest.raises(FormError, match=r"table\[4\]\.rows\[23\]\.under（results）.*handed"):
        load_form(NEW.id, folder=tmp_path)


def test_a_circle_of_totals_is_refused(tmp_path):
    edited_form(
        tmp_path,
        NEW.id,
        ('label = "行政处罚",', 'label = "行政处罚", into = "coercion",'),
        ('label = "行政强制",', 'label = "行政强制", into = "penalties",'),
    )
    with pytest.raises(FormError, match=r"table\[2\]\.rows\[0\]\.into"):
        load_form(NEW.id, folder=tmp_path)


def test_a_form_that_is_no_toml_names_the_line(tmp_path):
    edited_form(tmp_path, NEW.id, ('left = ["brought"]', 'left = ["brought"'))
    with pytest.raises(FormError, match=r"annual-2021.toml.*line \d+"):
        load_form(NEW.id, folder=tmp_path)


def test_a_form_in_another_encoding_is_named(tmp_path):
    (tmp_path / "annual-2021.toml").write_bytes('title = "年报"'.encode("gb18030"))
    with pytest.raises(FormError, match=r"annual-2021\.toml：.*UTF-8.*'utf-8'"):
        load_form("annual-2021", folder=tmp_path)


# one edit of one file


def test_an_added_result_row_reaches_everything_with_no_code_changed(tmp_path, monkeypatch):
    added = '  { code = "refused.spam", label = "6.新增的一种情形", under = "refused", into = "results" },\n'
    before = '  { code = "otherwise.uncorrected"'
    edited_form(tmp_path, NEW.id, (before, added + before))
    form = load_form(NEW.id, folder=tmp_path)
    cells = [f"requests.refused.spam.{column.code}" for column in form.table("requests").columns]

    assert len(form.cells) == len(NEW.cells) + len(cells)
    sums = [e for e in list_equations(form) if e.rule == "results-total"]
    assert [len(e.right) for e in sums] == [22] * 7
    assert [e.right[18].cell.code for e in sums] == cells
    assert "requests.applicant-total.refused.spam" in {e.code for e in list_equations(form)}

    monkeypatch.setattr(report_json, "load_form", partial(load_form, folder=tmp_path))
    report = zero(form).with_values({"requests.refused.spam.person": 1, "requests.refused.spam.total": 1})
    data = report_json.dump_report(report)
    assert data["tables"]["requests"]["refused.spam"]["person"] == 1
    assert report_json.load_report_data(data).report == report
    jsonschema.validate(data, build_schema(form))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, build_schema(NEW))

    assert [(f.rule, f.actual, f.expected) for f in check_report(report)] == [
        ("results-total", 0, 1),
        ("results-total", 0, 1),
    ]
    section = next(section for section in form.sections if section.code == "on_request")
    plan = print_layout.plan_section(form, section)
    label = next(label for label in plan.labels if label.text == "6.新增的一种情形")
    group = next(label for label in plan.labels if label.text == "（五）不予处理")
    assert plan.cells[cells[0]].top == label.box.top == group.box.bottom
    assert group.box.bottom - group.box.top == 5


def test_every_rule_of_a_form_stands_in_the_rule_book():
    stated = {
        name
        for form in (*FORM_FILES, load_form("annual-2019", "420000"))
        for name in (
            *(rule.id for table in form.tables for rule in table.rule),
            *(line.rule for table in form.tables for line in (*table.rows, *table.columns)),
            *(rule.id for rule in form.text_rules),
        )
    }
    assert stated <= set(rule_catalog.get_rule_book())
    assert rule_catalog.get_rule_book()["balance"].severity is Severity.ERROR
