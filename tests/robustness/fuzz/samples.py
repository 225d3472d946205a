"""What fuzzing begins with, made by the project itself: reports, their workbooks and documents, rosters."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from tests.domain import EXAMPLES, FORM_FILES, TEXTS, zero
from tests.samples.filled_workbooks import BEFORE, FORM, OLD_FORM, REPORT
from tests.samples.published_documents import numbered
from workbook.excel.template.template_writer import build_workbook
from workbook.exchange import report_json
from workbook.model.report import Answer, Report


@cache
def reports() -> tuple[Report, ...]:
    """Reports of both forms: full, empty, broken, with answers, published ones."""
    odd = REPORT.with_values(
        {"requests.new.person": "17个", "fees.fees.amount": 4_166_214_619, "requests.results.total": None}
    )
    answered = replace(REPORT, answers=(Answer("carried-over", ("requests.brought.person",), "原因", "0" * 16),))
    published = [report_json.load_report(path).report for path in sorted(EXAMPLES.glob("*.json"))]
    long = replace(zero(FORM), texts={**TEXTS, "overview": "\n".join(f"第{n}段，收到申请{n}件。" for n in range(9))})
    return (REPORT, zero(OLD_FORM), odd, answered, long, *published, numbered(OLD_FORM))


@cache
def workbooks() -> tuple[bytes, ...]:
    """Their workbooks, with and without last year's figures."""
    some = reports()
    blank = [build_workbook(replace(zero(form), values=(None,) * len(form.cells))) for form in FORM_FILES]
    return (build_workbook(REPORT, BEFORE), build_workbook(REPORT), *map(build_workbook, some[1:5]), *blank)


def made(write: Callable[[Path], object], name: str) -> bytes:
    """The bytes of a file that is written to a path."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()
