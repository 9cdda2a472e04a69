"""How teams stand, the badges they earned, and the credits of pilots."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class Standing(models.Model):
    """How a team stood towards the badge of a feature when it was last judged. The evidence names nobody."""

    team = models.SlugField()
    feature = models.SlugField()
    at = models.DateTimeField()
    verdict = models.CharField(max_length=16)
    because = models.CharField(max_length=300)
    rule = models.CharField(max_length=60)
    evidence: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "feature"], name="one_standing_a_team")
        ]

    def __str__(self) -> str:
        return f"{self.team} and {self.feature}: {self.verdict}"


class Badge(models.Model):
    """A badge that a team earned, once. It is revoked with a reason, and never deleted."""

    id = models.UUIDField(primary_key=True)
    team = models.SlugField()
    feature = models.SlugField()
    at = models.DateTimeField()
    because = models.CharField(max_length=300)
    evidence: models.JSONField[Any, Any] = models.JSONField()
    sha256 = models.CharField(max_length=64)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.SlugField(default="")
    revoked_because = models.TextField(default="")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "feature"], name="a_badge_once")]

    def __str__(self) -> str:
        return f"{self.team}, champion of {self.feature}"


class PilotCredit(models.Model):
    """More weight in the council for a team that went first with a risky feature, until a moment."""

    team = models.SlugField()
    feature = models.SlugField()
    place = models.PositiveSmallIntegerField()
    came_at = models.DateTimeField()
    at = models.DateTimeField()
    until = models.DateTimeField()
    percent = models.PositiveSmallIntegerField()
    because = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "feature"], name="a_credit_once")]

    def __str__(self) -> str:
        return f"{self.team} piloted {self.feature}"
