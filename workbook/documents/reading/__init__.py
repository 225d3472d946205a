"""Published reports read back: documents of any kind → blocks → a report, with a confidence and a place per cell."""
