"""What is done with the next form, by the program that has it: run by test_recipes.py, it prints what came of it."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import jsonschema

from tests import domain
from tests.integration.recipes.edits import LABEL, NEWEST, NEXT, RENAMED, ROW, RULE, YEAR
from workbook.cli import main
from workbook.cli.reference_commands import write_rules_page
from workbook.excel.report_loading import load_submission as read
from workbook.excel.template.template_writer import build_template, write_workbook
from workbook.exchange import report_json
from workbook.exchange.json_schema import build_schema
from workbook.merging.prior_year.summary_reader import read_summary_reports
from workbook.model import rule_catalog
from workbook.model.form import Form
from workbook.model.form_loader import get_form_in_force, list_form_ids, load_form
from workbook.model.form_migration import convert_report
from workbook.model.report import Report
from workbook.rules.evaluation import check_report
from xlplugin.building.__main__ import list_files

FORM, BEFORE = load_form(NEXT), load_form(NEWEST)
CELL = f"requests.{ROW}.person"
SPLIT = "licensing.permits.refused.decisions"
FIGURES = {
    FORM.id: {CELL: 3, "requests.granted.law": 2, "platform.website.published": 5, SPLIT: 1},
    BEFORE.id: {"requests.granted.law": 4, "licensing.permits.decisions": 7},
}


def report(n: int, form: Form = FORM, year: int = YEAR) -> Report:
    values = domain.consistent(form, FIGURES[form.id])
    who = replace(domain.AGENCY, name=f"某县第{n}局", code=domain.credit_code(f"1111010500000{n:04d}"))
    texts = MappingProxyType(dict(domain.TEXTS))
    return Report(form, year, who, tuple(values[cell.code] for cell in form.cells), texts)


def ogi(*words: object) -> int:
    return main([str(word) for word in words])


def done(folder: Path) -> dict[str, object]:
    """Every act, and what came of it."""
    this, last = report(1), report(1, BEFORE, YEAR - 1)
    write_workbook(folder / "今.xlsx", this, last)
    write_workbook(folder / "去.xlsx", last)
    for n in (2, 3):
        for year, form in ((YEAR, FORM), (YEAR - 1, BEFORE)):
            (folder / str(year)).mkdir(exist_ok=True)
            (folder / str(year) / f"{n}.json").write_text(report_json.dump_report_text(report(n, form, year)), "utf-8")
    facts: dict[str, object] = {}
    facts["in force"] = [get_form_in_force(year).id for year in (YEAR - 1, YEAR, YEAR + 5)]
    facts["template"] = len(build_template(FORM)) > 10_000
    facts["read"] = read(folder / "今.xlsx").report.values == this.values
    facts["clean"] = [one.rule for one in read(folder / "今.xlsx").check()]
    wrong = this.with_values({CELL: 4, "platform.website.corrected": 6})
    facts["wrong"] = sorted({one.rule for one in check_report(wrong)})
    said = next(one for one in check_report(wrong) if one.rule == RULE)
    facts["said"] = rule_catalog.format_message(said), rule_catalog.format_message(said, "en")
    jsonschema.validate(report_json.dump_report(this), build_schema(FORM))
    facts["new"] = ogi("new", "--year", YEAR, "--from", folder / "去.xlsx", "-o", folder / "新.xlsx")
    facts["carried"] = convert_report(last, FORM).report["requests.granted.law"]
    facts["back"] = convert_report(this, BEFORE).report["licensing.permits.decisions"]
    documents(folder, this, facts)
    facts["merge"] = ogi(
        "merge", folder / str(YEAR), "--previous", folder / str(YEAR - 1), "--name", "某县", "--no-cache",
        "-o", folder / "汇.xlsx", "-o", folder / "汇.json", "-o", folder / "汇.html",
    )  # fmt: skip
    total = report_json.load_report_data(json.loads((folder / "汇.json").read_text("utf-8"))["sum"]).report
    facts["sum"] = [total.form.id, total[CELL], total[f"requests.{ROW}.total"]]
    facts["agencies"] = len(list(read_summary_reports(folder / "汇.xlsx")))
    facts["page"] = LABEL in (folder / "汇.html").read_text("utf-8")
    facts["rule book"] = [word in write_rules_page() for word in (RULE, NEXT)]
    facts["forms"] = list(list_form_ids())
    made = list_files()
    facts["plugin"] = f"{NEXT}.xlsm" in made and len(made[f"{NEXT}.xlsm"]()) > 10_000
    return facts


def documents(folder: Path, this: Report, facts: dict[str, object]) -> None:
    """The report as each document, and read back from those that are read."""
    for suffix in ("docx", "html", "csv", "json"):
        out = folder / f"出.{suffix}"
        facts[f"export {suffix}"] = ogi("export", folder / "今.xlsx", "-o", out)
        if suffix in ("docx", "html"):
            ogi("import", out, "-o", folder / f"入-{suffix}.xlsx", "--agency", this.agency.name)
            back = read(folder / f"入-{suffix}.xlsx").report
            facts[f"import {suffix}"] = [back.form.id, back.values == this.values]
    text = (folder / "出.html").read_text("utf-8")
    facts["labels"] = [label in text for label in (LABEL, RENAMED[1], RENAMED[0])]


if __name__ == "__main__":
    print("\n" + json.dumps(done(Path(sys.argv[1]))))
