"""What the tests of the rehearsal share."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from adoption.rollouts.rehearsal.small_company import people_of, xes_of
from companyos.adoption.rollouts.rehearsal.company import Person
from companyos.adoption.rollouts.rehearsal.workforce import Workforce, load_workforce

WORKFORCE = Path(__file__).parents[4] / "program" / "workforce.yaml"


@pytest.fixture
def people() -> tuple[Person, ...]:
    return people_of()


@pytest.fixture(scope="session")
def workforce() -> Workforce:
    return load_workforce(WORKFORCE)


@pytest.fixture
def a_log(tmp_path: Path) -> Path:
    path = tmp_path / "approvals.xes.gz"
    path.write_bytes(gzip.compress(xes_of(60).encode()))
    return path
