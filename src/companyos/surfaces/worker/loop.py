"""Which job runs when: guardrails at every event, gates and objectives once a minute, upkeep once a day."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from companyos.adoption.features.jobs import Documents, Readiness
from companyos.adoption.flags.jobs import apply_due
from companyos.adoption.rollouts.jobs import Controller
from companyos.adoption.surveys.jobs import LetterRounds
from companyos.adoption.telemetry import paging
from companyos.adoption.telemetry.jobs import Tail
from companyos.analytics.limits import EngineError
from companyos.change.comms.jobs import HeadsUps, draft_due
from companyos.change.recognition.jobs import Recognition
from companyos.change.sessions.jobs import plan_sessions
from companyos.kernel.clock import Clock
from companyos.platform import outbox, outgoing, posting
from companyos.work.approvals.jobs import look_at_clocks, tell_outcomes, tell_those_asked
from companyos.work.cases.jobs import look_at_case_clocks
from companyos.work.mailroom.jobs import read_mailbox
from companyos.work.roadmap.jobs import close_windows
from companyos.work.trackers import jobs as trackers

GATES_EVERY_SECONDS = 60.0
FORECASTS_EVERY_SECONDS = 60.0
OBJECTIVES_EVERY_SECONDS = 60.0
READINESS_EVERY_SECONDS = 300.0
HEADS_UPS_EVERY_SECONDS = 60.0
MESSAGES_EVERY_SECONDS = 2.0
DOCUMENTS_EVERY_SECONDS = 60.0
LETTERS_EVERY_SECONDS = 60.0
SESSIONS_EVERY_SECONDS = 300.0  # what a rollout asks for is planned as soon as it is heard
MAILBOX_EVERY_SECONDS = 5.0  # whether it is due; it is once a minute
RECOGNITION_EVERY_SECONDS = 600.0  # whether it is due; it is once a day
UPKEEP_FIRST_AFTER_SECONDS = 600.0
UPKEEP_EVERY_SECONDS = 86_400.0
UPKEEP_AGAIN_AFTER_SECONDS = 3600.0
_LOOK_EVERY_SECONDS = 0.25
_LEAST_TURN_SECONDS = 0.1  # what comes meanwhile is taken together: a turn has its price, however little came
_DRAIN_EVERY_SECONDS = 0.5  # likewise: each block is a part of its own, synced and later merged
_AWAY_SECONDS = 10.0
_log = logging.getLogger(__name__)


def run(
    tail: Tail, controller: Controller, clock: Clock, drain: Callable[[], bool], stop: threading.Event
) -> None:
    """Work until `stop` is set. A job that fails is logged and tried again at its next turn.

    `drain` moves a block from the log into the engine and tells whether there is more to move.
    """
    gates_due = turn_due = time.monotonic()
    draining = _Draining(drain)

    def take_in() -> bool:
        tail.flush_a_piece()
        return draining.answers()

    while not stop.is_set():
        tail.wait(_LOOK_EVERY_SECONDS)
        stop.wait(turn_due - time.monotonic())
        turn_due = time.monotonic() + _LEAST_TURN_SECONDS
        due = time.monotonic() >= gates_due
        if due:
            draining.hurry()
        try:
            answers = take_in()
            controller.tick(clock.now(), gates=due and answers, between=take_in)
            outbox.relay()
            look_at_clocks(clock.now())
            look_at_case_clocks(clock.now())
            close_windows(clock.now())
            apply_due(clock.now())  # last: whatever goes wrong with it keeps nothing from being guarded
        except Exception:
            _log.exception("a turn of the worker failed; it is tried again at the next turn")
            stop.wait(1.0)
        if due:
            gates_due = time.monotonic() + GATES_EVERY_SECONDS


def foretell(controller: Controller, clock: Clock, stop: threading.Event) -> None:
    """Keep the running stages' forecasts up, in a thread of its own: no guardrail waits for a simulation."""
    _every(
        FORECASTS_EVERY_SECONDS,
        stop,
        lambda: controller.foretell(clock.now()),
        "the running stages could not be foretold; they are again in a minute",
    )


def watch_objectives(clock: Clock, stop: threading.Event) -> None:
    """Look at every objective once a minute, in a thread of its own: a slow Prometheus holds no guardrail up."""
    while not stop.is_set():
        try:
            paging.look(now=clock.now())
        except Exception:
            _log.exception("the objectives could not be looked at; they are again in a minute")
        stop.wait(OBJECTIVES_EVERY_SECONDS)


def judge_readiness(clock: Clock, stop: threading.Event) -> None:
    """Judge scorecards anew every five minutes, in a thread of its own: what runs out or goes back is told."""
    readiness = Readiness()
    _every(
        READINESS_EVERY_SECONDS,
        stop,
        lambda: readiness.look(clock.now()),
        "scorecards could not be judged; they are again in five minutes",
    )


def judge_champions(clock: Clock, stop: threading.Event) -> None:
    """Judge which teams are champions once a day, in a thread of its own: it asks the engine about each team."""
    recognition = Recognition()
    _every(
        RECOGNITION_EVERY_SECONDS,
        stop,
        lambda: recognition.look(clock.now()),
        "teams could not be judged; they are again in ten minutes",
    )


def tell_ahead(heads_ups: HeadsUps, clock: Clock, stop: threading.Event) -> None:
    """Tell what comes and what became of it, in a thread of its own: whom a flag moves takes long to reckon."""
    _every(
        HEADS_UPS_EVERY_SECONDS,
        stop,
        lambda: heads_ups.look(clock.now()),
        "heads-ups could not be told; they are again in a minute",
    )


def post_messages(clock: Clock, stop: threading.Event) -> None:
    """Send mail and Slack posts that wait, in a thread of its own: a slow server of somebody else holds nothing up."""
    sweep_due = time.monotonic()
    while not stop.wait(MESSAGES_EVERY_SECONDS):
        try:
            tell_those_asked(clock.now())
            tell_outcomes(clock.now())
            posting.post_what_waits(now=clock.now())
            if time.monotonic() >= sweep_due:
                sweep_due = time.monotonic() + UPKEEP_AGAIN_AFTER_SECONDS
                outgoing.forget_old(now=clock.now())
                draft_due(clock.now())
        except Exception:
            _log.exception("messages could not be sent; they are tried again")


def write_survey_letters(rounds: LetterRounds, clock: Clock, stop: threading.Event) -> None:
    """Ask people by letter and note what arrived, in a thread of its own: it asks the engine who met what."""
    _every(
        LETTERS_EVERY_SECONDS,
        stop,
        lambda: rounds.look(clock.now()),
        "letters about surveys could not be written; they are tried again in a minute",
    )


def read_the_mailbox(clock: Clock, stop: threading.Event) -> None:
    """Take what comes by mail, in a thread of its own; a mailbox that is away is tried again ever more rarely."""
    _every(
        MAILBOX_EVERY_SECONDS,
        stop,
        lambda: read_mailbox(clock.now()),
        "the mailbox could not be read; it is tried again",
    )


def plan_the_sessions(clock: Clock, stop: threading.Event) -> None:
    """Keep the next sessions planned, in a thread of its own: no guardrail waits for a calendar."""
    _every(
        SESSIONS_EVERY_SECONDS,
        stop,
        lambda: plan_sessions(clock.now()),
        "sessions could not be planned; they are again in five minutes",
    )


def look_at_documents(documents: Documents, clock: Clock, stop: threading.Event) -> None:
    """Look where documents' links lead, in a thread of its own: a host that answers slowly holds nothing up."""
    _every(
        DOCUMENTS_EVERY_SECONDS,
        stop,
        lambda: documents.look(clock.now()),
        "the links of documents could not be looked at; they are again in a minute",
    )


def sync_trackers(clock: Clock, stop: threading.Event) -> None:
    """Send to issue trackers what cases have to say, in a thread of its own for the same reason."""
    sweep_due = time.monotonic()
    while not stop.wait(MESSAGES_EVERY_SECONDS):
        try:
            trackers.sync_due(now=clock.now())
            if time.monotonic() >= sweep_due:
                trackers.forget_old(now=clock.now())
                sweep_due = time.monotonic() + UPKEEP_AGAIN_AFTER_SECONDS
        except Exception:
            _log.exception("issues could not be synced; they are tried again")


def keep_house(turn: Callable[[], bool], called: threading.Event, stop: threading.Event) -> None:
    """Do the upkeep of what is stored once a day, and when `called`; in an hour again when `turn` left something.

    In a thread of its own: guardrails and flags do not wait for it. Whoever sets `stop` sets `called` too.
    """
    wait = UPKEEP_FIRST_AFTER_SECONDS
    while not (called.wait(wait) and stop.is_set()):
        called.clear()
        wait = UPKEEP_AGAIN_AFTER_SECONDS
        try:
            wait = UPKEEP_EVERY_SECONDS if turn() else UPKEEP_AGAIN_AFTER_SECONDS
        except Exception:
            _log.exception("the upkeep of stored events failed; it is tried again in an hour")


def _every(seconds: float, stop: threading.Event, job: Callable[[], object], failed: str) -> None:
    """Do a job every so many seconds until `stop` is set; a turn that fails is logged as `failed`."""
    while not stop.wait(seconds):
        try:
            job()
        except Exception:
            _log.exception(failed)


class _Draining:
    """Drains a block now and then, at every turn while there is more than one, and rarely while the engine is away.

    Guardrails read the log, so they are judged all the same; gates wait for the engine.
    """

    def __init__(self, drain: Callable[[], bool]) -> None:
        self._drain = drain
        self._answers = False
        self._not_before = 0.0

    def hurry(self) -> None:
        """Drain at the next turn: gates judge what is stored. An engine that is away is not asked sooner."""
        if self._answers:
            self._not_before = 0.0

    def answers(self) -> bool:
        """Tell whether the engine took what it was last given."""
        now = time.monotonic()
        if now >= self._not_before:
            self._not_before = now + self._block()
        return self._answers

    def _block(self) -> float:
        """Drain one block; returns in how many seconds the next is due."""
        try:
            is_behind = self._drain()
        except EngineError as error:
            _log.error("%s", error)
            self._answers = False
            return _AWAY_SECONDS
        self._answers = True
        return 0.0 if is_behind else _DRAIN_EVERY_SECONDS
