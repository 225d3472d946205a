"""Where files are processed: in this process, in several, or on a Dask cluster."""
