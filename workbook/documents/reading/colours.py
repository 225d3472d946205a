"""Colours as web pages write them: red, green, blue and how much covers; and which two an eye can tell apart. Pure."""

from __future__ import annotations

import colorsys
import re
from functools import lru_cache
from typing import Final, NamedTuple

NEAR: Final = 24
"""Colours that differ by no more in each of red, green and blue are one to the eye."""
PALE: Final = 1.4
"""Writing that stands out from its ground by a smaller contrast (1 to 21, as WCAG counts it) may be overlooked."""

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


class Paint(NamedTuple):
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
def paint(text: str) -> Paint | None:
    """A colour as it is written, in small letters; None where it is not known."""
    word = text.strip()
    if word == "transparent":
        return Paint((0, 0, 0), 0.0)
    word = _NAMED.get(word, word)
    if _HEX.fullmatch(word):
        digits = word.removeprefix("#")
        if len(digits) < 5:
            digits = "".join(digit * 2 for digit in digits)
        red, green, blue, *more = bytes.fromhex(digits)
        return Paint((red, green, blue), more[0] / 255 if more else 1.0)
    match = _CALL.fullmatch(word)
    return _called(match[1], match[2]) if match else None


def _called(kind: str, said: str) -> Paint | None:
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
    return Paint((red, green, blue), cover)


def alike(one: Colour, other: Colour) -> bool:
    """Whether two colours are one to the eye."""
    return all(abs(a - b) <= NEAR for a, b in zip(one, other, strict=True))


def pale(one: Colour, other: Colour) -> bool:
    """Whether writing in one colour may be overlooked on the other."""
    light, dark = sorted((_light(one), _light(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05) < PALE


@lru_cache(1024)
def _light(colour: Colour) -> float:
    some = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in some)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
