"""Tables of surveys. Private to this room."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from companyos.platform.tenancy import TenantOwned


class Survey(models.Model):
    """One question, asked some working days after a person's first exposure."""

    slug = models.SlugField(primary_key=True)
    feature = models.SlugField()
    question = models.TextField()
    satisfied_from = models.PositiveSmallIntegerField()
    after_working_days = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return self.slug


class Invitation(TenantOwned):
    """One person asked once; the answer comes or does not."""

    id = models.UUIDField(primary_key=True)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("identity.Person", on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    score = models.PositiveSmallIntegerField(null=True)
    comment = models.TextField(blank=True)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "survey", "person"], name="asked_once")
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} to {self.person_id}"
