"""What agencies are to be written to about, put by on disk until all is known of each: 20,000 need little memory."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Hashable, Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

from workbook.harmless import folded
from workbook.merging.agencies import valid_code

if TYPE_CHECKING:
    from workbook.merging.chase.letters import Chased
    from workbook.merging.roster.lines import Agency


class Dossiers:
    """One dossier an agency, in the order in which agencies first come; gone when closed.

    Agencies are told apart by credit code, else by name and region.
    """

    def __init__(self, chased: Iterable[Chased]) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with the dossiers
        self._places: dict[Hashable, list[tuple[int, int]]] = {}
        try:
            for one in chased:
                begins = self._file.tell()
                pickle.dump(one, self._file)
                place = (begins, self._file.tell() - begins)
                self._places.setdefault(_key(one.agency), []).append(place)
        except BaseException:
            self._file.close()
            raise

    def __len__(self) -> int:
        """How many agencies there are."""
        return len(self._places)

    def __iter__(self) -> Iterator[tuple[Chased, ...]]:
        """All that is to be said to one agency after the other, as often as asked."""
        for places in self._places.values():
            yield tuple(self._at(*place) for place in places)

    def _at(self, begins: int, length: int) -> Chased:
        self._file.seek(begins)
        one: Chased = pickle.loads(self._file.read(length))  # of our own temporary file, which nobody else can open
        return one

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()


def _key(agency: Agency) -> Hashable:
    code = valid_code(agency.identity)
    return code or (folded(agency.name), folded(agency.region), folded(agency.code))
