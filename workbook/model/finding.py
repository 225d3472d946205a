"""What a user is told: one type, whoever found it (reader, rule, merge)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, Self

from workbook.safety.messages import Bilingual


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    """The form or the law forbids it: the report may not be filed."""
    WARNING = "warning"
    """Probably wrong; may be answered with a reason."""
    NOTICE = "notice"
    """Worth a look; nothing need be done."""


class Source(NamedTuple):
    """Where a value stood: file, sheet and A1 reference of a workbook, or file and JSON pointer."""

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


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, doubtful or worth knowing in one report.

    `rule` names an entry of the rule book (`workbook/model/rules.toml`), which holds severity, citation and the
    wording of
    the message; `facts` fill that wording. `cells` are codes of the form (`requests.results.person`), the one to look
    at first in front; `source` is where that first one stands. `actual`, `expected` and `difference` are in the cell's
    own unit (件, 万元, 元), or None where the rule compares nothing. `figures` is the fingerprint of the figures that
    an answer to this finding would answer for; `answer` the reason given, once one that still holds was found.
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
        """The same finding, placed."""
        return replace(self, source=source)
