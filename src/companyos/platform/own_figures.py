"""What the running instance says about itself, as Prometheus reads it (text format 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

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
    """Requests answered since the start, by surface and class of status. The event loop counts; any thread reads."""

    _counts: dict[tuple[str, int], int] = field(default_factory=dict)

    def count(self, surface: str, status: int) -> None:
        key = (surface, status // 100)
        self._counts[key] = self._counts.get(key, 0) + 1

    def figure(self) -> OwnFigure:
        values: dict[tuple[tuple[str, str], ...], float] = {
            (("surface", surface), ("status", f"{status}xx")): float(n)
            for (surface, status), n in sorted(dict(self._counts).items())
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
