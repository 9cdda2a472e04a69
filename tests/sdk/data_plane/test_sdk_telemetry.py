"""R95, exposure and tracked events: what is told, once, in which form; none is lost while the server is away."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from flag_server import KEY, document
from openfeature.evaluation_context import EvaluationContext
from openfeature.track import TrackingEventDetails
from watched import FlagServer, Make, until

from companyos.analytics.batch import read_batch
from companyos.analytics.events import Event
from companyos_sdk import Flags, Telemetry
from companyos_sdk.provider import CompanyOSProvider
from companyos_sdk.spool import Spool
from openfeature import api

CONTEXT = {"targetingKey": "ada", "tenant": "sales"}
MakeTelemetry = Callable[..., Telemetry]


@pytest.fixture
def telemetry_to() -> Iterator[MakeTelemetry]:
    made: list[Telemetry] = []

    def make(server: FlagServer, **settings: Any) -> Telemetry:
        quick = {"key": KEY, "every_seconds": 0.02, "request_seconds": 0.5, "longest_pause_seconds": 0.2}
        made.append(Telemetry(server.url, **quick | settings))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for telemetry in made:
        telemetry.close(within=1.0)


def _flags(telemetry: Telemetry) -> Flags:
    provider = CompanyOSProvider("http://127.0.0.1:9", key="none")
    provider.took(json.dumps(document(42)).encode(), None)
    return Flags(provider, hook=telemetry.exposed)


def _as_server_reads(events: list[Any]) -> list[Event]:
    """What the server counts: an event sent again, as when a stop cuts off the acknowledgement, counts once."""
    events = list({event["id"]: event for event in events}.values())
    read = read_batch(json.dumps({"events": events}).encode())
    assert all(isinstance(event, Event) for event in read), read
    return [event for event in read if isinstance(event, Event)]


def test_the_facade_tells_once_who_met_what(server: FlagServer, telemetry_to: MakeTelemetry) -> None:
    telemetry = telemetry_to(server)
    flags = _flags(telemetry)

    for _time in range(50):
        assert flags.boolean("approvals", False, CONTEXT) is True
    flags.boolean("absent", False, CONTEXT)
    flags.string("approvals", "", CONTEXT)

    until(lambda: len(server.noted("events")) == 3)
    met, absent, mistyped = _as_server_reads(server.noted("events"))
    assert (met.event, met.tenant, met.actor) == ("feature_flag.evaluation", "sales", "ada")
    assert (met.feature, met.path, met.kind) == ("approvals", "on", "approvals")
    assert met.props == {
        "feature_flag.key": "approvals",
        "feature_flag.result.variant": "on",
        "feature_flag.result.reason": "targeting_match",
        "feature_flag.provider.name": "companyos",
        "feature_flag.context.id": "ada",
        "feature_flag.set.id": "companyos",
        "feature_flag.version": "42",
        "feature_flag.fractional": "v2",
    }
    assert absent.props["error.type"] == "flag_not_found"
    assert (absent.path, mistyped.path) == ("", "")
    assert mistyped.props["error.type"] == "type_mismatch"


def test_the_stock_client_tells_through_the_providers_hook_and_tracks(
    server: FlagServer, provider_of: Make, telemetry_to: MakeTelemetry
) -> None:
    provider = provider_of(server, telemetry=telemetry_to(server)).provider
    api.set_provider_and_wait(provider, "told")
    client, ada = api.get_client("told"), EvaluationContext("ada", {"tenant": "sales"})

    for _time in range(3):
        assert client.get_boolean_value("approvals", False, ada) is True
        assert client.get_string_value("absent", "x", ada) == "x"
    client.track("checkout.completed", ada, TrackingEventDetails(9.5, {"currency": "EUR"}))

    until(lambda: len(server.noted("events")) == 3)
    api.shutdown()
    met, absent, tracked = _as_server_reads(server.noted("events"))
    assert met.props["feature_flag.provider.name"] == "companyos"
    assert met.props["feature_flag.version"] == "1"
    assert absent.props["error.type"] == "flag_not_found"
    assert (tracked.event, tracked.value, tracked.props) == ("checkout.completed", 9.5, {"currency": "EUR"})


def test_after_the_window_it_is_told_again(server: FlagServer, telemetry_to: MakeTelemetry) -> None:
    telemetry = telemetry_to(server, window_seconds=0.05)
    flags = _flags(telemetry)

    def met_three_times() -> bool:
        flags.boolean("approvals", False, CONTEXT)
        return len(server.noted("events")) >= 3

    until(met_three_times)
    assert len({event["id"] for event in server.noted("events")}) == len(server.noted("events"))


def test_of_many_threads_one_tells(server: FlagServer, telemetry_to: MakeTelemetry) -> None:
    telemetry = telemetry_to(server)
    flags, begin = _flags(telemetry), threading.Barrier(16)

    def meet() -> None:
        begin.wait()
        for i in range(100):
            flags.boolean("approvals", False, CONTEXT | {"targetingKey": f"person-{i}"})

    threads = [threading.Thread(target=meet) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    until(lambda: telemetry.counts["sent"] == 100)
    assert len(server.noted("events")) == 100


def test_a_sample_tells_of_a_person_entirely_or_not_at_all(
    server: FlagServer, telemetry_to: MakeTelemetry
) -> None:
    telemetry = telemetry_to(server, sample=0.25, request_seconds=10.0)
    flags = _flags(telemetry)

    for i in range(400):
        flags.boolean("approvals", False, CONTEXT | {"targetingKey": f"person-{i}"})
        flags.string("text", "", CONTEXT | {"targetingKey": f"person-{i}"})
    telemetry.close(within=30.0)

    told = [(event.actor, event.kind) for event in _as_server_reads(server.noted("events"))]
    people = {actor for actor, _kind in told}
    assert 60 < len(people) < 140
    assert len(told) == 2 * len(people)


@pytest.mark.parametrize("harm", ["killed", "stopped", "refusing"])
def test_events_wait_on_disk_while_the_server_is_away(
    server: FlagServer, telemetry_to: MakeTelemetry, tmp_path: Path, harm: str
) -> None:
    spool = tmp_path / "spool"
    telemetry = telemetry_to(server, spool=spool)
    flags = _flags(telemetry)
    harms: dict[str, Callable[[], None]] = {
        "killed": server.kill,
        "stopped": server.stopped,
        "refusing": lambda: server.tell(events=503),
    }
    harms[harm]()

    began = monotonic()
    for i in range(300):
        flags.boolean("approvals", False, CONTEXT | {"targetingKey": f"person-{i}"})
    assert monotonic() - began < 1.0  # nobody who asks waits for the server
    until(lambda: telemetry.counts["spooled"] == 300)
    assert list(spool.glob("*.events"))

    if harm == "killed":
        server.start()
    elif harm == "stopped":
        server.signal(signal.SIGCONT)
    server.tell(events=202)
    until(lambda: len({event["id"] for event in server.noted("events")}) == 300)
    until(lambda: not list(spool.glob("*.events")))


def test_what_one_process_left_on_disk_the_next_one_sends(
    server: FlagServer, telemetry_to: MakeTelemetry, tmp_path: Path
) -> None:
    server.tell(events=503)
    first = telemetry_to(server, spool=tmp_path / "spool")
    _flags(first).boolean("approvals", False, CONTEXT)
    first.close()
    server.tell(events=202)

    second = telemetry_to(server, spool=tmp_path / "spool")
    second.track("started", EvaluationContext("ada", {"tenant": "sales"}))

    until(
        lambda: [event["event"] for event in server.noted("events")] == ["feature_flag.evaluation", "started"]
    )


def test_a_tenant_foreign_to_the_key_does_not_hold_up_the_others(
    server: FlagServer, telemetry_to: MakeTelemetry, tmp_path: Path
) -> None:
    telemetry = telemetry_to(server, spool=tmp_path / "spool")
    flags = _flags(telemetry)

    for tenant in ("foreign", "sales", "legal"):
        flags.boolean("approvals", False, {"targetingKey": tenant, "tenant": tenant})

    until(lambda: telemetry.counts["refused"] == 1 and telemetry.counts["sent"] == 2)
    assert {event["tenant"] for event in server.noted("events")} == {"sales", "legal"}


@pytest.mark.parametrize(
    "context",
    [{}, {"targetingKey": "ada"}, {"tenant": "No Tenant"}, {"tenant": 5}, None, 5, {"tenant": ["x"]}],
)
def test_what_cannot_be_told_is_counted_and_the_answer_stands(
    server: FlagServer, telemetry_to: MakeTelemetry, context: Any
) -> None:
    telemetry = telemetry_to(server)

    assert _flags(telemetry).string("text", "", context) == "version 42"

    assert telemetry.counts["unsendable"] == 1
    assert telemetry.counts["queued"] == 0


def test_a_default_tenant_and_odd_names(server: FlagServer, telemetry_to: MakeTelemetry) -> None:
    telemetry = telemetry_to(server, tenant="sales")
    telemetry.track("No Such Name!", EvaluationContext("ada"))
    telemetry.track("fine", EvaluationContext("ada\n", {}), TrackingEventDetails(None, {"x": {1, 2}}))  # type: ignore[dict-item]
    telemetry.track("fine", EvaluationContext("ada\n"), TrackingEventDetails(3))

    until(lambda: telemetry.counts["sent"] == 1 and telemetry.counts["unsendable"] == 2)
    (event,) = _as_server_reads(server.noted("events"))
    assert (event.event, event.tenant, event.actor, event.value) == ("fine", "sales", "", 3.0)


def test_the_queue_is_bounded(server: FlagServer, telemetry_to: MakeTelemetry) -> None:
    server.kill()
    telemetry = telemetry_to(server, most_queued=10)

    for i in range(100):
        telemetry.track("fine", EvaluationContext(f"p{i}", {"tenant": "sales"}))

    assert telemetry.counts["queued"] + telemetry.counts["dropped"] == 100
    assert telemetry.counts["queued"] <= 10


def test_a_spool_is_bounded_and_drops_the_oldest(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_bytes=5_000)

    dropped = sum(spool.keep([{"id": f"{i:04}", "x": "y" * 900}, {"id": "-"}]) for i in range(20))

    kept = [events[0]["id"] for _path, events in spool.batches()]
    assert kept == ["0016", "0017", "0018", "0019"]
    assert dropped == 2 * 16
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 5_000


def test_a_damaged_batch_is_thrown_away_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool = Spool(tmp_path, most_bytes=100_000)
    for name in ("a", "b", "c"):
        spool.keep([{"id": name}])
    (tmp_path / "a.events").write_bytes((tmp_path / "a.events").read_bytes().replace(b'"a"', b'"x"'))
    (tmp_path / "b.events").write_bytes(b"")

    assert [events for _path, events in spool.batches()] == [[{"id": "c"}]]
    assert "the spooled events of a.events are lost: its checksum does not hold" in caplog.text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.events"]
