"""What a letter says of the cells of one report: place, what is there, what was expected, what to do, by what rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from workbook.finding import Finding, Severity
from workbook.harmless import line
from workbook.rulebook import advice, citation, message, norms, title
from workbook.safety.messages import load_messages

messages = load_messages("workbook.merging.chase")

COMPARING = frozenset({"equation", "previous", "merge"})
"""Kinds of rules whose findings compare figures of cells; others count cells, say, and tell what matters in words."""


def one_line(text: str) -> str:
    """What strangers wrote, on one line and without signs that steer anything."""
    return line(text).strip()


def sentence(text: str) -> str:
    """The text on one line, ended with a stop; nothing of nothing."""
    text, stop = one_line(text), messages.text("letter.stop")
    return text if not text or text.endswith((stop, "！", "？", "；")) else text + stop


_COMMAND = re.compile(r"\bogi (?:new|repair|import|export|check|merge|roster|schema)\b|(?<!\S)--[a-z]{2,}")


def for_agencies(text: str) -> str:
    """What the merge says to the coordinator, as it is said to an agency: without commands, which it does not have."""
    for words, instead in messages.entry("letter.reworded"):
        text = text.replace(words, instead)
    if not _COMMAND.search(text):
        return text
    text = re.sub(r"（[^（）]*）", lambda note: "" if _COMMAND.search(note[0]) else note[0], text)
    clauses = re.findall("[，；：。]?[^，；：。]+|[，；：。]", text)
    return "".join(clause for clause in clauses if not _COMMAND.search(clause)).strip("，；：")


def cells(findings: Sequence[Finding]) -> Iterator[str]:
    """What an agency has to look at in one file, errors first; answered and notices are left out."""
    for severity, key in ((Severity.ERROR, "errors"), (Severity.WARNING, "warnings")):
        some = [found for found in findings if found.severity is severity and not found.answer]
        if some:
            yield messages.text("letter.indent") + messages.text(f"letter.{key}", n=len(some))
        for number, found in enumerate(some, 1):
            yield from _cell(number, found)


def _cell(n: int, found: Finding) -> Iterator[str]:
    """One finding: place, what is there, what was expected, what to do, on whose authority."""
    indent = messages.text("letter.indent")
    said, place = one_line(message(found)), str(found.source)
    yield indent + messages.text("letter.finding", n=n, place=f"{place}　" if place else "", title=title(found))
    yield indent * 2 + messages.text("letter.what", message=said)
    if compared := _compared(found, said):
        yield indent * 2 + messages.text("letter.compared", compared=compared)
    if what := for_agencies(one_line(advice(found))).strip("。"):
        yield indent * 2 + messages.text("letter.advice", advice=f"{what}。")
    yield indent * 2 + messages.text("letter.citation", citation=for_agencies(citation(found)))


def _compared(found: Finding, said: str) -> str:
    """What is there, what was expected and the difference, where figures are compared and the message tells not all."""
    if norms()[found.rule].kind not in COMPARING:
        return ""
    figures = {"actual": found.actual, "expected": found.expected, "difference": found.difference}
    more = {key: _figure(value) for key, value in figures.items() if value is not None}
    if all(_tells(said, value) for value in more.values()):
        return ""
    parts = [messages.text(f"letter.{key}", value=one_line(value)) for key, value in more.items()]
    return messages.text("letter.comma").join(parts)


def _figure(value: int | Decimal | str) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _tells(said: str, value: str) -> bool:
    return re.search(rf"(?<![\d.-]){re.escape(value)}(?![\d.]\d)(?!\d)", said) is not None
