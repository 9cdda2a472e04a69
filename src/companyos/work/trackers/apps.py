"""Issue trackers where squads already work: cases go there and come back (R187)."""

from __future__ import annotations

from django.apps import AppConfig


class TrackersConfig(AppConfig):
    name = "companyos.work.trackers"
    label = "trackers"
    default_auto_field = "django.db.models.BigAutoField"
