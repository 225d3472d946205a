"""Which declarations of a page leave words as they stand: a list of the harmless ones. Pure.

A list of harmful ones is never whole: each year adds properties that hide, move or paint over. What is not on this
list may change how a figure is shown. How words are hidden, struck or raised by those that are understood is told
elsewhere; here they pass as far as their values are understood.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from workbook.documents.reading.colours import paint

_NAMES: Final = """
    font-weight font-style font-stretch font-family font-kerning font-synthesis font-optical-sizing font-display
    text-align text-align-last text-autospace text-justify text-justify-trim text-kashida-space text-underline
    text-underline-position text-wrap text-rendering text-overflow text-size-adjust text-transform text-line-through
    word-break word-wrap overflow-wrap line-break hyphens hanging-punctuation punctuation-wrap punctuation-trim
    layout-grid layout-grid-mode layout-grid-line layout-grid-char layout-grid-type page page-break-before
    page-break-after page-break-inside break-before break-after break-inside orphans widows tab-stops tab-interval
    tab-size cursor outline-color outline-style outline-width border border-top border-right border-bottom border-left
    border-collapse border-spacing border-color border-style border-width border-radius border-top-left-radius
    border-top-right-radius border-bottom-left-radius border-bottom-right-radius border-block border-inline
    empty-cells caption-side table-layout box-sizing user-select pointer-events touch-action resize scrollbar-width
    scrollbar-color scroll-behavior transition transition-property transition-duration transition-delay
    transition-timing-function will-change accent-color caret-color src panose-1 size font-smoothing
    osx-font-smoothing tap-highlight-color print-color-adjust overflow-scrolling touch-callout focus-ring-color
    justify-content justify-items justify-self align-items align-content align-self place-items place-content
    row-gap column-gap gap grid-gap clear white-space white-space-collapse ime-mode language speak
    background-repeat background-position background-position-x background-position-y background-size
    background-attachment background-origin background-clip orphan window lang image-rendering color-adjust
    counter-reset counter-increment counter-set ruby-align ruby-position unicode-range
"""
_ANY: Final = frozenset(_NAMES.split())
"""Properties that do no harm whatever they are set to."""
_ANY_PARTS: Final = re.compile(r"(?:border|padding)(?:-[a-z]+){0,3}")
_SIZE: Final = r"[+]?(?:\d{1,5}(?:\.\d{0,9})?|\.\d{1,9})(?:px|pt|pc|in|cm|mm|em|rem|ex|ch|vw|vh|gd|%)?"
_SIZES: Final = rf"(?:{_SIZE}|auto)(?:\s+(?:{_SIZE}|auto)){{0,3}}"
_EDGE: Final = r"-?0*(?:\.0*)?[a-z%]{0,3}|auto"
_LINE: Final = (
    r"normal|0?\.[89]\d{0,8}|[1-9]\d{0,2}(?:\.\d{0,9})?|(?:0?\.[89]\d{0,8}|[1-9]\d?(?:\.\d{0,9})?)r?em|"
    r"(?:[6-9]|[1-9]\d{1,3})(?:\.\d{0,9})?(?:px|pt)|(?:[89]\d|[1-9]\d{2})(?:\.\d{0,9})?%|(?:[3-9]|\d\d)(?:\.\d{0,9})?mm|"
    r"0?\.[3-9]\d{0,8}cm|0?\.[1-9]\d{0,8}in|[1-9]\d?(?:\.\d{0,9})?(?:cm|in|pc)"
)
_FONT_SIZE: Final = (
    r"(?:\d{1,4}(?:\.\d{0,9})?|\.\d{1,9})(?:px|pt|pc|in|cm|mm|em|rem|%)?|xx-small|x-small|small|medium|large|x-large|"
    r"xx-large|smaller|larger"
)
_KNOWN: Final = {
    name: re.compile(pattern)
    for names, pattern in {
        "display": r"block|inline|inline-block|table|inline-table|table-[a-z-]{3,20}|flex|inline-flex|grid|inline-grid|"
        r"flow-root|contents|none|-webkit-box|-ms-flexbox|-webkit-flex|list-item",
        "visibility": r"visible|hidden|collapse",
        "content-visibility": "visible|hidden",
        "opacity": r"0?\.[5-9]\d{0,8}|1(?:\.0*)?|0*(?:\.0*)?|0?\.[01]\d{0,8}",
        "font-size": _FONT_SIZE,
        "font": rf"(?:(?:normal|italic|oblique|bold|bolder|lighter|small-caps|[1-9]00)\s+){{0,4}}"
        rf"(?:{_FONT_SIZE})(?:\s*/\s*(?:{_LINE}))?\s+[^():;]{{1,300}}",
        "text-decoration text-decoration-line text-decoration-color text-decoration-style": r"[a-z# \d-]{1,100}",
        "vertical-align": r"top|middle|bottom|baseline|center|super|sub|text-top|text-bottom|-?[\d.]{1,12}[a-z%]{0,3}",
        "position": r"static|relative|sticky|-webkit-sticky",
        "top bottom left right inset-inline-start inset-inline-end": _EDGE,
        "text-indent": r"-?(?:[1-5]?\d(?:\.\d{0,9})?|\.\d{1,9})(?:px|pt)?|"
        r"-?[0-4]?(?:\.\d{0,9})?(?:em|rem|ex|ch|gd|cm|pc)|"
        r"-?(?:\d|1\d)(?:\.\d{0,9})?mm|-?0?(?:\.[0-5]\d{0,8})?in|"
        r"\d{1,2}(?:\.\d{0,9})?(?:%|pt|em)|1\d\d(?:\.\d{0,9})?(?:px|pt)",
        "width height min-width min-height max-width max-height": rf"{_SIZE}|min-content|max-content|fit-content",
        "margin margin-top margin-right margin-bottom margin-left margin-block margin-inline": _SIZES,
        "overflow overflow-x overflow-y": r"visible|hidden|scroll|clip|(?:auto|hidden|visible) (?:auto|hidden|visible)",
        "letter-spacing": rf"-0?\.0[0-5]\d{{0,7}}(?:em|pt|px)|-0?\.[1-5]\d{{0,7}}(?:px|pt)|{_SIZE}",
        "word-spacing": _SIZE,
        "line-height": _LINE,
        "zoom": r"1(?:\.\d{0,5})?|0?\.[5-9]\d{0,5}|(?:[5-9]\d|1\d\d)%",
        "direction": "ltr",
        "unicode-bidi": "embed|isolate|plaintext",
        "writing-mode": "horizontal-tb|lr-tb|lr",
        "layout-flow": "horizontal",
        "font-variant": "small-caps|tabular-nums|lining-nums",
        "font-variant-numeric": "tabular-nums|lining-nums|(?:tabular|lining)-nums (?:tabular|lining)-nums",
        "font-feature-settings": r"""["'](?:tnum|lnum|kern|liga)["'](?: 1)?""",
        "list-style list-style-type list-style-position": "(?:(?:disc|circle|square|inside|outside|none) ?){1,3}",
        "flex-direction": "row|column",
        "flex-wrap": "wrap|nowrap",
        "flex flex-grow flex-shrink flex-basis order": "[01](?: [01])?(?: (?:0|0px|0%|100%))?",
        "z-index": r"\d{1,9}",
        "outline": r"[a-z# \d.]{1,60}",
        "columns column-count": "1",
        "color-scheme": "light|only light",
        "text-shadow box-shadow": "0 0(?: 0)?",
        "mso-text-raise": r"-?[\d.]{1,12}[a-z%]{0,3}",
        "mso-hide": "all",
        "line-clamp": "none",
        "all": "unset|revert",
        "text-stroke-width": "0(?:px)?",
        "content": '""|' + "''",
    }.items()
    for name in names.split()
}
_COLOURS: Final = {"color", "background-color", "text-fill-color"}
_GROUND_WORDS: Final = re.compile(
    r"none|repeat|no-repeat|repeat-x|repeat-y|scroll|fixed|local|center|left|right|top|bottom|0|0%|/|auto|"
    r"padding-box|border-box|content-box|-?\d{1,4}(?:px|%)"
)
_NOTHING: Final = {"none", "normal", "auto", "initial", "inherit", "unset", "revert", "currentcolor", "windowtext"}
"""What leaves a property as it is where nothing is said, or as it is around."""
_SYMBOLS: Final = re.compile(r"wingdings|webdings|symbol|dingbats|marlett|mt extra|barcode|icon|awesome")
"""Fonts in which a digit is no digit."""
_MAKERS: Final = re.compile(r"-(?:webkit|moz|ms|o)-")


@lru_cache(8192)
def harmless(name: str, value: str, *, paragraph: bool = False) -> bool:
    """Whether a declaration leaves words as they stand, or is understood; `paragraph` is whether it is for one."""
    if name.startswith(("mso-", "so-", "--")) and name not in _KNOWN:
        return True
    bare = _MAKERS.sub("", name, count=1) if name.startswith("-") else name
    if bare in ("font-family", "font") and _SYMBOLS.search(value):
        return False
    if value in _NOTHING or bare in _ANY or (_ANY_PARTS.fullmatch(bare) and bare != "border-image"):
        return "(" not in value or bare in _ANY or bare.startswith("border")
    if bare in _COLOURS:
        return paint(value) is not None
    if bare == "background":
        return (
            "(" not in value.replace("rgb", "")
            and all(_GROUND_WORDS.fullmatch(word) or paint(word) for word in value.split())
        ) or paint(value) is not None
    if paragraph and bare in ("margin-left", "margin-right") and value.startswith("-"):
        return bool(re.fullmatch(r"-(?:[0-9]|1\d)(?:\.\d{0,9})?(?:px|pt)|-[01]?(?:\.\d{0,9})?em", value))
    known = _KNOWN.get(bare)
    return known is not None and known.fullmatch(value) is not None


def matters(name: str) -> bool:
    """Whether a property may change how words are shown, for some value of it."""
    if name.startswith(("mso-", "so-", "--")) and name not in _KNOWN:
        return False
    return name == "font-family" or _MAKERS.sub("", name, count=1) not in _ANY
