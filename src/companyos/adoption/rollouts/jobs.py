"""The controller: measure, judge, decide, act. Level-triggered: each tick starts from what is true now."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from companyos.adoption.flags import actions as flags
from companyos.adoption.flags import queries as flag_queries
from companyos.adoption.rollouts import actions
from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.rollouts.actions import CONTROLLER, Judged, Overtaken
from companyos.adoption.rollouts.domain.decide import decide
from companyos.adoption.rollouts.domain.gates import judge
from companyos.adoption.rollouts.domain.plan import GateKind, GateSpec, Reach
from companyos.adoption.rollouts.domain.types import Move, Status
from companyos.adoption.rollouts.foretelling.next_cohort import keep_up
from companyos.adoption.rollouts.queries import State
from companyos.adoption.telemetry.domain.day_book import Seen
from companyos.adoption.telemetry.domain.watch import Reading, Watch
from companyos.adoption.telemetry.jobs import Tail
from companyos.kernel.business_time import WorkingCalendar
from companyos.kernel.evidence import Fact, Question, ask
from companyos.kernel.stats.effect import Effect
from companyos.people.identity import queries as identity

_FACT_OF = {
    GateKind.SURVEY: "surveys.satisfaction",
    GateKind.OPEN_BUGS: "cases.open_severe_bugs",
    GateKind.ACTIVE_TEAMS: "telemetry.active_teams",
    GateKind.ATTESTED: "rollouts.task_done",
    GateKind.APPROVAL: "rollouts.approvals",
    GateKind.JUDGEMENT: "rollouts.task_done",
}
_FAST_TRIES = 3  # a fast track is not stopped by a move of the same moment
_log = logging.getLogger(__name__)
_RUNNING = {Status.ACTIVE, Status.PAUSED}


@dataclass(slots=True)
class _Watched:
    """The guardrail of the stage that is running."""

    stage: str
    attempt: int
    watch: Watch


class Controller:
    """Runs the rollouts of one instance. Ticks never overlap."""

    def __init__(self, tail: Tail, calendar: WorkingCalendar) -> None:
        self._tail, self._calendar = tail, calendar
        self._watched: dict[str, _Watched] = {}
        self._ticking = threading.RLock()
        self._spread_since: dict[int, float] = {}
        self._effects: dict[str, Effect] = {}  # by plan: of the stage before the running one

    def tick(self, now: datetime, *, gates: bool) -> None:
        """Look at every running rollout; `gates` also asks the event engine, else only guardrails speak."""
        with self._ticking:
            if gates or any(each.watch.breached for each in self._watched.values()):
                for state in rollouts.running():
                    self._begin_watch(state)
                    if gates:
                        self._foretell(state, now)
                    self._look_at(state, now)

    def watch_what_runs(self) -> None:
        """Begin to watch every running stage: after a start, and after a person's move."""
        with self._ticking:
            for state in rollouts.running():
                self._begin_watch(state)

    def judged_now(self, plan: str, now: datetime) -> Judged:
        """Judge every gate of the current stage, for a person's move."""
        state = rollouts.state(plan)
        if state is None or state.status not in _RUNNING:
            return Judged()
        self._begin_watch(state)
        return self._judge(state, now)

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
        watched = self._watched.get(str(question.parameters.get("plan", "")))
        return watched.watch.reading() if watched else None

    def serving_reported(self, provider: str, version: int, heard_at: datetime) -> None:
        """Note that a provider serves `version`, and how far the newest ruleset has spread."""
        flags.record_serving(provider=provider, version=version, heard_at=heard_at)
        newest = flag_queries.latest_version()
        confirmed = len(flag_queries.propagation(now=heard_at).confirmed)
        began = self._spread_since.get(newest)
        seconds = round(time.monotonic() - began, 3) if began is not None else None
        actions.note_propagation(version=newest, confirmed=confirmed, seconds=seconds)

    def _foretell(self, state: State, now: datetime) -> None:
        """A forecast is for people to read: whatever goes wrong with it keeps nothing from being judged."""
        try:
            keep_up(state, effect=self._effects.get(state.plan.slug), calendar=self._calendar, now=now)
        except Exception:
            _log.exception("the stage %s of %s could not be foretold", state.stage, state.plan.slug)

    def _look_at(self, state: State, now: datetime) -> None:
        judged = self._judge(state, now)
        actions.record_readings(state=state, gates=judged.gates, now=now)
        situation = rollouts.situation_of(
            state, plan=state.plan, flag=state.flag, gates=judged.gates, now=now
        )
        decision = decide(situation)
        if decision.move is Move.STAY:
            return
        try:
            self._spread(
                lambda: actions.move(
                    actor=CONTROLLER,
                    plan=state.plan.slug,
                    decision=decision,
                    version=state.version,
                    judged=judged,
                    calendar=self._calendar,
                    now=now,
                ),
                self._tail.evidence_arrived if decision.move is Move.ROLL_BACK else time.monotonic(),
            )
        except Overtaken:
            return  # a person was faster; the next tick sees what they did
        follow = rollouts.state(state.plan.slug)
        if follow is not None and follow.status is Status.ACTIVE and follow.stage != state.stage:
            self._begin_watch(follow)

    def _spread(self, change: Callable[[], object], began: float) -> None:
        """Make a change, and time how its ruleset reaches the providers from `began` (wall time)."""
        self._spread_since[flag_queries.latest_version() + 1] = began
        change()

    def _judge(self, state: State, now: datetime) -> Judged:
        facts, gates = {}, []
        cached: dict[str, Fact] = {}
        exempt = rollouts.exemptions(state.plan.slug, state.stage, state.attempt, now)
        for spec in state.plan.gates_of(state.stage):
            question = self._question(state, spec, now)
            key = f"{_name_of(spec)}|{sorted(question.parameters.items())}"
            asked = cached.setdefault(key, ask(_name_of(spec), question))
            fact = facts[spec.name] = self._with_its_history(asked, spec, state)
            gate = judge(spec, fact, now=now, due_at=state.due_at)
            gates.append(replace(gate, evidence_sha256=fact.sha256, exempt=exempt.get(spec.name, "")))
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
            "owner": state.owner,
            "production_since": state.production_since.isoformat()
            if state.production_since
            else now.isoformat(),
        }
        return Question(
            state.feature,
            state.entered_at,
            now,
            state.people,
            state.newly_on,
            state.stage,
            state.attempt,
            {name: value for name, value in parameters.items() if value not in (None, "")},
        )

    def _begin_watch(self, state: State) -> None:
        """Watch the stage that is running; a new attempt starts its evidence afresh."""
        known = self._watched.get(state.plan.slug)
        if known and (known.stage, known.attempt) == (state.stage, state.attempt):
            return
        if known and known.stage != state.stage:  # what was taken back and mended says nothing of what comes
            self._effects[state.plan.slug] = known.watch.effect()
        people = identity.everybody()
        team_of = {person.slug: person.team for person in people}
        zone: ZoneInfo = self._calendar.zone
        book = self._tail.books[state.feature]
        watch = Watch(
            book,
            team_of,
            exposed=state.newly_on,
            others=frozenset(team_of) - state.people,
            since=state.entered_at,
            first_exposed_on=state.first_entered_at.astimezone(zone).date(),
            confirm_two_days=_wants_two_days(state),
        )
        self._watched[state.plan.slug] = _Watched(state.stage, state.attempt, watch)
        self._tail.watchers[state.feature] = [self._taker(state.plan.slug)]

    def _taker(self, plan: str) -> Callable[[Seen], None]:
        def take(seen: Seen) -> None:
            if watched := self._watched.get(plan):
                watched.watch.take(seen)

        return take


_current: list[Controller] = []


def run_with(controller: Controller) -> None:
    """Say which controller carries out people's moves. Wired once at start."""
    _current[:] = [controller]


def current_controller() -> Controller:
    return _current[0]


def _wants_two_days(state: State) -> bool:
    gates = state.plan.stage(state.stage).gates
    return any(gate.kind is GateKind.GUARDRAIL and gate.confirm == "two_days" for gate in gates)


def _name_of(spec: GateSpec) -> str:
    if spec.kind in {GateKind.METRIC, GateKind.GUARDRAIL, GateKind.RISK}:
        return spec.metric if "." in spec.metric else f"telemetry.{spec.metric}"
    if spec.kind is GateKind.DWELL:
        return "rollouts.dwell"
    return _FACT_OF[spec.kind]
