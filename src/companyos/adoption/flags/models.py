"""Tables of flags: one row a flag that is compared and swapped, and history that only grows. Private to this room."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class FlagSetting(models.Model):
    """One flag set: how percentages hash in it, where prereleases show, who may edit all of it."""

    name = models.CharField(max_length=64, primary_key=True)
    fractional = models.CharField(max_length=4, default="v2")
    prerelease_in: models.JSONField[Any, Any] = models.JSONField(default=list)
    leads: models.JSONField[Any, Any] = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.name


class Flag(models.Model):
    """A flag as it stands. Every change raises `version`; a writer who saw an older one changes nothing."""

    key = models.CharField(max_length=80, primary_key=True)
    version = models.PositiveIntegerField(default=0)
    document: models.JSONField[Any, Any] = models.JSONField()
    killed: models.JSONField[Any, Any] = models.JSONField(null=True)
    driven_by = models.SlugField(blank=True)
    created_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.key


class FlagVersion(models.Model):
    """What a flag was from one change to the next: who changed it, when and why. Never updated."""

    flag = models.ForeignKey(Flag, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    at = models.DateTimeField()
    author = models.SlugField()
    because = models.TextField()
    change = models.CharField(max_length=16)
    document: models.JSONField[Any, Any] = models.JSONField()
    killed: models.JSONField[Any, Any] = models.JSONField(null=True)
    on = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    lose = models.PositiveIntegerField(default=0)
    ruleset = models.PositiveIntegerField(default=0)
    exemption = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["flag", "version"], name="one_row_a_flag_version")
        ]

    def __str__(self) -> str:
        return f"{self.flag_id} {self.version}"


class Segment(models.Model):
    """A named group that flags share, as it stands."""

    slug = models.CharField(max_length=80, primary_key=True)
    version = models.PositiveIntegerField(default=0)
    document: models.JSONField[Any, Any] = models.JSONField()

    def __str__(self) -> str:
        return self.slug


class SegmentVersion(models.Model):
    """What a segment was. Never updated."""

    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    at = models.DateTimeField()
    author = models.SlugField()
    because = models.TextField()
    document: models.JSONField[Any, Any] = models.JSONField()
    ruleset = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["segment", "version"], name="one_row_a_segment_version")
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.version}"


class Scheduled(models.Model):
    """A change of the future: what, when, by whom and why; once settled, how it went."""

    id = models.UUIDField(primary_key=True)
    flag = models.ForeignKey(Flag, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    asked_at = models.DateTimeField()
    author = models.SlugField()
    because = models.TextField()
    changes: models.JSONField[Any, Any] = models.JSONField()
    before: models.JSONField[Any, Any] = models.JSONField()  # the same fields when it was asked for
    exemption = models.TextField(blank=True)
    outcome = models.CharField(max_length=16, default="waiting")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.SlugField(blank=True)
    told = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["at"], condition=models.Q(outcome="waiting"), name="changes_to_come")
        ]

    def __str__(self) -> str:
        return f"{self.flag_id} at {self.at}"


class PathBack(models.Model):
    """A person's day on the old path of a flag (R180). Their words stand in the case that it opened."""

    id = models.UUIDField(primary_key=True)
    flag = models.ForeignKey(Flag, on_delete=models.PROTECT, related_name="+")
    person = models.SlugField()
    team = models.SlugField(default="")  # where its lead went back for all of it
    by = models.SlugField()
    at = models.DateTimeField()
    until = models.DateTimeField()
    reason = models.CharField(max_length=16)
    case = models.CharField(max_length=36, default="")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.SlugField(default="")  # nobody: the day was over
    answered_at = models.DateTimeField(null=True)  # to "it is fixed: try the new path?"
    tries = models.BooleanField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["flag", "person"], condition=models.Q(ended_at=None), name="back_once_at_a_time"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["until"], condition=models.Q(ended_at=None), name="days_back_to_end"),
            models.Index(fields=["person", "flag", "-at"], name="days_back_of_a_person"),
            models.Index(fields=["flag", "at"], name="days_back_of_a_flag"),
        ]

    def __str__(self) -> str:
        return f"{self.person} back from {self.flag_id} until {self.until}"


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
