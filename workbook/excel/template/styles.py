"""Defines the named styles of our workbooks (fonts, colours, borders), in XlsxWriter's terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TITLE_FONT, HEAD_FONT, BODY_FONT = "方正小标宋简体", "黑体", "宋体"

INK, LINE = "#1F2A44", "#8A94A6"
BAND, HEAD, LABEL = "#C6D9F1", "#E4EDF8", "#F5F8FC"
ENTRY, TOTAL, QUIET = "#FFFBE6", "#ECEFF3", "#F4F4F4"
RED, RED_FILL = "#B3261E", "#FBD9D5"
GREEN, GREEN_FILL = "#1B6E3C", "#D8F0DF"
AMBER, AMBER_FILL = "#8A5A00", "#FDE9C4"
GREY, BLUE = "#6B7280", "#0B57D0"

_Look = dict[str, Any]
_PLAIN: _Look = {"font_name": BODY_FONT, "font_size": 11, "valign": "vcenter"}
_CELL: _Look = {**_PLAIN, "border": 1, "border_color": LINE}
_BOLD: _Look = {"font_name": HEAD_FONT}
_SMALL: _Look = {"font_size": 10}
_CENTER: _Look = {"align": "center"}
_WRAP: _Look = {"text_wrap": True}
_ENTRY: _Look = {"bg_color": ENTRY, "locked": False}
_LINK: _Look = {"font_color": BLUE, "underline": 1}
_TEXT: _Look = {"num_format": "@"}
_DIGITS: _Look = {"num_format": "0.######"}
_PRIOR: _Look = {**_CELL, **_SMALL, "font_color": GREY}
_ITEM: _Look = {**_CELL, **_SMALL, **_WRAP, **_TEXT, "indent": 1}
_FIGURE: _Look = {**_CELL, **_SMALL, "align": "right", "indent": 1}
_RED: _Look = {"font_color": RED, "bg_color": RED_FILL}
_GREEN: _Look = {"font_color": GREEN, "bg_color": GREEN_FILL}
_AMBER: _Look = {"font_color": AMBER, "bg_color": AMBER_FILL}
_STATE: _Look = {**_CELL, **_BOLD, **_SMALL, **_CENTER, **_WRAP}
_BIG: _Look = {**_CELL, **_BOLD, **_CENTER, "font_size": 14}
_SUMS: Mapping[str, _Look] = {
    "sum": {},
    "sum_total": {"bg_color": TOTAL, "bold": True},
    "sum_wait": {"bg_color": AMBER_FILL},
    "sum_bad": _RED,
}
"""Figures of the summary: plain, a total, one that lacks agencies, one that breaks a rule."""

STYLES: Mapping[str, Mapping[str, Any]] = {
    # titles and texts without a border
    "title": {**_PLAIN, **_CENTER, "font_name": TITLE_FONT, "font_size": 18, "font_color": INK},
    "cover": {**_PLAIN, **_CENTER, "font_name": TITLE_FONT, "font_size": 26, "font_color": INK},
    "subtitle": {**_PLAIN, **_CENTER, "font_color": GREY},
    "heading": {**_PLAIN, **_BOLD, "font_size": 13, "font_color": INK, "bottom": 2, "bottom_color": BAND},
    "plain": _PLAIN,
    "wrapped": {**_PLAIN, **_WRAP},
    "hint": {**_PLAIN, **_SMALL, **_WRAP, "font_color": GREY, "indent": 1},
    "small": {**_PLAIN, "font_size": 9, "font_color": GREY},
    "agency": {**_PLAIN, "font_color": INK},
    "state": {**_PLAIN, **_BOLD, "align": "right", "font_color": AMBER},
    "length": {**_PLAIN, **_SMALL, "align": "right", "font_color": GREY},
    "right": {**_PLAIN, **_SMALL, "align": "right", "font_color": GREY},
    "plainlink": {**_PLAIN, **_LINK},
    "hidden": {"font_name": BODY_FONT, "font_size": 9, **_TEXT, "hidden": True},
    # the printed form
    "bigstate": _BIG,
    "field": {**_CELL, **_BOLD, "bg_color": HEAD, "indent": 1},
    "text": {**_CELL, **_ENTRY, **_TEXT, "indent": 1},
    "year": {**_CELL, **_ENTRY, "num_format": "0", "align": "left", "indent": 1},
    "band": {**_CELL, **_BOLD, **_CENTER, "bg_color": BAND},
    "head": {**_CELL, **_BOLD, **_CENTER, **_WRAP, "bg_color": HEAD},
    "corner": {**_CELL, **_SMALL, **_CENTER, **_WRAP, "bg_color": HEAD},
    "group": {**_CELL, **_CENTER, **_WRAP, "bg_color": LABEL},
    "tall": {**_CELL, **_CENTER, "bg_color": LABEL, "rotation": 270},
    "row": {**_CELL, **_WRAP, "bg_color": LABEL, "indent": 1},
    "count": {**_CELL, **_ENTRY, **_CENTER, "num_format": "0"},
    "money": {**_CELL, **_ENTRY, **_CENTER, **_DIGITS},
    "words": {**_CELL, **_ENTRY, **_CENTER, **_WRAP},
    "total": {**_CELL, **_CENTER, "bg_color": TOTAL, "num_format": "0"},
    "published": {**_CELL, **_ENTRY, **_CENTER, **_DIGITS, "italic": True},
    "before": {**_PRIOR, **_CENTER, **_DIGITS, "bg_color": QUIET},
    "before_entry": {**_PRIOR, **_CENTER, **_DIGITS, "locked": False},
    "before_head": {**_PRIOR, **_CENTER, **_WRAP, "bg_color": QUIET},
    "before_year": {**_PRIOR, "locked": False, "num_format": "0", "align": "left"},
    "paragraph": {
        **_ENTRY,
        **_WRAP,
        **_TEXT,
        "font_name": "仿宋",
        "font_size": 12,
        "valign": "top",
        "border": 4,
        "border_color": "#D8D2B8",
        "indent": 1,
    },
    # the check list
    "number": {**_CELL, **_SMALL, **_CENTER, "font_color": GREY},
    "line": _ITEM,
    "figure": {**_CELL, **_SMALL, **_CENTER, **_WRAP, "num_format": "General"},
    "status": {**_CELL, **_BOLD, **_SMALL, **_CENTER},
    "link": {**_CELL, **_SMALL, **_CENTER, **_LINK},
    "reason": {**_CELL, **_SMALL, **_ENTRY, **_WRAP, **_TEXT},
    # the summary
    "date": {**_CELL, **_SMALL, **_CENTER},
    "big": {
        **_PLAIN,
        **_BOLD,
        **_CENTER,
        "font_size": 22,
        "font_color": INK,
        "top": 1,
        "left": 1,
        "right": 1,
        "border_color": LINE,
        "num_format": "#,##0",
    },
    "caption": {
        **_PLAIN,
        **_SMALL,
        **_CENTER,
        "font_color": GREY,
        "bottom": 1,
        "left": 1,
        "right": 1,
        "border_color": LINE,
    },
    **{name: {**_FIGURE, **look, "num_format": "#,##0"} for name, look in _SUMS.items()},
    **{f"{name}_money": {**_FIGURE, **look, "num_format": "#,##0.00####"} for name, look in _SUMS.items()},
    "sum_words": {**_FIGURE, **_AMBER, **_TEXT},
    "item": _ITEM,
    "itemlink": {**_ITEM, **_LINK},
    "sumlink": {**_FIGURE, **_LINK, "num_format": "#,##0"},
    "share": {**_FIGURE, "num_format": "0.0%"},
    "share_total": {**_FIGURE, **_SUMS["sum_total"], "num_format": "0.0%"},
    "ratio": {**_FIGURE, "num_format": "0.00"},
    "smallhead": {**_CELL, **_BOLD, **_SMALL, **_CENTER, **_WRAP, "bg_color": HEAD},
    "ordinal": {**_CELL, "font_size": 8, "align": "left", "font_color": GREY, "bg_color": LABEL},
    "hash": {**_CELL, **_TEXT, "font_name": "Consolas", "font_size": 8, "font_color": GREY},
    "tone_good": {**_STATE, **_GREEN},
    "tone_bad": {**_STATE, **_RED},
    "tone_wait": {**_STATE, **_AMBER},
    "tone_quiet": {**_STATE, "font_color": GREY, "bg_color": QUIET},
    "tone_none": {**_CELL, **_SMALL, **_CENTER, **_WRAP, "font_color": GREY},
    "verdict_good": {**_BIG, **_GREEN},
    "verdict_wait": {**_BIG, **_AMBER},
    "verdict_bad": {**_BIG, **_RED},
    # conditional formats
    "bad": _RED,
    "good": _GREEN,
    "wait": _AMBER,
    "quiet": {"font_color": GREY},
    "badtext": {"font_color": RED},
    "goodtext": {"font_color": GREEN},
}
