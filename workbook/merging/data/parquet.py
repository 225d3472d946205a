"""Reports → a parquet file, a row an agency, in flat memory. The only module that uses pyarrow's files.

Columns, types and meanings are those of `frame.frame`: `pandas.read_parquet(path)` gives that very frame, `attrs` and
index included. For programs without pandas every column's own metadata holds `label`, `label_en` and `unit`, the file's
holds `form` and `form_fingerprint`. What stands in cells without a figure is in the column `words`, so nothing is lost.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from workbook.form import Form
from workbook.merging.data.columns import TEXTS, YEAR, Block, Rows, blocks, counted_in, label, missing
from workbook.merging.data.frame import frame
from workbook.whole import replacing

BATCH: Final = 2_000
"""Rows written at once: four megabytes of figures."""


def write_parquet(path: Path, form: Form, rows: Rows) -> int:
    """Write a row for each report, in their order; the number of rows. The file is written whole or not at all.

    ModuleNotFoundError, with what to do, if pandas or pyarrow is not installed; ValueError if a report is of another
    form; OSError if the file cannot be written.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        raise missing("pyarrow") from error
    schema = _schema(pyarrow, form)
    written = 0
    with replacing(path) as file, parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for block in blocks(form, rows, BATCH):
            writer.write_batch(pyarrow.record_batch(_arrays(pyarrow, schema, block), schema=schema))
            written += len(block)
    return written


def _schema(pyarrow: Any, form: Form) -> Any:  # noqa: ANN401 -- pyarrow is untyped
    """The columns of an empty frame, as pandas notes them, with our metadata beside."""
    schema = pyarrow.Schema.from_pandas(frame(form, lambda: ()))
    for n, field in enumerate(schema):
        if field.name in form.index:
            cell = form.cell(field.name)
            said, unit = label(cell), counted_in(cell)
            schema = schema.set(
                n, field.with_metadata({"label": said.zh, "label_en": said.en, "unit": unit.zh, "unit_en": unit.en})
            )
        elif field.name in TEXTS:
            schema = schema.set(n, field.with_type(pyarrow.string()))
    return schema.with_metadata({**schema.metadata, b"form": form.id, b"form_fingerprint": form.fingerprint})


def _arrays(pyarrow: Any, schema: Any, block: Block) -> list[Any]:  # noqa: ANN401
    """One array a column, in the order of the schema."""
    arrays = []
    for field in schema:
        if field.name in block.form.index:
            figures, none = block.column(block.form.index[field.name])
            arrays.append(pyarrow.array(figures, mask=none))
        elif field.name == YEAR:
            arrays.append(pyarrow.array(block.years, pyarrow.int64()))
        else:
            arrays.append(pyarrow.array(block.text(TEXTS.index(field.name)), field.type))
    return arrays
