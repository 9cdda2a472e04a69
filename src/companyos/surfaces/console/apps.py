"""Screens that join several domains: home, tenants, features, decisions, evidence."""

from __future__ import annotations

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "companyos.surfaces.console"
    label = "console"
