"""A report → a workbook in the form's own layout, complete without being opened: values, formulas with their results.

Filling a template means writing it afresh from the form; a human-made workbook is never loaded and saved again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from xlsxwriter.worksheet import Worksheet

from workbook import identity
from workbook.finding import Severity
from workbook.form import LAST, Cell, Form, Section
from workbook.layout import Box
from workbook.migrate import migrate
from workbook.numbers import Number, Value, amount
from workbook.report import Answer, Report, empty, fingerprint, shown
from workbook.rules import Equation, equations_of
from workbook.template import columns as cl
from workbook.template.checklist import Checklist, Line
from workbook.template.pen import CellValue, Pen, exact, height_for
from workbook.template.places import (
    CHECKS_TOP,
    GAP,
    IDENTITY_TOP,
    TABLE_TOP,
    TEMPLATE_VERSION,
    TEXT_COLUMN,
    Places,
    Spot,
    area,
    runs,
)
from workbook.template.words import group, word, words

VALUE_WIDTH = 9.5
LEAST_OTHERS = 6
"""Free lines offered below the check list for reasons that answer what no line of the list says."""


def workbook_of(report: Report, previous: Report | None = None) -> bytes:
    """The bytes of the workbook of a report; `previous` is last year's, shown locked beside the entry cells."""
    return _Writer(report, previous).write()


def template_of(form: Form) -> bytes:
    """The bytes of a form's blank template."""
    return workbook_of(empty(form))


def write(path: Path, report: Report, previous: Report | None = None) -> None:
    """Write the workbook of a report, whole or not at all. Raises OSError."""
    from workbook import whole

    whole.write_bytes(path, workbook_of(report, previous))


def computed(report: Report, places: Places) -> Mapping[str, Number | None]:
    """What each total's formula computes to in that report: the sum of the parts that are numbers, None where none is."""
    rules = {rule.left[0].cell.code: rule for rule in reversed(places.sum_rules)}
    known: dict[str, Number | None] = {}

    def value(code: str) -> Number | None:
        if code not in rules:
            return report.number(report.form.index[code])
        if code not in known:
            parts = [_standing(term.cell.code) for term in rules[code].right]
            numbers = [part for part in parts if part is not None]
            known[code] = sum(numbers) if numbers else None
        return known[code]

    def _standing(code: str) -> Number | None:
        """A part as it stands on the sheet: typed totals count as typed."""
        if code in rules and report[code] == value(code):
            return value(code)
        return report.number(report.form.index[code])

    return {code: value(code) for code in rules}


class _Writer:
    """Writes one workbook, sheet by sheet."""

    def __init__(self, report: Report, previous: Report | None) -> None:
        self.report = report
        self.form = report.form
        self.previous = migrate(previous, self.form).report if previous else None
        self.paragraphs = {code: text.split("\n") for code, text in report.texts.items() if text}
        self.places = Places(self.form, {code: len(lines) for code, lines in self.paragraphs.items()})
        self.checks = Checklist(self.places)
        self.computed = computed(report, self.places)
        self.typed = {code for code, value in self.computed.items() if report[code] != value}
        self.pen = Pen(f"{report.agency.name}{word('cover.title')}", self.form.citation.number)
        self.answers, self.other_answers = self._sorted_answers()
        self.status = self._status()

    # the whole --------------------------------------------------------------------------------------------------

    def write(self) -> bytes:
        sheets = [self._cover()]
        sheets += [self._table(section) for section in self.form.sheets]
        sheets += [self._texts(), self._checks()]
        for name, refers in self.places.names.items():
            self.pen.book.define_name(name, "=" + refers)
        self._check_names()
        self._stamp()
        for sheet in sheets:
            sheet.protect("", {"format_rows": True, "format_columns": True, "select_locked_cells": True})
        sheets[0].activate()
        return self.pen.bytes()

    def _stamp(self) -> None:
        stamp = f"{self.form.id}|{TEMPLATE_VERSION}|{self.places.fingerprint}"
        self.pen.book.set_custom_property("ogi.stamp", stamp)
        self.pen.book.define_name("ogi.stamp", f'="{stamp}"')

    def _status(self) -> str:
        """The overall status in words, as its formula computes it."""
        values = [self.checks.value(line, self.report, self.previous, self.answers.get(line.code)) for line in self.checks.lines]
        count = {key: sum(1 for value in values if value.status == key) for key in group("status")}
        self.counts = count
        warned = count["warned"] + count["expired"] if group("status")["warned"] != group("status")["expired"] else 0
        if all(value is None for value in self.report.values):
            return word("overall.empty")
        if count["failed"] or count["waiting"]:
            return word("overall.bad", failed=count["failed"], waiting=count["waiting"])
        return word("overall.warned", warned=warned) if warned else word("overall.passed")

    def _sorted_answers(self) -> tuple[dict[str, Answer], list[Answer]]:
        """Answers that belong to a line of 校验, by its code, and those that do not."""
        lines = {(line.rule, frozenset(line.cells)): line.code for line in self.checks.lines if line.cells}
        placed: dict[str, Answer] = {}
        others = []
        for answer in self.report.answers:
            code = lines.get((answer.rule, frozenset(answer.cells)))
            if code is None or code in placed:
                others.append(answer)
            else:
                placed[code] = answer
        return placed, others

    # 封面 -------------------------------------------------------------------------------------------------------

    def _cover(self) -> Worksheet:
        pen, form = self.pen, self.form
        sheet = pen.sheet(word("sheet.cover"))
        sheet.set_portrait()
        sheet.fit_to_pages(1, 1)
        for column, width in enumerate((2, 22, 44, 46)):
            sheet.set_column(column, column, width)
        sheet.set_row(0, 54)
        pen.box(sheet, Box(0, 1, 0, 3), word("cover.title"), "cover")
        issued = word("cover.issued", number=form.citation.number, by=form.citation.by)
        pen.box(sheet, Box(1, 1, 1, 3), issued, "subtitle")
        pen.box(sheet, Box(3, 1, 3, 3), word("cover.identity"), "heading")
        self._identity(sheet)
        row = IDENTITY_TOP + len(identity.fields()) + 1
        sheet.set_row(row, 30)
        pen.put(sheet, row, 1, word("cover.status"), "field")
        self._overall(sheet, Box(row, 2, row, 3), "bigstate")
        row += 2
        row = self._steps(sheet, row)
        self._contents(sheet, row)
        sheet.set_footer(word("print.footer"))
        _select(sheet, self.places.identity["name"])
        return sheet

    def _identity(self, sheet: Worksheet) -> None:
        agency = self.report.agency
        for field in identity.fields():
            spot = self.places.identity[field.code]
            sheet.set_row(spot.row, 24)
            self.pen.put(sheet, spot.row, spot.column - 1, field.label, "field")
            self.pen.put(sheet, spot.row, spot.column + 1, field.help, "hint")
            if field.code == "year":
                self.pen.put(sheet, spot.row, spot.column, self.report.year, "year")
            elif field.code == "revision":
                self.pen.put(sheet, spot.row, spot.column, agency.revision or None, "year")
            elif field.code == "level" and (level := identity.level_named(agency.level)):
                self.pen.put(sheet, spot.row, spot.column, level.label, "text")
            else:
                self.pen.put(sheet, spot.row, spot.column, getattr(agency, field.code), "text")
        self._identity_validation(sheet)

    def _identity_validation(self, sheet: Worksheet) -> None:
        years = self.form.years
        until = 2099 if years.until == LAST else years.until
        name = word("line.year_from" if years.until == LAST else "line.year_range", **{"from": years.from_, "until": years.until})
        rules: dict[str, dict[str, Any]] = {
            "year": {"validate": "integer", "criteria": "between", "minimum": years.from_, "maximum": until,
                     "error_message": word("validation.year", years=name)},
            "code": {"validate": "length", "criteria": "==", "value": 18, "error_message": word("validation.code")},
            "region": {"validate": "length", "criteria": "==", "value": 6, "error_message": word("validation.region")},
            "level": {"validate": "list", "source": [v.label for v in identity.levels()],
                      "error_message": word("validation.level")},
            "revision": {"validate": "integer", "criteria": ">=", "value": 0, "error_message": word("validation.revision")},
        }
        for code, rule in rules.items():
            spot = self.places.identity[code]
            sheet.data_validation(spot.row, spot.column, spot.row, spot.column, {**rule, "error_title": word("validation.title")})

    def _steps(self, sheet: Worksheet, row: int) -> int:
        self.pen.box(sheet, Box(row, 1, row, 3), word("cover.steps_title"), "heading")
        names = "、".join(section.sheet for section in self.form.sheets)
        for n, step in enumerate(words("cover.steps"), 1):
            text = step.format(sheets=names, texts=word("sheet.texts"), checks=word("sheet.checks"))
            sheet.set_row(row + n, height_for(f"{n}. {text}", 108))
            self.pen.box(sheet, Box(row + n, 1, row + n, 3), f"{n}. {text}", "wrapped")
        return row + len(words("cover.steps")) + 2

    def _contents(self, sheet: Worksheet, row: int) -> None:
        self.pen.box(sheet, Box(row, 1, row, 3), word("cover.sheets_title"), "heading")
        entries = [(section.sheet, section.label) for section in self.form.sheets]
        texts = "；".join(section.label for section in self.form.texts)
        entries += [(word("sheet.texts"), texts), (word("sheet.checks"), word("cover.status"))]
        for name, label in entries:
            row += 1
            self.pen.link(sheet, row, 1, Spot(name, 0, 0), name, "plainlink")
            self.pen.box(sheet, Box(row, 2, row, 3), label, "plain")
        version = word("cover.version", version=TEMPLATE_VERSION, form=self.form.id, fingerprint=self.places.fingerprint)
        self.pen.box(sheet, Box(row + 2, 1, row + 2, 3), version, "small")

    def _overall(self, sheet: Worksheet, box: Box, style: str, prefix: str = "") -> None:
        """The overall status of 校验, live, coloured: green only where all is filled and nothing fails."""
        if box.merged:
            sheet.merge_range(box.top, box.left, box.bottom, box.right, "", self.pen.style(style))
        at = Spot(word("sheet.checks"), 1, 0).absolute
        formula = f'"{prefix}"&{at}' if prefix else at
        self.pen.formula(sheet, box.top, box.left, formula, style, prefix + self.status)
        self._status_colours(sheet, box, prefix)

    def _status_colours(self, sheet: Worksheet, box: Box, prefix: str = "") -> None:
        ref = "$" + Spot("", box.top, box.left).a1.rstrip("0123456789") + "$" + str(box.top + 1)
        passed, warned = prefix + word("overall.passed"), prefix + word("overall.warned", warned="")[:2]
        empty_ = prefix + word("overall.empty")
        colours = "goodtext" if prefix else "good", "badtext" if prefix else "bad"
        rules = [
            (f"ISERROR({ref})", colours[1]),
            (f'OR({ref}="{passed}",LEFT({ref},{len(warned)})="{warned}")', colours[0]),
            (f'{ref}="{empty_}"', "quiet"),
            ("TRUE", colours[1]),
        ]
        for criteria, style in rules:
            self._colour(sheet, box, criteria, style)

    def _colour(self, sheet: Worksheet, box: Box, criteria: str, style: str) -> None:
        sheet.conditional_format(
            box.top, box.left, box.bottom, box.right,
            {"type": "formula", "criteria": "=" + criteria, "format": self.pen.style(style), "stop_if_true": True},
        )

    # 表二 表三 表四 --------------------------------------------------------------------------------------------

    def _table(self, section: Section) -> Worksheet:
        pen = self.pen
        sheet = pen.sheet(section.sheet)
        plan = self.places.plans[section.sheet]
        self._columns(sheet, section.sheet)
        sheet.set_row(0, 34)
        pen.box(sheet, Box(0, 0, 0, plan.columns - 1), section.label, "title")
        self._top(sheet, plan.columns)
        for label in self.places.labels[section.sheet]:
            tall = label.kind == "group" and label.box.left == 0 and label.box.bottom - label.box.top > 8
            pen.box(sheet, label.box, label.text, "tall" if tall else label.kind)
            if label.line and label.line.article and label.kind != "band":
                self._note(sheet, label.box, word("note.article", article=label.line.article))
        self._heights(sheet, section.sheet)
        self._figures(sheet, section.sheet)
        self._before(sheet, section.sheet)
        self._alerts(sheet, section.sheet)
        self._print(sheet, section.sheet)
        return sheet

    def _note(self, sheet: Worksheet, box: Box, text: str) -> None:
        height = height_for(text, 36)
        options = {"author": "", "x_scale": 1.9, "y_scale": height / 74, "font_name": "宋体", "font_size": 9, "color": "#FFFDF0"}
        sheet.write_comment(box.top, box.left, text, options)

    def _columns(self, sheet: Worksheet, name: str) -> None:
        plan = self.places.plans[name]
        if plan.label_columns == 0:
            widths = [8.2] * plan.columns
        elif plan.label_columns == 1:
            widths = [30.0] + [21.0] * (plan.columns - 1)
        else:
            widths = [5.0, 13.0, 36.0][: plan.label_columns] + [VALUE_WIDTH] * (plan.columns - plan.label_columns)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_column(plan.columns, plan.columns + GAP - 1, 2.5)
        first = plan.columns + GAP
        narrow = VALUE_WIDTH if plan.label_columns != 1 else 15.0
        sheet.set_column(first, first + plan.columns - plan.label_columns - 1, narrow)
        self.widths = widths

    def _top(self, sheet: Worksheet, columns: int) -> None:
        """Agency and year on the left, the overall status on the right, of every table sheet."""
        name, year = (self.places.identity[code].absolute for code in ("name", "year"))
        split = columns // 2
        said = f"{word('top.agency')}{self.report.agency.name}　{word('top.year')}{self.report.year or ''}"
        sheet.set_row(1, 22)
        sheet.merge_range(1, 0, 1, split - 1, "", self.pen.style("agency"))
        self.pen.formula(sheet, 1, 0, f'"{word("top.agency")}"&{name}&"　{word("top.year")}"&{year}', "agency", said)
        self._overall(sheet, Box(1, split, 1, columns - 1), "state", word("top.status"))

    def _heights(self, sheet: Worksheet, name: str) -> None:
        """Row heights that show every wrapped label; rows beside merged cells are not fitted by themselves."""
        rows: dict[int, float] = {}
        for label in self.places.labels[name]:
            box = label.box
            if label.kind == "group" or box.bottom != box.top:
                continue
            width = sum(self.widths[box.left : box.right + 1])
            rows[box.top] = max(rows.get(box.top, 22.0), height_for(label.text, width))
        for row, height in rows.items():
            sheet.set_row(row, height)
        if not self.places.plans[name].label_columns:
            sheet.set_row(TABLE_TOP + self.places.plans[name].rows - 1, 36)

    def _figures(self, sheet: Worksheet, name: str) -> None:
        for cell in self._cells(name):
            _, box = self.places.boxes[cell.code]
            formula = self.places.formulas.get(cell.code)
            if formula is None:
                self._entry(sheet, cell, box)
            elif cell.code in self.typed:
                value = self.report[cell.code]
                self.pen.box(sheet, box, _shown(value, cell), "published")
                typed, right = shown(value, cell), shown(self.computed[cell.code], cell)
                self._note(sheet, box, word("note.published", typed=typed, computed=right))
            else:
                if box.merged:
                    sheet.merge_range(*_corners(box), "", self.pen.style("total"))
                self.pen.formula(sheet, box.top, box.left, formula, "total", _shown(self.computed[cell.code], cell))
        self._validation(sheet, name)

    def _cells(self, name: str) -> list[Cell]:
        return [cell for cell in self.form.cells if self.places.cells[cell.code].sheet == name]

    def _entry(self, sheet: Worksheet, cell: Cell, box: Box) -> None:
        value = self.report.values[cell.index]
        style = "words" if isinstance(value, str) else "money" if cell.unit.scale > 1 or isinstance(value, Decimal) else "count"
        self.pen.box(sheet, box, _shown(value, cell), style)

    def _validation(self, sheet: Worksheet, name: str) -> None:
        """Whole numbers (or money) in entry cells, and in totals that stand as published."""
        open_ = [c for c in self._cells(name) if c.code not in self.places.formulas or c.code in self.typed]
        kinds = sorted(open_, key=_validated)
        for kind, cells in groupby(kinds, key=_validated):
            ranges = runs([self.places.cells[cell.code] for cell in cells])
            first, *rest = [(a.row, a.column, b.row, b.column) for a, b in ranges]
            options: dict[str, Any] = {**_rule_of(kind), "error_title": word("validation.title"), "other_cells": rest}
            sheet.data_validation(*first, options)

    def _before(self, sheet: Worksheet, name: str) -> None:
        """Last year's figures beside the table: locked where they came from last year's report, else for typing."""
        plan = self.places.plans[name]
        left, shift = plan.columns + GAP, self.places.shift(name)
        given = self.previous is not None
        year = self.places.previous_year
        width = plan.columns - plan.label_columns
        self.pen.box(sheet, Box(0, left, 0, left + max(width, 2) - 1), word("top.previous"), "subtitle")
        if year.sheet == name:
            self.pen.put(sheet, 1, year.column + 1, word("top.previous_year"), "small")
            self.pen.put(sheet, *year[1:], self.previous.year if self.previous else None, "before" if given else "before_year")
        for label in self.places.labels[name]:
            if label.kind == "head" and label.box.left >= plan.label_columns:
                self.pen.box(sheet, label.box.moved(0, shift), label.text, "before_head")
        for cell in self._cells(name):
            _, box = self.places.boxes[cell.code]
            value = self.previous.values[cell.index] if self.previous else None
            self.pen.box(sheet, box.moved(0, shift), _shown(value, cell), "before" if given else "before_entry")
        if not given:
            cells = self._cells(name)
            for kind, same in groupby(sorted(cells, key=_validated), key=_validated):
                ranges = runs([self.places.previous[cell.code] for cell in same])
                first, *rest = [(a.row, a.column, b.row, b.column) for a, b in ranges]
                sheet.data_validation(*first, {**_rule_of(kind), "error_title": word("validation.title"), "other_cells": rest})

    def _alerts(self, sheet: Worksheet, name: str) -> None:
        """Live colours: what is no number, what may not be, and the cells of an equation that does not hold."""
        cells = self._cells(name)
        for rule in equations_of(self.form):
            if self.places.cells[rule.left[0].cell.code].sheet == name and not rule.yearly:
                self._equation_alert(sheet, rule)
        for kind, same in groupby(sorted(cells, key=_validated), key=_validated):
            scale, signed = kind
            for first, last in runs([self.places.cells[cell.code] for cell in same]):
                ref, box = first.a1, Box(first.row, first.column, last.row, last.column)
                odd = f"ROUND({ref},{len(str(scale)) - 1})<>{ref}" + ("" if signed else f",{ref}<0")
                self._colour(sheet, box, f"ISERROR({ref})", "bad")
                self._colour(sheet, box, f"IF(ISTEXT({ref}),LEN({ref})>0,IF(ISNUMBER({ref}),OR({odd}),FALSE))", "bad")

    def _equation_alert(self, sheet: Worksheet, rule: Equation) -> None:
        """Colour the total of a sum, or all cells of a stated equation, while it does not hold."""
        places = self.places
        refs = [places.local([term.cell]) for term in rule.terms]
        plus = [ref for ref, term in zip(refs, rule.terms, strict=True) if term in rule.left]
        left = "+".join(_dollars(ref) for ref in plus)
        right_cells = [term.cell for term in rule.right]
        right = f"SUM({_dollars(places.local(right_cells))})"
        everything = _dollars(places.local([term.cell for term in rule.terms]))
        wrong = f"IF(COUNT({everything})={len(rule.terms)},ROUND({left}-{right},6)<>0,FALSE)"
        marked = rule.left[:1] if rule.sums else rule.terms
        for term in marked:
            spot = places.cells[term.cell.code]
            self._colour(sheet, Box(spot.row, spot.column, spot.row, spot.column), wrong, "bad")

    def _print(self, sheet: Worksheet, name: str) -> None:
        plan = self.places.plans[name]
        last = TABLE_TOP + plan.rows - 1
        if plan.columns > 12:
            sheet.set_landscape()
        else:
            sheet.set_portrait()
        sheet.print_area(0, 0, last, plan.columns - 1)
        sheet.fit_to_pages(1, 0)
        sheet.center_horizontally()
        sheet.set_footer(word("print.footer"))
        if len(plan.blocks) == 1:
            sheet.repeat_rows(TABLE_TOP, TABLE_TOP + plan.head_rows - 1)
            sheet.freeze_panes(TABLE_TOP + plan.head_rows, plan.label_columns)
        else:
            sheet.freeze_panes(TABLE_TOP, 0)
        first = next(cell for cell in self._cells(name) if cell.code not in self.places.formulas)
        _select(sheet, self.places.cells[first.code])

    # 文字 -------------------------------------------------------------------------------------------------------

    def _texts(self) -> Worksheet:
        pen = self.pen
        sheet = pen.sheet(word("sheet.texts"))
        sheet.set_portrait()
        sheet.set_column(0, 0, 4)
        sheet.set_column(1, 1, 92)
        sheet.set_column(2, 2, 14)
        sheet.set_row(0, 34)
        pen.box(sheet, Box(0, 0, 0, 2), word("sheet.texts"), "title")
        sheet.merge_range(1, 0, 1, 1, "", pen.style("agency"))
        pen.put(sheet, 1, 0, word("texts.paragraph"), "hint")
        self._overall_line(sheet)
        for code, text in self.places.texts.items():
            self._text(sheet, code, text.head, text.first, text.last)
        last = max(text.last for text in self.places.texts.values())
        sheet.print_area(0, 0, last, 2)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(word("print.footer"))
        sheet.freeze_panes(2, 0)
        first = next(iter(self.places.texts.values()))
        sheet.set_selection(first.first, TEXT_COLUMN, first.first, TEXT_COLUMN)
        return sheet

    def _overall_line(self, sheet: Worksheet) -> None:
        at = Spot(word("sheet.checks"), 1, 0).absolute
        self.pen.formula(sheet, 0, 2, at, "state", self.status)

    def _text(self, sheet: Worksheet, code: str, head: int, first: int, last: int) -> None:
        section = self.places.texts[code].section
        sheet.set_row(head, 26)
        self.pen.box(sheet, Box(head, 0, head, 1), section.label + (f"（{section.note}）" if section.note else ""), "heading")
        ref = self.places.names[f"texts.{code}"].rpartition("!")[2]
        lines = self.paragraphs.get(code, [])
        length = sum(len(line) for line in lines)
        before, after = word("texts.count").split("{n}")
        self.pen.formula(sheet, head, 2, f'"{before}"&SUMPRODUCT(LEN({ref}))&"{after}"', "state", f"{before}{length}{after}")
        for n, row in enumerate(range(first, last + 1)):
            line = lines[n] if n < len(lines) else ""
            self.pen.put(sheet, row, 0, n + 1, "number")
            self.pen.put(sheet, row, 1, line, "paragraph")
            sheet.set_row(row, min(400.0, height_for(line, 92 * 11 / 12, line=17, least=20)))

    # 校验 -------------------------------------------------------------------------------------------------------

    def _checks(self) -> Worksheet:
        pen, checks = self.pen, self.checks
        sheet = pen.sheet(checks.sheet)
        sheet.set_landscape()
        for column, width in enumerate((5, 7, 26, 44, 11, 11, 9, 10, 7, 40)):
            sheet.set_column(column, column, width)
        for column in range(cl.RULE, cl.PRESENT + 1):
            sheet.set_column(column, column, 10, None, {"hidden": True})
        sheet.set_row(0, 34)
        pen.box(sheet, Box(0, 0, 0, cl.REASON), word("checks.title"), "title")
        self._overall_cell(sheet)
        self._count_cell(sheet)
        for column, text in enumerate([*words("checks.columns"), *words("checks.hidden")]):
            pen.put(sheet, CHECKS_TOP - 1, column, text, "head")
        sheet.set_row(CHECKS_TOP - 1, 24)
        for n, line in enumerate(checks.lines):
            self._check_line(sheet, n, line)
        self._status_column(sheet)
        last = self._others(sheet)
        sheet.print_area(0, 0, last, cl.REASON)
        sheet.repeat_rows(CHECKS_TOP - 1)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(word("print.footer"))
        sheet.freeze_panes(CHECKS_TOP, 0)
        sheet.autofilter(CHECKS_TOP - 1, 0, checks.last_row, cl.REASON)
        return sheet

    def _overall_cell(self, sheet: Worksheet) -> None:
        """The verdict on the whole workbook: broken unless every status is one that a formula of ours says."""
        says, status = group("status"), self.checks.column(cl.STATUS)
        local = status.rpartition("!")[2]

        def counted(*keys: str) -> str:
            return "+".join(f'COUNTIF({local},"{word}")' for word in dict.fromkeys(says[key] for key in keys))

        failed, waiting, warned = counted("failed"), counted("waiting"), counted("warned", "expired")
        filled = Spot("", self.checks.rows["report.nothing-filled"], cl.LEFT).a1
        bad = word("overall.bad", failed='"&(@f)&"', waiting='"&(@w)&"').replace("@f", failed).replace("@w", waiting)
        some = word("overall.warned", warned='"&(@a)&"').replace("@a", warned)
        formula = (
            f'IF({counted(*says)}<>{len(self.checks.lines)},"{word("overall.broken")}",'
            f'IF({filled}=0,"{word("overall.empty")}",'
            f'IF({failed}+{waiting}>0,"{bad}",IF({warned}>0,"{some}","{word("overall.passed")}"))))'
        )
        box = Box(1, 0, 1, cl.REASON)
        sheet.set_row(1, 32)
        sheet.merge_range(*_corners(box), "", self.pen.style("bigstate"))
        self.pen.formula(sheet, 1, 0, formula, "bigstate", self.status)
        self._status_colours(sheet, box)

    def _count_cell(self, sheet: Worksheet) -> None:
        says = group("status")
        local = self.checks.column(cl.STATUS).rpartition("!")[2]
        parts = {
            "failed": f'COUNTIF({local},"{says["failed"]}")',
            "waiting": f'COUNTIF({local},"{says["waiting"]}")',
            "warned": "+".join(f'COUNTIF({local},"{word}")' for word in {says["warned"]: 0, says["expired"]: 0}),
        }
        formula = '"' + word("checks.count", all=len(self.checks.lines), **{k: f'"&({v})&"' for k, v in parts.items()}) + '"'
        warned = self.counts["warned"] + self.counts["expired"]
        value = word(
            "checks.count", all=len(self.checks.lines), failed=self.counts["failed"], waiting=self.counts["waiting"],
            warned=warned,
        )
        sheet.merge_range(2, 0, 2, cl.WHAT, "", self.pen.style("plain"))
        self.pen.formula(sheet, 2, 0, formula, "plain", value)
        self.pen.box(sheet, Box(2, cl.LEFT, 2, cl.REASON), word("checks.note"), "hint")

    def _check_line(self, sheet: Worksheet, n: int, line: Line) -> None:
        pen, row = self.pen, CHECKS_TOP + n
        answer = self.answers.get(line.code)
        value = self.checks.value(line, self.report, self.previous, answer)
        says = group("status")
        pen.put(sheet, row, cl.NUMBER, n + 1, "number")
        pen.put(sheet, row, cl.SEVERITY, group("checks")["levels"][line.severity.value], "status")
        pen.put(sheet, row, cl.WHERE, line.where, "line")
        pen.put(sheet, row, cl.WHAT, line.what, "line")
        pen.formula(sheet, row, cl.LEFT, line.left, "figure", value.left, array=line.array)
        pen.formula(sheet, row, cl.RIGHT, line.right, "figure", value.right)
        pen.formula(sheet, row, cl.DIFFERENCE, self.checks.difference(row), "figure", value.difference)
        pen.formula(sheet, row, cl.STATUS, self.checks.status(line, row), "status", says[value.status])
        pen.link(sheet, row, cl.LINK, line.link, word("checks.look"))
        warning = line.severity is Severity.WARNING
        pen.put(sheet, row, cl.REASON, answer.reason if answer else None, "reason" if warning else "line")
        pen.put(sheet, row, cl.RULE, line.code, "hidden")
        sheet.set_row(row, max(height_for(line.what, 44, line=13.5, least=20), height_for(line.where, 26, line=13.5, least=20)))
        self._hidden(sheet, row, line, answer, value.present)

    def _hidden(self, sheet: Worksheet, row: int, line: Line, answer: Answer | None, present: str) -> None:
        put = self.pen.put
        if line.present:
            self.pen.formula(sheet, row, cl.PRESENT, line.present, "hidden", present)
        if answer:
            holds = answer.figures == fingerprint(present)
            put(sheet, row, cl.ANSWERED, (present if holds else cl.GONE) if answer.figures else None, "hidden")
            put(sheet, row, cl.FIGURES, answer.figures, "hidden")
            put(sheet, row, cl.ORDER, str(self.report.answers.index(answer)), "hidden")
        elif isinstance(line.judged, Equation) and line.judged.sums and line.judged.left[0].cell.code in self.typed:
            put(sheet, row, cl.ANSWERED, cl.TYPED, "hidden")

    def _status_column(self, sheet: Worksheet) -> None:
        says = group("status")
        first = CHECKS_TOP
        ref = f"$H{first + 1}"
        box = Box(first, cl.STATUS, self.checks.last_row, cl.STATUS)
        self._colour(sheet, box, f"ISERROR({ref})", "bad")
        for keys, style in ((("passed", "answered"), "good"), (("failed",), "bad"), (("waiting", "warned", "expired", "noticed"), "wait"), (("unjudged",), "quiet")):
            self._colour(sheet, box, "OR(" + ",".join(f'{ref}="{says[key]}"' for key in keys) + ")", style)

    def _others(self, sheet: Worksheet) -> int:
        """Answers to findings that no line of the list shows; the last row used."""
        top = self.checks.last_row + 2
        self.pen.box(sheet, Box(top, 0, top, cl.REASON), word("checks.others"), "heading")
        columns = (cl.WHERE, cl.WHAT, cl.REASON, cl.FIGURES, cl.ORDER)
        for column, text in zip(columns, words("checks.others_columns"), strict=True):
            self.pen.put(sheet, top + 1, column, text, "head")
        count = max(LEAST_OTHERS, len(self.other_answers) + 2)
        for n in range(count):
            answer = self.other_answers[n] if n < len(self.other_answers) else None
            row = top + 2 + n
            order = str(self._order_of(answer)) if answer else None
            values = (answer.rule, " ".join(answer.cells), answer.reason, answer.figures, order) if answer else (None,) * 5
            for column, value in zip(columns, values, strict=True):
                self.pen.put(sheet, row, column, value, "hidden" if column in (cl.FIGURES, cl.ORDER) else "reason")
        self.others = Box(top + 2, 0, top + 1 + count, cl.PRESENT)
        return top + 1 + count

    def _order_of(self, answer: Answer) -> int:
        """Which of the report's answers this is: two alike are told apart by identity."""
        return next(n for n, one in enumerate(self.report.answers) if one is answer)

    def _check_names(self) -> None:
        book, sheet = self.pen.book, self.checks.sheet
        lines = Box(CHECKS_TOP, 0, self.checks.last_row, cl.PRESENT)
        book.define_name("checks", "=" + area(sheet, lines))
        book.define_name("checks.others", "=" + area(sheet, self.others))


def _shown(value: Value, cell: Cell) -> CellValue:
    """A value as it stands in the sheet: in the cell's unit; words as words."""
    if value is None or isinstance(value, str):
        return value
    number = amount(value, cell.unit)
    plain: Number = int(number) if number == int(number) else number
    return plain if exact(plain) else f"{plain:f}" if isinstance(plain, Decimal) else str(plain)


def _validated(cell: Cell) -> tuple[int, bool]:
    return cell.unit.scale, cell.signed


def _rule_of(kind: tuple[int, bool]) -> dict[str, Any]:
    """The validation of a kind of cell (base units per unit, may be negative)."""
    scale, signed = kind
    if scale > 1:
        label = next(unit for unit in _units() if unit[1] == scale)[0]
        return {"validate": "decimal", "criteria": ">=", "value": 0, "error_message": word("validation.money", unit=label)}
    if signed:
        return {"validate": "integer", "criteria": "between", "minimum": -999999999, "maximum": 999999999,
                "error_message": word("validation.signed")}
    return {"validate": "integer", "criteria": ">=", "value": 0, "error_message": word("validation.count")}


def _units() -> Iterator[tuple[str, int]]:
    from workbook.numbers import UNITS

    return ((unit.label, unit.scale) for unit in UNITS.values())


def _select(sheet: Worksheet, spot: Spot) -> None:
    sheet.set_selection(spot.row, spot.column, spot.row, spot.column)


def _corners(box: Box) -> tuple[int, int, int, int]:
    return box.top, box.left, box.bottom, box.right


def _dollars(refs: str) -> str:
    """References made absolute: D8:D28 → $D$8:$D$28."""
    out = []
    for ref in refs.split(","):
        ends = []
        for end in ref.split(":"):
            letters = end.rstrip("0123456789")
            ends.append(f"${letters}${end[len(letters):]}")
        out.append(":".join(ends))
    return ",".join(out)


def overflow(report: Report) -> Sequence[str]:
    """Texts with a paragraph too long for a cell of a workbook (32,767 signs): their codes."""
    return [code for code, text in report.texts.items() if any(len(line) > 32767 for line in text.split("\n"))]
