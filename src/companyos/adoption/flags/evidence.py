"""The facts that flags offer by name: who went back to the old path, of those who met the new one (R180)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.flags import queries
from companyos.adoption.flags.domain.types import NOT_ON, Kind
from companyos.adoption.flags.domain.way_back import DayBack
from companyos.kernel.evidence import Fact, Question, offer
from companyos.kernel.stats.binomial import lower_bound, upper_bound

_NAME, _SINCE = "flags.switched_back", "since this stage began"
_CONFIDENCE = 0.95
_FEWEST_SHOWN = 5  # reasons of fewer people would tell whose they are


@dataclass(frozen=True, slots=True)
class _Counted:
    flag: str
    exposed: int
    days: tuple[DayBack, ...]

    @property
    def people(self) -> int:
        return len({day.person for day in self.days})


def switched_back(question: Question) -> Fact:
    """Share of the people who met the new path and switched back, with an exact binomial bound on either side.

    Of several flags of a feature the one counts that most people met. A person counts once, however often they tap.
    """
    counted = [_count(flag, question) for flag in _flags_of(question)]
    if not counted:
        return Fact(_NAME, n=0, unit="share", window=_SINCE, problem="no flag brings this feature to people")
    chosen = max(counted, key=lambda each: (each.exposed, each.people, each.flag))
    details = {"flag": chosen.flag, "back": chosen.people, "taps": len({d.at for d in chosen.days})}
    if chosen.people >= _FEWEST_SHOWN:
        details["reasons"] = dict(sorted(Counter(day.reason for day in chosen.days).items()))
    if problem := _problem(chosen):
        return Fact(_NAME, n=chosen.exposed, unit="share", window=_SINCE, problem=problem, details=details)
    confidence = float(question.parameters.get("confidence") or _CONFIDENCE)
    back, n = chosen.people, chosen.exposed
    return Fact(
        _NAME,
        back / n,
        lower_bound(back, n, confidence),
        upper_bound(back, n, confidence),
        n,
        "share",
        _SINCE,
        "days back and exposures",
        details=details,
    )


def days_back(question: Question) -> Fact:
    """Whose days back began or lasted in a time, for rooms that count use: `[person, from, until]`, in ms."""
    days = queries.days_back(_flags_of(question), question.since, question.now)
    told = [[day.person, _ms(day.at), _ms(day.ended_at or day.until)] for day in days]
    return Fact("flags.days_back", float(len(told)), n=len(told), unit="days", details={"days": told})


def offer_evidence() -> None:
    offer(_NAME, switched_back)
    offer("flags.days_back", days_back)


def _problem(counted: _Counted) -> str:
    if not counted.exposed:
        return "nobody has met the new path yet"
    if counted.people > counted.exposed:
        return f"{counted.people} people went back, and only {counted.exposed} are on record as having met it"
    return ""


def _count(flag: str, question: Question) -> _Counted:
    met = queries.exposures(flag, question.now, question.since).by_variant
    exposed = sum(people for variant, people in met if variant not in NOT_ON)
    days = queries.days_back((flag,), question.since, question.now)
    return _Counted(flag, exposed, tuple(day for day in days if day.at >= question.since))


def _flags_of(question: Question) -> tuple[str, ...]:
    if named := str(question.parameters.get("flag") or ""):
        return (named,)
    flags = queries.states()
    return tuple(
        key for key, state in flags.items()
        if state.spec.feature == question.feature and state.spec.kind is Kind.RELEASE
    )  # fmt: skip


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
