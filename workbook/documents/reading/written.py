"""The parts of a report written in words: what stands below their headings. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from workbook.documents.reading.blocks import Block, Paragraph
from workbook.documents.reading.writing import Doubt, Manner
from workbook.finding import Source
from workbook.form import Form, Section
from workbook.jsonio import tidy_text
from workbook.reading.labels import fold

LONGER = 6
"""A heading may have so many signs more than the form prints."""
_NUMBER = re.compile(r"^[一二三四五六七八九十0-9]{1,2}")
_LISTED = re.compile(r"^[\s#*]*(?:[一二三四五六七八九十]{1,2}[、.．\s]|[#*])")


class Texts(NamedTuple):
    """The written parts by code, where each begins, and the words in it that were struck out or hardly seen."""

    texts: dict[str, str]
    sources: dict[str, Source]
    left_out: dict[str, tuple[Doubt, ...]]


def written(form: Form, blocks: Sequence[Block]) -> Texts:
    """Paragraphs from each heading of a written part down to the next heading or table."""
    texts: dict[str, list[str]] = {}
    sources: dict[str, Source] = {}
    left_out: dict[str, list[Doubt]] = {}
    heads = _headings(form, blocks)
    current = ""
    for n, block in enumerate(blocks):
        if n in heads:
            section, rest = heads[n]
            current = section.code if section.text else ""
            if current and isinstance(block, Paragraph):
                texts.setdefault(current, []).extend([rest] if rest else [])
                sources.setdefault(f"texts.{current}", block.source)
        elif current and isinstance(block, Paragraph):
            texts.setdefault(current, []).append(block.text if _seen(block) else "")
            left_out.setdefault(current, []).extend(_left_out(block))
    tidy = {code: text for code, lines in texts.items() if (text := tidy_text(_joined(lines)))}
    return Texts(tidy, sources, {code: tuple(some) for code, some in left_out.items()})


def _left_out(block: Paragraph) -> tuple[Doubt, ...]:
    doubts = block.writing.doubts if block.writing else ()
    return tuple(doubt for doubt in doubts if doubt.manner in (Manner.STRUCK, Manner.FAINT))


def _seen(block: Paragraph) -> bool:
    """Whether a line is not faint as a whole."""
    faint = "".join(doubt.text for doubt in _left_out(block))
    return block.writing is None or "".join(faint.split()) != "".join(block.text.split())


def _joined(lines: Sequence[str]) -> str:
    said = (line.strip() for line in lines)
    return "\n".join(line for line in said if line)


def _headings(form: Form, blocks: Sequence[Block]) -> dict[int, tuple[Section, str]]:
    """The paragraphs that are headings of the form's parts, and what is written behind the heading."""
    found: dict[int, tuple[Section, str]] = {}
    for n, block in enumerate(blocks):
        if isinstance(block, Paragraph) and (heading := _heading(form, block.text)):
            found[n] = heading
    return found


def _heading(form: Form, text: str) -> tuple[Section, str] | None:
    line = text.strip()
    folded = fold(line[:80])
    for section in form.sections:
        label = fold(section.label)
        bare = _NUMBER.sub("", label)
        if folded in (label, bare):
            return section, ""
        listed = _LISTED.match(line) and _NUMBER.sub("", folded).startswith(bare)
        if (folded.startswith(label) or listed) and len(fold(line)) <= len(label) + LONGER:
            return section, ""
    return None
