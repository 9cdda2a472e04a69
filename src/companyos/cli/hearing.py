"""What each message of the outbox sets going: in the rooms that listen, in the controller, on open pages."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.telemetry import actions as telemetry
from companyos.adoption.telemetry.operating_evidence import take_baseline
from companyos.analytics.inbox.handed_in import HandedIn
from companyos.change.comms import actions as comms
from companyos.change.sessions import jobs as sessions
from companyos.cli.comment_window import open_at_internal_ga
from companyos.cli.decided_requests import hear_of_request, room_of
from companyos.cli.session_news import tell_of_session
from companyos.work.feedback import jobs as feedback
from companyos.work.mailroom import actions as mailroom
from companyos.work.trackers import actions as trackers

_log = logging.getLogger(__name__)
_ENTERS = frozenset({"start", "advance"})
_TELLS_A_SEVERITY = frozenset({"case.opened", "case.triaged", "case.severity_set"})
_CALLS_FOR_A_LOOK = frozenset({
    "case.opened", "case.triaged", "case.severity_set", "case.reopened", "case.unmerged",  # it may be a Sev1
    "feature.moved",  # a person may have held or ended it
    "drill.ended", "support.changed",  # a gate may have waited for it
})  # fmt: skip
_HUNDREDS_A_MINUTE = ("request.", "survey.")  # in a rehearsal


def tell_the_rooms(topic: str, body: dict[str, Any], now: datetime, *, handed_in: HandedIn) -> None:
    """Let the rooms that no room below them may call hear of what happened."""
    feedback.hear(topic, body, now=now)
    if topic in _TELLS_A_SEVERITY:
        telemetry.report_bug_to_guardrails(case=body["case"], to=handed_in)
    trackers.hear(topic, body, now=now)
    sessions.hear(topic, body, now=now)
    tell_of_session(topic, body, now)
    comms.hear(topic, body, now=now)


def tell_the_outside(topic: str, body: dict[str, Any], now: datetime) -> None:
    """Let mail and webhooks tell what happened to a case; what they cannot queue must not stop the relay."""
    if not topic.startswith("case."):
        return
    try:
        if topic == "case.told":
            mailroom.write_to_people(body, now=now)
        else:
            mailroom.tell_hooks(topic, body, now=now)
    except Exception:
        _log.exception("nobody could be told of %s", topic)


def begin_what_a_stage_begins(moved: dict[str, Any], now: datetime, zone: ZoneInfo) -> None:
    """A stage that begins may need the old path measured, and internal GA opens the window for comments."""
    _keep_baseline(moved, now, zone)
    open_at_internal_ga(moved, now)


def calls_for_a_look(topic: str, body: dict[str, Any], now: datetime) -> bool:
    """Tell whether the controller should look at once: something may hold a rollout, or what it waited for is here."""
    return hear_of_request(topic, body, now) or topic in _CALLS_FOR_A_LOOK


def pages_changed(topic: str, body: dict[str, Any], *, rehearsal: bool) -> Iterator[str]:
    """Name what changed to the pages that show it."""
    if not (rehearsal and topic.startswith(_HUNDREDS_A_MINUTE)):
        yield topic.partition(".")[0]
    if topic.startswith("request.") and (room := room_of(body)):
        yield room


def _keep_baseline(moved: dict[str, Any], now: datetime, zone: ZoneInfo) -> None:
    """Store how the old path did when a stage up to the first human one begins: later nobody can (R66)."""
    state = rollouts.state(moved["rollout"]) if moved["move"] in _ENTERS else None
    human_before = state.production_since if state else None
    if state is None or state.attempt > 1 or (human_before and human_before < state.entered_at):
        return  # people are on already: what the old path does now is no baseline
    feature, stage, until = state.feature, state.stage, state.entered_at
    try:
        take_baseline(actor="controller", feature=feature, stage=stage, until=until, zone=zone, now=now)
    except Exception:  # the message must not be relayed for ever; the page says so and offers to measure
        _log.exception("the old path of %s could not be measured; a person can, on its page", feature)
