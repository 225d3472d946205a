"""The layout of the template: the place of every figure, last year's figure, identity field, text and check line.

Writer, formulas and reader all ask here, so that a workbook is read exactly where it was written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from workbook.model import identity
from workbook.model.cell_address import format_address
from workbook.model.finding import Severity
from workbook.model.form import Cell, Form, Section
from workbook.model.print_layout import CellBox, PrintedLabel, PrintPlan, plan_section
from workbook.rules.rule_types import AgencyLevelTest, Equation, Rule, list_rules, list_sum_rules
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")

TEMPLATE_VERSION = 1
"""Raised whenever the template's own layout changes (the form's fingerprint covers the form)."""

TABLE_TOP = 2
"""Rows above each table: title, then agency, year and status."""
GAP = 1
"""Empty columns between a table and last year's figures."""
IDENTITY_TOP = 4
IDENTITY_COLUMN = 2
TEXT_COLUMN = 1
TEXTS_TOP = 3
"""Rows above the texts: title, status, how to fill in."""
PARAGRAPHS = 16
"""Rows offered for each text; a longer text gets as many as it has, and some to spare."""
SPARE_PARAGRAPHS = 6
CHECKS_TOP = 4
"""First line of the check list, below title, status, counts and headings."""


class CheckColumn:
    """The columns of the sheet 校验, and the marks its hidden ones hold: for writer and reader.

    Those from `RULE` on are hidden: the line's code, the figures answered for, their fingerprint, the answer's order,
    the figures that are there now, and the reason as it came in: a reason written anew answers for the figures now.
    """

    NUMBER, SEVERITY, WHERE, WHAT, LEFT, RIGHT, DIFFERENCE, STATUS, LINK, REASON = range(10)
    RULE, ANSWERED, FIGURES, ORDER, PRESENT, GIVEN = range(10, 16)
    TYPED = "typed"
    """Marks the line of a sum whose total was typed as published, not computed."""
    GONE = "changed"
    """Replaces the figures answered for where an answer had already expired when it came in."""


COVER_RULES = {
    "identity": "name",
    "form-in-force": "year",
    "identity-asked": "",
    "credit-code": "code",
    "region-code": "region",
    "level": "level",
}
"""The rules about the cover in the order of their lines on 校验, and the field of each; blank: all fields asked for."""


class CheckKey(NamedTuple):
    """What identifies one line of 校验: its code (`requests.balance.person`), its rule, the cells of its finding."""

    code: str
    rule: str
    cells: tuple[str, ...] = ()


def list_rule_cells(rule: Rule) -> tuple[str, ...]:
    """Return the cells that the line of a rule over figures is about; none where it is about a whole table."""
    if isinstance(rule, AgencyLevelTest):
        return tuple(cell.code for cell in rule.cells)
    return rule.cells if isinstance(rule, Equation) else ()


class SheetCell(NamedTuple):
    """One cell of a workbook: sheet, row and column, counted from 0."""

    sheet: str
    row: int
    column: int

    @property
    def a1(self) -> str:
        """D27."""
        return format_address(self.row, self.column)

    @property
    def absolute(self) -> str:
        """'表三'!$D$27, as formulas and names refer to it."""
        return format_area(self.sheet, self.box)

    @property
    def box(self) -> CellBox:
        """The cell as a box of one."""
        return CellBox(self.row, self.column, self.row, self.column)


def quote_sheet(sheet: str) -> str:
    """Return a sheet name as formulas quote it."""
    return "'" + sheet.replace("'", "''") + "'"


def format_absolute(row: int, column: int) -> str:
    """Return `$D$27`."""
    plain = format_address(row, column)
    letters = plain.rstrip("0123456789")
    return f"${letters}${plain[len(letters) :]}"


def format_box(box: CellBox, *, anchored: bool) -> str:
    """Return `D6:J30`, anchored $D$6:$J$30; or a single cell."""
    write = format_absolute if anchored else format_address
    return ":".join(dict.fromkeys((write(box.top, box.left), write(box.bottom, box.right))))


def format_area(sheet: str, box: CellBox) -> str:
    """Return `'表三'!$D$6:$J$30`, or a single cell."""
    return f"{quote_sheet(sheet)}!{format_box(box, anchored=True)}"


class TextArea(NamedTuple):
    """Where one written part is on the sheet of texts: its heading row and its paragraphs, one a row."""

    section: Section
    head: int
    first: int
    last: int


class TemplateLayout:
    """The place of everything in the template of one form; `paragraphs` says how many each text needs at least."""

    def __init__(self, form: Form, paragraphs: Mapping[str, int] | None = None) -> None:
        self.form = form
        self._paragraphs = paragraphs or {}

    @cached_property
    def plans(self) -> Mapping[str, PrintPlan]:
        """Sheet name → the printed geometry of its part."""
        return {section.sheet: plan_section(self.form, section) for section in self.form.sheets}

    @cached_property
    def labels(self) -> Mapping[str, tuple[PrintedLabel, ...]]:
        """Sheet name → every printed label, where it is on the sheet."""
        return {
            sheet: tuple(label._replace(box=label.box.moved(TABLE_TOP, 0)) for label in plan.labels)
            for sheet, plan in self.plans.items()
        }

    @cached_property
    def boxes(self) -> Mapping[str, tuple[str, CellBox]]:
        """Cell code → sheet and the (perhaps merged) cell of this year's figure."""
        return {
            code: (sheet, box.moved(TABLE_TOP, 0))
            for sheet, plan in self.plans.items()
            for code, box in plan.cells.items()
        }

    @cached_property
    def cells(self) -> Mapping[str, SheetCell]:
        """Cell code → where this year's figure is."""
        return {code: SheetCell(sheet, box.top, box.left) for code, (sheet, box) in self.boxes.items()}

    @cached_property
    def previous(self) -> Mapping[str, SheetCell]:
        """Cell code → where last year's figure is, to the right of the table."""
        return {
            code: SheetCell(spot.sheet, spot.row, spot.column + self.shift(spot.sheet))
            for code, spot in self.cells.items()
        }

    def shift(self, sheet: str) -> int:
        """Return how many columns last year's figures are to the right of this year's."""
        plan = self.plans[sheet]
        return plan.columns - plan.label_columns + GAP

    @cached_property
    def blocks(self) -> Mapping[str, tuple[str, CellBox]]:
        """Table code → sheet and the rectangle of its figures."""
        return {
            block.table.code: (sheet, block.box.moved(TABLE_TOP, 0))
            for sheet, plan in self.plans.items()
            for block in plan.blocks
        }

    @cached_property
    def identity(self) -> Mapping[str, SheetCell]:
        """Identity field → its entry cell on the cover."""
        sheet = messages.text("sheet.cover")
        return {
            f.code: SheetCell(sheet, IDENTITY_TOP + n, IDENTITY_COLUMN)
            for n, f in enumerate(identity.list_identity_fields())
        }

    @cached_property
    def previous_year(self) -> SheetCell:
        """Where last year's report year is: above last year's figures of the first table."""
        sheet = self.form.sheets[0].sheet
        return SheetCell(sheet, 1, self.plans[sheet].columns + GAP)

    @cached_property
    def texts(self) -> Mapping[str, TextArea]:
        """Text code → its area on the sheet of texts."""
        areas, row = {}, TEXTS_TOP
        for section in self.form.texts:
            count = max(PARAGRAPHS, self._paragraphs.get(section.code, 0) + SPARE_PARAGRAPHS)
            areas[section.code] = TextArea(section, row, row + 1, row + count)
            row += count + 2
        return areas

    @cached_property
    def formulas(self) -> Mapping[str, str]:
        """Cell code of each total → its formula, without the equals sign: blank while none of its parts is filled."""
        found: dict[str, str] = {}
        for rule in self.sum_rules:
            code = rule.left[0].cell.code
            if code not in found:
                parts = self.join_local_references(term.cell for term in rule.right)
                found[code] = f'IF(COUNT({parts})=0,"",SUM({parts}))'
        return found

    @cached_property
    def sum_rules(self) -> tuple[Equation, ...]:
        """Every sum that follows from the form's structure, in form order."""
        return tuple(rule for table in self.form.tables for rule in list_sum_rules(self.form, table))

    def join_local_references(self, cells: Iterable[Cell], *, anchored: bool = False) -> str:
        """Return references to cells of one sheet, from that sheet: D8:D28, or D6,D9; anchored, $D$8:$D$28."""
        spots = [self.cells[cell.code] for cell in cells]
        return ",".join(format_box(box, anchored=anchored) for _, box in join_ranges(spots))

    def references(self, cells: Iterable[Cell], *, previous: bool = False) -> list[str]:
        """Return references to cells from another sheet, neighbours as ranges: '表三'!$D$8:$D$28."""
        where = self.previous if previous else self.cells
        return [format_area(sheet, box) for sheet, box in join_ranges([where[cell.code] for cell in cells])]

    def list_table_references(self, code: str) -> list[str]:
        """Return references to all cells of one table."""
        return self.references(cell for cell in self.form.cells if cell.table.code == code)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Every defined name of the template, and what it refers to."""
        names = {code: format_area(*block) for code, block in self.blocks.items()}
        for code, (sheet, box) in self.blocks.items():
            names[f"previous.{code}"] = format_area(sheet, box.moved(0, self.shift(sheet)))
        names |= {f"agency.{field}": spot.absolute for field, spot in self.identity.items()}
        names["previous.year"] = self.previous_year.absolute
        sheet = messages.text("sheet.texts")
        for code, text in self.texts.items():
            names[f"texts.{code}"] = format_area(sheet, CellBox(text.first, TEXT_COLUMN, text.last, TEXT_COLUMN))
        return names

    @cached_property
    def check_keys(self) -> tuple[CheckKey, ...]:
        """Every line of 校验, first to last: the cover, whether anything is filled, the figures, the texts."""
        asked = tuple(f"agency.{f.code}" for f in identity.list_identity_fields() if f.required == Severity.WARNING)
        cover = [
            CheckKey(f"agency.{rule}" + ".name" * (rule == "identity"), rule, (f"agency.{field}",) if field else asked)
            for rule, field in COVER_RULES.items()
        ]
        figures = [CheckKey(rule.code, rule.rule, list_rule_cells(rule)) for rule in list_rules(self.form)]
        texts = [
            CheckKey(f"texts.sections.{text.code}", "sections", (f"texts.{text.code}",)) for text in self.form.texts
        ]
        return (*cover, CheckKey("report.nothing-filled", "nothing-filled"), *figures, *texts)

    @cached_property
    def fingerprint(self) -> str:
        """A short hash of the template's structure: labels, places, formulas. Two alike are read alike."""
        stated = [
            TEMPLATE_VERSION,
            sorted((sheet, [(tuple(x.box), x.text) for x in labels]) for sheet, labels in self.labels.items()),
            sorted((code, tuple(spot)) for code, spot in self.cells.items()),
            sorted(self.formulas.items()),
        ]
        return hashlib.sha256(repr(stated).encode()).hexdigest()[:12]


def join_ranges(spots: Sequence[SheetCell]) -> list[tuple[str, CellBox]]:
    """Join neighbouring cells into boxes, first in the direction (down or along) that joins more; each with its sheet.

    D6, D7, E6, E7 become the one box D6:E7.
    """
    down = _join_boxes(((s.sheet, s.box) for s in sorted(spots, key=lambda s: (s.sheet, s.column, s.row))), down=True)
    along = _join_boxes(((s.sheet, s.box) for s in sorted(spots)), down=False)
    return _join_boxes(down, down=False) if len(down) <= len(along) else _join_boxes(along, down=True)


def _join_boxes(boxes: Iterable[tuple[str, CellBox]], *, down: bool) -> list[tuple[str, CellBox]]:
    """Join each box with the one before it where it is as wide and lies right below; or as high and right beside."""
    joined: list[tuple[str, CellBox]] = []
    for sheet, box in boxes:
        if joined:
            before, last = joined[-1]
            if down:
                fits = (box.top, box.left, box.right) == (last.bottom + 1, last.left, last.right)
            else:
                fits = (box.left, box.top, box.bottom) == (last.right + 1, last.top, last.bottom)
            if fits and sheet == before:
                joined[-1] = (sheet, CellBox(last.top, last.left, box.bottom, box.right))
                continue
        joined.append((sheet, box))
    return joined
