"""When a feature was first on in production, asked before anything else has read its plan."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from companyos.adoption.rollouts import queries
from companyos.adoption.rollouts.queries import cohorts
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program

PROGRAM = Path(__file__).parents[3] / "program"


def test_a_plan_that_nobody_has_read_yet_is_read(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    apply(load_program(PROGRAM), now=datetime(2026, 11, 9, 9, tzinfo=UTC))
    monkeypatch.setattr(cohorts, "_plans", {})
    assert queries.production_since("unified-approvals") is None
    assert len(cohorts._plans) == 1
