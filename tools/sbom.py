"""`python -m tools.sbom`: locks/ and sbom/ anew: what an installation brings, by version, SHA-256 and licence.

locks/everything.txt is what every extra resolves to, on any system; locks/windows.txt what the offline bundle holds.
sbom/ has a CycloneDX list for the runtime and one for each extra, of that lock as installed on this machine. uv and
cyclonedx-bom do the work; neither time nor serial number stands in what they write.
"""

from __future__ import annotations

import os
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from workbook.isolated_process import python_command, run

ROOT = Path(__file__).parents[1]
LOCKS, BOMS = ROOT / "locks", ROOT / "sbom"
TOOL = "cyclonedx-bom==7.5.0"
OLDEST = "3.11"
HEADS = {
    "everything": "What the runtime and every extra resolve to, by version and SHA-256.",
    "windows": "What the offline bundle for Windows holds, by version and SHA-256.",
}


def project() -> dict[str, Any]:
    """The project's table in pyproject.toml."""
    read: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return read


def boms() -> dict[str, Path]:
    """Where each list stands: "" is the runtime, the others what an extra brings, the runtime with it."""
    return {one: BOMS / f"{'-'.join(filter(None, ('ogi-workbook', one)))}.cdx.json" for one in groups()}


def groups() -> tuple[str, ...]:
    """The runtime, as "", and the extras."""
    return ("", *project()["optional-dependencies"])


def lock() -> None:
    """Write the two locks."""
    _lock("everything", "--universal", "--all-extras", "pyproject.toml")
    with tempfile.TemporaryDirectory() as folder:
        pip = Path(folder) / "pip.in"  # for a Python that has none
        pip.write_text("pip\n", "utf-8")
        windows = ("--python-platform", "x86_64-pc-windows-msvc", "--only-binary", ":all:", "--extra", "plugin")
        _lock("windows", *windows, "pyproject.toml", str(pip))


def _lock(name: str, *words: str) -> None:
    flags = ("--quiet", "--no-header", "--no-annotate", "--generate-hashes", "--upgrade", "--python-version", OLDEST)
    made = _uv("pip", "compile", *flags, *words)
    (LOCKS / f"{name}.txt").write_text(f"# {HEADS[name]} Written by: make sbom\n{made}", "utf-8")


def bill(group: str, target: Path) -> None:
    """Write the list of what the runtime, or the runtime with an extra, brings."""
    table = project()
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
    ended = run(python_command("-m", "uv", *words), ROOT, environ=environment, errors=None)
    ended.check_returncode()
    return ended.stdout.decode()


if __name__ == "__main__":
    LOCKS.mkdir(exist_ok=True)
    BOMS.mkdir(exist_ok=True)
    lock()
    for group, target in boms().items():
        bill(group, target)
