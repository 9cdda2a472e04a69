"""A rollout at this moment, as the management API shows it."""

from __future__ import annotations

from typing import Any

from companyos.adoption.flags import queries as flags
from companyos.adoption.flags.domain.types import people_of
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.shadow import is_in_shadow
from companyos.adoption.rollouts.models import Rollout, TaskDone
from companyos.adoption.rollouts.queries.stage_approvals import approved_roles, stage_request
from companyos.adoption.rollouts.queries.state import latest_gates


def current(plan: str) -> dict[str, Any] | None:
    """Return the rollout as the management API shows it."""
    row = Rollout.objects.filter(pk=plan).select_related("feature").first()
    if row is None:
        return None
    document = Plan.from_document(row.document)
    stage = document.stage(row.stage) if row.stage else document.stages[0]
    done = {t.task: t.at for t in TaskDone.objects.filter(rollout=row).order_by("at")}
    asked = stage_request(plan, row.stage, row.attempt)
    approved = approved_roles(asked)
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
        "in_shadow": is_in_shadow(document, row.stage, row.switched_at),
        "switched_at": row.switched_at.isoformat() if row.switched_at else None,
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
        "approval_request": asked.id if asked else None,
    }
