"""Read by every Python that starts with this folder on its PYTHONPATH, and by those that it starts: no network."""

from __future__ import annotations

import os

import ban

if ban.LOG in os.environ:
    ban.allow_nothing()
