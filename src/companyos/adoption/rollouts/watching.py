"""The guardrails of the stages that run: begun with their stage, fed by the log, kept so that a restart goes on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from companyos.adoption.rollouts.domain.gate_specs import GateKind
from companyos.adoption.rollouts.queries import State, cohorts
from companyos.adoption.telemetry import actions as telemetry_actions
from companyos.adoption.telemetry import queries as telemetry
from companyos.adoption.telemetry.domain.comparison import Compares, Comparison
from companyos.adoption.telemetry.domain.people import Who
from companyos.adoption.telemetry.domain.reading import Reading
from companyos.adoption.telemetry.domain.signals import Pairs
from companyos.adoption.telemetry.domain.symptoms import FAILED, Seen, place_of
from companyos.adoption.telemetry.domain.watch import Watch
from companyos.adoption.telemetry.jobs import Tail, Taker
from companyos.kernel.business_time import WorkingCalendar
from companyos.kernel.canonical_json import sha256_of
from companyos.kernel.stats.effect import Effect

_FROM_THE_START = -1
_FORM = 2  # of what is kept; with another one, what an older release kept is counted anew from stored events
_KEPT_AT_ONCE = 25
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Watched:
    """The guardrail of one stage that is running."""

    state: State
    watch: Watch
    make: Callable[[], Watch]  # another one, which has seen nothing
    fingerprint: str
    after: int = _FROM_THE_START  # frames up to this one were taken before
    kept_at: datetime | None = None
    counted_again_on: date | None = None
    doubt: str = ""


class Watching:
    """Holds the watch of every running stage, by rollout.

    The worker feeds them while a page asks one, and whoever looks first after a late event counts again: one at a time.
    """

    def __init__(self, tail: Tail, calendar: WorkingCalendar) -> None:
        self._tail, self._calendar = tail, calendar
        self._watched: dict[str, _Watched] = {}
        self._effects: dict[str, Effect | None] = {}  # by rollout: of the stage before the running one
        self._counting = threading.RLock()

    @property
    def breached(self) -> bool:
        """Tell whether any stage has evidence enough to be taken back; cheap, asked at every turn."""
        with self._counting:
            return any(each.watch.breached for each in self._watched.values())

    def begin(self, state: State) -> None:
        """Watch the stage that is running; a new attempt starts its evidence afresh."""
        plan = state.plan.slug
        known = self._watched.get(plan)
        if known and (known.state.stage, known.state.attempt) == (state.stage, state.attempt):
            return
        if (
            known and known.state.stage != state.stage
        ):  # what was taken back and mended says nothing of what comes
            self._effects[plan] = known.watch.effect()
        who = self._who(state)
        make = self._maker(state, who)
        watched = _Watched(state, make(), make, _fingerprint(state, who))
        self._restore(watched)
        self._watched[plan] = watched
        self._tail.watchers[state.feature][plan] = self._taker(plan)

    def only(self, plans: Iterable[str]) -> None:
        """Forget the watches of rollouts that no longer run."""
        for plan in self._watched.keys() - set(plans):
            feature = self._watched.pop(plan).state.feature
            self._tail.watchers[feature].pop(plan, None)

    def replay(self, feature: str, rows: Iterable[Seen]) -> None:
        """Give the watches of a feature that could not be restored what they saw before a restart."""
        mine = [
            w for w in self._watched.values() if w.state.feature == feature and w.after == _FROM_THE_START
        ]
        for seen in rows if mine else ():
            for watched in mine:
                watched.watch.take(seen)

    def effect_before(self, plan: str) -> Effect | None:
        """Return what the feature did at the stage before the running one; None: nothing is known of it."""
        return self._effects.get(plan)

    def reading(self, plan: str, *, points: float) -> Reading | None:
        """Return what the guardrail of a rollout says; `points` of harm are those that must be ruled out."""
        with self._counting:
            watched = self._watched.get(plan)
            return watched.watch.reading(points_of_harm=points / 100) if watched else None

    def hear(self, plan: str, pairs: Pairs) -> None:
        """Tell the guardrail of a rollout what its shadow run has counted."""
        with self._counting:
            if watched := self._watched.get(plan):
                watched.watch.hear(pairs)

    def silence(self, plan: str, now: datetime) -> str:
        """Say whose telemetry has stalled; empty when it comes."""
        watched = self._watched.get(plan)
        if watched is None:
            return ""
        return watched.watch.silent_sides(self._calendar.working_time_between, now)

    def could_catch(self, plan: str) -> str:
        """Say what the guardrail of a rollout's stage could catch at its traffic."""
        watched = self._watched.get(plan)
        if watched is None:
            return ""
        return watched.watch.could_catch(watched.state.plan.stage(watched.state.stage).working_days)

    def doubt(self, plan: str) -> str:
        """Say how the stage counted again from stored events differs; empty when it does not."""
        watched = self._watched.get(plan)
        return watched.doubt if watched else ""

    def count_anew(self) -> None:
        """Count every stage again from stored events, and drop what was kept of it."""
        for plan, watched in self._watched.items():
            with self._counting:
                watched.watch.recount(self._tail.stored(watched.state.feature, watched.state.entered_at))
            watched.kept_at = None
            telemetry_actions.drop_guardrail(rollout=plan)

    def keep(self, now: datetime) -> None:
        """Store what has changed, with how far of the log it has seen; once a day, count again and compare.

        A few at a time, those unkept for longest first: a restart reads the rest from the log.
        """
        changed = [
            (plan, watched, latest)
            for plan, watched in self._watched.items()
            if (latest := watched.watch.last_seen) is not None and latest != watched.kept_at
        ]
        changed.sort(key=lambda each: (each[1].kept_at is not None, each[1].kept_at or now))
        some = changed[:_KEPT_AT_ONCE]
        for _, watched, _ in some:
            self._compare(watched, now)
        kept = [
            telemetry_actions.Kept(
                plan, watched.fingerprint, self._tail.applied_offset, watched.watch.state()
            )
            for plan, watched, _ in some
        ]
        telemetry_actions.keep_guardrails(kept=kept, now=now)
        for _, watched, latest in some:
            watched.kept_at = latest

    def _compare(self, watched: _Watched, now: datetime) -> None:
        """Recompute the stage from stored events: what streamed in must have given the same.

        The weeks before stay as they were when the stage began: the book of days forgets them in a long stage.
        """
        today = now.astimezone(self._calendar.zone).date()
        if watched.counted_again_on in {None, today}:
            watched.counted_again_on = today
            return
        watched.counted_again_on = today
        again, state = watched.make(), watched.state
        stored = self._tail.stored(state.feature, state.entered_at)
        again.restore(watched.watch.state(), lambda: ())
        again.recount(stored)
        streamed, recounted = watched.watch.reading(), again.reading()
        watched.doubt = "" if recounted == streamed else _difference(streamed, recounted)
        if watched.doubt:
            _log.error("%s: %s", watched.state.plan.slug, watched.doubt)

    def _restore(self, watched: _Watched) -> None:
        """Go on from what was kept, if it is of this stage and the log still has everything since."""
        state = watched.state
        kept = telemetry.kept_guardrail(state.plan.slug)
        if kept is None or kept.fingerprint != watched.fingerprint:
            return
        try:
            since = list(self._tail.frames_since(state.feature, kept.offset))
            watched.watch.restore(kept.document, lambda: self._tail.stored(state.feature, state.entered_at))
        except (LookupError, TypeError, ValueError):
            _log.exception("the guardrail of %s is counted anew from stored events", state.plan.slug)
            watched.watch = watched.make()
            return
        watched.after = kept.offset
        for seen, _ in sorted(since, key=lambda each: place_of(each[0])):
            watched.watch.take(seen)

    def _who(self, state: State) -> Who:
        team_of = {person.slug: person.team for person in cohorts.people()}
        others = {
            Compares.RANDOMISED: state.held_back,
            Compares.SWITCHBACK: frozenset[str](),
        }.get(_comparison(state).kind, frozenset(team_of) - state.people)
        return Who(state.newly_on, others, team_of, state.people, state.plan.slug)

    def _maker(self, state: State, who: Who) -> Callable[[], Watch]:
        book = self._tail.books[state.feature]
        first = state.first_entered_at.astimezone(self._calendar.zone).date()
        defined_on = telemetry.counted_so_since(FAILED)

        def make() -> Watch:
            return Watch(
                book,
                who,
                since=state.entered_at,
                first_exposed_on=first,
                comparison=_comparison(state),
                confirm_two_days=_wants_two_days(state),
                errors_defined_on=defined_on,
            )

        return make

    def _taker(self, plan: str) -> Taker:
        def take(events: Sequence[tuple[Seen, int]]) -> None:
            watched = self._watched.get(plan)
            if watched is None:
                return
            with self._counting:
                for seen, frame in events:
                    if frame > watched.after:
                        watched.watch.take(seen)

        return take


def _comparison(state: State) -> Comparison:
    return state.plan.stage(state.stage).comparison


def _wants_two_days(state: State) -> bool:
    gates = state.plan.stage(state.stage).gates
    return any(gate.kind is GateKind.GUARDRAIL and gate.confirm == "two_days" for gate in gates)


def _fingerprint(state: State, who: Who) -> str:
    """Tell two watches apart: another stage, attempt, cohort or comparison is another watch."""
    return sha256_of(
        {
            "form": _FORM,
            "stage": [state.stage, state.attempt, state.entered_at.isoformat()],
            "comparison": _comparison(state).to_document(),
            "two_days": _wants_two_days(state),
            "exposed": sorted(who.exposed),
            "others": sorted(who.others),
            "teams": sorted(who.team_of.items()),
        }
    )


def _difference(streamed: Reading, recounted: Reading) -> str:
    """Name what differs, with both figures."""
    one, other = asdict(streamed), asdict(recounted)
    parts = [f"{name} {one[name]} and {other[name]}" for name in one if one[name] != other[name]]
    return f"counted again from stored events the stage says something else: {'; '.join(parts[:3])}"
