"""Turns what reading and checking one file gave into a record that can be cached, and back: plain JSON, exact figures.

The head is what telling agencies apart needs; the body holds figures, findings and the reasons given for them. Where
the figures are located is the same in thousands of files of one template, so those places are stored once, by their
digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from functools import cache
from typing import Any, NamedTuple

import msgspec

from workbook.model.finding import Fact, Finding, Severity, Source
from workbook.model.form import Form
from workbook.model.form_loader import load_form
from workbook.model.identity import Identity
from workbook.model.numbers import EXACT, Number, Value
from workbook.model.report import Answer, SharedLocations
from workbook.rules.evaluation import Submission
from workbook.safety.messages import Bilingual
from workbook.safety.unsafe_text import replace_surrogates

Places = Mapping[str, tuple[str, str]]
"""Cell code → sheet and reference (or JSON pointer)."""


class RecordHead(NamedTuple):
    """What is compared between files: form and year, whose it is, its figures by digest, and how much is wrong."""

    form: str
    fingerprint: str
    year: int | None
    agency: Identity
    figures: str
    errors: int
    warnings: int
    reader: str
    template: str
    control: Decimal
    """All its figures added, in base units: what a merge must find again in its sums."""


class FileRecord(NamedTuple):
    """One file as it is cached: head and body as JSON, and the digest of the places of its figures."""

    head: str
    body: str
    places: str


def make_record(submission: Submission, findings: Sequence[Finding]) -> tuple[FileRecord, str]:
    """The record of a file that was read, and its places as JSON."""
    report, before = submission.report, submission.previous
    agency = report.agency
    head = [
        report.form.id,
        report.form.fingerprint,
        report.year,
        [agency.name, agency.code, agency.region, agency.level, agency.contact, agency.revision],
        hash_report_figures(report.values),
        count_findings(findings, Severity.ERROR),
        count_findings(findings, Severity.WARNING),
        submission.reader,
        submission.template,
        str(sum_control_total(report.values)),
    ]
    places, digest = _dump_places(report.sources)
    carried = None if before is None else [before.year, list(before.values)]
    body = [list(report.values), carried, [_dump_finding(one) for one in findings], report.answers]
    return FileRecord(_dump(head), _dump(body), digest), places


def hash_report_figures(values: Sequence[Value]) -> str:
    """The digest of a report's figures: equal for equal figures of one form; 3 and 3.0 are the same integer."""
    return _hash(_dump([_normalize(value) if isinstance(value, Decimal) else value for value in values]))


def _normalize(number: Decimal) -> Number:
    return int(number) if number == number.to_integral_value() else number.normalize(EXACT)


_SHARED: dict[int, tuple[Places, str, str]] = {}
LAYOUTS_HELD = 64
"""The places of so many workbook layouts are held in memory; the oldest goes first."""


def _dump_places(sources: Mapping[str, Source]) -> tuple[str, str]:
    """The places as JSON, and their digest; of places that many files share, made once."""
    if not isinstance(sources, SharedLocations):
        text = _dump({code: [at.sheet, at.cell] for code, at in sources.items()})
        return text, _hash(text)
    known = _SHARED.get(id(sources.places))
    if known is None or known[0] is not sources.places:
        if len(_SHARED) >= LAYOUTS_HELD:  # the oldest goes
            del _SHARED[next(iter(_SHARED))]
        text = _dump(dict(sources.places))
        known = _SHARED[id(sources.places)] = sources.places, text, _hash(text)
    return known[1:]


def count_findings(findings: Sequence[Finding], severity: Severity) -> int:
    """How many findings of that severity there are; answered ones do not count."""
    return sum(1 for found in findings if found.severity is severity and not found.answer)


def read_record_head(text: str) -> RecordHead:
    """The head, read back. ValueError, TypeError, LookupError where it is none."""
    form, fingerprint, year, agency, figures, errors, warnings, reader, template, added = msgspec.json.decode(text)
    return RecordHead(
        form, fingerprint, year, Identity(*agency), figures, errors, warnings, reader, template, Decimal(added)
    )


def sum_control_total(values: Sequence[Value]) -> Number:
    """All figures added, whatever they count: blank cells and words add nothing."""
    numbers = [value for value in values if value is not None and not isinstance(value, str)]
    with localcontext(EXACT):
        return sum(numbers)


def read_record_places(text: str) -> Places:
    """The places, read back."""
    return {code: (sheet, cell) for code, (sheet, cell) in msgspec.json.decode(text).items()}


def dump_findings(found: Sequence[Finding]) -> str:
    """Findings as JSON, without their file name."""
    return _dump([_dump_finding(one) for one in found])


def load_findings(text: str | msgspec.Raw, file: str) -> tuple[Finding, ...]:
    """Findings, read back; `file` is the name they give as their source."""
    return tuple(_load_finding(one, file) for one in msgspec.json.decode(text))


class RecordBody:
    """Figures, last year's as the file carried them, findings and the reasons given; each is decoded when asked for.

    A merge asks thousands of records for their figures alone, several times. All reasons are stored: one may answer a
    finding that only appears with last year's report as it was submitted.
    """

    def __init__(self, text: str) -> None:
        self._values, self._carried, self._findings, self._answers = _split_body(text)

    @property
    def values(self) -> tuple[Value, ...]:
        """The figures, in form order."""
        return _load_values(self._values)

    @property
    def carried(self) -> tuple[int | None, tuple[Value, ...]] | None:
        """Year and figures of the year before; None where the file has none."""
        carried = msgspec.json.decode(self._carried)
        return None if carried is None else (carried[0], _load_values(carried[1]))

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The reasons given."""
        answers = msgspec.json.decode(self._answers)
        return tuple(Answer(rule, tuple(cells), reason, figures) for rule, cells, reason, figures in answers)

    def load_findings(self, file: str) -> tuple[Finding, ...]:
        """The findings; `file` is the name they give as their source."""
        return load_findings(self._findings, file)


_split_body = msgspec.json.Decoder(tuple[tuple[Any, ...], msgspec.Raw, msgspec.Raw, msgspec.Raw]).decode


_FORMS: dict[str, Form] = {}


def get_record_form(form_id: str, region: str, fingerprint: str) -> Form:
    """The form of that fingerprint: one object, however many reports are made in it."""
    known = _FORMS.get(fingerprint)
    if known is None:
        known = load_form(form_id, region)
        if known.fingerprint != fingerprint:
            raise LookupError(f"no form {form_id} with fingerprint {fingerprint}")
        _FORMS[fingerprint] = known
    return known


# plain data -----------------------------------------------------------------------------------------------------------


def _dump(data: object) -> str:
    """As JSON that can be stored: half a surrogate pair of a broken text cannot, and becomes U+FFFD."""
    return replace_surrogates(json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=_dump_decimal))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _dump_decimal(value: object) -> object:
    if isinstance(value, Decimal):
        return {"d": str(value)}
    raise TypeError(f"{type(value).__name__} is no figure")


def _load_values(plain: Sequence[Any]) -> tuple[Value, ...]:
    if dict not in map(type, plain):
        return tuple(plain)
    return tuple(Decimal(one["d"]) if isinstance(one, dict) else one for one in plain)


def _dump_finding(found: Finding) -> list[object]:
    facts = [[name, list(fact) if isinstance(fact, Bilingual) else fact] for name, fact in found.facts]
    compared = [found.actual, found.expected, found.difference]
    source = [found.source.sheet, found.source.cell, bool(found.source.file)]
    return [found.rule, found.severity.value, found.cells, source, compared, facts, found.figures, found.answer]


@cache
def _severity(text: str) -> Severity:
    return Severity(text)


def _load_finding(plain: Sequence[Any], file: str) -> Finding:
    rule, severity, cells, (sheet, cell, placed), compared, facts, figures, answer = plain
    actual, expected, difference = (Decimal(one["d"]) if isinstance(one, dict) else one for one in compared)
    return Finding(
        rule,
        _severity(severity),
        tuple(cells),
        Source(file if placed else "", sheet, cell),
        actual,
        expected,
        difference,
        tuple((name, _load_fact(fact)) for name, fact in facts),
        figures,
        answer,
    )


def _load_fact(plain: Any) -> Fact:  # noqa: ANN401 -- what JSON gives
    if isinstance(plain, list):
        return Bilingual(*plain)
    return Decimal(plain["d"]) if isinstance(plain, dict) else plain
