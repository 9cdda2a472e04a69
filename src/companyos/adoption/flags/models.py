"""Tables of flags. Private to this room."""

from __future__ import annotations

from typing import Any

from django.db import models


class Flag(models.Model):
    """A release flag and who is on: tenant to list of people. Off for everybody until a stage says otherwise."""

    key = models.CharField(max_length=80, primary_key=True)
    feature = models.SlugField()
    cohort: models.JSONField[Any, Any] = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.key


class Ruleset(models.Model):
    """One published version of all flags and keys. Never updated."""

    version = models.PositiveIntegerField(primary_key=True)
    at = models.DateTimeField()
    author = models.SlugField()
    because = models.TextField()
    document: models.JSONField[Any, Any] = models.JSONField()
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"ruleset {self.version}"


class Serving(models.Model):
    """Which version a provider last said it serves, and when."""

    provider = models.CharField(max_length=200, primary_key=True)
    version = models.PositiveIntegerField()
    heard_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.provider} serves {self.version}"
