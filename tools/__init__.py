"""Commands for whoever works on the project: generated docs, test set-up."""
