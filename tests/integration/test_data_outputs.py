"""The data outputs: a DataFrame, a parquet file and a CSV file say what the reports say, and nothing runs in them."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet as arrow

from tests import domain
from tests.samples.agency_files import FORM, OLD, agency, broken, report
from workbook.merging.file_status import FileEntry, FileStatus
from workbook.model import identity
from workbook.model.form import Form
from workbook.model.numbers import Value, parse_figure, parse_json_value
from workbook.model.report import Report, make_empty_report
from workbook.summary.data import dataframe, report_table
from workbook.summary.data.report_table import Rows

Parts = list[tuple[FileEntry, Report]]


def parts(*reports: Report) -> Parts:
    return [
        (FileEntry(n, f"报送/{n}.xlsx", Path(f"{n}.xlsx"), FileStatus.MERGED, agency=one.agency, key=f"key {n}"), one)
        for n, one in enumerate(reports)
    ]


def stream(some: Parts) -> Rows:
    return lambda: iter(some)


def sets(form: Form) -> st.SearchStrategy[Parts]:
    any_report = st.one_of(domain.reports(form), domain.reports(form, consistent=False), domain.broken_reports(form))
    return st.lists(any_report, max_size=4).map(lambda some: parts(*some))


any_set = domain.forms.flatmap(lambda form: st.tuples(st.just(form), sets(form)))


def restored(table: pandas.DataFrame, form: Form, row: int) -> tuple[Value, ...]:
    """The values of a report, from figures and the column of words."""
    line = table.iloc[row]
    kept = json.loads(line["words"] or "{}")
    assert not any(pandas.notna(line[code]) for code in kept)
    return tuple(
        None
        if pandas.isna(line[cell.code]) and cell.code not in kept
        else parse_figure(kept[cell.code], cell.unit).value
        if cell.code in kept
        else int(line[cell.code])
        for cell in form.cells
    )


def same(table: pandas.DataFrame, form: Form, some: Parts) -> None:
    """Every report stands in its row."""
    assert list(table.columns) == [*report_table.WHO, *form.index]
    assert list(table.index) == [entry.key for entry, _ in some]
    for n, (entry, one) in enumerate(some):
        who = one.agency
        line = table.iloc[n]
        assert tuple(line[["name", "code", "region", "level", "year", "file"]]) == (
            *(who.name, who.code, who.region, who.level),
            *(one.year, entry.place),
        )
        assert restored(table, form, n) == one.values


def lines(path: Path) -> list[list[str]]:
    """The file as its documentation says to read it: one apostrophe off each text that begins with one."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [[text.removeprefix("'") for text in line] for line in csv.reader(file)]


# the frame


@given(any_set)
@settings(deadline=None, max_examples=25)
def test_a_frame_says_what_the_reports_say(given_set: tuple[Form, Parts]) -> None:
    form, some = given_set
    same(dataframe.build_frame(form, stream(some)), form, some)


def test_types_units_and_labels() -> None:
    table = dataframe.build_frame(FORM, stream(parts(report(1), broken(2))))
    assert {str(table[code].dtype) for code in ("year", *FORM.index)} == {"Int64"}
    assert {str(table[code].dtype) for code in ("name", "code", "region", "level", "file", "words")} == {"string"}
    assert table.attrs["units"]["fees.fees.amount"] == "分"
    assert table.attrs["units"]["requests.new.total"] == "件"
    cell = FORM.cell("requests.results.total")
    assert table.attrs["labels"][cell.code] == cell.words.zh


def test_blank_zero_and_words_are_three_things() -> None:
    table = dataframe.build_frame(FORM, stream(parts(broken(2))))
    row = table.iloc[0]
    assert row["fees.fees.amount"] is pandas.NA
    assert row["licensing.permits.decisions"] is pandas.NA
    assert row["enforcement.coercion.decisions"] == 0
    assert json.loads(row["words"]) == {"licensing.permits.decisions": "约10"}


def test_money_in_the_units_of_the_form() -> None:
    table = dataframe.convert_to_form_units(
        dataframe.build_frame(FORM, stream(parts(report(1, {"fees.fees.amount": 4166214619}), broken(2))))
    )
    first, second = table["fees.fees.amount"]
    assert first == Decimal("4166.214619")
    assert second is pandas.NA
    assert table.attrs["units"]["fees.fees.amount"] == "万元"
    again = dataframe.convert_to_form_units(table)
    assert again["fees.fees.amount"].iloc[0] == first


@given(any_set)
@settings(deadline=None, max_examples=25)
def test_the_long_frame_has_a_row_a_figure(given_set: tuple[Form, Parts]) -> None:
    form, some = given_set
    wide, table = dataframe.build_frame(form, stream(some)), dataframe.build_long_frame(form, stream(some))
    assert list(table.columns) == ["agency", "year", "cell", "label", "value", "unit"]
    assert list(table["agency"]) == [entry.key for entry, _ in some for _ in form.cells]
    assert list(table["year"]) == [one.year for _, one in some for _ in form.cells]
    assert list(table["cell"]) == list(form.index) * len(some)
    assert list(table["label"]) == [report_table.format_label(cell).zh for cell in form.cells] * len(some)
    assert list(table["unit"]) == [table.attrs["units"][cell.code] for cell in form.cells] * len(some)
    assert list(table["value"]) == [figure for n in range(len(some)) for figure in wide[list(form.index)].iloc[n]]


def test_an_agency_without_a_key_is_known_by_its_file() -> None:
    ((entry, one),) = parts(report(1))
    assert list(dataframe.build_frame(FORM, stream([(replace(entry, key=""), one)])).index) == [entry.place]


def test_a_report_of_another_form_is_refused(tmp_path: Path) -> None:
    some = parts(report(1), report(1, form=OLD, year=2020))
    for build in (dataframe.build_frame, dataframe.build_long_frame):
        with pytest.raises(ValueError, match=OLD.id):
            build(FORM, stream(some))
    for build in (dataframe.write_parquet, report_table.write_csv):
        with pytest.raises(ValueError, match=OLD.id):
            build(tmp_path / "out", FORM, stream(some))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_library_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for library, make in (
        ("pandas", lambda: dataframe.build_frame(FORM, stream([]))),
        ("pyarrow", lambda: dataframe.write_parquet(tmp_path / "out", FORM, stream([]))),
    ):
        with monkeypatch.context() as without:
            without.setitem(__import__("sys").modules, library, None)
            with pytest.raises(ModuleNotFoundError, match="pip install"):
                make()


# parquet


@given(any_set)
@settings(deadline=None, max_examples=10)
def test_a_parquet_file_read_back_is_the_frame(given_set: tuple[Form, Parts]) -> None:
    form, some = given_set
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "汇总.parquet"
        assert dataframe.write_parquet(path, form, stream(some)) == len(some)
        table = pandas.read_parquet(path)
    same(table, form, some)
    pandas.testing.assert_frame_equal(table, dataframe.build_frame(form, stream(some)))
    assert table.attrs == dataframe.describe_columns(form)


def test_a_parquet_file_says_labels_and_units_to_anybody(tmp_path: Path) -> None:
    path = tmp_path / "汇总.parquet"
    dataframe.write_parquet(path, FORM, stream(parts(report(1))))
    schema = arrow.read_schema(path)
    assert schema.metadata[b"form_fingerprint"].decode() == FORM.fingerprint
    for cell in FORM.cells:
        field = schema.field(cell.code)
        said = {key.decode(): text.decode() for key, text in field.metadata.items()}
        assert str(field.type) == "int64"
        assert field.nullable
        assert said["label"] == report_table.format_label(cell).zh
        assert said["unit"] == report_table.get_unit(cell).zh


def test_many_reports_are_written_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataframe, "BATCH", 3)
    some = parts(*(report(n) for n in range(8)))
    dataframe.write_parquet(tmp_path / "out", FORM, stream(some))
    assert arrow.ParquetFile(tmp_path / "out").num_row_groups == 3
    same(pandas.read_parquet(tmp_path / "out"), FORM, some)


# csv


def text_of(entry: FileEntry, one: Report) -> list[str]:
    level = identity.find_level(one.agency.level)
    who = one.agency
    return [who.name, who.code, who.region, level.label if level else "", str(one.year), entry.place]


@given(any_set)
@settings(deadline=None, max_examples=25)
def test_a_csv_file_read_back_is_the_reports(given_set: tuple[Form, Parts]) -> None:
    form, some = given_set
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "明细.csv"
        assert report_table.write_csv(path, form, stream(some)) == len(some)
        head, *rows = lines(path)
    left = len(head) - len(form.cells)
    assert [text.rpartition("[")[2].rstrip("]") for text in head[left:]] == list(form.index)
    for line, (entry, one) in zip(rows, some, strict=True):
        assert line[:left] == text_of(entry, one)
        figures = tuple(
            parse_json_value(text or None, cell.unit).value for text, cell in zip(line[left:], form.cells, strict=True)
        )
        assert figures == one.values


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1", "'=1", "－2"])
def test_no_text_runs_in_a_spreadsheet(text: str, tmp_path: Path) -> None:
    harmful = report(1, name=text).with_values({"licensing.permits.decisions": text})
    ((entry, one),) = parts(harmful)
    report_table.write_csv(tmp_path / "a.csv", FORM, stream([(replace(entry, place=text), one)]))
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        _, line = csv.reader(file)
    assert line.count(f"'{text}") == 3
    assert lines(tmp_path / "a.csv")[1].count(text) == 3


def test_a_negative_figure_stays_a_number_and_a_code_of_digits_a_text(tmp_path: Path) -> None:
    cell = next(cell.code for cell in FORM.cells)
    one = report(1, code="111101050000000010").with_values({cell: -30})
    report_table.write_csv(tmp_path / "a.csv", FORM, stream(parts(one)))
    text = (tmp_path / "a.csv").read_text("utf-8-sig")
    assert ",-30," in text
    assert ",'111101050000000010," in text


def test_the_file_opens_in_a_spreadsheet_as_chinese(tmp_path: Path) -> None:
    report_table.write_csv(tmp_path / "a.csv", FORM, stream(parts(report(1, {"fees.fees.amount": 4166214619}))))
    data = (tmp_path / "a.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == 2
    assert b",4166.214619," in data


def test_english_headings(tmp_path: Path) -> None:
    report_table.write_csv(tmp_path / "a.csv", FORM, stream(parts(report(1))), "en")
    head, line = lines(tmp_path / "a.csv")
    assert head[0] == "Agency"
    assert head[-1].startswith(FORM.cells[-1].words.en)
    assert identity.find_level(line[3]) == identity.find_level(agency(1).level)


# all


def test_a_broken_file_name_is_written_nonetheless(tmp_path: Path) -> None:
    ((entry, one),) = parts(report(1))
    some = [(replace(entry, place="\udc80.xlsx", key="\udc80"), one)]
    assert dataframe.build_frame(FORM, stream(some))["file"].iloc[0] == "\\udc80.xlsx"
    dataframe.write_parquet(tmp_path / "a", FORM, stream(some))
    report_table.write_csv(tmp_path / "b", FORM, stream(some))
    assert "\\udc80.xlsx" in (tmp_path / "b").read_text("utf-8-sig")


def test_a_figure_beyond_64_bits_is_kept_as_text() -> None:
    code = FORM.cells[0].code
    one = make_empty_report(FORM, 2024).with_values({code: 2**63})
    table = dataframe.build_frame(FORM, stream(parts(one)))
    assert json.loads(table["words"].iloc[0]) == {code: str(2**63)}
    assert restored(table, FORM, 0) == one.values


@pytest.mark.parametrize("write_to", [dataframe.write_parquet, report_table.write_csv])
def test_a_file_is_written_whole_or_not_at_all(write_to: object, tmp_path: Path) -> None:
    def breaks() -> Iterator[tuple[FileEntry, Report]]:
        yield from parts(report(1))
        raise OSError("disk full")

    def rows() -> Iterable[tuple[FileEntry, Report]]:
        return breaks()

    path = tmp_path / "out"
    path.write_text("as it was")
    with pytest.raises(OSError, match="disk full"):
        write_to(path, FORM, rows)  # type: ignore[operator]
    assert path.read_text() == "as it was"
    assert list(tmp_path.iterdir()) == [path]
