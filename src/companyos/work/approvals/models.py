"""Tables of approvals. Private to this room. What was done is only ever added."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from companyos.platform.tenancy import TenantOwned


class RequestType(models.Model):
    """One version of a request type, as its file said."""

    slug = models.SlugField()
    version = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    document: models.JSONField[Any, Any] = models.JSONField()
    since = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["slug", "version"], name="request_type_version")
        ]

    def __str__(self) -> str:
        return f"{self.slug} version {self.version}"


class Request(TenantOwned):
    """Something somebody asks for. `version` counts its changes: whoever acts on an older one is refused."""

    id = models.UUIDField(primary_key=True)
    number = models.PositiveIntegerField()
    type = models.SlugField()
    type_version = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    path = models.CharField(max_length=12)
    requester = models.CharField(max_length=120)
    fields: models.JSONField[Any, Any] = models.JSONField(default=dict)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    status = models.CharField(max_length=16)
    because = models.TextField(default="")
    version = models.PositiveIntegerField(default=1)
    round = models.PositiveIntegerField(default=1)
    key = models.CharField(max_length=80, default="")  # what the sender calls it: sent twice, it is kept once
    trace = models.CharField(max_length=32)
    about = models.CharField(
        max_length=200, default=""
    )  # what of CompanyOS itself it decides, as its room names it
    link = models.CharField(max_length=200, default="")  # the page of that
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    look_at = models.DateTimeField(null=True)
    to_tell = models.DateTimeField(null=True)  # since when an outcome waits to be told to who asked
    unseen = models.DateTimeField(null=True)  # since when they have not looked at it

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "number"], name="request_number_in_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "requester", "key"], condition=~Q(key=""), name="request_kept_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["requester", "-asked_at"], name="requests_of_a_person"),
            models.Index(fields=["type", "status", "-decided_at"], name="requests_decided"),
            models.Index(fields=["trace"], name="request_trace"),
            models.Index(fields=["link", "-asked_at"], condition=~Q(about=""), name="requests_linked"),
            models.Index(fields=["about", "-number"], condition=~Q(about=""), name="requests_about"),
            models.Index(fields=["to_tell"], condition=Q(to_tell__isnull=False), name="outcomes_to_tell"),
            models.Index(fields=["requester"], condition=Q(unseen__isnull=False), name="outcomes_not_seen"),
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="requests_to_look_at"),
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id}-{self.number} {self.title}"


class RequestAct(TenantOwned):
    """One thing that was done to a request. Two writers of the n-th act meet in one row; so do two clocks."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="+")
    n = models.PositiveIntegerField()
    kind = models.CharField(max_length=12)
    by = models.CharField(max_length=120)
    at = models.DateTimeField()
    step = models.CharField(max_length=64, default="")
    seat = models.CharField(max_length=120, default="")
    round = models.PositiveIntegerField(default=1)
    note = models.TextField(default="")
    to = models.CharField(max_length=120, default="")
    via = models.CharField(max_length=8, default="")

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "request", "n"], name="act_in_order"),
            models.UniqueConstraint(
                fields=["tenant", "request", "round", "step", "kind", "to"],
                condition=Q(kind__in=["reminded", "escalated", "timed_out"]),
                name="time_acts_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.by}"


class AskedNow(TenantOwned):
    """Who is asked now: the inbox. Rewritten with each act, in its transaction."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="+")
    step = models.CharField(max_length=64)
    title = models.CharField(max_length=120)
    seat = models.CharField(max_length=120)
    person = models.CharField(max_length=120)
    why = models.TextField()
    since = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    told = models.BooleanField(default=False)  # by mail or Slack

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "request", "step", "seat"], name="asked_once_a_seat")
        ]
        indexes: ClassVar = [
            models.Index(fields=["person", "since", "id"], name="inbox_of_a_person"),
            models.Index(fields=["id"], condition=Q(told=False), name="asked_and_not_told"),
        ]

    def __str__(self) -> str:
        return f"{self.person} for {self.request_id}"


class Draft(TenantOwned):
    """A request that is not sent yet; only its author sees it."""

    id = models.UUIDField(primary_key=True)
    type = models.SlugField()
    author = models.SlugField()
    fields: models.JSONField[Any, Any] = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "id"], name="draft_in_tenant")]
        indexes: ClassVar = [models.Index(fields=["author", "-saved_at"], name="drafts_of_a_person")]

    def __str__(self) -> str:
        return f"draft of {self.author}"


class Attachment(TenantOwned):
    """A file that belongs to a request; its bytes lie in the data directory under their checksum."""

    id = models.UUIDField(primary_key=True)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.SlugField()
    at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="attachment_in_tenant")
        ]

    def __str__(self) -> str:
        return self.name


class Record(TenantOwned):
    """What came of an approved request, under the request's own trace (R14)."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="+")
    trace = models.CharField(max_length=32)
    by = models.CharField(max_length=120)
    at = models.DateTimeField()
    note = models.TextField(default="")

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "request"], name="one_record_a_request")
        ]

    def __str__(self) -> str:
        return f"record of {self.request_id}"


class AnswerLink(TenantOwned):
    """A link in a mail that answers one request once; the link itself is not kept."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="+")
    person = models.SlugField()
    step = models.CharField(max_length=64)
    round = models.PositiveIntegerField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "sha256"], name="link_in_tenant")]

    def __str__(self) -> str:
        return f"answer link for {self.person}"


class StandIn(models.Model):
    """Who answers for somebody, or that they are away (`to` is empty), for a while."""

    person = models.SlugField()
    to = models.SlugField(default="")
    since = models.DateTimeField()
    until = models.DateTimeField()
    because = models.CharField(max_length=200, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["until"], name="stand_ins_in_force")]

    def __str__(self) -> str:
        return f"{self.to or 'away'} for {self.person}"
