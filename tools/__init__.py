"""Commands for contributors: generated pages, the offline bundle, locks and bills of materials."""
