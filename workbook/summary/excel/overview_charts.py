"""The charts of the overview: each draws what a table beside it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xlsxwriter.worksheet import Worksheet

from workbook.excel.template.pen import Pen
from workbook.excel.template.styles import AMBER, BODY_FONT, GREEN, GREY, HEAD_FONT, INK, LINE, RED

COLUMN_PIXELS = 88
"""How wide a column of the overview is."""
POINT = 4 / 3
"""Pixels in a point, of which rows are high."""
STATES = (GREEN, "#D46A5F", "#D9A441", "#A9B0BC", "#7F1D1D")
"""Submitted, returned, to be looked at, not known, missing."""
BLUE = "#3C6DB0"
TONES = {"error": RED, "warning": AMBER, "notice": GREY}
_FONT = {"name": BODY_FONT, "size": 9, "color": INK}


def build_turnout_chart(
    pen: Pen, sheet: Worksheet, title: str, table: tuple[int, int], columns: Sequence[int], label: int
) -> Any:  # noqa: ANN401
    """A bar a level, by where its agencies stand; `table` are the first and last line, each column a state."""
    chart = _styled_bar_chart(pen, title, "stacked")
    first, last = table
    for color, column in zip(STATES, columns, strict=True):
        chart.add_series(
            {
                "name": [sheet.name, first - 1, column],
                "categories": [sheet.name, first, label, last, label],
                "values": [sheet.name, first, column, last, column],
                "fill": {"color": color},
                "gap": 60,
            }
        )
    chart.set_legend({"position": "bottom", "font": _FONT})
    return chart


def build_bar_chart(
    pen: Pen, sheet: Worksheet, title: str, table: tuple[int, int], column: int, label: int, fills: Sequence[str] = ()
) -> Any:  # noqa: ANN401
    """A bar a line of a table; `fills` colours them one by one."""
    chart = _styled_bar_chart(pen, title, "clustered")
    first, last = table
    chart.add_series(
        {
            "name": title,
            "categories": [sheet.name, first, label, last, label],
            "values": [sheet.name, first, column, last, column],
            "fill": {"color": BLUE},
            "points": [{"fill": {"color": fill}} for fill in fills] or None,
            "data_labels": {"value": True, "font": _FONT, "num_format": "#,##0"},
            "gap": 50,
        }
    )
    chart.set_legend({"none": True})
    return chart


def _styled_bar_chart(pen: Pen, title: str, subtype: str) -> Any:  # noqa: ANN401 -- XlsxWriter has no types
    kind: Mapping[str, str] = {"type": "bar", "subtype": subtype}
    chart = pen.chart({key: value for key, value in kind.items() if value != "clustered"})
    chart.set_title({"name": title, "name_font": {"name": HEAD_FONT, "size": 11, "color": INK, "bold": False}})
    chart.set_y_axis(
        {"reverse": True, "crossing": "max", "num_font": _FONT, "line": {"color": LINE}, "major_tick_mark": "none"}
    )
    grid = {"visible": True, "line": {"color": "#E3E7EE", "width": 0.5}}
    look = {"num_font": _FONT, "num_format": "#,##0", "major_gridlines": grid, "line": {"none": True}}
    chart.set_x_axis({**look, "label_position": "low", "min": 0, "major_tick_mark": "none"})
    chart.set_chartarea({"border": {"color": LINE}})
    return chart


def place_chart(sheet: Worksheet, chart: Any, row: int, column: int, columns: int, points: float) -> None:  # noqa: ANN401
    """Put a chart on the sheet, so many columns wide and points high."""
    chart.set_size({"width": columns * COLUMN_PIXELS - 6, "height": int(points * POINT) - 6})
    sheet.insert_chart(row, column, chart, {"x_offset": 3, "y_offset": 3, "object_position": 1})
