"""Beyond one machine: files taken in and summed by an existing Dask cluster."""
