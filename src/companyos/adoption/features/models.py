"""Tables of features. Private to this room. What people said and what was measured is never updated."""

from __future__ import annotations

from typing import Any, ClassVar

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
    stage = models.SlugField(blank=True, default="")
    version = models.CharField(max_length=40, default="1")

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


class RefusedMove(models.Model):
    """A move of a feature that was asked for and refused: the audit of what was tried (R3)."""

    feature = models.ForeignKey(Feature, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    actor = models.SlugField()
    wanted = models.CharField(max_length=32)
    because = models.TextField()

    def __str__(self) -> str:
        return f"{self.feature_id} not to {self.wanted}"


class FeatureVersion(models.Model):
    """A version of a feature: words and figures are bound to one."""

    feature = models.ForeignKey(Feature, on_delete=models.CASCADE, related_name="+")
    version = models.CharField(max_length=40)
    at = models.DateTimeField()
    by = models.SlugField()
    because = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.feature_id} {self.version}"


class IntakeRecord(models.Model):
    """What a feature entered with. Its risk is frozen here; its size until a request changes it (P6)."""

    feature = models.OneToOneField(Feature, primary_key=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    by = models.SlugField()
    size = models.CharField(max_length=8)
    risk = models.CharField(max_length=8)
    body: models.JSONField[Any, Any] = models.JSONField(default=dict)
    templates: models.JSONField[Any, Any] = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"intake of {self.feature_id}"


class ScorecardTemplate(models.Model):
    """A version of a scorecard. Never updated: features keep the version they were taken in with."""

    scorecard = models.SlugField()
    version = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    document: models.JSONField[Any, Any] = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scorecard", "version"], name="one_template_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.scorecard} {self.version}"


class SoftDefinition(models.Model):
    """A version of what a soft word means here. Never updated."""

    name = models.CharField(max_length=8)
    version = models.PositiveIntegerField()
    term = models.CharField(max_length=80)
    means = models.TextField()
    at = models.DateTimeField()
    by = models.SlugField()
    because = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "version"], name="one_definition_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Attestation(models.Model):
    """A named person's word for a row, of one version, until a day."""

    id = models.UUIDField(primary_key=True)
    feature = models.ForeignKey(Feature, on_delete=models.CASCADE, related_name="+")
    row = models.SlugField()
    version = models.CharField(max_length=40)
    at = models.DateTimeField()
    by = models.SlugField()
    author = models.SlugField(blank=True)  # of the thing reviewed
    link = models.CharField(max_length=400, blank=True)
    note = models.TextField(blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["feature", "row", "at"], name="words_by_row")]

    def __str__(self) -> str:
        return f"{self.row} by {self.by}"


class WorkEvidence(models.Model):
    """A fact that came from work: tests, load, scans, rehearsals, documents, reviews. The newest of a name counts."""

    id = models.UUIDField(primary_key=True)
    feature = models.ForeignKey(Feature, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    version = models.CharField(max_length=40)
    at = models.DateTimeField()
    by = models.SlugField()
    link = models.CharField(max_length=400, blank=True)
    body: models.JSONField[Any, Any] = models.JSONField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["feature", "name", "at"], name="work_by_name")]

    def __str__(self) -> str:
        return f"{self.name} of {self.feature_id}"


class ReadinessNow(models.Model):
    """A feature's scorecards as last judged, with the facts behind them."""

    feature = models.OneToOneField(Feature, primary_key=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    document: models.JSONField[Any, Any] = models.JSONField()
    is_out_of_date = models.BooleanField(default=False)  # something it rests on has changed

    def __str__(self) -> str:
        return f"{self.feature_id} at {self.at}"


class ReadinessChange(models.Model):
    """A row that changed its verdict."""

    feature = models.ForeignKey(Feature, on_delete=models.CASCADE, related_name="+")
    row = models.SlugField()
    at = models.DateTimeField()
    before = models.CharField(max_length=16, blank=True)
    after = models.CharField(max_length=16)
    because = models.TextField()
    value = models.FloatField(null=True)
    regressed = models.BooleanField(
        default=False
    )  # it had passed, and the feature is at internal GA or further

    class Meta:
        indexes: ClassVar = [models.Index(fields=["feature", "row", "at"], name="changes_by_row")]

    def __str__(self) -> str:
        return f"{self.row} {self.after}"


class FeatureExemption(models.Model):
    """A row, or the way to external GA, passed over for a while: asked for by one person, granted by another."""

    id = models.UUIDField(primary_key=True)
    feature = models.ForeignKey(Feature, on_delete=models.CASCADE, related_name="+")
    what = models.SlugField()
    because = models.TextField()
    asked_by = models.SlugField()
    asked_at = models.DateTimeField()
    until = models.DateTimeField()
    granted_by = models.SlugField(blank=True)
    granted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.what} of {self.feature_id}"


class GoNoGo(models.Model):
    """A meeting over one frozen snapshot of a feature's scorecards (R178)."""

    id = models.UUIDField(primary_key=True)
    feature = models.ForeignKey(Feature, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    by = models.SlugField()
    version = models.CharField(max_length=40)
    snapshot: models.JSONField[Any, Any] = models.JSONField()
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.feature_id} at {self.at}"


class SignOff(models.Model):
    """A role's go or no-go, with its dissent."""

    meeting = models.ForeignKey(GoNoGo, on_delete=models.CASCADE, related_name="+")
    role = models.SlugField()
    by = models.SlugField()
    at = models.DateTimeField()
    go = models.BooleanField()
    words = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["meeting", "role"], name="one_sign_off_a_role")
        ]

    def __str__(self) -> str:
        return f"{self.role}: {'go' if self.go else 'no-go'}"


class Certificate(models.Model):
    """A signed statement that a feature was ready. Never updated."""

    id = models.UUIDField(primary_key=True)
    meeting = models.OneToOneField(GoNoGo, on_delete=models.CASCADE, related_name="+")
    feature = models.ForeignKey(Feature, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    by = models.SlugField()
    body: models.JSONField[Any, Any] = models.JSONField()

    def __str__(self) -> str:
        return f"certificate of {self.feature_id}"


class PlanApproved(models.Model):
    """An adoption plan as approved; `subject` is a feature's slug, or empty for the programme's own."""

    subject = models.SlugField(blank=True)
    version = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.SlugField()
    sha256 = models.CharField(max_length=64)
    text = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject", "version"], name="one_adoption_plan_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.subject or 'the programme'} {self.version}"


class Surface(models.Model):
    """Routes, API operations or screens that belong to a feature: all whose name begins so."""

    kind = models.CharField(max_length=16)
    begins = models.CharField(max_length=200)
    feature = models.CharField(max_length=50)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "begins"], name="one_feature_a_surface")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.begins}"


class CoreProcess(models.Model):
    """A core process of a tenant, and where it runs today."""

    slug = models.SlugField(primary_key=True)
    title = models.CharField(max_length=120)
    tenant_slug = models.SlugField()
    tool = models.CharField(max_length=80, blank=True)
    why = models.TextField(blank=True)
    feature = models.CharField(max_length=50, blank=True)
    kinds: models.JSONField[Any, Any] = models.JSONField(
        default=list
    )  # of its cases; empty: all of the feature

    def __str__(self) -> str:
        return self.title


class FeatureDocument(models.Model):
    """Where a document of a feature lies, and by when it is to be read again."""

    feature = models.ForeignKey(Feature, on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=20)
    link = models.CharField(max_length=400)
    review_by = models.DateField(null=True)
    at = models.DateTimeField()
    by = models.SlugField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["feature", "what", "link"], name="one_document_a_link")
        ]

    def __str__(self) -> str:
        return f"{self.what} of {self.feature_id}"


class CheckedLink(models.Model):
    """What the last looks at a link gave; `standing` is of the last one that reached anything."""

    link = models.CharField(primary_key=True, max_length=400)
    standing = models.CharField(max_length=12, blank=True)
    says = models.CharField(max_length=200, blank=True)
    trouble = models.CharField(max_length=200, blank=True)
    checked_at = models.DateTimeField(null=True)
    reached_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)
    etag = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    next_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.link} {self.standing}"


class Elsewhere(models.Model):
    """Something that the company has outside this instance, as its dashboards: rows about it may be vouched for."""

    what = models.SlugField(primary_key=True)
    link = models.CharField(max_length=400)
    why = models.TextField()

    def __str__(self) -> str:
        return f"{self.what} at {self.link}"
