"""How a Word file shows its words: by the properties of runs, and of the styles they name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from workbook.documents.reading.colours import Colour, are_alike, is_pale
from workbook.documents.reading.text_visibility import WritingManner

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_W14: Final = "{http://schemas.microsoft.com/office/word/2010/wordml}"
DEEPEST: Final = 40
"""No style is based on so many others."""
USUAL: Final = 20
"""Half points of characters of which no size is stated."""
NARROW: Final = 20
"""No one reads characters of so few hundredths of their width."""
TINY: Final = 6
"""No one reads characters of fewer half points."""
_WHITE: Final = "FFFFFF"
_THEME: Final = {
    "background1": "FFFFFF", "light1": "FFFFFF", "background2": "EEECE1", "light2": "EEECE1", "text1": "000000",
    "dark1": "000000",
}  # fmt: skip
"""Colours that programs take from the theme, whatever colour is stated too; of others the stated one holds."""
_PAPER: Final = {"", "auto", "FFFFFF"}
_HIGHLIGHTS: Final = {
    "white": "FFFFFF", "black": "000000", "yellow": "FFFF00", "red": "FF0000", "blue": "0000FF",
    "green": "00FF00", "cyan": "00FFFF", "magenta": "FF00FF", "lightGray": "C0C0C0", "darkGray": "808080",
    "darkBlue": "000080", "darkCyan": "008080", "darkGreen": "008000", "darkMagenta": "800080",
    "darkRed": "800000", "darkYellow": "808000",
}  # fmt: skip


class RunStyle(NamedTuple):
    """What is stated of a run, None where nothing is; later ones go before earlier ones."""

    struck: bool | None = None
    struck_twice: bool | None = None
    hidden: bool | None = None
    hidden_on_web: bool | None = None
    align: str | None = None
    position: int | None = None
    colour: str | None = None
    ground: str | None = None
    size: int | None = None
    clear: bool | None = None
    """Whether its characters are not filled in, or have no width."""
    unusual: bool | None = None
    """Whether something is set that is not known to leave words as they are."""

    def under(self, other: RunStyle) -> RunStyle:
        """The same with what another one says, where it says something."""
        return self._replace(**{name: said for name, said in other._asdict().items() if said is not None})

    def manner(self, ground: str = "") -> WritingManner | None:
        """How a run that is seen is shown; `ground` is the colour of its cell or paragraph."""
        if self.struck or self.struck_twice:
            return WritingManner.STRUCK
        if self.align in ("superscript", "subscript") or self.position:
            return WritingManner.RAISED
        tiny = self.size is not None and self.size < TINY
        if self.hidden_on_web or self.clear or tiny or self._as_ground(ground):
            return WritingManner.FAINT
        return None

    def doubtful(self, ground: str = "") -> bool:
        """Whether it is not known to be shown as it is written; in a table that matters."""
        return bool(self.unusual) or _compared(self.colour or "auto", self._behind(ground), is_pale)

    def _as_ground(self, around: str) -> bool:
        return _compared(self.colour or "auto", self._behind(around), are_alike)

    def _behind(self, around: str) -> str:
        own = self.ground if self.ground not in (None, "", "auto") else around
        return own or "auto"


NOTHING: Final = RunStyle()


def _compared(ink: str, ground: str, how: Callable[[Colour, Colour], bool]) -> bool:
    """How a colour is to that behind it; what is chosen by the program is black on white."""
    if ink in _PAPER - {_WHITE}:
        return False
    some = [_colour(one) for one in (ink, ground)]
    return some[0] is not None and some[1] is not None and how(some[0], some[1])


def _colour(text: str) -> Colour | None:
    try:
        some = bytes.fromhex(_WHITE if text in _PAPER else text)
    except ValueError:
        return None
    return (some[0], some[1], some[2]) if len(some) == 3 else None


class DocxStyles:
    """The styles of a document by their names, each with what those it is based on say."""

    def __init__(self, root: Any = None) -> None:  # noqa: ANN401 -- an element of the styles' XML
        self._own: dict[str, tuple[RunStyle, str]] = {}
        self._known: dict[str, RunStyle] = {}
        self._grounds: dict[str, str] = {}
        self._of_runs: set[str] = set()
        self.usual: dict[str, str] = {}
        """Kind of style → the one that holds where none is named."""
        self.partly: set[str] = set()
        """Styles of tables that strike, raise or hide the text of some rows or columns."""
        self.defaults = NOTHING
        if root is None:
            return
        self.defaults = read_run_style(root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr"))
        if unusual_paragraph(root.find(f"{W}docDefaults/{W}pPrDefault/{W}pPr")):
            self.defaults = self.defaults._replace(unusual=True)
        for style in root.iterfind(f"{W}style"):
            name = style.get(f"{W}styleId") or ""
            based = style.find(f"{W}basedOn")
            own = read_run_style(style.find(f"{W}rPr"))
            if unusual_paragraph(style.find(f"{W}pPr")):
                own = own._replace(unusual=True)
            self._own[name] = own, _value(based) if based is not None else ""
            if style.get(f"{W}type") in (None, "character"):
                self._of_runs.add(name)
            self._grounds[name] = read_shade(style.find(f"{W}pPr"))
            parts = [read_run_style(one) for one in style.iterfind(f"{W}tblStylePr/{W}rPr")]
            if any(one.hidden or one.manner() not in (None, WritingManner.FAINT) for one in parts):
                self.partly.add(name)
            if parse_on_off(style.get(f"{W}default") or "0"):
                self.usual.setdefault(style.get(f"{W}type") or "", name)

    def named(self, name: str) -> RunStyle:
        """What a style says, with what it is based on."""
        if name not in self._known:
            chain: list[RunStyle] = []
            at = name
            while at in self._own and len(chain) < DEEPEST:
                look, at = self._own[at]
                chain.append(look)
            found = NOTHING
            for look in reversed(chain):
                found = found.under(look)
            self._known[name] = found
        return self._known[name]

    def ground(self, name: str) -> str:
        """The colour behind the paragraphs of a style."""
        return self._grounds.get(name, "")

    def run(self, properties: Any, paragraph: str, table: str = "") -> RunStyle:  # noqa: ANN401
        """How a run is shown with such properties, in a paragraph of that style, in a table of that.

        What a table's, a paragraph's and a run's style strike or hide, each alone, two of them undo by the standard;
        not every program does so. Such a run is struck, and what is hidden twice is faint.
        """
        own = read_run_style(properties)
        mark = properties.find(f"{W}rStyle") if properties is not None else None
        named = _value(mark) if mark is not None else self.usual.get("character", "")
        styles = [self.named(table), self.named(paragraph or self.usual.get("paragraph", ""))]
        look = self.defaults
        if not named or named in self._of_runs:
            styles.append(self.named(named))
        elif self._own:  # one of paragraphs, or none: programs differ about what that means
            look = look._replace(unusual=True)
        for one in styles:
            look = look.under(one)
        struck = any(one.struck for one in styles) or None
        hidden = sum(bool(one.hidden) for one in styles)
        look = look._replace(struck=struck if struck else look.struck)
        if hidden > 1:
            look = look._replace(hidden=False, hidden_on_web=True)
        return look.under(own)


def read_run_style(properties: Any) -> RunStyle:  # noqa: ANN401, PLR0912 -- an element of the document's XML, or None
    """What the properties of a run say."""
    if properties is None:
        return NOTHING
    said: dict[str, Any] = {}
    for mark in properties:
        if not isinstance(mark.tag, str):
            continue
        name = mark.tag.removeprefix(W)
        if name in _SWITCHES:
            said[_SWITCHES[name]] = parse_on_off(mark.get(f"{W}val") or "1")
        elif name == "vertAlign":
            said["align"] = _value(mark)
        elif name == "position":
            said["position"] = _half_points(_value(mark))
        elif name == "sz":
            said["size"] = _half_points(_value(mark))
        elif name == "color":
            said["colour"] = _ink(mark)
        elif name == "highlight":
            said["ground"] = _HIGHLIGHTS.get(_value(mark), "unknown") if _value(mark) != "none" else None
        elif name == "shd":
            said.setdefault("ground", _fill(mark))
        elif name == "w" and 0 < _half_points(_value(mark).removesuffix("%")) < NARROW:
            said["clear"] = True
        elif name == f"{_W14}textFill":
            said["clear"] = mark.find(f"{_W14}noFill") is not None
        if not _harmless(name, mark):
            said["unusual"] = True
    return RunStyle(**said)


_PLAIN: Final = {
    "b", "bCs", "i", "iCs", "u", "caps", "smallCaps", "lang", "kern", "sz", "szCs", "color", "highlight", "shd",
    "strike", "dstrike", "vanish", "webHidden", "vertAlign", "position", "rStyle", "noProof", "snapToGrid",
    "bdr", "outline", "shadow", "ins", "del", "moveFrom", "moveTo", "rPrChange",
}  # fmt: skip
"""What a run may be set to and be read as it is: harmless, or understood above."""
_PLAIN_14: Final = {"ligatures", "numForm", "numSpacing", "stylisticSets", "cntxtAlts", "textOutline", "shadow"}
_SWITCHED: Final = {"rtl", "cs", "specVanish", "oMath", "emboss", "imprint"}
"""What does no harm where it is switched off."""
_SYMBOLS: Final = ("wingdings", "webdings", "symbol", "dingbats", "marlett", "mt extra", "barcode")
_INKS: Final = {"tx1", "tx2", "dk1", "dk2", "text1", "text2", "dark1", "dark2"}


def _harmless(name: str, mark: Any) -> bool:  # noqa: ANN401
    if name in _PLAIN:
        return True
    value = _value(mark)
    if name == "rFonts":
        return not any(character in font.lower() for font in mark.attrib.values() for character in _SYMBOLS)
    if name == "spacing":
        return -10 <= _twips(value) <= 400
    if name == "w":
        return not value or 50 <= _half_points(value.removesuffix("%")) <= 400
    if name in _SWITCHED:
        return not parse_on_off(value or "1")
    if name in ("em", "effect"):
        return value == "none"
    if name == f"{_W14}textFill":
        return mark.find(f"{_W14}noFill") is not None or _inked(mark)
    if name.startswith(_W14):
        return name.removeprefix(_W14) in _PLAIN_14
    return name.startswith("{")  # of another program


def _inked(mark: Any) -> bool:  # noqa: ANN401
    """Whether characters are filled with one dark colour."""
    fill = mark.find(f"{_W14}solidFill")
    some = list(fill) if fill is not None else []
    if len(some) != 1 or next(some[0].iter(f"{_W14}alpha"), None) is not None:
        return False
    value = some[0].get(f"{_W14}val") or ""
    if some[0].tag == f"{_W14}srgbClr":
        colour = _colour(value)
        return colour is not None and len(some[0]) == 0 and not is_pale(colour, (255, 255, 255))
    return some[0].tag == f"{_W14}schemeClr" and value in _INKS


_PLAIN_PARAGRAPH: Final = {
    "pStyle", "keepNext", "keepLines", "pageBreakBefore", "widowControl", "suppressLineNumbers",
    "suppressAutoHyphens", "kinsoku", "wordWrap", "overflowPunct", "topLinePunct", "autoSpaceDE", "autoSpaceDN",
    "adjustRightInd", "snapToGrid", "contextualSpacing", "mirrorIndents", "textAlignment", "jc", "outlineLvl",
    "tabs", "pBdr", "shd", "rPr", "pPrChange", "cnfStyle", "divId", "sectPr", "textDirection",
    "suppressOverlap", "textboxTightWrap",
}  # fmt: skip
LOWEST: Final = 160
"""Lines and rows of an exact height are no lower, in twentieths of a point."""
FAR: Final = 1440
"""An indent reaches no farther out, in twentieths of a point."""


def unusual_paragraph(properties: Any) -> bool:  # noqa: ANN401 -- an element of the document's XML, or None
    """Whether something is set for a paragraph that is not known to leave its words as they are."""
    for mark in properties if properties is not None else ():
        if not isinstance(mark.tag, str) or not mark.tag.startswith(W):
            continue
        name = mark.tag.removeprefix(W)
        if name == "spacing":
            harmless = mark.get(f"{W}lineRule") != "exact" or _twips(mark.get(f"{W}line") or "240") >= LOWEST
        elif name == "ind":
            harmless = all(-FAR < _twips(value) < 10 * FAR for value in mark.attrib.values())
        elif name == "numPr":
            number = mark.find(f"{W}numId")
            harmless = number is not None and _value(number) == "0"
        elif name == "bidi":
            harmless = not parse_on_off(_value(mark) or "1")
        else:
            harmless = name in _PLAIN_PARAGRAPH
        if not harmless:
            return True
    return False


def is_lowered(mark: Any) -> bool:  # noqa: ANN401 -- the height of a row
    """Whether a row is cut off lower than a line."""
    return mark.get(f"{W}hRule") == "exact" and _twips(_value(mark)) < LOWEST


def _twips(text: str) -> float:
    """A measure in twentieths of a point; one that is none is beyond all bounds."""
    bare = text.strip()
    units = {"pt": 20.0, "cm": 567.0, "mm": 56.7, "in": 1440.0, "pc": 240.0, "pi": 240.0}
    unit = units.get(bare[-2:], 1.0)
    number = bare[:-2] if bare[-2:] in units else bare
    try:
        return float(number) * unit if len(number) < 12 else -1e9
    except ValueError:
        return -1e9


def _ink(mark: Any) -> str:  # noqa: ANN401
    """The colour of a run: of the paper where the theme's is meant."""
    theme = mark.get(f"{W}themeColor") or ""
    known = _THEME.get(theme)
    if known is None or theme in ("text1", "dark1"):
        return _value(mark)
    shade = mark.get(f"{W}themeShade") or "FF"
    try:
        share = int(shade, 16) / 255
    except ValueError:
        share = 1.0
    return bytes(round(part * share) for part in bytes.fromhex(known)).hex().upper() if 0 <= share <= 1 else known


_SWITCHES: Final = {
    "strike": "struck", "dstrike": "struck_twice", "vanish": "hidden", "webHidden": "hidden_on_web",
}  # fmt: skip


def read_shade(properties: Any) -> str:  # noqa: ANN401 -- an element of the document's XML, or None
    """The colour behind a paragraph or a cell; nothing where none is stated."""
    mark = properties.find(f"{W}shd") if properties is not None else None
    return _fill(mark) if mark is not None else ""


def _fill(mark: Any) -> str:  # noqa: ANN401
    fill, pattern = mark.get(f"{W}fill") or "", mark.get(f"{W}val") or ""
    if (theme := mark.get(f"{W}themeFill")) in _THEME and not (
        mark.get(f"{W}themeFillShade") or mark.get(f"{W}themeFillTint")
    ):
        fill = _THEME[theme]
    if pattern == "solid":
        colour = mark.get(f"{W}color") or "auto"
        return "000000" if colour == "auto" else colour.upper()
    if pattern not in ("", "clear", "nil"):  # a pattern in another colour
        return "unknown"
    return "" if fill == "auto" else fill.upper()


def parse_on_off(text: str) -> bool:
    """A truth value as Word files spell it."""
    return text not in ("0", "false", "off")


def _value(mark: Any) -> str:  # noqa: ANN401
    return mark.get(f"{W}val") or ""


def _half_points(text: str) -> int:
    """A measure in half points, whatever its unit; 0 where it is none."""
    bare = text.strip().removesuffix("pt")
    number = bare.removeprefix("-").removeprefix("+")
    if not number.replace(".", "", 1).isdecimal() or len(number) > 9:
        return 0
    size = float(bare) * (2 if text.strip().endswith("pt") else 1)
    return round(size) or (1 if size > 0 else -1 if size < 0 else 0)
