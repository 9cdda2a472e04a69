"""Whether support is prepared for a change: what the checklist asks is there, and somebody has looked at it lately."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from companyos.change.playbooks.domain.types import Item, ItemKind

FRESH_FOR_DAYS = 90
_DAY = timedelta(days=1)
CHECKLIST = {
    ItemKind.RUNBOOK: "Runbooks",
    ItemKind.FAQ: "FAQ snippets",
    ItemKind.MACRO: "Response macros",
    ItemKind.ESCALATION: "Escalation path",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the checklist; `because` says what is missing, or how it stands."""

    kind: ItemKind
    title: str
    met: bool
    because: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    lines: tuple[Line, ...]

    @property
    def met(self) -> int:
        return sum(line.met for line in self.lines)

    @property
    def share(self) -> float:
        return self.met / len(self.lines)

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(f"{line.title}: {line.because}" for line in self.lines if not line.met)

    @property
    def is_empty(self) -> bool:
        return not any(line.items for line in self.lines)


def pack_of(items: Iterable[Item], now: datetime, *, days: int = FRESH_FOR_DAYS) -> Pack:
    """Judge every line of the checklist: it is met when it has something, and all of that is fresh."""
    several = sorted(items, key=lambda each: (each.place, each.title))
    return Pack(tuple(_line(kind, [i for i in several if i.kind is kind], now, days) for kind in CHECKLIST))


def is_stale(item: Item, now: datetime, *, days: int = FRESH_FOR_DAYS) -> bool:
    """Tell whether nobody has looked at it for too long."""
    return now - item.reviewed_at > timedelta(days=days)


def _line(kind: ItemKind, items: list[Item], now: datetime, days: int) -> Line:
    stale = [each for each in items if is_stale(each, now, days=days)]
    if not items:
        because = "nothing is there"
    elif stale:
        said = [
            f"{each.title} was reviewed {-(-(now - each.reviewed_at) // _DAY)} days ago" for each in stale
        ]
        because = f"{'; '.join(said)}; at most {days}"
    else:
        oldest = min(each.reviewed_at for each in items)
        because = f"{len(items)} there, the oldest reviewed {(now - oldest).days} days ago"
    return Line(kind, CHECKLIST[kind], bool(items) and not stale, because, tuple(items))
