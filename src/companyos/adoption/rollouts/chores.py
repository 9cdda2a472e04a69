"""What a running stage needs done beside the judgement of its gates; each once, however often a tick comes by."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime

from companyos.adoption.rollouts import actions
from companyos.adoption.rollouts.actions import CONTROLLER
from companyos.adoption.rollouts.domain.requests import only_approval_is_missing
from companyos.adoption.rollouts.domain.shadow import reverse_until
from companyos.adoption.rollouts.domain.types import Gate, Status
from companyos.adoption.rollouts.queries import State
from companyos.adoption.telemetry.domain.comparison import Compares
from companyos.kernel.business_time import WorkingCalendar

_log = logging.getLogger(__name__)
_Attempt = tuple[str, str, int]


class Chores:
    """Remembers what was done for which attempt at a stage; doing it again after a restart changes nothing."""

    def __init__(self, calendar: WorkingCalendar) -> None:
        self._calendar = calendar
        self._drawn_on: dict[str, date] = {}  # by rollout
        self._reverse_ended: set[_Attempt] = set()
        self._asked: set[_Attempt] = set()

    def do(self, state: State, now: datetime) -> None:
        """Do what the moment asks for."""
        self._draw_the_day(state, now)
        self._end_reverse(state, now)

    def ask_for_approval(self, state: State, gates: Sequence[Gate], now: datetime) -> None:
        """Once approvals alone are missing, ask the people; a request that cannot be opened holds nothing else up."""
        attempt = _attempt_of(state)
        if attempt in self._asked or not only_approval_is_missing(gates):
            return
        try:
            actions.ask_for_approval(plan=state.plan.slug, gates=gates, now=now)
            self._asked.add(attempt)
        except Exception:
            _log.exception(
                "nobody could be asked to approve the stage %s of %s", state.stage, state.plan.slug
            )

    def _draw_the_day(self, state: State, now: datetime) -> None:
        """On a new day of a switchback, draw anew."""
        if state.plan.stage(state.stage).comparison.kind is not Compares.SWITCHBACK:
            return
        today = now.astimezone(self._calendar.zone).date()
        if state.status is Status.ACTIVE and self._drawn_on.get(state.plan.slug) != today:
            self._drawn_on[state.plan.slug] = today
            actions.turn_day(actor=CONTROLLER, plan=state.plan.slug, calendar=self._calendar, now=now)

    def _end_reverse(self, state: State, now: datetime) -> None:
        """Once its days are over, the old path no longer runs beside the new one."""
        ends = reverse_until(state.plan, state.stage, state.switched_at, self._calendar)
        if ends is None or now < ends or _attempt_of(state) in self._reverse_ended:
            return
        actions.end_reverse(actor=CONTROLLER, plan=state.plan.slug, calendar=self._calendar, now=now)
        self._reverse_ended.add(_attempt_of(state))


def _attempt_of(state: State) -> _Attempt:
    return state.plan.slug, state.stage, state.attempt
