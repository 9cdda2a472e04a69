"""How often a key may ask: the bucket as pure arithmetic, and 429 over HTTP."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from edge_client import SERVER_KEY
from edge_server import Running
from hypothesis import given
from hypothesis import strategies as st

from companyos.surfaces.edge.throttle import Bucket, Rate, Throttle, take

RATE = Rate(per_second=10, burst=3)


@pytest.mark.parametrize(
    ("bucket", "now", "tokens", "wait"),
    [
        (None, 0.0, 2, 0.0),
        (Bucket(1, 0), 0.0, 0, 0.0),
        (Bucket(0, 0), 0.0, 0, 0.1),
        (Bucket(0, 0), 0.05, 0.5, 0.05),
        (Bucket(0, 0), 0.1, 0, 0.0),
        (Bucket(0, 0), 99.0, 2, 0.0),
        (Bucket(0.5, 10), 3.0, 0.5, 0.05),  # a clock that went back gives nothing away
    ],
)
def test_a_bucket_fills_with_time_up_to_its_burst(
    bucket: Bucket | None, now: float, tokens: float, wait: float
) -> None:
    left, told = take(bucket, RATE, now)
    assert left.tokens == pytest.approx(tokens)
    assert told == pytest.approx(wait)


@given(st.lists(st.floats(0, 2), min_size=1, max_size=200))
def test_never_more_than_burst_and_rate_allow(pauses: list[float]) -> None:
    bucket, now, taken = None, 0.0, 0
    for pause in pauses:
        now += pause
        bucket, wait = take(bucket, RATE, now)
        taken += not wait
        assert taken <= RATE.burst + RATE.per_second * (now - pauses[0]) + 1e-6


def test_only_known_keys_have_a_bucket() -> None:
    throttle = Throttle(RATE)
    for number in range(100):
        throttle.wait_for(b"key-%d" % number, 0.0)
    throttle.forget_all_but({b"key-7"})
    assert len(throttle) == 1


def test_one_key_that_asks_too_often_waits_and_another_does_not(tmp_path: Path) -> None:
    running = Running(tmp_path, rate=Rate(per_second=0.5, burst=3))
    running.publish(1)
    try:
        url = running.url + "/ofrep/v1/evaluate/flags/plain"
        ask = {"json": {"context": {"targetingKey": "x"}}}
        with httpx.Client() as client:
            answers = [client.post(url, headers={"x-api-key": SERVER_KEY}, **ask) for _ in range(5)]
            assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
            assert answers[-1].headers["retry-after"] in {"1", "2"}
            assert answers[-1].json()["errorDetails"]
            other = client.post(url, headers={"x-api-key": "key-to-evaluate"}, **ask)
            assert other.status_code == 200
            unknown = [client.post(url, headers={"x-api-key": f"no-{n}"}, **ask) for n in range(5)]
            assert {answer.status_code for answer in unknown} == {401}
    finally:
        running.close()
