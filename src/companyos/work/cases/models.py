"""Tables of cases. Private to this room."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from companyos.platform.tenancy import TenantOwned


class Case(TenantOwned):
    """A piece of work somebody reported."""

    id = models.UUIDField(primary_key=True)
    number = models.PositiveIntegerField()
    type = models.CharField(max_length=16)
    feature = models.SlugField()
    severity = models.CharField(max_length=8)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    reporter = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey("identity.Person", null=True, on_delete=models.PROTECT, related_name="+")
    resolution = models.TextField(blank=True)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "number"], name="case_number_in_tenant")
        ]
        indexes: ClassVar = [
            models.Index(fields=["feature", "severity", "resolved_at"], name="case_open_bugs")
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id}-{self.number} {self.title}"
