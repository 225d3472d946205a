"""Reports of an earlier year: loaded, and compared with this year's."""
