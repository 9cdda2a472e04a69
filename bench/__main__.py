"""`python -m bench NAME`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main() -> int:
    """Run one benchmark, or say which there are."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
    wanted = sys.argv[1:] or names
    if unknown := set(wanted) - set(names):
        print(f"There is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(names)}.")
        return 2
    return max(importlib.import_module(f"bench.{name}").main() for name in wanted)


sys.exit(main())
