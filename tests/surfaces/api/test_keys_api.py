"""Keys over the management API: who may, and what is told to who may not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client

from companyos.adoption.flags import actions as flags
from companyos.people.identity import actions as identity
from companyos.platform import instance as running
from companyos.platform.models import Tenant

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WISH = {"label": "checkout", "scopes": ["evaluate"], "tenants": ["sales"]}


@pytest.fixture
def people(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The keys of ann, who leads a team, and of bob, who does not."""
    monkeypatch.setattr(running.instance(), "folder", tmp_path)
    Tenant.objects.create(slug="sales", title="Sales")
    identity.keep_department(slug="it", title="IT")
    identity.keep_team(
        slug="web", title="Web", department="it", home_tenant="sales", works_in="sales", lead="ann"
    )
    for slug in ("ann", "bob"):
        identity.keep_person(
            slug=slug, name=slug.title(), email=f"{slug}@meridian.example", team="web", job_role="employee"
        )
    return identity.issue_personal_keys(actor="test", people=["ann", "bob"], now=NOW)


def test_only_who_leads_a_team_issues_and_revokes(client: Client, people: dict[str, str]) -> None:
    ann, bob = ({"authorization": f"Bearer {people[slug]}"} for slug in ("ann", "bob"))
    paths = ["/api/v1/keys", "/api/v1/keys/00000000-0000-7000-8000-000000000000/revoke"]
    for path, content in zip(paths, [WISH, {"because": "x"}], strict=True):
        assert client.post(path, content, content_type="application/json").status_code == 401
        refused = client.post(path, content, content_type="application/json", headers=bob)
        assert refused.status_code == 403
        assert "leads a team" in refused.json()["error"]
    issued = client.post(paths[0], WISH, content_type="application/json", headers=ann)
    assert issued.status_code == 201
    unknown = client.post(paths[1], {"because": "x"}, content_type="application/json", headers=ann)
    assert unknown.status_code == 404
    (row,) = client.get(paths[0], headers=bob).json()
    assert (row["label"], row["kind"], row["issued_by"], row["revoked_at"]) == (
        "checkout",
        "server",
        "ann",
        None,
    )
    assert "key" not in row


def test_propagation_is_told_over_the_api(client: Client, people: dict[str, str]) -> None:
    flags.new_ruleset(actor="ann", because="test", now=NOW)
    flags.record_serving(provider="checkout-1", version=1, heard_at=NOW)
    told = client.get("/api/v1/propagation", headers={"authorization": f"Bearer {people['bob']}"}).json()
    assert (told["version"], told["confirmed"], told["providers"], told["lagging"]) == (1, 1, 1, [])
