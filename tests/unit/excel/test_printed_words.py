"""The words a form prints, known again wherever an agency or a formula writes one of them."""

from __future__ import annotations

import pytest

from tests.domain import TINY
from tests.samples.filled_workbooks import FORM, OLD_FORM
from workbook.excel.reading.label_index import LONGEST, fold_label
from workbook.excel.reading.sheet_layout import PrintedWords
from workbook.model.form import Form
from workbook.model.form_loader import load_form
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")

FORMS = {form.id: form for form in (FORM, OLD_FORM)}


def known() -> dict[str, PrintedWords]:
    """The words of every form."""
    return {form_id: PrintedWords(form) for form_id, form in FORMS.items()}


def lines(form: Form) -> list[str]:
    return [line.printed for table in form.tables for line in (*table.rows, *table.columns)]


@pytest.mark.parametrize("form_id", FORMS)
def test_every_word_a_form_prints_is_met(form_id):
    form, printed = FORMS[form_id], known()[form_id]
    heads = [
        text
        for text in (
            *messages.texts("checks.columns"),
            *messages.texts("checks.hidden"),
            messages.text("checks.others"),
        )
        if text
    ]
    for text in (*lines(form), *(table.title for table in form.tables), *heads):
        assert printed.met(text), text
        assert printed.met(f" {text}："), text
        assert not printed.met(f"我局{text}的情况"), text
    for section in form.texts:
        assert printed.met(section.label)
        assert printed.met(f"{section.label}：本年度……" + "长" * LONGEST)
        assert not printed.met(f"见“{section.label}”")


def test_a_label_is_met_without_its_number_in_another_spelling_and_with_a_unit():
    printed = known()[FORM.id]
    row = next(line for table in FORM.tables for line in table.rows if line.aliases)
    assert all(printed.met(text) for text in row.aliases)
    assert printed.met("属于国家秘密")
    assert printed.met("１．属于国家秘密")
    longest = max(lines(FORM), key=lambda text: len(fold_label(text)))
    assert len(fold_label(longest)) == max(map(len, printed.words))
    for unit in ("（单位：万元）", "（件）", "【单位：甲乙丙丁】"):
        assert printed.met(f"{longest}{unit}")


@pytest.mark.parametrize("text", ["", "5", "abc", "2022", "无", "某县统计局", "——", "通过", "单位：万元"])
def test_what_a_form_does_not_print_is_not_met(text):
    assert not any(printed.met(text) for printed in known().values())


def test_nothing_is_a_word_that_says_nothing():
    for form_id, printed in known().items():
        assert "" not in printed.words
        assert all(fold_label(text) == text for text in printed.words)
        assert printed.headings == tuple(section.label for section in FORMS[form_id].texts)


def test_a_text_longer_than_any_label_is_none():
    label = lines(FORM)[0]
    for printed in known().values():
        assert not printed.met(label + " " * LONGEST)
        assert printed.met(label + " " * (LONGEST - len(label) - 1))
        assert not printed.met(label * 30)


def test_a_formula_that_shows_a_label_is_seen_however_often_it_is_asked():
    printed = PrintedWords(FORM)
    label = lines(FORM)[0].encode()
    harmless = ["通过".encode(), b"5", "校验：全部通过".encode(), b"a&amp;b"]
    for _ in range(2):
        assert not printed.shown([])
        assert not printed.shown(harmless)
        assert printed.shown([label])
        assert printed.shown([*harmless, label])
        assert printed.shown([label, *harmless])
        assert printed.shown([*harmless, b"&#95;x0041_"])  # it takes a parser to tell


def test_a_form_may_print_words_of_letters_and_a_title_of_signs_alone(tmp_path):
    table = '[[table]]\ncode = "t"\nsection = "part"\ntitle = "小表"'
    text = TINY.replace(table, table.replace("小表", "——")).replace("甲列", "GDP")
    (tmp_path / "tiny.toml").write_text(text, "utf-8")
    printed = PrintedWords(load_form("tiny", folder=tmp_path))
    assert [word for word in ("GDP", "gdp:", "乙列", "合计列") if not printed.met(word)] == []
    assert [word for word in ("GNP", "——", "", "。", "甲列") if printed.met(word)] == []
