"""File names made of what strangers wrote: safe on every system, of bounded length, no two alike."""

from __future__ import annotations

import re
import unicodedata

from workbook.harmless import seen

MOST_BYTES = 180
"""Linux allows 255 bytes a name, Windows 260 characters a path; this leaves room for folders."""
_FORBIDDEN = frozenset('<>:"/\\|?*%')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever follows their first dot."""


def safe_name(text: str, most: int = MOST_BYTES) -> str:
    """The text as the stem of a file's name; “_” where nothing usable is left.

    Characters that steer a path, a shell or the screen become “_”; spaces and dots at the ends go; what is too long is
    cut at a character, to `most` bytes of UTF-8.
    """
    composed = unicodedata.normalize("NFC", seen(text))
    clean = "".join("_" if sign in _FORBIDDEN or not sign.isprintable() else sign for sign in composed)
    clean = _cut(clean.strip(" .　"), most)
    if clean.startswith(("-", "~")):  # an option to a command, or a file in use to an office program
        clean = _cut(f"_{clean}", most)
    if _RESERVED.fullmatch(clean.partition(".")[0].rstrip()):
        clean = _cut(f"_{clean}", most)
    return clean or "_"


def _cut(text: str, most: int) -> str:
    return text.encode("utf-8")[:most].decode("utf-8", "ignore").rstrip(" .　")


class Names:
    """The names given so far in one folder: names that some system takes for the same are never given twice."""

    def __init__(self, *taken: str) -> None:
        self._taken = {_same(name) for name in taken}
        self._last: dict[str, int] = {}

    def take(self, text: str, suffix: str) -> str:
        """A name for that text, with a number where the plain one is taken."""
        stem = safe_name(text)
        n = self._last.get(_same(stem), 1)
        name = stem
        while _same(name) in self._taken:
            n += 1
            name = f"{_cut(stem, MOST_BYTES - 12)}-{n}"
        self._last[_same(stem)] = n
        self._taken.add(_same(name))
        return name + suffix


def _same(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
