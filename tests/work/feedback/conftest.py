"""The benches stand beside `tests`, not inside the package: their folder joins the path here."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[3]))
