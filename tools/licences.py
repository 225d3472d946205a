"""Builds docs/licences.md: every package an installation brings, its licence and what it is for."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tools import bundle, sbom

HEAD = """# What is installed, and under which licences

Generated from `sbom/` and `pyproject.toml` by `make docs`; `make sbom` resolves everything anew. Versions are those of
`locks/everything.txt`; pip takes any version in the range asked for. The project itself is under Apache-2.0
([LICENSE](../LICENSE)); code of others inside files we build is named in [NOTICE](../NOTICE). The same for programs, in
the format CycloneDX: [sbom/](../sbom/).

`ogi` alone needs the packages of the **runtime**; an extra is installed by `pip install 'ogi-workbook[NAME]'`. Packages
marked ● are in the offline bundle for Windows. LibreOffice is a program of its own: called where it is installed, and
not shipped.

| package | version | asked for | licence | comes with | what for |
|---|---|---|---|---|---|
"""
TAIL = """
Two packages say more than one word of SPDX holds:

- **xlwings** is BSD-3-Clause but for its folder `xlwings/pro`, which lies in the wheel as published: PolyForm
  Noncommercial 1.0.0, which lets government institutions use and pass it on, or a paid licence. Nothing of ours imports
  it, and a test says so; no key is set. Whoever sells the bundle must ask Zoomer Analytics, or have that wheel fetched.
- **pypdfium2** holds a built PDFium and libraries in it, all under permissive licences, named in its own folder.
"""


@cache
def read_rules() -> Mapping[str, Any]:
    """Return what tools/licences.toml states."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


@dataclass
class Package:
    """One package: what it is, who asks for it, and what brings it."""

    name: str
    version: str
    licence: str
    groups: list[str] = field(default_factory=list)
    parents: set[str] = field(default_factory=set)


def list_packages() -> dict[str, Package]:
    """Return every package of every bill of materials, by its name as wheels spell it."""
    found: dict[str, Package] = {}
    for group, path in sbom.list_bom_paths().items():
        bom = json.loads(path.read_text("utf-8"))
        names = {one["bom-ref"]: bundle.normalize_name(one["name"]) for one in bom["components"]}
        for one in bom["components"]:
            name = bundle.normalize_name(one["name"])
            found.setdefault(name, Package(one["name"], one["version"], find_licence(one))).groups.append(group)
        for one in bom["dependencies"]:
            for child in one.get("dependsOn", ()):
                if one["ref"] in names:
                    found[names[child]].parents.add(found[names[one["ref"]]].name)
    for name, locked in bundle.read_lock().items():  # what Windows alone needs
        found.setdefault(name, Package(name, locked.version, read_rules()["stated"].get(name, ""), ["plugin"]))
    return found


def find_licence(component: Mapping[str, Any]) -> str:
    """Return the licence of a component as SPDX writes it; blank where neither it nor our table states one."""
    stated: str | None = read_rules()["stated"].get(bundle.normalize_name(component["name"]))
    if stated:
        return stated
    said = [one.get("expression") or one["license"].get("id") or "" for one in component.get("licenses", ())]
    return " AND ".join(dict.fromkeys(filter(None, said)))


@cache
def read_reasons() -> Mapping[str, str]:
    """Return what each dependency is for: the comment beside it in pyproject.toml, by its name as wheels spell it."""
    found: dict[str, str] = {}
    for line in (sbom.ROOT / "pyproject.toml").read_text("utf-8").partition("[project.scripts]")[0].splitlines():
        code, _, comment = line.partition("#")
        for requirement in re.findall(r'"([A-Za-z][\w.-]*)(?:[<>=!~][^"]*)"', code):
            found[bundle.normalize_name(requirement)] = comment.strip()
    return found


def read_ranges() -> dict[str, str]:
    """Return the range of versions asked for of each dependency."""
    table = bundle.read_project()
    asked = [*table["dependencies"], *(one for some in table["optional-dependencies"].values() for one in some)]
    split = (re.fullmatch(r"([\w.-]+)(.*)", one) for one in asked)
    return {bundle.normalize_name(found[1]): found[2] for found in split if found}


def build_page() -> str:
    """Return the page."""
    return HEAD + "".join(f"| {' | '.join(line)} |\n" for line in list_rows()) + TAIL


def list_rows() -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table: those of the runtime first, then those of the extras."""
    asked, shipped = read_ranges(), bundle.read_lock()
    for name, one in sorted(list_packages().items(), key=lambda item: ("" not in item[1].groups, item[0])):
        stated = read_reasons().get(name) or read_rules()["reasons"].get(name)
        reason = stated or f"needed by {', '.join(sorted(one.parents))}"
        comes = "runtime" if "" in one.groups else ", ".join(one.groups)
        yield (
            f"{one.name}{' ●' if name in shipped else ''}",
            one.version,
            asked.get(name, ""),
            one.licence,
            comes,
            reason,
        )
