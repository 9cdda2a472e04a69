"""Gathers the page of the way back."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from companyos.adoption.features import queries as features
from companyos.adoption.flags import queries
from companyos.adoption.flags.domain.way_back import LASTS, REASONS
from companyos.people.identity import queries as identity
from companyos.surfaces.console.cases.gather import captured
from companyos.surfaces.console.way_back.pages import WayBackPage


def flag_asked_for(request: HttpRequest) -> str:
    """Return the flag that the address names, itself or by its feature."""
    said = request.POST if request.method == "POST" else request.GET
    feature = features.feature(said.get("feature", ""))
    return said.get("flag", "") or (feature.flag if feature else "")


def page_of(
    request: HttpRequest, person: str, flag: str, now: datetime, *, problem: str = "", signed_in: bool = True
) -> WayBackPage:
    path = queries.path_of(person, flag, now)
    state = queries.state_of(flag)
    return WayBackPage(
        now,
        path,
        now + LASTS,
        tuple((str(reason), title) for reason, title in REASONS.items()),
        tuple((team.slug, team.title) for team in identity.teams() if team.lead == person),
        captured(request),
        state.spec.feature if state else "",
        request.POST.get("words", "")[:500],
        problem,
        signed_in,
    )
