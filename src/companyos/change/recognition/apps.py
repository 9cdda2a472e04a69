"""What is thanked for: badges of teams, the spotlight, pilot credits, the swag budget."""

from __future__ import annotations

from django.apps import AppConfig


class RecognitionConfig(AppConfig):
    name = "companyos.change.recognition"
    label = "recognition"
    default_auto_field = "django.db.models.BigAutoField"
