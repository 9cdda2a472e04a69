"""Features and where each stands on its way to external GA."""

from __future__ import annotations

from django.apps import AppConfig


class FeaturesConfig(AppConfig):
    name = "companyos.adoption.features"
    label = "features"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Flags lie below and ask before one is un-killed whose feature is over."""
        from companyos.adoption.features.actions.states import keep_killed
        from companyos.adoption.flags.actions import keep_killed_while

        keep_killed_while(keep_killed)
