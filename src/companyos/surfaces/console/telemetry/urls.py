"""Telemetry's addresses."""

from __future__ import annotations

from django.urls import path

from companyos.surfaces.console.telemetry import own_metrics, views

urlpatterns = [
    path("metrics", own_metrics.own_metrics, name="own-metrics"),
    path("telemetry", views.home, name="telemetry"),
    path("telemetry/events", views.catalogue, name="telemetry-events"),
    path("telemetry/kept", views.kept, name="telemetry-kept"),
    path("telemetry/kept/erasures", views.erase, name="telemetry-erase"),
    path("telemetry/slos.yaml", views.slos, name="telemetry-slos"),
    path("telemetry/metrics/<slug:slug>", views.metric, name="telemetry-metric"),
    path("telemetry/<slug:slug>", views.feature, name="telemetry-feature"),
    path("telemetry/<slug:slug>/funnel", views.funnel, name="telemetry-funnel"),
    path("telemetry/<slug:slug>/baseline", views.measure_baseline, name="telemetry-baseline"),
    path("alerts", views.all_alerts, name="alerts"),
    path("alerts/<uuid:alert_id>/acknowledge", views.acknowledge, name="alert-acknowledge"),
    path("alerts/routes/<slug:slug>/test", views.test_page, name="alert-test"),
    path("alerts/silence/<str:name>", views.silence, name="alert-silence"),
]
