"""A screen of our own with a mouse and a keyboard: LibreOffice as a clerk sees it, and pictures of it.

Every ``Screen`` is an X server that nobody looks at (Xvfb), on a display number of its own, with a window manager;
``VisibleOffice`` is a LibreOffice on it. Several may run side by side.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.office.libreoffice import Office

PROGRAMS = ("Xvfb", "openbox", "xdotool", "import")


def why_not() -> str | None:
    """Why there can be no screen on this machine, or None when there can."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    return f"{', '.join(missing)} not installed; tools/setup-tests.sh installs them" if missing else None


class Screen:
    """One X server with a window manager."""

    def __init__(self, width: int = 1440, height: int = 900) -> None:
        reading, writing = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"],
            pass_fds=[writing],
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        # Kept open: the server dies of writing into a closed pipe.
        self._pipe = os.fdopen(reading)
        self.display = ":" + self._pipe.readline().strip()
        self.environment = {"DISPLAY": self.display, "NO_AT_BRIDGE": "1", "SAL_USE_VCLPLUGIN": "gen"}
        self._manager = subprocess.Popen(["openbox"], env=self._env(), stderr=subprocess.DEVNULL)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in (self._manager, self._server):
            process.terminate()
            process.wait()
        self._pipe.close()

    def _env(self) -> dict[str, str]:
        return {**os.environ, **self.environment}

    def _do(self, *words: str) -> str:
        done = subprocess.run(words, env=self._env(), capture_output=True, text=True, check=False, timeout=30)
        return done.stdout

    def click(self, x: int, y: int) -> None:
        """Press the left button there."""
        self._do("xdotool", "mousemove", str(x), str(y), "sleep", "0.2", "click", "1")

    def click_with(self, key: str, x: int, y: int) -> None:
        """Press the left button there while a key is held."""
        self._do("xdotool", "mousemove", str(x), str(y), "sleep", "0.3", "keydown", key, "click", "1", "keyup", key)

    def key(self, *keys: str) -> None:
        """Press keys, such as ``Return`` or ``ctrl+Home``."""
        self._do("xdotool", "key", "--clearmodifiers", *keys)

    def type(self, text: str) -> None:
        """Type a text."""
        self._do("xdotool", "type", "--delay", "40", text)

    def picture(self, path: Path) -> Path:
        """Everything on the screen, as a PNG."""
        self._do("import", "-window", "root", str(path))
        return path

    def windows(self) -> list[str]:
        """The titles of the windows that can be seen."""
        found = self._do("xdotool", "search", "--onlyvisible", "--name", ".+").split()
        return [self._do("xdotool", "getwindowname", one).strip() for one in found]

    def awaited(self, title: str, seconds: float = 60) -> str:
        """The number of the window whose title holds that text, once it is there."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self._do("xdotool", "search", "--onlyvisible", "--name", title).split()
            if found:
                return found[0]
            time.sleep(0.1)
        raise TimeoutError(f"no window {title!r} among {self.windows()}")

    def enlarge(self, title: str) -> None:
        """Let a window fill the screen."""
        window = self.awaited(title)
        self._do("xdotool", "windowmove", window, "0", "0")
        self._do("xdotool", "windowsize", window, "1438", "870")
        self._do("xdotool", "windowactivate", "--sync", window)


class VisibleOffice(Office):
    """A LibreOffice with windows on a screen; `environment` is added to what its macros and extensions see."""

    def __init__(self, screen: Screen, environment: Mapping[str, str]) -> None:
        self._added = {**screen.environment, **environment}
        super().__init__("svp")

    def _environment(self) -> dict[str, str]:
        return {**super()._environment(), **self._added}


def middle(context: Any) -> tuple[int, int]:
    """Where on the screen the middle of something is, by its accessible context."""
    corner, size = context.getLocationOnScreen(), context.getSize()
    return corner.X + size.Width // 2, corner.Y + size.Height // 2
