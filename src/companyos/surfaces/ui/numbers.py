"""Numbers as people read them: grouped by thin spaces, a real minus, a dash for no data."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TypeGuard

from companyos.surfaces.ui import times

THIN = "\N{NARROW NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
NOTHING = "—"


def is_known(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def signed(value: float) -> str:
    """A change as people read it: `+0.4`, `−1.2`."""
    return f"+{number(value, 1)}" if value >= 0 else number(value, 1)


def number(value: float | None, digits: int | None = None) -> str:
    """`48210` as `48 210`; without `digits`, about three significant figures and no trailing zeros."""
    if value is None or not math.isfinite(value):
        return NOTHING
    text = f"{abs(value):,.{_digits_for(value) if digits is None else digits}f}"
    if digits is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    sign = MINUS if value < 0 and any(each in "123456789" for each in text) else ""
    return sign + text.replace(",", THIN)


def percent(share: float | None) -> str:
    """A share of 1 as percent: `0.712` as `71.2 %`; below one percent with two decimals."""
    if share is None or not math.isfinite(share):
        return NOTHING
    if share in (0, 1):
        return f"{share:.0%}".replace("%", f"{THIN}%")
    return f"{number(share * 100, 2 if abs(share) < 0.01 else 1)}{THIN}%"


def limit(value: float | None, unit: str) -> str:
    """A limit as the plan wrote it: like `measure`, without trailing zeros."""
    if unit == "share" and value is not None and math.isfinite(value):
        return f"{number(value * 100)}{THIN}%"
    return measure(value, unit)


def measure(value: float | None, unit: str) -> str:
    """A value with its unit.

    A `share` of 1 reads as percent, a change of a share (`points`) as percentage points, a change of a
    logarithm (`log`) as percent more or less, `hours` as a length of time.
    """
    if not is_known(value):
        return NOTHING
    if unit == "share":
        return percent(value)
    if unit == "points":
        return f"{signed(value * 100)} points"
    if unit == "hours":
        return times.span(timedelta(hours=value))
    if unit == "log":
        return f"{signed(math.expm1(value) * 100)}{THIN}%"
    return f"{number(value)}{THIN}{unit}" if unit else number(value)


def count(n: int, one: str, many: str) -> str:
    """`1 person`, `31 people`."""
    return f"{number(n)} {one if n == 1 else many}"


def _digits_for(value: float) -> int:
    if value == int(value) or abs(value) >= 100:
        return 0
    return 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
