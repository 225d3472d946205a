"""Agencies compared with each other: unusual figures, sums dominated by one agency, copies."""
