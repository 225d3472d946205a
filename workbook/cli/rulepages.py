"""The rule book for reading: each rule with severity, text, authority, messages, and where the forms apply it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from workbook import identity, rulebook
from workbook.form import Cell, Form
from workbook.forms import form_ids, load
from workbook.rules import (
    Equation,
    IdenticalTest,
    LevelTest,
    MoneyScaleTest,
    Rule,
    Tally,
    rules_of,
    scale_tests,
    sheet_name,
    side,
)
from workbook.safety.messages import Bilingual

if TYPE_CHECKING:
    from workbook.cli.console import Console

Judged = Rule | MoneyScaleTest

MOST_LINES = 8
"""So many columns or rows that share an equation are named; more are counted."""


def stated_by(form: Form) -> tuple[Judged, ...]:
    """Everything a form has judged, its tests of scale included."""
    return (*rules_of(form), *scale_tests(form))


def book_of(forms: Sequence[Form]) -> list[rulebook.Norm]:
    """The rules that can be found broken in these forms: those of any form, and those every file is asked."""
    known = [load(form_id) for form_id in form_ids()]
    some, everywhere = (
        {rule.rule for form in these for rule in stated_by(form)}
        | {one.id for form in these for one in form.text_rules}
        for these in (forms, known)
    )
    return [norm for norm in rulebook.norms().values() if norm.id in some or norm.id not in everywhere]


def readable(forms: Sequence[Form], console: Console) -> Iterator[str]:
    """The rules for the screen."""
    for norm in book_of(forms):
        wording = norm.wording(console.lang)
        severity = console.paint(console.say(norm.severity.value), norm.severity.value)
        yield f"{severity} {console.paint(wording.title, 'strong')} [{norm.id}]"
        yield f"    {wording.text}"
        for form in forms:
            for line in applied(norm.id, form, console):
                yield f"    {form.id} {line.partition(' `')[0]}"
        yield "    " + console.paint(norm.citation, "dim")


def page() -> str:
    """The rule book of all forms as one Markdown text, as docs/ holds it."""
    from workbook.cli.console import Console

    return "\n".join(markdown([load(form_id) for form_id in form_ids()], Console("zh"))) + "\n"


def markdown(forms: Sequence[Form], console: Console) -> Iterator[str]:
    """The rule book as a Markdown page: an overview, then every rule with its messages and its equations."""
    say, lang = console.say, console.lang
    norms = book_of(forms)
    yield f"# {say('rules_title')}"
    yield ""
    yield say("rules_intro")
    yield ""
    yield say("rules_columns")
    yield "|---|---|---|---|"
    for norm in norms:
        wording = norm.wording(lang)
        row = (f"[`{norm.id}`](#{norm.id})", say(norm.severity.value), wording.title, wording.text)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    for norm in norms:
        yield ""
        yield from _entry(norm, forms, console)


def _entry(norm: rulebook.Norm, forms: Sequence[Form], console: Console) -> Iterator[str]:
    say, wording = console.say, norm.wording(console.lang)
    colon = say("colon")
    yield f'## <a id="{norm.id}"></a>`{norm.id}` {wording.title}'
    yield ""
    yield f"**{say(norm.severity.value)}** {wording.text}"
    yield ""
    yield f"- {say('rules_citation')}{colon}{norm.citation}"
    yield f"- {say('rules_message')}{colon}{wording.message}"
    yield f"- {say('rules_fix')}{colon}{wording.fix}"
    lines = [f"  - `{form.id}` {line}" for form in forms for line in applied(norm.id, form, console)]
    if lines:
        yield f"- {say('rules_where')}{colon.rstrip()}"
        yield from lines


def applied(rule_id: str, form: Form, console: Console) -> Iterator[str]:
    """Where a form applies a rule: its equations, one line for all columns or rows that share it."""
    rules = [rule for rule in stated_by(form) if rule.rule == rule_id]
    equations = [rule for rule in rules if isinstance(rule, Equation)]
    for together in _together(equations):
        yield _equation(together, form, console)
    for rule in rules:
        if isinstance(rule, Tally):
            yield _of(rule.table.code, form, console) + console.say("rules_all_cells", count=len(rule.cells))
        elif isinstance(rule, LevelTest):
            named = [level for code in rule.levels if (level := identity.level_named(code))]
            levels = _listed((Bilingual(level.label, level.en) for level in named), console)
            said = console.say("rules_level", lines=rule.line.brief, levels=levels)
            yield _of(rule.table.code, form, console) + said
        elif isinstance(rule, IdenticalTest):
            yield _of(rule.table.code, form, console) + console.say("rules_identical")
        elif isinstance(rule, MoneyScaleTest):
            said = console.say("rules_scale", cell=rule.cell.words, unit=rule.cell.unit.label)
            yield _of(rule.table.code, form, console) + said
    for text in form.text_rules:
        if text.id == rule_id:
            cells = _listed((_placed(form.cell(code), form) for code in text.cells), console)
            yield console.say("rules_text", cells=cells)


def _placed(cell: Cell, form: Form) -> Bilingual:
    sheet = sheet_name(form, cell.table)
    return Bilingual(f"{sheet} {cell.words.zh}", f"{sheet} {cell.words.en}")


def _together(equations: Iterable[Equation]) -> list[list[Equation]]:
    """Equations that say the same of several columns (or rows), together."""
    groups: dict[tuple[str, bool, str, str], list[Equation]] = {}
    for rule in equations:
        left, right = (_names(rule, terms) for terms in (rule.left, rule.right))
        groups.setdefault((rule.table.code, rule.line in rule.table.columns, left, right), []).append(rule)
    return list(groups.values())


def _equation(together: list[Equation], form: Form, console: Console) -> str:
    rule = together[0]
    lang = console.lang
    across, column = rule.table.layout == "across", rule.line in rule.table.columns
    key = "rules_each_row" if across == column else "rules_each_column" if column else "rules_each_group"
    lines = _listed((one.line.brief for one in together), console)
    if len(together) > MOST_LINES:
        lines = console.say("rules_all_lines", count=len(together))
    every = console.say(key, lines=lines)
    sign = "≤" if rule.op == "<=" else "＝" if lang != "en" else "="
    words = f"{side(rule.left, rule).say(lang)} {sign} {side(rule.right, rule).say(lang)}"
    codes = f"{_names(rule, rule.left)} {'<=' if rule.op == '<=' else '='} {_names(rule, rule.right)}"
    return f"{_of(rule.table.code, form, console)}{every}{console.say('colon')}{words} `{codes}`"


def _names(rule: Equation, terms: Sequence[object]) -> str:
    """One side of an equation in codes of rows (or columns), last year's marked `@previous`."""
    down = rule.line in rule.table.columns
    text = ""
    for term in rule.left if terms is rule.left else rule.right:
        code = (term.cell.row if down else term.cell.column).code + ("@previous" if term.previous else "")
        text += (" - " if text else "-") + code if term.sign < 0 else (" + " if text else "") + code
    return text


def _of(table: str, form: Form, console: Console) -> str:
    one = form.table(table)
    return f"{sheet_name(form, one)} {one.words.say(console.lang)} "


def _listed(words: Iterable[Bilingual], console: Console) -> str:
    return console.say("comma").join(word.say(console.lang) for word in words)
