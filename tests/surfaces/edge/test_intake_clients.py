"""The clients people already have, unchanged, against a real edge process (R49, R95): what arrives in the log."""

from __future__ import annotations

import fcntl
import json
import logging
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from edge_client import SERVER_KEY
from intake_server import Served, served
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from posthog import Posthog

from companyos.analytics.inbox import FrameKind

NODE = Path(__file__).with_name("node_clients")
AUTH = {"authorization": f"Bearer {SERVER_KEY}"}
SALES = {"x-api-key": "key-of-sales"}
RESOURCE = Resource.create({"service.name": "approvals", "companyos.tenant": "sales"})
COMPRESSIONS = [Compression.NoCompression, Compression.Gzip]


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as running:
        yield running


@pytest.mark.parametrize(
    "ways",
    [{}, {"gzip": True}, {"capture_mode": "v1"}, {"capture_mode": "v1", "capture_compression": "deflate"}],
)
def test_posthog_python(edge: Served, ways: dict[str, Any]) -> None:
    """R95: its flag calls are exposures; an event of next week does not take the others with it."""
    problems: list[Any] = []
    client = Posthog(
        "key-of-sales", host=edge.url, max_retries=0, on_error=lambda e, _: problems.append(e), **ways
    )
    flag = {"$feature_flag": "approvals.unified", "$feature_flag_response": True}
    client.capture("Order Completed", distinct_id="bob", properties={"amount": 7.5})
    client.capture("poison", distinct_id="bob", timestamp=datetime.now(UTC) + timedelta(days=3))
    client.capture("$feature_flag_called", distinct_id="bob", properties=flag)
    client.capture(
        "survey sent", distinct_id="bob", properties={"$survey_id": "csat-1", "$survey_response": "4"}
    )
    client.shutdown()
    order, exposure, answer = edge.arrived()
    assert (order["event"], order["tenant"], order["actor"]) == ("order_completed", "sales", "bob")
    assert json.loads(order["props"])["amount"] == 7.5
    assert (exposure["event"], exposure["path"], exposure["kind"]) == (
        "feature_flag.evaluation",
        "on",
        "approvals.unified",
    )
    assert (answer["event"], answer["kind"], answer["value"]) == ("survey.answered", "csat-1", 4.0)
    (poison,) = edge.arrived(FrameKind.QUARANTINE)
    assert "poison" in poison["body"]
    assert poison["reason"]
    if "capture_mode" in ways:
        assert [len(problem.drops) for problem in problems] == [1]  # V1 is told of each event
    else:
        assert problems == []


def test_posthog_python_says_so_when_its_key_is_wrong(edge: Served) -> None:
    problems: list[Any] = []
    client = Posthog("wrong", host=edge.url, max_retries=0, on_error=lambda e, _: problems.append(e))
    client.capture("Order Completed", distinct_id="bob")
    client.shutdown()
    assert [problem.status for problem in problems] == [401]
    assert edge.arrived() == []


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_opentelemetry_traces(edge: Served, compression: Compression) -> None:
    """A flag met in a request makes the request a task, with its outcome and latency; other spans stay spans."""
    provider = TracerProvider(resource=RESOURCE)
    exporter = OTLPSpanExporter(f"{edge.url}/v1/traces", headers=AUTH, compression=compression)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("test")
    for failed in (False, True):
        with tracer.start_as_current_span(
            "approve", kind=SpanKind.SERVER, attributes={"enduser.id": "bob"}
        ) as span:
            span.add_event(
                "feature_flag", {"feature_flag.key": "approvals.unified", "feature_flag.variant": "on"}
            )
            with tracer.start_as_current_span("query"):
                pass
            if failed:
                span.set_status(Status(StatusCode.ERROR, "no such case"))
    provider.shutdown()
    events = edge.arrived()
    counted = {name: [e for e in events if e["event"] == name] for name in {e["event"] for e in events}}
    assert {name: len(each) for name, each in counted.items()} == {
        "feature_flag.evaluation": 2, "task_started": 2, "task_completed": 1, "task_failed": 1, "otel.span": 2,
    }  # fmt: skip
    (done,) = counted["task_completed"]
    assert (done["tenant"], done["actor"], done["path"], done["kind"]) == (
        "sales",
        "bob",
        "unified",
        "approve",
    )
    assert done["latency_ms"] == pytest.approx(done["value"] * 1000)
    assert done["latency_ms"] >= 0
    assert {e["task"] for e in counted["task_started"]} == {done["task"], counted["task_failed"][0]["task"]}


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_opentelemetry_logs(edge: Served, compression: Compression) -> None:
    """R95: a `feature_flag.evaluation` record is an exposure, under the names of today's convention."""
    provider = LoggerProvider(resource=RESOURCE)
    exporter = OTLPLogExporter(f"{edge.url}/v1/logs", headers=AUTH, compression=compression)
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
    logger = provider.get_logger("test")
    attributes = {
        "feature_flag.key": "approvals.unified",
        "feature_flag.result.variant": "off",
        "feature_flag.context.id": "bob",
    }
    logger.emit(
        event_name="feature_flag.evaluation", attributes=attributes, severity_number=SeverityNumber.INFO
    )
    logger.emit(body="a plain line", severity_text="WARN", attributes={"n": 1, "deep": {"a": [1, "b", True]}})
    provider.shutdown()
    exposure, line = edge.arrived()
    assert (exposure["event"], exposure["path"], exposure["actor"]) == (
        "feature_flag.evaluation",
        "off",
        "bob",
    )
    assert line["event"] == "otel.log"
    props = json.loads(line["props"])
    assert (props["body"], props["severity"], props["deep"]) == (
        "a plain line",
        "WARN",
        {"a": [1, "b", True]},
    )


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_opentelemetry_metrics(edge: Served, compression: Compression) -> None:
    exporter = OTLPMetricExporter(f"{edge.url}/v1/metrics", headers=AUTH, compression=compression)
    provider = MeterProvider(
        resource=RESOURCE, metric_readers=[PeriodicExportingMetricReader(exporter, 3_600_000)]
    )
    meter = provider.get_meter("test")
    meter.create_counter("orders").add(3, {"kind": "new"})
    meter.create_histogram("wait").record(2.0)
    meter.create_histogram("wait").record(4.0)
    provider.shutdown()
    by_name = {event["kind"]: event for event in edge.arrived()}
    assert (by_name["orders"]["event"], by_name["orders"]["value"]) == ("otel.metric", 3.0)
    assert by_name["wait"]["value"] == 3.0
    assert json.loads(by_name["wait"]["props"])["count"] == 2


def test_opentelemetry_hears_what_was_rejected(edge: Served, caplog: pytest.LogCaptureFixture) -> None:
    """A key of one tenant does not speak for another: rejected, said so, and filed under the key's own tenant."""
    exporter = OTLPLogExporter(f"{edge.url}/v1/logs", headers=SALES)
    resource = Resource.create({"companyos.tenant": "support"})
    provider = LoggerProvider(resource=resource)
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
    with caplog.at_level(logging.DEBUG):
        provider.get_logger("test").emit(body="not ours")
        provider.shutdown()
    assert edge.arrived() == []
    (row,) = edge.arrived(FrameKind.QUARANTINE)
    assert row["tenant"] == "sales"
    assert "does not speak for the tenant 'support'" in row["reason"]


def test_cloudevents_sdk(edge: Served) -> None:
    """Structured, binary and in a batch; the same source and id again are the same event."""
    attributes = {
        "type": "com.example.Order",
        "source": "/shop",
        "id": "7",
        "subject": "bob",
        "tenant": "sales",
    }
    event = CloudEvent(attributes=attributes, data={"amount": 7.5})
    structured, binary = to_structured_event(event), to_binary_event(event)
    batch = b"[" + structured.body + b"," + structured.body.replace(b'"7"', b'"8"') + b"]"
    batched = {"content-type": "application/cloudevents-batch+json"}
    address = f"{edge.url}/v1/cloudevents"
    sent = [(structured.body, structured.headers), (binary.body, binary.headers), (batch, batched)]
    answers = [httpx.post(address, content=body, headers={**AUTH, **headers}) for body, headers in sent]
    assert [(a.status_code, a.json()["accepted"]) for a in answers] == [(202, 1), (202, 1), (202, 2)]
    events, quarantined = edge.arrived(), edge.arrived(FrameKind.QUARANTINE)
    assert quarantined == []
    assert len(events) == 2
    assert [(e["event"], e["actor"], e["tenant"]) for e in events] == [
        ("com.example.order", "bob", "sales")
    ] * 2
    assert json.loads(events[0]["props"])["amount"] == 7.5


def node_modules() -> None:
    """Install the locked clients once, or skip and say why."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not installed: the clients from npm are not tried")
    with (NODE / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (NODE / "node_modules" / ".package-lock.json").exists():
            return
        got = subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund"], cwd=NODE, capture_output=True, text=True
        )
        if got.returncode:
            pytest.skip(f"npm could not install the clients: {got.stderr[-300:]}")


def send_from_node(edge: Served, client: str, key: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [str(shutil.which("node")), "send.mjs", client, edge.url, key]
    return subprocess.run(command, cwd=NODE, env=env, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("mode", ["v0", "v1"])
def test_posthog_node(edge: Served, mode: str) -> None:
    node_modules()
    done = send_from_node(edge, "posthog", SERVER_KEY, POSTHOG_CAPTURE_MODE=mode)
    assert done.returncode == 0, done.stderr
    order, exposure, answer = edge.arrived()
    assert (order["event"], order["tenant"], order["actor"]) == ("order_completed", "sales", "bob")
    assert (exposure["event"], exposure["path"], exposure["kind"]) == (
        "feature_flag.evaluation",
        "on",
        "approvals.unified",
    )
    assert (answer["event"], answer["value"]) == ("survey.answered", 4.0)
    assert send_from_node(edge, "posthog", "wrong", POSTHOG_CAPTURE_MODE=mode).returncode == 1


def test_segment_node(edge: Served) -> None:
    node_modules()
    done = send_from_node(edge, "segment", "key-of-sales")
    assert done.returncode == 0, done.stderr
    events = edge.arrived()
    assert [e["event"] for e in events] == ["$identify", "order_completed", "$pageview", "$group"]
    assert {(e["tenant"], e["actor"]) for e in events} == {("sales", "bob")}
    assert json.loads(events[1]["props"])["amount"] == 7.5
    assert send_from_node(edge, "segment", "wrong").returncode == 1
