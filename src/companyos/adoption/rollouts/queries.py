"""Rollouts: frozen rows out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from companyos.adoption.features import queries as features
from companyos.adoption.features.domain.types import FeatureState
from companyos.adoption.flags import queries as flags
from companyos.adoption.flags.domain.types import people_of
from companyos.adoption.rollouts.domain.board import (
    Board,
    Control,
    DecisionRow,
    EvidenceLink,
    GateTile,
    Propagation,
    Reading,
    StageRow,
    TaskRow,
)
from companyos.adoption.rollouts.domain.cohorts import cohort_at
from companyos.adoption.rollouts.domain.decide import Situation, why_not
from companyos.adoption.rollouts.domain.plan import Plan, StagePlan
from companyos.adoption.rollouts.domain.types import Gate, Move, StageState, Status, Verdict
from companyos.adoption.rollouts.models import (
    ApprovalGiven,
    DecisionRecord,
    EvidenceRecord,
    Fix,
    GateReading,
    Propagated,
    Rollout,
    StageRun,
    TaskDone,
)
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants

_RUNNING = (Status.ACTIVE, Status.PAUSED)
_CHART_POINTS = 60
_TITLES = {
    Move.START: "Started",
    Move.ADVANCE: "Advanced",
    Move.COMPLETE: "Ready for external GA",
    Move.PAUSE: "Paused",
    Move.RESUME: "Resumed",
    Move.ROLL_BACK: "Taken back",
    Move.KILL: "Killed",
}
_LABELS = {
    Move.START: "Start",
    Move.PAUSE: "Pause…",
    Move.RESUME: "Resume…",
    Move.ROLL_BACK: "Roll back…",
    Move.ADVANCE: "Advance…",
}


@dataclass(frozen=True, slots=True)
class State:
    """A rollout as the controller sees it."""

    plan: Plan
    feature: str
    owner: str
    version: int
    status: Status
    stage: str
    attempt: int
    entered_at: datetime
    first_entered_at: datetime
    due_at: datetime
    production_since: datetime | None
    people: frozenset[str]
    newly_on: frozenset[str]
    paused_by: str
    stopped_because: str
    flag: str


def running() -> tuple[State, ...]:
    rows = Rollout.objects.filter(status__in=_RUNNING).select_related("feature").order_by("plan")
    return tuple(_state(row) for row in rows)


def state(plan: str) -> State | None:
    """Return the state of a rollout that has begun; None for one that has not, or is unknown."""
    row = Rollout.objects.filter(pk=plan).select_related("feature").first()
    return _state(row) if row and row.stage else None


def version_of(plan: str) -> int | None:
    return Rollout.objects.filter(pk=plan).values_list("version", flat=True).first()


def plan_of(plan: str) -> Plan | None:
    document = Rollout.objects.filter(pk=plan).values_list("document", flat=True).first()
    return Plan.from_document(document) if document else None


def plans() -> tuple[tuple[str, str, str, str], ...]:
    """Return (plan, feature, status, stage) of every rollout."""
    return tuple(Rollout.objects.order_by("plan").values_list("plan", "feature_id", "status", "stage"))


def latest_gates(plan: str, stage: str, attempt: int) -> tuple[Gate, ...]:
    """Return the gates as last judged, in the plan's order."""
    newest = (
        GateReading.objects.filter(rollout_id=plan, stage=stage, attempt=attempt)
        .order_by("-at")
        .values_list("at", flat=True)
        .first()
    )
    if newest is None:
        return ()
    rows = GateReading.objects.filter(rollout_id=plan, stage=stage, attempt=attempt, at=newest)
    return tuple(gate_from(row.body) for row in rows.order_by("id"))


def gate_from(body: Mapping[str, Any]) -> Gate:
    return Gate(**{**body, "verdict": Verdict(body["verdict"])})


def _state(row: Rollout) -> State:
    plan = Plan.from_document(row.document)
    index, people = plan.index_of(row.stage), identity.everybody()
    on = people_of(cohort_at(plan, index, people))
    before = people_of(cohort_at(plan, index - 1, people)) if index else frozenset()
    assert row.entered_at is not None
    assert row.due_at is not None
    return State(
        plan,
        row.feature_id,
        row.feature.owner_id,
        row.version,
        Status(row.status),
        row.stage,
        row.attempt,
        row.entered_at,
        _first_entered(row.plan, row.stage) or row.entered_at,
        row.due_at,
        _production_since(row.plan, plan),
        on,
        on - before,
        row.paused_by,
        row.stopped_because,
        row.feature.flag,
    )


def _first_entered(plan: str, stage: str) -> datetime | None:
    return (
        StageRun.objects.filter(rollout_id=plan, stage=stage)
        .order_by("attempt")
        .values_list("entered_at", flat=True)
        .first()
    )


def _production_since(rollout: str, plan: Plan) -> datetime | None:
    """Return when the feature was first on in a production tenant: sprints count from there (P3)."""
    production = tenants.production_tenants()
    for stage in plan.stages:
        if any(part.tenant in production for part in stage.cohort):
            return _first_entered(rollout, stage.slug)
    return None


# --- the report ---------------------------------------------------------------------------------------------


def final_state(plan: str) -> str:
    """Return the feature's state, or `held` when a person or a gate stopped its rollout."""
    row = Rollout.objects.select_related("feature").get(pk=plan)
    stopped = row.status in (Status.PAUSED, Status.ROLLED_BACK)
    return FeatureState.HELD if stopped else str(row.feature.state)


def report(plan: str) -> dict[str, Any]:
    """Return the whole rollout as a JSON-able document: stages, decisions, readiness, propagation, fixes."""
    row = Rollout.objects.get(pk=plan)
    document = Plan.from_document(row.document)
    return {
        "final_state": final_state(plan),
        "stages": [_reported_stage(row, document, stage) for stage in _attempts(row, document)],
        "decisions": [_reported_decision(each) for each in _decisions(plan, newest_first=False)],
        "readiness": _readiness(row, document),
        "advanced_without_proof": [
            {"stage": run.stage, "attempt": run.attempt, "because": run.without_proof}
            for run in StageRun.objects.filter(rollout=row).exclude(without_proof="").order_by("entered_at")
        ],
        "propagation": [
            {
                "version": each.version,
                "people": each.people,
                "providers": each.providers,
                "confirmed": each.confirmed,
                "seconds": each.seconds,
            }
            for each in Propagated.objects.order_by("version")
        ],
        "fixes": [
            {"at": fix.at.isoformat(), "by": fix.by, "summary": fix.summary, "link": fix.link}
            for fix in Fix.objects.filter(rollout=row).order_by("at")
        ],
    }


def _attempts(row: Rollout, plan: Plan) -> list[StageRun | StagePlan]:
    runs = list(StageRun.objects.filter(rollout=row).order_by("entered_at", "id"))
    seen = {run.stage for run in runs}
    return [*runs, *(stage for stage in plan.stages if stage.slug not in seen)]


def _reported_stage(row: Rollout, plan: Plan, each: StageRun | StagePlan) -> dict[str, Any]:
    if isinstance(each, StagePlan):
        return {
            "name": each.slug,
            "attempt": 0,
            "tenants": _tenants_of(each),
            "state": StageState.WAITING,
            "entered_at": None,
            "left_at": None,
            "gates": [],
        }
    gates = [gate_from(body) for body in each.gates] or list(latest_gates(row.plan, each.stage, each.attempt))
    return {
        "name": each.stage,
        "attempt": each.attempt,
        "tenants": _tenants_of(plan.stage(each.stage)),
        "state": each.state,
        "people": each.people,
        "entered_at": each.entered_at.isoformat(),
        "left_at": each.left_at.isoformat() if each.left_at else None,
        "gates": [{"name": g.name, "verdict": g.verdict, "because": g.because, "n": g.n} for g in gates],
    }


def _tenants_of(stage: StagePlan) -> list[str]:
    return sorted({part.tenant for part in stage.cohort})


def _reported_decision(each: DecisionRecord) -> dict[str, Any]:
    return {
        "id": str(each.id),
        "at": each.at.isoformat(),
        "move": each.move,
        "rule": each.rule,
        "because": each.because,
        "actor": each.actor,
        "stage": each.stage,
        "attempt": each.attempt,
        "people": each.people,
        "ruleset_version": each.ruleset_version,
        "evidence": each.evidence,
    }


def _readiness(row: Rollout, plan: Plan) -> list[dict[str, Any]]:
    last = plan.stages[-1].slug
    run = StageRun.objects.filter(rollout=row, stage=last).order_by("-attempt").first()
    judged = {}
    if run:
        gates = [gate_from(b) for b in run.gates] or list(latest_gates(row.plan, last, run.attempt))
        judged = {gate.name: gate for gate in gates}
    return [
        {
            "name": spec.name,
            "title": spec.title,
            "verdict": judged[spec.name].verdict if spec.name in judged else "waiting",
            "because": judged[spec.name].because if spec.name in judged else "",
            "n": judged[spec.name].n if spec.name in judged else None,
            "serves": spec.serves,
        }
        for spec in plan.stages[-1].gates
    ]


def readiness(plan: str) -> list[dict[str, Any]]:
    row = Rollout.objects.get(pk=plan)
    return _readiness(row, Plan.from_document(row.document))


def _decisions(plan: str, *, newest_first: bool) -> list[DecisionRecord]:
    order = "-version" if newest_first else "version"
    return list(DecisionRecord.objects.filter(rollout_id=plan).order_by(order))


def current(plan: str) -> dict[str, Any] | None:
    """Return the rollout as the management API shows it."""
    row = Rollout.objects.filter(pk=plan).select_related("feature").first()
    if row is None:
        return None
    document = Plan.from_document(row.document)
    stage = document.stage(row.stage) if row.stage else document.stages[0]
    done = {t.task: t.at for t in TaskDone.objects.filter(rollout=row).order_by("at")}
    approved = set(
        ApprovalGiven.objects.filter(rollout=row, stage=row.stage, attempt=row.attempt).values_list(
            "role", flat=True
        )
    )
    roles = [role for gate in stage.gates for role in gate.roles]
    gates = latest_gates(plan, row.stage, row.attempt)
    return {
        "plan": plan,
        "feature": row.feature_id,
        "version": row.version,
        "status": row.status,
        "stage": row.stage,
        "attempt": row.attempt,
        "entered_at": row.entered_at.isoformat() if row.entered_at else None,
        "due_at": row.due_at.isoformat() if row.due_at else None,
        "paused_by": row.paused_by or None,
        "stopped_because": row.stopped_because or None,
        "feature_state": row.feature.state,
        "ruleset_version": flags.latest_version(),
        "people": len(people_of(flags.cohort_of(row.feature.flag))),
        "gates": [
            {
                "name": g.name,
                "kind": g.kind,
                "verdict": g.verdict,
                "because": g.because,
                "n": g.n,
                "value": g.value,
                "low": g.low,
                "high": g.high,
                "rolls_back": g.rolls_back,
            }
            for g in gates
        ],
        "tasks": [
            {
                "slug": t.slug,
                "title": t.title,
                "stage": stage.slug,
                "cadence": t.cadence,
                "owner": t.owner,
                "done": t.slug in done,
                "last_done_at": done[t.slug].isoformat() if t.slug in done else None,
            }
            for t in stage.tasks
        ],
        "approvals": [{"role": role, "approved": role in approved} for role in roles],
    }


# --- the board ----------------------------------------------------------------------------------------------


def board(plan: str, *, viewer: str, now: datetime) -> Board | None:
    """Return everything the rollout board shows."""
    row = Rollout.objects.filter(pk=plan).select_related("feature").first()
    if row is None:
        return None
    document = Plan.from_document(row.document)
    decisions = _decisions(plan, newest_first=True)
    gates = latest_gates(plan, row.stage, row.attempt)
    feature = features.feature(row.feature_id)
    assert feature is not None
    headline, because, rule, at = _headline(row, decisions, gates)
    return Board(
        plan=plan,
        title=document.title,
        feature=feature.slug,
        feature_state=feature.state.value.replace("_", " "),
        owner=feature.owner,
        lead=identity.name_of(document.lead),
        flag=feature.flag,
        status=Status(row.status),
        version=row.version,
        started_at=row.started_at,
        planned_internal_ga=_planned_internal_ga(row, document),
        headline=headline,
        because=because,
        rule=rule,
        decided_at=at,
        stage=row.stage,
        stages=tuple(_stage_row(row, document, index, gates, now) for index in range(len(document.stages))),
        gates=tuple(_tile(row, gate, document) for gate in gates),
        tasks=_tasks(row, document),
        decisions=tuple(_decision_row(each) for each in decisions),
        controls=_controls(row, document, gates, viewer),
        propagation=_propagation(row),
        checked_at=GateReading.objects.filter(rollout=row)
        .order_by("-at")
        .values_list("at", flat=True)
        .first(),
        now=now,
    )


def _headline(
    row: Rollout, decisions: list[DecisionRecord], gates: tuple[Gate, ...]
) -> tuple[str, str, str, datetime | None]:
    last = decisions[0] if decisions else None
    words = {
        Status.PLANNED: "Not started",
        Status.ACTIVE: "On",
        Status.PAUSED: "Paused",
        Status.ROLLED_BACK: "Taken back",
        Status.COMPLETED: "Ready for external GA",
        Status.KILLED: "Killed",
    }[Status(row.status)]
    if last is None:
        return words, "The plan is loaded; its lead starts it.", "", None
    if row.status == Status.ACTIVE:
        waiting = [gate for gate in gates if gate.verdict is not Verdict.PASSED]
        because = f"{len(gates) - len(waiting)} of {len(gates)} gates passed."
        if waiting:
            because += f" Next: {waiting[0].title or waiting[0].name}: {waiting[0].because}."
        return words, because, "pending_evidence_waits" if waiting else last.rule, last.at
    return words, last.because, last.rule, last.at


def _planned_internal_ga(row: Rollout, plan: Plan) -> datetime | None:
    weeks = next((stage.week for stage in plan.stages if stage.slug == "internal_ga"), None)
    return row.started_at + timedelta(weeks=weeks) if row.started_at and weeks is not None else None


def _stage_row(row: Rollout, plan: Plan, index: int, gates: tuple[Gate, ...], now: datetime) -> StageRow:
    stage = plan.stages[index]
    runs = list(StageRun.objects.filter(rollout=row, stage=stage.slug).order_by("attempt"))
    run = runs[-1] if runs else None
    current_stage = stage.slug == row.stage
    shown = gates if current_stage else tuple(gate_from(b) for b in (run.gates if run else []))
    titles = tenants.titles()
    spent = (run.left_at or now) - run.entered_at if run else None
    return StageRow(
        stage.slug,
        stage.title,
        tuple(titles.get(slug, slug) for slug in _tenants_of(stage)),
        _who(stage),
        run.people if run else len(_added(plan, index)),
        StageState(run.state) if run else StageState.WAITING,
        _state_words(row, run, current_stage),
        run.attempt if run else 0,
        sum(gate.verdict is Verdict.PASSED for gate in shown),
        len(stage.gates),
        _in_days(spent) if spent is not None else "",
        run.entered_at if run else None,
        run.left_at if run else None,
        current_stage,
    )


def _added(plan: Plan, index: int) -> frozenset[str]:
    people = identity.everybody()
    before = people_of(cohort_at(plan, index - 1, people)) if index else frozenset()
    return people_of(cohort_at(plan, index, people)) - before


def _who(stage: StagePlan) -> str:
    teams = {team.slug: team.title for team in identity.teams()}
    words: list[str] = []
    for part in stage.cohort:
        if part.teams:
            words.extend(teams.get(team, team) for team in part.teams)
        elif part.department:
            words.append(f"department {part.department.replace('-', ' ')}")
        else:
            words.append("everyone")
    return ", ".join(dict.fromkeys(words))


def _state_words(row: Rollout, run: StageRun | None, is_current: bool) -> str:
    if run is None:
        return "Waiting"
    if is_current and row.status == Status.PAUSED:
        return "Paused"
    return {
        StageState.ACTIVE: "On",
        StageState.PASSED: "Passed without proof" if run.without_proof else "Passed",
        StageState.ROLLED_BACK: "Taken back",
    }.get(StageState(run.state), run.state)


def _in_days(spent: timedelta) -> str:
    return f"{spent.days} d {spent.seconds // 3600:02d} h"


def _tile(row: Rollout, gate: Gate, plan: Plan) -> GateTile:
    bodies = GateReading.objects.filter(
        rollout=row, stage=row.stage, attempt=row.attempt, gate=gate.name
    ).order_by("-at")[:_CHART_POINTS]
    points = tuple(
        Reading(r.at, r.body["value"], r.body["low"], r.body["high"]) for r in reversed(list(bodies))
    )
    spec = next(spec for spec in plan.stage(row.stage).gates if spec.name == gate.name)
    window = {"two_sprints": "last two sprints"}.get(spec.window or "", "since this stage began")
    return GateTile(gate, window, points if len(points) > 1 else ())


def _tasks(row: Rollout, plan: Plan) -> tuple[TaskRow, ...]:
    if not row.stage:
        return ()
    rows = []
    for task in plan.stage(row.stage).tasks:
        done = list(TaskDone.objects.filter(rollout=row, task=task.slug).order_by("at"))
        last = done[-1] if done else None
        rows.append(
            TaskRow(
                task.slug,
                task.title,
                task.owner,
                task.cadence,
                len(done),
                last.at if last else None,
                identity.name_of(last.by) if last else "",
            )
        )
    return tuple(rows)


def _decision_row(each: DecisionRecord) -> DecisionRow:
    return DecisionRow(
        str(each.id),
        each.at,
        Move(each.move),
        _TITLES[Move(each.move)],
        each.because,
        each.rule,
        "Controller" if each.actor == "controller" else identity.name_of(each.actor),
        tuple(EvidenceLink(e["gate"], e["id"], e["sha256"]) for e in each.evidence),
    )


def _controls(row: Rollout, plan: Plan, gates: tuple[Gate, ...], viewer: str) -> tuple[Control, ...]:
    last = plan.is_last(row.stage) if row.stage else False
    killed = flags.killed_because(row.feature.flag)
    situation = Situation(Status(row.status), row.stage, last, gates, flag_killed=killed)
    yours = viewer == plan.lead or viewer in dict(plan.roles).values()
    moves = (
        [Move.START]
        if row.status == Status.PLANNED
        else [Move.ROLL_BACK, Move.PAUSE, Move.RESUME, Move.ADVANCE]
    )
    controls = []
    for wanted in moves:
        refusal = why_not(wanted, situation)
        if wanted in {Move.PAUSE, Move.RESUME} and refusal and len(moves) > 1:
            continue
        if not yours:
            refusal = "only the plan's lead and role holders may do this"
        controls.append(
            Control(
                wanted.value.replace("_", "-"),
                _LABELS[wanted],
                not refusal,
                refusal,
                _affected(row, plan, wanted),
            )
        )
    return tuple(controls)


def _affected(row: Rollout, plan: Plan, wanted: Move) -> int:
    if not row.stage:
        return len(_added(plan, 0))
    index = plan.index_of(row.stage)
    if wanted is Move.ADVANCE:
        return len(_added(plan, index + 1)) if index + 1 < len(plan.stages) else 0
    if wanted is Move.ROLL_BACK or (wanted is Move.RESUME and row.status == Status.ROLLED_BACK):
        return len(_added(plan, index))
    return 0


def _propagation(row: Rollout) -> Propagation | None:
    decision = (
        DecisionRecord.objects.filter(rollout=row).exclude(ruleset_version=None).order_by("-version").first()
    )
    spread = Propagated.objects.filter(decision=decision.id).first() if decision else None
    if spread is None:
        return None
    return Propagation(spread.version, spread.people, spread.providers, spread.confirmed, spread.seconds)


def decision_page(
    decision_id: str,
) -> tuple[DecisionRow, tuple[Gate, ...], str, str, int, str] | None:
    """Return one decision: the row, its gates as judged, rollout, stage, version and the plan's fingerprint."""
    each = DecisionRecord.objects.filter(pk=decision_id).first()
    if each is None:
        return None
    ids = {link["gate"]: link["id"] for link in each.evidence}
    gates = tuple(replace(gate, evidence=ids.get(gate.name)) for gate in map(gate_from, each.gates))
    return _decision_row(each), gates, each.rollout_id, each.stage, each.version, each.plan_sha256


def evidence_page(evidence_id: str) -> tuple[EvidenceRecord, tuple[DecisionRow, ...]] | None:
    """Return a frozen fact and the decisions that rest on it."""
    found = EvidenceRecord.objects.filter(pk=evidence_id).first()
    if found is None:
        return None
    same_moment = DecisionRecord.objects.filter(at=found.at).order_by("version")
    used_by = [each for each in same_moment if any(link["id"] == str(found.id) for link in each.evidence)]
    return found, tuple(_decision_row(each) for each in used_by)
