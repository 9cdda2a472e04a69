"""The tenants' own table and the outbox."""

from __future__ import annotations

from typing import ClassVar

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
