"""The job of the extension as a module, with stand-ins for what LibreOffice gives it."""

from __future__ import annotations

import importlib.util
import sys
import types
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from xlplugin.building import extension_package as extension
from xlplugin.building.zip_package import read_parts


class Helper:
    """Takes what is registered, and does nothing with it."""

    def addImplementation(self, *_: object) -> None:
        pass


def loaded() -> Any:
    """The module of `ogi_job.py`, as it is in the package."""
    stand_ins: dict[str, dict[str, object]] = {
        "unohelper": {"Base": type("Base", (), {}), "ImplementationHelper": Helper},
        "com": {},
        "com.sun": {},
        "com.sun.star": {},
        "com.sun.star.awt": {"XCallback": type("XCallback", (), {})},
        "com.sun.star.task": {"XJobExecutor": type("XJobExecutor", (), {})},
    }
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        for name in ("ogi_job.py", "messages.json"):
            Path(folder, name).write_bytes(read_parts(extension.build_extension())[name])
        spec = importlib.util.spec_from_file_location("ogi_job", Path(folder, "ogi_job.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        for name, has in stand_ins.items():
            made = types.ModuleType(name)
            made.__dict__.update(has)
            patch.setitem(sys.modules, name, made)
        spec.loader.exec_module(module)
    return module
