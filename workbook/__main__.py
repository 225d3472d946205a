"""`python -m workbook`: the ogi command."""

import sys

from workbook.cli import main

sys.exit(main())
