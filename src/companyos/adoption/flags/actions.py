"""The only writers of flags. A change is a new ruleset version; the file for the edge follows the commit."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from companyos.adoption.flags.domain.types import Cohort, flag_document
from companyos.adoption.flags.models import Flag, Ruleset, Serving
from companyos.kernel.canonical_json import sha256_of
from companyos.people.identity import queries as identity
from companyos.platform import outbox


def keep_flag(*, key: str, feature: str) -> bool:
    """Create a flag that is off for everybody; says whether it is new."""
    return Flag.objects.get_or_create(key=key, defaults={"feature": feature})[1]


def put_on(*, actor: str, flag: str, cohort: Cohort, because: str, now: datetime) -> int:
    """Make `cohort` exactly who is on and return the new ruleset version. The caller holds the transaction."""
    Flag.objects.filter(pk=flag).update(
        cohort={tenant: sorted(people) for tenant, people in sorted(cohort.items())}
    )
    return new_ruleset(actor=actor, because=because, now=now)


def new_ruleset(*, actor: str, because: str, now: datetime) -> int:
    """Write the next ruleset version from the flags and keys as they stand, and announce it."""
    flags = {
        flag.key: {tenant: frozenset(people) for tenant, people in flag.cohort.items()}
        for flag in Flag.objects.all()
    }
    version = (Ruleset.objects.aggregate(top=Max("version"))["top"] or 0) + 1
    document = {
        "version": version,
        "published_at": now.isoformat(),
        "flags": flag_document(flags),
        "keys": [
            {"id": key.id, "sha256": key.sha256, "scopes": list(key.scopes), "tenants": list(key.tenants)}
            for key in identity.keys_to_publish()
        ],
    }
    Ruleset.objects.create(
        version=version, at=now, author=actor, because=because, document=document, sha256=sha256_of(document)
    )
    outbox.publish("ruleset.changed", {"version": version}, at=now)
    return version


def record_serving(*, provider: str, version: int) -> None:
    """Note which version a provider serves; an older report never overwrites a newer one."""
    known, fresh = Serving.objects.get_or_create(provider=provider, defaults={"version": version})
    if not fresh and known.version < version:
        Serving.objects.filter(pk=provider, version__lt=version).update(version=version)
