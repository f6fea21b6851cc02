"""``python -m lossbook.grading grade`` grades notebooks that were handed in."""

from __future__ import annotations

import sys

from lossbook.grading.commands import main

if __name__ == "__main__":
    sys.exit(main())
