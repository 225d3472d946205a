"""The lines of the sheet 校验: every rule a formula can judge, as live formulas and as the values they compute to.

Each line compares what is (现为) with what should be (应为), says the difference and a status, and has a place for the
reason. The same rules are judged by `workbook.check`; tests let a real spreadsheet program recalculate and compare.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from workbook.finding import Severity
from workbook.form import Form
from workbook.layout import Box
from workbook.report import Answer, Report
from workbook.rules import rules_of
from workbook.safety.messages import load_messages
from workbook.template.columns import ANSWERED, DIFFERENCE, GIVEN, LEFT, PRESENT, REASON, RIGHT
from workbook.template.coverlines import cover_lines, trimmed
from workbook.template.figurelines import FigureLines
from workbook.template.line import Line, Value
from workbook.template.linevalues import value_of
from workbook.template.places import CHECKS_TOP, Places, Spot, area

messages = load_messages("workbook.template")


class Checklist:
    """All lines of 校验 for one form, in form order, at their places."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.form: Form = places.form
        self.sheet = messages.text("sheet.checks")

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every line, first to last."""
        figures = FigureLines(self.places)
        return (
            *cover_lines(self.places),
            self._nothing_filled(),
            *(figures.of(rule) for rule in rules_of(self.form)),
            *self._texts(),
        )

    @cached_property
    def rows(self) -> dict[str, int]:
        """Line code → its row on the sheet."""
        return {line.code: CHECKS_TOP + n for n, line in enumerate(self.lines)}

    def line(self, code: str) -> Line:
        """The line of that code."""
        return self.lines[self.rows[code] - CHECKS_TOP]

    @property
    def last_row(self) -> int:
        """The row of the last line."""
        return CHECKS_TOP + len(self.lines) - 1

    def column(self, column: int) -> str:
        """The absolute reference of one whole column of lines."""
        return area(self.sheet, Box(CHECKS_TOP, column, self.last_row, column))

    def _nothing_filled(self) -> Line:
        blanks = "-".join(
            f"COUNTBLANK({ref})" for table in self.form.tables for ref in self.places.of_table(table.code)
        )
        count = len(self.form.cells)
        return Line(
            "report.nothing-filled",
            "nothing-filled",
            "、".join(s.sheet for s in self.form.sheets),
            messages.text("line.nothing_filled"),
            self.places.cells[self.form.cells[0].code],
            waiting="waiting",
            left=f"{count}-{blanks}",
            right=str(count),
            test="{left}>0",
            known="ISNUMBER({left})",
            failed="waiting",
        )

    def _texts(self) -> Iterator[Line]:
        sheet = messages.text("sheet.texts")
        for code, text in self.places.texts.items():
            ref = self.places.names[f"texts.{code}"]
            yield Line(
                f"texts.sections.{code}",
                "sections",
                sheet,
                f"{text.section.label}：{messages.text('line.length')}",
                Spot(sheet, text.first, 1),
                waiting="waiting",
                failed="waiting",
                cells=(f"texts.{code}",),
                left=f"IF(SUM(LEN({trimmed(ref)}))=0,0,SUM(LEN({ref})))",
                right='""',
                known="ISNUMBER({left})",
                test="{left}>0",
                array=True,
            )

    # formulas of a line -----------------------------------------------------------------------------------------

    def difference(self, row: int) -> str:
        """The difference of a line: blank unless both sides are numbers."""
        left, right = self._at(row, LEFT), self._at(row, RIGHT)
        return f'IF(AND(ISNUMBER({left}),ISNUMBER({right})),ROUND({left}-{right},6),"")'

    def status(self, line: Line, row: int) -> str:
        """The status of a line, in words; a warning with a reason that still holds is 已说明."""
        at = {"left": self._at(row, LEFT), "right": self._at(row, RIGHT), "difference": self._at(row, DIFFERENCE)}
        says = messages.entry("status")
        failing = f'"{says[line.failing]}"'
        if line.severity is Severity.WARNING:
            answered, present = self._at(row, ANSWERED), self._at(row, PRESENT)
            reason, given = self._at(row, REASON), self._at(row, GIVEN)
            holds = f'OR({answered}="",{answered}={present},{reason}<>{given})'
            reason = f"LEN(TRIM({reason}))>0"
            failing = f'IF({reason},IF({holds},"{says["answered"]}","{says["expired"]}"),{failing})'
        known, test = line.known.format(**at), line.test.format(**at)
        return f'IF({known},IF({test},"{says["passed"]}",{failing}),"{says[line.waiting]}")'

    @staticmethod
    def _at(row: int, column: int) -> str:
        return Spot("", row, column).a1

    @staticmethod
    def value(line: Line, report: Report, previous: Report | None, answer: Answer | None) -> Value:
        """What a line's formulas compute to for that report: the cached values of the workbook."""
        return value_of(line, report, previous, answer)
