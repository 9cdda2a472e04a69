"""Whether a drill counts for a gate: it passed, not long ago, and for the version that is there now (R120)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from companyos.change.playbooks.domain.drills import time_of
from companyos.change.playbooks.domain.types import DrillRow, Kind, Result

HOLDS_FOR_DAYS = 90
_DAY = timedelta(days=1)


class Asked(StrEnum):
    """The drills that a gate may ask for."""

    ROLLBACK = "rollback"  # the way back of this feature
    RECOVERY = "recovery"  # of the whole system
    PLAN = "plan"  # recovery as this feature's plan would need it


OF_TASK = {"drill-rollback": Asked.ROLLBACK, "drill-recovery": Asked.RECOVERY, "drill-plan": Asked.PLAN}
TITLES = {
    Asked.ROLLBACK: "rollback drill",
    Asked.RECOVERY: "recovery drill of the whole system",
    Asked.PLAN: "recovery drill of this plan",
}


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of one asked drill. `latest` is the last that passed or failed; `running` may still become one."""

    asked: Asked
    latest: DrillRow | None
    version: str  # of the feature, now; empty where it does not matter
    now: datetime
    days: int = HOLDS_FOR_DAYS
    running: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    asked: Asked
    counts: bool
    because: str
    rule: str
    drill: DrillRow | None = None

    @property
    def failed(self) -> bool:
        return self.rule == a_failed_drill_fails.__name__


Answer = tuple[bool, str] | None


def nobody_has_practised(s: Situation) -> Answer:
    """A drill that was never held, or only broken off, proves nothing."""
    if s.latest is not None:
        return None
    return False, "one is running, none has ended" if s.running else "none was held"


def a_failed_drill_fails(s: Situation) -> Answer:
    """The last drill that came to an end decides; an earlier pass does not stand against it."""
    if s.latest is None or s.latest.result is not Result.FAILED:
        return None
    most, took = s.latest.target.seconds, s.latest.seconds
    late = took is not None and most is not None and took > most
    why = time_of(took or 0.0, s.latest.target) if late else s.latest.because
    return False, f"failed: {why}"


def a_drill_of_another_version_does_not_count(s: Situation) -> Answer:
    """What was practised with another version of the feature says nothing of this one."""
    made_for = s.latest.feature_version if s.latest else ""
    if not s.version or made_for == s.version:
        return None
    return False, f"was for version {made_for or 'unknown'}, now {s.version}"


def an_old_drill_does_not_count(s: Situation) -> Answer:
    """People and systems change: a drill counts for so many days."""
    age = _age(s)
    if age is None or age <= timedelta(days=s.days):
        return None
    return False, f"passed {-(-age // _DAY)} days ago; at most {s.days}"


def a_passed_drill_counts(s: Situation) -> Answer:
    """It passed, lately, and for this version."""
    age = _age(s) or timedelta(0)
    ago = "today" if age.days < 1 else f"{age.days} day{'s' * (age.days != 1)} ago"
    took = time_of(s.latest.seconds or 0.0, s.latest.target) if s.latest else ""
    return True, f"passed {ago}: {took}"


RULES: tuple[Callable[[Situation], Answer], ...] = (
    nobody_has_practised,
    a_failed_drill_fails,
    a_drill_of_another_version_does_not_count,
    an_old_drill_does_not_count,
    a_passed_drill_counts,
)


def count(situation: Situation) -> Counted:
    """Return whether the drill counts, why, and which rule said so."""
    for rule in RULES:
        if answer := rule(situation):
            counts, because = answer
            return Counted(situation.asked, counts, because, rule.__name__, situation.latest)
    raise AssertionError("a_passed_drill_counts always answers")


def asked_by(task: str) -> tuple[Asked, ...]:
    """Return which drills a task stands for; any other name, or none, for all of them."""
    return (OF_TASK[task],) if task in OF_TASK else tuple(Asked)


def fits(drill: DrillRow, asked: Asked, feature: str) -> bool:
    """Tell whether a drill is of the asked kind, for this feature."""
    if asked is Asked.ROLLBACK:
        return drill.kind is Kind.ROLLBACK and drill.feature == feature
    if drill.kind is not Kind.RECOVERY:
        return False
    return drill.feature == ("" if asked is Asked.RECOVERY else feature)


def latest_of(drills: Iterable[DrillRow], now: datetime) -> DrillRow | None:
    """Return the last drill that passed or failed by now."""
    told = [d for d in drills if d.ended_at and d.ended_at <= now and d.result is not Result.ABANDONED]
    return max(told, key=lambda each: (each.ended_at or now, each.id), default=None)


def _age(s: Situation) -> timedelta | None:
    return s.now - s.latest.ended_at if s.latest and s.latest.ended_at else None
