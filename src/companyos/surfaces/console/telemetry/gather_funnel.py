"""Gathers a funnel that a person asked for: the whole of it, and its parts side by side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.safestring import SafeString

from companyos.adoption.features import queries as features
from companyos.adoption.telemetry.queries import definitions, funnels
from companyos.adoption.telemetry.queries.connection import Events
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.surfaces.console.telemetry import funnel_form, tables
from companyos.surfaces.console.telemetry.funnel_form import FunnelForm
from companyos.surfaces.console.telemetry.gather import WINDOWS, Asked, choices
from companyos.surfaces.console.telemetry.pages import Drawn, FunnelPage, StepInput
from companyos.surfaces.ui import telemetry_charts as charts
from companyos.surfaces.ui.numbers import count
from companyos.surfaces.ui.telemetry_charts import Stair


def funnel(slug: str, given: Mapping[str, str], form: FunnelForm, now: datetime) -> FunnelPage | None:
    """Return the page of a feature's funnel; with problems in the form, without figures."""
    row = features.feature(slug)
    if row is None:
        return None
    titles = tenants.titles()
    asked = Asked.of(given, titles)
    where = (asked.tenant,) if asked.tenant else tuple(sorted(titles))
    events = Events(slug, where, now - asked.window, now)
    whole = funnels.funnel(events, form.question) if form.question else None
    return FunnelPage(
        now,
        slug,
        row.title,
        form,
        _inputs(form),
        choices(funnel_form.WINDOWS, form.window),
        choices({str(key): title for key, title in funnel_form.HOLDS.items()}, form.hold),
        choices({str(key): title for key, title in funnel_form.PARTS.items()}, form.by),
        choices(WINDOWS, asked.days),
        choices({"": "Every tenant", **titles}, asked.tenant),
        tuple(sorted(each.name for each in definitions.catalogue().events)),
        WINDOWS[asked.days],
        titles.get(asked.tenant, "every tenant"),
        _drawn(whole, form),
        tables.funnel_steps(_parts(events, form), form.by, _titles_of(form.by, titles)) if form.by else None,
        _left_out(whole, form),
    )


def _inputs(form: FunnelForm) -> tuple[StepInput, ...]:
    """What was written, and one empty line more where another step fits."""
    shown = (*form.steps, "") if len(form.steps) < funnels.MOST_STEPS else form.steps
    wrong_number = bool(form.problem_of("step"))
    return tuple(
        StepInput(n, words, _example(n), wrong_number or bool(form.problem_of(f"step-{n}")))
        for n, words in enumerate(shown[: funnels.MOST_STEPS], 1)
    )


def _example(n: int) -> str:
    return "event, or one or another" if n == 1 else "then"


def _drawn(whole: funnels.Funnel | None, form: FunnelForm) -> Drawn:
    steps = whole.steps if whole else ()
    stairs = tuple(
        Stair(" or ".join(s.events), s.reached, s.share_of_first, s.share_of_previous, s.open, s.dropped)
        for s in steps
    )
    return Drawn(
        charts.funnel_chart("funnel", "Funnel", stairs) if stairs else SafeString(""),
        "",
        tables.funnel("funnel", "Funnel", stairs, "funnel"),
    )


def _parts(events: Events, form: FunnelForm) -> tuple[funnels.Funnel, ...]:
    if form.question is None or not form.by:
        return ()
    by = funnels.By(form.by)
    team_of = {each.slug: each.team for each in identity.everybody()} if by is funnels.By.TEAM else None
    return funnels.funnel_by(events, form.question, by, team_of=team_of)


def _titles_of(by: str, tenants_known: Mapping[str, str]) -> Mapping[str, str]:
    if by == funnels.By.TEAM:
        return {team.slug: team.title for team in identity.teams()} | {"": "No team"}
    return tenants_known if by == funnels.By.TENANT else {}


def _left_out(whole: funnels.Funnel | None, form: FunnelForm) -> str:
    if whole is None or form.question is None or form.question.exclude is None:
        return ""
    one, many = ("task", "tasks") if form.question.hold is funnels.Hold.TASK else ("person", "people")
    did = " or ".join(form.question.exclude.events)
    where = (
        f" with {form.prop} {' or '.join(each.strip() for each in form.values.split(','))}"
        if form.prop
        else ""
    )
    return (
        f"{count(whole.excluded, one, many)} began and {'is' if whole.excluded == 1 else 'are'} left out:"
        f" {did}{where} came at or after the first step."
    )
