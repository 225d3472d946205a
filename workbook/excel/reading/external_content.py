"""Finds what in a workbook refers to the outside: programs it would start, places it would fetch from, files it opens.

None of it is ever run, followed or written again; it is reported. What a package holds is found by its parts and their
references; what a formula or a name does, by its text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from workbook.excel.reading.ooxml_parts import ExternalPart, PartLinks, parse_part
from workbook.excel.reading.reading_context import WorkbookReading, shorten_text
from workbook.excel.reading.workbook_contents import ExternalReference, ReadBudget
from workbook.model.cell_address import format_address
from workbook.model.finding import Finding, Source
from workbook.model.rule_catalog import get_phrase, make_finding
from workbook.safety.limits import cache_short_texts
from workbook.safety.unsafe_text import make_one_line

MOST = 20
"""So many of one file are told."""

_PARTS = (
    ("vba", re.compile(r"(?:^|/)vbaproject[^/]*\.bin$")),
    ("macrosheet", re.compile(r"(?:^|/)(?:macrosheets|intlmacrosheets|dialogsheets)/[^/]+$")),
    ("object", re.compile(r"(?:^|/)(?:embeddings|activex)/[^/]+$")),
    ("connection", re.compile(r"(?:^|/)(?:connections\.xml|querytables/[^/]+|model/[^/]+)$")),
)
"""What a part is for, by its name in small letters."""
_SAFE = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
"""Links that open a web page or a letter, and only when they are clicked."""
_QUOTED = re.compile('"[^"]*"')
_CALLS = re.compile(
    r"(?<![\w.])(?:WEBSERVICE|FILTERXML|ENCODEURL|RTD|DDE|CALL|REGISTER(?:\.ID)?|EXEC|RUN|FOPEN|FWRITELN?|IMAGE|STOCKHISTORY"
    r"|IMPORT(?:DATA|XML|HTML|FEED|RANGE)|SQL\.REQUEST|CUBE[A-Z]{1,20})\s{0,4}\(",
    re.IGNORECASE,
)
"""Functions that start programs, call libraries, or fetch from the net."""
_DDE = re.compile(r"(?:[\w.]|')\s{0,4}\|\s{0,4}(?:'(?:[^']|''){0,2000}'|[\w.]{1,255})\s{0,4}!")
"""server|'topic'!item: asks another program, which a spreadsheet may start for it."""
_ABROAD = re.compile(r"'[^'\[]{0,255}\[[^'\]]{0,255}\][^']{0,255}'!|\[[^\[\]]{1,255}\][^\s!+*/(),\[\]-]{0,255}!")
"""[1]Sheet!A1 and 'C:\\[x.xlsx]Sheet'!A1."""
_LEADS = re.compile(r'\bHYPERLINK\s{0,4}\((?!\s{0,4}"#)', re.IGNORECASE)
"""HYPERLINK to somewhere else."""
_LATER = re.compile(r"_xl\w{0,8}\.", re.IGNORECASE)
"""What files write before functions younger than the format."""
_WORD = re.compile(r"[^\W\d][\w.]*")
_SHEET = re.compile(r"(?:'[^']{1,64}'|[\w.]{1,64})!")
LONGEST = 16_384
"""No spreadsheet takes a formula of half that length; of a longer one so much is looked at."""

Read = Callable[[str], bytes]


def find_package_references(names: Iterable[str], read: Read, workbooks: Iterable[str]) -> Iterator[ExternalReference]:
    """What the parts of a package are and refer to; `workbooks` are the parts about other workbooks, told elsewhere."""
    names = tuple(names)
    apart = {name.lower() for name in workbooks}
    for kind, pattern in _PARTS:
        if met := [name for name in names if pattern.search(name.lower())]:
            yield ExternalReference(kind, met[0])
    for name in names:
        if name.lower().endswith(".rels") and _owner(name) not in apart and b"xternal" in (data := read(name)):
            for kind, target, _ in parse_part(data, PartLinks("", ReadBudget(), outside=True)).found.values():
                if kind != "hyperlink":
                    yield ExternalReference("fetched", target)
                elif not _SAFE.match(target):
                    yield ExternalReference("opened", target)


def find_external_references(part: bytes) -> ExternalReference | None:
    """What a part about something outside refers to where it is no workbook: DDE or OLE."""
    heard = parse_part(part, ExternalPart(ReadBudget()))
    return ExternalReference(heard.kind, heard.what) if heard.kind else None


def _owner(name: str) -> str:
    """The part whose references that part holds, in small letters."""
    return name.lower().replace("_rels/", "").removesuffix(".rels")


@cache_short_texts(1 << 12, 1 << 10)  # the same few hundred formulas come in every file
def find_formula_references(text: str) -> str:
    """Classify a formula: `started` (a program, or the net), `abroad` (another file), blank for neither."""
    if "|" not in text and "[" not in text and "(" not in text:
        return ""
    text = text[:LONGEST]
    bare = _LATER.sub("", _QUOTED.sub('""', text))
    if _CALLS.search(bare) or _DDE.search(bare):
        return "started"
    return "abroad" if _ABROAD.search(bare) or _LEADS.search(text) else ""


def find_name_cycle(names: Mapping[str, str]) -> tuple[str, ...]:
    """Defined names of which each refers to the next, the last to the first; none where there are none."""
    spelt = {name.lower(): name for name in names}
    refers = {name: _named(text, spelt) for name, text in names.items()}
    done: set[str] = set()
    for first in names:
        way, ahead = {first: None}, [iter(refers[first])]  # in order, and quickly looked up
        while ahead and first not in done:
            following = next(ahead[-1], None)
            if following is None:
                done.add(way.popitem()[0])
                ahead.pop()
            elif following in way:
                along = list(way)
                return (*along[along.index(following) :], following)
            elif following not in done:
                way[following] = None
                ahead.append(iter(refers[following]))
    return ()


def _named(text: str, spelt: Mapping[str, str]) -> list[str]:
    """The names that the text of a name refers to."""
    words = _WORD.findall(_SHEET.sub("", _QUOTED.sub("", text[:LONGEST])))
    return [spelt[word.lower()] for word in words if word.lower() in spelt]


# What is told of a workbook that reaches beyond itself, or goes round in circles: see `outside`


RULES = {
    "started": "structure-active",
    "dde": "structure-active",
    "ole": "structure-active",
    "macrosheet": "structure-active",
    "object": "structure-active",
    "connection": "structure-active",
    "fetched": "structure-active",
    "vba": "structure-macros",
    "opened": "structure-link",
    "abroad": "structure-link",
}
"""Which rule is broken by what a thing does."""


def list_external_findings(reading: WorkbookReading) -> Iterator[Finding]:
    """Programs started, places fetched from, files opened, macros carried, names in a circle: the first of them."""
    yield from islice(_all(reading), MOST)


def _all(reading: WorkbookReading) -> Iterator[Finding]:
    book = reading.view.book
    for kind, what in book.reaches:
        yield _one(kind, what, reading.at())
    for name, text in book.names.items():
        if kind := find_formula_references(text):
            yield _one(kind, f"{name}={text}", reading.at())
    for sheet in book.sheets:
        for place, cell in sheet.cells.items():
            if cell.formula and (kind := find_formula_references(cell.formula)):
                yield _one(kind, f"{sheet.name}!{format_address(*place)}={cell.formula}", reading.at(sheet, place))
        for rule in sheet.validations or ():
            for formula in (rule.formula1, rule.formula2):
                if kind := find_formula_references(formula):
                    where = next(iter(rule.ranges), "")  # one that holds nowhere is told all the same
                    yield _one(kind, f"{sheet.name}!{where}={formula}", reading.at(sheet))
    if names := find_name_cycle(book.names):
        yield make_finding("structure-circle", where=make_one_line(" → ".join(names[:MOST]))).at(reading.at())


def _one(kind: str, what: str, at: Source) -> Finding:
    said = get_phrase(f"reach-{kind}", what=shorten_text(make_one_line(what)))
    return make_finding(RULES[kind], what=said).at(at)
