"""What an installation brings: the lists are complete, every licence fits, and nothing of a machine is in them."""

from __future__ import annotations

import json
import re
from importlib import metadata

import pytest
from packaging.requirements import Requirement

from tools import bundle, licences, sbom

LOCKED = dict(re.findall(r"^([\w.-]+)==(\S+)", (sbom.LOCKS / "everything.txt").read_text("utf-8"), re.MULTILINE))
NAMES = {bundle.normalize_name(name) for name in LOCKED}


OLDEST = {"python_version": sbom.OLDEST, "python_full_version": f"{sbom.OLDEST}.0"}
"""The Python the lists are made with: a newer one needs a few packages less."""


def installed(name: str) -> bool:
    try:
        return metadata.distribution(name) is not None
    except metadata.PackageNotFoundError:
        return False


def needed(requirements: list[str]) -> set[str]:
    """Every package that these bring into the environment of the tests, by its name as wheels spell it."""
    found: set[str] = set()
    waiting = [(Requirement(one), "") for one in requirements]
    while waiting:
        one, extra = waiting.pop()
        name = bundle.normalize_name(one.name)
        if (one.marker and not one.marker.evaluate({"extra": extra, **OLDEST})) or name in found:
            continue
        found.add(name)
        further = (metadata.requires(one.name) or []) if installed(one.name) else []
        waiting += [(Requirement(text), extra) for text in further for extra in (one.extras or {""})]
    return found


@pytest.mark.parametrize("group", sbom.list_groups(), ids=lambda one: one or "runtime")
def test_a_list_names_what_is_installed(group: str) -> None:
    table = bundle.read_project()
    bom = json.loads(sbom.list_bom_paths()[group].read_text("utf-8"))
    listed = {bundle.normalize_name(one["name"]): one["version"] for one in bom["components"]}
    wanted = needed([*table["dependencies"], *table["optional-dependencies"].get(group, ())])
    assert wanted <= set(listed), "run: make sbom"
    assert {name for name in set(listed) - wanted if installed(name)} == set(), "run: make sbom"
    assert bom["metadata"]["component"]["version"] == table["version"]
    locked = {bundle.normalize_name(name): version for name, version in LOCKED.items()}
    assert {name for name in listed if name not in locked} == set(), "run: make sbom"
    assert bom["bomFormat"] == "CycloneDX"


def test_a_list_is_of_no_time_and_no_machine() -> None:
    for path in sbom.list_bom_paths().values():
        assert not re.findall('"timestamp"|"serialNumber"|file:|/tmp', path.read_text("utf-8"))


def test_the_locks_name_what_is_asked_for() -> None:
    table = bundle.read_project()
    asked = [*table["dependencies"], *(one for some in table["optional-dependencies"].values() for one in some)]
    assert [one for one in map(Requirement, asked) if not one.specifier.contains(LOCKED[one.name])] == []
    for name in ("everything", "windows"):
        text = (sbom.LOCKS / f"{name}.txt").read_text("utf-8")
        assert all("--hash=sha256:" in block for block in re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:])


def test_every_licence_is_known_and_fits() -> None:
    allowed = set(licences.read_rules()["allowed"])
    for name, package in licences.list_packages().items():
        words = set(re.findall(r"[\w.+-]+", package.licence)) - {"AND", "OR", "WITH"}
        assert words, f"{name}: no licence is stated; read it and add it to tools/licences.toml"
        assert words <= allowed, name


def test_no_word_of_the_table_is_idle() -> None:
    assert set(licences.read_rules()["stated"]) <= set(licences.list_packages())


def test_the_notice_names_what_is_inside_our_files() -> None:
    notice = (sbom.ROOT / "NOTICE").read_text("utf-8")
    versions = licences.list_packages()
    assert f'"xlwings", version {versions["xlwings"].version}' in notice
    assert f"pyOpenVBA, version {metadata.version('pyopenvba')}" in notice


def test_nothing_of_ours_imports_what_is_not_free() -> None:
    folders = (sbom.ROOT / "workbook", sbom.ROOT / "xlplugin")
    texts = {path.name: path.read_text("utf-8") for folder in folders for path in folder.rglob("*.py")}
    assert [name for name, text in texts.items() if re.search(r"\b(xlwings|xw)\.pro\b|LICENSE_KEY", text)] == []
