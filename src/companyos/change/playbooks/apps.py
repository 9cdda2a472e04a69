"""Playbooks, drills that practise them, and what support needs when a change comes."""

from __future__ import annotations

from django.apps import AppConfig


class PlaybooksConfig(AppConfig):
    name = "companyos.change.playbooks"
    label = "playbooks"
    default_auto_field = "django.db.models.BigAutoField"
