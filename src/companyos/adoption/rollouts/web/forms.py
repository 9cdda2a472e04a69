"""What a person types about a company, read with limits."""

from __future__ import annotations

from collections.abc import Mapping

_FIELDS = {  # name: (lowest, highest, per cent?)
    "headcount": (1.0, 100_000.0, False),
    "cases_a_week": (1.0, 10_000_000.0, False),
    "response": (1.0, 100.0, True),
    "error_rate": (0.01, 90.0, True),
}


def told(given: Mapping[str, str]) -> tuple[dict[str, float], str]:
    """Read the figures that were given; a figure out of its limits is left out, and the problem is said."""
    read: dict[str, float] = {}
    problems = []
    for name, (low, high, is_share) in _FIELDS.items():
        text = given.get(name, "").strip()
        if not text:
            continue
        value = _number(text)
        if value is None or not low <= value <= high:
            problems.append(f"{name.replace('_', ' ')} is a number from {low:g} to {high:g}")
        else:
            read[name] = value / 100 if is_share else value
    return read, "; ".join(problems)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
