"""The parts of a report written in words: the paragraphs of a document below their headings. Pure.

This is where a heading is recognised, and where it is decided which words of a paragraph belong to the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from workbook.documents.reading.document_blocks import Block, Paragraph
from workbook.documents.reading.text_visibility import TextDoubt, WritingManner
from workbook.excel.reading.label_index import fold_label
from workbook.model.finding import Source
from workbook.model.form import Form, Section
from workbook.model.text_normalization import tidy_text

LONGER = 6
"""A heading may have so many characters more than the form prints."""
_NUMBER = re.compile(r"^[一二三四五六七八九十0-9]{1,2}")
"""The number of a heading once it is folded: 一 of 一总体情况."""
_LISTED = re.compile(r"^[\s#*]*(?:[一二三四五六七八九十]{1,2}[、.．\s]|[#*])")
"""What a line begins with that is a heading, whatever its number: `二、`, `## `, `**三.`."""


class NarrativeParts(NamedTuple):
    """The written parts by code, where each begins, and the words in it that were struck out or hardly seen."""

    texts: dict[str, str]
    sources: dict[str, Source]
    left_out: dict[str, tuple[TextDoubt, ...]]


def read_narrative_parts(form: Form, blocks: Sequence[Block]) -> NarrativeParts:
    """Paragraphs from each heading of a written part down to the next heading or table."""
    lines: dict[str, list[str]] = {}
    sources: dict[str, Source] = {}
    left_out: dict[str, tuple[TextDoubt, ...]] = {}
    current = ""
    for block in blocks:
        if not isinstance(block, Paragraph):
            continue
        if section := _find_heading(form, block.text):
            current = section.code if section.text else ""
            if current:
                lines.setdefault(current, [])
                sources.setdefault(f"texts.{current}", block.source)
        elif current:
            doubts = _list_left_out(block)
            lines[current].append("" if _is_faint(block, doubts) else block.text.strip())
            left_out[current] = (*left_out.get(current, ()), *doubts)
    texts = {code: tidy_text("\n".join(filter(None, some))) for code, some in lines.items()}
    return NarrativeParts({code: text for code, text in texts.items() if text}, sources, left_out)


def _list_left_out(block: Paragraph) -> tuple[TextDoubt, ...]:
    """The words of a paragraph that are no part of its text."""
    left_out = (WritingManner.STRUCK, WritingManner.FAINT)
    return tuple(doubt for doubt in block.readings.doubts if doubt.manner in left_out)


def _is_faint(block: Paragraph, doubts: Sequence[TextDoubt]) -> bool:
    """Whether a line is faint or struck out throughout: then it is no part of the text."""
    faint = "".join(doubt.text for doubt in doubts)
    return block.visible is not None and "".join(faint.split()) == "".join(block.text.split())


def _find_heading(form: Form, text: str) -> Section | None:
    """The part of the form whose heading a line is, with or without its number; None where it is none."""
    line = text.strip()
    folded = fold_label(line[:80])
    for section in form.sections:
        label = fold_label(section.label)
        bare = _NUMBER.sub("", label)
        if folded in (label, bare):
            return section
        listed = _LISTED.match(line) and _NUMBER.sub("", folded).startswith(bare)
        if (folded.startswith(label) or listed) and len(fold_label(line)) <= len(label) + LONGER:
            return section
    return None
