"""The words a form prints, by which tables and texts are found: where an agency writes one of them, it may mislead."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workbook.form import Form
from workbook.reading.book import Cell, Sheet
from workbook.reading.labels import LONGEST, Index, fold, full, unnumbered
from workbook.reading.split import text_of
from workbook.safety.messages import load_messages

messages = load_messages("workbook.template")

HAN = "\u5000-\u9fff"
"""Signs that no folding changes or drops."""
UNIT = 9
"""More signs than a heading states a unit in, behind its label."""
MOST = 1 << 12
"""So many results of formulas are remembered."""


class Printed:
    """The words of a form and of the check sheet, folded; and the headings of its written parts."""

    def __init__(self, form: Form) -> None:
        lines = [line for table in form.tables for line in (*table.rows, *table.columns)]
        found = {text for line in lines for text in (*full(line), *unnumbered(line))}
        found |= {fold(table.title) for table in form.tables}
        found |= {
            fold(text)
            for text in (
                *messages.texts("checks.columns"),
                *messages.texts("checks.hidden"),
                messages.text("checks.others"),
            )
        }
        self.words = frozenset(found - {""})
        self.headings = tuple(section.label for section in form.texts)
        self._long = re.compile(f"(?:[^{HAN}]*[{HAN}]){{{max(map(len, self.words)) + UNIT}}}")
        self._foreign = not any(text.isascii() for text in self.words)
        self._harmless: set[bytes] = set()

    def met(self, text: str) -> bool:
        """Whether a text could be taken for a label, or begins like the heading of a written part."""
        if text.startswith(self.headings):
            return True
        if len(text) >= LONGEST or self._long.match(text) or (self._foreign and text.isascii()):
            return False
        return not self.words.isdisjoint(Index(Sheet("", {(0, 0): Cell(text)})).places)

    def shown(self, results: Iterable[bytes]) -> bool:
        """Whether a formula shows a text that could be taken for a label."""
        for raw in set(results) - self._harmless:
            text = text_of(raw)
            if text is None or self.met(text):
                return True
            if len(self._harmless) < MOST:
                self._harmless.add(raw)
        return False
