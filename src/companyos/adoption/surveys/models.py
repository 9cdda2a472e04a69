"""Tables of surveys. Private to this room."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

from django.db import models

from companyos.platform.tenancy import TenantOwned


def _every_channel() -> list[str]:
    return ["mail", "slack"]


class Survey(models.Model):
    """A survey as its file says; `domain.types.SurveySpec` tells what each part means."""

    slug = models.SlugField(primary_key=True)
    feature = models.SlugField()
    title = models.CharField(max_length=120, default="")
    question = models.TextField()
    kind = models.CharField(max_length=16, default="csat")
    scale_low = models.SmallIntegerField(default=1)
    scale_high = models.SmallIntegerField(default=5)
    satisfied_from = models.PositiveSmallIntegerField()
    low_label = models.CharField(max_length=80, default="")
    high_label = models.CharField(max_length=80, default="")
    choices: models.JSONField[Any, Any] = models.JSONField(default=list)
    follow_up = models.TextField(default="")
    trigger = models.CharField(max_length=16, default="first_exposure")
    event = models.CharField(max_length=200, default="")
    after_working_days = models.PositiveSmallIntegerField()
    audience = models.CharField(max_length=16, default="exposed")
    sample = models.FloatField(default=1.0)
    again_after_days = models.PositiveSmallIntegerField(default=0)
    forgotten_after_days = models.PositiveSmallIntegerField(default=0)
    min_n = models.PositiveSmallIntegerField(default=10)
    priority = models.PositiveSmallIntegerField(default=100)
    closed = models.BooleanField(default=False)
    letters: models.JSONField[Any, Any] = models.JSONField(default=_every_channel)
    language = models.CharField(max_length=8, default="en")
    anonymous = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.slug


class Invitation(TenantOwned):
    """One person asked once; an answer comes, a dismissal, or nothing. A survey that repeats asks in waves.

    `unsigned`: the answer lies in `UnsignedAnswer`, and no moment here says which of them it is.
    """

    id = models.UUIDField(primary_key=True)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("identity.Person", on_delete=models.CASCADE, related_name="+")
    wave = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    dismissed_at = models.DateTimeField(null=True)
    via = models.CharField(max_length=16, default="")
    unsigned = models.BooleanField(default=False)
    written_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    opened_via = models.CharField(max_length=16, default="")
    score = models.PositiveSmallIntegerField(null=True)
    comment = models.TextField(blank=True)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "survey", "person", "wave"], name="asked_once_a_wave")
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} to {self.person_id}"


class UnsignedAnswer(TenantOwned):
    """An answer to an anonymous survey: no person, no moment, only the Monday of the week of asking."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+")
    week = models.DateTimeField()
    score = models.PositiveSmallIntegerField(null=True)
    comment = models.TextField(blank=True)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="unsigned_answer_once")
        ]

    def __str__(self) -> str:
        return f"to {self.survey_id}"


class SurveyLetter(TenantOwned):
    """An asking that was written to its person on one channel, and what became of the letter."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=16)
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "invitation", "channel"], name="written_once_a_channel")
        ]

    def __str__(self) -> str:
        return f"{self.invitation_id} by {self.channel}"


class LettersStopped(models.Model):
    """A person wants no letters about surveys; questions still wait on the page."""

    person = models.OneToOneField(
        "identity.Person", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    at = models.DateTimeField()
    via = models.CharField(max_length=16)

    def __str__(self) -> str:
        return self.person_id


class FatigueRule(models.Model):
    """How often one person may be asked, over all surveys. One row."""

    most = models.PositiveSmallIntegerField()
    days = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.most} in {self.days} days"


class AskingBudget(models.Model):
    """When a person was asked lately. Asking swaps the version it was judged by: of two that race, one asks."""

    person = models.OneToOneField(
        "identity.Person", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    version = models.PositiveIntegerField(default=0)
    asked: models.JSONField[Any, Any] = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.person_id} at {self.version}"


class AnswerImport(TenantOwned):
    """A file of answers given elsewhere: who brought it, and how many of its rows count."""

    id = models.UUIDField(primary_key=True)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+")
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    by = models.SlugField()
    at = models.DateTimeField()
    rows = models.PositiveIntegerField()
    answered = models.PositiveIntegerField()
    left_out: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "survey", "sha256"], name="answers_imported_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} into {self.survey_id}"


class ImportedAnswer(TenantOwned):
    """One row of an imported file. The respondent is as the file names them, and need not be in the directory."""

    source = models.ForeignKey(AnswerImport, on_delete=models.CASCADE, related_name="+")
    row = models.PositiveIntegerField()
    respondent = models.CharField(max_length=200, blank=True, db_index=True)
    at = models.DateTimeField()
    score = models.PositiveSmallIntegerField(null=True)
    words = models.TextField(blank=True)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "source", "row"], name="answer_of_a_row")
        ]

    def __str__(self) -> str:
        return f"row {self.row} of {self.source_id}"
