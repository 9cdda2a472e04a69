"""Telling people what they, or their team, are thanked for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from companyos.change.comms import actions as comms
from companyos.change.comms.domain.types import Kind
from companyos.people.identity import queries as identity
from companyos.people.identity.domain.types import TeamRow

BY = "recognition"


def tell_team(
    *, team: TeamRow, key: str, title: str, words: str, link: str, feature: str, now: datetime
) -> None:
    people = {*team.people, team.lead} - {""}
    tell(people=people, key=key, title=title, words=words, link=link, feature=feature, now=now)


def tell_everybody(*, key: str, title: str, words: str, link: str, now: datetime) -> None:
    people = [person.slug for person in identity.everybody()]
    tell(people=people, key=key, title=title, words=words, link=link, feature="", now=now)


def tell(
    *, people: Collection[str], key: str, title: str, words: str, link: str, feature: str, now: datetime
) -> None:
    comms.tell(
        actor=BY, key=key, kind=Kind.RECOGNITION, title=title, words=words, people=people, feature=feature,
        link=link, now=now,
    )  # fmt: skip


def team_named(slug: str) -> TeamRow | None:
    return next((team for team in identity.teams() if team.slug == slug), None)
