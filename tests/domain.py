"""Reports for tests: plain, consistent and broken ones of any form, and hypothesis strategies of all three."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType

from hypothesis import strategies as st

from workbook.exchange import report_json
from workbook.model import identity, rule_catalog
from workbook.model.form import Cell, Form
from workbook.model.form_loader import FORMS, list_form_ids, load_form
from workbook.model.identity import Identity
from workbook.model.numbers import NOT_APPLICABLE, Number, Value
from workbook.model.report import Answer, Report
from workbook.rules.rule_types import Equation, list_equations, list_totals_with_parts

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases"
"""Tables of cases, and the published reports in `real`."""
EXAMPLES = ROOT / "examples"
FORM_FILES = [load_form(form_id) for form_id in list_form_ids()]

TEXTS = {
    "overview": "本年度主动公开、依申请公开、政府信息管理、平台建设、监督保障各项工作正常开展。",
    "problems": "专职人员少，业务培训不够；将增加人员并定期培训。",
    "other": "无",
}


def credit_code(first17: str) -> str:
    """A 统一社会信用代码 with the check character that belongs to it."""
    return first17 + identity.compute_check_digit(first17)


AGENCY = Identity("某县统计局", credit_code("11110105000000000"), "110105", "county-department")


def example(name: str) -> Report:
    """A real report's figures, from `examples/`."""
    return report_json.load_report(EXAMPLES / f"{name}.json").report


def year_of(form: Form) -> int:
    """A report year for which the form is in force; not its first, so that last year's report may be of it too."""
    return form.years.from_ + 1


def zero(form: Form, year: int | None = None) -> Report:
    """A report without fault in which nothing happened: every cell 0."""
    values = (0,) * len(form.cells)
    return Report(form, year or year_of(form), AGENCY, values, MappingProxyType(dict(TEXTS)))


@cache
def leaves(form: Form) -> tuple[Cell, ...]:
    """The cells that are no sums."""
    return tuple(cell for cell in form.cells if not cell.total)


def in_equations(form: Form) -> tuple[str, ...]:
    """The cells that stand in an equality of this year alone, in form order."""
    codes = {code for rule in list_equations(form) if not rule.yearly and rule.op == "=" for code in rule.cells}
    return tuple(cell.code for cell in form.cells if cell.code in codes)


def consistent(form: Form, figures: Mapping[str, Number]) -> dict[str, Number]:
    """Figures for every cell that keep every equation: totals are summed, other equations solved for a cell that is no
    total (of the balance: what was newly received; what was brought forward is left only where it fits).

    `figures` are those of leaf cells; a cell not named is 0.
    """
    sums = parts_of(form)
    known: dict[str, Number] = {cell.code: figures.get(cell.code, 0) for cell in leaves(form)}
    for rule in list_equations(form):
        if not rule.yearly and not rule.sums and rule.op == "=":
            _solve(rule, sums, known)
    return {cell.code: _figure(cell.code, sums, known) for cell in form.cells}


@cache
def parts_of(form: Form) -> dict[str, tuple[str, ...]]:
    """Cell code → the codes of the cells it is the sum of; down a column where it is a sum both ways."""
    sums: dict[str, tuple[str, ...]] = {}
    for table in form.tables:
        for total, parts in list_totals_with_parts(table.columns):
            for row in table.rows:
                sums[table.cell(row.code, total.code)] = tuple(table.cell(row.code, part.code) for part in parts)
        for total, parts in list_totals_with_parts(table.rows):
            for column in table.columns:
                codes = tuple(table.cell(part.code, column.code) for part in parts)
                sums[table.cell(total.code, column.code)] = codes
    return sums


def _figure(code: str, sums: Mapping[str, tuple[str, ...]], known: Mapping[str, Number]) -> Number:
    return sum(_figure(part, sums, known) for part in sums[code]) if code in sums else known[code]


def _solve(rule: Equation, sums: Mapping[str, tuple[str, ...]], known: dict[str, Number]) -> None:
    """Make one stated equation hold by its free cells on the right: one takes the rest, the others what fits."""
    free = [term.cell.code for term in rule.right if term.cell.code in known]
    if len(free) < len(rule.right):
        return  # an equation over totals holds once those it is the sum of hold
    need = sum(term.sign * _figure(term.cell.code, sums, known) for term in rule.left)
    first, *others = free
    for code in others:
        known[code] = min(known[code], need)
        need -= known[code]
    known[first] = need


_consistent = consistent


# strategies

counts = st.one_of(st.integers(0, 9), st.integers(0, 500), st.integers(0, 10**9))
changes = st.one_of(st.integers(-30, 30), st.integers(-(10**6), 10**6))
fen = st.one_of(st.integers(0, 10**5), st.integers(0, 10**15 - 1))
"""Money to 15 significant digits: what a spreadsheet can hold exactly."""
words = st.sampled_from(["约10", "2-3", "12%", "详见附件", "=1+1", "十几件", "#REF!", "1,2", "a<b&c"])
not_numbers = st.one_of(st.none(), st.just(NOT_APPLICABLE), words)
broken_counts = st.integers(1, 9999).map(lambda n: Decimal(2 * n + 1) / 2)
negatives = st.integers(-(10**6), -1)

SNIPPETS = ("“引号”", "<标签>&amp;'", '"', "=SUM(A1)", "　全角空格", "列\t表", "😀𠀀", "_x0041_", "第一行\n第二行",
            "①、㎡", "100％")  # fmt: skip
sentences = st.lists(st.sampled_from(SNIPPETS), max_size=4).map("、".join)
written = sentences.map(lambda some: report_json.tidy_text(f"{some}\n工作正常开展。"))

_sign = st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY")
agencies = st.builds(
    Identity,
    name=st.sampled_from(["某市某局", "甲县人民政府", "A&B <街道>'办'", "=名称", "𠮷县统计局"]),
    code=st.one_of(st.just(""), st.lists(_sign, min_size=17, max_size=17).map("".join).map(credit_code)),
    region=st.sampled_from(["", "110105", "430000", "653101"]),
    level=st.sampled_from(["", *(level.code for level in identity.list_levels())]),
    contact=st.sampled_from(["", "张三 010-1234"]),
    revision=st.integers(0, 3),
)


def answers(form: Form) -> st.SearchStrategy[Answer]:
    """A reason for some warning, with or without the figures it answers for."""
    warnings = [norm.id for norm in rule_catalog.get_rule_book().values() if norm.severity == "warning"]
    cells = st.lists(st.sampled_from([cell.code for cell in form.cells]), min_size=1, max_size=3, unique=True)
    figures = st.one_of(st.just(""), st.integers(0, 16**16 - 1).map(lambda n: f"{n:016x}"))
    return st.builds(Answer, st.sampled_from(warnings), cells.map(tuple), written, figures)


def figures_of(cell: Cell) -> st.SearchStrategy[int]:
    """What a cell may hold by its unit and sign."""
    return fen if cell.unit.scale > 1 else changes if cell.signed else counts


@st.composite
def reports(draw: st.DrawFn, form: Form, *, consistent: bool = True, filled: int = 14) -> Report:
    """A report of that form. Consistent: every error rule kept. Otherwise any figures in any cells, all filled."""
    cells = leaves(form) if consistent else form.cells
    some = draw(st.lists(st.sampled_from(cells), max_size=filled, unique_by=lambda cell: cell.code))
    figures: dict[str, Number] = {cell.code: draw(figures_of(cell)) for cell in some}
    if consistent:
        figures = _consistent(form, figures)
    return Report(
        form,
        draw(st.integers(form.years.from_, min(form.years.until, 2035))),
        draw(agencies),
        tuple(figures.get(cell.code, 0) for cell in form.cells),
        MappingProxyType({section.code: draw(written) for section in form.texts}),
        tuple(draw(st.lists(answers(form), max_size=2))),
    )


@st.composite
def broken_reports(draw: st.DrawFn, form: Form) -> Report:
    """A consistent report after somebody was at it: other figures, blanks, 不适用, words, decimals, negative counts."""
    report = draw(reports(form))
    cells = draw(st.lists(st.sampled_from(form.cells), min_size=1, max_size=12, unique_by=lambda cell: cell.code))
    anything: st.SearchStrategy[Value] = st.one_of(not_numbers, broken_counts, negatives, counts)
    return report.with_values({cell.code: draw(anything) for cell in cells})


forms = st.sampled_from(FORM_FILES)
any_report = forms.flatmap(lambda form: st.one_of(reports(form), reports(form, consistent=False), broken_reports(form)))


# made-up forms


def edited_form(folder: Path, form_id: str, *edits: tuple[str, str]) -> Path:
    """A copy of an issued form's file with texts replaced, in a folder of its own; each must stand there once."""
    path = folder / f"{form_id}.toml"
    path.write_text(edited_text(FORMS / f"{form_id}.toml", *edits), "utf-8")
    return path


def edited_text(file: Path, *edits: tuple[str, str]) -> str:
    """A file's text with texts replaced, each of which must be there once."""
    text = file.read_text("utf-8")
    for old, new in edits:
        if text.count(old) != 1:
            raise ValueError(f"{old!r} is {text.count(old)} times in {file.name}")
        text = text.replace(old, new)
    return text


TINY = """
id = "tiny"
title = "小表"
years = { from = 2019 }
citation = { number = "1", by = "某办" }
section = [
  { code = "overview", label = "一、概况", text = true },
  { code = "part", label = "二、数据", sheet = "表" },
]
[[table]]
code = "t"
section = "part"
title = "小表"
columns = [
  { code = "a", label = "甲列", into = "sum" },
  { code = "b", label = "乙列", into = "sum" },
  { code = "sum", label = "合计列" },
]
rows = [
  { code = "in", label = "收进" },
  { code = "done", label = "办毕", into = "out" },
  { code = "left", label = "未办", into = "out" },
  { code = "out", label = "共计行" },
]
[[table.rule]]
id = "balance"
left = ["out"]
right = ["in"]
"""


def tiny_form(folder: Path, more: str = "") -> Form:
    """A form of 12 cells with sums both ways and a balance, and more rules: small enough to try every repair."""
    (folder / "tiny.toml").write_text(TINY + more, "utf-8")
    return load_form("tiny", folder=folder)


def pointed(data: object, pointer: str) -> tuple[object, str]:
    """The container and key a JSON pointer names."""
    *parents, key = pointer.strip("/").split("/")
    for parent in parents:
        data = data[int(parent)] if isinstance(data, list) else data[parent]  # type: ignore[index]
    return data, key


def plain_json(report: Report) -> dict[str, object]:
    """The report as data that was JSON text in between."""
    return json.loads(report_json.dump_report_text(report))  # type: ignore[no-any-return]
