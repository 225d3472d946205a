"""docs/licences.md: every package an installation brings, its licence and what it is for."""

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
def rules() -> Mapping[str, Any]:
    """What tools/licences.toml says."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


@dataclass
class Package:
    """One package: what it is, who asks for it, and what brings it."""

    name: str
    version: str
    licence: str
    groups: list[str] = field(default_factory=list)
    parents: set[str] = field(default_factory=set)


def packages() -> dict[str, Package]:
    """Every package of every list, by its name as wheels spell it."""
    found: dict[str, Package] = {}
    for group, path in sbom.boms().items():
        bom = json.loads(path.read_text("utf-8"))
        names = {one["bom-ref"]: bundle.spelt(one["name"]) for one in bom["components"]}
        for one in bom["components"]:
            name = bundle.spelt(one["name"])
            found.setdefault(name, Package(one["name"], one["version"], licence(one))).groups.append(group)
        for one in bom["dependencies"]:
            for child in one.get("dependsOn", ()):
                if one["ref"] in names:
                    found[names[child]].parents.add(found[names[one["ref"]]].name)
    for name, locked in bundle.locked().items():  # what Windows alone needs
        found.setdefault(name, Package(name, locked.version, rules()["stated"].get(name, ""), ["plugin"]))
    return found


def licence(component: Mapping[str, Any]) -> str:
    """The licence of a component as SPDX writes it; blank where neither it nor our table says."""
    stated: str | None = rules()["stated"].get(bundle.spelt(component["name"]))
    if stated:
        return stated
    said = [one.get("expression") or one["license"].get("id") or "" for one in component.get("licenses", ())]
    return " AND ".join(dict.fromkeys(filter(None, said)))


@cache
def reasons() -> Mapping[str, str]:
    """What each dependency is for: the comment beside it in pyproject.toml, by its name as wheels spell it."""
    found: dict[str, str] = {}
    for line in (sbom.ROOT / "pyproject.toml").read_text("utf-8").partition("[project.scripts]")[0].splitlines():
        code, _, comment = line.partition("#")
        for requirement in re.findall(r'"([A-Za-z][\w.-]*)(?:[<>=!~][^"]*)"', code):
            found[bundle.spelt(requirement)] = comment.strip()
    return found


def ranges() -> dict[str, str]:
    """The range asked for of each dependency."""
    table = sbom.project()
    asked = [*table["dependencies"], *(one for some in table["optional-dependencies"].values() for one in some)]
    split = (re.fullmatch(r"([\w.-]+)(.*)", one) for one in asked)
    return {bundle.spelt(found[1]): found[2] for found in split if found}


def page() -> str:
    """The page."""
    return HEAD + "".join(f"| {' | '.join(line)} |\n" for line in lines()) + TAIL


def lines() -> Iterator[tuple[str, ...]]:
    """The lines of the table: those of the runtime first, then those of the extras."""
    asked, shipped = ranges(), bundle.locked()
    for name, one in sorted(packages().items(), key=lambda item: ("" not in item[1].groups, item[0])):
        stated = reasons().get(name) or rules()["reasons"].get(name)
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
