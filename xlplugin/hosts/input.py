"""What the clerk is typing at the moment a button is pressed: it counts, as if it had been entered already.

Excel runs no command while a cell is being typed into: it enters what was typed, or does not take the click. Asked all
the same, it rejects the call. LibreOffice takes the click and leaves the cell open, and drops what stands in it as soon
as another sheet is shown; so there it is entered first.
"""

from __future__ import annotations

import xlwings as xw

_BUSY = {-2147418111, -2147417846, -2146777998}
"""RPC_E_CALL_REJECTED, RPC_E_SERVERCALL_RETRYLATER, VBA_E_IGNORE: Excel answers nobody while a cell is typed into or a
box is open."""


def enter_typed(book: xw.Book) -> None:
    """Enter what is being typed into a cell; selection and view stay. What the cell refuses is told by the program."""
    enter = getattr(book.impl, "enter_typed", None)
    if enter is not None:
        enter()


def is_busy(error: BaseException) -> bool:
    """Whether that is how Excel says that it is being typed into (pywintypes.com_error, which only Windows has)."""
    facts = getattr(error, "excepinfo", None)
    codes = {getattr(error, "hresult", None), facts[5] if isinstance(facts, tuple) and len(facts) > 5 else None}
    return bool(codes & _BUSY)
