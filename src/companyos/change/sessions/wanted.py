"""Which sessions there should be now: measured from rollouts and the directory, placed by the rhythm."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from companyos.adoption.features import queries as features
from companyos.adoption.features.domain.types import FeatureRow
from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.rollouts.domain.stage_plan import StagePlan
from companyos.adoption.rollouts.domain.types import Status
from companyos.adoption.rollouts.queries import State
from companyos.adoption.telemetry.queries.actives import KEY_TASK
from companyos.adoption.telemetry.queries.definitions import catalogue
from companyos.change.sessions import queries
from companyos.change.sessions.domain import agenda, rhythm
from companyos.change.sessions.domain.over import Where
from companyos.change.sessions.domain.types import MINUTES, Kind, Wanted
from companyos.kernel.business_time import WorkingCalendar
from companyos.people.identity import queries as identity
from companyos.work.approvals.queries import type_titles

RUNNING = frozenset({Status.ACTIVE, Status.PAUSED})
MAJOR = "major"
_FIRST_CLINIC_LOOKS_BACK = timedelta(days=31)


def of_the_company(now: datetime, calendar: WorkingCalendar) -> Iterator[Wanted]:
    """Yield the next dogfood hours and the next clinic. A company in which nobody leads a team has none."""
    running = _running()
    hosts = _hosts(running)
    if not hosts:
        return
    scenarios = agenda.of_dogfood_hour(scenarios_of(running))
    for slot in rhythm.dogfood_hours(now, calendar):
        host = hosts[slot.at.isocalendar().week % len(hosts)]
        key = f"dogfood-hour/{slot.name}"
        yield Wanted(key, Kind.DOGFOOD_HOUR, "Dogfood hour", slot.at, host, scenarios)
    clinic = rhythm.next_clinic(now, calendar)
    yield Wanted(
        f"clinic/{clinic.name}", Kind.CLINIC, f"Clinic of {clinic.at:%B}", clinic.at,
        hosts[clinic.at.month % len(hosts)], agenda.of_clinic(newly_on(now)),
    )  # fmt: skip


def of_rollout(state: State, now: datetime, calendar: WorkingCalendar) -> Iterator[Wanted]:
    """Yield the office hours of a running stage, and the huddle that a major feature needs before the next one."""
    feature = features.feature(state.feature)
    if state.status not in RUNNING or feature is None:
        return
    if not state.in_shadow:
        yield from _office_hours(state, feature, now, calendar)
    if features.size_of(state.feature) == MAJOR and not state.plan.is_last(state.stage):
        yield from _huddle_before(state, feature, now, calendar)


def huddle_of(state: State, due: datetime, calendar: WorkingCalendar) -> Wanted | None:
    """Return the huddle about a stage that has just begun, for those who joined."""
    feature = features.feature(state.feature)
    if feature is None:
        return None
    stage = state.plan.stage(state.stage)
    return Wanted(
        f"huddle/{state.plan.slug}/{stage.slug}/{state.attempt}", Kind.HUDDLE,
        f"Huddle: {feature.title} at {stage.title}",
        rhythm.huddle_after(due, MINUTES[Kind.HUDDLE], calendar), _host(state, feature),
        agenda.of_huddle(feature.title, stage.title, ahead=False, link=_board(state)),
        feature.slug, state.plan.slug, stage.slug, state.attempt,
        teams=teams_of(state.newly_on), people=state.newly_on,
    )  # fmt: skip


def where(state: State) -> Where:
    after = next_stage(state)
    return Where(
        state.status in RUNNING,
        state.stage,
        state.attempt,
        after.slug if after else "",
        rollouts.attempts_at(state.plan.slug, after.slug) + 1 if after else 0,
    )


def next_stage(state: State) -> StagePlan | None:
    """Return the stage that comes after the one a rollout is in."""
    place = state.plan.index_of(state.stage) + 1
    return state.plan.stages[place] if place < len(state.plan.stages) else None


def scenarios_of(states: Iterable[State]) -> tuple[agenda.Topic, ...]:
    """Return what can be tried this week: the key tasks of what is in rollout, as each stage's plan names them."""
    titles, known = type_titles(), catalogue()
    done = next((each.title for each in known.events if each.name in KEY_TASK), "the main task")
    found: dict[agenda.Topic, None] = {}
    for state in states:
        feature = features.feature(state.feature)
        title = feature.title if feature else state.feature
        tasks = [titles.get(each, each) for each in state.plan.stage(state.stage).request_types]
        for task in tasks or [done]:
            found[(f"{title}: {task}, from beginning to end", f"/features/{state.feature}")] = None
    return tuple(found)


def newly_on(now: datetime) -> tuple[agenda.Topic, ...]:
    """Return what was switched on since the last clinic, the newest first."""
    last = queries.latest_begun(Kind.CLINIC, now)
    since = last.begins_at if last else now - _FIRST_CLINIC_LOOKS_BACK
    titles = {each.slug: each.title for each in features.features()}
    found: dict[str, agenda.Topic] = {}
    for each in rollouts.entered_since(since):
        says = f"{titles.get(each.feature, each.feature)}: on at {each.title} for {each.people} people"
        found.setdefault(each.feature, (says, f"/rollouts/{each.plan}"))
    return tuple(found.values())


def teams_of(people: frozenset[str]) -> tuple[str, ...]:
    """Return the teams of these people: those that a stage affects."""
    return tuple(sorted({each.team for each in identity.everybody() if each.slug in people}))


def _office_hours(
    state: State, feature: FeatureRow, now: datetime, calendar: WorkingCalendar
) -> Iterator[Wanted]:
    """A stage that stays longer than planned keeps its hour a week."""
    until, stage = max(state.due_at, now + rhythm.ONE_WEEK), state.plan.stage(state.stage)
    for slot in rhythm.office_hours(state.entered_at, until, calendar):
        if slot.at > now:
            yield Wanted(
                f"office-hours/{state.plan.slug}/{stage.slug}/{state.attempt}/{slot.name}", Kind.OFFICE_HOURS,
                f"Office hours: {feature.title}", slot.at, _host(state, feature),
                agenda.of_office_hours(feature.title, f"/features/{feature.slug}"),
                feature.slug, state.plan.slug, stage.slug, state.attempt,
                teams=teams_of(state.people), people=state.people,
            )  # fmt: skip


def _huddle_before(
    state: State, feature: FeatureRow, now: datetime, calendar: WorkingCalendar
) -> Iterator[Wanted]:
    """Those who join next meet before they do (R113); once is enough, however often the stage before is tried."""
    here, stage = where(state), state.plan.stages[state.plan.index_of(state.stage) + 1]
    met = queries.of_stage(state.plan.slug, stage.slug, here.next_attempt)
    if any(row.ahead and (row.held_at or row.waived_at) for row in met):
        return
    people = rollouts.joining_at(state.plan, stage.slug)
    yield Wanted(
        f"huddle-before/{state.plan.slug}/{stage.slug}/{here.next_attempt}/{state.attempt}", Kind.HUDDLE,
        f"Huddle: {feature.title} comes to {stage.title}",
        rhythm.huddle_before(state.due_at, now, calendar), _host(state, feature),
        agenda.of_huddle(feature.title, stage.title, ahead=True, link=_board(state)),
        feature.slug, state.plan.slug, stage.slug, here.next_attempt, ahead=True,
        teams=teams_of(people), people=people,
    )  # fmt: skip


def _running() -> tuple[State, ...]:
    return tuple(state for state in rollouts.running() if state.status in RUNNING)


def _hosts(states: Iterable[State]) -> tuple[str, ...]:
    """Those who lead the squads of what is in rollout, in turn; while nothing is, every lead."""
    leads = {team.slug: team.lead for team in identity.teams() if team.lead}
    owners = {leads[state.owner] for state in states if state.owner in leads}
    return tuple(sorted(owners or set(leads.values())))


def _host(state: State, feature: FeatureRow) -> str:
    return features.lead_of(feature.owner) or state.plan.lead


def _board(state: State) -> str:
    return f"/rollouts/{state.plan.slug}"
