"""Tables of cases. Private to this room. What happened is only ever added; a merge moves nothing."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from companyos.platform.tenancy import TenantOwned


class TypeVersion(models.Model):
    """One version of a case type, as its file said."""

    slug = models.SlugField()
    version = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    document: models.JSONField[Any, Any] = models.JSONField()
    since = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["slug", "version"], name="case_type_version")
        ]

    def __str__(self) -> str:
        return f"{self.slug} version {self.version}"


class Case(TenantOwned):
    """A piece of work somebody reported. The columns after `version` follow from its events, in step with them."""

    id = models.UUIDField(primary_key=True)
    number = models.PositiveIntegerField()
    type_version = models.PositiveIntegerField(default=0)
    feature = models.SlugField(blank=True)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    fields: models.JSONField[Any, Any] = models.JSONField(default=dict)
    context: models.JSONField[Any, Any] = models.JSONField(default=dict)
    reporter = models.ForeignKey(  # a person, or `erased`
        "identity.Person", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    opened_at = models.DateTimeField()
    key = models.CharField(max_length=80, default="")  # what the sender calls it: sent twice, it is kept once
    version = models.PositiveIntegerField(default=1)  # how many events it has
    type = models.CharField(max_length=32)
    status = models.CharField(max_length=32, default="new")
    phase = models.CharField(max_length=12, default="new")
    severity = models.CharField(max_length=8, blank=True)
    squad = models.SlugField(default="")
    owner = models.SlugField(default="")
    triaged_at = models.DateTimeField(null=True)
    plan = models.PositiveIntegerField(default=0)
    planned_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        "identity.Person", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    resolution = models.TextField(blank=True)
    released_at = models.DateTimeField(null=True)
    release = models.CharField(max_length=200, default="")
    confirmed = models.CharField(max_length=8, default="")
    merged_into = models.CharField(max_length=36, default="")
    votes = models.PositiveIntegerField(default=0)
    reopened = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # of the clock that ends first
    look_at = models.DateTimeField(null=True)  # when a clock has something to say

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "number"], name="case_number_in_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "reporter", "key"], condition=~Q(key=""), name="case_kept_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["feature", "severity", "resolved_at"], name="case_open_bugs"),
            models.Index(fields=["resolved_at", "due_at", "id"], name="cases_by_due"),
            models.Index(fields=["reporter", "-opened_at"], name="cases_of_a_reporter"),
            models.Index(fields=["merged_into"], condition=~Q(merged_into=""), name="cases_merged"),
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="cases_to_look_at"),
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id}-{self.number} {self.title}"


class CaseEvent(TenantOwned):
    """One thing that happened to a case. Two writers of the n-th meet in one row."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    n = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    by = models.CharField(max_length=120)
    at = models.DateTimeField()
    body: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "case", "n"], name="case_event_in_order")
        ]
        indexes: ClassVar = [models.Index(fields=["case", "n"], name="events_of_a_case")]

    def __str__(self) -> str:
        return f"{self.kind} by {self.by}"


class Vote(TenantOwned):
    """A person's vote for one case, as long as it stands."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    person = models.SlugField()
    at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "case", "person"], name="one_vote_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.person} for {self.case_id}"


class Watcher(TenantOwned):
    """Somebody who is told what happens to a case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    person = models.SlugField()
    at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "case", "person"], name="watches_once")
        ]

    def __str__(self) -> str:
        return f"{self.person} watches {self.case_id}"


class Link(TenantOwned):
    """What a case has to do with another, with a change or with a release, until somebody takes it away."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16)
    target = models.CharField(max_length=300)
    by = models.SlugField()
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "case", "kind", "target"],
                condition=Q(ended_at=None),
                name="linked_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.target}"


class ActionPlan(TenantOwned):
    """What will be done about a case, by whom, in which steps, until when (R85)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    n = models.PositiveIntegerField()
    owner = models.SlugField()
    steps: models.JSONField[Any, Any] = models.JSONField(default=list)
    due = models.DateField()
    proposed_by = models.SlugField()
    proposed_at = models.DateTimeField()
    accepted_by = models.SlugField(default="")
    accepted_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "case", "n"], name="plans_of_a_case")
        ]

    def __str__(self) -> str:
        return f"plan {self.n} of {self.case_id}"


class CaseFile(TenantOwned):
    """A file of a case; its bytes lie in the data directory under their checksum."""

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.SlugField()
    at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "id"], name="case_file_in_tenant")]

    def __str__(self) -> str:
        return self.name


class Notice(TenantOwned):
    """What a person is told about a case, once for each event."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    person = models.SlugField()
    kind = models.CharField(max_length=20)
    source = models.UUIDField()  # the case whose event it tells: its own, or the one that carries it
    n = models.PositiveIntegerField()  # of that event
    says = models.CharField(max_length=300)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "case", "person", "source", "n"], name="told_once")
        ]
        indexes: ClassVar = [models.Index(fields=["person", "-at"], name="notices_of_a_person")]

    def __str__(self) -> str:
        return f"{self.person}: {self.says}"


class SquadCalendar(models.Model):
    """One version of when a squad works; the newest counts for every clock, also of the past."""

    squad = models.SlugField()
    version = models.PositiveIntegerField()
    zone = models.CharField(max_length=64)
    weekdays: models.JSONField[Any, Any] = models.JSONField()
    holidays: models.JSONField[Any, Any] = models.JSONField(default=list)
    opens = models.TimeField()
    closes = models.TimeField()
    by = models.SlugField()
    at = models.DateTimeField()
    because = models.TextField(default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["squad", "version"], name="squad_calendar_version")
        ]

    def __str__(self) -> str:
        return f"calendar {self.version} of {self.squad}"


class SavedFilter(models.Model):
    """A question to the inbox that somebody asks often."""

    person = models.SlugField()
    title = models.CharField(max_length=60)
    query = models.CharField(max_length=500)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "title"], name="one_filter_a_title")
        ]

    def __str__(self) -> str:
        return self.title


class ShippedChange(models.Model):
    """A change that reached its users, and where it came from (R6)."""

    id = models.UUIDField(primary_key=True)
    feature = models.SlugField()
    title = models.CharField(max_length=200)
    link = models.CharField(max_length=300, default="")
    origin = models.CharField(max_length=20)
    cases: models.JSONField[Any, Any] = models.JSONField(default=list)
    by = models.SlugField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["feature", "title"], name="shipped_once")]
        indexes: ClassVar = [models.Index(fields=["feature", "at"], name="changes_of_a_feature")]

    def __str__(self) -> str:
        return self.title
