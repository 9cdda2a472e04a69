"""Banners, and what each person did with them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from companyos.change.comms.models.notices import Notice


class Banner(models.Model):
    """A few words at the top of every page of some people, for a while. Ending it early keeps who, when and why."""

    id = models.UUIDField(primary_key=True)
    title = models.CharField(max_length=80)
    words = models.CharField(max_length=300)
    link = models.CharField(max_length=300, blank=True)
    link_words = models.CharField(max_length=60, blank=True)
    severity = models.CharField(max_length=8)
    audience: models.JSONField[Any, Any] = models.JSONField(default=dict)
    notice = models.ForeignKey(Notice, null=True, on_delete=models.PROTECT, related_name="banners")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    dismissible = models.BooleanField()
    needs_ack = models.BooleanField()
    priority = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.SlugField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.SlugField(blank=True)
    ended_because = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="a_banner_ends"
            ),
            models.CheckConstraint(
                condition=models.Q(needs_ack=False) | models.Q(dismissible=False),
                name="asked_is_not_dismissed",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["ends_at"], condition=models.Q(ended_at=None), name="banners_that_may_be_in_force"
            )
        ]

    def __str__(self) -> str:
        return self.title


class BannerSeen(models.Model):
    """Somebody whom a banner was shown to, and how they answered."""

    banner = models.ForeignKey(Banner, on_delete=models.CASCADE, related_name="seen")
    person = models.SlugField()
    first_shown_at = models.DateTimeField()
    dismissed_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["banner", "person"], name="a_banner_is_first_shown_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["person", "first_shown_at"], name="banners_new_to_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.person} of {self.banner_id}"
