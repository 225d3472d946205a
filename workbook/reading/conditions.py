"""The conditional formats of a sheet that may show cells otherwise than they are, heard as a reader meets them."""

from __future__ import annotations

from collections.abc import Sequence

from workbook.grid import Area
from workbook.reading.book import Dressing
from workbook.reading.common import Attributes, Budget
from workbook.reading.looks import VALUELESS, Styles, spots


class Conditions:
    """What was met so far; `found` are those that matter."""

    def __init__(self, styles: Styles, budget: Budget) -> None:
        self.found: list[Dressing] = []
        self._styles, self._budget = styles, budget
        self._pieces: Sequence[str] = ()
        self._areas: tuple[Area, ...] | None = None
        self._met: set[Dressing] = set()
        self._scale: list[Attributes] | None = None

    def start(self, name: str, attributes: Attributes) -> None:
        """Meet the beginning of an element outside the cells."""
        if name == "conditionalFormatting":
            self._pieces, self._areas, self._met = attributes.get("sqref", "").split(), None, set()
        elif name == "cfRule" and "dxfId" in attributes:
            self._keep(self._styles.dressing(attributes["dxfId"]))
        elif name in ("iconSet", "dataBar") and attributes.get("showValue", "").strip() in ("0", "false"):
            self._keep(VALUELESS)
        elif name == "colorScale":
            self._scale = []
        elif name == "color" and self._scale is not None:
            self._scale.append(attributes)

    def end(self, name: str) -> None:
        """Meet the end of an element."""
        if name == "colorScale" and self._scale is not None:
            self._keep(self._styles.scale(self._scale))
            self._scale = None

    def _keep(self, dressing: Dressing | None) -> None:
        """Keep it for the areas at hand: once, however many conditions lead to it."""
        if dressing is None or dressing in self._met:
            return
        self._met.add(dressing)
        self._budget.keep(1 + len(self._pieces))
        if self._areas is None:
            self._areas = spots(self._pieces)
        self.found.append(dressing._replace(areas=self._areas))
