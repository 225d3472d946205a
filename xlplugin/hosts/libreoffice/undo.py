"""The steps that LibreOffice can take back."""

# ruff: noqa: ANN401  LibreOffice's objects have no types

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

TOGETHER = 20
"""So many changes are one part of a step. Each is noted down as a few, and a part may hold 100."""


class Step:
    """What is changed within the block is one entry under 撤销; where the block fails, it is taken back.

    LibreOffice forgets all but the last 100 changes of an entry that is still open, whenever another sheet or another
    window comes to the front; undone, such an entry would leave a sheet without its protection. So the changes are kept
    in parts within the entry, few enough in each.

    Windows must not be locked or unlocked within the block: that is noted down as a change. This is a class, for
    exceptions of UNO do not survive `contextlib.contextmanager`: it assigns to their ``__traceback__``, which they take
    for a member of their own.
    """

    def __init__(self, document: Any, title: str) -> None:
        self._document = document
        self._title = title
        self._manager: Any = None
        self._changes = 0

    def __enter__(self) -> Self:
        with suppress(Exception):  # where nothing can be undone, commands work all the same
            manager = self._document.getUndoManager()
            listed = manager.getAllUndoActionTitles()
            manager.enterUndoContext(self._title)
            manager.enterUndoContext(self._title)
            if manager.getAllUndoActionTitles() != listed:  # else it notes nothing down
                self._manager = manager
        return self

    def count_change(self) -> None:
        """Another change is to be made: where the part at hand has enough of them, in a new one."""
        self._changes += 1
        if self._manager is not None and self._changes % TOGETHER == 0:
            self._manager.leaveUndoContext()
            self._manager.enterUndoContext(self._title)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        manager, self._manager = self._manager, None
        if manager is None:
            return
        with suppress(Exception):  # the workbook may have been closed meanwhile
            listed = manager.getAllUndoActionTitles()  # the open entry is the first of them
            manager.leaveUndoContext()
            manager.leaveUndoContext()
            changed = manager.getAllUndoActionTitles() == listed  # an entry without changes is gone now
            if changed and error is not None:
                manager.undo()
                manager.clearRedo()  # what failed is not to be done again
