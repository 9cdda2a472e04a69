"""Requests that people send through CompanyOS itself are compared, too: as the flag says of who asks.

The path with authority has answered by then. What both would do with a request is plain computing, so the SDK's pool of
one thread does it; pairs wait here until the worker stores them.
"""

from __future__ import annotations

import threading
import uuid
from typing import Any

import msgspec

from companyos.adoption.flags import queries as flags
from companyos.adoption.flags.domain.types import Cohort
from companyos.adoption.rollouts.rehearsal.beside import REDACTION, RULES, WORKFLOW
from companyos.analytics.batch import read_batch
from companyos.analytics.engine import Engine
from companyos.analytics.events import Event, stored_body, stored_line
from companyos.cli.approval_paths import FLAG
from companyos.kernel.clock import Clock
from companyos.work.approvals.actions import Sent
from companyos.work.approvals.domain.types import Path
from companyos_sdk import events
from companyos_sdk.shadow import Mode, Shadow, ThreadPool

MOST_WAITING = 10_000


class ComparedRequests:
    """Told of each request that was sent. `flag` need not be there: then nothing is compared."""

    def __init__(self, clock: Clock, flag: str = FLAG) -> None:
        self._clock, self._flag = clock, flag
        self._version, self._feature = -1, ""
        self._variant = ""
        self._people: Cohort = {}
        self._reading, self._keeping = threading.Lock(), threading.Lock()
        self._waiting: list[bytes] = []
        self._shadow = Shadow(
            WORKFLOW,
            mode=lambda about: Mode(about["mode"]),
            flag=flag,
            telemetry=self,
            pool=ThreadPool(workers=1),
            rules=RULES,
            redaction=REDACTION,
        )

    def __call__(self, sent: Sent) -> None:
        variant = self._variant_for(sent.asked.requester, sent.asked.tenant)
        if not variant or Mode(variant).new_answers != (sent.path is Path.UNIFIED):
            return
        request = {
            "requester": sent.asked.requester,
            "tenant": sent.asked.tenant,
            "fields": dict(sent.asked.fields),
            "at": sent.at.isoformat(),
        }
        about = {
            "mode": variant,
            "targetingKey": sent.asked.requester,
            "tenant": sent.asked.tenant,
            "case": sent.id,
            "variant": sent.both.definition.slug,
        }
        self._shadow.call(sent.both.existing, sent.both.unified, request, about=about)

    def send(self, name: str, **parts: Any) -> None:
        """Keep what the SDK tells of a pair until it is stored."""
        now = self._clock.now()
        told = {**parts, "tenant": parts["context"]["tenant"], "feature": self._feature, "at": now}
        body = msgspec.json.encode({"events": [events.reported(name, **told)]})
        lines = [
            stored_line(stored_body(each, now=now), received=now)
            for each in read_batch(body)
            if isinstance(each, Event)
        ]
        with self._keeping:
            self._waiting = [*self._waiting, *lines][-MOST_WAITING:]

    def store(self, engine: Engine) -> int:
        """Put the pairs that wait into the engine; says how many. They wait on when it raises."""
        with self._keeping:
            lines = self._waiting
            if lines:
                engine.insert("events", b"".join(lines), token=f"pairs:{uuid.uuid4().hex}")
                self._waiting = []
        return len(lines)

    def close(self) -> None:
        self._shadow.close(within=1.0)

    def _variant_for(self, person: str, tenant: str) -> str:
        version = flags.latest_version()
        with self._reading:
            if version != self._version:
                state = flags.state_of(self._flag)
                self._feature = state.spec.feature if state else ""
                self._variant, self._people = flags.both_paths_of(self._flag)
                self._version = version
            return self._variant if person in self._people.get(tenant, ()) else ""
