"""One line of the sheet 校验: what it compares, as formulas, and what these compute to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from workbook import rulebook
from workbook.finding import Severity
from workbook.numbers import Number
from workbook.rules import Rule
from workbook.template.places import Spot


class Value(NamedTuple):
    """What a line's formulas compute to: left, right, difference, status word key, present figures."""

    left: Number | str
    right: Number | str
    difference: Number | str
    status: str
    present: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of 校验.

    `code` names it (`requests.balance.person`); `cells` are those of its finding; `link` where “查看” leads. `left`,
    `right` are formulas without the equals sign; `test` a condition over {left}, {right}, {difference} for passing;
    `known` the condition under which the line can be judged at all; `waiting` the status word where it cannot;
    `present` a formula for the figures an answer answers for. `judged` is what Python judges.
    """

    code: str
    rule: str
    where: str
    what: str
    link: Spot
    left: str
    right: str
    test: str
    waiting: str
    known: str = "ISNUMBER({difference})"
    failed: str = ""
    cells: tuple[str, ...] = ()
    present: str = ""
    array: bool = False
    judged: Rule | None = None

    @property
    def severity(self) -> Severity:
        """The rule's weight."""
        return rulebook.norms()[self.rule].severity

    @property
    def failing(self) -> str:
        """The status word key where the line fails."""
        if self.failed:
            return self.failed
        return {Severity.ERROR: "failed", Severity.WARNING: "warned", Severity.NOTICE: "noticed"}[self.severity]
