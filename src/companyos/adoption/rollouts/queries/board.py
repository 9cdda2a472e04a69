"""Everything the rollout board shows, gathered into one frozen page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from companyos.adoption.features import queries as features
from companyos.adoption.rollouts.domain.board import (
    Board,
    EntryRow,
    GateTile,
    Practised,
    Propagation,
    Reading,
    RiskRow,
    TaskRow,
)
from companyos.adoption.rollouts.domain.gate_specs import GateKind, RiskAction, RiskSpec, Window
from companyos.adoption.rollouts.domain.guardrail import CAVEAT
from companyos.adoption.rollouts.domain.plan import Plan, Reach
from companyos.adoption.rollouts.domain.risks import hit_when
from companyos.adoption.rollouts.domain.shadow import is_in_shadow
from companyos.adoption.rollouts.domain.stage_plan import TaskSpec
from companyos.adoption.rollouts.domain.types import Gate, Status, Verdict
from companyos.adoption.rollouts.models import (
    DecisionRecord,
    EntryAction,
    GateReading,
    Propagated,
    Rollout,
    TaskDone,
)
from companyos.adoption.rollouts.queries.checkpoints import checkpoints
from companyos.adoption.rollouts.queries.controls import controls
from companyos.adoption.rollouts.queries.foretold import foretold
from companyos.adoption.rollouts.queries.overlaps import overlapping
from companyos.adoption.rollouts.queries.plan_dates import dates_of
from companyos.adoption.rollouts.queries.policies import frozen
from companyos.adoption.rollouts.queries.stage_approvals import asked_of_people
from companyos.adoption.rollouts.queries.stages import stage_rows
from companyos.adoption.rollouts.queries.state import latest_gates
from companyos.adoption.rollouts.queries.trail import decision_row, decisions_of
from companyos.adoption.telemetry.domain.comparison import Compares
from companyos.kernel.evidence import Question, ask, is_offered
from companyos.people.identity import queries as identity
from companyos.platform.instance import instance

_CHART_POINTS = 60
_DRILL = "playbooks.drill"
_STATUS_WORDS = {
    Status.PLANNED: "Not started",
    Status.ACTIVE: "On",
    Status.PAUSED: "Paused",
    Status.ROLLED_BACK: "Taken back",
    Status.COMPLETED: "Ready for external GA",
    Status.KILLED: "Killed",
}


def board(plan: str, *, viewer: str, now: datetime) -> Board | None:
    """Return everything the rollout board shows; None for an unknown rollout."""
    row = Rollout.objects.filter(pk=plan).select_related("feature").first()
    feature = features.feature(row.feature_id) if row else None
    if row is None or feature is None:
        return None
    document, gates = Plan.from_document(row.document), latest_gates(plan, row.stage, row.attempt)
    decisions = decisions_of(plan)[::-1]
    because, rule = _why(row, decisions[0] if decisions else None, gates)
    readings = GateReading.objects.filter(rollout=row).order_by("-at")
    checked_at = readings.values_list("at", flat=True).first()
    titles = {team.slug: team.title for team in identity.teams()}
    return Board(
        plan=plan,
        title=document.title,
        feature=feature.slug,
        feature_state=feature.state.value.replace("_", " "),
        owner=titles.get(feature.owner, feature.owner),
        lead=identity.name_of(document.lead),
        flag=feature.flag,
        status=Status(row.status),
        version=row.version,
        started_at=row.started_at,
        planned_internal_ga=_planned_internal_ga(row, document),
        headline=_headline(row, document),
        because=because,
        rule=rule,
        decided_at=decisions[0].at if decisions else None,
        stage=row.stage,
        stages=stage_rows(row, document, gates, now),
        gates=tuple(_tile(row, gate, document) for gate in gates if gate.kind != GateKind.RISK),
        tasks=tuple(_task(row, task, titles) for task in document.stage(row.stage).tasks)
        if row.stage
        else (),
        decisions=tuple(decision_row(each) for each in decisions),
        controls=controls(row, document, gates, viewer, now),
        propagation=_propagation(row),
        checked_at=checked_at,
        now=max(now, checked_at or now),  # a rehearsal's clock follows its tick
        frozen=frozen(now),
        way_back=_way_back(feature.slug, now),
        overlaps=overlapping(row, document),
        risks=_matrix(document, gates),
        dates=dates_of(row, document, instance().calendar, now),
        foretold=foretold(plan),
        checkpoints=checkpoints(plan, calendar=instance().calendar, now=now),
        asked=asked_of_people(document, row.stage, row.attempt),
        entries=tuple(
            EntryRow(each.action.replace("_", " "), each.due_at, each.says)
            for each in EntryAction.objects.filter(
                rollout=row, stage=row.stage, attempt=row.attempt
            ).order_by("id")
        ),
    )


def _way_back(feature: str, now: datetime) -> Practised | None:
    """Ask for the drill of the way back, as a gate of this task would."""
    if not is_offered(_DRILL):
        return None
    nobody: frozenset[str] = frozenset()
    fact = ask(_DRILL, Question(feature, now, now, nobody, nobody, parameters={"task": "drill-rollback"}))
    asked = fact.details.get("asked")
    if not asked:
        return Practised(fact.problem, False)
    return Practised(asked[0]["because"], asked[0]["counts"], fact.details.get("link", ""))


def _headline(row: Rollout, plan: Plan) -> str:
    if row.status == Status.ACTIVE and is_in_shadow(plan, row.stage, row.switched_at):
        return "In shadow"
    return _STATUS_WORDS[Status(row.status)]


def _why(row: Rollout, last: DecisionRecord | None, gates: tuple[Gate, ...]) -> tuple[str, str]:
    """Return the sentence under the headline and the rule behind it."""
    if last is None:
        return "The plan is loaded; its lead starts it.", ""
    if row.status != Status.ACTIVE:
        return last.because, last.rule
    waiting = [gate for gate in gates if gate.verdict is not Verdict.PASSED]
    because = f"{len(gates) - len(waiting)} of {len(gates)} gates passed."
    if not waiting:
        return because, last.rule
    return (
        f"{because} Next: {waiting[0].title or waiting[0].name}: {waiting[0].because}.",
        "pending_evidence_waits",
    )


def _planned_internal_ga(row: Rollout, plan: Plan) -> datetime | None:
    weeks = next((stage.week for stage in plan.stages if stage.slug == "internal_ga"), None)
    return row.started_at + timedelta(weeks=weeks) if row.started_at and weeks is not None else None


def _tile(row: Rollout, gate: Gate, plan: Plan) -> GateTile:
    bodies = GateReading.objects.filter(
        rollout=row, stage=row.stage, attempt=row.attempt, gate=gate.name
    ).order_by("-at")[:_CHART_POINTS]
    points = tuple(
        Reading(r.at, r.body["value"], r.body["low"], r.body["high"]) for r in reversed(list(bodies))
    )
    spec = next(spec for spec in plan.gates_of(row.stage) if spec.name == gate.name)
    window = {"two_sprints": "last two sprints"}.get(spec.window or "", "since this stage began")
    shown = points if len(points) > 1 else ()
    if spec.kind is not GateKind.GUARDRAIL:
        return GateTile(gate, window, shown)
    comparison = plan.stage(row.stage).comparison
    caveat = CAVEAT if comparison.kind is Compares.TEAMS else ""
    return GateTile(gate, window, shown, comparison.says(), caveat)


_OVER = {
    Window.STAGE: "since the stage began",
    Window.TWO_SPRINTS: "over the last two sprints",
    Window.FEATURE: "since each person's first use",
}


def _matrix(plan: Plan, gates: tuple[Gate, ...]) -> tuple[RiskRow, ...]:
    """Return every row of the risk matrix beside its live value; one that is not judged yet has no value."""
    live = {gate.name: gate for gate in gates if gate.kind == GateKind.RISK}
    return tuple(
        RiskRow(
            risk.title,
            risk.metric.rpartition(".")[2].removesuffix("_ms").replace("_", " "),
            hit_when(risk),
            _OVER[risk.window],
            _done_when_hit(risk, plan),
            live.get(risk.name),
        )
        for risk in plan.risks
    )


def _done_when_hit(risk: RiskSpec, plan: Plan) -> str:
    if risk.action is not RiskAction.ROLL_BACK:
        return {RiskAction.HOLD: "hold", RiskAction.PAGE: "page the lead"}[risk.action]
    reach = Reach(risk.reach) if risk.reach else plan.rolls_back
    return "roll back " + {Reach.STAGE: "the last stage", Reach.EVERYTHING: "everything"}[reach]


def _task(row: Rollout, task: TaskSpec, titles: Mapping[str, str]) -> TaskRow:
    done = list(TaskDone.objects.filter(rollout=row, task=task.slug).order_by("at"))
    last = done[-1] if done else None
    by = identity.name_of(last.by) if last else ""
    owner, last_at = titles.get(task.owner) or identity.name_of(task.owner), last.at if last else None
    return TaskRow(task.slug, task.title, owner, task.cadence, len(done), last_at, by)


def _propagation(row: Rollout) -> Propagation | None:
    decision = (
        DecisionRecord.objects.filter(rollout=row).exclude(ruleset_version=None).order_by("-version").first()
    )
    spread = Propagated.objects.filter(decision=decision.id).first() if decision else None
    if spread is None:
        return None
    return Propagation(spread.version, spread.people, spread.providers, spread.confirmed, spread.seconds)
