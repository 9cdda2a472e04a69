"""Tables of trackers. Private to this room. No token is in any of them: those stand in a file beside the data."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from companyos.platform.tenancy import TenantOwned


class Connection(TenantOwned):
    """A squad's cases of one tenant, and a repository; it acts with the rights of whoever connected it."""

    id = models.UUIDField(primary_key=True)
    account = models.SlugField()  # of the accounts file: it says which tracker, where and with which token
    kind = models.CharField(max_length=16)
    repository = models.CharField(max_length=200)
    squad = models.SlugField()
    takes_issues = models.BooleanField(default=True)  # an issue that somebody opens there becomes a case
    by = models.SlugField()
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.SlugField(default="")

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "squad"], condition=Q(ended_at=None), name="one_tracker_a_squad"
            )
        ]

    def __str__(self) -> str:
        return f"{self.squad} and {self.repository}"


class Issue(TenantOwned):
    """A case and its issue: what holds of each field, what the tracker shows, and how far our words have gone there."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+")
    case = models.UUIDField()
    remote = models.CharField(max_length=64, default="")  # nothing until it is made there
    url = models.CharField(max_length=300, default="")
    holds: models.JSONField[Any, Any] = models.JSONField(default=dict)  # field -> the change that holds
    shows: models.JSONField[Any, Any] = models.JSONField(
        default=dict
    )  # field -> value there, as far as we know
    read_to = models.PositiveIntegerField(default=0)  # the last event of the case that was looked at
    said_to = models.PositiveIntegerField(default=0)  # the last one whose words are there
    mirrored: models.JSONField[Any, Any] = models.JSONField(
        default=list
    )  # events that tell what was done there
    try_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, default="")
    synced_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "case"], name="one_issue_a_case"),
            models.UniqueConstraint(
                fields=["tenant", "connection", "remote"], condition=~Q(remote=""), name="one_case_an_issue"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["try_at"], condition=Q(try_at__isnull=False), name="issues_to_sync")
        ]

    def __str__(self) -> str:
        return f"{self.case} is {self.remote or 'not there yet'}"


class FieldChange(TenantOwned):
    """A field that was changed on one side, and whether it holds. Only ever added: both sides' words stay."""

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="+")
    n = models.PositiveIntegerField()
    field = models.CharField(max_length=16)
    value = models.CharField(max_length=64)
    side = models.CharField(max_length=8)
    by = models.CharField(max_length=120)
    is_person = models.BooleanField()
    at = models.DateTimeField()
    heard_at = models.DateTimeField()
    wins = models.BooleanField()
    because = models.CharField(max_length=300)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "issue", "n"], name="changes_of_an_issue")
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.value} by {self.by}"


class Delivery(TenantOwned):
    """A message from a tracker, once: the same one sent again changes nothing."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+")
    delivery = models.CharField(max_length=128)
    at = models.DateTimeField()
    about = models.CharField(max_length=64, default="")  # the issue
    outcome = models.CharField(max_length=300)
    is_fine = models.BooleanField()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "connection", "delivery"], name="delivered_once")
        ]
        indexes: ClassVar = [models.Index(fields=["connection", "-id"], name="deliveries_of_a_tracker")]

    def __str__(self) -> str:
        return f"{self.delivery}: {self.outcome}"
