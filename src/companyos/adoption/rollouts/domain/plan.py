"""A rollout plan: who gets a feature at which stage, what people do there, and which gates let it go on.

A plan is written as a YAML file or in the console; both become the same document, and this typed form is read
from it. The file is checked before (`surfaces/program`); here a document is taken to be well formed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, TypeVar

from companyos.adoption.telemetry.domain.comparison import TEAMS, Comparison

T = TypeVar("T")


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


class Cadence(StrEnum):
    ONCE = "once"
    DAILY = "daily"  # one entry each working day


class Reach(StrEnum):
    """Whom a rollback takes off the feature."""

    STAGE = "stage"
    EVERYTHING = "everything"


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


class StageKind(StrEnum):
    """Who joins at a stage (R186)."""

    COHORT = "cohort"  # people whom the plan names
    VOLUNTEER = "volunteer"  # people who asked for it: they are kinder than others, and their gates say so
    CUSTOMER_PILOT = "customer_pilot"  # named customers, after every internal gate


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
class CohortPart:
    """People who join at a stage: named teams, one department, or everyone, of one tenant."""

    tenant: str
    teams: tuple[str, ...] = ()
    department: str = ""
    everyone: bool = False
    serves: str = ""


@dataclass(frozen=True, slots=True)
class HoldOut:
    """A team that stays off at a stage although its tenant or department joins, until a later stage."""

    team: str
    until: str
    why: str


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """Work that people do during a stage."""

    slug: str
    title: str
    owner: str
    cadence: Cadence = Cadence.ONCE
    serves: str = ""
    attests: tuple[str, ...] = ()  # rows of scorecards for which its word counts


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


class Beside(StrEnum):
    """What the new path does while the old one answers; values are variants of the flag."""

    SHADOW = "shadow"  # it runs without side effects
    DUAL_RUN = "dual-run"  # both run for real


@dataclass(frozen=True, slots=True)
class ShadowPlan:
    """A stage that begins in shadow: the old path answers its people until these gates pass, then the new one does.

    For `reverse_days` working days after that the old path runs beside the new one, in reverse shadow.
    """

    until: tuple[str, ...]
    mode: Beside = Beside.SHADOW
    reverse_days: int = 0


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One stage: who joins, what is asked of people, and what must hold before the next.

    `working_days` is both the dwell and the due date; `patience` is how many working days after the due date a
    person should have decided.
    """

    slug: str
    title: str
    week: int
    working_days: int
    cohort: tuple[CohortPart, ...]
    excluded: tuple[HoldOut, ...] = ()
    request_types: tuple[str, ...] = ()
    data_domains: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    tasks: tuple[TaskSpec, ...] = ()
    gates: tuple[GateSpec, ...] = ()
    patience: int = 5
    comparison: Comparison = TEAMS
    kind: StageKind = StageKind.COHORT
    shadow: ShadowPlan | None = None

    def task(self, slug: str) -> TaskSpec:
        """Return the task `slug`. Raises KeyError when the stage has none of that name."""
        return _named(slug, {task.slug: task for task in self.tasks}, f"stage {self.slug} has no task")

    def gate(self, name: str) -> GateSpec:
        """Return the gate `name`. Raises KeyError when the stage has none of that name."""
        return _named(name, {gate.name: gate for gate in self.gates}, f"stage {self.slug} has no gate")


@dataclass(frozen=True, slots=True)
class NoShadow:
    """Why a critical workflow changes without its two paths having been compared, and who two say so."""

    by: tuple[str, ...]
    why: str
    until: str  # a day, ISO 8601


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole rollout plan; `roles` pairs each role of an approval with the slug of its holder."""

    slug: str
    title: str
    feature: str
    lead: str
    rolls_back: Reach
    roles: tuple[tuple[str, str], ...]
    stages: tuple[StagePlan, ...]
    risks: tuple[RiskSpec, ...] = ()
    expects: tuple[tuple[str, float], ...] = ()  # what the plan counts on, see `setting_told`
    without_shadow: NoShadow | None = None

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Plan:
        """Read a plan from its document, the shape of a plan file. KeyError or ValueError when malformed."""
        return cls(
            slug=document["plan"],
            title=document["title"],
            feature=document["feature"],
            lead=document["lead"],
            rolls_back=Reach(document.get("rolls_back", Reach.STAGE)),
            roles=tuple(document.get("roles", {}).items()),
            stages=tuple(_stage(stage) for stage in document["stages"]),
            risks=tuple(_risk(risk) for risk in document.get("risks", ())),
            expects=tuple(sorted((name, float(each)) for name, each in document.get("expects", {}).items())),
            without_shadow=_without_shadow(document.get("without_shadow")),
        )

    def to_document(self) -> dict[str, Any]:
        """Write the plan as its document: plain JSON values, defaults left out; `from_document` undoes it."""
        return {
            "plan": self.slug,
            "title": self.title,
            "feature": self.feature,
            "lead": self.lead,
            "rolls_back": str(self.rolls_back),
            "roles": dict(self.roles),
            "stages": [_without_defaults(stage) for stage in self.stages],
            **({"expects": dict(self.expects)} if self.expects else {}),
            **({"risks": [_without_defaults(risk) for risk in self.risks]} if self.risks else {}),
            **({"without_shadow": _without_defaults(self.without_shadow)} if self.without_shadow else {}),
        }

    def gates_of(self, slug: str) -> tuple[GateSpec, ...]:
        """Return everything that is judged at a stage: its gates, then the matrix. KeyError for an unknown stage."""
        return (*self.stage(slug).gates, *(risk.as_gate() for risk in self.risks))

    def stage(self, slug: str) -> StagePlan:
        """Return the stage `slug`. Raises KeyError when the plan has none of that name."""
        return self.stages[self.index_of(slug)]

    def index_of(self, slug: str) -> int:
        """Return the place of the stage `slug`, from 0. Raises KeyError when the plan has none."""
        places = {stage.slug: place for place, stage in enumerate(self.stages)}
        return _named(slug, places, f"plan {self.slug} has no stage")

    def is_last(self, slug: str) -> bool:
        """Tell whether `slug` is the plan's last stage."""
        return bool(slug) and self.stages[-1].slug == slug

    def holder_of(self, role: str) -> str:
        """Return the slug of the person who holds `role`. Raises KeyError when nobody does."""
        return _named(role, dict(self.roles), f"plan {self.slug} has no role")


def _named(name: str, known: Mapping[str, T], complaint: str) -> T:
    if name not in known:
        raise KeyError(f"{complaint} {name!r}; it has {', '.join(known) or 'none'}")
    return known[name]


def _stage(document: Mapping[str, Any]) -> StagePlan:
    return StagePlan(
        slug=document["slug"],
        title=document["title"],
        week=document["week"],
        working_days=document["working_days"],
        cohort=tuple(_cohort_part(part) for part in document["cohort"]),
        excluded=tuple(HoldOut(**hold_out) for hold_out in document.get("except", ())),
        request_types=tuple(document.get("request_types", ())),
        data_domains=tuple(document.get("data_domains", ())),
        actions=tuple(document.get("actions", ())),
        tasks=tuple(_task(task) for task in document.get("tasks", ())),
        gates=tuple(_gate(gate) for gate in document.get("gates", ())),
        patience=document.get("patience", 5),
        comparison=Comparison.from_document(document.get("comparison", {})),
        kind=StageKind(document.get("kind", StageKind.COHORT)),
        shadow=_shadow(document.get("shadow")),
    )


def _shadow(document: Mapping[str, Any] | None) -> ShadowPlan | None:
    if document is None:
        return None
    mode = Beside(document.get("mode", Beside.SHADOW))
    return ShadowPlan(tuple(document["until"]), mode, document.get("reverse_days", 0))


def _without_shadow(document: Mapping[str, Any] | None) -> NoShadow | None:
    if document is None:
        return None
    return NoShadow(tuple(document["by"]), document["why"], str(document["until"]))


def _risk(document: Mapping[str, Any]) -> RiskSpec:
    typed = {
        "title": document.get("title", document["name"].replace("-", " ").capitalize()),
        "action": RiskAction(document["action"]),
        "window": Window(document.get("window", Window.STAGE)),
        "value": float(document["value"]),
    }
    return RiskSpec(**{**document, **typed})


def _cohort_part(document: Mapping[str, Any]) -> CohortPart:
    return CohortPart(**{**document, "teams": tuple(document.get("teams", ()))})


def _task(document: Mapping[str, Any]) -> TaskSpec:
    typed = {
        "cadence": Cadence(document.get("cadence", Cadence.ONCE)),
        "attests": tuple(document.get("attests", ())),
    }
    return TaskSpec(**{**document, **typed})


def _gate(document: Mapping[str, Any]) -> GateSpec:
    typed = {
        "title": document.get("title", document["name"].replace("-", " ").capitalize()),
        "kind": GateKind(document["kind"]),
        "window": Window(document.get("window", Window.STAGE)),
        "of": CountedTeams(document.get("of", CountedTeams.STAGE)),
        "roles": tuple(document.get("roles", ())),
        "missing": Missing(document.get("missing", Missing.WAIT)),
        "overrides": tuple(document.get("overrides", ())),
    }
    return GateSpec(**{**document, **typed})


def _without_defaults(part: Any) -> dict[str, Any]:
    named = {field.name: (getattr(part, field.name), field.default) for field in fields(part)}
    return {
        "except" if name == "excluded" else name: _plain(value)
        for name, (value, default) in named.items()
        if value != default
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Comparison):
        return value.to_document()
    if isinstance(value, tuple):
        return [item if isinstance(item, str) else _without_defaults(item) for item in value]
    if isinstance(value, ShadowPlan):
        return _without_defaults(value)
    return str(value) if isinstance(value, StrEnum) else value
