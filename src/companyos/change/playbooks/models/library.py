"""What is written down: versions are added, never changed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class PlaybookVersion(models.Model):
    """A playbook as it was written at one time."""

    playbook = models.SlugField()
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    summary = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=16)
    feature = models.SlugField(blank=True)
    owner = models.SlugField()
    review_on = models.DateField()
    steps: models.JSONField[Any, Any] = models.JSONField()
    rollback_seconds = models.PositiveIntegerField(null=True)
    rto_minutes = models.PositiveIntegerField(null=True)
    rpo_minutes = models.PositiveIntegerField(null=True)
    at = models.DateTimeField()
    by = models.SlugField()
    because = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["playbook", "version"], name="a_version_of_a_playbook_once")
        ]

    def __str__(self) -> str:
        return f"{self.playbook} {self.version}"


class SupportItem(models.Model):
    """A version of one piece of a support pack; to look at it again and find it right is a version too."""

    feature = models.SlugField()
    slug = models.SlugField()
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=16)
    title = models.CharField(max_length=160)
    words = models.TextField(blank=True)
    link = models.CharField(max_length=300, blank=True)
    owner = models.SlugField()
    place = models.PositiveSmallIntegerField(default=0)
    after_minutes = models.PositiveIntegerField(null=True)
    taken_out = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.SlugField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["feature", "slug", "version"], name="a_version_of_an_item_once")
        ]

    def __str__(self) -> str:
        return f"{self.feature}/{self.slug} {self.version}"
