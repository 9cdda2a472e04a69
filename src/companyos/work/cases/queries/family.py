"""A case and those merged into it. A merge is one column: each keeps its own words, votes and history."""

from __future__ import annotations

from companyos.work.cases.models import Case, Vote, Watcher

_FAMILY = "a merge may join cases of several tenants; what is shown of each is judged by itself"


def members_of(row: Case) -> tuple[Case, ...]:
    """Return the cases merged into this one, directly or by way of another, oldest first."""
    found: list[Case] = []
    asked = [str(row.pk)]
    while asked:
        merged = list(
            Case.objects.across_tenants(because=_FAMILY)
            .filter(merged_into__in=asked)
            .order_by("opened_at", "id")
        )
        found += merged
        asked = [str(each.pk) for each in merged]
    return tuple(found)


def reporters_of(row: Case) -> tuple[Case, ...]:
    """Return the case and its merged ones: each with the person who reported it."""
    return (row, *members_of(row))


def voters_of(row: Case) -> frozenset[str]:
    """Return everybody who voted for the case or for one merged into it; each counts once."""
    cases = [each.pk for each in reporters_of(row)]
    rows = Vote.objects.across_tenants(because=_FAMILY).filter(case_id__in=cases)
    return frozenset(rows.values_list("person", flat=True))


def watchers_of(row: Case) -> frozenset[str]:
    rows = Watcher.objects.of(row.tenant_id).filter(case=row)
    return frozenset(rows.values_list("person", flat=True))
