"""The way in: open any file handed in, or say in a sentence why it cannot be read."""

from __future__ import annotations

from pathlib import Path

from workbook.limits import TooLarge
from workbook.reading import package, tolerant
from workbook.reading.book import Book
from workbook.reading.recognise import Unreadable, beyond, in_time, recognise


def open_book(path: Path) -> Book:
    """Read a submitted workbook; `Unreadable` is all that can go wrong, and says what to do."""
    with in_time():  # whoever asks: what takes too long is no damage and no fault of the program
        recognise(path)
        return _opened(path)


def _opened(path: Path) -> Book:
    try:
        return package.read(path)
    except TooLarge as trouble:
        raise beyond(trouble.limit) from None
    except MemoryError:
        raise beyond("memory") from None
    except Exception as trouble:  # strangers' files find every way to fail; each is asked of the second reader
        return _second(path, trouble)


def _second(path: Path, first: Exception) -> Book:
    try:
        return tolerant.read(path)
    except TooLarge as trouble:
        raise beyond(trouble.limit) from None
    except MemoryError:
        raise beyond("memory") from None
    except Exception as trouble:  # a number is the system's: openpyxl's own have none
        raise Unreadable("unavailable" if getattr(trouble, "errno", None) else "damaged") from first
