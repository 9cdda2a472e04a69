"""What the running instance says about itself, as Prometheus reads it (text format 0.0.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class OwnFigure:
    """One metric; `values` by its labels, each written as (name, value) pairs."""

    name: str
    says: str
    kind: str  # gauge or counter
    values: Mapping[tuple[tuple[str, str], ...], float]


@dataclass(slots=True)
class Requests:
    """Requests answered since the start, by surface and class of status. Any thread may count."""

    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def count(self, surface: str, status: int) -> None:
        with self._lock:
            self._counts[surface, f"{status // 100}xx"] += 1

    def figure(self) -> OwnFigure:
        with self._lock:
            values: dict[tuple[tuple[str, str], ...], float] = {
                (("surface", surface), ("status", status)): float(n)
                for (surface, status), n in sorted(self._counts.items())
            }
        return OwnFigure("companyos_requests_total", "Requests answered since the start.", "counter", values)


def gauge(name: str, says: str, value: float) -> OwnFigure:
    return OwnFigure(f"companyos_{name}", says, "gauge", {(): float(value)})


def exposition(figures: Iterable[OwnFigure]) -> str:
    """Write the figures out, one family after the other."""
    lines: list[str] = []
    for figure in figures:
        lines += [f"# HELP {figure.name} {figure.says}", f"# TYPE {figure.name} {figure.kind}"]
        lines += [f"{figure.name}{_labels(labels)} {value:.17g}" for labels, value in figure.values.items()]
    return "\n".join(lines) + "\n"


def _labels(labels: tuple[tuple[str, str], ...]) -> str:
    if not labels:
        return ""
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{told}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
