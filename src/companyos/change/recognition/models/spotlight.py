"""The spotlight of each quarter, and the votes for it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class SpotlightVote(models.Model):
    """A person's vote in a quarter."""

    quarter = models.CharField(max_length=7)
    person = models.SlugField()
    suggestion = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["quarter", "person"], name="one_spotlight_vote_each")
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.quarter}"


class Spotlight(models.Model):
    """What a quarter's vote came to. Names and titles are read where they stand, so that an erasure reaches them."""

    quarter = models.CharField(max_length=7, primary_key=True)
    at = models.DateTimeField()
    suggestion = models.UUIDField(null=True)
    because = models.CharField(max_length=300)
    votes: models.JSONField[Any, Any] = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.quarter
