"""Suggestions with votes, the roadmap, the monthly council, RFCs."""

from __future__ import annotations

from django.apps import AppConfig


class RoadmapConfig(AppConfig):
    name = "companyos.work.roadmap"
    label = "roadmap"
    default_auto_field = "django.db.models.BigAutoField"
