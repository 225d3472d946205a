"""How a published document looks: the measures of 公文 (GB/T 9704), the shade of the issued form, rules and bands."""

from __future__ import annotations

from typing import Final

TWIPS: Final = 1440 / 25.4
"""Word's twentieths of a point in one millimetre."""

PAGE: Final = (210, 297)
"""A4, mm."""

MARGINS: Final = {"top": 37, "bottom": 35, "left": 28, "right": 26}
"""天头 37 mm, 订口 28 mm, a type area of 156 × 225 mm."""

FOOTER: Final = 25
"""The page number stands 7 mm below the type area."""

HEADER: Final = 20

TEXT_WIDTH: Final = round((PAGE[0] - MARGINS["left"] - MARGINS["right"]) * TWIPS)
"""The width of the type area, twips."""

LINE: Final = 579
"""22 lines to a page, twips."""

BAND, HEAD, RULE = "C6D9F1", "E4EDF8", "595959"
"""The band above a block (as issued), heads, and the lines of tables."""

SHADES: Final = {"band": BAND, "head": HEAD, "corner": HEAD}
