"""Tables of feedback. Private to this room."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from companyos.platform.tenancy import TenantOwned


class OwnershipRule(models.Model):
    """Which squad answers for an area, as the program says."""

    area = models.SlugField(primary_key=True)
    title = models.CharField(max_length=120)
    squad = models.SlugField()
    words = models.JSONField(default=list)
    features = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.area}: {self.squad}"


class TriageModel(models.Model):
    """A version of the model: who had it learned, when, why, from how many answers, and how good it was."""

    version = models.PositiveIntegerField(primary_key=True)
    by = models.SlugField()
    at = models.DateTimeField()
    because = models.TextField()
    answers = models.PositiveIntegerField()
    skipped = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"version {self.version}"


class TriageModelPart(models.Model):
    """What a version learned about one question: arrays and JSON, never a pickle, with their hash."""

    model = models.ForeignKey(TriageModel, on_delete=models.PROTECT, related_name="parts")
    axis = models.CharField(max_length=16)
    quality = models.JSONField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    content = models.BinaryField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["model", "axis"], name="triage_part_of_model")
        ]

    def __str__(self) -> str:
        return f"{self.model_id} {self.axis}"


class TriageModelUse(models.Model):
    """From when on a version answers (none: the ownership rules). The latest counts; none is ever changed."""

    model = models.ForeignKey(TriageModel, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.SlugField()
    stays = models.BooleanField()  # a person went back to it: nothing takes over by itself
    at = models.DateTimeField()
    because = models.TextField()

    def __str__(self) -> str:
        return f"{self.model_id} since {self.at}"


class TriageTraining(models.Model):
    """A training that somebody asked for, and how far it is."""

    by = models.SlugField()
    because = models.TextField()
    asked_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    what = models.CharField(max_length=40, default="waiting")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True)
    model = models.ForeignKey(TriageModel, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.asked_at} {self.what}"


class TriageSuggestion(TenantOwned):
    """What triage said of a case when it came, with the words it was said of."""

    case = models.UUIDField()
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    feature = models.SlugField(blank=True)
    said_type = models.CharField(max_length=32, blank=True)
    said_severity = models.CharField(max_length=16, blank=True)
    judged = models.JSONField()
    queue = models.SlugField(blank=True)
    model = models.ForeignKey(TriageModel, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "case"], name="triage_suggestion_of_case")
        ]
        indexes: ClassVar = [models.Index(fields=["at"], name="triage_suggestion_at")]

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.title}"


class TriageAnswer(TenantOwned):
    """What a person said a case is. A later answer is another row; `settled` ones come from the owning squad."""

    suggestion = models.ForeignKey(TriageSuggestion, on_delete=models.PROTECT, related_name="answers")
    nth = models.PositiveSmallIntegerField()
    squad = models.SlugField()
    type = models.CharField(max_length=32)
    severity = models.CharField(max_length=16)
    accepted = models.BooleanField()
    settled = models.BooleanField()
    by = models.SlugField()
    at = models.DateTimeField()
    because = models.TextField(blank=True)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "suggestion", "nth"], name="triage_answer_nth")
        ]
        indexes: ClassVar = [models.Index(fields=["settled", "at"], name="triage_answer_at")]

    def __str__(self) -> str:
        return f"{self.suggestion_id} {self.squad}"
