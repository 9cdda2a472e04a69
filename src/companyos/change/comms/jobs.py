"""What comms do by themselves: once a minute what is to come is told in time, and what became of it (R112)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from companyos.adoption.flags import queries as flags
from companyos.adoption.flags.queries import ChangeToCome
from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.rollouts.domain.types import StageState, Status
from companyos.adoption.rollouts.queries import AttemptNow, StageToCome, State
from companyos.change.comms import actions, queries
from companyos.change.comms.domain.aftermath import Became, Standing, what_to_say
from companyos.change.comms.domain.ahead import Ahead
from companyos.change.comms.domain.heads_up import Act, Coming, Told, judge
from companyos.change.comms.domain.telling import Telling
from companyos.change.comms.domain.types import Kind
from companyos.change.comms.domain.wording import daily_words, moved_words, when_said
from companyos.change.comms.queries import HeadsUpRow
from companyos.change.comms.queries.stories import Stories, stage_key
from companyos.kernel.business_time import WorkingCalendar

T = TypeVar("T")
TELLER = "controller"
_MAY_BE_TOLD = frozenset({"rollout.moved", "flag.changed", "segment.changed"})
_STILL_NEWS = 1  # working days: what began longer ago is nobody's news any more
_log = logging.getLogger(__name__)


class HeadsUps:
    """Looks at what comes and what became of it. Looking again changes nothing, in this process or in another."""

    def __init__(self, calendar: WorkingCalendar) -> None:
        self._calendar = calendar
        self._looked_in: tuple[date, bool] | None = (
            None  # the half of a day: before the daily post, and after
        )
        self._heard = False

    def hear(self, topic: str) -> None:
        """Keep that something happened of which people may have to be told."""
        self._heard = self._heard or topic in _MAY_BE_TOLD

    def look_if_due(self, now: datetime) -> None:
        """Look twice a day, and when something happened: a rehearsal's weeks pass in a minute."""
        local = now.astimezone(self._calendar.zone)
        half = local.date(), local.time() >= queries.telling().daily_at
        if self._heard or half != self._looked_in:
            self._heard, self._looked_in = False, half
            self.look(now)

    def look(self, now: datetime) -> None:
        """Tell what is due. What cannot be told is tried again at the next look, and holds nothing else up."""
        telling = queries.telling()
        for part in (_Stages, _Flags, _Daily):
            _tried(part(self._calendar, telling, now).look, part.about)
        _tried(actions.keep_threads, "the threads of heads-ups")


def draft_due(now: datetime) -> str:
    """Draft the next release notes when their two weeks are over; returns the id of the edition, or nothing."""
    return actions.draft_due_release_note(now=now)


def _tried(job: Callable[[], object], about: str) -> None:
    try:
        job()
    except Exception:
        _log.exception("%s could not be told; they are at the next look", about)


class _Looking:
    """One look at one kind of change."""

    about = ""

    def __init__(self, calendar: WorkingCalendar, telling: Telling, now: datetime) -> None:
        self._calendar, self._telling, self._now = calendar, telling, now
        self._stories = Stories(calendar.zone)

    def _each(self, found: Iterable[T], tell: Callable[[T], object]) -> None:
        """Tell of each; one that cannot be told keeps none of the others back."""
        for each in found:
            _tried(partial(tell, each), self.about)

    def _tell(self, ahead: Ahead) -> None:
        actions.tell_ahead(actor=TELLER, ahead=ahead, channel=self._telling.channel, now=self._now)

    def _say(
        self, row: HeadsUpRow, says: str, standing: Standing, happens_at: datetime | None = None
    ) -> None:
        actions.answer(
            actor=TELLER,
            key=row.key,
            answers=row.answers,
            says=says,
            standing=standing,
            happens_at=happens_at,
            now=self._now,
        )

    def _say_what_became(self, row: HeadsUpRow, became: Became) -> None:
        if says := what_to_say(row.standing, became, self._calendar.zone):
            self._say(row, says, became.standing)


class _Stages(_Looking):
    """Stages of rollouts: the next of each that runs, those that begin untold, and what becomes of all of them."""

    about = "stages"

    def look(self) -> None:
        told = queries.heads_ups_open(Kind.STAGE)
        self._what_became(told)
        running = rollouts.running()
        self._what_began_untold(running)
        coming = rollouts.stages_to_come(running, self._calendar, self._now)
        readers = queries.readers_of([key for each in coming if (key := _key_of(each)) in told])
        self._each(
            coming,
            lambda each: self._what_comes(
                each, told.get(_key_of(each)), readers.get(_key_of(each), frozenset())
            ),
        )

    def _what_comes(self, coming: StageToCome, told: HeadsUpRow | None, readers: frozenset[str]) -> None:
        size = self._stories.size_of(coming.feature)
        judged = Coming(
            size,
            coming.expected,
            len(coming.people),
            told=_told(told),
            newcomers=len(coming.people - readers),
            overdue=coming.overdue,
        )
        advice = judge(judged, days=self._telling.days(size), calendar=self._calendar, now=self._now)
        if advice.act in (Act.TELL, Act.TELL_NEWCOMERS):
            self._tell(self._stories.of_stage(coming))
        elif told is not None:
            self._move(told, coming.expected, advice.act, advice.because)

    def _move(self, told: HeadsUpRow, expected: datetime, act: Act, because: str) -> None:
        zone = self._calendar.zone
        if act is Act.CORRECT:
            actions.move(key=told.key, changes_at=expected, now=self._now)
        elif act is Act.SAY_MOVED:
            was_open = told.standing is Standing.OPEN
            says = moved_words(expected, told.told_for, zone, was_open=was_open)
            self._say(told, says, Standing.COMING, expected)
        elif act is Act.SAY_OPEN:
            why = f"It was expected {when_said(told.told_for, zone)} and waits for its gates"
            self._say_what_became(told, Became(Standing.OPEN, self._now, why))

    def _what_became(self, told: dict[str, HeadsUpRow]) -> None:
        wanted = {_attempt_of(key): row for key, row in told.items()}
        for attempt, stands in rollouts.attempts(list(wanted)).items():
            row = wanted[attempt]
            standing = _standing_of(stands, row.standing)
            at = stands.moved_at or self._now
            became = Became(standing, at, stands.because, stands.people, stands.on_since)
            self._say_what_became(row, became)

    def _what_began_untold(self, running: Sequence[State]) -> None:
        fresh = [each for each in running if self._is_fresh(each)]
        known = queries.told_of([stage_key(s.plan.slug, s.stage, s.attempt) for s in fresh])
        for state in fresh:
            if stage_key(state.plan.slug, state.stage, state.attempt) not in known:
                self._tell(self._stories.of_stage_begun(state))

    def _is_fresh(self, state: State) -> bool:
        runs = state.status in (Status.ACTIVE, Status.PAUSED) and not state.in_shadow
        days = self._calendar.working_days_between(state.entered_at, self._now)
        return runs and bool(state.newly_on) and days <= _STILL_NEWS


class _Flags(_Looking):
    """Changes of flags that are scheduled, and those that were made at once."""

    about = "changes of flags"

    def look(self) -> None:
        told = queries.heads_ups_open(Kind.FLAG)
        self._what_became(told)
        horizon = self._calendar.add_working_days(self._now, self._telling.longest + 1)
        waiting = flags.changes_to_come(horizon)
        self._each([each for each in waiting if f"flag/{each.id}" not in told], self._what_comes)
        self._each(queries.changes_made(), self._what_was_made)

    def _what_comes(self, change: ChangeToCome) -> None:
        size = self._stories.size_of(change.feature)
        days = self._telling.days(size)
        if (
            judge(Coming(size, change.at, 1), days=days, calendar=self._calendar, now=self._now).act
            is Act.WAIT
        ):
            return  # whom it moves is worked out once it is due
        people = flags.moved_by_scheduled(change.id)
        coming = Coming(size, change.at, len(people))
        if judge(coming, days=days, calendar=self._calendar, now=self._now).act is Act.TELL:
            self._tell(self._stories.of_scheduled(change, people))

    def _what_became(self, told: dict[str, HeadsUpRow]) -> None:
        changes = flags.scheduled_changes([key.removeprefix("flag/") for key in told])
        for key, row in told.items():
            if change := changes.get(key.removeprefix("flag/")):
                self._say_what_became(row, _became_of(change, len(queries.readers_of([key])[key])))

    def _what_was_made(self, made: queries.ChangeMadeRow) -> None:
        scheduled = flags.carried_out_at(made.name, made.at) if made.about == "flag" else ""
        moved = flags.moved_by_version if made.about == "flag" else flags.moved_by_segment
        if queries.told_of([f"flag/{scheduled}"]):
            actions.was_told(key=made.key, now=self._now)
        elif people := moved(made.name, made.version):
            self._tell(self._stories.of_made(made, people))
            actions.was_told(key=made.key, now=self._now)
        else:
            actions.alters_nothing(key=made.key)


class _Daily(_Looking):
    """The one post of a working day for what nobody sees."""

    about = "small changes"

    def look(self) -> None:
        local = self._now.astimezone(self._calendar.zone)
        if not self._calendar.is_working_day(local.date()) or local.time() < self._telling.daily_at:
            return
        due = local.replace(
            hour=self._telling.daily_at.hour, minute=self._telling.daily_at.minute, second=0, microsecond=0
        )
        rows = [each for each in queries.minor_changes() if each.at <= due]
        if rows:
            text = daily_words(when_said(due, self._calendar.zone), [self._stories.line_of(r) for r in rows])
            keys = [each.key for each in rows]
            actions.post_daily(
                day=local.date(), keys=keys, text=text, channel=self._telling.channel, now=self._now
            )


def _key_of(coming: StageToCome) -> str:
    return stage_key(coming.plan.slug, coming.stage.slug, coming.attempt)


def _attempt_of(key: str) -> tuple[str, str, int]:
    _, plan, stage, attempt = key.split("/")
    return plan, stage, int(attempt)


def _told(row: HeadsUpRow | None) -> Told | None:
    return Told(row.told_for, row.shown, row.standing is Standing.OPEN) if row else None


def _standing_of(stands: AttemptNow, said: Standing) -> Standing:
    """Name how an attempt at a stage stands; before it begins, only what keeps it from beginning is new."""
    if stands.state is StageState.WAITING:
        if stands.status in (Status.KILLED, Status.COMPLETED):
            return Standing.CALLED_OFF
        held = stands.status in (Status.PAUSED, Status.ROLLED_BACK)
        return Standing.OPEN if held else said
    if stands.state is not StageState.ACTIVE:
        return Standing.PASSED if stands.state is StageState.PASSED else Standing.TAKEN_BACK
    if stands.in_shadow:
        return Standing.SHADOW
    return Standing.PAUSED if stands.status is Status.PAUSED else Standing.ON


def _became_of(change: ChangeToCome, people: int) -> Became:
    standing = {
        "applied": Standing.DONE, "cancelled": Standing.CALLED_OFF, "refused": Standing.REFUSED
    }.get(change.outcome, Standing.COMING)  # fmt: skip
    why = change.told if standing in (Standing.CALLED_OFF, Standing.REFUSED) else ""
    return Became(standing, change.settled_at or change.at, why, people, change.settled_at)
