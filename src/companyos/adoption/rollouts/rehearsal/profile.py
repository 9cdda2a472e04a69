"""The profile of a log: how often each path is taken, how long each step takes; figures, never a case."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from functools import cached_property
from importlib.resources import files
from itertools import accumulate, pairwise
from pathlib import Path

import msgspec

from companyos.adoption.rollouts.rehearsal.courses import Course, Step
from companyos.adoption.rollouts.rehearsal.dice import Dice
from companyos.adoption.rollouts.rehearsal.xes import Log

# Close together in the tail, where approvals wait for weeks.
LEVELS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99, 0.995, 1.0)


class BadProfile(ValueError):
    """A stored profile cannot be used; says why."""


class StepShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    role: str


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A path through the steps (their positions in `steps`) and how many cases took it."""

    steps: tuple[int, ...]
    cases: int


class Wait(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds from one step's completion to the next one's, at each of LEVELS."""

    after: int
    until: int
    seconds: tuple[float, ...]


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """What is known of a log: its paths, waits and volume, with the source named."""

    source: str
    sha256: str
    cases: int
    steps: tuple[StepShape, ...]
    variants: tuple[Variant, ...]
    waits: tuple[Wait, ...]

    @cached_property
    def _paths(self) -> tuple[tuple[Step, ...], ...]:
        steps = [Step(step.name, step.role) for step in self.steps]
        return tuple(tuple(steps[n] for n in variant.steps) for variant in self.variants)

    @cached_property
    def _shares(self) -> list[int]:
        return list(accumulate(variant.cases for variant in self.variants))

    @cached_property
    def _seconds(self) -> dict[tuple[int, int], tuple[float, ...]]:
        return {(wait.after, wait.until): wait.seconds for wait in self.waits}

    def sample(self, dice: Dice, name: str) -> Course:
        """Draw the course of the case called `name`."""
        n = bisect_right(self._shares, dice.one(name, "path") * self._shares[-1])
        offsets, passed = [0.0], 0.0
        for at, pair in enumerate(pairwise(self.variants[n].steps)):
            passed += _at_level(self._seconds[pair], dice.one(name, "wait", str(at)))
            offsets.append(round(passed, 3))
        return Course(self._paths[n], tuple(offsets))


def fit(log: Log, *, source: str) -> Profile:
    """Fit a profile to a log; `source` names the log for the people who read the figures."""
    positions: dict[Step, int] = {}
    variants: Counter[tuple[int, ...]] = Counter()
    waits: dict[tuple[int, int], list[float]] = {}
    for course in log.cases:
        path = tuple([positions.setdefault(step, len(positions)) for step in course.steps])
        variants[path] += 1
        for pair, (before, after) in zip(pairwise(path), pairwise(course.offsets), strict=True):
            waits.setdefault(pair, []).append(after - before)
    return Profile(
        source=source,
        sha256=log.sha256,
        cases=len(log.cases),
        steps=tuple(StepShape(step.name, step.role) for step in positions),
        variants=tuple(Variant(path, n) for path, n in sorted(variants.items(), key=lambda v: (-v[1], v[0]))),
        waits=tuple(Wait(*pair, _quantiles(seconds)) for pair, seconds in sorted(waits.items())),
    )


def save_profile(profile: Profile, path: Path) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(profile), indent=0) + b"\n")


def load_profile(path: Path) -> Profile:
    """Load a stored profile. Raises BadProfile with the place that is wrong."""
    try:
        return _checked(msgspec.json.decode(path.read_bytes(), type=Profile))
    except (OSError, msgspec.MsgspecError, ValueError) as error:
        raise BadProfile(
            f"The profile {path.name} cannot be used: {error}. Fit it again from its log."
        ) from error


def stored_profile() -> Profile:
    """The profile that ships with the product: travel expenses of a university (BPI Challenge 2020)."""
    path = files("companyos.adoption.rollouts.rehearsal").joinpath("profiles/domestic_declarations.json")
    return load_profile(Path(str(path)))


def _checked(profile: Profile) -> Profile:
    known = {(wait.after, wait.until) for wait in profile.waits}
    for variant in profile.variants:
        if variant.cases < 1 or not variant.steps:
            raise ValueError("a variant needs a step and a case")
        if not all(0 <= n < len(profile.steps) for n in variant.steps):
            raise ValueError("a variant names a step that is not there")
        if not known.issuperset(pairwise(variant.steps)):
            raise ValueError("a variant takes a way for which no wait is given")
    if not profile.variants or any(not _are_quantiles(wait.seconds) for wait in profile.waits):
        raise ValueError(f"it needs variants, and waits at {len(LEVELS)} levels, none below the one before")
    return profile


def _are_quantiles(seconds: tuple[float, ...]) -> bool:
    return len(seconds) == len(LEVELS) and seconds[0] >= 0 and list(seconds) == sorted(seconds)


def _quantiles(seconds: list[float]) -> tuple[float, ...]:
    ordered, last = sorted(seconds), len(seconds) - 1
    return tuple([round(_between(ordered, level * last), 1) for level in LEVELS])


def _at_level(quantiles: tuple[float, ...], draw: float) -> float:
    above = bisect_right(LEVELS, draw)
    low, high = LEVELS[above - 1], LEVELS[above]
    return _between(quantiles, above - 1 + (draw - low) / (high - low))


def _between(ordered: list[float] | tuple[float, ...], position: float) -> float:
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])
