"""The reports as tables for other programs: DataFrame, parquet, CSV."""
