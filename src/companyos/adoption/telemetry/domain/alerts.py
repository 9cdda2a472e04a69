"""What happens to an alert now: page, escalate, resolve, or leave it?

`decide` asks the rules in order over one frozen `Situation`; the first with an opinion wins and says why. Nothing
here reads a database or the clock: `paging.py` gathers the situation and carries the answer out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from companyos.adoption.telemetry.domain.slo import BurnState


class AlertMove(StrEnum):
    STAY = "stay"
    PAGE = "page"
    ESCALATE = "escalate"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True)
class Route:
    """Who answers for a team: a weekly turn among its people, and who is asked when they do not."""

    slug: str
    title: str
    team: str
    on_call: tuple[str, ...]
    turns_from: date
    escalates_to: tuple[str, ...]
    escalates_after: timedelta

    def on_call_at(self, day: date) -> str:
        """Return whose week it is."""
        return self.on_call[(day - self.turns_from).days // 7 % len(self.on_call)]

    def person_at(self, level: int, day: date) -> str:
        """Return who is paged at a level; the last one again when the levels are used up."""
        chain = (self.on_call_at(day), *self.escalates_to)
        return chain[min(level, len(chain) - 1)]

    @property
    def people(self) -> frozenset[str]:
        return frozenset((*self.on_call, *self.escalates_to))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an alert's history."""

    at: datetime
    by: str
    move: AlertMove
    because: str
    rule: str
    person: str = ""  # who was paged
    level: int = 0


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An alert as its history leaves it."""

    opened_at: datetime
    paged_at: datetime
    paged: tuple[str, ...]
    level: int
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None

    @property
    def waits_for_an_answer(self) -> bool:
        return self.is_open and not self.acknowledged_by


@dataclass(frozen=True, slots=True)
class Quiet:
    """Somebody asked for silence until a moment, and said why."""

    by: str
    because: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Situation:
    """A condition and its alert at one moment. A test page has no condition: nothing burns and nothing heals."""

    burn: BurnState | None
    says: str
    now: datetime
    escalates_after: timedelta
    alert: OpenAlert | None = None
    silence: Quiet | None = None

    @property
    def silenced(self) -> bool:
        return self.silence is not None and self.now < self.silence.until


@dataclass(frozen=True, slots=True)
class Decision:
    move: AlertMove
    because: str
    rule: str


Answer = tuple[AlertMove, str] | None


def a_quiet_condition_resolves(s: Situation) -> Answer:
    """An alert ends when its condition is seen to be quiet; too few requests or no data are not quiet."""
    over = s.alert is not None and s.burn is BurnState.QUIET
    return (AlertMove.RESOLVE, s.says) if over else None


def a_silence_holds_pages_back(s: Situation) -> Answer:
    """Until a silence ends, nobody is paged, neither at first nor by escalation."""
    if not s.silenced or s.silence is None:
        return None
    return AlertMove.STAY, f"silenced by {s.silence.by}: {s.silence.because}"


def a_burn_pages(s: Situation) -> Answer:
    """A burn without an open alert opens one and pages whoever is on call."""
    return (AlertMove.PAGE, s.says) if s.alert is None and s.burn is BurnState.BURNING else None


def nothing_burns(s: Situation) -> Answer:
    """Without a burn nothing opens: too few requests never page."""
    return (AlertMove.STAY, s.says) if s.alert is None else None


def an_answered_alert_waits(s: Situation) -> Answer:
    """Somebody has it: nobody else is paged."""
    if s.alert is None or s.alert.waits_for_an_answer:
        return None
    return AlertMove.STAY, f"acknowledged by {s.alert.acknowledged_by}"


def an_unanswered_page_escalates(s: Situation) -> Answer:
    """Nobody acknowledged in time: the next person is paged, the last one again and again."""
    if s.alert is None or s.now - s.alert.paged_at < s.escalates_after:
        return None
    waited = int((s.now - s.alert.paged_at).total_seconds() // 60)
    return AlertMove.ESCALATE, f"no answer from {s.alert.paged[-1]} for {waited} min"


def a_page_has_time(s: Situation) -> Answer:
    """A page waits for its answer."""
    return AlertMove.STAY, f"{s.alert.paged[-1]} was paged" if s.alert else s.says


# What ends an alert comes first, then what holds it back, then what makes noise.
RULES: tuple[Callable[[Situation], Answer], ...] = (
    a_quiet_condition_resolves,
    a_silence_holds_pages_back,
    a_burn_pages,
    nothing_burns,
    an_answered_alert_waits,
    an_unanswered_page_escalates,
    a_page_has_time,
)


def decide(situation: Situation) -> Decision:
    for rule in RULES:
        if answer := rule(situation):
            return Decision(*answer, rule.__name__)
    raise AssertionError("a_page_has_time always answers")


def state_of(history: Sequence[Entry]) -> OpenAlert:
    """Read an alert's state off its history. Raises ValueError for one that begins with no page."""
    if not history or history[0].move is not AlertMove.PAGE:
        raise ValueError("an alert begins with a page")
    pages = [each for each in history if each.move in {AlertMove.PAGE, AlertMove.ESCALATE}]
    answer = _first(history, AlertMove.ACKNOWLEDGE)
    end = _first(history, AlertMove.RESOLVE)
    return OpenAlert(
        opened_at=history[0].at,
        paged_at=pages[-1].at,
        paged=tuple(each.person for each in pages),
        level=pages[-1].level,
        acknowledged_by=answer.by if answer else "",
        acknowledged_at=answer.at if answer else None,
        resolved_at=end.at if end else None,
    )


def _first(history: Iterable[Entry], move: AlertMove) -> Entry | None:
    return next((each for each in history if each.move is move), None)
