"""The search for one target, in a process of its own: guided by coverage where atheris is installed, else by chance.

    python -m tests.robustness.fuzz.search numbers 60 build/fuzz/numbers

A fault does not end it: each new kind is stored with its input under `found/`, and counted in `figures.json`. A search
begun again in the same folder goes on counting.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import random
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
MOST_INPUTS = 400
"""So many inputs are gone on from where no coverage tells which are worth it."""


class Search:
    """One target being searched, in a folder of its own."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.target = name, target(name)
        self.found, self.figures, self.current = folder / "found", folder / "figures.json", folder / "current"
        self.found.mkdir(parents=True, exist_ok=True)
        self.scratch = tempfile.TemporaryDirectory(prefix="ogi-fuzz-", ignore_cleanup_errors=True)
        self.began, self.wrote = time.monotonic(), 0.0
        self.facts = {"inputs": 0, "seconds": 0, "processor": 0, "slowest": 0.0, "faults": {}}
        if self.figures.exists():
            self.facts = json.loads(self.figures.read_text("utf-8"))
        self.before = dict(self.facts)
        self.alive: Callable[[], object] = lambda: None
        """Called now and then while the search goes on."""

    def one(self, data: bytes) -> None:
        """Try one input; store it where something did not hold."""
        self.current.write_bytes(data)  # what it was, should the process die of it
        if time.monotonic() - self.wrote > EVERY:
            self.write()
        begun = time.process_time()
        try:
            with bounded():
                self.target.tried(data, Path(self.scratch.name))
        except KeyboardInterrupt:
            raise
        except BaseException as trouble:
            self._fault(data, trouble)
        self.facts["inputs"] += 1
        took = time.process_time() - begun
        if took > max(self.facts["slowest"], 2.0):
            (self.found / f"slow-{named(data)}").write_bytes(data)
        self.facts["slowest"] = max(self.facts["slowest"], round(took, 2))

    def _fault(self, data: bytes, trouble: BaseException) -> None:
        kind = signature(trouble)
        faults = self.facts["faults"]
        faults[kind] = faults.get(kind, 0) + 1
        if faults[kind] == 1:
            text = "".join(traceback.format_exception(trouble))[-8000:]
            (self.found / named(data)).write_bytes(data)
            (self.found / f"{named(data)}.txt").write_text(f"{kind}\n\n{text}", "utf-8", "replace")
            print(f"{self.name}: {kind}\n{text[-1500:]}", file=sys.stderr, flush=True)

    def write(self) -> None:
        """Write down how far it is."""
        self.alive()
        self.wrote = time.monotonic()
        self.facts["seconds"] = self.before["seconds"] + round(self.wrote - self.began)
        self.facts["processor"] = self.before["processor"] + round(time.process_time())
        self.figures.write_text(json.dumps(self.facts, ensure_ascii=False, indent=1), "utf-8")

    def by_chance(self, seconds: float, seed: int) -> None:
        """Change what there is, again and again."""
        draw = Random(seed)
        first = beginnings(self.name)
        known = list(first)
        for data in known:
            self.one(data)
        while time.monotonic() - self.began < seconds:
            data = draw.choice(known)
            for _ in range(draw.choice((1, 1, 2, 4))):
                data = self.target.changed(data, draw)[:LARGEST]
            self.one(data)
            if draw.random() < 0.1:
                known.append(data)
                if len(known) > MOST_INPUTS:
                    del known[draw.randrange(len(first), len(known))]
        self.write()

    def by_coverage(self, seconds: float, seed: int) -> None:
        """Let libFuzzer choose the inputs that reach code not reached before. Does not return."""
        import atheris

        corpus = self.found.with_name("corpus")
        corpus.mkdir(exist_ok=True)
        for data in beginnings(self.name):
            (corpus / named(data)).write_bytes(data)

        def changed(data: bytes, largest: int, seed: int) -> bytes:
            draw = Random(seed)
            if draw.random() >= 0.15:
                for _ in range(draw.choice((1, 1, 2, 4))):
                    data = self.target.changed(data, draw)
                return data[:largest]
            parts = unpacked(data) if data[:2] == b"PK" else None
            if not parts:
                return atheris.Mutate(data, largest)
            at = draw.randrange(len(parts))
            name, part = parts[at]
            parts[at] = name, atheris.Mutate(part, len(part) + 1000)
            return packed(parts)[:largest]

        flags = (f"-max_total_time={int(seconds)}", f"-max_len={LARGEST}", f"-timeout={4 * STUCK}", f"-seed={seed}",
                 f"-artifact_prefix={self.found}/", "-rss_limit_mb=4096", "-len_control=0")  # fmt: skip
        atheris.Setup([sys.argv[0], *flags, str(corpus)], self.one, custom_mutator=changed)
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
    parser.add_argument("seconds", type=float)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--by-chance", action="store_true")
    args = parser.parse_args()
    guided = not args.by_chance and _guided()
    search = Search(args.target, args.folder.absolute())
    search.alive = lambda: faulthandler.dump_traceback_later(STUCK, exit=True)
    go_on = search.by_coverage if guided else search.by_chance
    go_on(args.seconds, random.randrange(10**9))  # another search each time; what it finds is stored


if __name__ == "__main__":
    main()
