"""What a move does, inside its transaction: the stage, the feature, the flag's cohort, what an entry sets going.

What it changes is decided in `domain/moves.py`; what is written down of it, in `record.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from companyos.adoption.features import actions as features
from companyos.adoption.features import queries as feature_queries
from companyos.adoption.features.domain.types import FeatureState
from companyos.adoption.flags import actions as flags
from companyos.adoption.flags import queries as flag_queries
from companyos.adoption.flags.domain.refusals import Refused as FlagRefused
from companyos.adoption.flags.domain.types import REVERSE, Cohort, people_of
from companyos.adoption.rollouts.actions.refusals import Refused
from companyos.adoption.rollouts.domain.cohorts import cohort_at, on_today
from companyos.adoption.rollouts.domain.decide import Decision
from companyos.adoption.rollouts.domain.entry import entries_of
from companyos.adoption.rollouts.domain.moves import Asked, Row, changed_by
from companyos.adoption.rollouts.domain.plan import Plan, Reach
from companyos.adoption.rollouts.domain.replay import BY_A_PERSON
from companyos.adoption.rollouts.domain.risks import reach_of
from companyos.adoption.rollouts.domain.stage_plan import Beside
from companyos.adoption.rollouts.domain.types import Gate, Move, StageState
from companyos.adoption.rollouts.models import (
    EntryAction,
    Rollout,
    StageRun,
)
from companyos.adoption.rollouts.queries.policies import frozen, held_and_over, open_sev1
from companyos.kernel.business_time import WorkingCalendar
from companyos.kernel.evidence import Fact
from companyos.people.identity import queries as identity
from companyos.platform import outbox


@dataclass(frozen=True, slots=True)
class Judged:
    """The gates as they were judged for a move, with the facts behind them."""

    gates: tuple[Gate, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)  # by gate name

    def signed(self) -> Judged:
        """Return it with each gate carrying its fact's fingerprint: for whatever is stored."""
        gates = (replace(gate, evidence_sha256=self.facts[gate.name].sha256) for gate in self.gates)
        return replace(self, gates=tuple(gates))


class Step:
    """One move being carried out, inside its transaction."""

    def __init__(
        self,
        actor: str,
        rollout: Rollout,
        plan: Plan,
        decision: Decision,
        judged: Judged,
        calendar: WorkingCalendar,
        now: datetime,
        reach: Reach | None = None,
    ) -> None:
        self.reach = reach
        self.actor, self.rollout, self.plan, self.decision = actor, rollout, plan, decision
        self.judged, self.calendar, self.now = judged, calendar, now
        self.row, self.before = Row.of(rollout), _before(rollout, now)
        self.people_moved = 0
        self.ruleset: int | None = None

    def changes(self) -> dict[str, Any]:
        """Make the move's side effects and return the rollout's new columns."""
        change = changed_by(
            Asked(
                self.decision,
                self.row,
                self.plan,
                self.actor,
                self._attempts(),
                self.calendar,
                self.now,
                self._reach(),
            )
        )
        if change.leaves:
            self._leave(change.leaves)
        if change.feature:
            self._move_feature(change.feature)
        if change.on is not None:
            self._put_on(change.on, change.row.stage, shadows=change.shadows, reverses=change.reverses)
        if change.begins:
            self._begin(change.row)
        elif self.decision.move is Move.SWITCH_OVER:
            self._run().update(switched_at=self.now)
        if change.settles_in:
            self._set_going(change.row)
        if change.lets_go:
            flags.let_go(flag=self.flag)
        self.row = change.row
        return asdict(change.row)

    def _reach(self) -> Reach:
        """A breach takes back as far as the matrix says; a person's own rollback as far as the plan does."""
        if self.decision.rule == BY_A_PERSON:
            return self.reach or self.plan.rolls_back
        return reach_of(self.plan, self.judged.gates)

    def _attempts(self) -> dict[str, int]:
        return dict(Counter(StageRun.objects.filter(rollout=self.rollout).values_list("stage", flat=True)))

    def _begin(self, row: Row) -> None:
        StageRun.objects.create(
            rollout=self.rollout,
            stage=row.stage,
            attempt=row.attempt,
            entered_at=self.now,
            people=self.people_moved,
        )

    def _set_going(self, row: Row) -> None:
        """Set going what the plan asks for at the stage's entry; whoever does it hears of it."""
        stage = self.plan.stage(row.stage)
        told = entries_of(self.plan, stage, people=self.people_moved, calendar=self.calendar, now=self.now)
        for entry in told:
            EntryAction.objects.create(
                rollout=self.rollout,
                stage=row.stage,
                attempt=row.attempt,
                action=entry.action,
                at=self.now,
                due_at=entry.due_at,
                says=entry.says,
            )
            body = {
                "rollout": self.rollout.plan,
                "stage": row.stage,
                "attempt": row.attempt,
                "action": entry.action,
                "says": entry.says,
            }
            outbox.publish("rollout.entered", {**body, "due_at": entry.due_at.isoformat()}, at=self.now)

    def _leave(self, state: StageState) -> None:
        past_proof = state is StageState.PASSED and self.decision.rule == BY_A_PERSON
        self._run().update(
            state=state,
            left_at=self.now,
            gates=[asdict(gate) for gate in self.judged.gates],
            without_proof=self.decision.because if past_proof else "",
        )

    def _run(self) -> QuerySet[StageRun]:
        return StageRun.objects.filter(rollout=self.rollout, stage=self.row.stage, attempt=self.row.attempt)

    def _put_on(self, index: int, stage: str, *, shadows: bool, reverses: bool) -> None:
        """Switch the flag to the cohort of stage `index` (-1: nobody) and count whom it moves.

        For the people whom `stage` adds both paths run where it `shadows` or `reverses`.
        """
        people = identity.everybody()
        before = people_of(flag_queries.cohort_of(self.flag))
        today = self.now.astimezone(self.calendar.zone).date()
        cohort = on_today(self.plan, index, people, today)
        beside: Cohort = {}
        if shadows or reverses:
            at = self.plan.index_of(stage)
            before_it = cohort_at(self.plan, at - 1, people) if reverses else cohort
            beside = _without(cohort_at(self.plan, at, people), before_it)
        self.people_moved = len((before ^ people_of(cohort)) | people_of(beside))
        try:
            self.ruleset = flags.put_on(
                actor=self.actor,
                flag=self.flag,
                cohort=cohort,
                because=self.decision.because,
                now=self.now,
                driver=self.rollout.plan,
                shadow=beside,
                shadow_as=REVERSE if reverses else self._shadow_mode(stage),
            )
        except FlagRefused as refusal:
            raise Refused(str(refusal)) from None

    def _shadow_mode(self, stage: str) -> Beside:
        shadow = self.plan.stage(stage).shadow if stage else None
        return shadow.mode if shadow else Beside.SHADOW

    @property
    def flag(self) -> str:
        return str(self.rollout.feature.flag)

    def _move_feature(self, state: FeatureState) -> None:
        features.move_to(
            actor=self.actor,
            feature=self.rollout.feature_id,
            state=state,
            because=self.decision.because,
            now=self.now,
            stage=self.row.stage if state is FeatureState.ROLLING_OUT else "",
        )


def _without(cohort: Cohort, others: Cohort) -> Cohort:
    return {tenant: slugs - others.get(tenant, frozenset()) for tenant, slugs in cohort.items()}


def _before(rollout: Rollout, now: datetime) -> dict[str, Any]:
    """Return what the rules saw of the rollout, kept so that the decision can be replayed."""
    held, over = held_and_over(feature_queries.stopped().get(rollout.feature_id))
    return {
        "status": rollout.status,
        "stage": rollout.stage,
        "attempt": rollout.attempt,
        "due_at": rollout.due_at.isoformat() if rollout.due_at else None,
        "paused_by": rollout.paused_by,
        "stopped_because": rollout.stopped_because,
        "switched_at": rollout.switched_at.isoformat() if rollout.switched_at else None,
        "flag_killed": flag_queries.killed_because(rollout.feature.flag),
        "sev1": open_sev1(rollout.feature_id, now),
        "frozen": frozen(now),
        "feature_held": held,
        "feature_over": over,
    }
