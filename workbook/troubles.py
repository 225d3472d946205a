"""What the system refused: one table of its errors for all that is said of them; the words are in `troubles.toml`."""

from __future__ import annotations

import errno
from pathlib import Path

from workbook.phrases import Phrases
from workbook.safety.messages import Bilingual

_SAID = Phrases(Path(__file__).with_suffix(".toml"))
_NETWORK = (
    *("ESTALE", "ENOTCONN", "ETIMEDOUT", "EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "ENETRESET"),
    *("ECONNRESET", "ECONNREFUSED", "ECONNABORTED", "EPIPE", "EREMOTEIO", "EIO", "ENXIO", "ENODEV"),
)
"""What a disk or a share that is gone gives rise to; not every system knows all of these."""
_KINDS = {
    "EACCES": "permission",
    "EPERM": "permission",
    "ENOENT": "gone",
    "ENOTDIR": "gone",
    "EISDIR": "folder",
    "ENAMETOOLONG": "long",
    "ENOSPC": "space",
    "EDQUOT": "space",
    "EROFS": "read_only",
    "EEXIST": "exists",
    "ENOTEMPTY": "exists",
    "EBUSY": "busy",
    "ETXTBSY": "busy",
    "ELOOP": "loop",
    "EFBIG": "large",
    "EMFILE": "many",
    "ENFILE": "many",
    **dict.fromkeys(_NETWORK, "disk"),
}
_NUMBERS = {number: kind for name, kind in _KINDS.items() if (number := getattr(errno, name, None)) is not None}
_TYPES: tuple[tuple[type[OSError], str], ...] = (
    (FileNotFoundError, "gone"),
    (NotADirectoryError, "gone"),
    (PermissionError, "permission"),
    (IsADirectoryError, "folder"),
    (FileExistsError, "exists"),
    (TimeoutError, "disk"),
    (ConnectionError, "disk"),
)
"""What an error is that somebody raised without the system's number."""


def kind_of(error: OSError) -> str:
    """What the system refused, by number or else by type; blank where neither tells."""
    return _NUMBERS.get(error.errno or 0) or next((kind for type_, kind in _TYPES if isinstance(error, type_)), "")


def said(error: OSError) -> Bilingual:
    """What the system refused, in a sentence without its end; its own words, which may be English, in brackets."""
    kind = kind_of(error)
    own = error.strerror or ("" if kind else f"{type(error).__name__} {error}".strip()[:200])
    return _SAID.said(f"trouble.{kind or 'other'}", own=Bilingual(f"（{own}）", f" ({own})") if own else "")
