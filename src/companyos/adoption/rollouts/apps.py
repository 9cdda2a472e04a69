"""Rollouts: plans, stages, gates, decisions."""

from __future__ import annotations

from django.apps import AppConfig


class RolloutsConfig(AppConfig):
    name = "companyos.adoption.rollouts"
    label = "rollouts"
    default_auto_field = "django.db.models.BigAutoField"
