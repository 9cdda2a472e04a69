"""Which feature a surface belongs to, and the line that would say so for one that belongs to none (R3). Pure.

A surface is a route of the console, an operation of the API, an address of the edge, or a screen seen in
telemetry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_PARAMETERS = ("<", "{", ":")
ASK = "FEATURE"


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """A surface there is. `feature` is what it says itself; empty: nothing."""

    kind: str
    name: str
    feature: str = ""
    views: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the register: everything at and below `begins` is the feature's."""

    kind: str
    begins: str
    feature: str

    def holds(self, seen: Seen) -> bool:
        """Whole steps of a path only: `/flag` does not hold `/flags`, and `/` holds the front page alone."""
        below = self.begins.rstrip("/") + "/"
        return self.kind == seen.kind and (
            seen.name == self.begins or (below != "/" and seen.name.startswith(below))
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """A surface that belongs to no feature, with the line of the register that would mend it."""

    seen: Seen
    suggests: str
    because: str


def owner_of(seen: Seen, register: Iterable[Entry], features: Iterable[str]) -> str:
    """Return the feature of a surface: the closest entry's, else what a screen says itself; empty: nobody's."""
    held = [entry for entry in register if entry.holds(seen)]
    if held:
        return max(held, key=lambda entry: len(entry.begins)).feature
    return seen.feature if seen.feature in set(features) else ""


def finding_of(seen: Seen, register: Iterable[Entry]) -> Finding:
    """Return what to write for a surface that is nobody's: beside which entry it lies says whose it may be."""
    begins = _without_parameters(seen.name)
    near = max(register, key=lambda entry: (_shared(entry, seen), entry.kind == seen.kind), default=None)
    if near is None or not _shared(near, seen):
        near = None
    feature = near.feature if near else ASK
    because = f"it lies beside {near.begins}" if near else "nothing that is registered lies beside it"
    return Finding(seen, f'- {{kind: {seen.kind}, begins: "{begins}", feature: {feature}}}', because)


def by_owner(
    seen: Iterable[Seen], register: tuple[Entry, ...], features: Iterable[str]
) -> dict[str, list[Seen]]:
    """Return all surfaces by the feature they belong to; those of nobody under an empty name."""
    known, found = frozenset(features), dict[str, list[Seen]]()
    for each in seen:
        found.setdefault(owner_of(each, register, known), []).append(each)
    return found


def _steps(name: str) -> list[str]:
    return [step for step in name.split("/") if step]


def _without_parameters(name: str) -> str:
    """The part of a path before its first parameter."""
    kept = []
    for step in _steps(name):
        if step[0] in _PARAMETERS:
            break
        kept.append(step)
    return ("/" if name.startswith("/") else "") + "/".join(kept)


def _shared(entry: Entry, seen: Seen) -> int:
    """How many first steps an entry and a surface share."""
    shared = 0
    for mine, other in zip(_steps(entry.begins), _steps(seen.name), strict=False):
        if mine != other:
            break
        shared += 1
    return shared
