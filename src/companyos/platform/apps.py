"""The ground under every domain."""

from __future__ import annotations

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    name = "companyos.platform"
    label = "platform"
    default_auto_field = "django.db.models.BigAutoField"
