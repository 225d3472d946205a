"""Resolves the named styles of our workbooks (fonts, colours, borders) from `styles.toml`, in XlsxWriter's terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbook.safety.messages import read_toml

_STATED = read_toml("workbook.excel.template.styles")

COLORS: Mapping[str, str] = _STATED["colors"]
"""Name → `#RRGGBB`."""
FONTS: Mapping[str, str] = _STATED["fonts"]
"""What a text is → the name of its font."""
INK, LINE, RED, GREEN, AMBER, GREY = (COLORS[name] for name in ("ink", "line", "red", "green", "amber", "grey"))
HEAD_FONT, BODY_FONT = FONTS["head"], FONTS["body"]


def _resolve_style(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of a style: those of the parts it is composed of, in their order, then its own."""
    resolved: dict[str, Any] = {}
    for part in stated.get("of", ()):
        resolved |= _resolve_style(_STATED["parts"][part])
    for name, value in stated.items():
        if name.endswith("_color"):
            resolved[name] = COLORS[value]
        elif name == "font_name":
            resolved[name] = FONTS[value]
        elif name != "of":
            resolved[name] = value
    return resolved


STYLES: Mapping[str, Mapping[str, Any]] = {name: _resolve_style(stated) for name, stated in _STATED["styles"].items()}
"""Name → properties, as `Workbook.add_format` takes them."""
