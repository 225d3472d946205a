"""What a workbook or document looks like on paper: file → PDF → one PNG a page.

``python -m tests.office.pictures FILE.xlsx OUTDIR [--dpi 70]`` does the same by hand.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
from pathlib import Path

from tests.office.libreoffice import Office, OfficeError, OfficeMissingError


def why_not() -> str | None:
    """Why no pictures can be made here (beyond LibreOffice itself), or None when they can."""
    if shutil.which("pdftoppm") is None:
        return "pdftoppm is not installed; tools/setup-tests.sh installs it (poppler-utils)"
    return None


def pages(path: Path, directory: Path, *, dpi: int = 70, office: Office | None = None) -> list[Path]:
    """Print a file into ``directory`` as NAME.pdf and NAME-1.png, NAME-2.png …; the pictures in order of the pages.

    A LibreOffice that already runs may be lent; otherwise one is started for this.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if office is None:
        with Office() as own:
            return pages(path, directory, dpi=dpi, office=own)
    return pages_of_pdf(office.convert(path, directory / f"{path.stem}.pdf"), dpi=dpi)


def pages_of_pdf(pdf: Path, *, dpi: int = 70) -> list[Path]:
    """Draw every page of a PDF beside it, in order."""
    if (missing := why_not()) is not None:
        raise OfficeMissingError(missing)
    # Pages of an earlier, longer version would otherwise be taken for pages of this one.
    for old in _drawn(pdf):
        old.unlink()
    subprocess.run(["pdftoppm", "-png", "-r", str(dpi), str(pdf), str(pdf.with_suffix(""))], check=True)
    return _drawn(pdf)


def _drawn(pdf: Path) -> list[Path]:
    """The pictures of a PDF in the order of its pages; pdftoppm pads the numbers, so names sort as numbers do."""
    prefix = f"{pdf.stem}-"
    return sorted(
        picture
        for picture in pdf.parent.iterdir()
        if picture.suffix == ".png" and picture.stem.startswith(prefix) and picture.stem.removeprefix(prefix).isdigit()
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.office.pictures", description=pages.__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("outdir", type=Path)
    parser.add_argument("--dpi", type=int, default=70)
    arguments = parser.parse_args()
    try:
        for picture in pages(arguments.file, arguments.outdir, dpi=arguments.dpi):
            print(picture)
    except (OfficeMissingError, OfficeError, OSError) as error:
        raise SystemExit(f"{arguments.file}: {error}") from None


if __name__ == "__main__":
    main()
