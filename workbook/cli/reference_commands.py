"""`ogi forms`, `ogi schema`, `ogi rules`: what the product knows, printed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from workbook.cli.console import messages
from workbook.cli.file_arguments import check_output_paths
from workbook.model import identity, rule_catalog
from workbook.model.form import LAST, Cell, Form
from workbook.model.form_loader import list_form_ids, list_supplements, load_form
from workbook.rules.rule_types import (
    AgencyLevelTest,
    CellDemand,
    Equation,
    EquationTerm,
    IdenticalToLastYearTest,
    MoneyScaleTest,
    describe_side,
    get_sheet_name,
    list_rules_with_scale_tests,
)
from workbook.safety import atomic_write
from workbook.safety.messages import Bilingual, UserError, join_texts

if TYPE_CHECKING:
    import argparse

    from workbook.cli.console import Console


def get_form(form_id: str) -> Form:
    """The form of that id. UserError, naming those there are, where there is none."""
    if form_id not in list_form_ids():
        raise UserError(messages.get("unknown_form", form=form_id, known="、".join(list_form_ids())))
    return load_form(form_id)


def run_forms(args: argparse.Namespace, console: Console) -> int:  # noqa: ARG001 - every command takes both
    """List the forms: years, instrument, size, tables, supplements."""
    for form_id in list_form_ids():
        for line in _describe_form(load_form(form_id), console):
            console.out(line)
    return 0


def _describe_form(form: Form, console: Console) -> Iterator[str]:
    years = form.years
    key = "forms_since" if years.until == LAST else "forms_years"
    said = console.say(key, **{"from": years.from_, "until": years.until})
    issued = form.citation
    facts = {"id": form.id, "years": said, "number": issued.number, "by": issued.by, "cells": len(form.cells)}
    yield console.paint(console.say("forms_line", **facts), "strong")
    for table in form.tables:
        sheet = get_sheet_name(form, table)
        size = {"rows": len(table.rows), "columns": len(table.columns)}
        yield console.say("forms_table", sheet=sheet, title=table.words, **size)
    for added in list_supplements(form.id):
        size = {"rows": len(added.rows), "rules": len(added.rules)}
        yield console.say("forms_supplement", region=added.region, number=added.citation.number, **size)


def run_schema(args: argparse.Namespace, console: Console) -> int:
    """Print the JSON Schema of a form, or write it to a file."""
    from workbook.exchange.json_schema import build_schema

    form = get_form(args.form or list_form_ids()[-1])
    text = json.dumps(build_schema(form), ensure_ascii=False, indent=1)
    if args.output is None:
        console.out(text)
        return 0
    (target,) = check_output_paths([args.output], [], force=args.force)
    with atomic_write.choose_output_path(target, force=args.force) as place:
        atomic_write.write_text(place, text + "\n")
    console.out(console.say("made", file=target))
    return 0


def run_rules(args: argparse.Namespace, console: Console) -> int:
    """Print the rule book, for reading or as Markdown."""
    forms: Sequence[Form] = [get_form(args.form)] if args.form else [load_form(form_id) for form_id in list_form_ids()]
    lines = format_rules_as_markdown(forms, console) if args.markdown else format_rules_for_screen(forms, console)
    for line in lines:
        console.out(line)
    return 0


# The rule book for reading: each rule with severity, text, authority, messages, and where the forms apply it


MOST_LINES = 8
"""So many columns or rows that share an equation are named; more are counted."""


def list_rules_of_forms(forms: Sequence[Form]) -> list[rule_catalog.RuleEntry]:
    """The rules that can be found broken in these forms: those of any form, and those every file is asked."""
    known = [load_form(form_id) for form_id in list_form_ids()]
    some, everywhere = (
        {rule.rule for form in these for rule in list_rules_with_scale_tests(form)}
        | {one.id for form in these for one in form.text_rules}
        for these in (forms, known)
    )
    return [entry for entry in rule_catalog.get_rule_book().values() if entry.id in some or entry.id not in everywhere]


def format_rules_for_screen(forms: Sequence[Form], console: Console) -> Iterator[str]:
    """The rules for the screen."""
    for entry in list_rules_of_forms(forms):
        wording = entry.wording(console.lang)
        severity = console.paint(console.say(entry.severity.value), entry.severity.value)
        yield f"{severity} {console.paint(wording.title, 'strong')} [{entry.id}]"
        yield f"    {wording.text}"
        for form in forms:
            for line in describe_rule_use(entry.id, form, console):
                yield f"    {form.id} {line.partition(' `')[0]}"
        yield "    " + console.paint(entry.citation, "dim")


def write_rules_page() -> str:
    """The rule book of all forms as one Markdown text, as docs/ holds it."""
    from workbook.cli.console import Console

    return (
        "\n".join(format_rules_as_markdown([load_form(form_id) for form_id in list_form_ids()], Console("zh"))) + "\n"
    )


def format_rules_as_markdown(forms: Sequence[Form], console: Console) -> Iterator[str]:
    """The rule book as a Markdown page: an overview, then every rule with its messages and its equations."""
    say, lang = console.say, console.lang
    entries = list_rules_of_forms(forms)
    yield f"# {say('rules_title')}"
    yield ""
    yield say("rules_intro")
    yield ""
    yield say("rules_columns")
    yield "|---|---|---|---|"
    for entry in entries:
        wording = entry.wording(lang)
        row = (f"[`{entry.id}`](#{entry.id})", say(entry.severity.value), wording.title, wording.text)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    for entry in entries:
        yield ""
        yield from _format_entry(entry, forms, console)


def _format_entry(entry: rule_catalog.RuleEntry, forms: Sequence[Form], console: Console) -> Iterator[str]:
    say, wording = console.say, entry.wording(console.lang)
    colon = say("colon")
    yield f'## <a id="{entry.id}"></a>`{entry.id}` {wording.title}'
    yield ""
    yield f"**{say(entry.severity.value)}** {wording.text}"
    yield ""
    yield f"- {say('rules_citation')}{colon}{entry.citation}"
    yield f"- {say('rules_message')}{colon}{wording.message}"
    yield f"- {say('rules_fix')}{colon}{wording.fix}"
    lines = [f"  - `{form.id}` {line}" for form in forms for line in describe_rule_use(entry.id, form, console)]
    if lines:
        yield f"- {say('rules_where')}{colon.rstrip()}"
        yield from lines


def describe_rule_use(rule_id: str, form: Form, console: Console) -> Iterator[str]:
    """Where a form applies a rule: its equations, one line for all columns or rows that share it."""
    rules = [rule for rule in list_rules_with_scale_tests(form) if rule.rule == rule_id]
    equations = [rule for rule in rules if isinstance(rule, Equation)]
    for together in _group_alike(equations):
        yield _describe_equation(together, form, console)
    for rule in rules:
        if isinstance(rule, CellDemand):
            yield _name_table(rule.table.code, form, console) + console.say("rules_all_cells", count=len(rule.cells))
        elif isinstance(rule, AgencyLevelTest):
            named = [level for code in rule.levels if (level := identity.find_level(code))]
            levels = join_texts(Bilingual(level.label, level.en) for level in named)
            said = console.say("rules_level", lines=rule.line.brief, levels=levels)
            yield _name_table(rule.table.code, form, console) + said
        elif isinstance(rule, IdenticalToLastYearTest):
            yield _name_table(rule.table.code, form, console) + console.say("rules_identical")
        elif isinstance(rule, MoneyScaleTest):
            said = console.say("rules_scale", cell=rule.cell.words, unit=rule.cell.unit.label)
            yield _name_table(rule.table.code, form, console) + said
    for text in form.text_rules:
        if text.id == rule_id:
            cells = join_texts(_name_cell(form.cell(code), form) for code in text.cells)
            yield console.say("rules_text", cells=cells)


def _name_cell(cell: Cell, form: Form) -> Bilingual:
    sheet = get_sheet_name(form, cell.table)
    return Bilingual(f"{sheet} {cell.words.zh}", f"{sheet} {cell.words.en}")


def _group_alike(equations: Iterable[Equation]) -> list[list[Equation]]:
    """Equations that say the same of several columns (or rows), together."""
    groups: dict[tuple[str, bool, str, str], list[Equation]] = {}
    for rule in equations:
        left, right = (_write_codes(rule, terms) for terms in (rule.left, rule.right))
        groups.setdefault((rule.table.code, rule.line in rule.table.columns, left, right), []).append(rule)
    return list(groups.values())


def _describe_equation(together: list[Equation], form: Form, console: Console) -> str:
    rule = together[0]
    lang = console.lang
    across, column = rule.table.layout == "across", rule.line in rule.table.columns
    key = "rules_each_row" if across == column else "rules_each_column" if column else "rules_each_group"
    lines = join_texts(one.line.brief for one in together)
    if len(together) > MOST_LINES:
        lines = messages.get("rules_all_lines", count=len(together))
    every = console.say(key, lines=lines)
    symbol = "≤" if rule.op == "<=" else "＝" if lang != "en" else "="
    words = f"{describe_side(rule.left, rule).say(lang)} {symbol} {describe_side(rule.right, rule).say(lang)}"
    codes = f"{_write_codes(rule, rule.left)} {'<=' if rule.op == '<=' else '='} {_write_codes(rule, rule.right)}"
    return f"{_name_table(rule.table.code, form, console)}{every}{console.say('colon')}{words} `{codes}`"


def _write_codes(rule: Equation, terms: Sequence[EquationTerm]) -> str:
    """One side of an equation in codes of rows (or columns), last year's marked `@previous`."""
    down = rule.line in rule.table.columns
    text = ""
    for term in terms:
        code = (term.cell.row if down else term.cell.column).code + ("@previous" if term.previous else "")
        text += (" - " if text else "-") + code if term.sign < 0 else (" + " if text else "") + code
    return text


def _name_table(table: str, form: Form, console: Console) -> str:
    one = form.table(table)
    return f"{get_sheet_name(form, one)} {one.words.say(console.lang)} "
