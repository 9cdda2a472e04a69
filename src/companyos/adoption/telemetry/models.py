"""Tables of telemetry; the events themselves live in the event engine. Private to this room."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models

from companyos.platform.tenancy import TenantOwned


class FirstExposure(TenantOwned):
    """When a person first met a feature switched on."""

    feature = models.SlugField()
    person = models.SlugField()
    at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "feature", "person"], name="one_first_exposure")
        ]

    def __str__(self) -> str:
        return f"{self.person} met {self.feature}"


class Definition(models.Model):
    """One entry of the program's telemetry files as it stands there: an event, a metric, an objective, a route."""

    kind = models.CharField(max_length=32)
    name = models.CharField(max_length=80)
    place = models.PositiveIntegerField()
    document: models.JSONField[Any, Any] = models.JSONField()

    class Meta:
        ordering: ClassVar = ["kind", "place"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "name"], name="one_definition")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Alert(models.Model):
    """What burned, once. Its state is read off its entries; a test page names no objective."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    slo = models.CharField(max_length=80, blank=True)
    condition = models.CharField(max_length=80, blank=True)
    feature = models.SlugField(blank=True)
    severity = models.CharField(max_length=16)
    route = models.SlugField()
    opened_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-opened_at"]

    def __str__(self) -> str:
        return f"{self.slo or 'test page'} {self.condition}".strip()


class AlertEntry(models.Model):
    """A page, an answer, an escalation, an end: who, when and why. Never updated."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="entries")
    at = models.DateTimeField()
    by = models.SlugField()
    move = models.CharField(max_length=16)
    because = models.TextField()
    rule = models.CharField(max_length=64, blank=True)
    person = models.SlugField(blank=True)
    level = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.move} by {self.by}"


class Silence(models.Model):
    """An objective's pages are held back until a moment. The newest row counts: one that is over lifts the rest."""

    slo = models.CharField(max_length=80)
    by = models.SlugField()
    at = models.DateTimeField()
    because = models.TextField()
    until = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.slo} until {self.until}"


class Erasure(models.Model):
    """Somebody's data are taken out. The name is kept only until it is done; then the digest says whose it was."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    subject = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.SlugField()
    because = models.TextField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-at"]

    def __str__(self) -> str:
        return f"erasure {self.digest[:8]}"


class Removal(models.Model):
    """What was taken out, where and when: for an erasure, or because its time was over. Never updated."""

    erasure = models.ForeignKey(Erasure, null=True, on_delete=models.PROTECT, related_name="removals")
    domain = models.CharField(max_length=64)
    rows = models.PositiveBigIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.rows} of {self.domain}"


class StoredBaseline(models.Model):
    """How the old path did, as measured then. Never updated."""

    feature = models.SlugField()
    stage = models.SlugField(blank=True)
    at = models.DateTimeField()
    by = models.SlugField()
    document: models.JSONField[Any, Any] = models.JSONField()

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.feature} before {self.stage or 'anybody'}"


class GuardrailState(models.Model):
    """A running stage's guardrail as it was when the log had been read up to `offset`; one row a rollout, replaced."""

    rollout = models.SlugField(primary_key=True)
    fingerprint = models.CharField(max_length=64)  # of the stage, its people and its comparison
    offset = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    document: models.JSONField[Any, Any] = models.JSONField()

    def __str__(self) -> str:
        return f"{self.rollout} at {self.offset}"
