"""Read by every Python that starts with this folder on its PYTHONPATH, and by those that it starts: no network."""

from __future__ import annotations

import os

import network_ban

if network_ban.LOG in os.environ:
    network_ban.allow_nothing()
