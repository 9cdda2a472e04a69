"""Tables of the tenant map. Private to this room."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from companyos.platform.tenancy import TenantOwned


class TenantProfile(TenantOwned):
    """Owners, data, risk and flag strategy of one tenant (R123)."""

    owners: models.JSONField[Any, Any] = models.JSONField(default=list)
    data_domains: models.JSONField[Any, Any] = models.JSONField(default=list)
    may_hold: models.JSONField[Any, Any] = models.JSONField(default=list)
    risk = models.CharField(max_length=16)
    flag_strategy = models.TextField()
    scope = models.TextField()
    goals: models.JSONField[Any, Any] = models.JSONField(default=list)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant"], name="one_profile_a_tenant")]

    def __str__(self) -> str:
        return f"profile of {self.tenant_id}"


class Membership(TenantOwned):
    """A person's part in a tenant (R9): at home, or a guest who pilots there."""

    person = models.ForeignKey("identity.Person", on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=16)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "person"], name="one_membership_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.tenant_id}"
