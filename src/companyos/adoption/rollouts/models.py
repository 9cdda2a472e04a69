"""Tables of rollouts: one row that is compared and swapped, and history that only grows. Private to this room."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from companyos.adoption.rollouts.domain.types import StageState, Status


class Rollout(models.Model):
    """A run of a plan. Every change raises `version`; a writer who saw an older one changes nothing."""

    plan = models.SlugField(primary_key=True)
    feature = models.ForeignKey("features.Feature", on_delete=models.PROTECT, related_name="+")
    document: models.JSONField[Any, Any] = models.JSONField()
    plan_sha256 = models.CharField(max_length=64)
    version = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=16, default=Status.PLANNED)
    stage = models.SlugField(blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    entered_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    paused_by = models.SlugField(blank=True)
    stopped_because = models.TextField(blank=True)
    switched_at = models.DateTimeField(null=True)  # of a stage that began in shadow

    def __str__(self) -> str:
        return self.plan


class PlanVersion(models.Model):
    """A plan as it was when decisions were made by it. Never updated."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    document: models.JSONField[Any, Any] = models.JSONField()

    def __str__(self) -> str:
        return self.sha256[:12]


class StageRun(models.Model):
    """One attempt at one stage."""

    rollout = models.ForeignKey(Rollout, on_delete=models.CASCADE, related_name="+")
    stage = models.SlugField()
    attempt = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=16, default=StageState.ACTIVE)
    entered_at = models.DateTimeField()
    switched_at = models.DateTimeField(
        null=True
    )  # out of shadow; null: its people were on from the beginning
    left_at = models.DateTimeField(null=True)
    people = models.PositiveIntegerField()
    gates: models.JSONField[Any, Any] = models.JSONField(default=list)
    without_proof = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rollout", "stage", "attempt"], name="one_run_an_attempt")
        ]

    def __str__(self) -> str:
        return f"{self.stage} #{self.attempt}"


class DecisionRecord(models.Model):
    """One move with its rule, its reason, and the evidence it rests on."""

    id = models.UUIDField(primary_key=True)
    rollout = models.ForeignKey(Rollout, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    at = models.DateTimeField()
    move = models.CharField(max_length=16)
    rule = models.CharField(max_length=80)
    because = models.TextField()
    actor = models.SlugField()
    stage = models.SlugField(blank=True)
    attempt = models.PositiveSmallIntegerField()
    plan_sha256 = models.CharField(max_length=64)
    before: models.JSONField[Any, Any] = models.JSONField(default=dict)  # the rollout's row before the move
    gates: models.JSONField[Any, Any] = models.JSONField(default=list)
    evidence: models.JSONField[Any, Any] = models.JSONField(default=list)
    ruleset_version = models.PositiveIntegerField(null=True)
    people = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rollout", "version"], name="one_decision_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.move} at {self.at}"


class EvidenceRecord(models.Model):
    """A fact, frozen when a decision used it."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    body: models.JSONField[Any, Any] = models.JSONField()

    def __str__(self) -> str:
        return self.name


class GateReading(models.Model):
    """A gate as judged at one moment, for the board and its charts."""

    rollout = models.ForeignKey(Rollout, on_delete=models.CASCADE, related_name="+")
    stage = models.SlugField()
    attempt = models.PositiveSmallIntegerField()
    gate = models.SlugField()
    at = models.DateTimeField()
    body: models.JSONField[Any, Any] = models.JSONField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["rollout", "stage", "attempt", "at"], name="readings_of_stage")
        ]

    def __str__(self) -> str:
        return f"{self.gate} at {self.at}"


class EntryAction(models.Model):
    """What was set going when a stage was entered: a survey, a huddle, a heads-up. Whoever does it listens."""

    rollout = models.ForeignKey(Rollout, on_delete=models.CASCADE, related_name="+")
    stage = models.SlugField()
    attempt = models.PositiveSmallIntegerField()
    action = models.SlugField()
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    says = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rollout", "stage", "attempt", "action"], name="one_entry_action_an_attempt"
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} of {self.stage}"


class TaskDone(models.Model):
    """A person's word that a task of a stage is done."""

    rollout = models.ForeignKey(Rollout, on_delete=models.CASCADE, related_name="+")
    task = models.SlugField()
    at = models.DateTimeField()
    by = models.SlugField()
    note = models.TextField(blank=True)
    link = models.CharField(max_length=400, blank=True)

    def __str__(self) -> str:
        return f"{self.task} by {self.by}"


class Exemption(models.Model):
    """A gate passed over for one attempt at a stage: asked for by one person, granted by another, for a while."""

    id = models.UUIDField(primary_key=True)
    rollout = models.ForeignKey(Rollout, on_delete=models.CASCADE, related_name="+")
    stage = models.SlugField()
    attempt = models.PositiveSmallIntegerField()
    gate = models.SlugField()
    because = models.TextField()
    asked_by = models.SlugField()
    asked_at = models.DateTimeField()
    until = models.DateTimeField()
    granted_by = models.SlugField(blank=True)
    granted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.gate} of {self.stage}"


class Freeze(models.Model):
    """A time in which nothing new is switched on, whatever the evidence."""

    id = models.UUIDField(primary_key=True)
    since = models.DateTimeField()
    until = models.DateTimeField()
    because = models.TextField()
    by = models.SlugField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.SlugField(blank=True)

    def __str__(self) -> str:
        return f"frozen until {self.until}"


class Fix(models.Model):
    """What was mended after a rollback."""

    rollout = models.ForeignKey(Rollout, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    by = models.SlugField()
    summary = models.TextField()
    link = models.CharField(max_length=400, blank=True)

    def __str__(self) -> str:
        return self.summary


class Checkpoint(models.Model):
    """A stage's stand-up of one working day (R137). A correction is a new row; the newest of a day counts."""

    rollout = models.ForeignKey(Rollout, on_delete=models.CASCADE, related_name="+")
    stage = models.SlugField()
    attempt = models.PositiveSmallIntegerField()
    day = models.DateField()
    at = models.DateTimeField()
    by = models.SlugField()
    status = models.TextField()
    diffs = models.TextField(blank=True)
    blockers = models.TextField(blank=True)
    go = models.BooleanField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["rollout", "day"], name="checkpoints_by_day")]

    def __str__(self) -> str:
        return f"{self.stage} on {self.day}"


class ForecastMade(models.Model):
    """What was foretold of a stage before its cohort had the feature, and what then happened. Scored once."""

    rollout = models.ForeignKey(Rollout, on_delete=models.CASCADE, related_name="+")
    stage = models.SlugField()
    attempt = models.PositiveSmallIntegerField()
    measure = models.SlugField()
    at = models.DateTimeField()
    days = models.PositiveSmallIntegerField()  # working days that it speaks of
    draws: models.JSONField[Any, Any] = models.JSONField()  # ascending quantiles of what was drawn
    basis: models.JSONField[Any, Any] = models.JSONField()  # what it was drawn from
    outcome = models.FloatField(null=True)
    pit = models.FloatField(null=True)  # where the outcome fell among the draws, 0 to 1
    scored_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rollout", "stage", "attempt", "measure"], name="one_forecast_a_measure"
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure} of {self.stage}"


class Propagated(models.Model):
    """How a ruleset version reached the providers, in wall time."""

    version = models.PositiveIntegerField(primary_key=True)
    decision = models.UUIDField()
    people = models.PositiveIntegerField()
    providers = models.PositiveIntegerField()
    confirmed = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(null=True)

    def __str__(self) -> str:
        return f"{self.confirmed} of {self.providers} serve {self.version}"
