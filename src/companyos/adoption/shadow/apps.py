"""Shadow runs: the old path and the new one on the same cases."""

from __future__ import annotations

from django.apps import AppConfig


class ShadowConfig(AppConfig):
    name = "companyos.adoption.shadow"
    label = "shadow"
    default_auto_field = "django.db.models.BigAutoField"
