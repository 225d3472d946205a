"""The files that the examples of docstrings, README and guides speak of, in a folder of their own."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import workbook
from tests import domain
from workbook.documents import write_document
from workbook.excel.template.template_writer import write_workbook
from workbook.exchange.report_json import dump_report_text
from workbook.model.form_migration import convert_report
from workbook.model.identity import Identity
from workbook.model.report import Report

OLD, NEW = (domain.load_form(form_id) for form_id in ("annual-2019", "annual-2021"))
BROKEN, GOOD = domain.example("市中区统计局-2020"), domain.example("洛龙区统计局-2020")


def report(name: str, year: int = 2024, *, broken: bool = False) -> Report:
    """A report of that agency; `broken`: the total row of 表三 was left at 0."""
    figures = BROKEN if broken else GOOD
    form = OLD if year < 2021 else NEW
    values = {
        code: value if value is not None else 0 for code, value in dict(convert_report(figures, form).report).items()
    }
    code = domain.credit_code(f"1111010500{sum(map(ord, name)) % 10**7:07}")
    agency = Identity(name, code, "110105", "county-department")
    return replace(domain.zero(form, year), agency=agency).with_values(values)


def make(folder: Path) -> None:
    """Write the samples."""
    write_workbook(folder / "某某局2024.xlsx", report("某某局", broken=True))
    write_workbook(folder / "另一局2024.xlsx", report("另一局"))
    (folder / "另一局2025.json").write_text(dump_report_text(report("另一局", 2025)), "utf-8")
    write_workbook(folder / "改坏了.xlsx", report("某某局"))
    write_workbook(folder / "市中区统计局-2020.xlsx", BROKEN)
    write_document(folder / "年度报告2020.docx", report("某某局", 2020))
    (folder / "去年").mkdir()
    write_workbook(folder / "去年" / "某某局2024.xlsx", report("某某局"))
    for year, place in ((2024, "各单位报送"), (2025, "本年报送"), (2024, "去年报送")):
        (folder / place).mkdir()
        for name in ("甲局", "乙局"):
            write_workbook(folder / place / f"{name}{year}.xlsx", report(name, year))
    with zipfile.ZipFile(folder / "补报.zip", "w") as packed:
        packed.writestr("丙局2024.json", dump_report_text(report("丙局")))
    with workbook.merge(folder / "去年报送") as merged:
        merged.write(folder / "汇总2024.xlsx")
