"""Tables of the mailroom. Private to this room."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from companyos.platform.tenancy import TenantOwned


class LetterIn(TenantOwned):
    """A mail that became a case or words in one: by its id, so that it is taken once and answers find their case."""

    message_id = models.CharField(max_length=250)
    case = models.UUIDField()
    person = models.SlugField()
    at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "message_id"], name="letter_taken_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["message_id"], name="letters_by_id"),
            models.Index(fields=["person", "at"], name="letters_of_a_person"),
        ]

    def __str__(self) -> str:
        return self.message_id


class MailboxRead(models.Model):
    """How far a mailbox was read: the number of its last mail, and when it is read next. One row a mailbox."""

    name = models.CharField(max_length=300, primary_key=True)
    validity = models.BigIntegerField(default=0)  # numbers count from anew when the server changes it
    last_uid = models.BigIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, default="")
    try_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class SetAside(models.Model):
    """A mail that could not be taken, and why; the mail itself lies in a folder of the mailbox."""

    mailbox = models.ForeignKey(MailboxRead, on_delete=models.CASCADE, related_name="+")
    uid = models.BigIntegerField()
    sender = models.CharField(max_length=200, default="", db_index=True)
    size = models.BigIntegerField()
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.uid} of {self.mailbox_id}"


class Hook(TenantOwned):
    """An address that hears of a tenant's cases. Its secret is made from the instance's, and stands in no table."""

    id = models.UUIDField(primary_key=True)
    url = models.CharField(max_length=500)
    events: models.JSONField[Any, Any] = models.JSONField(default=list)  # kinds of events; all when empty
    by = models.SlugField()
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.SlugField(default="")

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "url"], condition=Q(ended_at=None), name="one_hook_an_address"
            )
        ]

    def __str__(self) -> str:
        return self.url
