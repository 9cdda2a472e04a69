"""The monthly council: teams by rotation, an agenda built from votes, decisions that answer the voters (R87, R88)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.db import IntegrityError, transaction

from companyos.people.identity import queries as identity
from companyos.platform import outbox
from companyos.work.roadmap.actions.placing import place
from companyos.work.roadmap.actions.refusals import NoSuch, NotYours, Refused, with_reason
from companyos.work.roadmap.domain.agenda import agenda
from companyos.work.roadmap.domain.rotation import next_teams
from companyos.work.roadmap.domain.types import PLACE_OF, Outcome
from companyos.work.roadmap.models import Council, Turn
from companyos.work.roadmap.queries.councils import turns_so_far
from companyos.work.roadmap.queries.rfcs import rfcs
from companyos.work.roadmap.queries.stewards import is_steward
from companyos.work.roadmap.queries.suggestions import suggestions

SEATS = 4


def convene(*, actor: str, now: datetime, seats: int = SEATS) -> str:
    """Convene this month's council: its teams and its agenda are fixed now; return the month. Raises Refused."""
    if not is_steward(actor):
        raise NotYours("Only somebody who leads a team convenes the council.")
    month = f"{now:%Y-%m}"
    teams = next_teams((team.slug for team in identity.teams() if team.people), turns_so_far(), seats)
    points = agenda(suggestions(reader="", at=now), rfcs(), now)
    try:
        with transaction.atomic():
            council = Council(month=month, at=now, by=actor, agenda=[asdict(point) for point in points])
            council.save(force_insert=True)
            Turn.objects.bulk_create(
                Turn(council=council, seat=seat, team=team) for seat, team in enumerate(teams)
            )
            outbox.publish("council.convened", {"council": month, "teams": list(teams)}, at=now)
    except IntegrityError:
        raise Refused(f"The council of {month} was convened already.") from None
    return month


def skip(*, actor: str, month: str, team: str, because: str, now: datetime) -> None:
    """Record that a team does not come, and why; it keeps its place in the rotation. Raises Refused."""
    lead = any(each.slug == team and actor == each.lead for each in identity.teams())
    if not (lead or is_steward(actor)):
        raise NotYours("Only somebody who leads a team says that it does not come.")
    reason = with_reason(because)
    with transaction.atomic():
        mine = Turn.objects.filter(council_id=month, team=team, skipped_because="")
        if not mine.update(skipped_because=reason, skipped_by=actor):
            raise NoSuch("This team has no seat in that council, or its absence is recorded already.")
        outbox.publish("council.skipped", {"council": month, "team": team}, at=now)


def decide(*, actor: str, month: str, suggestion: str, outcome: Outcome, because: str, now: datetime) -> int:
    """Decide a point of the agenda; every voter is answered with the reason. Says how many were told."""
    council = Council.objects.filter(pk=month).first()
    if council is None or not any(point["key"] == suggestion for point in council.agenda):
        raise NoSuch("That is no point of this council's agenda.")
    return place(
        actor=actor, suggestion=suggestion, to=PLACE_OF[outcome], because=because, now=now, council=month
    )
