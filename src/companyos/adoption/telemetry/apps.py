"""What the people who are on really do: metrics, guardrails, exposure."""

from __future__ import annotations

from django.apps import AppConfig


class TelemetryConfig(AppConfig):
    name = "companyos.adoption.telemetry"
    label = "telemetry"
    default_auto_field = "django.db.models.BigAutoField"
