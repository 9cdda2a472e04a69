"""What becomes of a report: triage to the squad that answers for it, and what was reported before."""

from __future__ import annotations

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "companyos.work.feedback"
    label = "feedback"
    default_auto_field = "django.db.models.BigAutoField"
