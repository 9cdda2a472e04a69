"""A feature moves from state to state; what was refused is kept as well."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from companyos.adoption.features.actions.directory import changed, existing
from companyos.adoption.features.actions.recompute import look_at
from companyos.adoption.features.actions.refusals import NotYours, Refused
from companyos.adoption.features.domain.scorecards import in_short
from companyos.adoption.features.domain.states import OVER, PROVEN, Asked, moved_by_rollout, why_not
from companyos.adoption.features.domain.types import FeatureState
from companyos.adoption.features.models import Feature, FeatureTransition, RefusedMove
from companyos.adoption.features.queries.directory import stopped
from companyos.adoption.features.queries.exemptions import in_force
from companyos.adoption.features.queries.meetings import has_certificate
from companyos.adoption.features.queries.people import stewards
from companyos.adoption.features.queries.templates import scorecards_of
from companyos.adoption.flags import actions as flags
from companyos.adoption.flags.domain.types import FlagSpec
from companyos.platform import outbox

EXTERNAL_GA = "external-ga"


def move_to(
    *, actor: str, feature: str, state: FeatureState, because: str, now: datetime, stage: str = ""
) -> None:
    """Move a feature as its rollout goes, and write down who did it and why. The caller holds the transaction."""
    before, at = Feature.objects.values_list("state", "stage").get(pk=feature)
    state = moved_by_rollout(FeatureState(before), state)
    if (before, at) != (state, stage):
        Feature.objects.filter(pk=feature).update(state=state, stage=stage)
    if before == state:
        return
    _moved(actor, feature, before, state, because, now)


def person_moves(*, actor: str, feature: str, wanted: FeatureState, because: str, now: datetime) -> None:
    """A person's move, with a reason. Raises Refused with why not; the attempt is kept for the audit (R3).

    What is killed or retired is off for everybody with the same commit; its rollouts end, and those of a held
    feature pause, as soon as the controller sees it.
    """
    row = existing(feature)
    if actor not in stewards(row.owner_id, row.lead_team):
        raise NotYours("The squad that owns the feature, or the team that leads its adoption, moves it.")
    if row.state == wanted:
        raise Refused(f"The feature is at {wanted.replace('_', ' ')} already.")
    if objection := why_not(_asked(row, wanted, because, now)):
        _refused(actor, feature, wanted, objection, now)
        raise Refused(objection)
    with transaction.atomic():
        swapped = Feature.objects.filter(pk=feature, state=row.state).update(state=wanted, stage="")
        if not swapped:
            raise Refused("Somebody else moved the feature at the same moment. Look again.")
        _moved(actor, feature, row.state, wanted, because.strip(), now)
        if wanted in OVER:
            why = f"the feature {row.title} was {wanted}: {because.strip()}"
            flags.kill_all_of(actor=actor, feature=feature, flag=row.flag, because=why, now=now)


def keep_killed(actor: str, flag: FlagSpec, now: datetime) -> str:
    """Say why a flag stays killed: its feature is over. What somebody tried is kept with the feature's history."""
    row = Feature.objects.filter(Q(flag=flag.key) | Q(pk=flag.feature), state__in=OVER).order_by("pk").first()
    if row is None:
        return ""
    said = (
        f"The feature {row.title} was {row.state} {stopped()[row.pk].says}, so its flags stay off for everybody."
        f" Nothing was changed. To use it again, take the feature in anew on its page (/features/{row.pk}): it goes"
        " through entry and its rollout once more, and the flag can be un-killed then."
    )
    _refused(actor, row.pk, "flag_unkilled", f"{flag.key}: the feature is {row.state}", now)
    return said


def _asked(row: Feature, wanted: FeatureState, because: str, now: datetime) -> Asked:
    judged = look_at(row.pk, now=now)
    standing = {
        card.slug: "" if card.is_met else in_short(card, template)
        for card, template in zip(judged.cards, scorecards_of(row.pk), strict=True)
    }
    held = (
        FeatureTransition.objects.filter(feature=row, after=FeatureState.HELD).order_by("-at", "-id").first()
    )
    return Asked(
        FeatureState(row.state),
        wanted,
        because,
        standing.get("internal-ga-entry", ""),
        standing.get(EXTERNAL_GA, ""),
        has_certificate(row.pk, row.version),
        in_force(row.pk, now).get(EXTERNAL_GA, ""),
        FeatureState(held.before) if held and held.before else None,
    )


def _moved(actor: str, feature: str, before: str, after: str, because: str, now: datetime) -> None:
    FeatureTransition.objects.create(
        feature_id=feature, at=now, actor=actor, before=before, after=after, because=because
    )
    if FeatureState(after) in PROVEN:
        changed(feature)
    outbox.publish("feature.moved", {"feature": feature, "state": after}, at=now)


def _refused(actor: str, feature: str, wanted: str, because: str, now: datetime) -> None:
    with transaction.atomic():
        RefusedMove.objects.create(feature_id=feature, at=now, actor=actor, wanted=wanted, because=because)
        outbox.publish("feature.refused", {"feature": feature, "wanted": wanted}, at=now)
