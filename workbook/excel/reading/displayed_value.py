"""Finds cells that show something else than they hold: what may be read from them, and the findings about them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import partial
from typing import Final, NamedTuple

from workbook.excel.reading.cell_appearance import is_invisible
from workbook.excel.reading.entry_reader import NarrativeArea as TextArea
from workbook.excel.reading.formula_value import compute_formula
from workbook.excel.reading.label_index import WorkbookView
from workbook.excel.reading.number_format import FormattedValue, format_value
from workbook.excel.reading.reading_context import LocatedTable, shorten_text
from workbook.excel.reading.workbook_contents import PAPER, Cell, CellInk, CellLook, Raw, Sheet
from workbook.model import numbers
from workbook.model.cell_address import Area, Place, format_address, parse_address
from workbook.model.finding import Finding, Source
from workbook.model.form import Cell as FormCell
from workbook.model.report import hash_figures
from workbook.model.rule_catalog import get_phrase, make_finding
from workbook.rules.evaluation import TEXT_MARKS
from workbook.safety.messages import NO_TEXT, Bilingual

UNWANTED: Final = ("struck", "hidden")
"""Those that leave it open whether it belongs to a name or a text."""
DOUBTS: Final = ("unknown", "faint", "repeated")
"""Why nobody can tell what is seen in a cell: see `CellStyle.doubt`."""
MOST_DRESSINGS: Final = 50
"""More kinds of conditional formats on one sheet are not told one by one."""
MOST_AREAS: Final = 1_000
"""A conditional format that holds for more areas is taken to hold everywhere."""
_WIDE: Final = Context(prec=1000)
_DASHES: Final = re.compile(rf"[{re.escape(numbers.DASHES)}]+")
_LAST_DAY: Final = 2_958_465
"""31 December 9999, the last day that a spreadsheet shows."""
_LEAP: Final = 60
"""The day that never was: 29 February 1900, which spreadsheets count."""


class DisplayedFigure(NamedTuple):
    """One figure that is shown otherwise than it is; `read` says whether what the cell holds is read as a number."""

    cell: FormCell
    place: Place
    stored: str
    seen: FormattedValue
    read: bool = True


# what may be taken ----------------------------------------------------------------------------------------------------


def get_readable_value(cell: Cell, look: CellLook | None, *, late: bool) -> numbers.Raw:
    """What may be read from the cell of a figure: its value, or what is seen there where that is no certain number."""
    value = cell.value
    if look is None or value is None or isinstance(value, bool) or cell.error:
        return value
    if any(look.marks) or look.runs:
        return mark_text_runs(look, _said(value))
    if look.format and not isinstance(value, str) and format_value(look.format, _number(value)).kind == "date":
        return _day(value, late=late) or value
    return value


def get_displayed_value(cell: Cell, look: CellLook | None, *, late: bool) -> numbers.Raw:
    """What a person reads in a cell that may be any: its value, or what its format is known to make of it."""
    value = get_readable_value(cell, look, late=late)
    if look is None or not look.format or value is not cell.value or value is None or isinstance(value, bool):
        return value
    there = find_displayed_difference(look, value, numbers.UNITS["件"])
    return value if there is None or there.kind in ("other", "date") else there.text


def mark_text_runs(look: CellLook, text: str) -> str:
    """A text with its struck, raised and hidden stretches told apart, in brackets: never to be taken for a number."""
    if not look.runs:
        return f"{text}（{_marks(look.marks)}）" if text.strip() else text
    return "".join(
        f"（{_marks(run.marks)}：{run.text}）" if run.marks and run.text.strip() else run.text for run in look.runs
    )


def _marks(marks: frozenset[str]) -> str:
    return "、".join(get_phrase(mark, "mark").zh for mark in TEXT_MARKS if mark in marks)


def _said(value: str | float) -> str:
    return format(_number(value), "f") if isinstance(value, float) else str(value)


def _number(value: str | float) -> Decimal:
    return Decimal(value) if isinstance(value, int) else Decimal(format(float(value), ".15g"))


def _day(value: float, *, late: bool) -> datetime | None:
    """The day and time that a number stands for, as Excel shows it; None where it stands for none."""
    days = value + 1462 if late else value
    if not 0 <= days <= _LAST_DAY:
        return None
    return datetime(1899, 12, 31 if days < _LEAP else 30) + timedelta(seconds=round(days * 86400))


# what is seen ---------------------------------------------------------------------------------------------------------


def find_displayed_difference(look: CellLook, value: str | float, unit: numbers.Unit) -> FormattedValue | None:
    """What a number format shows of a value, where a person would read another number there, or none."""
    if isinstance(value, str):
        there = format_value(look.format, value, look.ground)
        return None if there.text.strip() == value.strip() else there
    number = _number(value)
    there = format_value(look.format, number, look.ground)
    if there.kind != "number":
        return there
    text = _tidy(there.text, number)
    if number == 0 and _DASHES.fullmatch(text):  # as accountants write it
        return None
    rounded = number.quantize(Decimal(1).scaleb(-there.places), ROUND_HALF_UP, _WIDE)
    same = numbers.parse_figure(text, unit).value == numbers.parse_figure(rounded, unit).value
    return None if same else there


def find_displayed_figure(
    look: CellLook, value: Raw, cell: FormCell, place: Place, *, read: bool = True
) -> DisplayedFigure | None:
    """What is seen of a figure, where that is not the value there; None where it is."""
    if value is None or isinstance(value, bool):
        return None
    there = find_displayed_difference(look, value, cell.unit) if look.format else None
    if there is None and look.doubt and read:
        there = FormattedValue(look.doubt)
    return None if there is None else DisplayedFigure(cell, place, _said(value), there, read)


def _tidy(text: str, number: Decimal) -> str:
    """A number as it would be typed: without brackets for a sign, zeros in front, spaces between thousands."""
    text = text.strip()
    if number < 0 and (bracketed := re.fullmatch(r"\(([^()-]*)\)", text)):
        text = "-" + bracketed[1].strip()
    text = re.sub(r"(?<=[0-9])\.(?![0-9])", "", text)
    text = re.sub(r"(?<![0-9])\.(?=[0-9])", "0.", text)
    text = re.sub(r"(?<![0-9.,])0+(?=[0-9])", "", text)
    return re.sub(r"(?<=[0-9]) (?=[0-9]{3}(?![0-9]))", "", text)


# what is said ---------------------------------------------------------------------------------------------------------


def list_display_findings(
    found: LocatedTable, by_format: Mapping[tuple[str, str], list[DisplayedFigure]], file: str
) -> Iterator[Finding]:
    """One finding for each number format, or doubt, that shows figures of a table otherwise than they are."""
    for (code, _), some in by_format.items():
        first = some[0]
        facts = {
            "stored": shorten_text(first.stored),
            "format": shorten_text(code),
            "seen": shorten_text(first.seen.text.strip()),
        }
        if first.seen.kind == "date":
            kind = "format-date"
        elif first.seen.kind in ("other", *DOUBTS):
            kind = {"other": "format-other"}.get(first.seen.kind, f"look-{first.seen.kind}")
        else:
            kind = "format-shown" if facts["seen"] else "format-blank"
        yield _about(found, some, get_phrase(kind, **facts), code, file)


def list_conditional_findings(found: LocatedTable, cells: Mapping[str, FormCell], file: str) -> Iterator[Finding]:
    """What conditional formats may hide or show otherwise of a table's figures; whether they do now is not asked."""
    spots: dict[tuple[CellLook, CellInk], list[Area]] = {(one.look, one.ink): [] for one in found.sheet.dressings}
    there = [(cells[code], place) for code, place in found.cells.items() if _holds(found, place)]
    if len(spots) > MOST_DRESSINGS:
        if there:
            some = [DisplayedFigure(cell, place, "", FormattedValue("other")) for cell, place in there]
            yield _about(found, some, get_phrase("condition-many", count=len(spots)), "", file)
        return
    for dressing in found.sheet.dressings:
        areas = spots[dressing.look, dressing.ink]
        areas += dressing.areas[: MOST_AREAS + 1 - len(areas)]
    for (look, ink), areas in spots.items():
        covered = [one for one in there if len(areas) > MOST_AREAS or _covers(areas, one[1])]
        some = [one for cell, place in covered if (one := _dressed(look, ink, cell, place, found.sheet))]
        if some:
            kind = "condition-format" if look.format else "condition-unknown" if look.doubt else "condition-marked"
            what = get_phrase(kind, format=shorten_text(look.format)) if look.format else get_phrase(kind)
            told = f"{ink.colour}{ink.grounds}" if ink != CellInk() else ""
            yield _about(found, some, what, f"{look.format}{sorted(look.marks)}{look.doubt}{told}", file)


def _holds(found: LocatedTable, place: Place) -> bool:
    cell = found.sheet.cells.get(place)
    return cell is not None and cell.value is not None and not isinstance(cell.value, bool)


def list_covered_findings(found: LocatedTable, cells: Mapping[str, FormCell], file: str) -> Iterator[Finding]:
    """Figures of a table that nobody sees, by what hides them: one finding for each of these."""
    sheet = found.sheet
    there = [(cells[code], place) for code, place in found.cells.items() if _holds(found, place)]
    merges = [area for area in sheet.merges if area[:2] != area[2:]]
    hidden: dict[str, list[tuple[FormCell, Place]]] = {"sheet": there if sheet.hidden else []}
    hidden["merge"] = [one for one in there if any(_is_beneath(area, one[1]) for area in merges)]
    hidden["zero"] = [] if sheet.zeros else [one for one in there if sheet.cells[one[1]].value == 0]
    for kind in dict.fromkeys(one.kind for one in sheet.unseen):
        areas = [one.area for one in sheet.unseen if one.kind == kind]
        covered = [one for one in there if _covers(areas, one[1])]
        hidden[kind] = [one for one in covered if kind != "array" or sheet.cells[one[1]].formula is None]
    for kind, some in hidden.items():
        if some:
            yield _unseen(f"cover-{kind}", found, some, file)


def _is_beneath(merge: Area, place: Place) -> bool:
    return place != merge[:2] and _covers((merge,), place)


def _unseen(kind: str, found: LocatedTable, some: Sequence[tuple[FormCell, Place]], file: str) -> Finding:
    stored = [f"{cell.code}={_said(found.sheet.cells[place].value or 0)}" for cell, place in some]
    first, place = some[0]
    return make_finding(
        "structure-covered",
        cells=tuple(cell.code for cell, _ in some),
        figures=hash_figures("\n".join([kind, *stored])),
        place=first.words,
        what=get_phrase(kind, stored=shorten_text(stored[0].partition("=")[2])),
        more=_more(some),
    ).at(Source(file, found.sheet.name, format_address(*place)))


def list_formula_findings(
    found: LocatedTable, cells: Mapping[str, FormCell], sheets: Mapping[str, Sheet], file: str
) -> Iterator[Finding]:
    """Entry cells that hold a formula whose stored result is not what it gives, or of which that cannot be told.

    Totals are compared with their parts elsewhere. `sheets` are those that a formula may refer to.
    """
    for code, place in found.cells.items():
        raw, cell = found.sheet.cells.get(place), cells[code]
        if raw is None or raw.formula is None or not raw.cached or cell.total:
            continue
        computed = compute_formula(raw.formula, partial(_typed_number, sheets, found.sheet))
        if computed is not None and _is_stored(computed, raw.value):
            continue
        kind = "formula-computed" if computed is not None else "formula-open"
        kind = kind if raw.formula.strip() else "formula-lost"
        facts = {"formula": shorten_text(raw.formula), "stored": shorten_text(_said(raw.value or 0))}
        facts |= {"computed": _said(float(computed))} if computed is not None else {}
        yield make_finding(
            "structure-entry",
            cells=(code,),
            figures=hash_figures(f"{code}={raw.formula}={raw.value}"),
            place=cell.words,
            what=get_phrase(kind, **facts),
        ).at(Source(file, found.sheet.name, format_address(*place)))


def _typed_number(sheets: Mapping[str, Sheet], own: Sheet, name: str, place: Place) -> Decimal | None:
    """A number that was typed into a cell, 0 where it is empty; None for texts and for results of other formulas."""
    sheet = sheets.get(name) if name else own
    if sheet is None:
        return None
    cell = sheet.cells.get(place)
    if cell is None:
        return Decimal(0)
    if cell.formula is not None or cell.error or isinstance(cell.value, bool | str) or cell.value is None:
        return None
    return _number(cell.value)


def _is_stored(computed: Decimal, value: Raw) -> bool:
    """Whether a result is the one stored, to the digits that a spreadsheet computes with."""
    if isinstance(value, bool | str) or value is None:
        return False
    return f"{float(computed):.12g}" == f"{float(value):.12g}"


def _dressed(look: CellLook, ink: CellInk, cell: FormCell, place: Place, sheet: Sheet) -> DisplayedFigure | None:
    """A figure as a conditional format shows it, where that is otherwise."""
    raw, own = sheet.cells[place], sheet.inks.get(place, CellInk("", (PAPER,)))
    hidden = ink != CellInk() and is_invisible(ink.colour or own.colour, ink.grounds or own.grounds)
    if (look.marks or hidden) and raw.value is not None:
        return DisplayedFigure(cell, place, _said(raw.value), FormattedValue("other"))
    return find_displayed_figure(
        look._replace(ground=ink.grounds[0] if ink.grounds else own.grounds[0]), raw.value, cell, place
    )


def _covers(areas: Iterable[Area], place: Place) -> bool:
    return any(top <= place[0] <= bottom and left <= place[1] <= right for top, left, bottom, right in areas)


def _about(found: LocatedTable, some: list[DisplayedFigure], what: Bilingual, code: str, file: str) -> Finding:
    figures = hash_figures("\n".join([code, *(f"{one.cell.code}={one.stored}" for one in some)]))
    return make_finding(
        "structure-shown",
        cells=tuple(one.cell.code for one in some),
        figures=figures,
        place=some[0].cell.words,
        what=what,
        more=_more(some),
        read=_read(some),
    ).at(Source(file, found.sheet.name, format_address(*some[0].place)))


def _more(some: Sequence[object]) -> Bilingual:
    """How many other figures of the table are so, too."""
    return get_phrase("more-cells", count=len(some) - 1) if len(some) > 1 else NO_TEXT


def _read(some: list[DisplayedFigure]) -> Bilingual:
    """What was read of them; of writing that is struck or hidden the finding about the figure says it."""
    if all(one.read for one in some):
        return get_phrase("read-stored")
    return get_phrase("read-no-date") if some[0].seen.kind == "date" else NO_TEXT


def report_unknown_styles(source: Source) -> Finding:
    """That nothing is known of how the workbook shows its figures."""
    what, read = get_phrase("unstyled"), get_phrase("read-stored")
    one = make_finding("structure-shown", place=get_phrase("workbook"), what=what, more=NO_TEXT, read=read)
    return one.at(source)


def report_marked_texts(
    view: WorkbookView, sources: Mapping[str, Source], areas: Mapping[str, TextArea]
) -> Iterator[Finding]:
    """What is struck out or hidden of the agency's identity and of the written parts, which are read all the same."""
    places = [(source.sheet, parse_address(source.cell)) for source in sources.values()]
    for area in areas.values():
        rows = range(area.first, area.last + 1) if area.sheet.looks else ()
        places += [(area.sheet.name, (row, area.column)) for row in rows]
    for name, place in dict.fromkeys(places):
        sheet = view.sheets.get(name)
        look = sheet.looks.get(place) if sheet else None
        cell = sheet.cells.get(place) if sheet else None
        if look is None or cell is None or cell.value is None or isinstance(cell.value, bool) or cell.error:
            continue
        source = Source(view.book.path.name, name, format_address(*place))
        for mark, text in _unwanted(look, cell.value):
            what = get_phrase(f"writing-{mark}")
            yield make_finding("structure-marked", where=str(source), marked=shorten_text(text), what=what).at(source)


def _unwanted(look: CellLook, value: str | float) -> Iterator[tuple[str, str]]:
    """What of a text is struck out, or hidden by its colour, its size or its number format."""
    for mark in UNWANTED:
        if mark in look.marks:
            yield mark, _said(value)
        elif text := "…".join(run.text.strip() for run in look.runs if mark in run.marks and run.text.strip()):
            yield mark, text
    if look.format:
        there = format_value(look.format, value if isinstance(value, str) else _number(value), look.ground)
        if there.kind in ("text", "number") and not there.text.strip() and _said(value).strip():
            yield "hidden", _said(value)
