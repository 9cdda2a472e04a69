"""flagd's sync: over HTTP, and over gRPC with flagd's own Python provider evaluating in its process."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import httpx
import pytest
from edge_client import SERVER_KEY
from edge_server import KEYS, Running, publish, revoke
from openfeature.contrib.provider.flagd import FlagdProvider
from openfeature.contrib.provider.flagd.config import ResolverType
from openfeature.evaluation_context import EvaluationContext

from companyos.surfaces.edge.grpc_messages import FETCH, METADATA, SERVICE, SYNC
from companyos.surfaces.edge.grpc_sync import GrpcSync

SALES = EvaluationContext("ann-lee", {"tenant": "sales"})


def sync(running: Running, key: str = SERVER_KEY, **headers: str) -> httpx.Response:
    return httpx.get(running.url + "/flagd/v1/sync", headers={"authorization": f"Bearer {key}", **headers})


def test_a_flag_set_comes_whole_with_an_etag(running: Running) -> None:
    answer = sync(running)
    assert answer.status_code == 200
    document = answer.json()
    assert set(document["flags"]) == {"unified-approvals", "plain", "switched-off"}
    assert document["metadata"] == {"flagSetId": "companyos", "version": 1, "fractional": "v2"}
    etag = answer.headers["etag"]
    again = sync(running, **{"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    running.publish(2)
    assert sync(running, **{"if-none-match": etag}).json()["metadata"]["version"] == 2


def test_a_selector_chooses_the_flag_set(running: Running) -> None:
    assert set(sync(running, **{"flagd-selector": "flagSetId=other"}).json()["flags"]) == {"colour"}
    assert sync(running, **{"flagd-selector": "flagSetId=nowhere"}).status_code == 404


@pytest.mark.parametrize(
    ("key", "status"),
    [("wrong", 401), ("key-to-evaluate", 403), ("key-of-sales", 403), ("key-of-a-page", 403)],
)
def test_only_a_sync_key_of_all_tenants_has_it(running: Running, key: str, status: int) -> None:
    answer = sync(running, key)
    assert answer.status_code == status
    assert "unified-approvals" not in answer.text


@pytest.fixture
def over_grpc(running: Running) -> Iterator[GrpcSync]:
    server = GrpcSync(running.edge, 0)
    yield server
    server.close()


@contextmanager
def provider(server: GrpcSync, **options: Any) -> Iterator[FlagdProvider]:
    """flagd's own in-process provider, which can tell its key only as its provider id."""
    found = FlagdProvider(
        resolver_type=ResolverType.IN_PROCESS,
        host="127.0.0.1",
        port=server.port,
        tls=False,
        deadline_ms=10_000,
        retry_backoff_max_ms=200,
        **{"provider_id": SERVER_KEY, **options},
    )
    found.initialize(EvaluationContext())
    try:
        yield found
    finally:
        found.shutdown()


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_flagds_own_provider_evaluates_and_follows_changes(running: Running, over_grpc: GrpcSync) -> None:
    with provider(over_grpc) as flagd:
        on = flagd.resolve_boolean_details("unified-approvals", False, SALES)
        assert (on.value, on.variant, on.reason) == (True, "on", "TARGETING_MATCH")
        assert flagd.resolve_boolean_details("plain", False, SALES).flag_metadata["version"] == 1
        running.publish(2, "support")
        eventually(lambda: not flagd.resolve_boolean_details("unified-approvals", True, SALES).value)


def test_flagds_own_provider_selects_a_flag_set(over_grpc: GrpcSync) -> None:
    with provider(over_grpc, selector="flagSetId=other") as flagd:
        assert flagd.resolve_string_details("colour", "", EvaluationContext("x", {"n": 3})).value in {
            "red",
            "green",
        }


@contextmanager
def channel(server: GrpcSync) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as found:
        yield found


def call(found: grpc.Channel, name: str, form: Any) -> Any:
    encode, decode = form.question.SerializeToString, form.answer.FromString
    make = found.unary_stream if name == "SyncFlags" else found.unary_unary
    return make(f"/{SERVICE}/{name}", request_serializer=encode, response_deserializer=decode)


@pytest.mark.parametrize("told", [("authorization", f"Bearer {SERVER_KEY}"), ("x-api-key", SERVER_KEY)])
def test_all_flags_can_be_fetched_once_with_the_key_as_metadata(
    over_grpc: GrpcSync, told: tuple[str, str]
) -> None:
    with channel(over_grpc) as found:
        answer = call(found, "FetchAllFlags", FETCH)(FETCH.question(), metadata=[told], timeout=10)
        assert "plain" in json.loads(answer.flag_configuration)["flags"]
        assert call(found, "GetMetadata", METADATA)(METADATA.question(), timeout=10).metadata is not None


@pytest.mark.parametrize(
    ("key", "selector", "code"),
    [
        ("wrong", "", grpc.StatusCode.UNAUTHENTICATED),
        ("key-to-evaluate", "", grpc.StatusCode.PERMISSION_DENIED),
        ("key-of-sales", "", grpc.StatusCode.PERMISSION_DENIED),
        (SERVER_KEY, "flagSetId=nowhere", grpc.StatusCode.NOT_FOUND),
    ],
)
def test_a_call_that_may_not_is_refused(
    over_grpc: GrpcSync, key: str, selector: str, code: grpc.StatusCode
) -> None:
    with channel(over_grpc) as found:
        question = SYNC.question(provider_id=key, selector=selector)
        with pytest.raises(grpc.RpcError) as refused:
            next(call(found, "SyncFlags", SYNC)(question, timeout=10))
    assert refused.value.code() is code  # type: ignore[attr-defined]


def test_an_open_stream_ends_with_its_key(running: Running, over_grpc: GrpcSync) -> None:
    with channel(over_grpc) as found:
        stream = call(found, "SyncFlags", SYNC)(SYNC.question(provider_id=SERVER_KEY), timeout=20)
        next(stream)
        revoke(running.rulesets, SERVER_KEY)
        publish(running.rulesets, 2, keys=[key for key in KEYS if key != SERVER_KEY])
        running.edge.reload()
        with pytest.raises(grpc.RpcError) as ended:
            next(stream)
    assert ended.value.code() is grpc.StatusCode.UNAUTHENTICATED  # type: ignore[attr-defined]
