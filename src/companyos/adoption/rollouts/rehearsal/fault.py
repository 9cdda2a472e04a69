"""A planted fault as it happens: whom it strikes, since when, and when it is taken away again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from companyos.adoption.rollouts.rehearsal.cases import UNIFIED
from companyos.adoption.rollouts.rehearsal.company import Person
from companyos.adoption.rollouts.rehearsal.order import OF_THE_LINE, Fault, FaultKind
from companyos.adoption.rollouts.rehearsal.rollout import Rollout
from companyos.adoption.rollouts.rehearsal.work import NO_TROUBLE
from companyos.adoption.rollouts.rehearsal.workforce import Trouble

_A_DAY = timedelta(days=1)
_INCIDENTS = {FaultKind.LOCAL_INCIDENT, FaultKind.SHARED_INCIDENT}
NOT_SLOWER = 1.0
_FIXES = {
    FaultKind.REGRESSION: "The regression of the new path is taken out",
    FaultKind.LATENCY: "The new path answers as quickly as before",
    FaultKind.LOCAL_INCIDENT: "Nothing to mend in the feature: an incident had hit its teams",
    FaultKind.SHARED_INCIDENT: "Nothing to mend in the feature: an incident had hit everybody",
    FaultKind.TELEMETRY_LOSS: "The new path sends its telemetry again; what was lost stays lost",
    FaultKind.LATE_DATA: "Nothing to mend: the day's events have arrived and are counted where they belong",
    FaultKind.WRONG_ROSTER: "Nobody outside the cohort gets the new path any more",
    FaultKind.CONTROLLER_CRASH: "The controller was started again",
}


class Regression:
    """Strikes the people whom the stage put on the new path, from entering the stage until it is lifted.

    An incident is no fault of the feature: it strikes on either path and is over after a day. A shared one strikes all.
    """

    def __init__(self, fault: Fault | None, trouble: Trouble) -> None:
        self._fault = fault
        self._trouble = trouble
        self._first_stage: dict[str, str] = {}
        self._teams: set[str] = set()  # of the people whom the stage switched on
        self._stage = ""
        self._now = datetime.min.replace(tzinfo=UTC)
        self.began_at: datetime | None = None
        self.noticed_at: datetime | None = None
        self.lifted_at: datetime | None = None

    @property
    def is_on(self) -> bool:
        return self.began_at is not None and self.lifted_at is None

    def exposes(self, person: Person) -> None:
        """Take notice that a person was on the new path; only the first time counts."""
        first = self._first_stage.setdefault(person.slug, self._stage)
        if self._fault is not None and first == self._fault.stage:
            self._teams.add(person.team)

    def more_failures(self, person: Person, path: str) -> float:
        """What the fault adds to this person's chance of a failed attempt on a path."""
        kind = self.kind
        if kind is FaultKind.REGRESSION and path == UNIFIED and self._strikes(person):
            return self._trouble.more_failures
        if kind in _INCIDENTS and (kind is FaultKind.SHARED_INCIDENT or self._strikes(person)):
            return self._trouble.incident_failures if self._lasts else NO_TROUBLE
        return NO_TROUBLE

    def slower(self, person: Person, path: str) -> float:
        """How many times as long answers take for this person on a path."""
        struck = self.kind is FaultKind.LATENCY and path == UNIFIED and self._strikes(person)
        return self._trouble.times_slower if struck else NOT_SLOWER

    @property
    def kind(self) -> FaultKind | None:
        """What is wrong now; None before it begins and after it is mended."""
        return self._fault.kind if self._fault is not None and self.is_on else None

    @property
    def is_of_the_line(self) -> bool:
        """Tell whether it is planted between the work and the controller, and the feature is sound."""
        return self._fault is not None and self._fault.kind in OF_THE_LINE

    @property
    def spoils_what_was_counted(self) -> bool:
        """Tell whether the stage must be counted afresh after the fault: people were where no plan put them."""
        return self._fault is not None and self._fault.kind is FaultKind.WRONG_ROSTER

    def struck_team(self, team: str) -> bool:
        """Tell whether the stage has switched people of this team on."""
        return team in self._teams

    def a_day_is_over(self, now: datetime) -> bool:
        return self.began_at is not None and now >= self.began_at + _A_DAY

    @property
    def _lasts(self) -> bool:
        return not self.a_day_is_over(self._now)

    def _strikes(self, person: Person) -> bool:
        return self._fault is not None and self._first_stage.get(person.slug) == self._fault.stage

    def sees(self, rollout: Rollout, now: datetime) -> None:
        """Begin with the stage, once people are on; take notice of the rollback, or of the pause."""
        self._stage, self._now = rollout.stage, now
        if self._fault is None:
            return
        begins = rollout.stage == self._fault.stage and rollout.status == "active"
        if self.began_at is None and begins and not (self.is_of_the_line and rollout.in_shadow):
            self.began_at = now
        if self.is_on and self.noticed_at is None and self._is_noticed(rollout):
            self.noticed_at = now

    def _is_noticed(self, rollout: Rollout) -> bool:
        return rollout.status == "rolled_back" or (self.is_of_the_line and rollout.status == "paused")

    def can_be_lifted(self, now: datetime) -> bool:
        """Tell whether the squad has had its time since it was noticed. Late data come by themselves."""
        if not self.is_on or self.noticed_at is None or self.kind is FaultKind.LATE_DATA:
            return False
        return now >= self.noticed_at + timedelta(hours=self._trouble.lifted_after_hours)

    @property
    def fix(self) -> str:
        """What the squad records when the fault is gone."""
        return _FIXES[self._fault.kind] if self._fault is not None else ""

    def lift(self, now: datetime) -> None:
        self.lifted_at = now

    def as_used(self) -> dict[str, str | float | None] | None:
        """For the report; nothing without a fault."""
        if self._fault is None:
            return None
        noticed = "stopped_by" if self.is_of_the_line else "rolled_back_by"
        moments = {"began_at": self.began_at, noticed: self.noticed_at, "lifted_at": self.lifted_at}
        return {
            "fault": str(self._fault),
            **self._size(),
            **{name: at.isoformat() if at else None for name, at in moments.items()},
        }

    def _size(self) -> dict[str, float]:
        if self.is_of_the_line:
            return {}
        if self._fault is not None and self._fault.kind is FaultKind.LATENCY:
            return {"times_slower": self._trouble.times_slower}
        incident = self._fault is not None and self._fault.kind in _INCIDENTS
        return {"more_failures": self._trouble.incident_failures if incident else self._trouble.more_failures}
