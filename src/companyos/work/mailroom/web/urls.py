"""Every address of the mailroom."""

from __future__ import annotations

from django.urls import path

from companyos.work.mailroom.web import views

urlpatterns = [
    path("mailbox", views.mailbox, name="mailbox"),
    path("webhooks", views.webhooks, name="webhooks"),
    path("hooks/slack", views.slack, name="slack-hook"),
]
