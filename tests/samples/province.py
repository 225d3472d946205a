"""A small province for tests: every kind of defect once, and some of its workbooks saved by another program."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from benchmarks.desk import place_of
from benchmarks.province import Province, province
from tests.office.libreoffice import Office

AGENCIES = 64
"""Enough for every kind of defect once, and some agencies with none."""


def small(folder: Path, year: int = 2024) -> Province:
    """The province, made below that folder."""
    return province(folder, AGENCIES, year=year, jobs=1)


def resaved(made: Province, office: Office, folder: Path, count: int) -> Province:
    """The same province in another folder, so many of its good workbooks saved by LibreOffice."""
    shutil.copytree(made.folder, folder)
    for line in made.plain[:count]:
        path = folder / made.files.name / place_of(line, made.year)
        saved = office.convert(path, folder / "saved.xlsx")
        saved.replace(path)
    return replace(made, folder=folder)
