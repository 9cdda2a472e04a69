"""What people and software do in a rehearsal: input, declared in `program/workforce.yaml`."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from companyos.adoption.rollouts.rehearsal.company import Absence

Share = Annotated[float, Meta(ge=0, le=1)]
Positive = Annotated[float, Meta(gt=0)]
Count = Annotated[int, Meta(ge=0)]


class BadWorkforce(ValueError):
    """The declaration of the workforce cannot be used; names the place."""


class _Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Learning(_Declared, frozen=True, kw_only=True):
    """A person's first tasks take this share longer; the surplus shrinks evenly until it is gone."""

    slower_at_first: Annotated[float, Meta(ge=0, le=10)] = 0.0
    settled_after_tasks: Annotated[int, Meta(ge=1)] = 1

    def factor(self, done_before: int) -> float:
        """How much longer a task takes after so many: 1 for a person who has settled."""
        left = max(0.0, 1 - done_before / self.settled_after_tasks)
        return 1 + self.slower_at_first * left


class PathTaken(_Declared, frozen=True, kw_only=True):
    """How the product behaves on one of the two paths, and how people fare with it."""

    failure: Share  # per attempt at a task
    abandonment: Share  # per task
    latency_ms_p50: Positive
    latency_sigma: Positive
    handling_seconds_p50: Positive
    handling_sigma: Positive
    learning: Learning = Learning()


class Paths(_Declared, frozen=True, kw_only=True):
    existing: PathTaken
    unified: PathTaken


class Bugs(_Declared, frozen=True, kw_only=True):
    reported: Share  # after a failed task on the new path
    severities: dict[str, Share]
    fixed_after_hours: tuple[Positive, Positive]
    on_call: tuple[str, ...] = ()  # severities that are fixed at night and on weekends too
    fixed_by: str


class Surveys(_Declared, frozen=True, kw_only=True):
    asked_after_working_days: Count
    response: Share
    satisfied: Share  # answers with 4 or 5


class Tasks(_Declared, frozen=True, kw_only=True):
    after_working_days: Count
    by_task: dict[str, Count] = {}


class Approvals(_Declared, frozen=True, kw_only=True):
    working_days_before_due: Count


class Patience(_Declared, frozen=True, kw_only=True):
    inconclusive_working_days: Count
    failed_working_days: Count


class Away(_Declared, frozen=True, kw_only=True):
    """A team that is away in one week of the plan; week 0 is Prep."""

    team: str
    week: int


class Trouble(_Declared, frozen=True, kw_only=True):
    """What `--fault KIND@STAGE` does, and how long a fault of the feature lasts after the rollback."""

    more_failures: Share
    lifted_after_hours: Positive
    times_slower: Positive = 5.0  # of latency
    incident_failures: Share = 0.1  # of a local or shared incident, for a day


class Expected(_Declared, frozen=True, kw_only=True):
    """A difference that the new path is meant to have, by its places in the answer."""

    places: tuple[str, ...]
    because: str


class InShadow(_Declared, frozen=True, kw_only=True):
    """What the squad knows of the two paths, and how long it takes to fix a difference that is a bug."""

    expected: tuple[Expected, ...] = ()
    fixed_after_hours: Positive = 6.0


class Mismatch(_Declared, frozen=True, kw_only=True):
    """What `--fault mismatch@STAGE` does: a step of the new chain is asked only from an amount on, by mistake."""

    step: str
    from_amount: Positive


class Workforce(_Declared, frozen=True, kw_only=True):
    feature: str
    flag: str
    providers: Annotated[int, Meta(ge=0, le=100)]
    paths: Paths
    policy_violations: Share
    bugs: Bugs
    surveys: Surveys
    log_roles: dict[str, str]
    roles: dict[str, str]
    tasks: Tasks
    approvals: Approvals
    patience: Patience
    may_advance_past: tuple[str, ...]
    takes_back_for: tuple[str, ...] = ()
    fault: Trouble
    shadow: InShadow = InShadow()
    mismatch: Mismatch = Mismatch(step="manager", from_amount=25.0)
    absences: tuple[Away, ...] = ()

    def on(self, path: str) -> PathTaken:
        return self.paths.unified if path == "unified" else self.paths.existing

    def days_until_done(self, task: str) -> int:
        """Working days from entering the stage until the owner has done a task."""
        return self.tasks.by_task.get(task, self.tasks.after_working_days)

    def absences_from(self, first_monday: date) -> tuple[Absence, ...]:
        """The absences as dates, for a plan whose week 0 begins on `first_monday`."""
        mondays = [(away.team, first_monday + timedelta(weeks=away.week)) for away in self.absences]
        return tuple(Absence(team, monday, monday + timedelta(days=6)) for team, monday in mondays)

    def as_used(self) -> dict[str, Any]:
        """The declaration as plain data, for the report."""
        return dict(msgspec.to_builtins(self))


def load_workforce(path: Path) -> Workforce:
    """Load and check the declaration. Raises BadWorkforce with the place that is wrong."""
    try:
        declared = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        return _checked(msgspec.convert(declared, Workforce, strict=True))
    except (OSError, YAMLError, ValueError) as error:
        raise BadWorkforce(
            f"{path.name} cannot be used: {error}. Correct it and start the rehearsal again."
        ) from error


def _checked(workforce: Workforce) -> Workforce:
    total = sum(workforce.bugs.severities.values())
    if abs(total - 1) > 1e-6:
        raise ValueError(f"the shares of bugs.severities add up to {total:g} instead of 1")
    if unknown := set(workforce.bugs.severities) - {"sev1", "sev2", "sev3", "sev4"}:
        raise ValueError(f"bugs.severities names {', '.join(sorted(unknown))}; there are sev1 to sev4")
    low, high = workforce.bugs.fixed_after_hours
    if low > high:
        raise ValueError("bugs.fixed_after_hours needs the shorter time first")
    if "program_lead" not in workforce.roles or "squad_lead" not in workforce.roles:
        raise ValueError("roles needs program_lead and squad_lead")
    return workforce
