"""Letters to agencies (催报): what each agency still owes, cell by cell."""
