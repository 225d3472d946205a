"""A province of submissions, made once and stored: `python -m benchmarks.province FOLDER [AGENCIES [YEAR …]]`.

Thousands of workbooks as agencies hand them in, in folders by city and county, and among them everything that goes
wrong, each defect known: what a merge must say of every file, and what the sum of those that count is.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from benchmarks.defects import DEFECTS
from benchmarks.desk import Desk, Planted, figures_of, place_of
from benchmarks.reports import Line, reports, roster
from benchmarks.workload import (
    ISSUED,
    LIBREOFFICE,
    MIXED,
    ODDITIES,
    SAVES,
    Workload,
    order_for,
    save_with_libreoffice,
)
from workbook.excel.template_layout import TemplateLayout
from workbook.model.form import Form
from workbook.model.form_loader import get_form_in_force, load_form
from workbook.model.identity import find_level

DONE, LIST, FILES = "province.json", "名录.csv", "报送"
CHUNK = 32
"""How many workbooks a process makes before it takes the next."""
ODD_FILES_MOST = 50


@dataclass(frozen=True)
class Province:
    """Made-up agencies and what they handed in.

    `files` is the folder of submissions, `list` the roster as a file; `planted` everything that is not just one good
    workbook of an agency; `total` cell code → the sum of all reports that count, in base units.
    """

    folder: Path
    form: Form
    year: int
    roster: tuple[Line, ...]
    planted: tuple[Planted, ...]
    total: Mapping[str, int]

    @property
    def files(self) -> Path:
        return self.folder / FILES

    @property
    def list(self) -> Path:
        return self.folder / LIST

    @property
    def plain(self) -> tuple[Line, ...]:
        """The agencies that handed in one good workbook, and nothing else."""
        odd = {one.agency for one in self.planted}
        return tuple(line for line in self.roster if line.code not in odd)

    def statuses(self) -> dict[str, str]:
        """Every file (in archives: what is in them) → the status a merge must give it."""
        good = {place_of(line, self.year): "merged" for line in self.plain}
        return good | {one.place: one.status for one in self.planted if one.place}


def province(
    folder: Path,
    agencies: int = 2000,
    *,
    seed: int = 1,
    broken: float = 0.02,
    year: int = 2024,
    sent: str = ISSUED,
    jobs: int | None = None,
) -> Province:
    """The province of that size, below `folder`: made if it is not there yet, the same for the same arguments.

    `broken` is the share of agencies something is wrong with; above 0 every kind of defect is there once at least,
    which takes some 40 agencies. `year` decides the form. `sent` is how offices send the good ones: as a program of
    `workload` writes them, MIXED, or as issued with one oddity. `jobs` processes make the workbooks; None: as many as
    cores. What LibreOffice saved lies below `folder`, too.
    """
    form = get_form_in_force(year)
    lines = roster(agencies + ODD_FILES_MOST)
    own = folder / f"{form.id}-{year}-{agencies}-{_fingerprint(form, seed, broken, sent)}"
    if not (own / DONE).exists():
        shutil.rmtree(own, ignore_errors=True)
        (own / FILES).mkdir(parents=True)
        desk = Desk(own / FILES, form, year, seed, _shuffled(lines[1:agencies], seed), list(lines[agencies:]))
        planted = _planted(desk, round(broken * agencies) if broken else -1)
        odd = {one.agency for one in planted}
        plain = [line for line in lines[:agencies] if line.code not in odd]
        saves = folder / "libreoffice" / f"{form.id}-{year}-{_template(form)}"
        if sent in (MIXED, LIBREOFFICE):
            save_with_libreoffice(saves, form, year, min(SAVES, max(1, agencies // (3 if sent == MIXED else 1))))
        planted += _write_all(desk, plain, jobs or os.cpu_count() or 1, sent, saves)
        _write_list(own / LIST, lines[:agencies])
        _write_result(own / DONE, desk, planted)
    made = json.loads((own / DONE).read_text("utf-8"))
    return Province(own, form, year, lines[:agencies], tuple(Planted(*one) for one in made["planted"]), made["total"])


def _template(form: Form) -> str:
    """The form and its template, in ten characters."""
    return hashlib.sha256(f"{form.fingerprint}{TemplateLayout(form).fingerprint}".encode()).hexdigest()[:10]


def _fingerprint(form: Form, seed: int, broken: float, sent: str) -> str:
    """What the files depend on: the template, and the program that makes them."""
    here = Path(__file__).parent
    names = ("defects", "desk", "province", "reports", "workload")
    sources = [here / f"{name}.py" for name in names]
    said = [_template(form), seed, broken, sent]
    said += [path.read_text("utf-8") for path in (*sources, here / "province.toml")]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:10]


def _shuffled(lines: Sequence[Line], seed: int) -> list[Line]:
    return Random(seed).sample(lines, len(lines))


def _planted(desk: Desk, agencies: int) -> list[Planted]:
    """Defects until so many agencies have one, each kind once at least; below 0: none."""
    planted: list[Planted] = []
    while agencies >= 0:
        for kind in DEFECTS:
            planted += kind(desk)
        if len({one.agency for one in planted}) >= agencies:
            break
    return planted


def _write_result(path: Path, desk: Desk, planted: Sequence[Planted]) -> None:
    """What was planted, what the sum is, and for programs that need it, the cell of each figure.

    `shown` is the sum in the units of the form, as these programs see figures.
    """
    cells = [(code, *spot) for code, spot in TemplateLayout(desk.form).cells.items()]
    shown = {cell.code: desk.counted.get(cell.code, 0) / cell.unit.scale for cell in desk.form.cells}
    result = {"planted": planted, "total": desk.counted, "shown": shown, "cells": cells}
    path.write_text(json.dumps(result, ensure_ascii=False), "utf-8")


def _write_list(path: Path, lines: Sequence[Line]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("机关名称", "统一社会信用代码", "行政区划代码", "机关层级", "上级机关", "联系人及电话"))
        for line in lines:
            level = find_level(line.level)
            rows.writerow((*line[:3], level.label if level else "", line.parent, line.contact))


# the good ones


def _write_all(desk: Desk, lines: Sequence[Line], jobs: int, sent: str, saves: Path) -> tuple[Planted, ...]:
    """Write the good workbooks, several processes at a time, and add those that count; what has an oddity."""
    chunks = [list(enumerate(lines))[n : n + CHUNK] for n in range(0, len(lines), CHUNK)]
    common = (desk.folder, desk.form.id, desk.year, desk.seed, sent, saves)
    if jobs == 1 or len(chunks) < 2:
        done = [_write_some(chunk, *common) for chunk in chunks]
    else:
        with ProcessPoolExecutor(jobs) as pool:
            done = list(pool.map(_write_some, chunks, *([one] * len(chunks) for one in common)))
    for sums, _ in done:
        for code, figure in sums.items():
            desk.counted[code] = desk.counted.get(code, 0) + figure
    return tuple(one for _, odd in done for one in odd)


def _write_some(
    lines: Sequence[tuple[int, Line]], folder: Path, form_id: str, year: int, seed: int, sent: str, saves: Path
) -> tuple[Mapping[str, int], list[Planted]]:
    """Write these agencies' workbooks; the figures of those that count, and those with an oddity."""
    total, odd, workload = dict[str, int](), list[Planted](), _workload(form_id, year, saves)
    for number, line in lines:
        now, before = reports(line, workload.form, year, seed)
        order = order_for(sent, line, number, seed)
        workload.write(folder / place_of(line, year), now, before, order, Random(f"{seed}|{line.code}|{order}"))
        status = ODDITIES[order.oddity][1] if order.oddity else "merged"
        if order.oddity:
            odd.append(Planted(order.oddity, place_of(line, year), line.code, status))
        if status != "held":
            for code, figure in figures_of(now).items():
                total[code] = total.get(code, 0) + figure
    return total, odd


@cache
def _workload(form_id: str, year: int, saves: Path) -> Workload:
    return Workload(load_form(form_id), year, sorted(saves.glob("*.xlsx")))


def main(folder: str, agencies: str = "2000", year: str = "2024", sent: str = ISSUED, broken: str = "0.02") -> None:
    """Make a province and say where it is."""
    made = province(Path(folder), int(agencies), year=int(year), sent=sent, broken=float(broken))
    print(made.folder)
    print(f"{len(made.plain)} good workbooks, {len(made.planted)} files and gaps planted")


if __name__ == "__main__":
    main(*sys.argv[1:])
