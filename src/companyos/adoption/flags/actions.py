"""The only writers of flags. A change is a new ruleset version; the file for the edge follows the commit."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

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
        "flag_sets": {"companyos": _flag_set("companyos", version, flag_document(flags))},
        "keys": [asdict(key) for key in identity.keys_to_publish()],
    }
    Ruleset.objects.create(
        version=version, at=now, author=actor, because=because, document=document, sha256=sha256_of(document)
    )
    outbox.publish("ruleset.changed", {"version": version}, at=now)
    return version


def _flag_set(name: str, version: int, document: dict[str, Any]) -> dict[str, Any]:
    """Return a flag set as it is published; `fractional` says how it hashes people into percentages."""
    return document | {"metadata": {"flagSetId": name, "version": version, "fractional": "v2"}}


def record_serving(*, provider: str, version: int, heard_at: datetime) -> None:
    """Note which version a provider serves; an older report never overwrites a newer one."""
    heard = {"version": version, "heard_at": heard_at}
    known, fresh = Serving.objects.get_or_create(provider=provider, defaults=heard)
    if not fresh and known.version <= version:
        Serving.objects.filter(pk=provider, version__lte=version).update(**heard)
