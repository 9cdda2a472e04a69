"""How far a ruleset version has spread: who serves it, who lags, who is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

GONE_AFTER = timedelta(minutes=10)
"""A provider that is behind and has said nothing for this long is taken for switched off."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a provider last said."""

    provider: str
    version: int
    heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class Behind:
    """A provider that serves an older version: since when there is a newer one, and when it last spoke."""

    provider: str
    version: int
    since: datetime
    heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class Propagation:
    """N of N: how many of the providers that are there serve the newest version."""

    version: int
    published_at: datetime | None
    confirmed: tuple[str, ...]
    lagging: tuple[Behind, ...]
    gone: tuple[Behind, ...]

    @property
    def providers(self) -> int:
        return len(self.confirmed) + len(self.lagging)


def spread(
    *, newest: int, published: Mapping[int, datetime], heard: Sequence[Heard], now: datetime
) -> Propagation:
    """Judge what providers said against the newest version; `published` says when each version came out."""
    behind = [_behind(each, published, now) for each in heard if each.version < newest]
    return Propagation(
        newest,
        published.get(newest),
        tuple(each.provider for each in heard if each.version >= newest),
        tuple(each for each in behind if not is_gone(each, now)),
        tuple(each for each in behind if is_gone(each, now)),
    )


def is_gone(behind: Behind, now: datetime) -> bool:
    """A provider had its chance since the newer version came out, and since it last spoke; then it is gone."""
    last = max(behind.since, behind.heard_at or behind.since)
    return now - last > GONE_AFTER


def _behind(heard: Heard, published: Mapping[int, datetime], now: datetime) -> Behind:
    newer = [at for version, at in published.items() if version > heard.version]
    return Behind(heard.provider, heard.version, min(newer, default=now), heard.heard_at)
