"""Shows the figures of many reports as a DataFrame: `python dataframe.py 各单位报送/` (needs pandas and pyarrow).

In a notebook, end a cell with `merged`, `df` or a report: each shows itself as a table.
"""

import sys

import workbook


def main(folder: str) -> None:
    """Print sums by region and level, and the agencies with most new requests."""
    with workbook.merge(folder) as merged:
        df = merged.to_dataframe()
        money = merged.to_dataframe(form_units=True)
    print(df.groupby(["region", "level"])["requests.new.total"].agg(["count", "sum"]))
    print(df.nlargest(3, "requests.new.total")[["name", "requests.new.total"]].to_string(index=False))
    print(money["fees.fees.amount"].sum(), money.attrs["units"]["fees.fees.amount"])
    df.to_parquet("figures.parquet")  # or: ogi merge 各单位报送/ -o figures.parquet


if __name__ == "__main__":
    main(*sys.argv[1:])
