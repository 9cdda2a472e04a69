"""What triage does by itself: it learns anew every night and when asked, and takes new reports into the index."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from companyos.kernel.clock import Clock
from companyos.work.feedback import actions, queries
from companyos.work.feedback.domain.learning import is_installed
from companyos.work.feedback.domain.types import Axis, TrainingRow
from companyos.work.feedback.learner import LearningFailed, learn_apart

_LOOK_EVERY_SECONDS = 5.0
_NIGHT_HOUR = 3  # UTC
_DEAD_AFTER = timedelta(hours=1)
_log = logging.getLogger(__name__)


def hear(topic: str, body: Mapping[str, Any], *, now: datetime) -> None:
    """Read a new case, and count a word given on a case's own page: for whoever listens to the outbox."""
    if topic == "case.opened":
        actions.read_new_case(case=body["case"], now=now)
    elif topic == "case.reworded":
        actions.read_again(case=body["case"], now=now)
    elif topic == "case.triaged":
        actions.hear_triaged(case=body["case"], now=now)


def follow(clock: Clock, stop: threading.Event) -> None:
    """Work until `stop` is set, in a thread of its own: guardrails and flags do not wait for it."""
    while not stop.is_set():
        try:
            while queries.take_in_new() and not stop.is_set():
                pass
            ask_at_night(clock.now())
            train_what_is_asked(clock.now())
        except Exception:
            _log.exception("a turn of triage failed; it is tried again at the next turn")
        stop.wait(_LOOK_EVERY_SECONDS)


def ask_at_night(now: datetime) -> bool:
    """Ask for the night's training once a night, when there are new answers; says whether it did."""
    night = now.replace(hour=_NIGHT_HOUR, minute=0, second=0, microsecond=0)
    latest, newest = queries.latest_training(), next(iter(queries.versions(1)), None)
    if (
        now < night
        or not is_installed()
        or (latest is not None and (latest.ended_at is None or latest.asked_at >= night))
    ):
        return False
    answers = queries.answered()
    if answers == (newest.answers if newest else 0):
        return False
    actions.ask_training(actor="nightly", because=f"the night's training, {answers} answers", now=now)
    return True


def train_what_is_asked(now: datetime) -> int:
    """Carry out the trainings that wait; says how many ended. One whose process died is given up after an hour."""
    ended = 0
    for training in queries.waiting_trainings():
        if actions.begin_training(training=training.id, now=now):
            _train(training, now)
            ended += 1
        elif now - training.asked_at > _DEAD_AFTER:
            outcome = (
                "It did not end within an hour: the process was stopped. Nothing was changed; train again."
            )
            actions.end_training(training=training.id, outcome=outcome, now=now)
    return ended


def _train(training: TrainingRow, now: datetime) -> None:
    texts, labels = queries.answered_texts()

    def note(what: str, done: int, total: int) -> None:
        actions.note_progress(training=training.id, what=what, done=done, total=total)

    try:
        outcome = learn_apart(texts, labels, in_use=queries.squad_content_in_use(), progress=note)
    except LearningFailed as failure:
        said = f"{failure}. Nothing was changed; what answered before goes on."
        actions.end_training(training=training.id, outcome=said, now=now)
        return
    if not outcome.parts:
        actions.end_training(training=training.id, outcome=outcome.skipped[Axis.SQUAD], now=now)
        return
    version, decision = actions.keep_model(
        actor=training.by, because=training.because, answers=len(texts), outcome=outcome, now=now
    )
    verb = "answers from now on" if decision.takes_over else "is kept and does not answer"
    said = f"Version {version} {verb}: {decision.because}."
    actions.end_training(training=training.id, outcome=said, now=now, version=version)
