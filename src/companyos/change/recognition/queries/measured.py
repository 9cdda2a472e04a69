"""What is measured of a team before it is judged: exposures and tasks from telemetry, reports from cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from companyos.adoption.features import queries as features
from companyos.adoption.features.domain.types import FeatureRow
from companyos.adoption.telemetry import queries as telemetry
from companyos.change.recognition.domain.champion import Bar, Situation, Week
from companyos.change.recognition.domain.feedback import Report, Score, Stand, score_of
from companyos.change.recognition.domain.pilots import RISKY, Arrival
from companyos.people.identity import queries as identity
from companyos.people.identity.domain.types import TeamRow
from companyos.people.tenants import queries as tenants
from companyos.work.cases import queries as cases
from companyos.work.cases.domain.types import Phase
from companyos.work.cases.queries import ReportStanding

# what says how to see the same, by type of report
SAYS_HOW = {"bug": "steps", "feedback": "doing", "suggestion": "problem"}
_WEEK = timedelta(days=7)
_STAND = {Phase.NEW: Stand.WAITS, Phase.CLOSED: Stand.DECLINED}


def met_in_production(feature: str) -> dict[str, datetime]:
    """Return when each person first met the feature in work that counts; a sandbox is practice."""
    return telemetry.first_exposures(feature, tenants.production_tenants())


def began_at(team: TeamRow, met: Mapping[str, datetime]) -> datetime | None:
    """Return when the first of a team met the feature."""
    return min((met[person] for person in team.people if person in met), default=None)


def situation(
    team: TeamRow, feature: FeatureRow, met: Mapping[str, datetime], *, now: datetime, bar: Bar
) -> Situation:
    """Gather what a team is judged by. The event engine is asked about teams that may be champions alone."""
    production = tenants.production_tenants()
    exposed = {person: met[person] for person in team.people if person in met and met[person] <= now}
    begins = min(exposed.values(), default=None)
    owns_it, practice = feature.owner == team.slug, team.tenant not in production
    weeks, score = tuple[Week, ...](), Score()
    if begins and len(exposed) >= bar.people and bool(team.lead) and not (owns_it or practice):
        weeks = _weeks(feature.slug, exposed, begins, tuple(sorted(production)), now, bar)
        score = _score(team, feature.slug, begins, production, now, bar)
    return Situation(
        len(team.people), bool(team.lead), owns_it, practice, len(exposed), begins, weeks, score, now, bar
    )


def arrivals(feature: str, teams: tuple[TeamRow, ...], least: int) -> tuple[Arrival, ...]:
    """Return when each team had a feature: when so many of its people had met it."""
    met = met_in_production(feature)
    moments = {team.slug: sorted(met[person] for person in team.people if person in met) for team in teams}
    return tuple(Arrival(slug, found[least - 1]) for slug, found in moments.items() if len(found) >= least)


def could_pilot(feature: FeatureRow, least: int) -> tuple[TeamRow, ...]:
    """Return the teams that a feature is for: with a lead and people enough, at work, and not the one that owns it."""
    production = tenants.production_tenants()
    return tuple(
        team
        for team in identity.teams()
        if team.lead
        and len(team.people) >= least
        and team.tenant in production
        and team.slug != feature.owner
    )


def is_risky(feature: FeatureRow) -> bool:
    """Tell whether a feature was taken in as risky (P7)."""
    taken_in = features.intake_of(feature.slug)
    return (taken_in.risk if taken_in else feature.risk) == RISKY


def _weeks(
    feature: str,
    exposed: Mapping[str, datetime],
    begins: datetime,
    where: tuple[str, ...],
    now: datetime,
    bar: Bar,
) -> tuple[Week, ...]:
    span = telemetry.Span(feature, where, begins, begins + bar.weeks * _WEEK)
    done = telemetry.completions_by_person(span)
    weeks = []
    for n in range(bar.weeks):
        starts, ends = begins + n * _WEEK, begins + (n + 1) * _WEEK
        on = [person for person, at in exposed.items() if at < ends]
        active = sum(done.get((person, bar.weeks - 1 - n), 0) > 0 for person in on)
        weeks.append(Week(starts, active, len(on), ends <= now))
    return tuple(weeks)


def _score(
    team: TeamRow, feature: str, begins: datetime, where: frozenset[str], now: datetime, bar: Bar
) -> Score:
    until = min(now, begins + timedelta(days=bar.days))
    told = cases.reports_about(
        feature, by=team.people, types=SAYS_HOW, tenants=where, since=begins, until=until
    )
    return score_of((_report(each, team) for each in told), most_of_one=bar.reports_of_one)


def _report(told: ReportStanding, team: TeamRow) -> Report:
    own = told.squad == team.slug or told.settled_by in (*team.people, team.lead)
    return Report(
        told.label,
        told.reporter,
        told.opened_at,
        _STAND.get(told.phase, Stand.ACCEPTED),
        SAYS_HOW[told.type] in told.filled,
        told.is_duplicate,
        own,
    )
