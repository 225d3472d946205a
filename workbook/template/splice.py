"""A finished workbook and rows that were made beside it → one workbook."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from workbook.template.spool import Spool

LEVEL = 4
"""Of compression: rows are so alike that a higher one takes three times as long and saves little."""
DATE = (1980, 1, 1, 0, 0, 0)
"""The one date of every part: the same input gives the same bytes."""
_AFTER_LINKS = (b"<printOptions", b"<pageMargins")
_EMPTY, _OPEN, _END = b"<sheetData/>", b"<sheetData>", b"</sheetData>"


def spliced(book: IO[bytes], streams: Mapping[int, Spool]) -> bytes:
    """The workbook with those rows, by the number of their sheet (from 1), below what stands in it already."""
    out = io.BytesIO()
    with ZipFile(book) as shell, ZipFile(out, "w", ZIP_DEFLATED, compresslevel=LEVEL) as package:
        names = set(shell.namelist())
        parts = {f"xl/worksheets/sheet{number}.xml": rows for number, rows in streams.items()}
        for name in shell.namelist():
            data = shell.read(name)
            _write(package, name, _sheet(data, parts[name]) if name in parts else (data,))
        for number, rows in streams.items():
            relations = f"xl/worksheets/_rels/sheet{number}.xml.rels"
            if relations in names:
                raise ValueError(f"{relations}: a sheet with streamed rows has no other links or drawings")
            _write(package, relations, rows.relations())
    return out.getvalue()


def _write(package: ZipFile, name: str, chunks: Iterable[bytes]) -> None:
    """One part; none where there is nothing to write."""
    chunks = iter(chunks)
    first = next(chunks, None)
    if first is None:
        return
    info = ZipInfo(name, DATE)
    info.compress_type = ZIP_DEFLATED
    info._compresslevel = LEVEL  # type: ignore[attr-defined]  # as ZipFile.writestr does
    with package.open(info, "w") as part:
        part.write(first)
        for chunk in chunks:
            part.write(chunk)


def _sheet(shell: bytes, rows: Spool) -> Iterator[bytes]:
    """A sheet: what was drawn, the rows, what follows them, the links where they belong."""
    if _EMPTY in shell:
        head, tail = shell.split(_EMPTY)
        head, tail = head + _OPEN, _END + tail
    else:
        head, tail = shell.split(_END)
        tail = _END + tail
    at = min(place for mark in _AFTER_LINKS if (place := tail.find(mark)) >= 0)
    yield head
    yield from rows.rows()
    yield tail[:at]
    yield from rows.hyperlinks()
    yield tail[at:]
