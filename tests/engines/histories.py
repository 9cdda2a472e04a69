"""Small histories with everything that goes wrong in large ones: ties, duplicates, late and disordered events.

Each example lives in tenants and a feature of its own, so that one engine serves all of them.
"""

from __future__ import annotations

import itertools
import json
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from companyos.adoption.telemetry.queries import Events, Span
from companyos.analytics.engine import Engine

FEW = settings(
    max_examples=4,  # each of up to MOST histories
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
MOST = 6
ZONE = ZoneInfo("Europe/Berlin")
BASE = datetime(2026, 3, 16, 21, 30, tzinfo=UTC)  # a Monday; summer time begins in the second week
EVENTS = ("task_started", "task_completed", "task_failed", "policy_violation", "case_started")
EVALUATION = "feature_flag.evaluation"
PEOPLE = ("", "ada", "ben", "cyd", "d'Or\\x")
HOURS = timedelta(hours=1) // timedelta(milliseconds=1)
T = TypeVar("T")
_RUN = secrets.token_hex(3)
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Ev:
    """One event; `at` in ms since BASE."""

    tenant: str
    id: str
    event: str
    at: int
    actor: str
    path: str
    kind: str
    task: str
    value: float | None
    latency_ms: float | None
    props: str

    @property
    def time(self) -> datetime:
        return BASE + timedelta(milliseconds=self.at)

    @property
    def ms(self) -> int:
        return round(self.time.timestamp() * 1000)


# Offsets with many ties, gaps around the session pause, the end of a day and of a week, and weeks apart.
_OFFSETS = st.one_of(
    st.sampled_from([0, 1, 2, 1000, 60_000, 1_800_000, 1_800_001, 3_600_000]),
    st.builds(
        lambda weeks, hours, ms: (weeks * 168 + hours) * HOURS + ms,
        st.integers(0, 4),
        st.integers(0, 60),
        st.sampled_from([0, 1, 30_000, 1_800_000]),
    ),
)
_TASKS = st.sampled_from(["k1", "k2", "k3", "k4", "k5", "k6"])
_MEASURED = st.one_of(st.none(), st.integers(0, 4000).map(lambda n: n / 8))
_PROPS = st.sampled_from(["{}", '{"error":"timeout","n":1}', '{"error":"conflict","n":2.5}', '{"ok":true}'])


@st.composite
def events(draw: st.DrawFn, most: int = 40) -> list[Ev]:
    """Distinct events, in the order in which they were sent."""
    found = []
    for number in range(draw(st.integers(0, most))):
        name = draw(st.sampled_from((*EVENTS, *EVENTS[:2], EVALUATION)))
        flag = name == EVALUATION
        found.append(
            Ev(
                draw(st.sampled_from(["a", "b"])),
                f"event-{number:04d}",
                name,
                draw(_OFFSETS),
                draw(st.sampled_from(PEOPLE)),
                draw(st.sampled_from(["on", "off"] if flag else ["unified", "existing"])),
                draw(st.sampled_from(["flag-1", "flag-2"] if flag else ["submit", "approve"])),
                "" if flag else draw(_TASKS),
                draw(_MEASURED),
                draw(_MEASURED),
                draw(_PROPS),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Sent:
    """A history as it arrived: blocks, the events that came again in a later one, and when each block came."""

    history: list[Ev]
    blocks: list[list[int]]
    again: list[int]
    late_by: timedelta


@st.composite
def histories(draw: st.DrawFn, most: int = 40) -> Sent:
    history = draw(events(most))
    indexes = draw(st.permutations(range(len(history))))
    cut = draw(st.integers(0, len(history)))
    again = draw(st.lists(st.sampled_from(range(len(history))), max_size=8)) if history else []
    late_by = draw(st.sampled_from([timedelta(0), timedelta(hours=49), timedelta(days=70)]))
    return Sent(history, [list(indexes[:cut]), list(indexes[cut:])], again, late_by)


@dataclass(frozen=True, slots=True)
class Held:
    """A history in the engine: its events under their own tenants, and the feature they are of."""

    history: list[Ev]
    feature: str
    tenants: tuple[str, ...]

    def span(self, since: int, until: int) -> Events:
        """Offsets in ms from BASE."""
        return Events(self.feature, self.tenants, _moment(since), _moment(until))

    def tasks(self, since: int, until: int, path: str) -> Span:
        return Span(self.feature, self.tenants, _moment(since), _moment(until), path)

    def between(self, since: int, until: int, *names: str) -> list[Ev]:
        return [each for each in self.history if since <= each.at < until and each.event in names]


def several(each: st.SearchStrategy[T]) -> st.SearchStrategy[list[T]]:
    """Several at once: an insert costs more than a question."""
    return st.lists(each, min_size=1, max_size=MOST)


def store(sent: Sent, engine: Engine) -> Held:
    return store_all([sent], engine)[0]


def store_all(many: list[Sent], engine: Engine) -> list[Held]:
    """Insert block by block; the first is sent twice, as after a crash, and some events come again in a later one."""
    run = f"{_RUN}{next(_numbers)}"
    stored = [_own(sent, f"{run}-{index}") for index, sent in enumerate(many)]
    for index in range(3):
        rows = b"".join(_block(sent, held, index) for sent, held in zip(many, stored, strict=True))
        for _ in range(1 + (index == 0)):
            if rows:
                engine.insert("events", rows, token=f"{run}:{index}")
    return stored


def _own(sent: Sent, number: str) -> Held:
    history = [replace(each, tenant=f"{each.tenant}-{number}") for each in sent.history]
    return Held(history, f"feature-{number}", (f"a-{number}", f"b-{number}"))


def _block(sent: Sent, held: Held, index: int) -> bytes:
    received = max((each.time for each in held.history), default=BASE) + sent.late_by
    return b"".join(line(held.history[i], held.feature, received) for i in [*sent.blocks, sent.again][index])


def line(each: Ev, feature: str, received: datetime) -> bytes:
    row = {
        "tenant": each.tenant, "id": each.id, "event": each.event, "time": each.time.isoformat(timespec="milliseconds"),
        "received": received.isoformat(timespec="milliseconds"), "actor": each.actor, "feature": feature,
        "path": each.path, "kind": each.kind, "case": "", "task": each.task, "value": each.value,
        "latency_ms": each.latency_ms, "by": "", "props": each.props,
    }  # fmt: skip
    return json.dumps(row).encode() + b"\n"


def _moment(offset: int) -> datetime:
    return BASE + timedelta(milliseconds=offset)
