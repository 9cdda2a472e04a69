"""Huddles, office hours, dogfood hours and clinics. (Django has an app called `sessions` already.)"""

from __future__ import annotations

from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "companyos.change.sessions"
    label = "live_sessions"
    default_auto_field = "django.db.models.BigAutoField"
