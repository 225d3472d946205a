"""Agencies laid side by side: what is unusual, what hangs on one agency, what was copied."""
