"""After a rollback: the failing cases of the people who had the feature, with what each saw (R190)."""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.rollouts.domain.fixes import FailedCase, FixDone, FixList
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.types import Move
from companyos.adoption.rollouts.models import DecisionRecord, Fix, Rollout, StageRun
from companyos.adoption.rollouts.queries.stages import joining
from companyos.adoption.telemetry import queries as telemetry
from companyos.adoption.telemetry.queries import Span
from companyos.adoption.telemetry.queries.failing import MOST_CASES
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants


def fix_list(plan: str, *, now: datetime) -> FixList | None:
    """Return what the latest rollback left to mend; None for a rollout that was never taken back."""
    row = Rollout.objects.filter(pk=plan).select_related("feature").first()
    back = (
        DecisionRecord.objects.filter(rollout_id=plan, move=Move.ROLL_BACK).order_by("-version").first()
        if row
        else None
    )
    if row is None or back is None:
        return None
    run = StageRun.objects.get(rollout=row, stage=back.stage, attempt=back.attempt)
    document = Plan.from_document(row.document)
    people = joining(document, document.index_of(back.stage), identity.everybody())
    span = Span(row.feature_id, tuple(sorted(tenants.titles())), run.entered_at, back.at)
    cases = telemetry.failing_cases(span, flag=row.feature.flag, people=people)
    served = _served_during(row, run)
    fixes = Fix.objects.filter(rollout=row, at__gte=back.at).order_by("at")
    return FixList(
        plan,
        document.title,
        back.stage,
        back.attempt,
        back.because,
        back.at,
        row.feature.flag,
        len(people),
        tuple(
            FailedCase(
                each.case,
                each.tenant,
                each.failures,
                each.first,
                each.last,
                each.kinds,
                each.errors,
                each.variant,
                served,
                each.traces,
            )
            for each in cases
        ),
        MOST_CASES,
        tuple(FixDone(fix.at, identity.name_of(fix.by), fix.summary, fix.link) for fix in fixes),
        now,
    )


def _served_during(row: Rollout, run: StageRun) -> int | None:
    """Return the ruleset that put these people on: of the decision that entered the attempt."""
    on_since = run.switched_at or run.entered_at
    entered = DecisionRecord.objects.filter(rollout=row, at=on_since).exclude(ruleset_version=None)
    return entered.order_by("-version").values_list("ruleset_version", flat=True).first()
