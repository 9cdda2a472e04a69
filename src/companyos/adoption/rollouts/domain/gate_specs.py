"""One condition as a plan states it: a gate of a stage, or a row of the risk/rollback matrix."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class GateKind(StrEnum):
    """How a gate gets its verdict. What each asks for and how it judges stands in `gates.KINDS`."""

    DWELL = "dwell"  # the stage has lasted its working days
    GUARDRAIL = "guardrail"  # watched at every event, compared as the stage declares
    SAFE_TO_ADVANCE = "safe_to_advance"  # harm of some points is ruled out
    ROSTER = "roster"  # people are where the plan put them (whole teams), or drawn as planned (SRM)
    METRIC = "metric"  # a measured value with its interval
    SLO = "slo"  # error budget left
    SHADOW_MISMATCH = "shadow_mismatch"
    RETURN_RATE = "return_rate"  # people who went back to the old path
    REACH = "reach"  # of an announcement
    COMPLETION_TREND = "completion_trend"  # the same people against themselves (P5)
    TIME_TREND = "time_trend"
    SURVEY = "survey"  # share of satisfied answers
    OPEN_BUGS = "open_bugs"  # Sev1 and Sev2 open, and how soon they were fixed
    BUG_TREND = "bug_trend"  # Sev1 and Sev2 do not rise (P4)
    ACTIVE_TEAMS = "active_teams"  # internal teams that really use it (P1)
    ATTESTED = "attested"  # a named person vouches that a task is done
    CHECKLIST = "checklist"
    DRILL = "drill"
    SESSION = "session"
    SUPPORT_PACK = "support_pack"
    READINESS = "readiness"  # every row of a scorecard of the feature is met
    APPROVAL = "approval"  # named roles say go
    JUDGEMENT = "judgement"  # a named person judges, where nothing could be measured; shown as judgement
    RISK = "risk"  # a row of the risk/rollback matrix: it fails when the row is hit


class Window(StrEnum):
    """The time a gate looks at."""

    STAGE = "stage"  # since the stage was entered
    TWO_SPRINTS = "two_sprints"  # the last two complete sprints
    FEATURE = "feature"  # since each person's own first exposure


class Missing(StrEnum):
    """What a gate says while there is nothing to judge."""

    WAIT = "wait"  # pending until the stage's time is over
    HOLD = "hold"  # inconclusive at once: the controller pauses
    FAIL = "fail"


class CountedTeams(StrEnum):
    """The teams an `active_teams` gate counts."""

    STAGE = "stage"  # those that are on at this stage, in any tenant
    PRODUCTION = "production"  # those that are on in a production tenant


class RiskAction(StrEnum):
    """What a row of the matrix does when it is hit."""

    HOLD = "hold"
    ROLL_BACK = "roll_back"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class GateSpec:
    """One condition of a stage as the plan states it; which fields count depends on the kind."""

    name: str
    title: str
    kind: GateKind
    rolls_back: bool = False
    metric: str = ""
    evidence: str = ""  # the name of the fact it asks for, from any room; empty: that of its kind
    at_least: float | None = None
    at_most: float | None = None
    confidence: float | None = None
    min_n: int | None = None
    window: Window = Window.STAGE
    survey: str = ""
    task: str = ""
    scorecard: str = ""  # of a readiness gate
    times: int = 1
    roles: tuple[str, ...] = ()
    of: CountedTeams = CountedTeams.STAGE
    periods: int = 1
    fix_hours: float | None = None
    margin: float | None = None
    points: float = 2.0  # of harm that must be ruled out before it is safe to advance
    confirm: str = ""
    dry_run: bool = False  # reported, never in the way
    consecutive: int = 1  # how many readings in a row must pass
    missing: Missing = Missing.WAIT
    deadline: int | None = None  # working days from entering the stage; then pending becomes inconclusive
    overrides: tuple[str, ...] = ()  # roles, two of which may exempt a rollout from it
    count: int | None = (
        None  # from so many on the plain figure decides when time is over: a count, not a proof
    )
    comparator: str = ""  # of a risk: it is hit when the value stands so to the limit
    reach: str = ""  # of a risk that takes back: the last stage, or everything
    serves: str = ""


@dataclass(frozen=True, slots=True)
class RiskSpec:
    """A row of the risk/rollback matrix (R128): what is looked at in every stage, and what happens when it is hit."""

    name: str
    title: str
    metric: str  # of telemetry, or a fact's whole name
    comparator: str  # >, >=, < or <=
    value: float
    action: RiskAction
    window: Window = Window.STAGE
    reach: str = ""  # empty: as far as the plan takes back
    min_n: int | None = None
    serves: str = ""

    def as_gate(self) -> GateSpec:
        """Return the row as a gate: it fails when the row is hit."""
        above = self.comparator.startswith(">")
        return GateSpec(
            self.name,
            self.title,
            GateKind.RISK,
            rolls_back=self.action is RiskAction.ROLL_BACK,
            metric=self.metric,
            at_most=self.value if above else None,
            at_least=None if above else self.value,
            window=self.window,
            min_n=self.min_n,
            dry_run=self.action is RiskAction.PAGE,
            comparator=self.comparator,
            reach=self.reach,
            serves=self.serves,
        )
