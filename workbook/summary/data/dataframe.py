"""Turns reports into a pandas DataFrame for notebooks, and a parquet file: a row an agency, or a row a figure.

    reports = build_frame(form, rows)
    reports.groupby("level")["requests.new.total"].sum()
    convert_to_form_units(reports)["fees.fees.amount"]

Columns are those of `report_table.WHO`, then a column a cell, named by its code. Types: texts `string` (blank =
unknown, so that a group of unknowns is a group too); `year` and every figure `Int64`. A figure is in 件, or in 分 for
money: exact, and what a `Report` holds; `convert_to_form_units` gives money as the form prints it. `<NA>` is a blank,
and also a cell with words, 不适用, a broken count (1.5 件) or a number beyond 64 bits: the column `words` has those, as
JSON by cell code. `frame.attrs` holds `form`, `units`, `labels` and `money`, by cell code.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbook.model.form import Form
from workbook.safety.atomic_write import replace_file
from workbook.summary.data.report_table import (
    AGENCY,
    WHO,
    YEAR,
    Rows,
    format_label,
    get_unit,
    make_missing_library_error,
    make_row,
)

if TYPE_CHECKING:
    import pandas as pd

BATCH: Final = 2_000
"""Reports converted, and written to a parquet file, at once."""
DIGITS: Final = 38
"""What a decimal of 128 bits holds."""


def build_frame(form: Form, rows: Rows) -> pd.DataFrame:
    """A row an agency, indexed by the key of the agency; `rows` are of that form, and read once.

    ModuleNotFoundError, with what to do, if pandas is not installed; ValueError if a report is of another form.
    """
    pandas = _import_pandas()
    parts = list(_build_batches(form, rows))
    table = pandas.concat(parts) if len(parts) > 1 else parts[0]
    table.attrs = describe_columns(form)
    return table


def build_long_frame(form: Form, rows: Rows) -> pd.DataFrame:
    """A row a figure: agency, year, cell, label, value, unit; agency by agency, in the order of the form.

    `value` is as in `build_frame`, and a blank has its row, with `<NA>`. Texts are categories, since 20,000 agencies
    are four million rows. Errors as `build_frame`.
    """
    wide = build_frame(form, rows)
    pandas, agencies, codes = _import_pandas(), len(wide), list(form.index)
    table = wide.reset_index().melt([AGENCY, YEAR], codes, "cell", "value")
    by_agency = [cell * agencies + agency for agency in range(agencies) for cell in range(len(codes))]
    table = table.iloc[by_agency].reset_index(drop=True)
    table["cell"] = pandas.Categorical(table["cell"], codes)
    for column, texts in (("label", wide.attrs["labels"]), ("unit", wide.attrs["units"])):
        table[column] = table["cell"].map(texts)
    table = table.astype({AGENCY: "category", "label": "category", "unit": "category"})
    table = table[[AGENCY, YEAR, "cell", "label", "value", "unit"]]
    table.attrs = wide.attrs
    return table


def convert_to_form_units(table: pd.DataFrame) -> pd.DataFrame:
    """The same frame with money as the form prints it (元, 万元), as exact decimals: 4166214619 → 4166.214619.

    For a frame of `build_frame`, or one read back from its parquet file; a money column that is not there is passed
    over.
    """
    pandas = _import_pandas()
    import pyarrow

    table = table.copy()
    units = dict(table.attrs["units"])
    for code, (unit, scale) in table.attrs["money"].items():
        if code in table:
            places = len(str(scale)) - 1
            figures = [None if fen is pandas.NA else Decimal(int(fen)).scaleb(-places) for fen in table[code]]
            table[code] = pandas.array(figures, dtype=pandas.ArrowDtype(pyarrow.decimal128(DIGITS, places)))
            units[code] = unit
    table.attrs = table.attrs | {"units": units, "money": {}}
    return table


def write_parquet(path: Path, form: Form, rows: Rows) -> int:
    """Write a row for each report, in their order, `BATCH` at a time; the number of rows. Atomic.

    `pandas.read_parquet(path)` gives the frame of `build_frame`, index and `attrs` included. For programs without
    pandas the metadata of every figure's column holds `label`, `label_en`, `unit` and `unit_en`, the file's `form` and
    `form_fingerprint`. ModuleNotFoundError, with what to do, if pandas or pyarrow is not installed; ValueError if a
    report is of another form; OSError if the file cannot be written.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        raise make_missing_library_error("pyarrow") from error
    schema = _build_schema(pyarrow, form)
    written = 0
    with replace_file(path) as file, parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for table in _build_batches(form, rows):
            writer.write_table(pyarrow.Table.from_pandas(table, schema))
            written += len(table)
    return written


def describe_columns(form: Form) -> dict[str, Any]:
    """What a frame says of its columns: the form, and by cell code what is counted, the label, and money's own unit."""
    return {
        "form": form.id,
        "units": {cell.code: get_unit(cell).zh for cell in form.cells},
        "labels": {cell.code: format_label(cell).zh for cell in form.cells},
        "money": {cell.code: [cell.unit.label, cell.unit.scale] for cell in form.cells if cell.unit.scale != 1},
    }


def _build_batches(form: Form, rows: Rows) -> Iterator[pd.DataFrame]:
    """Frames of at most `BATCH` reports; one without rows if there is no report."""
    pandas = _import_pandas()
    types = dict.fromkeys(WHO, "string") | dict.fromkeys((YEAR, *form.index), "Int64") | {AGENCY: "str"}
    lines = (make_row(form, entry, report) for entry, report in rows())
    some = list(islice(lines, BATCH))
    while True:
        table = pandas.DataFrame(some, columns=[AGENCY, *WHO, *form.index], dtype=object)  # else None makes floats
        yield table.astype(types).set_index(AGENCY)
        some = list(islice(lines, BATCH))
        if not some:
            return


def _build_schema(pyarrow: Any, form: Form) -> Any:  # noqa: ANN401 -- pyarrow is untyped
    """The columns of an empty frame, as pandas describes them, with labels and units of the figures."""
    schema = pyarrow.Schema.from_pandas(build_frame(form, lambda: ()))
    for cell in form.cells:
        named, unit, at = format_label(cell), get_unit(cell), schema.get_field_index(cell.code)
        facts = {"label": named.zh, "label_en": named.en, "unit": unit.zh, "unit_en": unit.en}
        schema = schema.set(at, schema.field(at).with_metadata(facts))
    return schema.with_metadata({**schema.metadata, b"form": form.id, b"form_fingerprint": form.fingerprint})


def _import_pandas() -> Any:  # noqa: ANN401 -- a module
    try:
        import pandas
    except ModuleNotFoundError as error:
        raise make_missing_library_error("pandas") from error
    return pandas
