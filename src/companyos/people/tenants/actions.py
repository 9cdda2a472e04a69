"""The only writers of the tenant map."""

from __future__ import annotations

from collections.abc import Sequence

from companyos.people.tenants.models import Membership, TenantProfile
from companyos.platform.models import Tenant


def keep_tenant(
    *,
    slug: str,
    title: str,
    tenant_class: str,
    region: str,
    owners: Sequence[str],
    data_domains: Sequence[str],
    may_hold: Sequence[str],
    risk: str,
    flag_strategy: str,
    scope: str,
    goals: Sequence[str],
) -> bool:
    """Create or correct a tenant with its profile; says whether anything changed."""
    row = {"title": title, "tenant_class": tenant_class, "region": region}
    profile = {
        "owners": list(owners),
        "data_domains": list(data_domains),
        "may_hold": list(may_hold),
        "risk": risk,
        "flag_strategy": flag_strategy,
        "scope": scope,
        "goals": list(goals),
    }
    known = Tenant.objects.filter(pk=slug).values(*row).first()
    told = TenantProfile.objects.of(slug).values(*profile).first()
    if known == row and told == profile:
        return False
    Tenant.objects.update_or_create(slug=slug, defaults=row)
    if not TenantProfile.objects.of(slug).update(**profile):
        TenantProfile(tenant_id=slug, **profile).save(force_insert=True)
    return True


def keep_members(*, tenant: str, people: dict[str, str]) -> int:
    """Make `people` (slug to role) the tenant's members; says how many memberships changed."""
    known = dict(Membership.objects.of(tenant).values_list("person_id", "role"))
    gone = known.keys() - people.keys()
    changed = {person: role for person, role in people.items() if known.get(person) != role}
    Membership.objects.of(tenant).filter(person_id__in=gone | changed.keys()).delete()
    Membership.all_rows.bulk_create(
        Membership(tenant_id=tenant, person_id=person, role=role) for person, role in changed.items()
    )
    return len(gone) + len(changed)
