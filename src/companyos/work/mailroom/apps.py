"""How cases come in and go out beside the pages: mail, Slack, webhooks."""

from __future__ import annotations

from django.apps import AppConfig


class MailroomConfig(AppConfig):
    name = "companyos.work.mailroom"
    label = "mailroom"
    default_auto_field = "django.db.models.BigAutoField"
