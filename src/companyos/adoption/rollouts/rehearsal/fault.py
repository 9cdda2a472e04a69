"""A regression as it happens: whom it strikes, since when, and when it is taken away again."""

from __future__ import annotations

from datetime import datetime, timedelta

from companyos.adoption.rollouts.rehearsal.company import Person
from companyos.adoption.rollouts.rehearsal.order import Fault
from companyos.adoption.rollouts.rehearsal.rollout import Rollout
from companyos.adoption.rollouts.rehearsal.work import NO_TROUBLE
from companyos.adoption.rollouts.rehearsal.workforce import Trouble


class Regression:
    """Strikes the people whom the stage put on the new path, from entering the stage until it is lifted."""

    def __init__(self, fault: Fault | None, trouble: Trouble) -> None:
        self._fault = fault
        self._trouble = trouble
        self._first_stage: dict[str, str] = {}
        self._stage = ""
        self.began_at: datetime | None = None
        self.noticed_at: datetime | None = None
        self.lifted_at: datetime | None = None

    @property
    def is_on(self) -> bool:
        return self.began_at is not None and self.lifted_at is None

    def exposes(self, person: Person) -> None:
        """Take notice that a person was on the new path; only the first time counts."""
        self._first_stage.setdefault(person.slug, self._stage)

    def more_failures(self, person: Person) -> float:
        """What the fault adds to this person's chance of a failed attempt on the new path."""
        if not self.is_on or self._fault is None:
            return NO_TROUBLE
        struck = self._first_stage.get(person.slug) == self._fault.stage
        return self._trouble.more_failures if struck else NO_TROUBLE

    def sees(self, rollout: Rollout, now: datetime) -> None:
        """Begin with the stage; take notice of the rollback."""
        self._stage = rollout.stage
        if self._fault is None:
            return
        if self.began_at is None and rollout.stage == self._fault.stage and rollout.status == "active":
            self.began_at = now
        if self.is_on and self.noticed_at is None and rollout.status == "rolled_back":
            self.noticed_at = now

    def can_be_lifted(self, now: datetime) -> bool:
        """Tell whether the squad has had its time since the rollback."""
        if not self.is_on or self.noticed_at is None:
            return False
        return now >= self.noticed_at + timedelta(hours=self._trouble.lifted_after_hours)

    def lift(self, now: datetime) -> None:
        self.lifted_at = now

    def as_used(self) -> dict[str, str | float | None] | None:
        """For the report; nothing without a fault."""
        if self._fault is None:
            return None
        moments = {"began_at": self.began_at, "rolled_back_by": self.noticed_at, "lifted_at": self.lifted_at}
        return {
            "fault": str(self._fault),
            "more_failures": self._trouble.more_failures,
            **{name: at.isoformat() if at else None for name, at in moments.items()},
        }
