"""What people are told of a change: notices, banners, release notes, posts in channels."""

from __future__ import annotations

from django.apps import AppConfig


class CommsConfig(AppConfig):
    name = "companyos.change.comms"
    label = "comms"
    default_auto_field = "django.db.models.BigAutoField"
