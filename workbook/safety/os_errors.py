"""Describes the errors of the operating system in a sentence: no permission, no space, a disk or share that is gone."""

from __future__ import annotations

import errno

from workbook.safety.messages import Bilingual, load_messages

messages = load_messages("workbook.safety")

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


def classify_os_error(error: OSError) -> str:
    """Return the kind of error (a key of `trouble` among the messages), by number or else by type; else blank."""
    return _NUMBERS.get(error.errno or 0) or next((kind for type_, kind in _TYPES if isinstance(error, type_)), "")


def describe_os_error(error: OSError) -> Bilingual:
    """Return the error as a sentence without its full stop; the system's own text follows in brackets."""
    kind = classify_os_error(error)
    own = error.strerror or ("" if kind else f"{type(error).__name__} {error}".strip()[:200])
    return messages.get(f"trouble.{kind or 'other'}", own=messages.get("trouble.own", own=own) if own else "")
