"""The addresses of readiness."""

from __future__ import annotations

from django.urls import path

from companyos.surfaces.console.readiness import surfaces, views, yaml

urlpatterns = [
    path("features/new", views.intake, name="intake"),
    path("features/new/yaml", yaml.intake_by_yaml, name="intake-yaml"),
    path("features/<slug:slug>", views.feature, name="feature"),
    path("features/<slug:slug>/go-no-go", views.go_no_go, name="go-no-go"),
    path("features/<slug:slug>/adoption-plan", views.plan, name="adoption-plan"),
    path("features/<slug:slug>/rows/<slug:row>", views.row, name="readiness-row"),
    path("features/<slug:slug>/do/<slug:action>", views.act, name="feature-act"),
    path("meetings/<uuid:meeting_id>", views.meeting, name="meeting"),
    path("certificates/<uuid:certificate_id>", views.certificate, name="certificate"),
    path("programme", views.programme, name="programme"),
    path("programme/surfaces", surfaces.surfaces, name="surfaces"),
    path("adoption-plan", views.plan, name="programme-plan"),
    path("definitions", views.definitions, name="definitions"),
]
