"""The controller: measure, judge, decide, act. Level-triggered: each tick starts from what is true now."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from companyos.adoption.flags import actions as flags
from companyos.adoption.flags import queries as flag_queries
from companyos.adoption.rollouts import actions
from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.rollouts.actions import CONTROLLER, Judged, Overtaken
from companyos.adoption.rollouts.domain.decide import decide
from companyos.adoption.rollouts.domain.gates import fact_asked_by, judge
from companyos.adoption.rollouts.domain.plan import GateKind, GateSpec, Reach
from companyos.adoption.rollouts.domain.shadow import gates_judged
from companyos.adoption.rollouts.domain.types import Move, Status
from companyos.adoption.rollouts.foretelling.next_cohort import keep_up
from companyos.adoption.rollouts.queries import Holding, State
from companyos.adoption.rollouts.watching import Watching
from companyos.adoption.telemetry.domain.comparison import Compares
from companyos.adoption.telemetry.domain.reading import Reading
from companyos.adoption.telemetry.domain.signals import Pairs
from companyos.adoption.telemetry.domain.symptoms import Seen
from companyos.adoption.telemetry.jobs import Tail
from companyos.kernel.business_time import WorkingCalendar
from companyos.kernel.evidence import Fact, Question, ask, asked_together
from companyos.kernel.stats.merge import Signal

_FAST_TRIES = 3  # a fast track is not stopped by a move of the same moment
_FORETOLD_EVERY, _FORETOLD_A_TICK = timedelta(hours=1), 10
_log = logging.getLogger(__name__)
_KEPT_A_TICK = 100
_RUNNING = {Status.ACTIVE, Status.PAUSED}


class Controller:
    """Runs the rollouts of one instance. Ticks never overlap."""

    def __init__(self, tail: Tail, calendar: WorkingCalendar) -> None:
        self._tail, self._calendar = tail, calendar
        self._watching = Watching(tail, calendar)
        self._urgent = threading.Event()
        self._turned_on: dict[str, date] = {}
        self._verdicts: dict[str, tuple[tuple[str, str], ...]] = {}  # as kept last, by rollout
        self._kept_at: dict[str, datetime] = {}
        self._foretold_at: dict[str, tuple[str, int, datetime]] = {}
        self._ticking = threading.RLock()
        self._spread_since: dict[int, float] = {}

    def tick(self, now: datetime, *, gates: bool) -> None:
        """Look at every running rollout; `gates` also asks the event engine, else only guardrails speak."""
        with self._ticking:
            if not gates and not self._urgent.is_set() and not self._watching.breached:
                return
            self._urgent.clear()
            running, holding = rollouts.running(), rollouts.holding(now)
            self._watching.only(state.plan.slug for state in running)
            asked = [
                (fact_asked_by(spec), self._question(state, spec, now))
                for state in running
                for spec in _gates_of(state)
            ]
            judged = []
            with asked_together(asked):
                for state in running:
                    self._watch(state)
                    self._turn(state, now)
                    if gates:
                        self._hear_of_pairs(state, now)
                    judged.append((state, self._look_at(state, holding, now)))
            actions.record_many(readings=self._worth_keeping(judged, now), now=now)
            if gates:
                self._watching.keep(now)
                self._foretell(running, now)

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
        return self._judge(state, rollouts.holding(now), now).signed()

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
            judged = self.judged_now(plan, now)
            self._spread(
                lambda: actions.person_moves(
                    actor=actor,
                    plan=plan,
                    wanted=wanted,
                    reason=reason,
                    version=version,
                    judged=judged,
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

    def _foretell(self, running: Sequence[State], now: datetime) -> None:
        """A forecast is for people to read: it waits its turn, and its faults keep nothing from being judged."""
        due = [state for state in running if self._is_to_be_foretold(state, now)]
        for state in due[:_FORETOLD_A_TICK]:
            plan = state.plan.slug
            self._foretold_at[plan] = (state.stage, state.attempt, now)
            try:
                keep_up(state, effect=self._watching.effect_before(plan), calendar=self._calendar, now=now)
            except Exception:
                _log.exception("the stage %s of %s could not be foretold", state.stage, plan)

    def _is_to_be_foretold(self, state: State, now: datetime) -> bool:
        known = self._foretold_at.get(state.plan.slug)
        if state.in_shadow:
            return False  # how long its people need is foretold from when they are on
        return not known or known[:2] != (state.stage, state.attempt) or now - known[2] >= _FORETOLD_EVERY

    def _worth_keeping(self, judged: Sequence[tuple[State, Judged]], now: datetime) -> list[actions.Readings]:
        """Keep every reading of up to a hundred rollouts; of more, those with a new verdict and the longest unkept."""
        by_age = sorted(
            judged, key=lambda each: self._kept_at.get(each[0].plan.slug, datetime.min.replace(tzinfo=UTC))
        )
        kept, room = [], _KEPT_A_TICK
        for state, found in by_age:
            plan, verdicts = state.plan.slug, tuple((gate.name, gate.verdict) for gate in found.gates)
            counts_passes = any(spec.consecutive > 1 for spec in _gates_of(state))
            if self._verdicts.get(plan) == verdicts and not counts_passes and room <= 0:
                continue
            room -= 1
            self._verdicts[plan], self._kept_at[plan] = verdicts, now
            kept.append(
                actions.Readings(plan, state.stage, state.attempt, found.signed().gates, state.plan.lead)
            )
        return kept

    def _look_at(self, state: State, holding: Holding, now: datetime) -> Judged:
        judged = self._judge(state, holding, now)
        situation = rollouts.situation_of(
            state, plan=state.plan, flag=state.flag, gates=judged.gates, now=now, holds=holding
        )
        decision = decide(situation)
        if decision.move is Move.STAY:
            return judged
        try:
            self._spread(
                lambda: actions.move(
                    actor=CONTROLLER,
                    plan=state.plan.slug,
                    decision=decision,
                    version=state.version,
                    judged=judged.signed(),
                    calendar=self._calendar,
                    now=now,
                ),
                self._tail.evidence_arrived if decision.move is Move.ROLL_BACK else time.monotonic(),
            )
        except Overtaken:
            return judged  # a person was faster; the next tick sees what they did
        follow = rollouts.state(state.plan.slug)
        if follow is not None and follow.status is Status.ACTIVE and follow.entered_at != state.entered_at:
            self._watch(follow)
        return judged

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

    def _turn(self, state: State, now: datetime) -> None:
        """On a new day of a switchback, draw anew."""
        if state.plan.stage(state.stage).comparison.kind is not Compares.SWITCHBACK:
            return
        today = now.astimezone(self._calendar.zone).date()
        if state.status is Status.ACTIVE and self._turned_on.get(state.plan.slug) != today:
            self._turned_on[state.plan.slug] = today
            actions.turn_day(actor=CONTROLLER, plan=state.plan.slug, calendar=self._calendar, now=now)

    def _spread(self, change: Callable[[], object], began: float) -> None:
        """Make a change, and time how its ruleset reaches the providers from `began` (wall time)."""
        self._spread_since[flag_queries.latest_version() + 1] = began
        change()

    def _judge(self, state: State, holding: Holding, now: datetime) -> Judged:
        facts, gates = {}, []
        cached: dict[str, Fact] = {}
        exempt = holding.exempt.get((state.plan.slug, state.stage, state.attempt), {})
        for spec in _gates_of(state):
            question = self._question(state, spec, now)
            name = fact_asked_by(spec)
            key = f"{name}|{sorted(question.parameters.items())}"
            asked = cached[key] if key in cached else cached.setdefault(key, ask(name, question))
            fact = facts[spec.name] = self._with_its_history(asked, spec, state)
            gate = judge(spec, fact, now=now, due_at=state.due_at)
            gates.append(replace(gate, exempt=exempt[spec.name]) if spec.name in exempt else gate)
        return Judged(tuple(gates), facts)

    def _with_its_history(self, fact: Fact, spec: GateSpec, state: State) -> Fact:
        """Add what a gate's own policy needs: how often it has passed in a row, and its own deadline."""
        more: dict[str, object] = {}
        if spec.consecutive > 1:
            more["passes_before"] = rollouts.passes_in_a_row(
                state.plan.slug, state.stage, state.attempt, spec.name
            )
        if spec.deadline is not None:
            more["deadline"] = self._calendar.add_working_days(state.entered_at, spec.deadline).isoformat()
        return replace(fact, details={**fact.details, **more}) if more else fact

    def _question(self, state: State, spec: GateSpec, now: datetime) -> Question:
        parameters = {
            "plan": state.plan.slug,
            "confidence": spec.confidence,
            "at_least": spec.at_least,
            "window": spec.window,
            "of": spec.of,
            "periods": spec.periods,
            "task": spec.task,
            "survey": spec.survey,
            "points": spec.points,
            "owner": state.owner,
            "production_since": state.production_since.isoformat()
            if state.production_since
            else now.isoformat(),
        }
        return Question(
            state.feature,
            _since(state, spec),
            now,
            state.people,
            state.newly_on,
            state.stage,
            state.attempt,
            {name: value for name, value in parameters.items() if value not in (None, "")},
        )


_current: list[Controller] = []


def run_with(controller: Controller) -> None:
    """Say which controller carries out people's moves. Wired once at start."""
    _current[:] = [controller]


def current_controller() -> Controller:
    return _current[0]


def _gates_of(state: State) -> tuple[GateSpec, ...]:
    return gates_judged(state.plan, state.stage, state.switched_at)


def _since(state: State, spec: GateSpec) -> datetime:
    """Pairs count from the stage's beginning, everything else from when its people are on."""
    return (state.began_at or state.entered_at) if spec.kind is GateKind.SHADOW_MISMATCH else state.entered_at


def _plan_of(question: Question) -> str:
    return str(question.parameters.get("plan", ""))
