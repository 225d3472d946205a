"""Markup: every text that goes into the page is escaped here; nothing else of the page writes a user's text."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from workbook.harmless import legible
from workbook.safety.messages import load_messages

_NO_CHARACTER = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010fffd]")
"""What HTML has no place for: control characters, halves of characters."""

Attribute = str | int | None
messages = load_messages("workbook.merging.page.page")


def text(value: object) -> str:
    """A text as markup; what is no character shows as �, what is not seen by its number."""
    return escape(_NO_CHARACTER.sub("\ufffd", legible(str(value))), quote=True)


def tag(name: str, content: str = "", /, **attributes: Attribute) -> str:
    """An element around markup; attribute values are escaped, None leaves one out, `_` stands for `-`, `cls` class."""
    said = "".join(
        f' {"class" if key == "cls" else key.replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{said}>{content}</{name}>"


def word(path: str, lang: str, **facts: object) -> str:
    """The text at `group.key` in that language, with facts filled in; plain text, not markup."""
    return messages.get(path, **facts).say(lang)


def count(number: int) -> str:
    """A number as a reader takes it in: 1,234."""
    return f"{number:,}"


def asset(name: str) -> str:
    """A file that goes into the page as it is."""
    return Path(__file__).with_name(name).read_text("utf-8")
