"""Pilot credits: more weight in the council for teams that went first with a risky feature (R106)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from companyos.adoption.features import queries as features
from companyos.adoption.features.domain.types import FeatureRow
from companyos.change.recognition.actions.badges import OVER
from companyos.change.recognition.actions.telling import tell_team
from companyos.change.recognition.domain.champion import Bar
from companyos.change.recognition.domain.pilots import Pilot, Terms, pilots
from companyos.change.recognition.models import PilotCredit
from companyos.change.recognition.queries.measured import arrivals, could_pilot, is_risky
from companyos.people.identity.domain.types import TeamRow
from companyos.platform import outbox
from companyos.work.roadmap import actions as roadmap


def give_credits(*, now: datetime, terms: Terms = Terms()) -> int:  # noqa: B008 -- frozen
    """Give each team that went first its credit, once a feature; says how many were given."""
    given = 0
    for feature in features.features():
        if feature.state in OVER or not is_risky(feature):
            continue
        least = Bar().people
        teams = could_pilot(feature, least)
        by_slug = {team.slug: team for team in teams}
        came = [each for each in arrivals(feature.slug, teams, least) if each.at <= now]
        for pilot in pilots(came, teams=len(teams), terms=terms):
            if now < pilot.at + terms.lasts:
                given += _give(by_slug[pilot.team], feature, pilot, terms, now)
    return given


def _give(team: TeamRow, feature: FeatureRow, pilot: Pilot, terms: Terms, now: datetime) -> bool:
    until = pilot.at + terms.lasts
    with transaction.atomic():
        _, is_new = PilotCredit.objects.get_or_create(
            team=team.slug,
            feature=feature.slug,
            defaults={
                "place": pilot.place, "came_at": pilot.at, "at": now, "until": until, "percent": terms.percent,
                "because": pilot.because,
            },
        )  # fmt: skip
        if not is_new:
            return False
        roadmap.keep_team_weight(
            key=f"pilot/{feature.slug}/{team.slug}", team=team.slug, percent=terms.percent, since=pilot.at,
            until=until, because=f"{team.title} piloted {feature.title}: {pilot.because}", now=now,
        )  # fmt: skip
        outbox.publish(
            "recognition.credit_given",
            {"team": team.slug, "feature": feature.slug, "place": pilot.place},
            at=now,
        )
        tell_team(
            team=team, key=f"credit/{feature.slug}/{team.slug}", title=f"Pilot credit for {team.title}",
            words=f"Your team was among the first with {feature.title} ({pilot.because}). Until {until:%d %b %Y} its"
            f" suggestions weigh {terms.percent} % more in the council's agenda, and it may claim swag.",
            link="/recognition#credits", feature=feature.slug, now=now,
        )  # fmt: skip
    return True
