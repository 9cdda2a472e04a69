"""What people practise together: sessions, with what was said in them."""

from __future__ import annotations

from django.apps import AppConfig


class PlaybooksConfig(AppConfig):
    name = "companyos.change.playbooks"
    label = "playbooks"
    default_auto_field = "django.db.models.BigAutoField"
