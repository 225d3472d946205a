"""Whatever a reader states is what was printed: made-up reports, right and wrong, in every manner of printing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain import FORM_FILES, forms, reports, year_of
from tests.samples.printed_text import MANNERS, paragraphs, printed
from workbook.documents.reading.document_reader import ImportedDocument, import_blocks
from workbook.documents.reading.row_matching import Confidence
from workbook.model.form import Form
from workbook.model.report import Report


def stated_wrong(read: ImportedDocument, report: Report) -> list[tuple[str, object, object]]:
    return [
        (cell.code, read.report[cell.code], report[cell.code])
        for cell in report.form.cells
        if read.readings[cell.code].confidence is not Confidence.UNCERTAIN
        and read.report[cell.code] != report[cell.code]
    ]


def figures_of(report: Report) -> dict[str, object]:
    return dict(zip(report.form.index, report.values, strict=True))


@pytest.mark.parametrize("manner", MANNERS)
@settings(max_examples=12, deadline=None)
@given(data=st.data(), form=forms, seed=st.integers(0, 999))
def test_nothing_else_is_stated(manner, data, form, seed):
    report = data.draw(reports(form, consistent=True, filled=30))
    text = printed(form, figures_of(report), manner, random.Random(seed))
    read = import_blocks(Path(f"某局{year_of(form)}.txt"), paragraphs(text))
    assert read.report.form.id == form.id
    assert stated_wrong(read, report) == []


@pytest.mark.parametrize("manner", ["spaced", "piped", "tabbed", "below"])
@settings(max_examples=12, deadline=None)
@given(data=st.data(), form=forms)
def test_where_figures_are_apart_all_are_read_right_or_wrong_as_published(manner, data, form):
    report = data.draw(reports(form, consistent=False, filled=30))
    read = import_blocks(Path("某局.txt"), paragraphs(printed(form, figures_of(report), manner, random.Random(1))))
    assert figures_of(read.report) == figures_of(report)
    assert read.cells(Confidence.UNCERTAIN) == []


@pytest.mark.parametrize("form", FORM_FILES, ids=lambda form: form.id)
def test_the_form_is_recognised_by_its_labels_alone(form: Form):
    read = import_blocks(
        Path("某局.txt"), paragraphs(printed(form, dict.fromkeys(form.index, 0), "spaced", random.Random(1)))
    )
    assert read.report.form.id == form.id


def test_the_old_form_in_a_new_year_is_recognised():
    old = FORM_FILES[0]
    text = printed(old, dict.fromkeys(old.index, 0), "spaced", random.Random(1))
    read = import_blocks(Path("某局2023.txt"), paragraphs("某局2023年政府信息公开工作年度报告\n" + text))
    assert (read.report.form.id, read.report.year, read.report.agency.name) == (old.id, 2023, "某局")
    assert "form-in-force" in {one.rule for one in read.check()}
