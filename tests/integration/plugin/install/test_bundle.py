"""The offline bundle: what is in it, and in what encoding; nothing is downloaded here."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools import bundle

WHEELS = (
    "defusedxml-0.7.1-py2.py3-none-any",
    "et_xmlfile-2.0.0-py3-none-any",
    "openpyxl-3.1.5-py2.py3-none-any",
    "pip-26.3-py3-none-any",
    "xlsxwriter-3.3.1-py3-none-any",
    "platformdirs-4.14.7-py3-none-any",
    "annotated_types-0.8.0-py3-none-any",
    "jinja2-3.1.6-py3-none-any",
    "pydantic-2.14.4-py3-none-any",
    "typing_extensions-4.16.0-py3-none-any",
    "typing_inspection-0.4.5-py3-none-any",
    "ogi_workbook-0.2.0-py3-none-any",
)
COMPILED = ("markupsafe-3.0.4", "msgspec-0.22.0", "pydantic_core-2.50.5", "pywin32-312", "xlwings-0.37.8")


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in WHEELS:
        (folder / f"{name}.whl").write_bytes(name.encode())
    for name in COMPILED:
        for version in bundle.PYTHONS:
            tag = "cp" + version.replace(".", "")
            (folder / f"{name}-{tag}-{tag}-win_amd64.whl").write_bytes(name.encode())
    return folder


@pytest.fixture(autouse=True)
def lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheels above are those that the lock names."""
    found = {}
    for wheel in (*WHEELS, *COMPILED):
        name, version = wheel.split("-")[:2]
        found[name] = bundle.Locked(version, frozenset({hashlib.sha256(wheel.encode()).hexdigest()}))
    del found[bundle.OWN]
    monkeypatch.setattr(bundle, "read_lock", lambda: found)


@pytest.fixture(autouse=True)
def built_files(monkeypatch: pytest.MonkeyPatch, built: Path) -> None:
    found = {path.name: path.read_bytes() for path in built.iterdir()}
    monkeypatch.setattr(bundle, "read_templates", lambda: found)


def test_what_windows_reads_is_as_windows_wants_it() -> None:
    for name, data in bundle.read_texts("9.8.7").items():
        assert data.count(b"\n") == data.count(b"\r\n") > 0, name
        if name.endswith(".bat"):
            text = data.decode("ascii")
            assert "chcp 65001" in text
            assert '"%~dp0ogi.ps1"' in text
        else:
            assert data.startswith(b"\xef\xbb\xbf"), name
        assert b"@VERSION@" not in data


def test_every_bat_asks_for_something_the_script_can_do() -> None:
    texts = bundle.read_texts("1")
    script = texts["ogi.ps1"].decode("utf-8-sig")
    listed = re.search(r"ValidateSet\(([^)]*)\)", script)
    assert listed is not None
    can = set(re.findall(r"'(\w+)'", listed[1]))
    asked = {re.findall(r'ogi\.ps1" (\w+)', data.decode())[0] for name, data in texts.items() if name.endswith(".bat")}
    assert asked == can == {"install", "uninstall", "doctor"}


def test_the_script_installs_offline_into_the_users_own_folder() -> None:
    script = bundle.read_texts("1")["ogi.ps1"].decode("utf-8-sig")
    assert "--no-index" in script
    assert "--require-hashes --find-links $wheels -r (Join-Path $wheels 'requirements.txt')" in script
    assert "--isolated" in script, "an index of the machine's own pip settings is not asked either"
    assert "$env:LOCALAPPDATA" in script
    assert not re.search(r"https?:|Invoke-WebRequest|RunAs|HKLM", script)
    assert script.count("{") == script.count("}")


def test_the_script_removes_only_what_it_can_prove_to_be_its_own() -> None:
    """Each line that removes, with what stands before it; a user's report saved among the templates stays."""
    script = bundle.read_texts("1")["ogi.ps1"].decode("utf-8-sig").replace("\r\n", "\n")
    lines = [line.strip() for line in script.split("\n")]
    removing = [n for n, line in enumerate(lines) if "Remove-Item" in line]
    assert len(removing) == 5
    for n in removing:
        proof = " ".join(lines[n - 1 : n + 1])
        assert re.search(r"Test-Ours|Test-Unchanged|if \(\$sums\.Count\)|-not \(Get-ChildItem", proof), lines[n]
    assert [line for line in lines if "-Recurse" in line and "Remove-Item" in line] == [
        line for line in lines if "Remove-Item -LiteralPath $Home_" in line
    ]
    assert "Copy-Item -LiteralPath (Join-Path $Here 'templates')" not in script


def test_a_bundle_is_whole_and_the_same_each_time(wheels: Path, tmp_path: Path) -> None:
    made = []
    for folder in ("one", "two"):
        assert bundle.main(["--wheels", str(wheels), "-o", str(tmp_path / folder)]) == 0
        (path,) = (tmp_path / folder).iterdir()
        made.append(path.read_bytes())
    assert made[0] == made[1]
    top = f"ogi-windows-{bundle.read_project()['version']}/"
    with zipfile.ZipFile(io.BytesIO(made[0])) as file:
        files = {name.removeprefix(top): file.read(name) for name in file.namelist()}
    assert {"安装.bat", "卸载.bat", "检查.bat", "ogi.ps1", "说明.txt", "安装指南.md", "templates/ogi.xlam"} <= set(
        files
    )
    listed = dict(reversed(line.split("  ", 1)) for line in files.pop("SHA256SUMS").decode().splitlines())
    assert listed == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


REFUSED = {
    "a Python without its wheel": ("msgspec-0.22.0-cp313*", None, "no wheel of msgspec for Python 3.13"),
    "no wheel for any Python": ("pywin32-*", None, "no wheel of pywin32\n"),
    "no wheel": ("et_xmlfile-*", None, "no wheel of et-xmlfile\n"),
    "not our own": ("ogi_workbook-*", None, "no wheel of ogi-workbook\n"),
    "of another system": ("", "msgspec-0.22.0-cp311-cp311-manylinux_2_17_x86_64.whl", "another system"),
    "changed on the way": (
        "openpyxl-*",
        "openpyxl-3.1.5-py2.py3-none-any.whl",
        "openpyxl-3.1.5-py2.py3-none-any.whl is not what locks/windows.txt names",
    ),
    "not in the lock": ("", "evil-1.0-py3-none-any.whl", "evil-1.0-py3-none-any.whl is not what"),
}
"""What is gone from the wheels, what has come to be there with other bytes, and what is said."""


@pytest.mark.parametrize("name", REFUSED)
def test_a_bundle_that_would_fail_at_a_desk_is_not_made(
    wheels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    gone, added, said = REFUSED[name]
    for path in wheels.glob(gone or "nothing"):
        path.unlink()
    if added:
        (wheels / added).write_bytes(b"other bytes")
    assert bundle.main(["--wheels", str(wheels), "-o", str(tmp_path / "out")]) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_everything_the_project_needs_is_asked_for() -> None:
    wanted = bundle.list_requirements()
    table = bundle.read_project()
    assert set(table["dependencies"]) | set(table["optional-dependencies"]["plugin"]) <= set(wanted)
    assert "pip" in wanted


def test_pip_is_told_every_version_and_sum(wheels: Path) -> None:
    listed = bundle.collect_files(wheels, "1")["wheels/requirements.txt"].decode().splitlines()
    assert len(listed) == len(WHEELS) + len(COMPILED)
    form = re.compile(r"[a-z0-9_]+(\[plugin\])?==[0-9.]+( --hash=sha256:[0-9a-f]{64})+")
    assert [line for line in listed if not form.fullmatch(line)] == []
    assert [line.split("==")[0] for line in listed if "[" in line] == ["ogi_workbook[plugin]"]


def test_the_lock_names_what_the_project_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    lock = bundle.read_lock()
    wanted = [Requirement(one) for one in bundle.list_requirements()]
    assert {bundle.normalize_name(one.name) for one in wanted} <= set(lock)
    locked = {one.name: lock[bundle.normalize_name(one.name)].version for one in wanted}
    assert [str(one) for one in wanted if not one.specifier.contains(locked[one.name])] == []
    assert all(one.hashes for one in lock.values())
    assert len(lock) == bundle.LOCK.read_text("utf-8").count("==")
