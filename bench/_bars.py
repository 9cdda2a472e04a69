"""The promises of a bench that is measured in parts, and the file that keeps what each part found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from companyos.kernel.stats.binomial import lower_bound, upper_bound

_FULL = 1000


@dataclass(frozen=True, slots=True)
class Bar:
    """One promise: `share` of `runs`, or a median, against its limit."""

    name: str
    value: float
    limit: float
    at_least: bool
    runs: int = 0  # of a share; 0 for a median

    @property
    def met(self) -> bool:
        if not self.runs or self.runs >= _FULL:
            return self.value >= self.limit if self.at_least else self.value <= self.limit
        count = round(self.value * self.runs)
        if self.at_least:
            return upper_bound(count, self.runs, 0.95) >= self.limit
        return lower_bound(count, self.runs, 0.95) <= self.limit

    def __str__(self) -> str:
        shown = f"{self.value:.1%}" if self.runs else f"{self.value:,.1f}"
        limit = f"{self.limit:.0%}" if self.runs else f"{self.limit:,.1f}"
        return f"{'met   ' if self.met else 'MISSED'} {self.name}: {shown} ({'>=' if self.at_least else '<='} {limit})"


def kept_with_earlier(
    path: Path, *, tables: Mapping[str, Any], bars: Sequence[Bar], still_open: Sequence[str], runs: int
) -> bool:
    """Store what was measured over what the file had before; returns whether every bar that it has now is met.

    `runs` is how many stages a cell of these tables has; `still_open` names the parts that were not finished.
    """
    before = json.loads(path.read_text()) if path.exists() else {}
    said = before.get("runs")
    before_runs = said if isinstance(said, dict) else {}
    by_name = {bar["name"]: bar for bar in before.get("bars", [])}
    by_name |= {bar.name: {**asdict(bar), "met": bar.met} for bar in bars}
    stored = {
        "runs": {
            **dict.fromkeys(before.get("tables", {}), _FULL),
            **before_runs,
            **dict.fromkeys(tables, runs),
        },
        "tables": {**before.get("tables", {}), **tables},
        "bars": list(by_name.values()),
        "passed": all(bar["met"] for bar in by_name.values()) and not still_open,
        **({"still_open": list(still_open)} if still_open else {}),
    }
    path.parent.mkdir(exist_ok=True)
    # the median of what most stages never reach is infinite, which JSON does not know
    path.write_text(json.dumps(stored, indent=1).replace("Infinity", "null") + "\n")
    return bool(stored["passed"])
