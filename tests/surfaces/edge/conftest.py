from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from edge_instance import Instance
from edge_server import Running

from companyos.adoption.telemetry import queries
from companyos.analytics.engine import open_engine
from companyos.platform.models import Tenant


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


@pytest.fixture
def instance(running: Running, tmp_path: Path, db: None) -> Iterator[Instance]:
    engine = open_engine(tmp_path / "engine")
    queries.connect(engine)
    Tenant.objects.create(slug="sales", title="Sales", tenant_class="production", region="eu-west")
    Tenant.objects.create(slug="training", title="Training", tenant_class="sandbox", region="eu-west")
    running.inbox._segment_seconds = 0.0  # each group a file of its own, as after an hour
    yield Instance(running, engine)
    engine.close()
