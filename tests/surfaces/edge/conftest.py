from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from edge_server import Running


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A served edge with ruleset 1: the flag `unified-approvals` is on for sales."""
    server = Running(tmp_path)
    server.publish(1, "sales")
    yield server
    server.close()


@pytest.fixture
def unpublished(tmp_path: Path) -> Iterator[Running]:
    server = Running(tmp_path)
    yield server
    server.close()
