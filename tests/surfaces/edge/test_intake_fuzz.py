"""Every address that takes events, on bodies nobody should send: no 5xx, no dead process, bounded memory."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from pathlib import Path

import httpx
from edge_client import SERVER_KEY
from intake_server import Served, served

from analytics.intake.corpus import BODIES, mutated
from companyos.analytics.intake import cloudevents

REQUESTS = 1500
MOST_GROWTH = 192 * 1024 * 1024
TYPES = [
    "application/json",
    "application/x-protobuf",
    cloudevents.BATCH,
    cloudevents.STRUCTURED,
    "text/plain",
    "",
]
PATHS = [
    *("/v1/logs", "/v1/traces", "/v1/metrics", "/v1/cloudevents", "/v1/events"),
    *("/batch/", "/e/", "/i/v0/e/", "/capture/", "/i/v1/analytics/events"),
    *("/v1/batch", "/v1/track", "/v1/identify", "/v1/page", "/v1/screen", "/v1/group", "/v1/alias"),
]


def bomb() -> bytes:
    """100 MB in 100 kB."""
    packing = zlib.compressobj(wbits=31)
    return b"".join([packing.compress(b"[" * 1024 * 1024) for _ in range(100)] + [packing.flush()])


def bodies(dice: random.Random) -> bytes:
    body = mutated(dice.choice(list(BODIES.values())), dice)
    match dice.randrange(10):
        case 0:
            return gzip.compress(body)
        case 1:
            return dice.randbytes(dice.randrange(300))
        case 2:
            return json.dumps({"batch": [{}] * 20_000}).encode()
        case _:
            return body


def test_random_and_mutated_bodies_on_every_route(tmp_path: Path) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")  # noqa: T201
    dice = random.Random(seed)
    with served(tmp_path) as edge, httpx.Client(base_url=edge.url, timeout=60) as client:
        statuses = {ask(client, dice, bodies(dice)) for _ in range(200)}
        before = edge.memory()
        for number in range(REQUESTS):
            statuses.add(ask(client, dice, bomb_or_body(dice, number)))
        grown = edge.memory() - before
        assert edge.process.poll() is None
        assert all_below_500(statuses), statuses
        assert {200, 400, 413} <= statuses
        assert grown < MOST_GROWTH, f"{grown / 2**20:.0f} MiB more than before"
        assert still_takes_events(edge)


def bomb_or_body(dice: random.Random, number: int) -> bytes:
    return BOMB if number % 100 == 0 else bodies(dice)


BOMB = bomb()


def ask(client: httpx.Client, dice: random.Random, body: bytes) -> int:
    headers = {"content-type": dice.choice(TYPES), "x-api-key": dice.choice([SERVER_KEY, "key-of-sales"])}
    if dice.random() < 0.2:
        headers |= {"content-encoding": dice.choice(["gzip", "deflate", "identity", "\xff"])}
    if dice.random() < 0.2:
        headers |= {"ce-specversion": "1.0", "ce-id": "%ff", "ce-source": "\xe4", "ce-type": "a"}
    path = dice.choice(PATHS) + dice.choice(
        ["", "?compression=gzip-js&_=1772442000000", "?" + "&a=1" * 100, "?sent_at=%ff"]
    )
    answer = client.post(
        path, content=body, headers={name: told.encode("latin-1") for name, told in headers.items()}
    )
    assert answer.content or answer.status_code == 200, (path, answer.status_code)
    return answer.status_code


def all_below_500(statuses: set[int]) -> bool:
    return max(statuses) < 500


def still_takes_events(edge: Served) -> bool:
    before = len(edge.arrived())
    record = {"api_key": "key-of-sales", "event": "a", "distinct_id": "b"}
    return (
        httpx.post(f"{edge.url}/batch/", json=record).status_code == 200 and len(edge.arrived()) == before + 1
    )
