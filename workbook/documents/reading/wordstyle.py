"""How a Word file shows its words: by the properties of runs, and of the styles they name."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from workbook.documents.reading.writing import Manner

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_W14: Final = "{http://schemas.microsoft.com/office/word/2010/wordml}"
DEEPEST: Final = 40
"""No style is based on so many others."""
USUAL: Final = 20
"""Half points of letters of which no size is stated."""
NARROW: Final = 20
"""Nobody reads letters of so few hundredths of their width."""
TINY: Final = 6
"""Nobody reads letters of fewer half points."""
NEAR: Final = 24
"""Colours that differ by no more in each of red, green and blue are one to the eye."""
_WHITE: Final = "FFFFFF"
_PAPER: Final = {"", "auto", "FFFFFF"}
_HIGHLIGHTS: Final = {
    "white": "FFFFFF", "black": "000000", "yellow": "FFFF00", "red": "FF0000", "blue": "0000FF", "green": "00FF00",
    "cyan": "00FFFF", "magenta": "FF00FF", "lightGray": "C0C0C0", "darkGray": "808080",
}  # fmt: skip


class Look(NamedTuple):
    """What is said of a run, None where nothing is; later ones go before earlier ones."""

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
    """Whether its letters are not filled in, or have no width."""

    def under(self, other: Look) -> Look:
        """The same with what another one says, where it says something."""
        return self._replace(**{name: said for name, said in other._asdict().items() if said is not None})

    def manner(self, ground: str = "") -> Manner | None:
        """How a run stands that is seen; `ground` is the colour of its cell or paragraph."""
        if self.struck or self.struck_twice:
            return Manner.STRUCK
        if self.align in ("superscript", "subscript") or self.position:
            return Manner.RAISED
        tiny = self.size is not None and self.size < TINY
        if self.hidden_on_web or self.clear or tiny or self._as_ground(ground):
            return Manner.FAINT
        return None

    def _as_ground(self, around: str) -> bool:
        own = self.ground if self.ground not in (None, "", "auto") else around
        return _alike(self.colour or "auto", own or "auto")


NOTHING: Final = Look()


def _alike(ink: str, ground: str) -> bool:
    """Whether a colour is as that behind it; what is chosen by the program is black on white."""
    if ink in _PAPER - {_WHITE}:
        return False
    try:
        some = [bytes.fromhex(_WHITE if one in _PAPER else one) for one in (ink, ground)]
    except ValueError:
        return False
    return all(len(one) == 3 for one in some) and all(abs(a - b) <= NEAR for a, b in zip(*some, strict=True))


class Styles:
    """The styles of a document by their names, each with what those it is based on say."""

    def __init__(self, root: Any = None) -> None:  # noqa: ANN401 -- an element of the styles' XML
        self._own: dict[str, tuple[Look, str]] = {}
        self._known: dict[str, Look] = {}
        self._grounds: dict[str, str] = {}
        self.usual: dict[str, str] = {}
        """Kind of style → the one that holds where none is named."""
        self.partly: set[str] = set()
        """Styles of tables that strike, raise or hide what stands in some rows or columns."""
        self.defaults = NOTHING
        if root is None:
            return
        self.defaults = look_of(root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr"))
        for style in root.iterfind(f"{W}style"):
            name = style.get(f"{W}styleId") or ""
            based = style.find(f"{W}basedOn")
            self._own[name] = (look_of(style.find(f"{W}rPr")), _value(based) if based is not None else "")
            self._grounds[name] = shade_of(style.find(f"{W}pPr"))
            parts = [look_of(one) for one in style.iterfind(f"{W}tblStylePr/{W}rPr")]
            if any(one.hidden or one.manner() not in (None, Manner.FAINT) for one in parts):
                self.partly.add(name)
            if on(style.get(f"{W}default") or "0"):
                self.usual.setdefault(style.get(f"{W}type") or "", name)

    def named(self, name: str) -> Look:
        """What a style says, with what it is based on."""
        if name not in self._known:
            chain: list[Look] = []
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

    def run(self, properties: Any, paragraph: str, table: str = "") -> Look:  # noqa: ANN401
        """How a run is shown with such properties, in a paragraph of that style, in a table of that.

        What a table's, a paragraph's and a run's style strike or hide, each alone, two of them undo by the standard;
        not every program does so. Such a run is struck, and what is hidden twice is faint.
        """
        own = look_of(properties)
        mark = properties.find(f"{W}rStyle") if properties is not None else None
        named = _value(mark) if mark is not None else self.usual.get("character", "")
        styles = [self.named(table), self.named(paragraph or self.usual.get("paragraph", "")), self.named(named)]
        look = self.defaults
        for one in styles:
            look = look.under(one)
        struck = any(one.struck for one in styles) or None
        hidden = sum(bool(one.hidden) for one in styles)
        look = look._replace(struck=struck if struck else look.struck)
        if hidden > 1:
            look = look._replace(hidden=False, hidden_on_web=True)
        return look.under(own)


def look_of(properties: Any) -> Look:  # noqa: ANN401 -- an element of the document's XML, or None
    """What the properties of a run say."""
    if properties is None:
        return NOTHING
    said: dict[str, Any] = {}
    for mark in properties:
        if not isinstance(mark.tag, str):
            continue
        name = mark.tag.removeprefix(W)
        if name in _SWITCHES:
            said[_SWITCHES[name]] = on(mark.get(f"{W}val") or "1")
        elif name == "vertAlign":
            said["align"] = _value(mark)
        elif name == "position":
            said["position"] = _half_points(_value(mark))
        elif name == "sz":
            said["size"] = _half_points(_value(mark))
        elif name == "color":
            said["colour"] = _value(mark)
        elif name == "highlight":
            said["ground"] = _HIGHLIGHTS.get(_value(mark), "unknown") if _value(mark) != "none" else None
        elif name == "shd":
            said.setdefault("ground", _fill(mark))
        elif name == "w" and 0 < _half_points(_value(mark).removesuffix("%")) < NARROW:
            said["clear"] = True
        elif name == f"{_W14}textFill":
            said["clear"] = mark.find(f"{_W14}noFill") is not None
    return Look(**said)


_SWITCHES: Final = {
    "strike": "struck", "dstrike": "struck_twice", "vanish": "hidden", "webHidden": "hidden_on_web",
}  # fmt: skip


def shade_of(properties: Any) -> str:  # noqa: ANN401 -- an element of the document's XML, or None
    """The colour behind a paragraph or a cell; nothing where none is stated."""
    mark = properties.find(f"{W}shd") if properties is not None else None
    return _fill(mark) if mark is not None else ""


def _fill(mark: Any) -> str:  # noqa: ANN401
    fill, pattern = mark.get(f"{W}fill") or "", mark.get(f"{W}val") or ""
    if pattern not in ("", "clear", "nil"):  # a pattern in another colour
        return "unknown"
    return "" if fill == "auto" else fill.upper()


def on(text: str) -> bool:
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
