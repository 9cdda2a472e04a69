"""What sessions do by themselves: the next ones are always planned, and none stays whose stage is over."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from companyos.adoption.rollouts import queries as rollouts
from companyos.change.sessions import actions, queries, wanted
from companyos.change.sessions.domain.over import why_it_is_off
from companyos.platform.instance import instance

_log = logging.getLogger(__name__)


def plan_sessions(now: datetime) -> None:
    """Plan whatever is to come and is not planned yet; call off what has nothing to be about any more."""
    calendar = instance().calendar
    for each in wanted.of_the_company(now, calendar):
        actions.plan(wanted=each, now=now)
    for state in rollouts.running():
        for each in wanted.of_rollout(state, now, calendar):
            actions.plan(wanted=each, now=now)
    call_off_what_is_over(now)


def hear(topic: str, body: dict[str, Any], *, now: datetime) -> None:
    """Plan what a move of a rollout asks for. What goes wrong is logged: the job plans it a little later."""
    try:
        if topic == "rollout.entered" and body["action"] == "schedule_huddle":
            _plan_huddle(body, now)
        elif topic == "rollout.moved":
            plan_sessions(now)
    except Exception:
        _log.exception(
            "the sessions of %s could not be planned; they are in a few minutes", body.get("rollout")
        )


def call_off_what_is_over(now: datetime) -> None:
    """Call off sessions that are still to come and whose stage is not: nobody comes for nothing."""
    for row in queries.open_of_rollouts():
        if row.begins_at <= now:
            continue
        state = rollouts.state(row.rollout)
        if because := why_it_is_off(row, wanted.where(state) if state else None):
            actions.call_off(actor=actions.PLANNER, session=row.id, because=because, now=now)


def _plan_huddle(body: dict[str, Any], now: datetime) -> None:
    state = rollouts.state(body["rollout"])
    if state is None or (state.stage, state.attempt) != (body["stage"], body["attempt"]):
        return  # it has moved on since: there is no first day to talk about
    huddle = wanted.huddle_of(state, datetime.fromisoformat(body["due_at"]), instance().calendar)
    if huddle is not None:
        actions.plan(wanted=huddle, now=now)
