"""Parses the part of a workbook's package that holds its styles."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from xml.parsers import expat

from workbook.excel.reading.cell_appearance import (
    BLACK,
    INDEXED,
    WHITE,
    CellStyle,
    CellStyles,
    ColourPalette,
    FontLook,
    is_invisible,
    parse_font_mark,
    resolve_colour,
)
from workbook.excel.reading.number_format import BUILT_IN, is_plain_format
from workbook.excel.reading.ooxml_parts import PackagePart, parse_part
from workbook.excel.reading.workbook_contents import (
    PAPER,
    Attributes,
    CellInk,
    CellLook,
    ConditionalLook,
    ReadBudget,
    parse_cell_number,
)

GENERAL = "General"
LONGEST = 1 << 17
"""Bytes of styles and theme beyond which they are not kept from one file to the next."""
MOST_PAIRS = 10_000
"""So many pairs of a style and a conditional format are tried; of more, every conditional format is taken to matter."""


_LISTS = {
    "numFmts": "numFmt", "fonts": "font", "fills": "fill", "cellStyleXfs": "xf", "cellXfs": "xf", "dxfs": "dxf",
    "indexedColors": "rgbColor",
}  # fmt: skip
"""The lists that are counted through, and what each is a list of."""
_THEME = (
    "lt1", "dk1", "lt2", "dk2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6", "hlink", "folHlink",
)  # fmt: skip
"""The colours of a theme in the order in which cells count them."""
_SYSTEM = {"window": WHITE, "windowText": BLACK}


class _ThemePart(PackagePart):
    """The part of the theme, of which the colours matter."""

    root = "theme"

    def __init__(self, budget: ReadBudget) -> None:
        super().__init__(budget)
        self.colours = {name: f"theme {n}" for n, name in enumerate(_THEME)}
        self._under = ""

    def start(self, name: str, attributes: Attributes) -> None:
        if name in self.colours:
            self._under = name
        elif self._under and name == "srgbClr":
            self.colours[self._under] = attributes["val"].strip().upper()
        elif self._under and name == "sysClr":
            usual = _SYSTEM.get(attributes.get("val", ""), f"theme {self._under}")
            self.colours[self._under] = attributes.get("lastClr", usual).strip().upper()

    def end(self, name: str) -> None:
        if name == self._under:
            self._under = ""


class _StylesPart(PackagePart):
    """The part of the styles."""

    root = "styleSheet"

    def __init__(self, budget: ReadBudget) -> None:
        super().__init__(budget)
        self.formats = dict(BUILT_IN)
        self.pens: list[FontLook] = []
        self.grounds: list[tuple[str, ...]] = []
        self.bases: list[dict[str, str]] = []
        self.styles: list[dict[str, str]] = []
        self.dressings: list[ConditionalLook] = []
        self.indexed: list[str] = []
        self._way = [self.root]
        self._met: set[str] = set()
        self._named: dict[int, str] = {}
        self._marks: set[str] = set()
        self._colour = self._format = self._pattern = ""
        self._fill: dict[str, str] = {}
        self._stops: list[str] = []
        self._conditional = False

    def start(self, name: str, attributes: Attributes) -> None:
        above = self._way[-1]
        self._way.append(name)
        self._listed(name, above)
        if above == "font":
            mark, colour = parse_font_mark(name, attributes)
            self._marks |= {mark} - {""}
            self._colour = colour or self._colour
        elif name == "numFmt" and above == "dxf":
            self._format = attributes.get("formatCode", "")
        elif name == "numFmt" and above == "numFmts":
            self._format_of(attributes)
        elif name in ("font", "dxf", "fill") and above != "dxf":
            self._marks, self._colour, self._format = set(), "", ""
            self._pattern, self._fill, self._stops = "none", {}, []
            self._conditional = name == "dxf"
        elif name == "alignment" and above == "xf" and attributes.get("horizontal") == "fill":
            {"cellXfs": self.styles, "cellStyleXfs": self.bases}.get(self._way[-3], [{}])[-1]["repeated"] = "1"
        elif name == "xf":
            {"cellXfs": self.styles, "cellStyleXfs": self.bases}.get(above, []).append({**attributes})
        elif above == "indexedColors":
            self.indexed.append(resolve_colour(attributes))
        else:
            self._filled(name, above, attributes)

    def _listed(self, name: str, above: str) -> None:
        """Refuse what would give another number to all that come after it."""
        if _LISTS.get(above, name) != name:
            raise ValueError(f"{name} in {above}")
        if name in _LISTS and above == self.root:
            if name in self._met:
                raise ValueError(f"two of {name}")
            self._met.add(name)

    def _format_of(self, attributes: Attributes) -> None:
        number, code = _number(attributes["numFmtId"]), attributes.get("formatCode", "")
        if self._named.setdefault(number, code) != code:  # programs differ in which of them they take
            raise ValueError(f"two formats numbered {number}")
        self.formats[number] = code

    def _filled(self, name: str, above: str, attributes: Attributes) -> None:
        """What a cell is filled with."""
        if name == "patternFill":
            self._pattern = attributes.get("patternType", "solid" if self._conditional else "none")
        elif name == "gradientFill":
            self._pattern = "gradient"
        elif above == "patternFill":
            self._fill[name] = resolve_colour(attributes)
        elif above == "stop":
            self._stops.append(resolve_colour(attributes))

    def end(self, name: str) -> None:
        self._way.pop()
        above = self._way[-1] if self._way else ""
        if name == "font" and above == "fonts":
            self.pens.append(FontLook(frozenset(self._marks), self._colour))
        elif name == "fill" and above == "fills":
            self.grounds.append(self._grounds(self._fill.get("fgColor", "")) or (PAPER,))
        elif name == "dxf" and above == "dxfs":
            shown = "" if not self._format or is_plain_format(self._format) else self._format
            # In a conditional format the other of the two colours is the one of a plain ground.
            ink = CellInk(self._colour, self._grounds(self._fill.get("bgColor", "")))
            self.dressings.append(ConditionalLook((), CellLook(shown, frozenset(self._marks)), ink))

    def _grounds(self, solid: str) -> tuple[str, ...]:
        """The colours of the fill that is at its end; nothing where it has none."""
        if self._pattern == "none":
            return ()
        if self._pattern == "solid":
            usual = () if self._conditional else ("automatic",)
            return (solid,) if solid else usual
        if self._pattern == "gradient":
            return tuple(self._stops) or ("gradient",)
        return self._fill.get("bgColor", "") or PAPER, self._fill.get("fgColor", "") or BLACK

    def made(self, theme: tuple[str, ...]) -> CellStyles:
        """The styles, once the part was parsed."""
        palette = ColourPalette((*self.indexed, *INDEXED[len(self.indexed) :]), theme)
        self.pens = [pen._replace(colour=palette.resolved(pen.colour)) for pen in self.pens]
        self.grounds = [tuple(map(palette.resolved, grounds)) for grounds in self.grounds]
        styles = tuple(map(self._style, self.styles)) or (CellStyle(),)
        looks = {str(n): style.look for n, style in enumerate(styles)}
        plainly = frozenset(n.encode() for n, look in looks.items() if look is None)
        dressings = tuple(self._dressings(palette, styles))
        return CellStyles(styles, looks, dressings, plainly, palette, said=True)

    def _style(self, xf: Attributes) -> CellStyle:
        style = self._of(xf)
        base = parse_cell_number(xf.get("xfId", "0"))
        if {"numFmtId", "fontId", "fillId"} <= xf.keys() or base is None or base >= len(self.bases):
            return style
        # What a style does not say some programs take from the one it is based on.
        other = self._of({**self.bases[base], **xf})
        return style if style.look == other.look else style._replace(known=False)

    def _of(self, xf: Attributes) -> CellStyle:
        number, font, fill = (_number(xf.get(name, "0")) for name in ("numFmtId", "fontId", "fillId"))
        code = self.formats.get(number, GENERAL)
        pen = self.pens[font] if font < len(self.pens) else FontLook()
        grounds = self.grounds[fill] if fill < len(self.grounds) else (PAPER,)
        known = not number or number in self.formats
        known = known and (not font or font < len(self.pens)) and (not fill or fill < len(self.grounds))
        known = known and not (self.indexed and "[color" in code.lower())  # a number of the palette
        shown = "" if is_plain_format(code) else code or " "
        return CellStyle(shown, pen, grounds, known, repeated="repeated" in xf)

    def _dressings(self, palette: ColourPalette, styles: tuple[CellStyle, ...]) -> Iterator[ConditionalLook | None]:
        inks = {
            CellInk(style.pen.colour, style.grounds)
            for style in styles
            if not is_invisible(style.pen.colour, style.grounds)
        }
        few = len(inks) * len(self.dressings) <= MOST_PAIRS
        for _, look, ink in self.dressings:
            own = CellInk(palette.resolved(ink.colour), tuple(map(palette.resolved, ink.grounds)))
            if own.colour and own.grounds:
                hidden = FontLook(look.marks, own.colour).on(own.grounds)
                yield _dressing(look._replace(marks=hidden, ground=own.grounds[0]), CellInk())
            elif few and not any(is_invisible(own.colour or one.colour, own.grounds or one.grounds) for one in inks):
                yield _dressing(look, CellInk())
            else:
                yield _dressing(look, own)


def _dressing(look: CellLook, ink: CellInk) -> ConditionalLook | None:
    return ConditionalLook((), look, ink) if look.format or look.marks or ink != CellInk() else None


def _number(text: str) -> int:
    number = parse_cell_number(text)
    if number is None:
        raise ValueError(f"no number: {text[:40]!r}")
    return number


def read_cell_styles(part: bytes, theme: bytes, budget: ReadBudget) -> CellStyles:
    """The styles that a part says; where it, or the theme, cannot be read, that is told. Raises TooLarge.

    `theme` is the part of the theme, blank where there is none.
    """
    if len(part) + len(theme) <= LONGEST:
        return _short(part, theme)
    return _styles(part, theme, budget)


@lru_cache(maxsize=32)
def _short(part: bytes, theme: bytes) -> CellStyles:
    return _styles(part, theme, ReadBudget())


def _styles(part: bytes, theme: bytes, budget: ReadBudget) -> CellStyles:
    try:
        colours = tuple(parse_part(theme, _ThemePart(budget)).colours.values()) if theme else (WHITE, BLACK)
        return parse_part(part, _StylesPart(budget)).made(colours)
    except (expat.ExpatError, ValueError, LookupError):
        return CellStyles(read=False)
