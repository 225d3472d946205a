"""The forms as issued: their shape, codes and years; supplements; what a wrong form file is answered with."""

from __future__ import annotations

import tomllib
from functools import partial
from pathlib import Path

import jsonschema
import pytest

from tests.domain import FORM_FILES, edited_form, zero
from workbook import jsonio, layout, rulebook
from workbook.check import check
from workbook.finding import Severity
from workbook.forms import FORMS, FormError, extended, form_ids, in_force, load
from workbook.rules import equations_of
from workbook.schema import schema

CODES = tomllib.loads((Path(__file__).parent / "cases" / "codes.toml").read_text("utf-8"))
OLD, NEW = load("annual-2019"), load("annual-2021")


# shape


def test_codes_are_the_public_contract():
    assert form_ids() == tuple(CODES)
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
    parts = {form.id: next(e for e in equations_of(form) if e.rule == "results-total").right for form in (OLD, NEW)}
    assert {form_id: len(terms) for form_id, terms in parts.items()} == {"annual-2019": 19, "annual-2021": 21}


def test_unknown_names():
    with pytest.raises(KeyError):
        load("annual-1999")
    with pytest.raises(KeyError):
        NEW.table("procurement")
    with pytest.raises(KeyError):
        NEW.cell("requests.otherwise.person")


def test_a_fingerprint_names_the_content():
    assert len({OLD.fingerprint, NEW.fingerprint, load("annual-2019", "420100").fingerprint}) == 3
    assert load("annual-2019", "110000").fingerprint == OLD.fingerprint


# years and regions


@pytest.mark.parametrize(("year", "form_id"), [(2019, OLD.id), (2020, OLD.id), (2021, NEW.id), (2026, NEW.id)])
def test_the_form_in_force(year, form_id):
    assert in_force(year).id == form_id


def test_one_form_follows_on_another():
    """An older form ends where the next begins: `until` in its file."""
    first, *_ = FORM_FILES
    assert [(year, in_force(year).id in form_ids()) for year in range(first.years.from_, 2100)] == [
        (year, True) for year in range(first.years.from_, 2100)
    ]


def test_no_form_before_2019_and_never_two(tmp_path):
    with pytest.raises(LookupError, match="2018"):
        in_force(2018)
    for form_id in form_ids():
        edited_form(tmp_path, form_id)
    edited_form(tmp_path, NEW.id, ("from = 2021", "from = 2020"))
    with pytest.raises(LookupError, match=r"annual-2019.*annual-2021"):
        in_force(2020, folder=tmp_path)
    assert in_force(2021, folder=tmp_path).id == NEW.id


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
    form = in_force(year, region)
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
    form = extended(NEW, supplement(tmp_path))
    assert [row.code for row in form.table("enforcement").rows] == ["penalties", "inspections", "coercion"]
    assert [e.cells for e in equations_of(form) if e.rule == "cumulative"] == [
        ("enforcement.coercion.decisions", "enforcement.inspections.decisions")
    ]
    assert form.table("requests") == NEW.table("requests")
    assert {e.code for e in equations_of(NEW)} < {e.code for e in equations_of(form)}


@pytest.mark.parametrize(
    ("old", "new", "key", "line"),
    [
        ('code = "inspections"', 'code = "coercion"', "row.0.code", 9),
        ('label = "行政检查"', 'label = "行政检查"\ninto = "coercion"', "row.0.into", 11),
        ('after = "penalties"', 'after = "nowhere"', "row.0.after", 8),
        ('table = "enforcement"\nafter', 'table = "taxes"\nafter', "row.0.table", 7),
        ('label = "行政检查"', 'label = "行政检查"\nunit = "亩"', "row.0.unit", 11),
        ('label = "行政检查"', 'label = "行政检查"\nunder = "nowhere"', "row.0.under", 11),
        ('table = "enforcement"\nafter = "penalties"', 'table = "requests"\nafter = "granted"', "row.0.after", 8),
        ('id = "cumulative"', 'id = "balance"', "rule.0.id", 13),
        ('id = "cumulative"', 'id = "results-total"', "rule.0.id", 13),
        ('table = "enforcement"\nid', 'table = "taxes"\nid', "rule.0.table", 12),
        ('left = ["coercion"]', 'left = ["coercive"]', "rule.0.left", 14),
        ("\n[[row]]", 'drop = ["balance"]\n[[row]]', "drop", 5),
        ('region = "110000"', 'region = "Beijing"', "region", 2),
    ],
)
def test_a_supplement_may_only_add(tmp_path, old, new, key, line):
    with pytest.raises(FormError) as refused:
        extended(NEW, supplement(tmp_path, old, new))
    assert str(refused.value).startswith(f"{tmp_path / '110000.toml'}:{line}: {key}: ")


# mistakes in a form file


LINES = (FORMS / f"{NEW.id}.toml").read_text("utf-8").splitlines()
PERMITS, YEARS = (next(line for line in LINES if start in line) for start in ('"permits"', "years = "))
TYPOS = [
    # (what is edited, into what, the key named, the text of the line named)
    ('label = "一、总体情况"', 'lable = "一、总体情况"', "section.0.lable", 'lable = "一、总体情况"'),
    ('title = "第二十条第（六）项"', "title = 6", "table.2.title", "title = 6"),
    (YEARS, 'years = { from = "2021" }', "years.from", 'years = { from = "2021" }'),
    (YEARS, "", "years", None),
    ("text = true\nnote", 'text = "yes"\nnote', "section.5.text", 'text = "yes"'),
    (
        'under = "handled", rule = "results-total"',
        'under = "handled", rulle = "x"',
        "table.4.rows.23.rulle",
        "（七）总计",
    ),
    ('code = "granted", label', 'code = "Granted", label', "table.4.rows.2.code", "（一）予以公开"),
    ('code = "partial", label', 'code = "granted", label', "table.4.rows.3.code", "（二）部分公开"),
    ('code = "coercion"', 'code = "penalties"', "table.2.rows.1.code", "行政强制"),
    ('code = "denied.law",', "", "table.4.rows.5", "2.其他法律行政法规禁止公开"),
    (
        'label = "（一）予以公开", en = "(1) Granted", under = "handled", into = "results"',
        'label = "（一）予以公开", en = "(1) Granted", under = "handled", into = "result"',
        "table.4.rows.2.into",
        "（一）予以公开",
    ),
    (
        'en = "(7) Total", under = "handled"',
        'en = "(7) Total", under = "handled", into = "results"',
        "table.4.rows.23.into",
        "（七）总计",
    ),
    (
        'en = "(7) Total", under = "handled"',
        'en = "(7) Total", under = "handed"',
        "table.4.rows.23.under",
        "（七）总计",
    ),
    ('unit = "万元"', 'unit = "千元"', "table.3.columns.0.unit", 'unit = "千元"'),
    ('code = "fees"\nsection = "proactive"', 'code = "fees"\nsection = "p"', "table.3.section", 'section = "p"'),
    ('code = "fees"\nsection', 'code = "licensing"\nsection', "table.3.code", 'code = "licensing"'),
    ('left = ["brought"]', 'left = ["brough"]', "table.4.rule.1.left", 'left = ["brough"]'),
    (
        'right = ["carried@previous"]',
        'right = ["carry@previous"]',
        "table.4.rule.1.right",
        'right = ["carry@previous"]',
    ),
    ('op = "<="', 'op = ">="', "table.0.rule.1.op", 'op = ">="'),
    ('lines = ["regulations"]', 'lines = ["regulation"]', "table.0.rule.2.lines", 'lines = ["regulation"]'),
    ('test = "identical"', "", "table.4.rule.2", "[[table.rule]]"),
    ('test = "identical"', 'test = "same"', "table.4.rule.2.test", 'test = "same"'),
    (
        'cells = ["requests.new.total"]',
        'cells = ["requests.new.sum"]',
        "text_rule.0.cells",
        'cells = ["requests.new.sum"]',
    ),
    ('text = "other"', 'text = "others"', "text_rule.9.text", 'text = "others"'),
    ('en = "(4) Cannot be provided", under = "handled"', 'under = "x"', "table.4.row_groups.2.under", "（四）无法提供"),
    ('id = "annual-2021"', 'id = "annual-2019"', "id", 'id = "annual-2019"'),
    (YEARS, "years = { from = 2021, until = 2020 }", "years", "until = 2020"),
    ("date = 2021-09-26", 'date = "2021年9月26日"', "citation.date", "2021年9月26日"),
    ('code = "problems"', 'code = "overview"', "section.4.code", 'code = "overview"'),
    ('sheet = "表二"', 'sheet = "表二"\ntext = true', "section.1", "[[section]]"),
    ('sheet = "表二"\n', "", "section.1", "[[section]]"),
    ('sheet = "表三"', 'sheet = "表二"', "section.2.sheet", 'sheet = "表二"'),
    ('sheet = "表三"', 'sheet = "表三/四"', "section.2.sheet", 'sheet = "表三/四"'),
    ('section = "contested"\nlayout', 'section = "proactive"\nlayout', "section.3", "[[section]]"),
    ('section = "contested"\nlayout', 'section = "overview"\nlayout', "section.3", "[[section]]"),
    ('code = "fees"\nsection', 'code = "t3"\nsection', "table.3.code", 'code = "t3"'),
    (PERMITS, "rows = []", "table.1.rows", "rows = []"),
    ('label = "行政强制"', 'label = "行政处罚"', "table.2.rows.1.label", '"coercion"'),
    ('code = "refused", label', 'code = "denied", label', "table.4.row_groups.3.code", "（五）不予处理"),
    ('code = "litigation", label', 'code = "litigation2", label', "table.5.rows.1.under", "未经复议直接起诉"),
    (
        'en = "Repeated request", under = "refused"',
        'en = "x", under = "denied"',
        "table.4.row_groups.1",
        "（三）不予公开",
    ),
    ('label = "行政许可"', 'label = "行政许可", rule = "results-total"', "table.1.rows.0.rule", "行政许可"),
    ('each = "row"\nleft = ["repealed"]', 'left = ["repealed"]', "table.0.rule.1.left", 'left = ["repealed"]'),
    ('["ministry", "province", "city"]', '["provinse"]', "table.0.rule.2.levels", '["provinse"]'),
    ('lines = ["regulations"]\n', "", "table.0.rule.2", "[[table.rule]]"),
    ('topic = "requests.carried"', 'topic = "requests.caried"', "text_rule.3.topic", "requests.caried"),
    ('topic = "reconsideration"', 'topic = "review"', "text_rule.7.topic", 'topic = "review"'),
    ('id = "fees"\ntext = "other"', 'id = "feees"\ntext = "other"', "text_rule.9.id", 'id = "feees"'),
    ('id = "fees"\ntext = "other"', 'id = "fees"', "text_rule.9.text", "[[text_rule]]"),
]


@pytest.mark.parametrize(("old", "new", "key", "line"), TYPOS, ids=[f"{key}:{new[:24]}" for _, new, key, _ in TYPOS])
def test_a_mistake_in_a_form_is_named_with_file_key_and_line(tmp_path, old, new, key, line):
    path = edited_form(tmp_path, NEW.id, (old, new))
    with pytest.raises(FormError) as refused:
        load(NEW.id, folder=tmp_path)
    said = str(refused.value)
    if line is None:
        assert said.startswith(f"{path}: ")
        assert key in said
        return
    number = int(said.removeprefix(f"{path}:").split(":")[0])
    assert said.startswith(f"{path}:{number}: {key}: ")
    assert line in path.read_text("utf-8").splitlines()[number - 1]


def test_a_circle_of_totals_is_refused(tmp_path):
    edited_form(
        tmp_path,
        NEW.id,
        ('label = "行政处罚",', 'label = "行政处罚", into = "coercion",'),
        ('label = "行政强制",', 'label = "行政强制", into = "penalties",'),
    )
    with pytest.raises(FormError, match=r"table\.2\.rows\.0\.into"):
        load(NEW.id, folder=tmp_path)


def test_a_form_that_is_no_toml_names_the_line(tmp_path):
    edited_form(tmp_path, NEW.id, ('left = ["brought"]', 'left = ["brought"'))
    with pytest.raises(FormError, match=r"annual-2021.toml.*line \d+"):
        load(NEW.id, folder=tmp_path)


def test_a_form_in_another_encoding_is_named(tmp_path):
    (tmp_path / "annual-2021.toml").write_bytes('title = "年报"'.encode("gb18030"))
    with pytest.raises(FormError, match=r"annual-2021\.toml: 'utf-8'"):
        load("annual-2021", folder=tmp_path)


# one edit of one file


def test_an_added_result_row_reaches_everything_with_no_code_changed(tmp_path, monkeypatch):
    added = '  { code = "refused.spam", label = "6.新增的一种情形", under = "refused", into = "results" },\n'
    before = '  { code = "otherwise.uncorrected"'
    edited_form(tmp_path, NEW.id, (before, added + before))
    form = load(NEW.id, folder=tmp_path)
    cells = [f"requests.refused.spam.{column.code}" for column in form.table("requests").columns]

    assert len(form.cells) == len(NEW.cells) + len(cells)
    sums = [e for e in equations_of(form) if e.rule == "results-total"]
    assert [len(e.right) for e in sums] == [22] * 7
    assert [e.right[18].cell.code for e in sums] == cells
    assert "requests.applicant-total.refused.spam" in {e.code for e in equations_of(form)}

    monkeypatch.setattr(jsonio, "load", partial(load, folder=tmp_path))
    report = zero(form).with_values({"requests.refused.spam.person": 1, "requests.refused.spam.total": 1})
    data = jsonio.dump(report)
    assert data["tables"]["requests"]["refused.spam"]["person"] == 1
    assert jsonio.load_data(data).report == report
    jsonschema.validate(data, schema(form))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema(NEW))

    assert [(f.rule, f.actual, f.expected) for f in check(report)] == [
        ("results-total", 0, 1),
        ("results-total", 0, 1),
    ]
    section = next(section for section in form.sections if section.code == "on_request")
    plan = layout.plan(form, section)
    label = next(label for label in plan.labels if label.text == "6.新增的一种情形")
    group = next(label for label in plan.labels if label.text == "（五）不予处理")
    assert plan.cells[cells[0]].top == label.box.top == group.box.bottom
    assert group.box.bottom - group.box.top == 5


def test_every_rule_of_a_form_stands_in_the_rule_book():
    stated = {
        name
        for form in (*FORM_FILES, load("annual-2019", "420000"))
        for name in (
            *(rule.id for table in form.tables for rule in table.rule),
            *(line.rule for table in form.tables for line in (*table.rows, *table.columns)),
            *(rule.id for rule in form.text_rules),
        )
    }
    assert stated <= set(rulebook.norms())
    assert rulebook.norms()["balance"].severity is Severity.ERROR


def test_forms_stand_in_the_folder_named():
    assert [path.stem for path in sorted(FORMS.glob("*.toml"))] == list(form_ids())
