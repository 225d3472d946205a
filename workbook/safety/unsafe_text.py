"""Makes untrusted text harmless and legible wherever it is written; only here is decided what is dangerous.

Data stay as they were typed: JSON and parquet hold every character, and a workbook made for the clerk who typed it
gives it back. What people read to compare and to decide — a summary, a page, a letter, the screen — shows what would
not be seen (`make_legible`), and what a program would run stays a text (`guard_csv_field`, `guard_typed_text`).

Three kinds of danger. A text that a spreadsheet *runs*: it begins with = + - @ in either width, after whatever does
not show, or with a tab or a line break (OWASP, CSV injection). A character that is *not seen* or turns the order of
others about: zero-width characters, direction marks, fillers. And *controls*: characters below the space, which steer a
terminal and which no file of XML can hold.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from workbook.safety.messages import load_messages

messages = load_messages("workbook.safety")


MOST_CELL_UNITS: Final = 32_767
"""What a cell of a spreadsheet holds, in units of UTF-16."""
MOST_DIGITS: Final = 15
"""A number with more digits loses the last of them in a spreadsheet."""


_TURNING: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""What turns the direction of writing: the characters stand in another order than they are read."""
_HIDDEN: Final = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\u2800\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
"""What takes no room or shows as a blank."""
_JOINING: Final = "\u0600-\u0fff\u1780-\u18af\ufe0f\U0001f000-\U0001faff"
"""After what the characters that join and part letters are spelling: minority scripts, and pictures."""
_VARIED: Final = "#*0-9\u00a9\u00ae\u2000-\u2bff\u3000-\u303f\u3200-\u33ff\U0001f000-\U0001faff"
"""After what a variation selector chooses how a character is drawn (after Chinese characters, U+E0100 and up do)."""
_CONTROL: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff"
_CONTROLS: Final = re.compile(f"[{_CONTROL}]")
# Not seen: always; a joiner but after the scripts that spell with it; a variation selector but after what has variants.
# Found in "某\u200b局" and "某局\ufe0f", not in "👨\u200d👩" and "❤\ufe0f".
_UNSEEN: Final = re.compile(f"[{_TURNING}{_HIDDEN}]|(?<![{_JOINING}])[\u200c\u200d]|(?<![{_VARIED}])[\ufe00-\ufe0f]")
# All that `make_legible` replaces: what is not seen, controls, halves of characters, line ends that are not \n.
_ODD: Final = re.compile(rf"{_UNSEEN.pattern}|[{_CONTROL}\ud800-\udfff]|\r\n?|[\x85\u2028\u2029]")
# What `make_legible` writes: 〔U+202E〕.
_MARK: Final = re.compile("〔U\\+[0-9A-F]{4,6}〕")
# What does not count when names are compared (`fold_name`).
_DROPPED: Final = re.compile(
    f"[{_TURNING}{_HIDDEN}\u180b-\u180f\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef{_CONTROL}]|{_MARK.pattern}"
)
_TURNS: Final = re.compile(f"[{_TURNING}]")
_BREAK: Final = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
# What a spreadsheet runs: a tab or a line break first, or a formula's first character after any that are not seen.
# Found: "=1+1", " ＝A1", "\u200b@SUM(1)", "\t1"; not found: "1=1", "（=1".
_RUNS: Final = re.compile(rf"[\t\r\n]|[\s{_TURNING}{_HIDDEN}\u200c\u200d{_CONTROL}]*[=+\-@＝＋－＠﹦﹢﹣﹫']")
_ACTS: Final = re.compile(r"[(|!\[]")
"""Without one of these a formula calls, asks and refers to nothing outside."""
_HALF: Final = re.compile("[\ud800-\udfff]")
_ESCAPED: Final = re.compile(f"[\x7f-\x9f{_TURNING}{_HIDDEN}\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


# to be read by people ------------------------------------------------------------------------------------------------


def make_legible(text: str) -> str:
    """The text with what is not seen made visible (〔U+202E〕), plain line ends, and half characters as U+FFFD."""
    return _ODD.sub(_visible, text) if _ODD.search(text) else text


def make_displayable(text: str) -> str:
    """The text, legible, as a summary shows it in a spreadsheet: also saved from there as CSV it is no formula.

    The mark that keeps a text a text is lost on that way; so one that begins like a formula and could do harm has an
    apostrophe before it that is seen. What only calculates, such as a lone - or -2+3, is left as it is.
    """
    text = make_legible(text)
    return f"'{text}" if is_executable(text) and _ACTS.search(text) and not text.startswith("'") else text


def make_one_line(text: str) -> str:
    """The text, legible, on one line: for lists, letters and the screen."""
    return make_legible(_BREAK.sub(" ", text))


def _visible(match: re.Match[str]) -> str:
    character = match[0]
    if character[0] in "\r\x85\u2028\u2029":
        return "\n"
    return "\ufffd" if "\ud800" <= character <= "\udfff" else _named(character)


def _named(character: str) -> str:
    return f"〔U+{ord(character):04X}〕"


def find_invisible(text: str) -> tuple[str, ...]:
    """The characters in it that are not seen, or turn the others about, by number (U+202E), each once."""
    return tuple(dict.fromkeys(f"U+{ord(character):04X}" for character in _UNSEEN.findall(text)))


def find_reordering(text: str) -> tuple[str, ...]:
    """Those of them that turn the order of writing about: what is printed is not what is read."""
    return tuple(dict.fromkeys(f"U+{ord(character):04X}" for character in _TURNS.findall(text)))


def remove_invisible(text: str) -> str:
    """The text without what is not seen: for what is published, where a mark in its place would be a blemish."""
    return _UNSEEN.sub("", text)


def fold_name(name: str) -> str:
    """A name as it is compared: what is seen of it, NFKC, no spaces, one case.

    A name as it is displayed is the same name: what stands for a character that is not seen counts as little as the
    character, and so does an apostrophe in front.
    """
    bare = _DROPPED.sub("", "".join(unicodedata.normalize("NFKC", _DROPPED.sub("", name)).split()))
    return unicodedata.normalize("NFKC", bare.lstrip("'").casefold())  # a space may have stood between the two


def remove_controls(text: str) -> str:
    """The text without controls: for a list such as the roster, where nobody typed them and none is missed."""
    return _CONTROLS.sub("", text)


def replace_surrogates(text: str) -> str:
    r"""The text with half characters (\ud800, of a broken file name) as U+FFFD: no file can hold them."""
    return text if text.isascii() else _HALF.sub("\ufffd", text)


# to be kept by a spreadsheet -----------------------------------------------------------------------------------------


def is_executable(text: str) -> bool:
    """Whether a spreadsheet would run it if it were typed there, or take its first character for a mark of its own."""
    return _RUNS.match(text) is not None


def guard_csv_field(text: str) -> str:
    """The text as a field of a CSV: an apostrophe before what a spreadsheet would run, or a number it would round."""
    digits = text.isascii() and text.isdigit() and len(text) > MOST_DIGITS
    return f"'{text}" if digits or is_executable(text) else text


def unguard_csv_field(field: str) -> str:
    """The text that `guard_csv_field` made that field of: one apostrophe in front was not typed."""
    return field.removeprefix("'")


def guard_typed_text(text: str) -> str:
    """The text as it is typed into an open spreadsheet, so that it stays the text it is."""
    return f"'{text}" if is_executable(text) else text


def count_utf16_units(text: str) -> int:
    """How long a spreadsheet takes it to be: in units of UTF-16."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def fits_cell(text: str) -> bool:
    """Whether a cell can hold it."""
    return len(text) * 2 <= MOST_CELL_UNITS or count_utf16_units(text) <= MOST_CELL_UNITS


def fit_to_cell(text: str, most: int = MOST_CELL_UNITS) -> str:
    """The text as far as a cell holds it; where it is cut, its end says how much is missing."""
    if len(text) * 2 <= most or count_utf16_units(text) <= most:
        return text
    room = most - count_utf16_units(messages.text("unsafe_text.cut", n=len(text)))
    kept = text.encode("utf-16-le", "surrogatepass")[: room * 2].decode("utf-16-le", "ignore")
    return kept + messages.text("unsafe_text.cut", n=len(text) - len(kept))


# to be kept as data --------------------------------------------------------------------------------------------------


def escape_json_text(text: str) -> str:
    r"""JSON, in which what is not seen, steers a terminal or is half a character is spelt \u202e: the same data.

    Such characters can stand in nothing but the texts of a JSON, where they may be spelt so.
    """
    return _ESCAPED.sub(_spelt, text) if _ESCAPED.search(text) else text


def _spelt(match: re.Match[str]) -> str:
    digits = match[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{digits[n : n + 4]}" for n in range(0, len(digits), 4))


# File names made of what strangers wrote: safe on every system, of bounded length, no two alike


MOST_BYTES = 180
"""Linux allows 255 bytes a name, Windows 260 characters a path; this leaves room for folders."""
_FORBIDDEN = frozenset('<>:"/\\|?*%')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever follows their first dot."""


def make_safe_name(text: str, most: int = MOST_BYTES) -> str:
    """The text as the stem of a file's name; “_” where nothing usable is left.

    Characters that steer a path, a shell or the screen become “_”; spaces and dots at the ends go; what is too long is
    cut at a character, to `most` bytes of UTF-8.
    """
    composed = unicodedata.normalize("NFC", remove_invisible(text))
    clean = "".join(
        "_" if character in _FORBIDDEN or not character.isprintable() else character for character in composed
    )
    clean = _cut(clean.strip(" .　"), most)
    if clean.startswith(("-", "~")):  # an option to a command, or a file in use to an office program
        clean = _cut(f"_{clean}", most)
    if _RESERVED.fullmatch(clean.partition(".")[0].rstrip()):
        clean = _cut(f"_{clean}", most)
    return clean or "_"


def _cut(text: str, most: int) -> str:
    return text.encode("utf-8")[:most].decode("utf-8", "ignore").rstrip(" .　")


class FileNames:
    """The names given so far in one folder: names that some system takes for the same are never given twice."""

    def __init__(self, *taken: str) -> None:
        self._taken = {_same(name) for name in taken}
        self._last: dict[str, int] = {}

    def take(self, text: str, suffix: str) -> str:
        """A name for that text, with a number where the plain one is taken."""
        stem = make_safe_name(text)
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
