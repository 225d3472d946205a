"""`python -m tools.bundle [--python 3.11 …]`: dist/ogi-windows-VERSION.zip, for an office without the internet.

In it: every wheel that Windows needs, the built templates, the add-in, and a script to click. It is made on any system:
pip downloads for Windows by name, and nothing but what locks/windows.txt names, by version and SHA-256 (`make sbom`).
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

from workbook.isolated_process import python_command, run

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "locks" / "windows.txt"
TEXTS = ROOT / "xlplugin" / "install" / "offline"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""Compiled packages are made for one Python each: an office has one of these."""

OWN = "ogi_workbook"
TEMPLATES = ("*.xlsx", "*.xlsm", "ogi.xlam", "ogi.oxt")
GUIDE = "docs/安装指南.md"


def project() -> dict[str, Any]:
    """The project's table in pyproject.toml."""
    read: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return read


def requirements() -> list[str]:
    """What an office installs: dependencies of the library and the plugin, and pip for a Python that has none."""
    table = project()
    return [*table["dependencies"], *table["optional-dependencies"]["plugin"], "pip"]


class Locked(NamedTuple):
    """One package of the lock: the version, and the SHA-256 of every wheel of it."""

    version: str
    hashes: frozenset[str]


def locked() -> dict[str, Locked]:
    """Every package that may stand in the bundle, by its name as wheels spell it."""
    found = re.findall(
        r"^(\S+?)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", LOCK.read_text("utf-8"), re.M
    )
    return {spelt(name): Locked(v, frozenset(re.findall("[0-9a-f]{64}", sums))) for name, v, sums in found}


def spelt(name: str) -> str:
    """The name of a package as it stands in the name of a wheel."""
    return re.sub(r"[-_.]+", "_", name).lower()


def wheelhouse(folder: Path, pythons: Sequence[str]) -> None:
    """Download the wheels for Windows into the folder, and build our own."""
    for version in pythons:
        flags = ["--platform", "win_amd64", "--python-version", version, "--only-binary", ":all:", "--no-deps"]
        _pip("download", *flags, "--require-hashes", "-r", str(LOCK), "-d", str(folder))
    _pip("wheel", "--no-deps", "-w", str(folder), str(ROOT))


def _pip(*words: str) -> None:
    command = python_command("-m", "pip", "--quiet", "--disable-pip-version-check", *words)
    run(command, ROOT, errors=None).check_returncode()


def templates() -> dict[str, bytes]:
    """The built files. SystemExit if there are none: they are made before the bundle is."""
    folder = ROOT / "templates"
    found = {path.name: path.read_bytes() for pattern in TEMPLATES for path in sorted(folder.glob(pattern))}
    if "ogi.xlam" not in found:
        raise SystemExit("templates/ogi.xlam is not built yet; run: make template")
    return found


def texts(version: str) -> dict[str, bytes]:
    """Scripts and the readme, as Windows wants them.

    The .bat files are ASCII and only start PowerShell: cmd reads them in the code page of the machine, whichever it is.
    All that speaks Chinese is in .ps1, in UTF-8 with a byte order mark: without one, Windows PowerShell 5.1 takes it
    for the code page of the machine. Both want CRLF.
    """
    made = {}
    for path in sorted(TEXTS.iterdir()):
        text = path.read_text("utf-8").replace("@VERSION@", version).replace("\r\n", "\n").replace("\n", "\r\n")
        made[path.name] = text.encode("ascii") if path.suffix == ".bat" else text.encode("utf-8-sig")
    return made


def contents(wheels: Path, version: str) -> dict[str, bytes]:
    """Every file of the bundle, by its name in it."""
    files = texts(version)
    files |= {f"templates/{name}": data for name, data in templates().items()}
    files |= {f"wheels/{path.name}": path.read_bytes() for path in sorted(wheels.glob("*.whl"))}
    files["wheels/requirements.txt"] = demanded(files)
    files["安装指南.md"] = (ROOT / GUIDE).read_bytes()
    files |= {f"{name}.txt": (ROOT / name).read_bytes() for name in ("LICENSE", "NOTICE") if (ROOT / name).is_file()}
    files["SHA256SUMS"] = sums(files)
    return files


def demanded(files: Mapping[str, bytes]) -> bytes:
    """What pip installs at a desk: each package with its version and the SHA-256 of its wheels, and no other."""
    found: dict[str, list[str]] = {}
    for name, data in sorted(files.items()):
        if name.endswith(".whl"):
            package, version = name.removeprefix("wheels/").split("-")[:2]
            wanted = f"{package}[plugin]=={version}" if package == OWN else f"{package}=={version}"
            found.setdefault(wanted, []).append(f" --hash=sha256:{hashlib.sha256(data).hexdigest()}")
    return "".join(f"{wanted}{''.join(sums)}\n" for wanted, sums in found.items()).encode()


def sums(files: Mapping[str, bytes]) -> bytes:
    """A list that `sha256sum -c` checks, and install.ps1."""
    lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items())]
    return "".join(lines).encode()


def zipped(files: Mapping[str, bytes], top: str) -> bytes:
    """A zip of one folder; names in UTF-8, dates of no importance."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in sorted(files.items()):
            info = zipfile.ZipInfo(f"{top}/{name}", (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_STORED if name.endswith(".whl") else zipfile.ZIP_DEFLATED
            file.writestr(info, data)
    return out.getvalue()


def faults(files: Mapping[str, bytes], pythons: Sequence[str]) -> Iterator[str]:
    """What would make the bundle fail at a desk, or be another than the lock says."""
    wheels = {name.removeprefix("wheels/"): data for name, data in files.items() if name.endswith(".whl")}
    lock = locked()
    names = {spelt(wheel.split("-")[0]) for wheel in wheels}
    for name in sorted({*lock, *(spelt(re.split(r"[<>=!~ ;\[]", one)[0]) for one in requirements()), OWN} - names):
        yield f"no wheel of {name.replace('_', '-')}"
    for version in pythons:
        tag = "cp" + version.replace(".", "")
        for name in sorted(names):
            own = [wheel for wheel in wheels if spelt(wheel.split("-")[0]) == name]
            if not any("none-any" in wheel or f"-{tag}-" in wheel or "-abi3-" in wheel for wheel in own):
                yield f"no wheel of {name.replace('_', '-')} for Python {version}"
    if any("linux" in wheel or "macosx" in wheel for wheel in wheels):
        yield "a wheel for another system"
    for wheel, data in wheels.items():
        name = spelt(wheel.split("-")[0])
        if name != OWN and (name not in lock or hashlib.sha256(data).hexdigest() not in lock[name].hashes):
            yield f"{wheel} is not what {LOCK.relative_to(ROOT)} names; run: make sbom"


def main(argv: Sequence[str] | None = None) -> int:
    """Make the bundle; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.bundle", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", nargs="+", default=list(PYTHONS), metavar="VERSION", help="Pythons to serve")
    parser.add_argument("--wheels", type=Path, metavar="DIR", help="wheels downloaded already; nothing is downloaded")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "dist", metavar="DIR", help="dist unless named")
    args = parser.parse_args(argv)
    version = project()["version"]
    with tempfile.TemporaryDirectory() as folder:
        wheels = Path(folder)
        if args.wheels is None:
            wheelhouse(wheels, args.python)
        else:
            for path in args.wheels.glob("*.whl"):
                shutil.copy(path, wheels)
        files = contents(wheels, version)
    if wrong := list(faults(files, args.python)):
        sys.stderr.write("".join(f"bundle: {fault}\n" for fault in wrong))
        return 1
    args.output.mkdir(parents=True, exist_ok=True)
    target = args.output / f"ogi-windows-{version}.zip"
    target.write_bytes(zipped(files, target.stem))
    sys.stdout.write(f"{target}  {target.stat().st_size / 1e6:.1f} MB, {len(files)} files\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
