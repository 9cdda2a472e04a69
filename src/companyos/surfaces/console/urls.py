"""Every address of the console."""

from __future__ import annotations

from django.urls import include, path

from companyos.surfaces.console import sign_in, views

urlpatterns = [
    path("", views.home, name="home"),
    path("tenants", views.tenant_map, name="tenants"),
    path("tenants/<slug:slug>", views.tenant, name="tenant"),
    path("rollouts", views.all_rollouts, name="rollouts"),
    path("rollouts/<slug:plan>", views.rollout, name="rollout"),
    path("rollouts/<slug:plan>/<slug:action>", views.act, name="rollout-act"),
    path("decisions/<uuid:decision_id>", views.decision, name="decision"),
    path("evidence/<uuid:evidence_id>", views.evidence, name="evidence"),
    path("", include("companyos.surfaces.console.telemetry.urls")),
    path("", include("companyos.surfaces.console.shadow.urls")),
    path("", include("companyos.surfaces.console.cases.urls")),
    path("", include("companyos.surfaces.console.surveys.urls")),
    path("", include("companyos.surfaces.console.roadmap.urls")),
    path("", include("companyos.surfaces.console.readiness.urls")),
    path("", include("companyos.surfaces.console.way_back.urls")),
    path("", include("companyos.surfaces.console.search.urls")),
    path("sign-in", sign_in.ask, name="sign-in"),
    path("sign-in/<str:token>", sign_in.follow_link, name="sign-in-link"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
]
