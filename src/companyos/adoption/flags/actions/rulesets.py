"""The next ruleset, and who serves which."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.db.models import Max

from companyos.adoption.flags import queries
from companyos.adoption.flags.domain import compile as compiler
from companyos.adoption.flags.domain.change import PROGRAM
from companyos.adoption.flags.models import Ruleset, Serving
from companyos.kernel.canonical_json import sha256_of
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.platform import outbox


def new_ruleset(*, actor: str, because: str, now: datetime) -> int:
    """Write the next ruleset version from the flags and keys as they stand, and announce it."""
    version = (Ruleset.objects.aggregate(top=Max("version"))["top"] or 0) + 1
    document = {
        "version": version,
        "published_at": now.isoformat(),
        "flag_sets": compiler.documents_of(queries.world_as_served(), version=version),
        "keys": [asdict(key) for key in identity.keys_to_publish()],
        "regions": tenants.regions(),
    }
    Ruleset.objects.create(
        version=version, at=now, author=actor, because=because, document=document, sha256=sha256_of(document)
    )
    outbox.publish("ruleset.changed", {"version": version}, at=now)
    return version


def keep_regions(*, now: datetime) -> bool:
    """Publish where the tenants are bound to when edges do not know it yet; says whether they did not."""
    published = queries.latest_document()
    if published is None or published.get("regions", {}) == tenants.regions():
        return False
    new_ruleset(actor=PROGRAM, because="the tenants' regions changed", now=now)
    return True


def record_serving(*, provider: str, version: int, heard_at: datetime) -> None:
    """Note which version a provider serves; an older report never overwrites a newer one."""
    heard = {"version": version, "heard_at": heard_at}
    known, fresh = Serving.objects.get_or_create(provider=provider, defaults=heard)
    if not fresh and known.version <= version:
        Serving.objects.filter(pk=provider, version__lte=version).update(**heard)
