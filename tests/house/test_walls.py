"""The house: every table has a tenancy decision, no key points up a floor, every address has a policy."""

from __future__ import annotations

from itertools import chain

import pytest
from django.apps import apps
from django.db import models
from django.urls import get_resolver

from companyos.platform.tenancy import COMPANY_WIDE, NoTenant, TenantOwned

FLOORS = ["platform", "people", "work", "adoption", "change", "surfaces"]
ROOMS = {
    "identity": 0,
    "tenants": 1,
    "flags": 0,
    "telemetry": 0,
    "surveys": 0,
    "shadow": 0,
    "features": 1,
    "rollouts": 2,
}


def our_models() -> list[type[models.Model]]:
    return list(apps.get_models(include_auto_created=True))


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_every_table_is_a_tenants_or_listed_as_company_wide_R8(model: type[models.Model]) -> None:
    owned = issubclass(model, TenantOwned)
    assert owned != (model._meta.label in COMPANY_WIDE)
    if owned:
        with pytest.raises(NoTenant):
            model.objects.all()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "model", [m for m in our_models() if issubclass(m, TenantOwned)], ids=lambda m: m._meta.label
)
def test_unique_keys_of_a_tenants_table_start_with_the_tenant_R8(model: type[models.Model]) -> None:
    keys = [c.fields for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)]
    assert keys
    assert all(fields[0] == "tenant" for fields in keys)


def test_no_foreign_key_points_up_a_floor() -> None:
    edges = chain.from_iterable(
        [
            (model, field.related_model)
            for field in model._meta.get_fields()
            if isinstance(field, models.ForeignKey)
        ]
        for model in our_models()
        if model.__module__.startswith("companyos")
    )
    assert [f"{a.__name__} -> {b.__name__}" for a, b in edges if height(b) > height(a)] == []  # type: ignore[union-attr]


def height(model: type[models.Model]) -> tuple[int, int]:
    _, wing, *rooms = model.__module__.split(".")
    room = rooms[0] if rooms else ""
    return FLOORS.index(wing), ROOMS.get(room, 0)


def test_no_address_but_sign_in_opens_without_a_person(client: object, db: None) -> None:
    for pattern in get_resolver().url_patterns:
        assert str(pattern.pattern) in {"api/v1/", ""}
    for path in (
        "/",
        "/tenants",
        "/tenants/corporate",
        "/features/x",
        "/rollouts",
        "/rollouts/x",
        "/rollouts/x/plan",
        "/rollouts/x/practice",
        "/rollouts/x/fix-list",
        "/flags",
        "/flags/x",
        "/flags/x/change",
        "/segments",
        "/telemetry",
        "/telemetry/x",
        "/telemetry/events",
        "/telemetry/slos.yaml",
        "/alerts",
        "/shadow",
        "/shadow/x",
        "/triage",
        "/triage/similar",
        "/triage/model",
        "/cases",
        "/cases/mine",
        "/cases/new/bug",
        "/promises",
        "/squads/x/calendar",
        "/surveys",
        "/surveys/x",
        "/questions",
        "/roadmap",
        "/roadmap/01a1cefc-3e80-724b-8d2b-23047b05fbb4",
        "/council",
        "/rfcs",
        "/rfcs/1",
        "/questions/01a1cefc-3e80-724b-8d2b-23047b05fbb4",
        "/features/new",
        "/features/x/rows/y",
        "/features/x/go-no-go",
        "/features/x/adoption-plan",
        "/programme",
        "/recognition",
        "/recognition/ledger",
        "/adoption-plan",
        "/definitions",
        "/banners",
        "/banners/new",
        "/release-notes",
        "/release-notes/01a1cefc-3e80-724b-8d2b-23047b05fbb4",
        "/release-notes/01a1cefc-3e80-724b-8d2b-23047b05fbb4/edit",
        "/playbooks",
        "/playbooks/new",
        "/playbooks/x",
        "/drills/01a1cefc-3e80-724b-8d2b-23047b05fbb4",
        "/support/x",
        "/support/x/macros/y",
        "/nothing",
    ):
        answer = client.get(path)  # type: ignore[attr-defined]
        assert (answer.status_code, answer.headers.get("Location")) == (302, "/sign-in"), path
    for path in (
        "rollouts/x",
        "rollouts/x/fix-list",
        "flags",
        "flags/x",
        "segments",
        "flags/stale",
        "shadow/x",
        "triage",
        "triage/models",
        "cases",
        "cases/x",
        "promises",
        "me/reports",
        "surveys/x",
        "me/surveys",
        "suggestions",
        "rfcs",
        "recognition/badges",
        "me/answers",
        "me/surveys/next",
        "features/x/readiness",
        "features/x/evidence",
        "features/x/moves",
        "features/x/exemptions",
        "definitions",
        "banners",
        "me/banner",
        "release-notes",
        "playbooks",
        "playbooks/x",
        "drills/x",
        "support/x",
    ):
        assert client.get(f"/api/v1/{path}").status_code == 401, path  # type: ignore[attr-defined]
    assert client.get("/metrics").status_code == 401  # type: ignore[attr-defined]
    assert client.get("/sign-in").status_code == 200  # type: ignore[attr-defined]
