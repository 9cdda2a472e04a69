"""The whole rollout as one JSON-able document: what a rehearsal's report and the management API give."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from companyos.adoption.features.domain.types import FeatureState
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.stage_plan import StagePlan
from companyos.adoption.rollouts.domain.types import StageState, Status
from companyos.adoption.rollouts.models import DecisionRecord, Fix, Propagated, Rollout, StageRun
from companyos.adoption.rollouts.queries.fix_list import fix_list
from companyos.adoption.rollouts.queries.foretold import foretold
from companyos.adoption.rollouts.queries.replays import replay_all
from companyos.adoption.rollouts.queries.state import gate_from, latest_gates
from companyos.adoption.rollouts.queries.trail import decisions_of

_WORST = 20


def final_state(plan: str) -> str:
    """Return the feature's state, or `held` when a person or a gate stopped its rollout."""
    row = Rollout.objects.select_related("feature").get(pk=plan)
    stopped = row.status in (Status.PAUSED, Status.ROLLED_BACK)
    return FeatureState.HELD if stopped else str(row.feature.state)


def report(plan: str, *, now: datetime) -> dict[str, Any]:
    """Return the whole rollout as a JSON-able document: stages, decisions, readiness, propagation, fixes, forecasts."""
    row = Rollout.objects.get(pk=plan)
    document = Plan.from_document(row.document)
    replays = replay_all(plan)
    return {
        "final_state": final_state(plan),
        "stages": [_reported_stage(row, document, stage) for stage in _attempts(row, document)],
        "decisions": [_reported_decision(each) for each in decisions_of(plan)],
        "replayed": {"decisions": len(replays), "the_same": sum(each.replay.agrees for each in replays)},
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
        "to_mend": _to_mend(plan, now),
        "foretold": [
            {
                "stage": each.stage,
                "attempt": each.attempt,
                "says": each.says,
                "low": each.low,
                "high": each.high,
                "outcome": each.outcome,
                "pit": each.pit,
            }
            for each in foretold(plan)
        ],
        "fixes": [
            {"at": fix.at.isoformat(), "by": fix.by, "summary": fix.summary, "link": fix.link}
            for fix in Fix.objects.filter(rollout=row).order_by("at")
        ],
    }


def _to_mend(plan: str, now: datetime) -> list[dict[str, Any]]:
    """Return the worst failing cases of the latest rollback; nothing without one."""
    found = fix_list(plan, now=now)
    return [
        {
            "case": each.case,
            "tenant": each.tenant,
            "failures": each.failures,
            "errors": list(each.errors),
            "variant": each.variant,
            "ruleset_version": each.version,
            "traces": list(each.traces),
        }
        for each in (found.cases[:_WORST] if found else ())
    ]


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
        "switched_at": each.switched_at.isoformat() if each.switched_at else None,
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
