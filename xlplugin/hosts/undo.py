"""One step back takes back a whole command.

Excel keeps nothing to undo after a macro. LibreOffice keeps every single change: without more, the last of them is the
protection of a sheet, and one Ctrl+Z after a command leaves that sheet open to anything.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import xlwings as xw


def one_step(book: xw.Book, title: str) -> AbstractContextManager[object]:
    """What is changed within the block is one entry of the program's list of steps, under that title.

    A block that ends in an exception leaves no entry and no change; one that changes nothing leaves no entry.
    """
    step = getattr(book.impl, "one_step", None)
    made: AbstractContextManager[object] = step(title) if step is not None else nullcontext()
    return made
