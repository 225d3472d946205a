"""The rules of a form: what they are, how they are evaluated on a report, and which cells are most likely wrong."""
