"""What is worked out once and kept from one file to the next: only of what is short.

Thousands of files say the same few hundred things. What a stranger's file says at length would be kept in memory, file
after file, long after it was read: that is worked out anew each time it is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

_A = TypeVar("_A", str, bytes)
_R = TypeVar("_R")


def cache_short(most: int, longest: int) -> Callable[[Callable[[_A], _R]], Callable[[_A], _R]]:
    """Keep the last `most` results of a function of one text, of those no longer than `longest`."""

    def keeping(function: Callable[[_A], _R]) -> Callable[[_A], _R]:
        known = lru_cache(maxsize=most)(function)

        @wraps(function)
        def asked(text: _A) -> _R:
            return known(text) if len(text) <= longest else function(text)

        return asked

    return keeping
