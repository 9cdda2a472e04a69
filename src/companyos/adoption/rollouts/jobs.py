"""The controller: measure, judge, decide, act. Level-triggered: each tick starts from what is true now."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime

from companyos.adoption.flags import actions as flags
from companyos.adoption.flags import queries as flag_queries
from companyos.adoption.rollouts import actions
from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.rollouts.actions import CONTROLLER, Judged, Overtaken
from companyos.adoption.rollouts.chores import Chores
from companyos.adoption.rollouts.domain.decide import decide
from companyos.adoption.rollouts.domain.plan import Reach
from companyos.adoption.rollouts.domain.types import Move, Status
from companyos.adoption.rollouts.foretelling.next_cohort import InTurn
from companyos.adoption.rollouts.judging import Asked, asked_of, judged
from companyos.adoption.rollouts.kept_readings import KeptReadings
from companyos.adoption.rollouts.queries import Holding, State
from companyos.adoption.rollouts.watching import Watching
from companyos.adoption.telemetry.domain.reading import Reading
from companyos.adoption.telemetry.domain.signals import Pairs
from companyos.adoption.telemetry.domain.symptoms import Seen
from companyos.adoption.telemetry.jobs import Tail
from companyos.kernel.business_time import WorkingCalendar
from companyos.kernel.evidence import Question, ask, asked_together
from companyos.kernel.stats.merge import Signal

_FAST_TRIES = 3  # a fast track is not stopped by a move of the same moment
_RUNNING = {Status.ACTIVE, Status.PAUSED}


class Controller:
    """Runs the rollouts of one instance. Ticks never overlap."""

    def __init__(self, tail: Tail, calendar: WorkingCalendar) -> None:
        self._tail, self._calendar = tail, calendar
        self._watching = Watching(tail, calendar)
        self._urgent = threading.Event()
        self._chores = Chores(calendar)
        self._forecasts = InTurn(calendar, self._watching.effect_before)
        self._kept = KeptReadings()
        self._ticking = threading.RLock()
        self._spread_since: dict[int, float] = {}

    def tick(self, now: datetime, *, gates: bool, between: Callable[[], object] | None = None) -> None:
        """Look at every running rollout; `gates` also asks the event engine, else only guardrails speak.

        `between` is called after each question of a look at the gates: events that come meanwhile need not wait.
        """
        with self._ticking:
            if not gates and not self._urgent.is_set() and not self._watching.breached:
                return
            self._urgent.clear()
            running, holding = rollouts.running(), rollouts.holding(now)
            self._watching.only(state.plan.slug for state in running)
            self._kept.only(state.plan.slug for state in running)
            asked = [(state, asked_of(state, now)) for state in running]
            with asked_together((each.fact, each.question) for _, of_one in asked for each in of_one):
                for state, of_one in asked:
                    self._watch(state)
                    self._chores.do(state, now)
                    if gates:
                        self._hear_of_pairs(state, now)
                    found = self._judge(state, of_one, holding, now, between if gates else None)
                    self._act_on(state, found, holding, now)
                    self._kept.take(state, found, now)
            actions.record_many(readings=self._kept.worth_keeping(), now=now)
            if gates:
                self._watching.keep(now)

    def foretell(self, now: datetime) -> None:
        """Make and score forecasts, a few at a time. They are for people to read: no tick waits for them."""
        self._forecasts.keep_up(rollouts.running(), now)

    def look_at_once(self) -> None:
        """Judge everything at the next turn: something happened that does not wait for a minute to pass (a Sev1)."""
        self._urgent.set()

    def watch_what_runs(self) -> None:
        """Begin to watch every running stage: after a start, and after a person's move."""
        with self._ticking:
            for state in rollouts.running():
                self._watch(state)

    def replay(self, feature: str, rows: Iterable[Seen]) -> None:
        """Give the guardrails of a feature that could not be restored what they saw before a restart."""
        self._watching.replay(feature, rows)

    def forget(self) -> None:
        """A person was erased: the guardrails are counted anew from what is stored, and what was kept of them goes."""
        with self._ticking:
            self._watching.count_anew()

    def judged_now(self, plan: str, now: datetime) -> Judged:
        """Judge every gate of the current stage, for a person's move."""
        state = rollouts.state(plan)
        if state is None or state.status not in _RUNNING:
            return Judged()
        self._watch(state)
        return self._judge(state, asked_of(state, now), rollouts.holding(now), now).signed()

    def person_moves(
        self,
        *,
        actor: str,
        plan: str,
        wanted: Move,
        reason: str,
        version: int,
        now: datetime,
        reach: Reach | None = None,
    ) -> None:
        """Carry out a person's move on the evidence of this moment. Raises `actions.Refused`."""
        with self._ticking:
            found = self.judged_now(plan, now)
            self._spread(
                lambda: actions.person_moves(
                    actor=actor,
                    plan=plan,
                    wanted=wanted,
                    reason=reason,
                    version=version,
                    judged=found,
                    calendar=self._calendar,
                    now=now,
                    reach=reach,
                ),
                time.monotonic(),
            )
            self.watch_what_runs()

    def fast_track(self, *, actor: str, plan: str, reason: str, now: datetime) -> None:
        """Take everything back at once, whatever the stage and whoever moved a moment ago. Raises Refused."""
        for attempt in range(_FAST_TRIES):
            version = rollouts.version_of(plan)
            if version is None:
                raise actions.NoSuch(f"There is no rollout {plan!r}.")
            try:
                return self.person_moves(
                    actor=actor,
                    plan=plan,
                    wanted=Move.ROLL_BACK,
                    reason=reason,
                    version=version,
                    now=now,
                    reach=Reach.EVERYTHING,
                )
            except Overtaken:
                if attempt + 1 == _FAST_TRIES:
                    raise
        return None

    def stop_all(self, *, actor: str, because: str, now: datetime) -> list[str]:
        """Pause every active rollout; returns which. Raises `actions.Refused`."""
        with self._ticking:
            stopped = actions.stop_all(actor=actor, because=because, calendar=self._calendar, now=now)
        return list(stopped)

    def reading(self, question: Question) -> Reading | None:
        """Answer telemetry's question for the guardrail of the stage that is running."""
        points = float(question.parameters.get("points") or 2.0)
        return self._watching.reading(_plan_of(question), points=points)

    def silence(self, question: Question) -> str:
        """Answer telemetry's question whose telemetry has stalled."""
        return self._watching.silence(_plan_of(question), question.now)

    def could_catch(self, question: Question) -> str:
        """Answer telemetry's question what the guardrail could catch at its traffic."""
        return self._watching.could_catch(_plan_of(question))

    def doubt(self, question: Question) -> str:
        """Answer telemetry's question whether the stage counted again says something else."""
        return self._watching.doubt(_plan_of(question))

    def serving_reported(self, provider: str, version: int, heard_at: datetime) -> None:
        """Note that a provider serves `version`, and how far the newest ruleset has spread."""
        flags.record_serving(provider=provider, version=version, heard_at=heard_at)
        newest = flag_queries.latest_version()
        confirmed = len(flag_queries.propagation(now=heard_at).confirmed)
        began = self._spread_since.get(newest)
        seconds = round(time.monotonic() - began, 3) if began is not None else None
        actions.note_propagation(version=newest, confirmed=confirmed, seconds=seconds)

    def _act_on(self, state: State, found: Judged, holding: Holding, now: datetime) -> None:
        situation = rollouts.situation_of(
            state, plan=state.plan, flag=state.flag, gates=found.gates, now=now, holds=holding
        )
        decision = decide(situation)
        if decision.move is Move.STAY:
            self._chores.ask_for_approval(state, found.gates, now)
            return
        try:
            self._spread(
                lambda: actions.move(
                    actor=CONTROLLER,
                    plan=state.plan.slug,
                    decision=decision,
                    version=state.version,
                    judged=found.signed(),
                    calendar=self._calendar,
                    now=now,
                ),
                self._tail.evidence_arrived if decision.move is Move.ROLL_BACK else time.monotonic(),
            )
        except Overtaken:
            return  # a person was faster; the next tick sees what they did
        follow = rollouts.state(state.plan.slug)
        if follow is not None and follow.status is Status.ACTIVE and follow.entered_at != state.entered_at:
            self._watch(follow)

    def _hear_of_pairs(self, state: State, now: datetime) -> None:
        """Tell a guardrail that has it as a signal how many pairs differ unexplained; marks count at once."""
        named = state.plan.stage(state.stage).comparison.signals
        if state.in_shadow or Signal.SHADOW_MISMATCH not in named:
            return
        question = Question(state.feature, state.entered_at, now, state.people, state.newly_on)
        told = ask("shadow.mismatch", question)
        self._watching.hear(state.plan.slug, Pairs(int(told.details.get("unexplained", 0)), told.n or 0))

    def _watch(self, state: State) -> None:
        """Watch a stage from when its people are on; in shadow there is nobody whom the new path could harm."""
        if not state.in_shadow:
            self._watching.begin(state)

    def _spread(self, change: Callable[[], object], began: float) -> None:
        """Make a change, and time how its ruleset reaches the providers from `began` (wall time)."""
        self._spread_since[flag_queries.latest_version() + 1] = began
        change()

    def _judge(
        self,
        state: State,
        asked: tuple[Asked, ...],
        holding: Holding,
        now: datetime,
        between: Callable[[], object] | None = None,
    ) -> Judged:
        exempt = holding.exempt.get((state.plan.slug, state.stage, state.attempt), {})
        return judged(state, asked, exempt=exempt, calendar=self._calendar, now=now, between=between)


_current: list[Controller] = []


def run_with(controller: Controller) -> None:
    """Say which controller carries out people's moves. Wired once at start."""
    _current[:] = [controller]


def current_controller() -> Controller:
    return _current[0]


def _plan_of(question: Question) -> str:
    return str(question.parameters.get("plan", ""))
