"""A move is one transaction: compare-and-swap on the rollout's version, the stage, the flag's cohort, the decision with
its evidence, and the message to everybody who listens. What it changes is decided in `domain/moves.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from companyos.adoption.features import actions as features
from companyos.adoption.features import queries as feature_queries
from companyos.adoption.features.domain.types import FeatureState
from companyos.adoption.flags import actions as flags
from companyos.adoption.flags import queries as flag_queries
from companyos.adoption.flags.domain.refusals import Refused as FlagRefused
from companyos.adoption.flags.domain.types import Cohort, people_of
from companyos.adoption.rollouts.actions.plans import may_act
from companyos.adoption.rollouts.actions.refusals import NotYours, Overtaken, Refused
from companyos.adoption.rollouts.domain.cohorts import cohort_at, on_today
from companyos.adoption.rollouts.domain.decide import Decision, why_not
from companyos.adoption.rollouts.domain.entry import entries_of
from companyos.adoption.rollouts.domain.moves import Asked, Row, changed_by
from companyos.adoption.rollouts.domain.plan import Beside, Plan, Reach
from companyos.adoption.rollouts.domain.replay import BY_A_PERSON
from companyos.adoption.rollouts.domain.risks import reach_of
from companyos.adoption.rollouts.domain.types import Gate, Move, StageState, Status
from companyos.adoption.rollouts.models import (
    DecisionRecord,
    EntryAction,
    EvidenceRecord,
    PlanVersion,
    Propagated,
    Rollout,
    StageRun,
)
from companyos.adoption.rollouts.queries.plan_dates import dates_of
from companyos.adoption.rollouts.queries.policies import frozen, held_and_over, open_sev1
from companyos.adoption.rollouts.queries.situation import situation_of
from companyos.kernel.business_time import WorkingCalendar
from companyos.kernel.evidence import Fact
from companyos.kernel.ids import id_of
from companyos.people.identity import queries as identity
from companyos.people.identity.domain.types import PersonRow
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


def move(
    *,
    actor: str,
    plan: str,
    decision: Decision,
    version: int,
    judged: Judged,
    calendar: WorkingCalendar,
    now: datetime,
    reach: Reach | None = None,
) -> str:
    """Carry out one decision and return its id. Raises Overtaken when the rollout has moved since `version`."""
    with transaction.atomic():
        rollout = Rollout.objects.select_for_update().get(pk=plan)
        if rollout.version != version:
            raise Overtaken(
                f"The rollout has moved since (version {rollout.version}, not {version}). Look again."
            )
        step = _Step(
            actor, rollout, Plan.from_document(rollout.document), decision, judged, calendar, now, reach
        )
        changes = step.changes()
        swapped = Rollout.objects.filter(pk=plan, version=version).update(version=version + 1, **changes)
        if swapped != 1:
            raise Overtaken("Somebody else moved the rollout at the same moment. Look again.")
        return step.record(version + 1)


def person_moves(
    *,
    actor: str,
    plan: str,
    wanted: Move,
    reason: str,
    version: int,
    judged: Judged,
    calendar: WorkingCalendar,
    now: datetime,
    reach: Reach | None = None,
) -> str:
    """A person's own move, with a reason; `reach` is how far a rollback goes, where not as far as the plan says.

    Raises Refused with why it is not possible.
    """
    if not reason.strip():
        raise Refused("Say why: a reason is kept with every move.")
    rollout = Rollout.objects.get(pk=plan)
    document = Plan.from_document(rollout.document)
    if not may_act(actor, document):
        raise NotYours("Only the plan's lead and the role holders named in the plan may move this rollout.")
    situation = situation_of(rollout, plan=document, flag=rollout.feature.flag, gates=judged.gates, now=now)
    if refusal := why_not(wanted, situation):
        raise Refused(f"Not possible: {refusal}.")
    done = Move.COMPLETE if wanted is Move.ADVANCE and document.is_last(rollout.stage) else wanted
    decision = Decision(done, reason.strip(), BY_A_PERSON)
    return move(
        actor=actor,
        plan=plan,
        decision=decision,
        version=version,
        judged=judged,
        calendar=calendar,
        now=now,
        reach=reach,
    )


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


def _row_of(rollout: Rollout) -> Row:
    names = (each.name for each in fields(Row))
    return Row(**{name: getattr(rollout, name) for name in names} | {"status": Status(rollout.status)})


class _Step:
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
        self.row, self.before = _row_of(rollout), _before(rollout, now)
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
            self._put_on(change.on, change.row.stage if change.shadows else "")
        if change.begins:
            self._begin(change.row)
        elif self.decision.move is Move.SWITCH_OVER:
            self._run().update(switched_at=self.now)
        if change.settles_in:
            self._set_going(change.row)
        if change.lets_go:
            flags.let_go(flag=self._flag())
        self.row = change.row
        return asdict(change.row)

    def record(self, version: int) -> str:
        """Write the decision with its frozen evidence and tell the listeners."""
        evidence = [self._freeze(name, fact) for name, fact in sorted(self.judged.facts.items())]
        if self.ruleset is not None:
            evidence.append(self._freeze("cohort", flag_queries.cohort_fact(self._flag(), self.ruleset)))
        decision_id = id_of(self.now, "decision", self.rollout.plan, version)
        PlanVersion.objects.get_or_create(
            sha256=self.rollout.plan_sha256, defaults={"document": self.rollout.document}
        )
        DecisionRecord.objects.create(
            id=decision_id,
            rollout=self.rollout,
            version=version,
            at=self.now,
            move=self.decision.move,
            rule=self.decision.rule,
            because=self.decision.because,
            actor=self.actor,
            stage=self.row.stage,
            attempt=self.row.attempt,
            plan_sha256=self.rollout.plan_sha256,
            before=self.before,
            gates=[asdict(gate) for gate in self.judged.gates],
            evidence=evidence,
            ruleset_version=self.ruleset,
            people=self.people_moved,
        )
        if self.ruleset is not None:
            Propagated.objects.create(
                version=self.ruleset,
                decision=decision_id,
                people=self.people_moved,
                providers=flag_queries.propagation(now=self.now).providers,
            )
        if self.decision.move is Move.PAUSE and self.decision.rule != BY_A_PERSON:
            told = {"rollout": self.rollout.plan, "to": self.plan.lead, "because": self.decision.because}
            outbox.publish("rollout.paged", told, at=self.now)
        outbox.publish(
            "rollout.moved", {"rollout": self.rollout.plan, "move": self.decision.move}, at=self.now
        )
        self._say_what_slipped()
        return str(decision_id)

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
                "action": entry.action,
                "says": entry.says,
            }
            outbox.publish("rollout.entered", {**body, "due_at": entry.due_at.isoformat()}, at=self.now)

    def _say_what_slipped(self) -> None:
        """A move that changes when later stages begin says so, with the new dates."""
        for name, value in asdict(self.row).items():
            setattr(self.rollout, name, value)
        late = [
            {"stage": each.stage, "expected": each.expected.isoformat(), "late": each.late}
            for each in dates_of(self.rollout, self.plan, self.calendar, self.now)
            if not each.entered and each.late > 0
        ]
        if late:
            outbox.publish("rollout.replanned", {"rollout": self.rollout.plan, "stages": late}, at=self.now)

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

    def _put_on(self, index: int, in_shadow: str = "") -> None:
        """Switch the flag to the cohort of stage `index` (-1: nobody) and count whom it moves.

        The people whom the stage `in_shadow` adds keep the old path, with the new one run beside it.
        """
        flag, people = self._flag(), identity.everybody()
        before = people_of(flag_queries.cohort_of(flag))
        today = self.now.astimezone(self.calendar.zone).date()
        cohort = on_today(self.plan, index, people, today)
        shadow, mode = self._shadow(in_shadow, cohort, people)
        self.people_moved = len((before ^ people_of(cohort)) | people_of(shadow))
        try:
            self.ruleset = flags.put_on(
                actor=self.actor,
                flag=flag,
                cohort=cohort,
                because=self.decision.because,
                now=self.now,
                driver=self.rollout.plan,
                shadow=shadow,
                shadow_as=mode,
            )
        except FlagRefused as refusal:
            raise Refused(str(refusal)) from None

    def _shadow(self, stage: str, on: Cohort, people: Sequence[PersonRow]) -> tuple[Cohort, Beside]:
        planned = self.plan.stage(stage).shadow if stage else None
        if planned is None:
            return {}, Beside.SHADOW
        joining = cohort_at(self.plan, self.plan.index_of(stage), people)
        return {
            tenant: slugs - on.get(tenant, frozenset()) for tenant, slugs in joining.items()
        }, planned.mode

    def _flag(self) -> str:
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

    def _freeze(self, gate: str, fact: Fact) -> dict[str, str]:
        evidence_id = id_of(self.now, "evidence", gate, fact.sha256)
        EvidenceRecord.objects.get_or_create(
            id=evidence_id,
            defaults={"name": fact.name, "sha256": fact.sha256, "at": self.now, "body": asdict(fact)},
        )
        return {"gate": gate, "name": fact.name, "id": str(evidence_id), "sha256": fact.sha256}
