"""Typed cases: for now, bugs with a severity and a fix clock."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "companyos.work.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"
