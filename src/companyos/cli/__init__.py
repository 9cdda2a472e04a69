"""The command line: `companyos up | rehearse | apply | plan | doctor`."""

from __future__ import annotations

import sys

from companyos.cli.commands import run


def main() -> None:
    """Run one command and exit with its code; a person's mistake is one plain sentence, never a traceback."""
    sys.exit(run(sys.argv[1:]))
