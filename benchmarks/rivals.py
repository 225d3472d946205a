"""The simple job done with other programs' means: `python -m benchmarks.rivals NAME PROVINCE FOLDER OUT.xlsx`.

Every figure of every report, summed over all agencies; one row an agency and one row of sums, written to a workbook.
None of them checks anything, finds a figure that has moved, or knows which of two files of an agency counts. They are
given beforehand the cell of each figure. What they cannot open they leave out.

`limit` is no rival but a bound: it only reads every file, fingerprints it and inflates all of its parts.
"""

from __future__ import annotations

import hashlib
import json
import struct
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

Cells = Sequence[tuple[str, str, int, int]]
"""Code, sheet, row and column from 0 of every figure of the form."""
Row = list[float | None]
Rows = dict[str, list[list[Any]]]
"""Sheet → its values, row by row."""


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.xlsx") if not path.name.startswith((".", "~$")))


def each(folder: Path, read: Callable[[Path], Any]) -> Iterator[tuple[Path, Any]]:
    """What can be read, with its file."""
    for path in files_in(folder):
        try:
            yield path, read(path)
        except ImportError:  # a library that is not installed is no contender that is quick
            raise
        except Exception:  # a script of twenty lines goes on, and nobody hears of it
            continue


# with pandas


def pandas_job(engine: str, writer: str) -> Callable[[Cells, Path, Path], dict[str, float]]:
    """read_excel, concat, groupby, to_excel."""

    def job(cells: Cells, folder: Path, out: Path) -> dict[str, float]:
        import pandas

        sheets = sorted({sheet for _, sheet, _, _ in cells})

        def read(path: Path) -> Any:
            found = pandas.read_excel(path, sheet_name=sheets, header=None, engine=engine)
            values = [found[sheet].iat[row, column] for _, sheet, row, column in cells]
            figures = pandas.to_numeric(pandas.Series(values), errors="coerce")
            return pandas.DataFrame({"agency": path.stem, "cell": [code for code, *_ in cells], "figure": figures})

        frames = [frame for _, frame in each(folder, read)] or [pandas.DataFrame(columns=["agency", "cell", "figure"])]
        everything = pandas.concat(frames)
        sums = everything.groupby("cell", sort=False)["figure"].sum()
        with pandas.ExcelWriter(out, engine=writer) as book:
            everything.pivot_table(index="agency", columns="cell", values="figure", sort=False).to_excel(
                book, sheet_name="detail"
            )
            sums.to_frame().T.to_excel(book, sheet_name="sum")
        return dict(sums)

    return job


# without pandas


def openpyxl_rows(path: Path, sheets: Sequence[str]) -> Rows:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    found = {sheet: [list(row) for row in book[sheet].iter_rows(values_only=True)] for sheet in sheets}
    book.close()
    return found


def calamine_rows(path: Path, sheets: Sequence[str]) -> Rows:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    return {sheet: book.get_sheet_by_name(sheet).to_python(skip_empty_area=False) for sheet in sheets}


def loop_job(read: Callable[[Path, Sequence[str]], Rows]) -> Callable[[Cells, Path, Path], dict[str, float]]:
    """A loop over the cells in plain Python, and XlsxWriter with constant memory."""

    def job(cells: Cells, folder: Path, out: Path) -> dict[str, float]:
        import xlsxwriter

        sheets = sorted({sheet for _, sheet, _, _ in cells})
        sums = [0.0] * len(cells)

        def figures(path: Path) -> Row:
            rows = read(path, sheets)
            return [_number(rows[sheet][r][c]) for _, sheet, r, c in cells]

        with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
            detail, total = book.add_worksheet("detail"), book.add_worksheet("sum")
            detail.write_row(0, 0, ["agency", *(code for code, *_ in cells)])
            for number, (path, row) in enumerate(each(folder, figures), 1):
                sums = [a + (b or 0) for a, b in zip(sums, row, strict=True)]
                detail.write_row(number, 0, [path.stem, *row])
            total.write_row(0, 0, [code for code, *_ in cells])
            total.write_row(1, 0, sums)
        return {code: figure for (code, *_), figure in zip(cells, sums, strict=True)}

    return job


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) else None


# the bound


def limit_job(library: str) -> Callable[[Cells, Path, Path], dict[str, float]]:
    """Read, sha256, inflate every part; nothing is looked at."""

    def job(_cells: Cells, folder: Path, _out: Path) -> dict[str, float]:
        inflate = _inflate(library)
        for path in files_in(folder):
            data = path.read_bytes()
            hashlib.sha256(data).digest()
            for method, start, packed, size in members(data):
                if method == zlib.DEFLATED:
                    inflate(data[start : start + packed], size)
        return {}

    return job


def _inflate(library: str) -> Callable[[bytes, int], object]:
    if library == "libdeflate":
        from deflate import deflate_decompress

        return deflate_decompress  # type: ignore[no-any-return]
    return lambda data, size: zlib.decompress(data, -15, size)


def members(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Method, start, packed size and size of every part of a zip, from its directory; none where it is no zip."""
    end = data.rfind(b"PK\5\6")
    if end < 0:
        return
    count, at = struct.unpack_from("<H", data, end + 10)[0], struct.unpack_from("<I", data, end + 16)[0]
    for _ in range(count):
        (method,) = struct.unpack_from("<H", data, at + 10)
        packed, size, name, extra, comment = struct.unpack_from("<IIHHH", data, at + 20)
        (local,) = struct.unpack_from("<I", data, at + 42)
        own_name, own_extra = struct.unpack_from("<HH", data, local + 26)
        yield method, local + 30 + own_name + own_extra, packed, size
        at += 46 + name + extra + comment


JOBS = {
    "pandas (openpyxl) + concat + groupby + to_excel": pandas_job("openpyxl", "openpyxl"),
    "pandas (calamine) + concat + groupby + XlsxWriter": pandas_job("calamine", "xlsxwriter"),
    "openpyxl read_only, loop + XlsxWriter": loop_job(openpyxl_rows),
    "python-calamine, loop + XlsxWriter": loop_job(calamine_rows),
    "limit: read + sha256 + inflate (zlib)": limit_job("zlib"),
    "limit: read + sha256 + inflate (libdeflate)": limit_job("libdeflate"),
}


def main(name: str, province: str, folder: str, out: str) -> None:
    cells = json.loads(Path(province, "province.json").read_text("utf-8"))["cells"]
    sums = JOBS[name](cells, Path(folder), Path(out))
    print(json.dumps({code: float(figure) for code, figure in sums.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
