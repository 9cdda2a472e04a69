"""Flags, cohorts and rulesets."""

from __future__ import annotations

from django.apps import AppConfig


class FlagsConfig(AppConfig):
    name = "companyos.adoption.flags"
    label = "flags"
    default_auto_field = "django.db.models.BigAutoField"
