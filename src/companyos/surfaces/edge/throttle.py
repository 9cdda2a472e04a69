"""How often one key may ask: a token bucket for every key, so that one program cannot starve the others."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` requests for ever, and `burst` at once."""

    per_second: float
    burst: float

    @classmethod
    def of(cls, per_second: float) -> Rate:
        """Return the rate whose burst is what two seconds allow."""
        return cls(per_second, 2 * per_second)


GENEROUS = Rate.of(5000)


class Bucket(NamedTuple):
    """What was left in the bucket, and when."""

    tokens: float
    at: float


def take(bucket: Bucket | None, rate: Rate, now: float) -> tuple[Bucket, float]:
    """Take one token at `now`; returns the bucket after it, and the seconds to wait when there was none."""
    if bucket is None:
        return Bucket(rate.burst - 1, now), 0.0
    tokens = min(rate.burst, bucket.tokens + max(0.0, now - bucket.at) * rate.per_second)
    at = max(now, bucket.at)
    if tokens >= 1:
        return Bucket(tokens - 1, at), 0.0
    return Bucket(tokens, at), (1 - tokens) / rate.per_second


class Throttle:
    """The buckets of all keys. Only known keys have one, so there are never more than keys."""

    def __init__(self, rate: Rate = GENEROUS) -> None:
        self._rate = rate
        self._buckets: dict[bytes, Bucket] = {}

    def wait_for(self, key: bytes, now: float) -> float:
        """Count one request of `key`; returns the seconds it has to wait, 0 when it may go on."""
        self._buckets[key], wait = take(self._buckets.get(key), self._rate, now)
        return wait

    def forget_all_but(self, keys: Container[bytes]) -> None:
        """Drop the buckets of keys that are no more."""
        for key in list(self._buckets):  # a copy in one step: the other thread goes on counting
            if key not in keys:
                self._buckets.pop(key, None)

    def __len__(self) -> int:
        return len(self._buckets)
