"""Evaluates the rules between the texts and the tables, and those about the texts themselves."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import localcontext
from itertools import groupby

from workbook.model.finding import Finding
from workbook.model.form import Form, TextFigureRule
from workbook.model.numbers import EXACT, Number
from workbook.model.report import Report, hash_figures
from workbook.model.rule_catalog import get_phrase, make_finding
from workbook.rules import narrative_claims
from workbook.rules.rule_types import EquationTerm, add_terms
from workbook.safety.messages import Bilingual, join_texts

OVERVIEW = "overview"
OTHER = "other"


def check_narrative(report: Report) -> list[Finding]:
    """Evaluate the rules about texts: each text by itself, section by section, then the texts against the tables."""
    found = [*_sections(report), *_topics(report), *_stale_years(report), *_sums(report)]
    return [*found, *_counts(report), *_fees(report), *_reviews(report)]


def _words(form: Form, code: str) -> Bilingual:
    section = next(text for text in form.texts if text.code == code)
    return section.words


def _sections(report: Report) -> Iterator[Finding]:
    for section in report.form.texts:
        text = report.texts.get(section.code, "")
        written = text.replace(section.note, "") if section.note else text  # the printed note may stay above an answer
        if not text.strip():
            what = get_phrase("empty")
        elif not written.strip() or narrative_claims.has_leftover_instruction(written):
            what = get_phrase("instruction")
        else:
            continue
        yield make_finding("sections", cells=(f"texts.{section.code}",), place=section.words, what=what)


def _topics(report: Report) -> Iterator[Finding]:
    text = report.texts.get(OVERVIEW, "")
    if not text.strip():
        return
    government = bool(report.agency.level) and not report.agency.level.endswith("-department")
    missing = narrative_claims.list_missing_topics(text, government=government)
    if missing:
        place = _words(report.form, OVERVIEW)
        yield make_finding("topics", cells=(f"texts.{OVERVIEW}",), place=place, what="、".join(missing))


def _stale_years(report: Report) -> Iterator[Finding]:
    if report.year is None:
        return
    for section in report.form.texts:
        for quote in narrative_claims.find_stale_years(report.texts.get(section.code, ""), report.year):
            yield make_finding(
                "stale-year",
                cells=(f"texts.{section.code}",),
                actual=report.year - 1,
                expected=report.year,
                figures=hash_figures(quote),
                place=section.words,
                quote=quote,
            )


def _sums(report: Report) -> Iterator[Finding]:
    for section in report.form.texts:
        for stated in narrative_claims.find_stated_sums(report.texts.get(section.code, "")):
            total = sum(stated.parts)
            if stated.total != total:
                yield make_finding(
                    "narrative-sum",
                    cells=(f"texts.{section.code}",),
                    actual=stated.total,
                    expected=total,
                    difference=stated.total - total,
                    figures=hash_figures(stated.quote),
                    place=section.words,
                    quote=stated.quote,
                )


def _counts(report: Report) -> Iterator[Finding]:
    """Compare the counts stated in the overview with the tables; of a topic with several rules one must agree."""
    stated = {claim.topic: claim for claim in narrative_claims.find_claims(report.texts.get(OVERVIEW, ""), report.year)}
    rules = [rule for rule in report.form.text_rules if rule.id == "narrative-counts"]
    for topic, same in groupby(rules, key=lambda rule: rule.topic):
        claim = stated.get(topic)
        readings = [(rule, total) for rule in same if (total := _add_cells(report, rule)) is not None]
        if claim is None or not readings or any(total == claim.count for _, total in readings):
            continue
        rule, total = readings[0]
        yield make_finding(
            rule.id,
            cells=(*rule.cells, f"texts.{rule.text}"),
            actual=claim.count,
            expected=total,
            difference=claim.count - total,
            figures=hash_figures(f"{claim.count}|{total}"),
            place=_words(report.form, rule.text),
            quote=claim.quote,
            cells_named=_name_cells(report.form, rule),
        )


def _add_cells(report: Report, rule: TextFigureRule) -> Number | None:
    """Add up the cells of a text rule; None where one of them holds no number."""
    with localcontext(EXACT):
        return add_terms((EquationTerm(report.form.cell(code)) for code in rule.cells), report.values)


def _name_cells(form: Form, rule: TextFigureRule) -> Bilingual:
    return join_texts((form.cell(code).words for code in rule.cells), get_phrase("and"))


def _fees(report: Report) -> Iterator[Finding]:
    for rule in report.form.text_rules:
        if rule.id != "fees" or not (total := _add_cells(report, rule)):
            continue
        if narrative_claims.states_nothing_to_report(report.texts.get(rule.text, "")):
            place, named = _words(report.form, rule.text), _name_cells(report.form, rule)
            yield make_finding(rule.id, cells=rule.cells, actual=total, place=place, cells_named=named)


def _reviews(report: Report) -> Iterator[Finding]:
    everything = "\n".join(report.texts.values())
    for rule in report.form.text_rules:
        if rule.id != "reviews" or not everything:
            continue
        if (total := _add_cells(report, rule)) and not narrative_claims.mentions_topic(everything, rule.topic):
            what, named = get_phrase(rule.topic, "topic"), _name_cells(report.form, rule)
            yield make_finding(rule.id, cells=rule.cells, actual=total, what=what, cells_named=named)
