"""The `ogi` command run within a test: its exit, what it printed, and the summary that a merge wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from workbook.cli import main


@dataclass(frozen=True)
class Ended:
    """How a command ended; of a merge `folder` is where its 汇总.json, 汇总.xlsx and 催报/ were asked for."""

    code: int
    out: str
    err: str
    folder: Path = Path()

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "汇总.json").read_text("utf-8"))
        return found

    @property
    def attendance(self) -> dict[str, str]:
        return {one["agency"]: one["state"] for one in self.json["attendance"]}

    @property
    def why(self) -> dict[str, str]:
        return {one["file"]: one["why"] for one in self.json["sources"]}

    @property
    def problems(self) -> list[str]:
        return [one["message"] for one in self.json["side_input_problems"]]

    @property
    def letters(self) -> dict[str, str]:
        folder = self.folder / "催报"
        return {one.stem: one.read_text("utf-8-sig") for one in folder.glob("*.txt") if one.stem != "催报清单"}

    def sheet(self, name: str) -> list[list[Any]]:
        book = load_workbook(self.folder / "汇总.xlsx")
        return [[cell.value for cell in row] for row in book[name].iter_rows()]


Ogi = Callable[..., Ended]


def make_runner(capsys: pytest.CaptureFixture[str], folder: Path = Path()) -> Ogi:
    """``ogi("check", path)`` runs the command here; every argument is given as a text."""

    def run(*arguments: object) -> Ended:
        code = main([str(argument) for argument in arguments])
        return Ended(code, *capsys.readouterr(), folder)

    return run
