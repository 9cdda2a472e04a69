"""Features and where each stands on its way to external GA."""

from __future__ import annotations

from django.apps import AppConfig


class FeaturesConfig(AppConfig):
    name = "companyos.adoption.features"
    label = "features"
    default_auto_field = "django.db.models.BigAutoField"
