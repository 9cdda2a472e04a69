"""Sessions, who is invited, who came, what was asked and what became of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class Session(models.Model):
    """One session. `key` names what it is for: planned by two processes it is one. Its state is judged, not stored."""

    id = models.UUIDField(primary_key=True)
    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=16)
    title = models.CharField(max_length=160)
    feature = models.SlugField(blank=True)
    rollout = models.SlugField(blank=True)
    stage = models.SlugField(blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    ahead = models.BooleanField(default=False)  # a huddle before its stage begins
    begins_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    host = models.SlugField()
    teams: models.JSONField[Any, Any] = models.JSONField(default=list)
    open_to_all = models.BooleanField(default=False)
    agenda: models.JSONField[Any, Any] = models.JSONField(default=list)
    sequence = models.PositiveIntegerField(default=0)
    planned_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    outcome = models.TextField(blank=True)
    held_at = models.DateTimeField(null=True)
    held_by = models.SlugField(blank=True)
    waived_at = models.DateTimeField(null=True)
    waived_by = models.SlugField(blank=True)
    waived_because = models.TextField(blank=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.SlugField(blank=True)
    cancelled_because = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["begins_at"], name="sessions_in_time"),
            models.Index(fields=["rollout", "stage", "attempt"], name="sessions_of_a_stage"),
        ]

    def __str__(self) -> str:
        return self.title


class Invited(models.Model):
    """Somebody who is asked to come, as the directory was when it was planned. Open sessions keep no list."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="invited")
    person = models.SlugField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["session", "person"], name="invited_once")]
        indexes: ClassVar = [models.Index(fields=["person"], name="sessions_of_a_person")]

    def __str__(self) -> str:
        return f"{self.person} to {self.session_id}"


class Attendance(models.Model):
    """Somebody who was there: they signed in, or the host noted it."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="attendance")
    person = models.SlugField()
    at = models.DateTimeField()
    noted_by = models.SlugField(blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["session", "person"], name="attends_once")]

    def __str__(self) -> str:
        return f"{self.person} at {self.session_id}"


class SessionQuestion(models.Model):
    """A question for a session, and its answer."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="questions")
    by = models.SlugField()
    text = models.TextField()
    at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.SlugField(blank=True)
    answered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.text[:60]


class Material(models.Model):
    """A link for whoever was not there: slides, a recording, a guide."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="material")
    title = models.CharField(max_length=160)
    link = models.CharField(max_length=400)
    by = models.SlugField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.title


class SessionChange(models.Model):
    """A session that was moved, handed over or called off. Never updated."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="changes")
    what = models.CharField(max_length=16)
    at = models.DateTimeField()
    by = models.SlugField()
    because = models.TextField()
    before: models.JSONField[Any, Any] = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.what} by {self.by}"


class FeedKey(models.Model):
    """How often a person has taken a new link to their calendar: older ones open nothing."""

    person = models.SlugField(primary_key=True)
    number = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.person}, link {self.number}"
