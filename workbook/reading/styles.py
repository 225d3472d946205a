"""The part of a workbook's package that holds its styles."""

from __future__ import annotations

from xml.parsers import expat

from workbook.reading.book import Look
from workbook.reading.common import Attributes, Budget
from workbook.reading.kept import kept
from workbook.reading.looks import PAPER, Pen, Style, Styles, colour_of, mark_of
from workbook.reading.numberformat import BUILT_IN, plain
from workbook.reading.parts import Part, parse

GENERAL = "General"
LONGEST = 1 << 17
"""Bytes of styles beyond which they are not kept from one file to the next."""


_LISTS = {"numFmts": "numFmt", "fonts": "font", "fills": "fill", "cellXfs": "xf", "dxfs": "dxf"}
"""The lists that are counted through, and what each is a list of."""


class _StylesPart(Part):
    """The part of the styles."""

    root = "styleSheet"

    def __init__(self, budget: Budget) -> None:
        super().__init__(budget)
        self.formats = dict(BUILT_IN)
        self.pens: list[Pen] = []
        self.grounds: list[str] = []
        self.styles: list[Attributes] = []
        self.dressings: list[Look] = []
        self._way = [self.root]
        self._met: set[str] = set()
        self._marks: set[str] = set()
        self._colour = self._ground = self._format = ""
        self._solid = False

    def start(self, name: str, attributes: Attributes) -> None:
        above = self._way[-1]
        self._way.append(name)
        self._listed(name, above)
        if above == "font":
            mark, colour = mark_of(name, attributes)
            self._marks |= {mark} - {""}
            self._colour = colour or self._colour
        elif name == "numFmt" and above == "dxf":
            self._format = attributes.get("formatCode", "")
        elif name == "numFmt" and above == "numFmts":
            self.formats[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif name in ("font", "dxf", "fill") and above != "dxf":
            self._marks, self._colour, self._format = set(), "", ""
            self._ground, self._solid = "", False
        elif name == "xf" and above == "cellXfs":
            self.styles.append(attributes)
        else:
            self._fill(name, above, attributes)

    def _listed(self, name: str, above: str) -> None:
        """Refuse what would give another number to all that come after it."""
        if _LISTS.get(above, name) != name:
            raise ValueError(f"{name} in {above}")
        if name in _LISTS and above == self.root:
            if name in self._met:
                raise ValueError(f"two of {name}")
            self._met.add(name)

    def _fill(self, name: str, above: str, attributes: Attributes) -> None:
        """What colour a cell has; in a conditional format the other of the two colours is the one of a plain ground."""
        conditional = "dxf" in self._way
        if name == "patternFill":
            self._solid = attributes.get("patternType", "solid" if conditional else "none") != "none"
        elif name == "gradientFill":
            self._solid, self._ground = True, "gradient"
        elif above == "patternFill" and name == ("bgColor" if conditional else "fgColor"):
            self._ground = colour_of(attributes)

    def end(self, name: str) -> None:
        self._way.pop()
        above = self._way[-1] if self._way else ""
        if name == "font" and above == "fonts":
            self.pens.append(Pen(frozenset(self._marks), self._colour))
        elif name == "fill" and above == "fills":
            self.grounds.append((self._ground or "automatic") if self._solid else PAPER)
        elif name == "dxf" and above == "dxfs":
            ground = (self._ground if self._solid else "") or PAPER
            pen = Pen(frozenset(self._marks), self._colour)
            shown = "" if not self._format or plain(self._format) else self._format
            self.dressings.append(Look(shown, pen.on(ground)))

    def made(self) -> Styles:
        """The styles, once the part was parsed."""
        styles = tuple(self._style(one) for one in self.styles) or (Style(),)
        looks = {str(n): style.look for n, style in enumerate(styles)}
        odd = {number: look for number, look in looks.items() if look is not None}
        dressings = {str(n): look for n, look in enumerate(self.dressings) if look.format or look.marks}
        return Styles(styles, odd, dressings, frozenset(n.encode() for n in looks if n not in odd))

    def _style(self, xf: Attributes) -> Style:
        code = self.formats.get(int(xf.get("numFmtId", "0")), GENERAL)
        font, fill = int(xf.get("fontId", "0")), int(xf.get("fillId", "0"))
        pen = self.pens[font] if 0 <= font < len(self.pens) else Pen()
        ground = self.grounds[fill] if 0 <= fill < len(self.grounds) else PAPER
        return Style("" if plain(code) else code or " ", pen, ground)


def styles_of(part: bytes, budget: Budget) -> Styles:
    """The styles that a part says; where it cannot be read, that is told. Raises TooLarge."""
    return _short(part) if len(part) <= LONGEST else _styles(part, budget)


@kept(32, LONGEST)
def _short(part: bytes) -> Styles:
    return _styles(part, Budget())


def _styles(part: bytes, budget: Budget) -> Styles:
    try:
        return parse(part, _StylesPart(budget)).made()
    except (expat.ExpatError, ValueError, LookupError):
        return Styles(read=False)
