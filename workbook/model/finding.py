"""Findings: what readers, rules and merges report to a user, as one type."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, Self

from workbook.safety.messages import Bilingual


class Severity(StrEnum):
    """How serious a finding is: `ERROR`, `WARNING` or `NOTICE`; each equals its text (`"error"` …)."""

    ERROR = "error"
    """The form or the law forbids it: the report may not be submitted."""
    WARNING = "warning"
    """Probably wrong; the agency may answer it with a reason."""
    NOTICE = "notice"
    """Worth a look; nothing need be done."""


class Source(NamedTuple):
    """Where a value is located: file, sheet and A1 reference of a workbook, or file and JSON pointer."""

    file: str = ""
    sheet: str = ""
    cell: str = ""

    def __str__(self) -> str:
        """The place as a user looks it up: `表三!D27`, or `/tables/requests/new/person`."""
        return f"{self.sheet}!{self.cell}" if self.sheet else self.cell


NOWHERE = Source()
"""No place known."""

Fact = str | int | Decimal | Bilingual | None
"""What a message may mention."""


@dataclass(frozen=True, slots=True, repr=False)
class Finding:
    """One thing that is wrong, doubtful or worth knowing in one report.

    `rule` names an entry of the rule book (`docs/rules.md`), which holds severity, citation and wording; `facts` fill
    that wording. `cells` are cell codes of the form, the one to look at first in front; `source` is where that first
    one is located. `actual`, `expected` and `difference` are in the cell's own unit (件, 万元, 元), or None where the
    rule compares nothing. `figures` is the fingerprint of the figures that an answer to this finding answers for;
    `answer` the reason that the agency gave, blank if it gave none that still holds.

    `str(finding)` is its message in Chinese; `message("en")` is in English.

    >>> finding = workbook.check("某某局2024.xlsx")[0]
    >>> finding.rule, str(finding.severity), str(finding.source)
    ('results-total', 'error', '表三!D29')
    >>> print(finding)
    表三“自然人”列：（七）总计填 0，各项办理结果之和为 4，相差 -4。
    """

    rule: str
    severity: Severity
    cells: tuple[str, ...] = ()
    source: Source = NOWHERE
    actual: int | Decimal | str | None = None
    expected: int | Decimal | str | None = None
    difference: int | Decimal | None = None
    facts: tuple[tuple[str, Fact], ...] = ()
    figures: str = ""
    answer: str = ""

    def at(self, source: Source) -> Self:
        """Return the same finding, located at `source`."""
        return replace(self, source=source)

    def message(self, lang: str = "zh") -> str:
        """Return what is wrong in one sentence: the place, what is there, what was expected. `lang`: `zh` or `en`."""
        from workbook.model.rule_catalog import format_message

        return format_message(self, lang)

    def advice(self, lang: str = "zh") -> str:
        """Return what to do about it, in one sentence. `lang`: `zh` or `en`."""
        from workbook.model.rule_catalog import format_advice

        return format_advice(self, lang)

    def __str__(self) -> str:
        return self.message()

    def __repr__(self) -> str:
        place = f" at {self.source}" if str(self.source) else ""
        return f"<Finding {self.rule}, {self.severity}{place}: {self.actual!r}, expected {self.expected!r}>"


class FindingList(list[Finding]):
    """A list of findings, shown one to a line in a console and as a table in a notebook."""

    def __repr__(self) -> str:
        lines = [f"{found.severity} {found.source} {found}" for found in self[:SHOWN]]
        more = [f"… {len(self) - SHOWN} more"] if len(self) > SHOWN else []
        return "\n".join([f"<{len(self)} findings>", *lines, *more])

    def _repr_html_(self) -> str:
        """Return the table that a notebook shows."""
        rows = [(found.severity, found.source, found.message(), found.advice()) for found in self[:SHOWN]]
        return format_html_table(f"{len(self)} findings", ("severity", "source", "message", "advice"), rows)


SHOWN = 60
"""How many lines a notebook or console shows of a long list."""


def format_html_table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return an HTML table for a notebook, with every text escaped."""
    import html

    cells = [
        "".join(f"<{tag}>{html.escape(str(text))}</{tag}>" for text in row)
        for tag, row in [("th", headings), *(("td", row) for row in rows)]
    ]
    return f"<table><caption>{html.escape(caption)}</caption>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"
