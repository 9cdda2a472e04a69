"""The tenant map: frozen rows out."""

from __future__ import annotations

from collections import Counter

from companyos.people.tenants.domain.types import TenantClass, TenantRow
from companyos.people.tenants.models import Membership, TenantProfile
from companyos.platform.models import Tenant

_MAP = "the tenant map is readable by every employee"


def tenant_map() -> tuple[TenantRow, ...]:
    profiles = {p.tenant_id: p for p in TenantProfile.objects.across_tenants(because=_MAP)}
    people = Counter(Membership.objects.across_tenants(because=_MAP).values_list("tenant_id", flat=True))
    return tuple(
        TenantRow(
            tenant.slug,
            tenant.title,
            tenant.tenant_class,
            tenant.region,
            tuple(profiles[tenant.slug].owners),
            tuple(profiles[tenant.slug].data_domains),
            profiles[tenant.slug].risk,
            profiles[tenant.slug].flag_strategy,
            profiles[tenant.slug].scope,
            tuple(profiles[tenant.slug].goals),
            people[tenant.slug],
        )
        for tenant in Tenant.objects.order_by("slug")
        if tenant.slug in profiles
    )


def production_tenants() -> frozenset[str]:
    return frozenset(
        Tenant.objects.filter(tenant_class=TenantClass.PRODUCTION).values_list("slug", flat=True)
    )


def is_member(*, tenant: str, person: str) -> bool:
    return Membership.objects.of(tenant).filter(person_id=person).exists()


def may_hold(*, tenant: str, data_domain: str) -> bool:
    """Tell whether a tenant may hold data of a domain (R9). A sandbox takes any, as synthetic records."""
    if Tenant.objects.filter(pk=tenant, tenant_class=TenantClass.SANDBOX).exists():
        return True
    found = TenantProfile.objects.of(tenant).values_list("may_hold", flat=True).first()
    return data_domain in (found or ())


def titles() -> dict[str, str]:
    return dict(Tenant.objects.values_list("slug", "title"))


def regions() -> dict[str, str]:
    """Return the region each tenant is bound to; those bound to none are left out."""
    return dict(Tenant.objects.exclude(region="").order_by("slug").values_list("slug", "region"))


def of_member(person: str) -> tuple[str, ...]:
    """Return the tenants in which a person has a part, their home or as a guest."""
    rows = Membership.objects.across_tenants(because=_MAP).filter(person_id=person)
    return tuple(rows.order_by("role", "tenant_id").values_list("tenant_id", flat=True)[::-1])


def members() -> tuple[tuple[str, str], ...]:
    """Return every (tenant, person) there is, in order."""
    rows = Membership.objects.across_tenants(because=_MAP).order_by("tenant_id", "person_id")
    return tuple(rows.values_list("tenant_id", "person_id"))
