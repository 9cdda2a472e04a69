"""Drills: each keeps its own copy of the playbook it runs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class Drill(models.Model):
    """A playbook run for practice, from begin to end, and what came of it."""

    id = models.UUIDField(primary_key=True)
    playbook = models.SlugField()
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    kind = models.CharField(max_length=16)
    owner = models.SlugField()
    scenario = models.CharField(max_length=500)
    feature = models.SlugField(blank=True)
    feature_version = models.CharField(max_length=40, blank=True)
    steps: models.JSONField[Any, Any] = models.JSONField()
    rollback_seconds = models.PositiveIntegerField(null=True)
    rto_minutes = models.PositiveIntegerField(null=True)
    rpo_minutes = models.PositiveIntegerField(null=True)
    began_at = models.DateTimeField()
    began_by = models.SlugField()
    done_at = models.DateTimeField(null=True)  # the last step, where all were done: there the time stops
    ended_at = models.DateTimeField(null=True)
    ended_by = models.SlugField(blank=True)
    lost_minutes = models.FloatField(null=True)
    result = models.CharField(max_length=16, blank=True)
    because = models.CharField(max_length=1000, blank=True)
    rule = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["feature", "kind", "-ended_at"], name="drills_of_a_feature"),
            models.Index(fields=["playbook", "-began_at"], name="drills_of_a_playbook"),
        ]

    def __str__(self) -> str:
        return f"{self.playbook} at {self.began_at:%Y-%m-%d}"


class DrillRole(models.Model):
    """Who has which role in a drill."""

    drill = models.ForeignKey(Drill, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=60)
    person = models.SlugField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["drill", "role"], name="a_role_of_a_drill_once")
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.person}"


class DrillTick(models.Model):
    """Somebody's word on a step; one that is ticked again has two."""

    drill = models.ForeignKey(Drill, on_delete=models.CASCADE, related_name="ticks")
    step = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.SlugField()
    holds = models.BooleanField()
    evidence = models.CharField(max_length=2000, blank=True)
    link = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["drill", "id"], name="ticks_of_a_drill")]

    def __str__(self) -> str:
        return f"step {self.step} of {self.drill_id}"


class DrillFinding(models.Model):
    """What a drill has shown, with who does what about it."""

    drill = models.ForeignKey(Drill, on_delete=models.CASCADE, related_name="findings")
    n = models.PositiveSmallIntegerField()
    says = models.CharField(max_length=500)
    owner = models.SlugField()
    due_on = models.DateField()
    case = models.UUIDField(null=True)
    at = models.DateTimeField()
    by = models.SlugField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["drill", "n"], name="a_finding_once")]

    def __str__(self) -> str:
        return self.says
