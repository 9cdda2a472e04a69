"""What was told ahead of changes, and what waits to be told."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class TellingRule(models.Model):
    """How far ahead people are told, and where it is posted. One row, from the company's file."""

    channel = models.CharField(max_length=80)
    major_days = models.PositiveSmallIntegerField()
    minor_days = models.PositiveSmallIntegerField()
    daily_at = models.TimeField()

    def __str__(self) -> str:
        return self.channel


class HeadsUp(models.Model):
    """A change that people were told of ahead of it, or at once; its key is that of its notice.

    Every answer in its thread raises `answers`; a writer who saw fewer says nothing.
    """

    key = models.CharField(max_length=180, primary_key=True)
    kind = models.CharField(max_length=16)
    title = models.CharField(max_length=160)
    tenant = models.SlugField(blank=True)  # the only one whose people it affects
    channel = models.CharField(max_length=80)
    thread = models.CharField(max_length=64, blank=True)  # what the channel called the first post
    told_at = models.DateTimeField()
    told_for = models.DateTimeField()
    standing = models.CharField(max_length=16)
    answers = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["kind"], condition=models.Q(ended_at=None), name="heads_ups_open")
        ]

    def __str__(self) -> str:
        return self.title


class ChangeMade(models.Model):
    """A change that was made at once, until it is told: by itself, or in the daily post."""

    key = models.CharField(max_length=180, primary_key=True)
    about = models.CharField(max_length=16)  # flag or segment
    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.SlugField()
    because = models.TextField(blank=True)
    what = models.TextField(blank=True)
    is_minor = models.BooleanField(default=False)  # it alters what nobody sees; false: it may
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["at"], condition=models.Q(told_at=None), name="changes_to_tell")
        ]

    def __str__(self) -> str:
        return self.key
