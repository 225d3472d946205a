"""What strangers typed, on its way through the plugin into an open workbook: shown, kept, and never run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

import xlplugin
from tests.integration.plugin.conftest import Told, put, sample, value, values
from tests.integration.plugin.fake_host import failing_at
from workbook.exchange import report_json
from workbook.model.cell_address import parse_address
from workbook.model.finding import Source
from workbook.model.report import Report
from workbook.safety.unsafe_text import make_legible
from xlplugin.cell_writer import PlacedValue, place_at_source, write_cells
from xlplugin.host import SpreadsheetHost, lift_protection
from xlplugin.open_workbook import ChangesUndone, OpenWorkbook

Opened = Callable[..., SpreadsheetHost]


def hostile() -> Report:
    """A report with something a spreadsheet would run for everything that may be words."""
    report = sample()
    agency = replace(report.agency, name="=cmd|'/c calc'!A1", level="@SUM(1)\u202e", contact="+1+1")
    texts = MappingProxyType({"overview": "-2+3", "problems": "=1", "other": "＝1"})
    figures = {"licensing.permits.decisions": "=1+1件", "enforcement.penalties.decisions": "+cmd|'/c calc'!A1"}
    return replace(report, agency=agency, texts=texts).with_values(figures)


def formulas(host: SpreadsheetHost) -> set[str]:
    """What is entered as a formula anywhere, unless a cell shows the very same text."""
    found = set()
    for sheet in host.sheet_names():
        used = host.used_area(sheet)
        assert used is not None
        for shown, entered in zip(host.read_values(sheet, used), host.read_formulas(sheet, used), strict=True):
            pairs = zip(shown, entered, strict=True)
            found |= {str(text) for seen, text in pairs if str(text).startswith("=") and text != seen}
    return found


def test_nothing_typed_becomes_a_formula(opened: Opened, told: Told, tmp_path: Path) -> None:
    host, given = opened(sample()), hostile()
    before = formulas(host)
    path = tmp_path / "x.json"
    path.write_text(report_json.dump_report_text(given), "utf-8")
    told.answers = [True] * 4
    assert xlplugin.import_json(host, path) == path
    outcome = xlplugin.validate(host)
    assert outcome is not None
    assert not {one for one in formulas(host) - before if "cmd" in one or one[1:2] in "1+-@="}
    back = OpenWorkbook(host).read_submission().report
    assert back.agency == given.agency
    assert dict(back.texts) == dict(given.texts)
    assert back.values == given.values
    rows = values(host, "问题", "D1:H200")
    said = [str(cell) for row in rows for cell in row if cell is not None]
    assert all(cell == make_legible(cell) for cell in said)
    assert any("@SUM(1)〔U+202E〕" in cell for cell in said)
    assert any("=1+1件" in cell for cell in said)


def fail_to_write(monkeypatch: pytest.MonkeyPatch, host: SpreadsheetHost, spots: list[Source]) -> None:
    """Write 5 into cells, and one more value, at which the program fails."""
    placed = [place_at_source(spot, 5) for spot in spots]
    with monkeypatch.context() as patch, pytest.raises(ChangesUndone):
        patch.setattr(host, "write_block", failing_at(2, host.write_block))
        write_cells(OpenWorkbook(host), [*placed, PlacedValue("表四", (0, 0), 5)])


def test_what_is_put_back_is_no_formula_either(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    host = opened(hostile())
    spot = OpenWorkbook(host).read_submission().report.source("licensing.permits.decisions")
    put(host, spot.sheet, spot.cell, "'=1+1")
    fail_to_write(monkeypatch, host, [spot])
    assert value(host, spot.sheet, spot.cell) == "=1+1"
    assert OpenWorkbook(host).read_submission().report["licensing.permits.decisions"] == "=1+1"


@pytest.mark.parametrize("formats", [(), ("@",), ("@", "0", "@")])
def test_texts_that_look_like_numbers_are_put_back_as_texts(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, formats: tuple[str, ...]
) -> None:
    host = opened(sample())
    report = OpenWorkbook(host).read_submission().report
    spots = [report.source(cell.code) for cell in report.form.cells[:3]]
    texts = ("007", "12345678901234567890", "3-1")
    for n, (spot, text) in enumerate(zip(spots, texts, strict=True)):
        row, column = parse_address(spot.cell)
        with lift_protection(host, spot.sheet):
            if formats:
                host.format_area(spot.sheet, (row, column, row, column), number_format=formats[n % len(formats)])
            host.write_block(spot.sheet, (row, column), [[f"'{text}"]])
    fail_to_write(monkeypatch, host, spots)
    assert tuple(value(host, spot.sheet, spot.cell) for spot in spots) == texts
