"""The window of seen events: a retry within 48 hours is never counted twice, and memory does not grow for ever."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from companyos.analytics.batch import read_batch
from companyos.analytics.events import Event, stored_body, stored_line
from companyos.analytics.inbox import DuplicateWindow, FrameKind, InboxLog, Sight
from companyos.analytics.inbox.window import body_of, end_of_line
from companyos.kernel.clock import VirtualClock

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STEPS = st.lists(
    st.tuples(
        st.integers(0, 15 * 60),  # minutes that pass first
        st.sampled_from(["sales", "support"]),
        st.sampled_from(["event-0001", "event-0002"]),
        st.sampled_from([b"one body", b"another body"]),
        st.booleans(),  # forget it again, as after a failed write
    ),
    max_size=40,
)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_the_window_agrees_with_a_plain_record(steps: list[tuple[int, str, str, bytes, bool]]) -> None:
    clock = VirtualClock(START)
    window = DuplicateWindow(clock)
    record: dict[tuple[str, str], tuple[bytes, datetime]] = {}
    for minutes, tenant, event_id, body, forget in steps:
        clock.set(clock.now() + timedelta(minutes=minutes))
        sight, known = window.sees(tenant, event_id, body), record.get((tenant, event_id))
        age = clock.now() - known[1] if known else timedelta.max
        if known and age <= timedelta(hours=48):
            assert sight is (Sight.DUPLICATE if known[0] == body else Sight.CONFLICT)
        if age > timedelta(hours=49):
            assert sight is Sight.NEW
        if sight is Sight.NEW:
            record[tenant, event_id] = (body, clock.now())
            if forget:
                window.forget(tenant, event_id)
                del record[tenant, event_id]


def test_memory_is_given_back_after_the_window() -> None:
    clock = VirtualClock(START)
    window = DuplicateWindow(clock)
    for number in range(1000):
        window.sees("sales", f"event-{number}", b"body")
    clock.set(START + timedelta(hours=50))
    for _ in range(5000):  # what is over goes a few at a time, so that nobody waits for it
        window.sees("sales", "one-more-event", b"body")
    assert len(window) == 1


def test_a_large_window_holds_nobody_up() -> None:
    """R177: one look costs about as much among millions as among few. Processor time, not the clock on the wall."""
    window, longest = DuplicateWindow(VirtualClock(START)), 0
    for thousand in range(400):  # past where one large dictionary would take some 40 ms to grow
        began = time.thread_time_ns()
        for number in range(1000):
            window.sees("sales", f"event-{thousand}-{number}", b"body")
        longest = max(longest, time.thread_time_ns() - began)
    assert longest < 20_000_000, f"a thousand looks took {longest / 1e6:.0f} ms of processor time"


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from("abcdef")), max_size=12))
def test_a_window_rebuilt_from_the_log_knows_what_it_knew(steps: list[tuple[int, str]]) -> None:
    with TemporaryDirectory() as folder:
        clock = VirtualClock(START)
        log = InboxLog(Path(folder), segment_bytes=300)
        before = DuplicateWindow(clock)
        bodies = {}
        for hours, name in steps:
            clock.set(clock.now() + timedelta(hours=hours))
            event = Event(id=f"event-{name}", event="task_started", time=START, tenant="sales")
            body = bodies[name] = stored_body(event, now=clock.now())
            if before.sees(event.tenant, event.id, body) is Sight.NEW:
                line = stored_line(body, received=clock.now()) + b"\n"
                asyncio.run(log.append(FrameKind.EVENTS, line, received=clock.now()))
        log.close()
        log = InboxLog(Path(folder))
        after = DuplicateWindow.rebuilt(log, clock)
        log.close()
        for name, body in bodies.items():
            assert after.sees("sales", f"event-{name}", body) is before.sees("sales", f"event-{name}", body)


def test_the_time_of_receipt_is_no_part_of_the_body() -> None:
    body = b'{"tenant":"t","props":"{\\",\\"received\\":1}"}'
    assert body_of(body[:-1] + end_of_line("2026-03-02T09:00:00.000Z")) == body


def test_a_retry_spelled_differently_is_the_same_event() -> None:
    """Key order, white space and the zone's spelling are the client's business."""
    spellings = (
        b'{"events":[{"id":"event-0001","event":"a","time":"2026-03-02T09:00:00Z","tenant":"t",'
        b'"props":{"x":1,"y":2}}]}',
        b'{"events": [{"props":{"y":2, "x":1}, "tenant":"t", "time":"2026-03-02T10:00:00.000+01:00",'
        b' "event":"a", "id":"event-0001"}]}',
    )
    bodies = set()
    for spelling in spellings:
        (event,) = read_batch(spelling)
        assert isinstance(event, Event)
        bodies.add(stored_body(event, now=START))
    assert len(bodies) == 1
