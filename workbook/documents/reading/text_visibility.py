"""Text that is struck out, raised or hardly seen: what a cell says without it, and what with it. Pure.

The characters alone do not show whether `96` with a raised `1` is 96 and the mark of a note, or 961. Such a cell has
more than one reading. What is certainly invisible is no run at all: its reader leaves it out.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import groupby
from typing import Final, NamedTuple


class WritingManner(StrEnum):
    """How characters that are no plain text are shown."""

    STRUCK = "struck"
    """With a line through them."""
    RAISED = "raised"
    """Above or below the line, or small above other characters."""
    FAINT = "faint"
    """Hidden in some views, as light as what is behind them, tiny, covered, or off the page."""
    OTHER = "other"
    """A control, a floating box, a character of a symbol font, a second version, a style sheet not understood."""
    STYLED = "styled"
    """As read, but for a style that is not known to leave them as they are."""


_AS_READ = (None, WritingManner.STYLED)
SMALL = 0.85
"""A figure so much smaller than those beside it is none of theirs, in whatever kind of document."""


class TextRun(NamedTuple):
    """Characters shown in one manner; `instead` is what other programs show in their place, `size` 0 if unknown."""

    text: str
    manner: WritingManner | None = None
    instead: str | None = None
    size: float = 0


class TextDoubt(NamedTuple):
    """Characters that are no plain writing, and how they are shown."""

    manner: WritingManner
    text: str


class VisibleText(NamedTuple):
    """What a place says: its plain characters, other readings, and why there are such."""

    text: str
    others: tuple[str, ...] = ()
    doubts: tuple[TextDoubt, ...] = ()


def read_cell_text(runs: Iterable[TextRun], tidy: Callable[[str], str] = str.strip) -> VisibleText:
    """The writing of a cell. Where nothing in it is plain, all of it is its text, in doubt all the same."""
    some = _small_ones_raised(list(runs))
    whole = tidy("".join(run.text for run in some))
    doubts = _doubts(some)
    if not doubts:
        return VisibleText(whole)
    plain = tidy("".join(run.text for run in some if _stands(run)))
    text = plain or whole
    replaced = tidy("".join(run.text if run.instead is None else run.instead for run in some if _stands(run)))
    others = dict.fromkeys(one for one in (whole, replaced) if one and one != text)
    return VisibleText(text, tuple(others), doubts)


def _small_ones_raised(runs: list[TextRun]) -> list[TextRun]:
    """Figures that are much smaller than others of their cell are read like raised ones."""
    sizes = {run.size for run in runs if run.manner in _AS_READ and run.size and _counts(run.text)}
    if len(sizes) < 2:
        return runs
    least = max(sizes) * SMALL
    return [
        run._replace(manner=WritingManner.RAISED)
        if run.manner in _AS_READ and run.size < least and _counts(run.text)
        else run
        for run in runs
    ]


def read_line_text(runs: Iterable[TextRun], tidy: Callable[[str], str]) -> tuple[str, VisibleText]:
    """The words of a line of text, and the same as figures may be read from it.

    What is struck out or hardly seen is no part of the words; a raised figure after a figure is put in brackets. A
    line that is faint throughout keeps its words: a title may be on a picture.
    """
    some = list(runs)
    if all(run.manner is None for run in some):
        text = tidy("".join(run.text for run in some))
        return text, VisibleText(text)
    writing = read_cell_text(some, tidy)
    said: list[str] = []
    for run in some:
        if run.manner is WritingManner.RAISED and said and said[-1][-1:].isdigit() and _counts(run.text):
            said.append(f"[{run.text.strip()}]")
        elif run.text and run.manner not in (WritingManner.STRUCK, WritingManner.FAINT):
            said.append(run.text)
    faint = "".join(run.text for run in some if run.manner is not WritingManner.STRUCK)
    return tidy("".join(said)) or tidy(faint), writing


def split_lines(runs: Iterable[TextRun]) -> list[list[TextRun]]:
    """Runs cut at their line breaks."""
    lines: list[list[TextRun]] = [[]]
    for run in runs:
        first, *rest = run.text.split("\n")
        lines[-1].append(run._replace(text=first))
        lines += [[run._replace(text=part, instead=None)] for part in rest]
    return lines


def _stands(run: TextRun) -> bool:
    return run.manner in _AS_READ or run.instead is not None


def _counts(text: str) -> bool:
    return any(character.isnumeric() for character in text)


def _doubts(runs: Sequence[TextRun]) -> tuple[TextDoubt, ...]:
    """The characters in doubt, neighbours of one manner together."""
    together = groupby((run for run in runs if run.text.strip() or run.instead), key=lambda run: run.manner)
    return tuple(
        TextDoubt(manner, " ".join("".join(run.text or run.instead or "" for run in some).split()))
        for manner, some in together
        if manner is not None
    )


# Colours as web pages write them: red, green, blue and how much covers; and which two look different


NEAR: Final = 24
"""Colours that differ by no more in each of red, green and blue are one to the eye."""
PALE: Final = 1.4
"""Text that differs from its background by a smaller contrast (1 to 21, as WCAG counts it) may be overlooked."""

_NAMES: Final = """
    aliceblue f0f8ff antiquewhite faebd7 aqua 00ffff aquamarine 7fffd4 azure f0ffff beige f5f5dc bisque ffe4c4
    black 000000 blanchedalmond ffebcd blue 0000ff blueviolet 8a2be2 brown a52a2a burlywood deb887
    cadetblue 5f9ea0 chartreuse 7fff00 chocolate d2691e coral ff7f50 cornflowerblue 6495ed cornsilk fff8dc
    crimson dc143c cyan 00ffff darkblue 00008b darkcyan 008b8b darkgoldenrod b8860b darkgray a9a9a9
    darkgreen 006400 darkgrey a9a9a9 darkkhaki bdb76b darkmagenta 8b008b darkolivegreen 556b2f darkorange ff8c00
    darkorchid 9932cc darkred 8b0000 darksalmon e9967a darkseagreen 8fbc8f darkslateblue 483d8b
    darkslategray 2f4f4f darkslategrey 2f4f4f darkturquoise 00ced1 darkviolet 9400d3 deeppink ff1493
    deepskyblue 00bfff dimgray 696969 dimgrey 696969 dodgerblue 1e90ff firebrick b22222 floralwhite fffaf0
    forestgreen 228b22 fuchsia ff00ff gainsboro dcdcdc ghostwhite f8f8ff gold ffd700 goldenrod daa520 gray 808080
    green 008000 greenyellow adff2f grey 808080 honeydew f0fff0 hotpink ff69b4 indianred cd5c5c indigo 4b0082
    ivory fffff0 khaki f0e68c lavender e6e6fa lavenderblush fff0f5 lawngreen 7cfc00 lemonchiffon fffacd
    lightblue add8e6 lightcoral f08080 lightcyan e0ffff lightgoldenrodyellow fafad2 lightgray d3d3d3
    lightgreen 90ee90 lightgrey d3d3d3 lightpink ffb6c1 lightsalmon ffa07a lightseagreen 20b2aa
    lightskyblue 87cefa lightslategray 778899 lightslategrey 778899 lightsteelblue b0c4de lightyellow ffffe0
    lime 00ff00 limegreen 32cd32 linen faf0e6 magenta ff00ff maroon 800000 mediumaquamarine 66cdaa
    mediumblue 0000cd mediumorchid ba55d3 mediumpurple 9370db mediumseagreen 3cb371 mediumslateblue 7b68ee
    mediumspringgreen 00fa9a mediumturquoise 48d1cc mediumvioletred c71585 midnightblue 191970 mintcream f5fffa
    mistyrose ffe4e1 moccasin ffe4b5 navajowhite ffdead navy 000080 oldlace fdf5e6 olive 808000 olivedrab 6b8e23
    orange ffa500 orangered ff4500 orchid da70d6 palegoldenrod eee8aa palegreen 98fb98 paleturquoise afeeee
    palevioletred db7093 papayawhip ffefd5 peachpuff ffdab9 peru cd853f pink ffc0cb plum dda0dd powderblue b0e0e6
    purple 800080 rebeccapurple 663399 red ff0000 rosybrown bc8f8f royalblue 4169e1 saddlebrown 8b4513
    salmon fa8072 sandybrown f4a460 seagreen 2e8b57 seashell fff5ee sienna a0522d silver c0c0c0 skyblue 87ceeb
    slateblue 6a5acd slategray 708090 slategrey 708090 snow fffafa springgreen 00ff7f steelblue 4682b4 tan d2b48c
    teal 008080 thistle d8bfd8 tomato ff6347 turquoise 40e0d0 violet ee82ee wheat f5deb3 white ffffff
    whitesmoke f5f5f5 yellow ffff00 yellowgreen 9acd32
    windowtext 000000 canvastext 000000 buttontext 000000 black 000000 window ffffff canvas ffffff
"""
_WORDS: Final = _NAMES.split()
_NAMED: Final = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
_HEX: Final = re.compile(r"#?(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_CALL: Final = re.compile(r"(rgb|hsl)a?\(([-\d.%,/ \t]{5,60})\)")
_NUMBER: Final = re.compile(r"(-?(?:\d{1,4}(?:\.\d{0,9})?|\.\d{1,9}))(%|deg)?")

Colour = tuple[int, int, int]


class ColourWithOpacity(NamedTuple):
    """A colour and how much of what is behind it is covered, 0 to 1."""

    colour: Colour
    cover: float = 1.0

    def over(self, ground: Colour) -> Colour:
        """What is seen where this is painted over a ground."""
        red, green, blue = (
            round(a * self.cover + b * (1 - self.cover)) for a, b in zip(self.colour, ground, strict=True)
        )
        return red, green, blue


@lru_cache(1024)
def parse_colour(text: str) -> ColourWithOpacity | None:
    """A colour as it is written, in small letters; None where it is not known."""
    word = text.strip()
    if word == "transparent":
        return ColourWithOpacity((0, 0, 0), 0.0)
    word = _NAMED.get(word, word)
    if _HEX.fullmatch(word):
        digits = word.removeprefix("#")
        if len(digits) < 5:
            digits = "".join(digit * 2 for digit in digits)
        red, green, blue, *more = bytes.fromhex(digits)
        return ColourWithOpacity((red, green, blue), more[0] / 255 if more else 1.0)
    match = _CALL.fullmatch(word)
    return _called(match[1], match[2]) if match else None


def _called(kind: str, said: str) -> ColourWithOpacity | None:
    some = [_NUMBER.fullmatch(part) for part in re.split(r"[\s,/]+", said.strip())]
    if len(some) not in (3, 4):
        return None
    numbers = []
    for n, match in enumerate(some):
        if match is None:
            return None
        share = match[2] == "%"
        numbers.append(float(match[1]) * (0.01 if share else 1 if n == 3 or kind == "hsl" else 1 / 255))
    cover = min(1.0, max(0.0, numbers[3])) if len(numbers) == 4 else 1.0
    if kind == "hsl":
        first = colorsys.hls_to_rgb(numbers[0] / 360 % 1, min(1.0, numbers[2]), min(1.0, numbers[1]))
    else:
        first = numbers[0], numbers[1], numbers[2]
    red, green, blue = (round(255 * min(1.0, max(0.0, part))) for part in first)
    return ColourWithOpacity((red, green, blue), cover)


def are_alike(one: Colour, other: Colour) -> bool:
    """Whether two colours are one to the eye."""
    return all(abs(a - b) <= NEAR for a, b in zip(one, other, strict=True))


def is_pale(one: Colour, other: Colour) -> bool:
    """Whether writing in one colour may be overlooked on the other."""
    light, dark = sorted((_light(one), _light(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05) < PALE


@lru_cache(1024)
def _light(colour: Colour) -> float:
    some = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in some)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
