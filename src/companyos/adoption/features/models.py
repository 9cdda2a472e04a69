"""Tables of features. Private to this room."""

from __future__ import annotations

from django.db import models

from companyos.adoption.features.domain.types import FeatureState


class Area(models.Model):
    """A field of the product with the team that goes first in it (R46)."""

    slug = models.SlugField(primary_key=True)
    title = models.CharField(max_length=120)
    lead = models.SlugField()

    def __str__(self) -> str:
        return self.title


class Feature(models.Model):
    slug = models.SlugField(primary_key=True)
    title = models.CharField(max_length=120)
    summary = models.TextField()
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    lead_team = models.SlugField()
    owner = models.ForeignKey("identity.Team", on_delete=models.PROTECT, related_name="+")
    flag = models.CharField(max_length=80)
    critical = models.BooleanField(default=False)
    size = models.CharField(max_length=8)
    risk = models.CharField(max_length=8)
    state = models.CharField(max_length=32, default=FeatureState.INTAKE)

    def __str__(self) -> str:
        return self.title


class FeatureTransition(models.Model):
    """Who moved a feature to which state, when and why."""

    feature = models.ForeignKey(Feature, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    actor = models.SlugField()
    before = models.CharField(max_length=32)
    after = models.CharField(max_length=32)
    because = models.TextField()

    def __str__(self) -> str:
        return f"{self.feature_id}: {self.before} to {self.after}"
