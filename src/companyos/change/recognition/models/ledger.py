"""The swag budget: a quarter's owners, what teams claimed, and lines that are only ever added."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class SwagBudget(models.Model):
    """Who answers for a quarter's budget. Its amount is the sum of its lines; a writer swaps `version`."""

    quarter = models.CharField(max_length=7, primary_key=True)
    currency = models.CharField(max_length=3)
    owner = models.SlugField()
    second = models.SlugField(default="")
    version = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.quarter} in {self.currency}"


class Claim(models.Model):
    """What a team would like to have. Where it stands is read off its lines."""

    id = models.UUIDField(primary_key=True)
    budget = models.ForeignKey(SwagBudget, on_delete=models.PROTECT, related_name="claims")
    team = models.SlugField()
    what = models.CharField(max_length=200)
    amount = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.SlugField()
    credit = models.SlugField()

    def __str__(self) -> str:
        return f"{self.what} for {self.team}"


class LedgerEntry(models.Model):
    """One line, in order. Never changed."""

    budget = models.ForeignKey(SwagBudget, on_delete=models.PROTECT, related_name="entries")
    n = models.PositiveIntegerField()
    kind = models.CharField(max_length=12)
    amount = models.PositiveIntegerField()
    claim = models.ForeignKey(Claim, null=True, on_delete=models.PROTECT, related_name="entries")
    by = models.SlugField()
    at = models.DateTimeField()
    note = models.CharField(max_length=500)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["budget", "n"], name="lines_in_order"),
            models.UniqueConstraint(fields=["claim", "kind"], name="a_claim_is_decided_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
