"""A misbehaving server, and providers that follow it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flag_server import KEY
from watched import FlagServer, Make, Seen

from companyos_sdk.provider import CompanyOSProvider, Patience


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FlagServer]:
    folder = tmp_path / "server"
    folder.mkdir()
    server = FlagServer(folder)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def provider_of() -> Iterator[Make]:
    """Make a provider that follows a server, impatiently, and is shut down at the end."""
    made: list[CompanyOSProvider] = []

    def make(server: FlagServer, **settings: Any) -> Seen:
        quick: dict[str, Any] = {
            "key": KEY,
            "poll_seconds": 0.05,
            "poll_seconds_with_stream": 0.3,
            "request_seconds": 0.5,
            "longest_pause_seconds": 0.2,
            "acknowledge_seconds": 5.0,
            "patience": Patience(start_seconds=5.0, stale_seconds=0.3),
        }
        provider = CompanyOSProvider(server.url, **quick | settings)
        made.append(provider)
        return Seen(provider)

    yield make
    for provider in made:
        provider.shutdown()
