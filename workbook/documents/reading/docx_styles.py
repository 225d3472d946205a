"""How a Word file shows its words: by the properties of runs, and of the styles they name.

This is where the visibility of a run of a Word file is decided; `docx_reader.py` asks for it run by run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from workbook.documents.reading.colours import Colour, are_alike, is_pale
from workbook.documents.reading.text_visibility import WritingManner
from workbook.safety.messages import read_toml

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
LOWEST: Final = 160
"""Lines and rows of an exact height are no lower, in twentieths of a point."""
FAR: Final = 1440
"""An indent reaches no farther out, in twentieths of a point."""

_TABLES: Final = read_toml("workbook.documents.reading.docx_styles")
_HARMLESS: Final = frozenset(_TABLES["run"].split())
_HARMLESS_2010: Final = frozenset(_TABLES["run_2010"].split())
_SWITCHED_OFF: Final = frozenset(_TABLES["switched_off"].split())
_HARMLESS_PARAGRAPH: Final = frozenset(_TABLES["paragraph"].split())
_DARK: Final = frozenset(_TABLES["dark_theme_colours"].split())
_FIELDS: Final = frozenset(_TABLES["fields"].split())
_THEME: Final[dict[str, str]] = _TABLES["theme_colours"]
_TWIPS: Final[dict[str, float]] = _TABLES["twips"]
_WHITE: Final = "FFFFFF"
_UNSTATED: Final = {"", "auto"}


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
        """The same with what another one states, where it states something."""
        return self._replace(**{name: value for name, value in other._asdict().items() if value is not None})

    def manner(self, ground: str = "") -> WritingManner | None:
        """How a run that is seen is shown; `ground` is the colour of its cell or paragraph."""
        if self.struck or self.struck_twice:
            return WritingManner.STRUCK
        if self.align in ("superscript", "subscript") or self.position:
            return WritingManner.RAISED
        tiny = self.size is not None and self.size < TINY
        if self.hidden_on_web or self.clear or tiny or self._compare(ground, are_alike):
            return WritingManner.FAINT
        return None

    def doubtful(self, ground: str = "") -> bool:
        """Whether it is not known to be shown as it is written; in a table that matters."""
        return bool(self.unusual) or self._compare(ground, is_pale)

    def _compare(self, around: str, compare: Callable[[Colour, Colour], bool]) -> bool:
        """How its colour is to that behind it; what is chosen by the program is black on white."""
        if self.colour is None or self.colour in _UNSTATED:
            return False
        own = self.ground or "auto"
        ink, ground = _parse_colour(self.colour), _parse_colour(around if own == "auto" else own)
        return ink is not None and ground is not None and compare(ink, ground)


NOTHING: Final = RunStyle()


def _parse_colour(text: str) -> Colour | None:
    """Six hexadecimal digits as a colour, the paper's where none is stated; None where they are none."""
    try:
        parts = bytes.fromhex(_WHITE if text in _UNSTATED else text)
    except ValueError:
        return None
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else None


def find_mark(element: Any, path: str) -> Any:  # noqa: ANN401 -- an element of the document's XML, or None
    """The first element of WordprocessingML at a path such as `tcPr/gridSpan`; None where there is none."""
    return None if element is None else element.find("/".join(f"{W}{name}" for name in path.split("/")))


def read_value(mark: Any, path: str = "") -> str:  # noqa: ANN401
    """The value (`w:val`) of an element, or of the first one at a path within it; blank where none is stated."""
    found = find_mark(mark, path) if path else mark
    return "" if found is None else found.get(f"{W}val") or ""


class DocxStyles:
    """The styles of a document by their names, each with what those it is based on state."""

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
        defaults = find_mark(root, "docDefaults")
        self.defaults = _read_style(find_mark(defaults, "rPrDefault/rPr"), find_mark(defaults, "pPrDefault/pPr"))
        for style in root.iterfind(f"{W}style"):
            name, kind = style.get(f"{W}styleId") or "", style.get(f"{W}type")
            self._own[name] = (
                _read_style(find_mark(style, "rPr"), find_mark(style, "pPr")),
                read_value(style, "basedOn"),
            )
            if kind in (None, "character"):
                self._of_runs.add(name)
            self._grounds[name] = read_shade(find_mark(style, "pPr"))
            parts = [read_run_style(part) for part in style.iterfind(f"{W}tblStylePr/{W}rPr")]
            if any(part.hidden or part.manner() not in (None, WritingManner.FAINT) for part in parts):
                self.partly.add(name)
            if parse_on_off(style.get(f"{W}default") or "0"):
                self.usual.setdefault(kind or "", name)

    def named(self, name: str) -> RunStyle:
        """What a style states, with what it is based on."""
        if name not in self._known:
            chain: list[RunStyle] = []
            base = name
            while base in self._own and len(chain) < DEEPEST:
                look, base = self._own[base]
                chain.append(look)
            found = NOTHING
            for look in reversed(chain):
                found = found.under(look)
            self._known[name] = found
        return self._known[name]

    def name_of(self, kind: str, element: Any, path: str) -> str:  # noqa: ANN401
        """The style that an element names at that path; where it names none, the usual one of that kind."""
        mark = find_mark(element, path)
        return self.usual.get(kind, "") if mark is None else read_value(mark)

    def ground(self, name: str) -> str:
        """The colour behind the paragraphs of a style."""
        return self._grounds.get(name, "")

    def run(self, properties: Any, paragraph: str, table: str = "") -> RunStyle:  # noqa: ANN401
        """How a run is shown with such properties, in a paragraph of that style, in a table of that.

        What a table's, a paragraph's and a run's style strike or hide, each alone, two of them undo by the standard;
        not every program does so. Such a run is struck, and what is hidden twice is faint.
        """
        name = self.name_of("character", properties, "rStyle")
        styles = [self.named(table), self.named(paragraph or self.usual.get("paragraph", ""))]
        look = self.defaults
        if not name or name in self._of_runs:
            styles.append(self.named(name))
        elif self._own:  # one of paragraphs, or none: programs differ about what that means
            look = look._replace(unusual=True)
        for style in styles:
            look = look.under(style)
        if any(style.struck for style in styles):
            look = look._replace(struck=True)
        if sum(bool(style.hidden) for style in styles) > 1:
            look = look._replace(hidden=False, hidden_on_web=True)
        return look.under(read_run_style(properties))


def _read_style(run: Any, paragraph: Any) -> RunStyle:  # noqa: ANN401 -- elements of the styles' XML, or None
    """What a style states, by its properties of runs and of paragraphs."""
    look = read_run_style(run)
    return look._replace(unusual=True) if unusual_paragraph(paragraph) else look


_SWITCHES: Final = {
    "strike": "struck", "dstrike": "struck_twice", "vanish": "hidden", "webHidden": "hidden_on_web",
}  # fmt: skip


def read_run_style(properties: Any) -> RunStyle:  # noqa: ANN401 -- an element of the document's XML, or None
    """What the properties of a run state."""
    if properties is None:
        return NOTHING
    stated: dict[str, Any] = {}
    for mark in properties:
        if not isinstance(mark.tag, str):
            continue
        name, value = mark.tag.removeprefix(W), read_value(mark)
        if name in _SWITCHES:
            stated[_SWITCHES[name]] = parse_on_off(value or "1")
        elif name == "vertAlign":
            stated["align"] = value
        elif name in ("position", "sz"):
            stated["position" if name == "position" else "size"] = _half_points(value)
        elif name == "color":
            stated["colour"] = _read_ink(mark)
        elif name == "highlight":
            stated["ground"] = _TABLES["highlights"].get(value, "unknown") if value != "none" else None
        elif name == "shd":
            stated.setdefault("ground", _read_fill(mark))
        elif name == "w" and 0 < _half_points(value.removesuffix("%")) < NARROW:
            stated["clear"] = True
        elif name == f"{_W14}textFill":
            stated["clear"] = mark.find(f"{_W14}noFill") is not None
        if not _is_harmless(name, mark):
            stated["unusual"] = True
    return RunStyle(**stated)


def _is_harmless(name: str, mark: Any) -> bool:  # noqa: ANN401
    """Whether a property of a run leaves its words as they are, or is understood."""
    if name in _HARMLESS:
        return True
    value = read_value(mark)
    if name == "rFonts":
        fonts = [font.lower() for font in mark.attrib.values()]
        return not any(symbols in font for font in fonts for symbols in _TABLES["symbol_fonts"])
    if name == "spacing":
        return -10 <= _twips(value) <= 400
    if name == "w":
        return not value or 50 <= _half_points(value.removesuffix("%")) <= 400
    if name in _SWITCHED_OFF:
        return not parse_on_off(value or "1")
    if name in ("em", "effect"):
        return value == "none"
    if name == f"{_W14}textFill":
        return mark.find(f"{_W14}noFill") is not None or _is_filled_dark(mark)
    if name.startswith(_W14):
        return name.removeprefix(_W14) in _HARMLESS_2010
    return name.startswith("{")  # of another program


def _is_filled_dark(mark: Any) -> bool:  # noqa: ANN401
    """Whether characters are filled with one dark colour that nothing shines through."""
    fills = list(mark.iterfind(f"{_W14}solidFill/*"))
    if len(fills) != 1 or next(fills[0].iter(f"{_W14}alpha"), None) is not None:
        return False
    (fill,) = fills
    value = fill.get(f"{_W14}val") or ""
    if fill.tag == f"{_W14}srgbClr":
        colour = _parse_colour(value)
        return colour is not None and len(fill) == 0 and not is_pale(colour, (255, 255, 255))
    return fill.tag == f"{_W14}schemeClr" and value in _DARK


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
            harmless = read_value(mark, "numId") == "0"
        elif name == "bidi":
            harmless = not parse_on_off(read_value(mark) or "1")
        else:
            harmless = name in _HARMLESS_PARAGRAPH
        if not harmless:
            return True
    return False


def is_lowered(mark: Any) -> bool:  # noqa: ANN401 -- the height of a row
    """Whether a row is cut off lower than a line."""
    return mark.get(f"{W}hRule") == "exact" and _twips(read_value(mark)) < LOWEST


def is_known_field(instruction: str) -> bool:
    """Whether the result stored for a field is what programs show: ` =SUM(ABOVE) `, `PAGE`; not `EQ`, which draws."""
    word = instruction.strip().lower()
    return word.startswith("=") or (word.split(maxsplit=1) or [""])[0] in _FIELDS


def _read_ink(mark: Any) -> str:  # noqa: ANN401
    """The colour of a run: of the paper where the theme's is meant."""
    theme = mark.get(f"{W}themeColor") or ""
    known = _THEME.get(theme)
    if known is None or theme in ("text1", "dark1"):
        return read_value(mark)
    try:
        share = int(mark.get(f"{W}themeShade") or "FF", 16) / 255
    except ValueError:
        share = 1.0
    return bytes(round(part * share) for part in bytes.fromhex(known)).hex().upper() if 0 <= share <= 1 else known


def read_shade(properties: Any) -> str:  # noqa: ANN401 -- an element of the document's XML, or None
    """The colour behind a paragraph or a cell; nothing where none is stated."""
    mark = find_mark(properties, "shd")
    return _read_fill(mark) if mark is not None else ""


def _read_fill(mark: Any) -> str:  # noqa: ANN401
    fill, pattern = mark.get(f"{W}fill") or "", read_value(mark)
    theme, shifted = mark.get(f"{W}themeFill"), mark.get(f"{W}themeFillShade") or mark.get(f"{W}themeFillTint")
    if theme in _THEME and not shifted:
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


def _twips(text: str) -> float:
    """A measure in twentieths of a point (`240`, `12pt`, `-2cm`); one that is none is beyond all bounds."""
    bare = text.strip()
    unit = _TWIPS.get(bare[-2:])
    number = bare if unit is None else bare[:-2]
    try:
        return float(number) * (unit or 1.0) if len(number) < 12 else -1e9
    except ValueError:
        return -1e9


def _half_points(text: str) -> int:
    """A measure in half points (`18`, `-4`, `3pt`); 0 where it is none, 1 or -1 where it is less than one."""
    bare = text.strip().removesuffix("pt")
    number = bare.removeprefix("-").removeprefix("+")
    if not number.replace(".", "", 1).isdecimal() or len(number) > 9:
        return 0
    size = float(bare) * (2 if text.strip().endswith("pt") else 1)
    return round(size) or (1 if size > 0 else -1 if size < 0 else 0)
