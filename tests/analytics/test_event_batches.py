"""A bad event never spoils the good ones beside it, and says why it was refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from time import perf_counter

import pytest

from companyos.analytics.batch import Unreadable, read_batch
from companyos.analytics.events import Event, NotStorable, Refusal, stored_body, stored_events, stored_line

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FIELDS = '"id":"event-bad1","event":"task_completed","time":"2026-03-02T08:00:00Z","tenant":"sales"'
POISON = {
    "not a number": f'{{{FIELDS},"value":NaN}}',
    "infinity": f'{{{FIELDS},"value":-Infinity}}',
    "1e400": f'{{{FIELDS},"value":1e400}}',
    "1e400 in props": f'{{{FIELDS},"props":{{"x":1e400}}}}',
    "huge integer": f'{{{FIELDS},"value":{"9" * 5000}}}',
    "huge integer in props": f'{{{FIELDS},"props":{{"x":{"9" * 5000}}}}}',
    "lone surrogate": f'{{{FIELDS},"case":"\\ud800"}}',
    "lone surrogate in props": f'{{{FIELDS},"props":{{"x":"\\udfff"}}}}',
    "NUL": f'{{{FIELDS},"case":"a\\u0000b"}}',
    "raw NUL": f'{{{FIELDS},"case":"a\x00b"}}',
    "not UTF-8": f'{{{FIELDS},"case":"\udcff"}}',
    "depth 100,000": f'{{{FIELDS},"props":{{"x":{"[" * 100_000}{"]" * 100_000}}}}}',
    "depth 5,000": f'{{{FIELDS},"props":{{"x":{"[" * 5_000}{"]" * 5_000}}}}}',
    "value of the wrong type": f'{{{FIELDS},"value":"12"}}',
    "truth as value": f'{{{FIELDS},"value":true}}',
    "props of the wrong type": f'{{{FIELDS},"props":[1]}}',
    "latency of the wrong type": f'{{{FIELDS},"props":{{"latency_ms":"12"}}}}',
    "negative latency": f'{{{FIELDS},"props":{{"latency_ms":-1}}}}',
    "unknown field": f'{{{FIELDS},"vlaue":1}}',
    "a string": '"event"',
    "null": "null",
    "a list": "[]",
    "no fields": "{}",
    "bad name": '{"id":"event-bad1","event":"Task Completed","time":"2026-03-02T08:00:00Z","tenant":"sales"}',
    "name with a line end": '{"id":"event-bad1","event":"a\\n","time":"2026-03-02T08:00:00Z","tenant":"sales"}',
    "short id": '{"id":"x","event":"a","time":"2026-03-02T08:00:00Z","tenant":"sales"}',
    "time without zone": '{"id":"event-bad1","event":"a","time":"2026-03-02T08:00:00","tenant":"sales"}',
    "30 February": '{"id":"event-bad1","event":"a","time":"2026-02-30T08:00:00Z","tenant":"sales"}',
    "year 1": '{"id":"event-bad1","event":"a","time":"0001-01-01T00:00:00+14:00","tenant":"sales"}',
    "year 9999": '{"id":"event-bad1","event":"a","time":"9999-12-31T23:59:59-14:00","tenant":"sales"}',
    "40 KiB": f'{{{FIELDS},"props":{{"x":"{"y" * 40_000}"}}}}',
}


def good(event_id: str) -> str:
    return f'{{"id":"{event_id}","event":"task_started","time":"2026-03-02T08:00:00Z","tenant":"sales"}}'


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON.keys())
def test_the_good_events_beside_a_poisoned_one_are_kept(poison: str) -> None:
    """R: 0 errors of ours, the bad one refused with a reason, the good ones of the batch kept."""
    text = f'{{"sent_by":"[test]","events":[{good("event-0001")}, {poison} ,{good("event-0002")}]}}'
    first, bad, last = read_batch(text.encode("utf-8", "surrogateescape"))
    assert isinstance(first, Event)
    assert isinstance(last, Event)
    assert (first.id, last.id) == ("event-0001", "event-0002")
    if isinstance(bad, Event):
        with pytest.raises(NotStorable) as refused:
            stored_body(bad, now=NOW)
        assert str(refused.value)
    else:
        assert bad.reason


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"{}", b'{"events":{}}', b'{"events":[{]}', b'{"events":["unfinished]}', b"\xff",
     b'{"events":[1}', b'{"x":{"events":[1]}}', b'{"events":NaN}', b"[" * 1_000_000, b'{"events":[' + b"[" * 900_000],
)  # fmt: skip
def test_what_is_no_batch_is_unreadable_and_quickly_so(body: bytes) -> None:
    began = perf_counter()
    with pytest.raises(Unreadable):
        read_batch(body)
    assert perf_counter() - began < 5


@pytest.mark.parametrize("number", ["9" * 30, "9" * 4000, "-1e300", "0.1"])
def test_any_number_that_can_be_kept_whole_is_kept(number: str) -> None:
    (event,) = read_batch(f'{{"events":[{{{FIELDS},"props":{{"x":{number}}}}}]}}'.encode())
    assert isinstance(event, Event)
    (stored,) = stored_events(stored_line(stored_body(event, now=NOW), received=NOW))
    assert json.loads(stored.props) == {"x": json.loads(number)}


def test_escaped_quotes_do_not_make_cutting_slow() -> None:
    began = perf_counter()
    with pytest.raises(Unreadable):
        read_batch(b'{"events":["' + b'\\"' * 500_000)
    assert perf_counter() - began < 5


def test_a_refused_event_is_named_by_what_could_be_read_of_it() -> None:
    (refused,) = read_batch(b'{"events":[{"id":"event-0001","tenant":"sales","value":"?"}]}')
    assert isinstance(refused, Refusal)
    assert (refused.id, refused.tenant) == ("event-0001", "sales")


@pytest.mark.parametrize(
    ("ahead", "kept"),
    [(timedelta(hours=24), True), (timedelta(hours=24, seconds=1), False), (timedelta(days=-300), True)],
)
def test_a_clock_far_ahead_is_refused_and_late_events_are_not(ahead: timedelta, kept: bool) -> None:
    event = Event(id="event-0001", event="a", time=NOW + ahead, tenant="sales")
    if kept:
        assert stored_body(event, now=NOW)
    else:
        with pytest.raises(NotStorable, match="more than 24 hours ahead"):
            stored_body(event, now=NOW)


def test_an_event_comes_back_as_it_was_stored() -> None:
    sent = {
        "id": "event-0001", "event": "task_completed", "time": "2026-03-02T10:00:00.123987+01:00", "tenant": "sales",
        "actor": "ann-lee", "feature": "unified-approvals", "path": "unified", "kind": "approve_supervisor",
        "case": "c-1", "task": "t-1", "value": 12.5, "props": {"latency_ms": 120, "by": "bob", "ünï": "\u0000"},
    }  # fmt: skip
    (event,) = read_batch(json.dumps({"events": [sent]}).encode())
    assert isinstance(event, Event)
    (stored,) = stored_events(stored_line(stored_body(event, now=NOW), received=NOW) + b"\n")
    assert stored.time == datetime(2026, 3, 2, 9, 0, 0, 123000, tzinfo=UTC)
    assert (stored.latency_ms, stored.by, stored.received) == (120.0, "bob", NOW)
    assert json.loads(stored.props) == sent["props"]
    assert (stored.value, stored.actor, stored.kind) == (12.5, "ann-lee", "approve_supervisor")
