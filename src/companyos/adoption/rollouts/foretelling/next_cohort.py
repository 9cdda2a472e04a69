"""Forecasts of the running stage from its cohort's own telemetry: made once, scored when their time is over.

Level-triggered: each call makes what is missing and scores what is due, whatever happened before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from companyos.adoption.rollouts import actions, queries
from companyos.adoption.rollouts.domain.foretold import MEASURES, foretell
from companyos.adoption.rollouts.queries.foretold import Unscored, foretold_already, unscored
from companyos.adoption.rollouts.queries.histories import history_before, what_came
from companyos.adoption.rollouts.queries.state import State
from companyos.kernel.business_time import WorkingCalendar
from companyos.kernel.stats.effect import Effect

_EVERY, _AT_ONCE = timedelta(hours=1), 10
_log = logging.getLogger(__name__)


class InTurn:
    """Keeps the forecasts of the running stages up: those of one stage once an hour, ten stages at once.

    A forecast is for people to read: it waits its turn, and its faults keep nothing from being judged.
    """

    def __init__(self, calendar: WorkingCalendar, effect_before: Callable[[str], Effect | None]) -> None:
        """`effect_before` tells what the feature of a rollout did at the stage before the running one."""
        self._calendar, self._effect_before = calendar, effect_before
        self._at: dict[str, tuple[str, int, datetime]] = {}  # stage, attempt and when, by rollout

    def keep_up(self, running: Sequence[State], now: datetime) -> None:
        """Make or score the forecasts of those whose turn it is."""
        for state in [state for state in running if self._is_due(state, now)][:_AT_ONCE]:
            plan = state.plan.slug
            self._at[plan] = (state.stage, state.attempt, now)
            try:
                keep_up(state, effect=self._effect_before(plan), calendar=self._calendar, now=now)
            except Exception:
                _log.exception("the stage %s of %s could not be foretold", state.stage, plan)

    def _is_due(self, state: State, now: datetime) -> bool:
        if state.in_shadow:
            return False  # how long its people need is foretold from when they are on
        known = self._at.get(state.plan.slug)
        return not known or known[:2] != (state.stage, state.attempt) or now - known[2] >= _EVERY


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
