"""政府信息公开工作年度报告: forms, reports, rules, findings; read, check, write, merge."""

import os
import sys

# Run as `python -m workbook…` (only then does `-m` stand here while this is loaded), Python has put the current folder
# first. Strangers' files may lie there: nothing more is imported from it, unless this package lies there itself.
# `os` is loaded already when Python starts; nothing else may be imported before.
if getattr(sys, "argv", [])[:1] == ["-m"] and not sys.flags.safe_path and sys.path[0] != __file__.rsplit(os.sep, 2)[0]:
    del sys.path[0]
