"""`python -m tools.bundle [--python 3.11 …]` builds dist/ogi-windows-VERSION.zip, for an office without the internet.

It holds every wheel that Windows needs, the built templates, the add-in, and scripts to click. Any system builds it:
pip downloads the wheels for Windows, and only those that locks/windows.txt names by version and SHA-256 (`make sbom`).
The same tree and the same wheels give the same zip.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import re
import shutil
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from workbook.safety.isolated_process import python_command, run_program

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "locks" / "windows.txt"
TEXTS = ROOT / "xlplugin" / "install" / "offline"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""Compiled packages are built for one Python each: an office has one of these."""

OWN = "ogi_workbook"
TEMPLATES = ("*.xlsx", "*.xlsm", "ogi.xlam", "ogi.oxt")
GUIDE = "docs/安装指南.md"


def read_project() -> dict[str, Any]:
    """Return the project's table in pyproject.toml."""
    read: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return read


def list_requirements() -> list[str]:
    """Return what an office installs: what the library and the plugin need, and pip for a Python that has none."""
    table = read_project()
    return [*table["dependencies"], *table["optional-dependencies"]["plugin"], "pip"]


class Locked(NamedTuple):
    """One package of the lock: its version, and the SHA-256 of each of its wheels."""

    version: str
    hashes: frozenset[str]


def read_lock() -> dict[str, Locked]:
    """Return every package that the bundle may hold, by its name as wheels spell it."""
    found = re.findall(
        r"^(\S+?)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", LOCK.read_text("utf-8"), re.M
    )
    return {normalize_name(name): Locked(v, frozenset(re.findall("[0-9a-f]{64}", sums))) for name, v, sums in found}


def normalize_name(name: str) -> str:
    """Return the name of a package as wheels spell it: `et-xmlfile` is `et_xmlfile`."""
    return re.sub(r"[-_.]+", "_", name).lower()


def download_wheels(folder: Path, pythons: Sequence[str]) -> None:
    """Download the wheels for Windows into the folder, and build our own."""
    for version in pythons:
        flags = ["--platform", "win_amd64", "--python-version", version, "--only-binary", ":all:", "--no-deps"]
        _pip("download", *flags, "--require-hashes", "-r", str(LOCK), "-d", str(folder))
    _pip("wheel", "--no-deps", "-w", str(folder), str(ROOT))


def _pip(*words: str) -> None:
    command = python_command("-m", "pip", "--quiet", "--disable-pip-version-check", *words)
    run_program(command, ROOT, errors=None).check_returncode()


def read_templates() -> dict[str, bytes]:
    """Return the built files. SystemExit if there are none: they are built before the bundle is."""
    folder = ROOT / "templates"
    found = {path.name: path.read_bytes() for pattern in TEMPLATES for path in sorted(folder.glob(pattern))}
    if "ogi.xlam" not in found:
        raise SystemExit("templates/ogi.xlam is not built yet; run: make template")
    return found


def read_texts(version: str) -> dict[str, bytes]:
    """Return the scripts and the readme, in the encodings that Windows reads.

    The .bat files are ASCII and only start PowerShell: cmd reads them in the code page of the machine, whichever it is.
    All Chinese is in .ps1, in UTF-8 with a byte order mark: without one, Windows PowerShell 5.1 reads the code page of
    the machine. Both have CRLF line ends.
    """
    made = {}
    for path in sorted(TEXTS.iterdir()):
        text = path.read_text("utf-8").replace("@VERSION@", version).replace("\r\n", "\n").replace("\n", "\r\n")
        made[path.name] = text.encode("ascii") if path.suffix == ".bat" else text.encode("utf-8-sig")
    return made


def collect_files(wheels: Path, version: str) -> dict[str, bytes]:
    """Return every file of the bundle, by its name in it."""
    files = read_texts(version)
    files |= {f"templates/{name}": data for name, data in read_templates().items()}
    files |= {f"wheels/{path.name}": path.read_bytes() for path in sorted(wheels.glob("*.whl"))}
    files["wheels/requirements.txt"] = pin_requirements(files)
    files["安装指南.md"] = (ROOT / GUIDE).read_bytes()
    files |= {f"{name}.txt": (ROOT / name).read_bytes() for name in ("LICENSE", "NOTICE") if (ROOT / name).is_file()}
    files["SHA256SUMS"] = list_checksums(files)
    return files


def pin_requirements(files: Mapping[str, bytes]) -> bytes:
    """Return pip's requirements file: each package with its version and the SHA-256 of its wheels, and no other."""
    found: dict[str, list[str]] = {}
    for name, data in sorted(files.items()):
        if name.endswith(".whl"):
            package, version = name.removeprefix("wheels/").split("-")[:2]
            wanted = f"{package}[plugin]=={version}" if package == OWN else f"{package}=={version}"
            found.setdefault(wanted, []).append(f" --hash=sha256:{hashlib.sha256(data).hexdigest()}")
    return "".join(f"{wanted}{''.join(sums)}\n" for wanted, sums in found.items()).encode()


def list_checksums(files: Mapping[str, bytes]) -> bytes:
    """Return a list that `sha256sum -c` and ogi.ps1 check."""
    lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items())]
    return "".join(lines).encode()


def build_zip(files: Mapping[str, bytes], top: str) -> bytes:
    """Return a zip of one folder, with names in UTF-8 and one fixed date."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in sorted(files.items()):
            info = zipfile.ZipInfo(f"{top}/{name}", (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_STORED if name.endswith(".whl") else zipfile.ZIP_DEFLATED
            file.writestr(info, data)
    return out.getvalue()


def find_faults(files: Mapping[str, bytes], pythons: Sequence[str]) -> Iterator[str]:
    """Yield what would make the bundle fail in an office, or differ from the lock."""
    wheels = {name.removeprefix("wheels/"): data for name, data in files.items() if name.endswith(".whl")}
    lock = read_lock()
    names = {normalize_name(wheel.split("-")[0]) for wheel in wheels}
    asked = {normalize_name(re.split(r"[<>=!~ ;\[]", one)[0]) for one in list_requirements()}
    for name in sorted({*lock, *asked, OWN} - names):
        yield f"no wheel of {name.replace('_', '-')}"
    for version in pythons:
        tag = "cp" + version.replace(".", "")
        for name in sorted(names):
            own = [wheel for wheel in wheels if normalize_name(wheel.split("-")[0]) == name]
            if not any("none-any" in wheel or f"-{tag}-" in wheel or "-abi3-" in wheel for wheel in own):
                yield f"no wheel of {name.replace('_', '-')} for Python {version}"
    if any("linux" in wheel or "macosx" in wheel for wheel in wheels):
        yield "a wheel for another system"
    for wheel, data in wheels.items():
        name = normalize_name(wheel.split("-")[0])
        if name != OWN and (name not in lock or hashlib.sha256(data).hexdigest() not in lock[name].hashes):
            yield f"{wheel} is not what {LOCK.relative_to(ROOT)} names; run: make sbom"


def main(argv: Sequence[str] | None = None) -> int:
    """Build the bundle; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.bundle", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", nargs="+", default=list(PYTHONS), metavar="VERSION", help="Pythons to serve")
    parser.add_argument("--wheels", type=Path, metavar="DIR", help="wheels downloaded already; nothing is downloaded")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "dist", metavar="DIR", help="dist unless named")
    args = parser.parse_args(argv)
    version = read_project()["version"]
    with tempfile.TemporaryDirectory() as folder:
        wheels = Path(folder)
        if args.wheels is None:
            download_wheels(wheels, args.python)
        else:
            for path in args.wheels.glob("*.whl"):
                shutil.copy(path, wheels)
        files = collect_files(wheels, version)
    if wrong := list(find_faults(files, args.python)):
        sys.stderr.write("".join(f"bundle: {fault}\n" for fault in wrong))
        return 1
    args.output.mkdir(parents=True, exist_ok=True)
    target = args.output / f"ogi-windows-{version}.zip"
    target.write_bytes(build_zip(files, target.stem))
    sys.stdout.write(f"{target}  {target.stat().st_size / 1e6:.1f} MB, {len(files)} files\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
