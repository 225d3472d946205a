"""What one file may cost: stated once, enforced wherever a stranger's file is read, and widened by whoever must.

`OGI_LIMITS="seconds=300 cells=2000000"` in the environment, or `--limit seconds=300`, sets one otherwise; processes
that a merge starts inherit it. Each is far above what a report needs: a filled template has 2,500 cells, inflates to
230 KB and is read in milliseconds.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from workbook.safety.messages import Bilingual

VARIABLE: Final = "OGI_LIMITS"
"""The environment variable that sets limits otherwise."""
MIB: Final = 1 << 20


class Limit(NamedTuple):
    """One limit: its default, in which unit, and what it bounds."""

    default: int
    unit: Bilingual
    words: Bilingual


_MIB = Bilingual("MiB", "MiB")
_MANY = Bilingual("个", "")
LIMITS: Final = MappingProxyType(
    {
        "seconds": Limit(
            60, Bilingual("秒", "s"), Bilingual("读取并检查一个文件的时间", "time to read and check one file")
        ),
        "memory": Limit(2048, _MIB, Bilingual("一个读取进程的内存", "memory of one reading process")),
        "file": Limit(64, _MIB, Bilingual("一个文件的大小", "size of one file")),
        "json": Limit(16, _MIB, Bilingual("一个 JSON 文件的大小", "size of one JSON file")),
        "inflated": Limit(128, _MIB, Bilingual("一个文件解压后的大小", "size of one file, inflated")),
        "part": Limit(64, _MIB, Bilingual("文件中一个部分解压后的大小", "size of one part of a file, inflated")),
        "parts": Limit(5_000, _MANY, Bilingual("一个文件中的部分", "parts of one file")),
        "elements": Limit(2_000_000, _MANY, Bilingual("一个文件中的 XML 元素", "XML elements of one file")),
        "cells": Limit(500_000, _MANY, Bilingual("一个文件中的单元格", "cells of one file")),
        "letters": Limit(8_000_000, _MANY, Bilingual("一个文件中的字符", "characters of text in one file")),
        "paragraphs": Limit(20_000, _MANY, Bilingual("一份文书中的段落", "paragraphs of one document")),
        "tags": Limit(200_000, _MANY, Bilingual("一份文书中的标签", "tags of one document")),
        "attributes": Limit(1_000, _MANY, Bilingual("网页中一个标签的属性", "attributes of one tag of a web page")),
        "members": Limit(200_000, _MANY, Bilingual("一个压缩包中的文件", "files in one archive")),
        "unpacked": Limit(4096, _MIB, Bilingual("一个压缩包解开后的大小", "size of one archive, unpacked")),
        "depth": Limit(4, Bilingual("层", "levels"), Bilingual("压缩包套压缩包", "archives within archives")),
    }
)
"""Every limit by name, in the order they are documented."""


class NoLimit(ValueError):
    """A limit that is not known, or no whole number above 0; `words` say which there are."""

    def __init__(self, stated: str) -> None:
        known = "、".join(LIMITS)
        self.words = Bilingual(
            f"“{stated}”不是上限：应写作 名称=整数，如 seconds=300。可设的有：{known}。",
            f"“{stated}” is no limit: write NAME=NUMBER, such as seconds=300. Known: {', '.join(LIMITS)}.",
        )
        super().__init__(self.words.zh)


class TooLarge(Exception):
    """The file asks for more than any report needs: no reader may go on. `limit` names what it goes beyond."""

    def __init__(self, limit: str = "") -> None:
        super().__init__(limit)
        self.limit = limit


class TooSlow(BaseException):
    """The time for one file is over. No `Exception`: readers, which take those for damage, must not go on with it."""


def limit(name: str) -> int:
    """A limit as it is in force; sizes in bytes. Raises NoLimit where the environment states none that is known."""
    value = _stated(os.environ.get(VARIABLE, ""))[name]
    return value * MIB if LIMITS[name].unit is _MIB else value


def stated(name: str) -> Bilingual:
    """A limit in a sentence: what it bounds, how much, and how to widen it."""
    about, value = LIMITS[name], _stated(os.environ.get(VARIABLE, ""))[name]
    return Bilingual(
        f"{about.words.zh}上限为 {value:,} {about.unit.zh}；确需读取，可用 --limit {name}=… 放宽。",
        f" Limit: {about.words.en} {value:,} {about.unit.en}".rstrip() + f"; --limit {name}=… widens it.",
    )


def set_otherwise(settings: Iterable[str]) -> None:
    """Set limits, each as `name=number`, for this process and those it starts. Raises NoLimit."""
    text = " ".join([os.environ.get(VARIABLE, ""), *settings]).strip()
    _stated(text)
    if text:
        os.environ[VARIABLE] = text


@lru_cache(maxsize=8)
def _stated(text: str) -> dict[str, int]:
    values = {name: one.default for name, one in LIMITS.items()}
    for setting in text.split():
        name, _, number = setting.partition("=")
        if name not in LIMITS or not number.isascii() or not number.isdigit() or int(number) < 1:
            raise NoLimit(setting)
        values[name] = int(number)
    return values


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """End what is done in this block once that time is over, by TooSlow.

    Where the system can interrupt a program (Linux, Mac; the main thread), whatever it is doing; elsewhere nothing is
    done here: there a reader looks at the clock now and then (`reading.common.Budget`), and a merge ends the process.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    if signal.getitimer(signal.ITIMER_REAL)[0]:  # one clock runs already, around this block
        yield
        return
    running = True

    def ring(*_: object) -> None:
        if running:
            raise TooSlow

    before = signal.signal(signal.SIGALRM, ring)
    # It rings again and again: what catches everything may have caught the first.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    finally:
        while True:
            try:
                running = False
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, before)
                break
            except TooSlow:  # it rang on the way out
                continue


def confine() -> None:
    """Hold this process to the limit of memory, where the system can (Linux); what asks for more gets MemoryError."""
    try:
        import resource
    except ImportError:  # Windows
        return
    most = limit("memory")
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or hard > most:
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
