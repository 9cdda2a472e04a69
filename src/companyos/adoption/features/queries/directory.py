"""Areas and features: frozen rows out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.features.domain.states import STOPPED
from companyos.adoption.features.domain.types import AreaRow, FeatureRow, FeatureState, Intake
from companyos.adoption.features.models import Area, Feature, FeatureTransition, IntakeRecord, RefusedMove
from companyos.people.identity import queries as identity


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A move of a feature, made or refused."""

    at: datetime
    actor: str
    before: str
    after: str
    because: str
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Stopped:
    """A feature that a person holds or has ended; `says` is by whom and why."""

    state: FeatureState
    says: str

    @property
    def is_held(self) -> bool:
        return self.state is FeatureState.HELD


def features() -> tuple[FeatureRow, ...]:
    return tuple(_row(each) for each in Feature.objects.order_by("slug"))


def feature(slug: str) -> FeatureRow | None:
    found = Feature.objects.filter(pk=slug).first()
    return _row(found) if found else None


def areas() -> tuple[AreaRow, ...]:
    return tuple(AreaRow(a.slug, a.title, a.lead) for a in Area.objects.order_by("slug"))


def stopped() -> dict[str, Stopped]:
    """Return the features that a person holds or has ended, with by whom and why."""
    rows = {each.pk: FeatureState(each.state) for each in Feature.objects.filter(state__in=STOPPED)}
    if not rows:
        return {}
    last = {
        each.feature_id: each for each in FeatureTransition.objects.filter(feature__in=rows).order_by("id")
    }
    return {slug: Stopped(state, _who_and_why(last.get(slug))) for slug, state in rows.items()}


def intake_of(slug: str) -> Intake | None:
    found = IntakeRecord.objects.filter(pk=slug).first()
    return intake_from(found) if found else None


def intakes() -> dict[str, Intake]:
    return {each.feature_id: intake_from(each) for each in IntakeRecord.objects.all()}


def intake_from(found: IntakeRecord) -> Intake:
    body = found.body
    return Intake(
        found.at,
        found.by,
        found.size,
        found.risk,
        tuple(body.get("spec", ())),
        body.get("spec_link", ""),
        tuple(body.get("data_domains", ())),
        tuple(body.get("success_metrics", ())),
        body.get("rollback_plan", ""),
        body.get("data_model", ""),
        dict(found.templates),
    )


def moves_of(slug: str) -> tuple[MoveRow, ...]:
    """Return what moved a feature and what was refused, newest first."""
    made = FeatureTransition.objects.filter(feature=slug).order_by("id")
    refused = RefusedMove.objects.filter(feature=slug).order_by("id")
    rows = [MoveRow(m.at, m.actor, m.before, m.after, m.because) for m in made]
    rows += [MoveRow(r.at, r.actor, "", r.wanted, r.because, refused=True) for r in refused]
    return tuple(sorted(rows, key=lambda each: each.at)[::-1])  # of one moment, the later first


def _who_and_why(last: FeatureTransition | None) -> str:
    return f"by {identity.name_of(last.actor)}: {last.because}" if last else "by the programme"


def _row(each: Feature) -> FeatureRow:
    return FeatureRow(
        each.slug,
        each.title,
        each.summary,
        each.area_id,
        each.lead_team,
        each.owner_id,
        each.flag,
        FeatureState(each.state),
        each.critical,
        each.size,
        each.risk,
        each.stage,
        each.version,
    )
