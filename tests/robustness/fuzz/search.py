"""The search for one target, in a process of its own: guided by coverage where atheris is installed, else by chance.

    python -m tests.robustness.fuzz.search numbers --seconds 60 --into build/fuzz

A fault does not end it: each new kind is kept with its input under `found/`, and counted in `figures.json`.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.robustness.fuzz.bounds import bounded
from tests.robustness.fuzz.mutation import packed, unpacked
from tests.robustness.fuzz.target import NAMES, beginnings, named, signature, target

LARGEST = 1 << 20
"""Bytes of an input."""
STUCK = 120
"""Seconds after which a process that does not come back from a library is ended."""
EVERY = 5
"""Seconds between notes of how far it is."""
KEPT = 400
"""So many inputs are kept to go on from where no coverage tells which are worth it."""


class Search:
    """One target being searched."""

    def __init__(self, name: str, into: Path) -> None:
        self.name, self.target = name, target(name)
        self.found, self.figures = into / name / "found", into / name / "figures.json"
        self.corpus = into / name / "corpus"
        for folder in (self.found, self.corpus):
            folder.mkdir(parents=True, exist_ok=True)
        self.scratch = tempfile.TemporaryDirectory(prefix="ogi-fuzz-", ignore_cleanup_errors=True)
        self.folder = Path(self.scratch.name)
        self.current = into / name / "current"
        self.inputs, self.began, self.wrote, self.slowest = 0, time.monotonic(), 0.0, 0.0
        self.faults: dict[str, int] = {}
        self.alive: Callable[[], object] = lambda: None
        """What is told, now and then, that the search goes on."""

    def one(self, data: bytes) -> None:
        """Try one input; keep it where something did not hold."""
        self.current.write_bytes(data)  # what it was, should the process die of it
        if time.monotonic() - self.wrote > EVERY:
            self.write()
        begun = time.process_time()
        try:
            with bounded():
                self.target.tried(data, self.folder)
        except KeyboardInterrupt:
            raise
        except BaseException as trouble:
            self._fault(data, trouble)
        self.inputs += 1
        took = time.process_time() - begun
        if took > max(self.slowest, 2.0):
            (self.found / f"slow-{named(data)}").write_bytes(data)
        self.slowest = max(self.slowest, took)

    def _fault(self, data: bytes, trouble: BaseException) -> None:
        kind = signature(trouble)
        self.faults[kind] = self.faults.get(kind, 0) + 1
        if self.faults[kind] == 1:
            (self.found / named(data)).write_bytes(data)
            said = "".join(traceback.format_exception(trouble))[-8000:]
            (self.found / f"{named(data)}.txt").write_text(f"{kind}\n\n{said}", "utf-8", "replace")
            print(f"{self.name}: {kind}\n{said[-1500:]}", file=sys.stderr, flush=True)
        elif len(data) < 4000:  # the smallest of a kind is the easiest to understand
            small = self.found / f"small-{abs(hash(kind)) % 10**8}"
            if not small.exists() or small.stat().st_size > len(data):
                small.write_bytes(data)

    def write(self) -> None:
        """Write down how far it is."""
        self.alive()
        self.wrote = time.monotonic()
        figures = {
            "target": self.name,
            "inputs": self.inputs,
            "seconds": round(self.wrote - self.began),
            "processor": round(time.process_time()),
            "slowest": round(self.slowest, 2),
            "faults": self.faults,
        }
        self.figures.write_text(json.dumps(figures, ensure_ascii=False, indent=1), "utf-8")

    def by_chance(self, seconds: float, seed: int) -> None:
        """Change what there is, again and again."""
        draw = Random(seed)
        known = list(beginnings(self.name))
        for data in known:
            self.one(data)
        while time.monotonic() - self.began < seconds:
            data = draw.choice(known)
            for _ in range(draw.choice((1, 1, 2, 4))):
                data = self.target.changed(data, draw)[:LARGEST]
            self.one(data)
            if draw.random() < 0.1:
                known.append(data)
                if len(known) > KEPT:
                    del known[draw.randrange(len(beginnings(self.name)), len(known))]
        self.write()

    def by_coverage(self, seconds: float, seed: int) -> None:
        """Let libFuzzer keep what reaches code not reached before. Does not return."""
        import atheris

        for data in beginnings(self.name):
            (self.corpus / named(data)).write_bytes(data)

        def changed(data: bytes, largest: int, seed: int) -> bytes:
            draw = Random(seed)
            if draw.random() < 0.15:
                parts = unpacked(data) if data[:2] == b"PK" else None
                if not parts:
                    return atheris.Mutate(data, largest)
                at = draw.randrange(len(parts))
                name, part = parts[at]
                parts[at] = name, atheris.Mutate(part, len(part) + 1000)
                return packed(parts)[:largest]
            for _ in range(draw.choice((1, 1, 2, 4))):
                data = self.target.changed(data, draw)
            return data[:largest]

        flags = (f"-max_total_time={int(seconds)}", f"-max_len={LARGEST}", f"-timeout={4 * STUCK}", f"-seed={seed}",
                 f"-artifact_prefix={self.found}/", "-rss_limit_mb=4096", "-len_control=0")  # fmt: skip
        atheris.Setup([sys.argv[0], *flags, str(self.corpus)], self.one, custom_mutator=changed)
        atheris.Fuzz()


def _guided() -> bool:
    """Whether atheris is here; then all of the product that is loaded from now on tells which code it reaches."""
    try:
        import atheris
    except ImportError:
        return False
    atheris.instrument_imports(include=["workbook"]).__enter__()  # for good: much is imported within functions
    return True


def main() -> None:
    """Search one target."""
    parser = argparse.ArgumentParser(prog="python -m tests.robustness.fuzz.search")
    parser.add_argument("target", choices=NAMES)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--into", type=Path, default=Path("build/fuzz"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--by-chance", action="store_true")
    args = parser.parse_args()
    guided = not args.by_chance and _guided()
    search = Search(args.target, args.into.absolute())
    search.alive = lambda: faulthandler.dump_traceback_later(STUCK, exit=True)
    if guided:
        search.by_coverage(args.seconds, args.seed)
    else:
        search.by_chance(args.seconds, args.seed)


if __name__ == "__main__":
    main()
