"""Tables of telemetry; the events themselves live in the event engine. Private to this room."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from companyos.platform.tenancy import TenantOwned


class FirstExposure(TenantOwned):
    """When a person first met a feature switched on."""

    feature = models.SlugField()
    person = models.SlugField()
    at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "feature", "person"], name="one_first_exposure")
        ]

    def __str__(self) -> str:
        return f"{self.person} met {self.feature}"
