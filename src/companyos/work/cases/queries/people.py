"""Who belongs to a case, who may read it and who may work on it."""

from __future__ import annotations

from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.work.cases.models import Case, Watcher
from companyos.work.cases.queries.definitions import definition_of


def squad_of(squad: str) -> frozenset[str]:
    """Return the people of a squad, its lead among them; nobody for a squad that is not there."""
    found = next((team for team in identity.teams() if team.slug == squad), None) if squad else None
    return frozenset((found.lead, *found.people)) - {""} if found else frozenset()


def may_read(row: Case, viewer: str) -> bool:
    """Tell whether somebody may read a case: those in it, and those whom its type lets see it."""
    if viewer in {row.reporter_id, row.owner}:
        return True
    sees = definition_of(row.type, row.type_version).sees
    if sees == "company" or (sees == "tenant" and tenants.is_member(tenant=row.tenant_id, person=viewer)):
        return True
    return viewer in squad_of(row.squad) or watches(row, viewer)


def may_work_on(row: Case, actor: str) -> bool:
    """Tell whether somebody may change a case: its owner and its squad; any reader while it has no squad."""
    return actor == row.owner or (actor in squad_of(row.squad) if row.squad else may_read(row, actor))


def watches(row: Case, person: str) -> bool:
    return Watcher.objects.of(row.tenant_id).filter(case=row, person=person).exists()


def told_by_role(row: Case, role: str) -> str:
    """Return who is told for `owner`, `lead` or `department-head`; the next one up where there is none."""
    team = next((each for each in identity.teams() if each.slug == row.squad), None)
    if role == "owner" and row.owner:
        return str(row.owner)
    if team is None:
        return ""
    if role == "department-head":
        return identity.heads().get(team.department, team.lead)
    return team.lead
