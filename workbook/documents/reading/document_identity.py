"""Whose report a document is, and of which year: from its title, what it states of its figures, or the file's name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from workbook.documents.reading.document_blocks import Block, Paragraph, TableGrid
from workbook.excel.reading.entry_reader import REPORT, SUBJECT, TITLE
from workbook.model import identity
from workbook.model.finding import Source
from workbook.model.form import Form
from workbook.model.identity import Identity
from workbook.safety.messages import load_messages

messages = load_messages("workbook.documents.reading")

_NAME_YEAR = re.compile(r"(?P<name>[^\s\d:：（(《_\]]{2,40}?)[（(_]?(?P<year>20\d\d)年?度?[）)]?年?度?$")
"""What a title says before 政府信息公开: `某局2023年`, `某局（2023）年度`."""
_YEAR_NAME = re.compile(r"(?:^|[^\d])(?P<year>20\d\d)年?度?(?P<name>[^\s\d:：（(《_]{2,40})$")
"""The same with the year first: `2023年某局`."""
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_YEAR_IN_TEXT = re.compile(r"(?<!\d)(20\d\d)\s*年")
_NAME_IN_FILE_NAME = re.compile(r"(?:^|[_\s\-])(?P<name>[\u4e00-\u9fff]{3,30})[_\s\-]*20\d\d")
"""The name in the name of a file: `某区统计局` of `3_某区统计局-2023`."""
HEAD = 12
"""In how many paragraphs from the top a title is looked for."""
MOST = 3
"""So many times must a year be spoken of, and no other as often, where nothing else states it."""
LABEL = 20
"""No label on a cover is longer."""


class DocumentIdentity(NamedTuple):
    """The agency, the report year, and where each was found."""

    agency: Identity
    year: int | None
    sources: dict[str, Source]


def identify_document(form: Form, blocks: Sequence[Block], path: Path) -> DocumentIdentity:
    """Read name, year and, from a cover, the revision; what is not stated stays blank.

    What a cover states in doubt (a name “—”, the year “去年”) counts only where nothing else states it.
    """
    given: dict[str, tuple[str, Source]] = {}
    doubtful: dict[str, tuple[str, Source]] = {}
    paragraphs = [b for b in blocks if isinstance(b, Paragraph) and b.text.strip()]
    head = [b for b in paragraphs if b.visible is None][:HEAD]
    head += [b for b in paragraphs[:HEAD] if b.visible is not None]  # a title may seem faint
    for block in blocks:
        if isinstance(block, TableGrid):
            for code, text, source, certain in _read_cover(block):
                (given if certain else doubtful).setdefault(code, (text, source))
    for n, block in enumerate(head):
        for text in (block.text, "".join(p.text for p in head[n : n + 2])):
            for code, part in _read_title(text).items():
                given.setdefault(code, (part, block.source))
    if "year" not in given:
        for block in paragraphs:
            spelled = identity.spell_years_in_digits("".join(block.text.split()))
            if match := re.search(messages.text("year.stated"), spelled):
                given["year"] = match[1], block.source
                break
    for code, part in _read_file_name(path.stem).items():
        given.setdefault(code, (part, Source(path.name)))
    if "year" not in given and (year := _find_spoken_year(form, paragraphs)):
        given["year"] = year
    given = {**doubtful, **given}
    texts = {code: text for code, (text, _) in given.items()}
    agency = Identity(
        texts.get("name", ""),
        revision=identity.parse_revision(texts.get("revision")) or 0,
        unreadable=identity.list_unreadable_fields(texts),
    )
    sources = {f"agency.{code}": source for code, (_, source) in given.items()}
    return DocumentIdentity(agency, identity.parse_year(texts.get("year")), sources)


def _read_cover(table: TableGrid) -> Iterator[tuple[str, str, Source, bool]]:
    """Name, year and revision beside their labels, as on the cover of a workbook; and whether each is certain.

    Beside another word than the label of the cover, only what is certain is one of them.
    """
    for _, line in table.lines():
        for label, value in pairwise(line):
            named = identity.find_identity_field(label.text) if len(label.text) < LABEL else None
            text = value.text.strip()
            if named is None or not text:
                continue
            ours = "".join(label.text.split()).rstrip(":：") == named.label
            if named.code == "name":
                certain = not identity.is_doubtful_name(text)
            elif named.code == "year" and len(text) < LABEL:
                years = set(_YEAR.findall(identity.spell_years_in_digits(text)))
                certain = identity.parse_year(text) is not None or len(years) == 1
                text = years.pop() if len(years) == 1 else text
            elif named.code == "revision" and ours and len(text) < LABEL:
                certain = identity.parse_revision(text) is not None
            else:
                continue
            if certain or ours:
                yield named.code, text, value.source, certain


def _read_title(text: str) -> dict[str, str]:
    """Agency and year from a title such as 某局2023年政府信息公开工作年度报告."""
    if len(text) > TITLE:
        return {}
    before, found, after = map(identity.spell_years_in_digits, "".join(text.split()).partition(SUBJECT))
    before = before.rpartition("]")[2]
    if not found or REPORT not in after:
        return {}
    match = _NAME_YEAR.search(before) or _YEAR_NAME.search(before)
    if match:
        return match.groupdict()
    year = _YEAR.search(before + after)
    return {"year": year[1]} if year else {}


def _read_file_name(stem: str) -> dict[str, str]:
    """Agency and year from the name of the file."""
    if title := _read_title(stem):
        return title
    stem = identity.spell_years_in_digits(stem)
    years = set(_YEAR.findall(stem))
    if len(years) != 1:
        return {}
    match = _NAME_IN_FILE_NAME.search(stem)
    return {"year": years.pop(), **({"name": match["name"]} if match else {})}


def _find_spoken_year(form: Form, paragraphs: Sequence[Paragraph]) -> tuple[str, Source] | None:
    """The year a text speaks of all the time: one for which the form at hand may be, and no other nearly as often."""
    texts = [(identity.spell_years_in_digits(block.text), block.source) for block in paragraphs]
    counts = Counter(year for text, _ in texts for year in _YEAR_IN_TEXT.findall(text)).most_common(2)
    if not counts or counts[0][1] < MOST or (len(counts) > 1 and counts[1][1] * 2 > counts[0][1]):
        return None
    year = counts[0][0]
    source = next(source for text, source in texts if year in text)
    return (year, source) if int(year) in form.years else None
