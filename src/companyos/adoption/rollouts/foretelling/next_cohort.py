"""Forecasts of the running stage from its cohort's own telemetry: made once, scored when their time is over.

Level-triggered: each call makes what is missing and scores what is due, whatever happened before.
"""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.rollouts import actions, queries
from companyos.adoption.rollouts.domain.foretold import MEASURES, foretell
from companyos.adoption.rollouts.queries.foretold import Unscored, foretold_already, unscored
from companyos.adoption.rollouts.queries.histories import history_before, what_came
from companyos.adoption.rollouts.queries.state import State
from companyos.kernel.business_time import WorkingCalendar
from companyos.kernel.stats.effect import Effect


def keep_up(state: State, *, effect: Effect | None, calendar: WorkingCalendar, now: datetime) -> None:
    """Make the running stage's forecasts, if they are not made, and score those that are due.

    `effect` is what the feature did to the cohort before; None: nothing is known of it.
    """
    if not foretold_already(state.plan.slug, state.stage, state.attempt):
        _make(state, effect, calendar, now)
    for each in unscored(state.plan.slug):
        _score(each, state, calendar, now)


def _make(state: State, effect: Effect | None, calendar: WorkingCalendar, now: datetime) -> None:
    history = history_before(state.feature, state.newly_on, calendar, state.entered_at)
    if history is None:
        return
    days = state.plan.stage(state.stage).working_days
    basis = {
        "people": len(state.newly_on),
        "weeks": len(history.weeks),
        "tasks": history.tasks,
        "errors": history.errors,
        "effect": effect.interval(0.8).value if effect else None,
    }
    for measure in MEASURES:
        draws = foretell(history, measure=measure, days=days, seed=state.version, effect=effect)
        actions.keep_forecast(
            plan=state.plan.slug,
            stage=state.stage,
            attempt=state.attempt,
            measure=measure,
            days=days,
            draws=draws,
            basis=basis,
            now=now,
        )


def _score(each: Unscored, state: State, calendar: WorkingCalendar, now: datetime) -> None:
    until = calendar.add_working_days(each.entered_at, each.days)
    if each.left_at is not None and each.left_at < until:
        actions.score_forecast(forecast_id=each.id, outcome=None, now=now)
    elif now >= until:
        people = queries.joining_at(state.plan, each.stage)
        came = what_came(state.feature, people, calendar, each.entered_at, until)
        actions.score_forecast(forecast_id=each.id, outcome=MEASURES[each.measure](came), now=now)
