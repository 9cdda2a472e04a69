"""Other people's clients name tenants and actors that are not ours; the worker goes on, and ours are noted (R95)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from companyos.adoption.telemetry import actions, queries
from companyos.people.identity import actions as identity
from companyos.platform.models import Tenant

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_strangers_are_not_noted_and_spoil_nothing() -> None:
    Tenant.objects.create(slug="sales", title="Sales")
    identity.keep_department(slug="d", title="D")
    identity.keep_team(slug="t", title="T", department="d", home_tenant="sales", works_in="sales", lead="bob")
    identity.keep_person(slug="bob", name="Bob", email="bob@example.org", team="t", job_role="")
    met = [("sales", "f", "bob", NOW), ("nowhere", "f", "bob", NOW), ("sales", "f", "x" * 200, NOW)]
    actions.record_exposures(met=met)
    assert queries.first_exposures("f") == {"bob": NOW}
