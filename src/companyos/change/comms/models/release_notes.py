"""Release notes, and every version that each of them had."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class ReleaseNote(models.Model):
    """An edition. Its words stand in its versions; `version` is the newest, `shown` the one that readers see."""

    id = models.UUIDField(primary_key=True)
    number = models.PositiveIntegerField(unique=True)
    since = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(max_length=16)
    version = models.PositiveIntegerField()
    shown = models.PositiveIntegerField(null=True)
    published_by = models.SlugField(blank=True)
    published_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Release notes {self.number}"


class ReleaseNoteVersion(models.Model):
    """What an edition said at one time. Never changed; it is approved once."""

    note = models.ForeignKey(ReleaseNote, on_delete=models.CASCADE, related_name="versions")
    n = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    introduction = models.TextField(blank=True)
    items: models.JSONField[Any, Any] = models.JSONField(default=list)
    by = models.SlugField()
    at = models.DateTimeField()
    is_correction = models.BooleanField(default=False)
    because = models.CharField(max_length=300, blank=True)
    approved_by = models.SlugField(blank=True)
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["note", "n"], name="one_text_a_version")]

    def __str__(self) -> str:
        return f"{self.note_id} as of version {self.n}"
