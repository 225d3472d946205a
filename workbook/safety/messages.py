"""Loads what the program reports to its users, in Chinese and English, from TOML files beside the code.

A package keeps its texts in its `messages.toml`, a module with many of its own in the TOML file of its name:

    MESSAGES = load_messages("workbook.excel.template")  # workbook/excel/template/messages.toml
    raise NotAReport(MESSAGES.get("refused.form", found=found, forms=known))

A file is read when the first of its texts is asked for, and once in a process.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple


class Bilingual(NamedTuple):
    """A text in Chinese and in English. A text whose English is blank is shown in Chinese to everyone."""

    zh: str
    en: str

    def say(self, lang: str) -> str:
        """Return the text in the language asked for; Chinese unless `lang` is `en`."""
        return self.en if lang == "en" and self.en else self.zh

    def then(self, more: Bilingual) -> Bilingual:
        """Return the text with another right after it."""
        return Bilingual(self.zh + more.zh, self.en + more.en)


NO_TEXT = Bilingual("", "")
COMMA = Bilingual("、", ", ")
PLUS = Bilingual("＋", " + ")


def join_texts(
    parts: Iterable[Bilingual | str], separator: Bilingual = COMMA, *, most: int = sys.maxsize, more: bool = False
) -> Bilingual:
    """Return the texts one after the other, with the separator between them; a string is the same in both languages.

    Only the first `most` are named: where there are more, or `more` says so, 等 or … ends the list.
    """
    texts = [part if isinstance(part, Bilingual) else Bilingual(part, part) for part in parts]
    named = texts[:most]
    joined = Bilingual(separator.zh.join(text.zh for text in named), separator.en.join(text.en for text in named))
    return joined.then(load_messages("workbook.safety").get("more")) if more or len(texts) > most else joined


class UserError(Exception):
    """Ends what was asked for: `message.zh` and `message.en` tell the user in one sentence why, and what to do.

    The base of every exception about an input (a file that cannot be read, a roster that is none, a wrong option);
    `str(error)` is the Chinese sentence.
    """

    def __init__(self, message: Bilingual) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message.zh


class Messages:
    """The texts of one TOML file, each under its key (`group.key`).

    A text in both languages is written `[zh, en]` or `{ zh = …, en = … }`; one that only Chinese readers see, as a
    string. `{name}` in a text stands for a value. Every method raises KeyError, which names the file and the key, for
    a text that is not there or a value that is not given.
    """

    def __init__(self, name: str, show: Callable[[object, str], object] | None = None) -> None:
        self.name = name
        self.show = show
        """Returns a value as it is shown in that language: shortened, or without what steers a terminal."""

    @cached_property
    def _entries(self) -> Mapping[str, Any]:
        return read_toml(self.name)

    def entry(self, key: str) -> Any:  # noqa: ANN401 -- TOML holds strings, lists and tables
        """Return what the file holds under that key, as it is: a text, a list or a table."""
        found: Any = self._entries
        try:
            for part in key.split("."):
                found = found[part]
        except (KeyError, TypeError):
            raise KeyError(f"{self.name}: no message {key}") from None
        return found

    def get(self, key: str, /, **values: object) -> Bilingual:
        """Return the text in both languages, filled in; a value that is in both is taken in the text's language."""
        entry = self.entry(key)
        if isinstance(entry, str):
            return Bilingual(self._filled(key, entry, "zh", values), "")
        zh, en = (entry["zh"], entry.get("en", "")) if isinstance(entry, dict) else entry
        return Bilingual(self._filled(key, zh, "zh", values), self._filled(key, en, "en", values))

    def text(self, key: str, /, **values: object) -> str:
        """Return a text that has one language alone, as the sheets of a workbook; filled in where values are given."""
        text: str = self.entry(key)
        return self._filled(key, text, "zh", values) if values else text

    def texts(self, key: str) -> list[str]:
        """Return a list of texts, or the keys of a group."""
        return list(self.entry(key))

    def _filled(self, key: str, template: str, lang: str, values: Mapping[str, object]) -> str:
        try:
            return template.format_map({name: self._value(value, lang) for name, value in values.items()})
        except KeyError as missing:
            raise KeyError(f"{self.name}: message {key} needs the value {missing}") from None

    def _value(self, value: object, lang: str) -> object:
        if self.show:
            return self.show(value, lang)
        if isinstance(value, Bilingual):  # no English is none here: "100 parts", not "100 parts个"
            return value.en if lang == "en" else value.zh
        return value


@cache
def load_messages(name: str, show: Callable[[object, str], object] | None = None) -> Messages:
    """Return the texts of a package or module, named as it is imported; nothing is read yet."""
    return Messages(name, show)


@cache
def read_toml(name: str) -> Mapping[str, Any]:
    """Return the content of a package's `messages.toml`, or of the TOML file beside a module."""
    import tomllib

    top, *inner = name.split(".")
    place = Path(str(sys.modules[top].__file__)).parent.joinpath(*inner)
    file = place / "messages.toml"
    return tomllib.loads((file if file.is_file() else place.with_suffix(".toml")).read_text("utf-8"))


def choose_language(asked: str | None = None) -> str:
    """Return `en` or `zh`: as asked, else as `OGI_LANG` says, else `en` in an English locale, else `zh`."""
    env = os.environ
    locale = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    chosen = asked or env.get("OGI_LANG") or locale
    return "en" if chosen.lower().startswith("en") else "zh"


# Describes the errors of the operating system in a sentence: no permission, no space, a disk or share


messages = load_messages("workbook.safety")


_LOST_DISK = (
    *("ESTALE", "ENOTCONN", "ETIMEDOUT", "EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "ENETRESET"),
    *("ECONNRESET", "ECONNREFUSED", "ECONNABORTED", "EPIPE", "EREMOTEIO", "EIO", "ENXIO", "ENODEV"),
)
"""What a disk or a share that is gone gives rise to; not every system knows all of these."""
_TROUBLES: Mapping[str, tuple[str, ...]] = {
    "permission": ("EACCES", "EPERM", "PermissionError"),
    "gone": ("ENOENT", "ENOTDIR", "FileNotFoundError", "NotADirectoryError"),
    "folder": ("EISDIR", "IsADirectoryError"),
    "long": ("ENAMETOOLONG",),
    "space": ("ENOSPC", "EDQUOT"),
    "read_only": ("EROFS",),
    "exists": ("EEXIST", "ENOTEMPTY", "FileExistsError"),
    "busy": ("EBUSY", "ETXTBSY"),
    "loop": ("ELOOP",),
    "large": ("EFBIG",),
    "many": ("EMFILE", "ENFILE"),
    "disk": (*_LOST_DISK, "TimeoutError", "ConnectionError"),
}
"""Kind of trouble → how the system and Python call what is of that kind."""


def classify_os_error(error: OSError) -> str:
    """Return the kind of error (a key of `trouble` among the messages), by number or else by type; else blank.

    The number's name tells more than Python's type (ENOSPC is a plain OSError); an error that somebody raised without
    a number has its type alone.
    """
    number = errno.errorcode.get(error.errno or 0, "").removeprefix("WSA")  # so are those of networks named on Windows
    for name in (number, *(ancestor.__name__ for ancestor in type(error).__mro__)):
        for kind, names in _TROUBLES.items():
            if name in names:
                return kind
    return ""


def describe_os_error(error: OSError) -> Bilingual:
    """Return the error as a sentence without its full stop; the system's own text follows in brackets."""
    kind = classify_os_error(error)
    own = error.strerror or ("" if kind else f"{type(error).__name__} {error}".strip()[:200])
    return messages.get(f"trouble.{kind or 'other'}", own=messages.get("trouble.own", own=own) if own else "")
