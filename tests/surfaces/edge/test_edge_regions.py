"""Residency at the real edge: a tenant bound to a region is refused at another region's edge, and nothing is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from edge_client import SERVER_KEY, event
from edge_server import Running, document, write

from companyos.adoption.flags import actions as flags
from companyos.adoption.flags import queries as published
from companyos.analytics.inbox import FrameKind
from companyos.people.tenants import actions as tenants
from companyos.platform.models import Tenant

BOUND = {"sales": "eu-west", "support": "us-east"}


@pytest.fixture
def in_america(tmp_path: Path) -> Iterator[Running]:
    """An edge of us-east: sales is bound elsewhere, support is at home, training is bound nowhere."""
    server = Running(tmp_path, region="us-east")
    write(server.rulesets, document(1, "sales") | {"regions": BOUND})
    server.edge.reload()
    yield server
    server.close()


def post(server: Running, path: str, body: Any, key: str = SERVER_KEY) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(server.url + path, content=content, headers={"authorization": f"Bearer {key}"})


def kept(server: Running) -> list[dict[str, Any]]:
    return [json.loads(line) for frame in server.inbox.frames(after=0) for line in frame.payload.splitlines()]


def test_events_of_a_tenant_bound_elsewhere_are_refused_with_the_way_to_go(in_america: Running) -> None:
    answer = post(in_america, "/v1/events", {"events": [event("event-0001")]})
    assert answer.status_code == 421
    words = answer.json()["error"]
    assert "'sales' is bound to the region eu-west" in words
    assert "this edge stands in us-east" in words
    assert "Nothing of this request was kept; send it to the edge of eu-west" in words
    assert kept(in_america) == []


def test_a_batch_with_one_such_event_is_refused_as_a_whole_so_that_a_resend_is_whole(
    in_america: Running,
) -> None:
    both = [event("event-0001", tenant="support"), event("event-0002")]
    assert post(in_america, "/v1/events", {"events": both}).status_code == 421
    assert kept(in_america) == []
    alone = post(in_america, "/v1/events", {"events": both[:1]})
    assert (alone.status_code, alone.json()["accepted"], alone.json()["duplicates"]) == (202, 1, 0)


def test_at_home_and_where_nobody_is_bound_events_are_kept(in_america: Running) -> None:
    free = [event("event-0001", tenant="support"), event("event-0002", tenant="training")]
    assert post(in_america, "/v1/events", {"events": free}).status_code == 202
    assert [each["tenant"] for each in kept(in_america)] == ["support", "training"]


def test_a_key_of_such_a_tenant_only_is_refused_whatever_it_sends(in_america: Running) -> None:
    assert post(in_america, "/v1/events", b"not even JSON", key="key-of-sales").status_code == 421
    assert kept(in_america) == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/batch/", {"api_key": "key-of-sales", "batch": [{"event": "clicked", "distinct_id": "ana"}]}),
        ("/v1/track", {"writeKey": "key-of-sales", "userId": "ana", "event": "clicked", "messageId": "m-1"}),
        ("/i/v0/e/", {"api_key": "key-of-sales", "event": "clicked", "distinct_id": "ana"}),
    ],
)
def test_other_peoples_clients_are_refused_too(in_america: Running, path: str, body: dict[str, Any]) -> None:
    answer = httpx.post(in_america.url + path, json=body)
    assert answer.status_code == 421
    assert "eu-west" in answer.text
    assert kept(in_america) == []


def test_otlp_is_refused_in_its_own_words(in_america: Running) -> None:
    record = {
        "timeUnixNano": str(int(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp()) * 10**9),
        "body": {"stringValue": "a line"},
    }
    logs = {"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}
    headers = {"authorization": "Bearer key-of-sales", "content-type": "application/json"}
    answer = httpx.post(in_america.url + "/v1/logs", json=logs, headers=headers)
    assert answer.status_code == 421
    assert "eu-west" in answer.json()["message"]
    assert kept(in_america) == []


def test_what_cannot_be_read_is_put_aside_without_its_body_where_it_may_be_from_elsewhere(
    in_america: Running,
) -> None:
    """A key of all tenants may be speaking of anybody; the body must not lie in the wrong region."""
    body = b'{"events":[{"id":"event-bad1","time":NaN,"props":{"secret":"of whom?"}}]}'
    assert post(in_america, "/v1/events", body).status_code == 422
    (row,) = kept(in_america)
    assert (row["tenant"], row["body"]) == ("", "")
    assert row["reason"]


def test_an_edge_of_no_region_takes_everybodys(running: Running) -> None:
    write(running.rulesets, document(2, "sales") | {"regions": BOUND})
    running.edge.reload()
    body = b'{"events":[{"id":"event-bad1","time":NaN}]}'
    assert post(running, "/v1/events", {"events": [event("event-0001")]}).status_code == 202
    assert post(running, "/v1/events", body).status_code == 422
    put_aside = [f for f in running.inbox.frames(after=0) if f.kind is FrameKind.QUARANTINE]
    assert b"NaN" in put_aside[0].payload


def test_regions_are_published_with_the_ruleset_and_again_when_they_change(db: None) -> None:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    Tenant.objects.create(slug="sales", title="Sales", tenant_class="production", region="eu-west")
    assert not flags.keep_regions(now=now), "nothing is published before there are flags or keys"
    flags.new_ruleset(actor="program", because="the first one", now=now)
    assert (published.latest_document() or {})["regions"] == {"sales": "eu-west"}
    assert not flags.keep_regions(now=now)
    assert tenants.keep_tenant(
        slug="sales", title="Sales", tenant_class="production", region="us-east", owners=[],
        data_domains=[], may_hold=[], risk="low", flag_strategy="", scope="", goals=[],
    )  # fmt: skip
    assert flags.keep_regions(now=now)
    assert (published.latest_document() or {})["regions"] == {"sales": "us-east"}
