"""Judging teams once a day, and taking a badge back (R102)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from companyos.adoption.features import queries as features
from companyos.adoption.features.domain.types import FeatureRow, FeatureState
from companyos.change.recognition.actions.refusals import NoSuch, NotYours, Refused, with_reason
from companyos.change.recognition.actions.telling import team_named, tell_team
from companyos.change.recognition.domain.champion import BADGE, Bar, Judged, Verdict, evidence_of, judge
from companyos.change.recognition.models import Badge, Standing
from companyos.change.recognition.queries.measured import began_at, met_in_production, situation
from companyos.kernel.canonical_json import sha256_of
from companyos.kernel.ids import id_of
from companyos.people.identity import queries as identity
from companyos.people.identity.domain.types import TeamRow
from companyos.platform import outbox

OVER = frozenset({FeatureState.KILLED, FeatureState.RETIRED})
_SETTLES_FOR = timedelta(days=120)  # since the first exposure: what was not triaged by then stays as it was


def judge_teams(*, now: datetime, bar: Bar = Bar()) -> int:  # noqa: B008 -- frozen
    """Judge every team that may still earn a badge; says how many badges were earned."""
    return sum(
        _judge_feature(feature, now, bar) for feature in features.features() if feature.state not in OVER
    )


def revoke(*, actor: str, badge: str, because: str, now: datetime) -> None:
    """Take a badge back with a reason; it stays on record. Raises Refused."""
    row = Badge.objects.filter(pk=badge).first()
    if row is None:
        raise NoSuch("There is no such badge.")
    if not may_revoke(actor):
        raise NotYours("Only somebody who leads a team takes a badge back.")
    reason = with_reason(because)
    with transaction.atomic():
        standing = Badge.objects.filter(pk=badge, revoked_at=None)
        if not standing.update(revoked_at=now, revoked_by=actor, revoked_because=reason):
            raise Refused("It was taken back already.")
        outbox.publish("recognition.badge_revoked", {"badge": str(row.pk), "team": row.team}, at=now)
        if team := team_named(row.team):
            tell_team(
                team=team, key=f"badge/{row.pk}/revoked", title=f"The badge of {team.title} was taken back",
                words=f"{BADGE} of {_title_of(row.feature)}. The reason stands on its page.",
                link=f"/recognition/badges/{row.pk}", feature=row.feature, now=now,
            )  # fmt: skip


def may_revoke(person: str) -> bool:
    return identity.leads_a_team(person)


def _judge_feature(feature: FeatureRow, now: datetime, bar: Bar) -> int:
    met = met_in_production(feature.slug)
    has_one = set(Badge.objects.filter(feature=feature.slug).values_list("team", flat=True))
    known = set(Standing.objects.filter(feature=feature.slug).values_list("team", flat=True))
    earned = 0
    for team in identity.teams():
        begins = began_at(team, met)
        if team.slug in has_one or (team.slug in known and begins and now - begins > _SETTLES_FOR):
            continue
        earned += _judge_team(team, feature, met, now, bar)
    return earned


def _judge_team(
    team: TeamRow, feature: FeatureRow, met: dict[str, datetime], now: datetime, bar: Bar
) -> bool:
    found = situation(team, feature, met, now=now, bar=bar)
    judged, evidence = judge(found), evidence_of(found)
    with transaction.atomic():
        Standing.objects.update_or_create(
            team=team.slug,
            feature=feature.slug,
            defaults={
                "at": now, "verdict": judged.verdict, "because": judged.because[:300], "rule": judged.rule,
                "evidence": evidence,
            },
        )  # fmt: skip
        return judged.verdict is Verdict.EARNED and _earn(team, feature, judged, evidence, now)


def _earn(
    team: TeamRow, feature: FeatureRow, judged: Judged, evidence: dict[str, object], now: datetime
) -> bool:
    badge = Badge(
        id=id_of(now, "badge", team.slug, feature.slug), team=team.slug, feature=feature.slug, at=now,
        because=judged.because[:300], evidence=evidence, sha256=sha256_of(evidence),
    )  # fmt: skip
    try:
        with transaction.atomic():
            badge.save(force_insert=True)
    except IntegrityError:  # somebody judged at the same moment
        return False
    outbox.publish("recognition.badge_earned", {"badge": str(badge.pk), "team": team.slug}, at=now)
    tell_team(
        team=team, key=f"badge/{badge.pk}", title=f"{team.title}: {BADGE} of {feature.title}",
        words=f"Your team earned the badge: {judged.because}", link=f"/recognition/badges/{badge.pk}",
        feature=feature.slug, now=now,
    )  # fmt: skip
    return True


def _title_of(feature: str) -> str:
    found = features.feature(feature)
    return found.title if found else feature
