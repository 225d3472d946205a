"""`python -m tools.sbom` writes locks/ and sbom/ anew: what an installation brings, by version, SHA-256 and licence.

locks/everything.txt is what every extra resolves to, on any system; locks/windows.txt what the offline bundle holds.
sbom/ has a CycloneDX list for the runtime and one for each extra, of that lock as installed on this machine. uv and
cyclonedx-bom write them, without a time or a serial number.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tools.bundle import ROOT, read_project
from workbook.safety.isolated_process import python_command, run_program

LOCKS, BOMS = ROOT / "locks", ROOT / "sbom"
TOOL = "cyclonedx-bom==7.5.0"
OLDEST = "3.11"
HEADS = {
    "everything": "What the runtime and every extra resolve to, by version and SHA-256.",
    "windows": "What the offline bundle for Windows holds, by version and SHA-256.",
}


def list_bom_paths() -> dict[str, Path]:
    """Return where each bill of materials is: "" is the runtime, the others what an extra brings besides."""
    return {one: BOMS / f"{'-'.join(filter(None, ('ogi-workbook', one)))}.cdx.json" for one in list_groups()}


def list_groups() -> tuple[str, ...]:
    """Return the runtime, as "", and the extras."""
    return ("", *read_project()["optional-dependencies"])


def write_locks() -> None:
    """Write the two locks."""
    _write_lock("everything", "--universal", "--all-extras", "pyproject.toml")
    with tempfile.TemporaryDirectory() as folder:
        pip = Path(folder) / "pip.in"  # for a Python that has none
        pip.write_text("pip\n", "utf-8")
        windows = ("--python-platform", "x86_64-pc-windows-msvc", "--only-binary", ":all:", "--extra", "plugin")
        _write_lock("windows", *windows, "pyproject.toml", str(pip))


def _write_lock(name: str, *words: str) -> None:
    flags = ("--quiet", "--no-header", "--no-annotate", "--generate-hashes", "--upgrade", "--python-version", OLDEST)
    made = _uv("pip", "compile", *flags, *words)
    (LOCKS / f"{name}.txt").write_text(f"# {HEADS[name]} Written by: make sbom\n{made}", "utf-8")


def write_bom(group: str, target: Path) -> None:
    """Write what the runtime, or the runtime with an extra, brings."""
    table = read_project()
    wanted = [*table["dependencies"], *table["optional-dependencies"].get(group, ())]
    with tempfile.TemporaryDirectory() as folder:
        _uv("venv", "--quiet", "--python", sys.executable, folder)
        _uv("pip", "install", "--quiet", "--python", folder, "-c", str(LOCKS / "everything.txt"), *wanted)
        python = next(
            path for path in (Path(folder, "bin/python"), Path(folder, "Scripts/python.exe")) if path.exists()
        )
        flags = ("--output-reproducible", "--short-PURLs", "--pyproject", "pyproject.toml", "-o", str(target))
        _uv("tool", "run", "--quiet", "--from", TOOL, "cyclonedx-py", "environment", *flags, str(python))


def _uv(*words: str) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    ended = run_program(python_command("-m", "uv", *words), ROOT, environ=environment, errors=None)
    ended.check_returncode()
    return ended.stdout.decode()


if __name__ == "__main__":
    LOCKS.mkdir(exist_ok=True)
    BOMS.mkdir(exist_ok=True)
    write_locks()
    for group, target in list_bom_paths().items():
        write_bom(group, target)
