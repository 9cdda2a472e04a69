"""People, teams, departments, sign-in and keys."""

from __future__ import annotations

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "companyos.people.identity"
    label = "identity"
    default_auto_field = "django.db.models.BigAutoField"
