"""Drills with what was done in them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from companyos.change.playbooks.domain.reading import steps_from
from companyos.change.playbooks.domain.types import DrillRow, Finding, Kind, Result, Target, Tick
from companyos.change.playbooks.models import Drill, DrillFinding, DrillTick


def drills(*, playbook: str = "", limit: int = 500) -> tuple[DrillRow, ...]:
    """Return drills, the newest first: of one playbook, or of all."""
    rows = Drill.objects.filter(playbook=playbook) if playbook else Drill.objects.all()
    return _rows(rows.order_by("-began_at", "-id")[:limit])


def drills_of(features: Iterable[str]) -> tuple[DrillRow, ...]:
    """Return the drills of these features and those of the whole system, the newest first."""
    mine = Q(feature__in=[*features, ""], kind__in=[Kind.ROLLBACK, Kind.RECOVERY])
    return _rows(Drill.objects.filter(mine).order_by("-began_at", "-id"))


def find_drill(drill: str) -> DrillRow | None:
    if not is_id(drill):
        return None
    return next(iter(_rows(Drill.objects.filter(pk=drill))), None)


def ticks(drill: str) -> tuple[Tick, ...]:
    """Return every word on the steps of a drill, in the order they were given."""
    rows = DrillTick.objects.filter(drill__pk=drill).order_by("id")
    return tuple(Tick(t.step, t.at, t.by, t.holds, t.evidence, t.link) for t in rows)


def findings(drill: str) -> tuple[Finding, ...]:
    rows = DrillFinding.objects.filter(drill__pk=drill).order_by("n")
    return tuple(
        Finding(f.n, f.says, f.owner, f.due_on, f.at, f.by, str(f.case) if f.case else "") for f in rows
    )


def is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _rows(found: QuerySet[Drill]) -> tuple[DrillRow, ...]:
    return tuple(_row(each) for each in found.prefetch_related("roles"))


def _row(d: Drill) -> DrillRow:
    roles = tuple(sorted((each.role, each.person) for each in d.roles.all()))
    target = Target(d.rollback_seconds, d.rto_minutes, d.rpo_minutes)
    result = Result(d.result) if d.result else None
    return DrillRow(
        str(d.pk), d.playbook, d.version, d.title, Kind(d.kind), d.scenario, d.feature, d.feature_version,
        steps_from(d.steps), target, d.owner, d.began_at, d.began_by, roles, d.done_at, d.ended_at, d.ended_by,
        d.lost_minutes, result, d.because, d.rule,
    )  # fmt: skip
