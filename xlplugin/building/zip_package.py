"""Reads zip packages, and builds them so that their bytes depend on nothing but their parts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_DATE = (1980, 1, 1, 0, 0, 0)
"""The first date a zip file can name."""


def read_parts(package: bytes) -> dict[str, bytes]:
    """Return every part of a package by its name, in the package's order."""
    with zipfile.ZipFile(io.BytesIO(package)) as file:
        return {name: file.read(name) for name in file.namelist()}


def build_package(parts: Mapping[str, bytes]) -> bytes:
    """Return a package of these parts, in their order; the same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 0, 0
            file.writestr(info, data)
    return out.getvalue()
