"""Zip packages whose bytes depend on nothing but their parts: no dates, no machine."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_DATE = (1980, 1, 1, 0, 0, 0)
"""The first date a zip file can name."""


def parts_of(package: bytes) -> dict[str, bytes]:
    """Every part of a package by its name, in the package's order."""
    with zipfile.ZipFile(io.BytesIO(package)) as file:
        return {name: file.read(name) for name in file.namelist()}


def package_of(parts: Mapping[str, bytes]) -> bytes:
    """A package of these parts, in their order, the same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 0, 0
            file.writestr(info, data)
    return out.getvalue()
