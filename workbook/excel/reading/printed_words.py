"""Holds the words that a form and the check sheet print, by which tables and texts are found in a workbook.

Where an agency writes one of them, a label may be found at another place: such a workbook is read in full.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from workbook.excel.reading.label_index import (
    LONGEST,
    LabelIndex,
    fold_label,
    list_spellings,
    list_unnumbered_spellings,
)
from workbook.excel.reading.plain_xml import read_text
from workbook.excel.reading.workbook_contents import Cell, Sheet, unescape_text
from workbook.model.form import Form
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")

HAN = "\u5000-\u9fff"
"""Characters that no folding changes or drops."""
UNIT = 9
"""More characters than a heading states a unit in, behind its label."""
MOST = 1 << 12
"""So many results of formulas are remembered."""


class PrintedWords:
    """The words of a form and of the check sheet, folded; and the headings of its written parts."""

    def __init__(self, form: Form) -> None:
        self.form = form
        lines = [line for table in form.tables for line in (*table.rows, *table.columns)]
        found = {text for line in lines for text in (*list_spellings(line), *list_unnumbered_spellings(line))}
        found |= {fold_label(table.title) for table in form.tables}
        found |= {
            fold_label(text)
            for text in (
                *messages.texts("checks.columns"),
                *messages.texts("checks.hidden"),
                messages.text("checks.others"),
            )
        }
        self.words = frozenset(found - {""})
        self.headings = tuple(section.label for section in form.texts)
        # More characters than any word, of those that folding keeps: `(?:[^一-龥]*[一-龥]){30}`.
        self._long = re.compile(f"(?:[^{HAN}]*[{HAN}]){{{max(map(len, self.words)) + UNIT}}}")
        self._foreign = not any(text.isascii() for text in self.words)
        self._harmless: set[bytes] = set()

    def could_be(self, text: str) -> bool:
        """Whether a text could be taken for a label, or begins like the heading of a written part."""
        if text.startswith(self.headings):
            return True
        if len(text) >= LONGEST or self._long.match(text) or (self._foreign and text.isascii()):
            return False
        return not self.words.isdisjoint(LabelIndex(Sheet("", {(0, 0): Cell(text)})).places)

    def are_among(self, results: Iterable[bytes]) -> bool:
        """Whether one of the results of formulas, as they are spelled, could be taken for a label."""
        for spelled in set(results) - self._harmless:
            if self.could_be(unescape_text(read_text(spelled))):
                return True
            if len(self._harmless) < MOST:
                self._harmless.add(spelled)
        return False

    def are_labels_of(self, index: LabelIndex) -> bool:
        """Whether a sheet has words enough to be looked at for a second copy of a table."""
        for table in self.form.tables:
            rows = sum(bool(index.line(row)) for row in table.rows)
            if rows * 2 > len(table.rows) or any(index.line(column) for column in table.columns):
                return True
            if index.find([fold_label(table.title)]):
                return True
        return False


@cache
def get_printed_words(form: Form) -> PrintedWords:
    """Return the words of that form, folded once."""
    return PrintedWords(form)
