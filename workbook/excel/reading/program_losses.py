"""Finds what a program dropped when it saved our workbook: told in one sentence, where it is no clerk's doing.

A clerk breaks one name, one formula, the validation of the cells they paste into. A program that does not know a thing
drops all of it: every name, every validation, every formula. No figure is read otherwise for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from workbook.excel.reading.figure_reader import is_broken_formula
from workbook.excel.reading.label_index import find_name
from workbook.excel.reading.reading_context import WorkbookReading
from workbook.model.cell_address import parse_range
from workbook.model.finding import Finding
from workbook.model.rule_catalog import get_phrase, make_finding
from workbook.safety.messages import Bilingual, join_texts


class ProgramLosses(NamedTuple):
    """What a program dropped: how many names (0 where less than half), and whether the others.

    `garbled` are the codes of totals whose formula it left as a text, or without references, and whose figure is right.
    """

    names: int
    validations: bool
    formulas: bool
    garbled: tuple[str, ...]


def find_program_losses(reading: WorkbookReading, unguarded: Mapping[str, Sequence[Finding]]) -> ProgramLosses:
    """Find what a program dropped from a workbook of ours; `unguarded` is what was found of each table's validation."""
    names = _count_lost_names(reading)
    return ProgramLosses(
        names if names * 2 >= len(reading.issued.places.names) else 0,
        _have_all_lost(reading, unguarded),
        all(cell.formula is None for sheet in reading.view.book.sheets for cell in sheet.cells.values()),
        tuple(
            code
            for found in reading.found.values()
            for code, place in found.cells.items()
            if reading.sums.get(code) and (cell := found.sheet.cells.get(place)) and _is_garbled(cell.formula)
        ),
    )


def _is_garbled(formula: str | None) -> bool:
    """Tell whether a total that adds its parts holds no formula that does so: none at all, or one in pieces."""
    return formula is None or is_broken_formula(formula)


def report_program_losses(reading: WorkbookReading, losses: ProgramLosses) -> Finding | None:
    """Say in one sentence what a program dropped; None where it dropped nothing."""
    lost: list[Bilingual] = []
    if losses.names:
        lost.append(get_phrase("lost-names", count=losses.names))
    if losses.validations:
        lost.append(get_phrase("lost-validations"))
    if losses.formulas:
        lost.append(get_phrase("lost-formulas"))
    if losses.garbled:
        lost.append(get_phrase("lost-sums", count=len(losses.garbled)))
    if not lost:
        return None
    if not any(reading.view.sheets[found.sheet.name].protected for found in reading.found.values()):
        lost.append(get_phrase("lost-protection"))
    return make_finding("structure-resaved", cells=losses.garbled, what=join_texts(lost)).at(reading.at())


def _have_all_lost(reading: WorkbookReading, unguarded: Mapping[str, Sequence[Finding]]) -> bool:
    """Tell whether every table has lost validations, most of its cells for entry with it.

    A few may be left: from an .ods, Gnumeric keeps those of some cells that may be negative.
    """
    lost = sum(len(one.cells) for findings in unguarded.values() for one in findings)
    return all(unguarded.values()) and lost * 2 > len(reading.form.cells) - len(reading.issued.sums)


def _count_lost_names(reading: WorkbookReading) -> int:
    """Count the names of the template that are gone, or refer to nothing any more (`#REF!`)."""
    texts = [find_name(reading.view.book.names, name) for name in reading.issued.places.names]
    return sum(text is None or (parse_range(text) is None and "#REF!" in text) for text in texts)
