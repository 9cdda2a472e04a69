"""The tenants' own table and the outbox."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class Tenant(models.Model):
    """One of the company's internal organisations."""

    slug = models.SlugField(primary_key=True)
    title = models.CharField(max_length=120)
    tenant_class = models.CharField(max_length=16)
    region = models.CharField(max_length=32)

    class Meta:
        ordering: ClassVar = ["slug"]

    def __str__(self) -> str:
        return self.title


class OutboxMessage(models.Model):
    """An event of a domain, written in the transaction that caused it and relayed afterwards."""

    topic = models.CharField(max_length=80)
    body = models.JSONField(default=dict)
    at = models.DateTimeField()
    relayed = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=models.Q(relayed=False), name="outbox_to_relay")
        ]

    def __str__(self) -> str:
        return f"{self.topic} at {self.at}"


class Outgoing(models.Model):
    """A message to somebody outside the pages, written in the transaction that caused it and sent afterwards.

    Its words are blanked when it is sent or given up: what a mail says, and the links in it, are not kept.
    """

    channel = models.CharField(max_length=8)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, default="")
    words: models.JSONField[Any, Any] = models.JSONField(default=dict)
    key = models.CharField(max_length=200, default="")
    queued_at = models.DateTimeField()
    try_at = models.DateTimeField(null=True)  # nothing is left to try once it is sent or given up
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, default="")
    receipt = models.CharField(max_length=64, null=True)  # noqa: DJ001 - what its channel called it, where it said so

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "key"], condition=~models.Q(key=""), name="sent_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["try_at"], condition=models.Q(try_at__isnull=False), name="messages_to_send")
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {self.to}"
