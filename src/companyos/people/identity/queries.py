"""Who is who: frozen rows out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from hashlib import sha256

from companyos.people.identity.domain.types import (
    KeyKind,
    KeyRow,
    Pace,
    PersonRow,
    PublishedKey,
    Reached,
    Scope,
    TeamRow,
    Way,
)
from companyos.people.identity.models import ApiKey, Department, Person, Team, ToldHow


def everybody() -> tuple[PersonRow, ...]:
    """Return every active person with team, department and the tenant where their cases run."""
    rows = Person.objects.filter(is_active=True).select_related("team").order_by("slug")
    return tuple(
        PersonRow(p.slug, p.name, p.team_id, p.team.department_id, p.team.works_in_id, p.job_role)
        for p in rows
    )


def find(person: str) -> PersonRow | None:
    """Return one active person; None for whoever has left or was never there."""
    found = Person.objects.filter(pk=person, is_active=True).values_list(
        "slug", "name", "team_id", "team__department_id", "team__works_in_id", "job_role"
    )
    return next((PersonRow(*row) for row in found), None)


def teams() -> tuple[TeamRow, ...]:
    people: dict[str, list[str]] = defaultdict(list)
    for slug, team in Person.objects.filter(is_active=True).order_by("slug").values_list("slug", "team_id"):
        people[team].append(slug)
    return tuple(
        TeamRow(t.slug, t.title, t.department_id, t.works_in_id, t.lead_slug, tuple(people[t.slug]))
        for t in Team.objects.order_by("slug")
    )


def departments() -> dict[str, str]:
    """Return the titles of departments by slug."""
    return dict(Department.objects.order_by("slug").values_list("slug", "title"))


def heads() -> dict[str, str]:
    """Return who heads each department that says so."""
    return dict(Department.objects.exclude(head_slug="").values_list("slug", "head_slug"))


def name_of(slug: str) -> str:
    """Return a person's name, or the slug itself where nobody has it (the controller, a former colleague)."""
    return Person.objects.filter(pk=slug).values_list("name", flat=True).first() or slug


def reached(people: Iterable[str]) -> dict[str, Reached]:
    """Return where and how these people are written to; whoever has left is left out."""
    rows = Person.objects.filter(pk__in=list(people), is_active=True).exclude(email="")
    chosen = ToldHow.objects.in_bulk([row.slug for row in rows])
    return {row.slug: _reached(row, chosen.get(row.slug)) for row in rows}


def _reached(person: Person, chosen: ToldHow | None) -> Reached:
    if chosen is None:
        return Reached(person.slug, person.name, person.email)
    ways = frozenset(map(Way, chosen.ways))
    return Reached(person.slug, person.name, person.email, ways, Pace(chosen.pace))


def person_at(address: str) -> str:
    """Return who is written to at a mail address; empty for nobody of ours."""
    found = Person.objects.filter(email__iexact=address.strip(), is_active=True)
    return found.values_list("slug", flat=True).first() or ""


def works_in(person: str) -> str:
    """Return the tenant where a person's work runs. Raises LookupError for somebody who is not there."""
    tenant = Person.objects.filter(pk=person).values_list("team__works_in_id", flat=True).first()
    if tenant is None:
        raise LookupError(f"There is no person {person!r}.")
    return str(tenant)


def person_of_key(key: str) -> Person | None:
    """Return whose management key this is, if it is one and still valid."""
    row = (
        ApiKey.objects.filter(sha256=sha256(key.encode()).hexdigest(), revoked_at=None)
        .select_related("person__team")
        .first()
    )
    if row is None or Scope.PERSONAL not in row.scopes:
        return None
    return row.person


def is_key(key: str) -> bool:
    """Tell whether this is a live key, of a program or a person."""
    return ApiKey.objects.filter(sha256=sha256(key.encode()).hexdigest(), revoked_at=None).exists()


def keys_to_publish() -> tuple[PublishedKey, ...]:
    """Return the live keys of programs, for the edge. Personal keys never leave the database."""
    rows = ApiKey.objects.filter(revoked_at=None, person=None).order_by("created_at", "id")
    return tuple(
        PublishedKey(
            str(k.id), k.sha256, KeyKind(k.kind), tuple(k.scopes), tuple(k.tenants), tuple(k.origins)
        )
        for k in rows
    )


def revoked_hashes() -> tuple[str, ...]:
    """Return the hashes of every program's key that was ever revoked, for the edge."""
    rows = ApiKey.objects.filter(person=None).exclude(revoked_at=None)
    return tuple(rows.order_by("sha256").values_list("sha256", flat=True))


def program_keys() -> tuple[KeyRow, ...]:
    """Return the keys of programs, live and revoked, oldest first."""
    return tuple(
        KeyRow(
            str(k.id),
            k.label,
            KeyKind(k.kind),
            tuple(k.scopes),
            tuple(k.tenants),
            tuple(k.origins),
            k.created_at,
            k.created_by,
            k.revoked_at,
            k.revoked_by,
            k.revoked_because,
        )
        for k in ApiKey.objects.filter(person=None).order_by("created_at", "id")
    )


def leads_a_team(person: str) -> bool:
    return bool(person) and Team.objects.filter(lead_slug=person).exists()


def may_manage_keys(person: str) -> bool:
    """Tell whether this person issues and revokes the keys of programs: whoever leads a team."""
    return leads_a_team(person)
