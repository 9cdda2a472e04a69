"""The rollouts pages as frozen values. Context name: `page`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.rollouts.domain.plan_check import PlanCheck
from companyos.adoption.rollouts.foretelling.lessons import SETTLES, Play, why_not
from companyos.adoption.rollouts.foretelling.practice import (
    DAYS,
    LATENCY_LIMIT_MS,
    ROSTER_LIMIT,
    Debrief,
    Game,
)
from companyos.adoption.rollouts.foretelling.practised_stage import Look


@dataclass(frozen=True, slots=True)
class PlanPage:
    """What a plan can learn; `source` says where the company's figures come from."""

    plan: str
    check: PlanCheck
    source: str
    problem: str
    now: datetime

    @property
    def cases(self) -> str:
        return f"{self.check.setting.cases_a_week:.0f}"

    @property
    def response_percent(self) -> str:
        return f"{100 * self.check.setting.response:.3g}"

    @property
    def error_percent(self) -> str:
        return f"{100 * self.check.setting.error_rate:.3g}"


@dataclass(frozen=True, slots=True)
class Choice:
    """A move that a player may make, or why not today."""

    play: Play
    says: str
    why_not: str


@dataclass(frozen=True, slots=True)
class PracticePage:
    """A game of practice: which stages can be played, or the game as it stands, or its debrief."""

    plan: str
    title: str
    stages: tuple[tuple[str, str], ...]  # slug, title
    game: Game | None
    ticket: str
    debrief: Debrief | None
    problem: str
    days: int = DAYS
    settles: int = SETTLES
    latency_limit_ms: float = LATENCY_LIMIT_MS
    roster_percent: float = 100 * ROSTER_LIMIT

    @property
    def today(self) -> Look | None:
        return self.game.looks[-1] if self.game else None

    @property
    def days_so_far(self) -> list[tuple[Look, str]]:
        """The days with what was done on each, newest first."""
        if self.game is None:
            return []
        plays = [str(play) for play in self.game.plays]
        looks = list(self.game.looks)
        return list(zip(looks, [*plays, *[""] * (len(looks) - len(plays))], strict=True))[::-1]

    @property
    def choices(self) -> tuple[Choice, ...]:
        day = self.today.day if self.today else 1
        return tuple(Choice(play, says, why_not(play, day)) for play, says in _SAYS.items())

    @property
    def outcome(self) -> str:
        """The state whose look the debrief takes."""
        verdict = self.debrief.verdict if self.debrief else ""
        return {"right": "passed", "fine": "pending"}.get(verdict, "failed")

    @property
    def minutes(self) -> str:
        seconds = self.debrief.seconds if self.debrief else 0.0
        return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"


_SAYS = {
    Play.CARRY_ON: "Let the day pass and look again tomorrow.",
    Play.HOLD: "Nobody joins and nothing advances; look again tomorrow.",
    Play.ROLL_BACK: "Take the feature off the stage's people. The game ends.",
    Play.ADVANCE: "On to the next stage. The game ends.",
}
