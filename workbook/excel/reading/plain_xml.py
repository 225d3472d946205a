"""Reads pieces of XML that are spelled plainly without a parser, or says that only a parser can.

A pattern may cut a part of a workbook into pieces. What a piece says is then taken from its bytes, if it has no markup
and nothing for which a parser would refuse the part: `is_well_formed`. Whoever cuts must prove that a parser would cut
at the same places.
"""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from workbook.safety.limits import cache_short_texts

Piece = bytes | None
"""A text as a part spells it; None where there is none."""

DECLARATION = rb'(?:<\?xml version="1\.0"(?: encoding="(?:UTF-8|utf-8)")?(?: standalone="(?:yes|no)")?\?>[ \t\r\n]*)?'
"""What a part in UTF-8 may begin with: `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`."""
ATTRIBUTE = rb' [a-zA-Z0-9:]+="[^"<>&]*"'
"""` count="5"`, ` xmlns:r="http://…"`."""

_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r"))
_ENTITY = re.compile(rb"&(?:amp|lt|gt|quot|apos|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));")
"""`&amp;`, `&#13;`, `&#x4E00;`."""
_NAMED = {b"&amp;": "&", b"&lt;": "<", b"&gt;": ">", b"&quot;": '"', b"&apos;": "'"}


def is_well_formed(text: bytes) -> bool:
    """Whether a text, as an XML document spells it, has no mistake for which a parser would refuse the document."""
    if b"<" in text or len(text.translate(None, _CONTROLS)) < len(text):
        return False
    if b"]]>" in text or b"\xef\xbf\xbe" in text or b"\xef\xbf\xbf" in text:  # the mark, and two signs that are none
        return False
    if b"&" in text and text.count(b"&") != sum(_character(entity) is not None for entity in _ENTITY.finditer(text)):
        return False
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@cache_short_texts(1 << 14, 256)
def read_text(spelled: bytes) -> str:
    """The text that is spelled so, which must be well-formed: as a parser gives it."""
    text = spelled.decode("utf-8")
    if "\r" in text:  # a line ends with \n, however the file spells it
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "&" in text:
        text = _REFERENCE.sub(lambda entity: _character(_ENTITY.fullmatch(entity[0].encode())) or "", text)
    return text


def spell_text(text: str) -> bytes:
    """Spell a text so that `read_text` gives it again."""
    return escape(text).replace("\r", "&#13;").encode()


_REFERENCE = re.compile(_ENTITY.pattern.decode())


def _character(entity: re.Match[bytes] | None) -> str | None:
    """The character that is spelled so; None where no document may hold it."""
    if entity is None or entity[0] in _NAMED:
        return _NAMED[entity[0]] if entity else None
    number = int(entity[1]) if entity[1] else int(entity[2], 16)
    allowed = number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0xFFFF < number < 0x110000
    return chr(number) if allowed else None
