"""`python -m tests.robustness.golden [NAME …]`: write the golden files anew, after a change that is meant."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.robustness.golden import corpus
from tests.robustness.golden.test_golden import GOLDEN, HERE

MAKERS = {**GOLDEN, "altered_many": lambda folder: corpus.altered(folder, 240)}

if __name__ == "__main__":
    for name in sys.argv[1:] or MAKERS:
        with TemporaryDirectory() as folder:
            lines = list(MAKERS[name](Path(folder)))
        (HERE / f"{name}.txt").write_text("\n".join(lines) + "\n", "utf-8")
        print(f"{name}: {len(lines)}")
