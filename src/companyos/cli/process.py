"""The control plane on one data directory: engine, guardrails, controller, pages' stream. Everything is wired here."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import Resolver404, resolve

from companyos.adoption.features import evidence as feature_evidence
from companyos.adoption.features.fetching import LinkReader
from companyos.adoption.features.jobs import Documents
from companyos.adoption.flags import evidence as flag_evidence
from companyos.adoption.flags import queries as flags
from companyos.adoption.flags.jobs import publish_latest
from companyos.adoption.rollouts import evidence as rollout_evidence
from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.rollouts.jobs import Controller, run_with
from companyos.adoption.shadow import evidence as shadow_evidence
from companyos.adoption.shadow import queries as shadow
from companyos.adoption.surveys import evidence as survey_evidence
from companyos.adoption.surveys import triggers as survey_triggers
from companyos.adoption.surveys.jobs import LetterRounds
from companyos.adoption.telemetry import queries as telemetry
from companyos.adoption.telemetry import upkeep
from companyos.adoption.telemetry.domain.company_time import Company
from companyos.adoption.telemetry.evidence import offer_evidence
from companyos.adoption.telemetry.jobs import Tail
from companyos.adoption.telemetry.operating_evidence import OperatingEvidence
from companyos.analytics.drain import Drain
from companyos.analytics.engine import Engine, open_engine
from companyos.analytics.inbox import DuplicateWindow, Inbox, InboxLog
from companyos.analytics.inbox.handed_in import HandedIn
from companyos.analytics.limits import EngineError
from companyos.analytics.schema import FromTheFuture
from companyos.change.comms import evidence as comms_evidence
from companyos.change.comms.jobs import HeadsUps
from companyos.change.playbooks import evidence as playbook_evidence
from companyos.change.sessions import evidence as session_evidence
from companyos.cli import hearing
from companyos.cli.approval_paths import UnifiedFor
from companyos.cli.commands import Mistake
from companyos.cli.compared_requests import ComparedRequests
from companyos.cli.erasures import let_erasures_reach
from companyos.cli.privacy import privacy_asked_for, region_asked_for
from companyos.cli.survey_triggers import FromTelemetry
from companyos.kernel.clock import Clock
from companyos.platform import outbox
from companyos.platform.instance import Instance, run_as
from companyos.platform.own_figures import OwnFigure, Requests, gauge
from companyos.surfaces.edge import Edge
from companyos.surfaces.edge.app import ADDRESSES
from companyos.surfaces.edge.live import Live
from companyos.surfaces.edge.throttle import GENEROUS, Rate
from companyos.surfaces.program.types import Program
from companyos.surfaces.worker import loop
from companyos.work.approvals import actions as approvals
from companyos.work.cases import evidence as case_evidence
from companyos.work.feedback import jobs as feedback
from companyos.work.roadmap import evidence as roadmap_evidence

_log = logging.getLogger(__name__)
_OF_A_DECISION = frozenset({"ruleset.changed", "rollout.moved"})
KILLED = 137
_REMEMBERED = timedelta(days=35)  # before a stage: four weeks, and its first week


class Process:
    """The parts of a running instance on one data directory."""

    def __init__(
        self, data: Path, program: Program, clock: Clock, inbox: Inbox, *, rehearsal: bool = False
    ) -> None:
        company = program.company
        self.data, self.clock, self.rehearsal = data, clock, rehearsal
        self.calendar = company.calendar
        self.inbox = inbox
        self.handed_in = HandedIn(data / "handed-in")
        self.edge: Edge | None = None  # here, or in a process of its own
        self.dies_after_a_write = False  # a rehearsal of a crash
        self.requests = Requests()
        secret = hashlib.sha256(b"live pages " + settings.SECRET_KEY.encode()).digest()
        run_as(Instance(clock, self.calendar, data, secret, rehearsal, self._figures, ADDRESSES))
        self.live = Live(secret)
        self.engine = _engine_of(data)
        telemetry.connect(self.engine)
        shadow.connect(self.engine)
        self.drain = Drain(self.inbox, self.engine, data / "engine")
        self.drain.finish_begun()
        drained = self.drain.drained_offset  # from here on the log tells, also what came while we were away
        self.tail = Tail(self.inbox, self.calendar.zone, after=drained, on_serving=self._on_serving)
        self.tail.drained = lambda: self.drain.drained_offset
        self.controller = Controller(self.tail, self.calendar)
        self.heads_ups = HeadsUps(self.calendar)
        self._offer_evidence(Company(self.calendar, company.sprint_anchor, self._baseline_since(program)))
        self._remember(program)
        run_with(self.controller)
        approvals.choose_paths_with(UnifiedFor())
        self.pairs = ComparedRequests(clock)
        if not rehearsal:  # whose own software compares
            approvals.compare_paths_with(self.pairs)
        survey_triggers.learn_from(FromTelemetry())
        let_erasures_reach()
        outbox.forget_listeners()
        outbox.listen(self._hear)
        publish_latest(data / "edge")
        self.stop, self._house_call, self._storing = threading.Event(), threading.Event(), threading.Lock()
        self._threads: list[threading.Thread] = []

    def start_workers(self) -> None:
        """Start the threads: a real instance works by itself; a rehearsal only listens, and works at its clock."""
        work = partial(self.tail.follow, self.stop) if self.rehearsal else self._work
        tasks: dict[str, Callable[[], None]] = {} if self.rehearsal else self._tasks_by_themselves()
        tasks |= {"triage": partial(feedback.follow, self.clock, self.stop), "worker": work}
        if self.edge is not None:
            tasks["ruleset-watch"] = partial(self.edge.follow, self.stop)
        self._threads += [
            threading.Thread(target=task, name=name, daemon=True) for name, task in tasks.items()
        ]
        for thread in self._threads:
            thread.start()

    def _tasks_by_themselves(self) -> dict[str, Callable[[], None]]:
        """What a real instance does unasked, each in a thread of its own: a slow host holds nothing else up."""
        reader = LinkReader(settings.DOCUMENT_HOSTS, settings.DOCUMENT_FOLDER, is_a_page)
        return {
            "forecasts": partial(loop.foretell, self.controller, self.clock, self.stop),
            "objectives": partial(loop.watch_objectives, self.clock, self.stop),
            "readiness": partial(loop.judge_readiness, self.clock, self.stop),
            "recognition": partial(loop.judge_champions, self.clock, self.stop),
            "heads-ups": partial(loop.tell_ahead, self.heads_ups, self.clock, self.stop),
            "messages": partial(loop.post_messages, self.clock, self.stop),
            "documents": partial(loop.look_at_documents, Documents(reader.look), self.clock, self.stop),
            "survey-letters": partial(
                loop.write_survey_letters, LetterRounds(self.calendar), self.clock, self.stop
            ),
            "mailbox": partial(loop.read_the_mailbox, self.clock, self.stop),
            "sessions": partial(loop.plan_the_sessions, self.clock, self.stop),
            "trackers": partial(loop.sync_trackers, self.clock, self.stop),
            "upkeep": partial(loop.keep_house, self.keep_house, self._house_call, self.stop),
        }

    def _work(self) -> None:
        loop.run(self.tail, self.controller, self.clock, self._drain_what_was_seen, self.stop)

    def _drain_what_was_seen(self) -> bool:
        """Drain a block, only of what the guardrails have taken: after a crash they go on from where the engine ends.

        Tells whether there is more of it.

        While the upkeep works on what is stored, events wait in the log; guardrails go on.
        """
        if not self._storing.acquire(blocking=False):
            return False
        try:
            self.pairs.store(self.engine)
            seen = self.tail.applied_offset
            return self.drain.run_once(upto=seen) > 0 and self.drain.drained_offset < seen
        finally:
            self._storing.release()

    def keep_house(self) -> bool:
        """Carry out erasures and retention and mend the sums, with the drain held still; False: some is left."""
        with self._storing:
            store = upkeep.Store(
                self.engine, self.data / "inbox", self.drain.drained_offset, privacy_asked_for().secret
            )
            return upkeep.turn(store, now=self.clock.now())

    def close(self) -> None:
        """Stop the workers and close what is open; nothing acknowledged is lost."""
        self.stop.set()
        self._house_call.set()
        for thread in self._threads:
            thread.join(timeout=2)
        self.pairs.close()
        self.inbox.close()
        self.engine.close()

    def _figures(self) -> Iterator[OwnFigure]:
        synced, drained = self.inbox.synced_seq, self.drain.drained_offset
        yield gauge("ruleset_version", "The newest version of the flags.", flags.latest_version())
        yield gauge("ingest_offset", "The last frame of the inbox log that is on disk.", synced)
        yield gauge(
            "applied_offset", "The last frame that has reached the guardrails.", self.tail.applied_offset
        )
        yield gauge("drained_offset", "The last frame that is in the event engine.", drained)
        yield gauge(
            "drain_lag_frames",
            "Frames on disk that are not in the event engine yet.",
            max(0, synced - drained),
        )
        yield self.requests.figure()

    def _offer_evidence(self, company: Company) -> None:
        offer_evidence(company, self.controller)
        OperatingEvidence(company.calendar.zone).offer_evidence()
        flag_evidence.offer_evidence()
        case_evidence.offer_evidence()
        roadmap_evidence.offer_evidence()
        survey_evidence.offer_evidence()
        shadow_evidence.offer_evidence()
        feature_evidence.offer_evidence()
        rollout_evidence.offer_evidence()
        session_evidence.offer_evidence()
        comms_evidence.offer_evidence()
        playbook_evidence.offer_evidence()

    def _baseline_since(self, program: Program) -> Any:
        start = program.company.baseline_starts if self.rehearsal else self.clock.now() - timedelta(days=365)
        return start - timedelta(hours=12)

    def _remember(self, program: Program) -> None:
        """Rebuild the guardrails from the engine: the days before each stage, then the running stages themselves."""
        began = [state.first_entered_at for state in rollouts.running()]
        since = min([self.clock.now(), *began]) - _REMEMBERED
        features = [each.slug for each in program.features]
        for feature in features:
            for seen in telemetry.tasks_seen(feature, since):
                self.tail.remember(feature, seen)
        self.controller.watch_what_runs()
        for feature in features:
            self.controller.replay(feature, telemetry.tasks_seen(feature, since))

    def _on_serving(self, provider: str, version: int, heard_at: datetime) -> None:
        self.controller.serving_reported(provider, version, heard_at)
        self.live.announce("propagation")

    def _hear(self, topic: str, body: dict[str, Any]) -> None:
        if self.dies_after_a_write and topic in _OF_A_DECISION:
            os._exit(KILLED)  # as kill -9 would: nothing is closed, nothing is sent
        if topic == "ruleset.changed":
            self._publish_ruleset()
            return
        now = self.clock.now()
        hearing.tell_the_rooms(topic, body, now, handed_in=self.handed_in)
        self.heads_ups.hear(topic)
        if not self.rehearsal:  # nothing leaves a rehearsal
            hearing.tell_the_outside(topic, body, now)
        if topic == "rollout.moved":
            hearing.begin_what_a_stage_begins(body, now, self.calendar.zone)
        elif topic == "telemetry.erased":
            self.controller.forget()
        elif topic == "telemetry.erasure_asked":
            self._house_call.set()
        elif hearing.calls_for_a_look(topic, body, now):
            self.controller.look_at_once()
        for changed in hearing.pages_changed(topic, body, rehearsal=self.rehearsal):
            self.live.announce(changed)

    def _publish_ruleset(self) -> None:
        publish_latest(self.data / "edge")
        if self.edge is not None:
            self.edge.reload()

    @property
    def own_edge(self) -> Edge:
        if self.edge is None:
            raise LookupError("the edge of this instance has a process of its own")
        return self.edge

    def close_streams(self) -> None:
        self.live.close()
        if self.edge is not None:
            self.edge.close_streams()


def is_a_page(path: str) -> bool:
    """Tell whether an address is one of this instance's pages."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def _engine_of(data: Path) -> Engine:
    """The engine that the settings name, or the one in the data directory. Raises Mistake."""
    try:
        return open_engine(data / "engine", settings.CLICKHOUSE_URL)
    except (EngineError, FromTheFuture) as error:
        raise Mistake(str(error)) from None


def alone(data: Path, program: Program, clock: Clock, *, rehearsal: bool, rate: Rate = GENEROUS) -> Process:
    """Return a process that does everything: its own inbox log, and the edge in front."""
    inbox = InboxLog(data / "inbox")
    process = Process(data, program, clock, inbox, rehearsal=rehearsal)
    window = DuplicateWindow.rebuilt(inbox, clock)
    process.edge = Edge(
        rulesets=data / "edge",
        inbox=inbox,
        window=window,
        clock=clock,
        rate=rate,
        privacy=privacy_asked_for(),
        region=region_asked_for(),
        handed_in=data / "handed-in",
    )
    process.edge.reload()
    return process
