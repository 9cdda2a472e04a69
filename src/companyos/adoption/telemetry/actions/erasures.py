"""Taking out what is held of a person, and what is past its time; each time a record says how much."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import transaction

from companyos.adoption.telemetry.actions.alerts import NotYours, Refused
from companyos.adoption.telemetry.models import Erasure, FirstExposure, Removal
from companyos.platform import outbox

UPKEEP = "upkeep"


def ask_for_erasure(*, actor: str, subject: str, because: str, owners: Collection[str], now: datetime) -> str:
    """Ask that everything held of a person be taken out; says which request it is. The upkeep carries it out."""
    subject = subject.strip()
    if actor not in owners:
        raise NotYours("Only owners of a tenant may have a person's data erased. Ask one of them.")
    if len(because.strip()) < 3:
        raise Refused("Say why: a reason is kept with every erasure.")
    if not 2 <= len(subject) <= 200 or not subject.isprintable():
        raise Refused("Name one person, as events name them: 2 to 200 characters.")
    with transaction.atomic():
        if Erasure.objects.filter(subject=subject, done_at=None).exists():
            raise Refused("This person's erasure is under way already.")
        row = Erasure.objects.create(
            subject=subject,
            digest=digest_of(subject),
            at=now,
            by=actor,
            because=because.strip(),
        )
        outbox.publish("telemetry.erasure_asked", {"erasure": str(row.pk)}, at=now)
    return str(row.pk)


def digest_of(subject: str) -> str:
    """Return what stays of a name: whoever knows it can see that it was erased, and nobody can read it back."""
    return hmac.digest(
        settings.SECRET_KEY.encode(), f"erased {subject.strip()}".encode(), hashlib.sha256
    ).hex()


def keep_removal(*, domain: str, rows: int, now: datetime, erasure: str | None = None) -> None:
    """Record how many rows of a data domain were taken out."""
    Removal.objects.create(erasure_id=erasure, domain=domain, rows=rows, at=now)


def forget_exposures(*, names: Collection[str]) -> int:
    """Delete when the person first met each feature; says how many rows."""
    met = FirstExposure.objects.across_tenants(because="a person's erasure holds in every tenant")
    return int(met.filter(person__in=list(names)).delete()[0])


def name_done(*, erasure: str, now: datetime) -> None:
    """Everything is out: forget the name, keep the digest."""
    with transaction.atomic():
        Erasure.objects.filter(pk=erasure, done_at=None).update(subject="", done_at=now)
        outbox.publish("telemetry.erased", {"erasure": erasure}, at=now)
