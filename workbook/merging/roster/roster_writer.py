"""Writes a roster: a workbook to be filled in or read on, or a CSV."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from workbook.excel.template.pen import Pen, fit_row_height
from workbook.excel.template.styles import STYLES
from workbook.exchange.delimited_text import format_csv
from workbook.merging.roster.roster_lines import Roster, RosterAgency, RosterColumn, list_roster_columns
from workbook.model import identity
from workbook.model.identity import Identity, get_comparable_code, list_agency_keys
from workbook.model.print_layout import CellBox
from workbook.safety import atomic_write
from workbook.safety.messages import load_messages
from workbook.safety.unsafe_text import fold_name, make_one_line, remove_invisible

messages = load_messages("workbook.merging.roster")
template_messages = load_messages("workbook.excel.template")

HEAD = 2
"""Title and hint are above the headings."""
SPARE = 60
"""Empty lines drawn below the agencies."""
PREPARED = 20_000
"""So many lines are prepared for typing and pasting: cells are texts, levels are chosen from a list."""


def write_roster(path: Path, roster: Roster) -> None:
    """Write a roster, complete or not at all: as CSV where the name ends so, else as a workbook. Raises OSError."""
    atomic_write.write_bytes(
        path, format_roster_csv(roster) if path.suffix.lower() == ".csv" else build_roster_workbook(roster)
    )


def build_roster_template() -> bytes:
    """The bytes of a workbook with an empty roster."""
    return build_roster_workbook(Roster())


def format_roster_csv(roster: Roster) -> bytes:
    """The roster as CSV in UTF-8 with a mark, as Excel expects it; no text can become a formula there."""
    heads = [column.label for column in list_roster_columns()]
    return format_csv([heads, *(format_roster_line(one) for one in roster.agencies)])


def format_roster_line(one: RosterAgency) -> list[str]:
    """A line of the roster as it is written: the level by its label, the deadline as 2026-01-31."""
    level = identity.find_level(one.level)
    shown = {
        "level": level.label if level else one.level,
        "deadline": one.deadline.isoformat() if one.deadline else "",
    }
    return [
        shown[column.code] if column.code in shown else str(getattr(one, column.code))
        for column in list_roster_columns()
    ]


def build_roster_workbook(roster: Roster) -> bytes:
    """The bytes of the roster as a workbook; the same roster gives the same bytes."""
    pen = Pen(messages.text("sheet.title"))
    _draw_list(pen, roster)
    _draw_guide(pen)
    return pen.bytes()


def _draw_list(pen: Pen, roster: Roster) -> None:
    sheet = pen.sheet(messages.text("sheet.name"))
    last = len(list_roster_columns()) - 1
    _draw_title(pen, sheet, messages.text("sheet.title"), last)
    hint = messages.text("sheet.hint")
    if roster.agencies:
        hint += messages.text("sheet.filled", n=len(roster.agencies))
    pen.box(sheet, CellBox(1, 0, 1, last), hint, "hint")
    sheet.set_row(1, fit_row_height(hint, sum(column.width for column in list_roster_columns()), line=13.5))
    sheet.set_row(HEAD, 26)
    plain = pen.book.add_format({**STYLES["item"], "border": 0})
    for n, column in enumerate(list_roster_columns()):
        sheet.set_column(n, n, column.width, plain)
        pen.put(sheet, HEAD, n, column.label, "head")
    for row, one in enumerate(roster.agencies, HEAD + 1):
        _draw_line(pen, sheet, row, format_roster_line(one))
    end = HEAD + len(roster.agencies)
    for row in range(end + 1, end + 1 + SPARE):
        _draw_line(pen, sheet, row, [""] * len(list_roster_columns()))
    for n, column in enumerate(list_roster_columns()):
        _prepare_column(sheet, n, column, max(PREPARED, end + SPARE))
    _set_up_print(sheet, end + (0 if roster.agencies else SPARE), last)
    sheet.autofilter(HEAD, 0, max(end, HEAD + 1), last)
    sheet.freeze_panes(HEAD + 1, 1)
    sheet.repeat_rows(HEAD)
    sheet.activate()


def _draw_line(pen: Pen, sheet: Worksheet, row: int, texts: Sequence[str]) -> None:
    height = 20.0
    for n, (column, text) in enumerate(zip(list_roster_columns(), texts, strict=True)):
        pen.put(sheet, row, n, text, "item")
        height = max(height, fit_row_height(text, column.width - 2, line=14.0, least=20.0) if text else height)
    sheet.set_row(row, height)


def _prepare_column(sheet: Worksheet, n: int, column: RosterColumn, last: int) -> None:
    """What a cell of that column asks for, shown while it is filled in; a wrong entry is questioned, not refused."""
    asked: dict[str, object] = {"validate": "any"}
    if column.code == "level":
        labels = [level.label for level in identity.list_levels()]
        asked = {"validate": "list", "source": labels, "error_message": messages.text("sheet.level_message")}
    elif column.code in ("code", "region"):
        length = 18 if column.code == "code" else 6
        asked = {"validate": "length", "criteria": "==", "value": length}
        asked["error_message"] = messages.text(f"sheet.{column.code}_message")
    shown = {"input_title": column.label, "input_message": column.help, "error_type": "warning"}
    sheet.data_validation(HEAD + 1, n, last, n, {**asked, **shown, "error_title": messages.text("sheet.problem_title")})


def _draw_guide(pen: Pen) -> None:
    sheet = pen.sheet(messages.text("sheet.guide"))
    widths = (20, 56, 60)
    for n, width in enumerate(widths):
        sheet.set_column(n, n, width)
    _draw_title(pen, sheet, messages.text("sheet.guide_title"), len(widths) - 1)
    for n, text in enumerate(messages.entry("sheet.guide_columns")):
        pen.put(sheet, 1, n, text, "head")
    sheet.set_row(1, 26)
    for row, column in enumerate(list_roster_columns(), 2):
        also = messages.text("sheet.comma").join(column.also)
        for n, (text, style) in enumerate(
            zip((column.label, column.help, also), ("field", "row", "item"), strict=True)
        ):
            pen.put(sheet, row, n, text, style)
        sheet.set_row(row, max(fit_row_height(column.help, widths[1] - 3), fit_row_height(also, widths[2] - 3)))
    _set_up_print(sheet, len(list_roster_columns()) + 1, len(widths) - 1)


def _draw_title(pen: Pen, sheet: Worksheet, text: str, last: int) -> None:
    sheet.set_row(0, 36)
    pen.box(sheet, CellBox(0, 0, 0, last), text, "title")


def _set_up_print(sheet: Worksheet, row: int, column: int) -> None:
    sheet.set_landscape()
    sheet.print_area(0, 0, row, column)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.set_footer(template_messages.text("print.footer"))


# A first draft of a roster from the reports handed in: one line an agency, parents where they are cer


def draft_roster(identities: Iterable[Identity]) -> Roster:
    """One line for every agency among these, governments before their departments, region by region.

    Of several reports of one agency the highest revision is believed, others fill what it left blank. An identity with
    neither name nor code makes no line. The parent is stated where region and level leave exactly one, else blank.
    """
    stated = [one for one in identities if fold_name(one.name) or fold_name(one.code)]
    groups: defaultdict[str, list[Identity]] = defaultdict(list)
    for key, one in zip(list_agency_keys(stated), stated, strict=True):
        groups[key].append(one)
    agencies = sorted((_draft_line(same) for same in groups.values()), key=_rank)
    return Roster(tuple(_add_parents(agencies)))


def _draft_line(same: Sequence[Identity]) -> RosterAgency:
    newest = sorted(same, key=lambda one: -one.revision)

    def first(code: str) -> str:
        return next(
            (
                text
                for one in newest
                if (text := " ".join(make_one_line(remove_invisible(str(getattr(one, code)))).split()))
            ),
            "",
        )

    known = identity.find_level(first("level"))
    code = next((valid for one in newest if (valid := get_comparable_code(one))), first("code"))
    return RosterAgency(first("name"), code, first("region"), known.code if known else "", "", first("contact"))


def _rank(one: RosterAgency) -> tuple[str, int, str, str]:
    ranks = {level.code: n for n, level in enumerate(identity.list_levels())}
    return one.region or "~", ranks.get(one.level, len(ranks)), one.name, one.code


def _add_parents(agencies: Sequence[RosterAgency]) -> Iterable[RosterAgency]:
    governments: defaultdict[tuple[str, str], list[RosterAgency]] = defaultdict(list)
    for one in agencies:
        governments[one.level, one.region].append(one)
    names = Counter(fold_name(one.name) for one in agencies)
    for one in agencies:
        above = _find_superior(one, governments)
        yield replace(one, parent=_name_parent(above, names)) if above else one


def _find_superior(
    one: RosterAgency, governments: Mapping[tuple[str, str], Sequence[RosterAgency]]
) -> RosterAgency | None:
    """The one agency that is above by region and level; None where there are none or several."""
    rule = messages.entry("superior").get(one.level)
    if rule is None or not one.region or identity.find_region_problem(one.region):
        return None

    def of(level: str, digits: int) -> Sequence[RosterAgency]:
        return governments.get((level, one.region[:digits].ljust(6, "0")), ())

    found = of(rule["level"], rule["digits"])
    if not found and re.fullmatch(rule.get("direct", "-"), one.region):
        found = of(rule["above"], rule["direct_digits"])
    return found[0] if len(found) == 1 else None


def _name_parent(above: RosterAgency, names: Mapping[str, int]) -> str:
    """A parent as a line states it: by name if only one line has it, else by code; blank if neither is certain."""
    if above.name and names[fold_name(above.name)] == 1:
        return above.name
    return get_comparable_code(above.identity)
