"""Colours as documents write them: red, green, blue and how much they cover; and which two look alike or pale. Pure."""

from __future__ import annotations

import colorsys
import re
from functools import lru_cache
from typing import Final, NamedTuple

from workbook.safety.messages import read_toml

NEAR: Final = 24
"""Colours that differ by no more in each of red, green and blue are one to the eye."""
PALE: Final = 1.4
"""Text that differs from its background by a smaller contrast (1 to 21, as WCAG counts it) may be overlooked."""

_NAMES: Final = read_toml("workbook.documents.reading.colours")["names"]
_HEX: Final = re.compile(r"#?(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
"""`#fff`, `#ff0000`, each with two digits (or one) more for how much it covers; old attributes leave `#` out."""
_FUNCTION: Final = re.compile(r"(rgb|hsl)a?\(([-\d.%,/ \t]{5,60})\)")
"""`rgb(255, 0, 0)`, `rgba(0 0 0 / 85%)`, `hsl(120, 100%, 50%)`."""
_NUMBER: Final = re.compile(r"(-?(?:\d{1,4}(?:\.\d{0,9})?|\.\d{1,9}))(%|deg)?")
"""`255`, `.85`, `100%`, `120deg`."""

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
    if word in _NAMES:
        red, green, blue = _NAMES[word].to_bytes(3)
        return ColourWithOpacity((red, green, blue))
    if _HEX.fullmatch(word):
        digits = word.removeprefix("#")
        if len(digits) < 5:
            digits = "".join(digit * 2 for digit in digits)
        red, green, blue, *opacity = bytes.fromhex(digits)
        return ColourWithOpacity((red, green, blue), opacity[0] / 255 if opacity else 1.0)
    match = _FUNCTION.fullmatch(word)
    return _parse_function(match[1], match[2]) if match else None


def _parse_function(kind: str, arguments: str) -> ColourWithOpacity | None:
    """The colour of `rgb(…)` or `hsl(…)`; None where the arguments are no three or four numbers."""
    matches = [_NUMBER.fullmatch(part) for part in re.split(r"[\s,/]+", arguments.strip())]
    if len(matches) not in (3, 4):
        return None
    numbers = []
    for n, match in enumerate(matches):
        if match is None:
            return None
        percent = match[2] == "%"
        numbers.append(float(match[1]) * (0.01 if percent else 1 if n == 3 or kind == "hsl" else 1 / 255))
    cover = min(1.0, max(0.0, numbers[3])) if len(numbers) == 4 else 1.0
    if kind == "hsl":
        parts = colorsys.hls_to_rgb(numbers[0] / 360 % 1, min(1.0, numbers[2]), min(1.0, numbers[1]))
    else:
        parts = numbers[0], numbers[1], numbers[2]
    red, green, blue = (round(255 * min(1.0, max(0.0, part))) for part in parts)
    return ColourWithOpacity((red, green, blue), cover)


def are_alike(one: Colour, other: Colour) -> bool:
    """Whether two colours are one to the eye."""
    return all(abs(a - b) <= NEAR for a, b in zip(one, other, strict=True))


def is_pale(one: Colour, other: Colour) -> bool:
    """Whether writing in one colour may be overlooked on the other."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05) < PALE


@lru_cache(1024)
def _luminance(colour: Colour) -> float:
    """How light a colour is, 0 to 1, by the formula of WCAG 2."""
    shares = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
