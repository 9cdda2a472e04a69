"""Requests and their approvals: the Unified Approvals feature itself, and the path that it replaces."""

from __future__ import annotations

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "companyos.work.approvals"
    label = "approvals"
    default_auto_field = "django.db.models.BigAutoField"
