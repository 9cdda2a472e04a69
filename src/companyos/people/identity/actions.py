"""The only writers of the directory and of keys."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from companyos.kernel.ids import id_of
from companyos.people.identity.domain.types import Scope
from companyos.people.identity.models import ApiKey, Department, Person, SignInLink, Team


class LinkRefused(Exception):
    """The sign-in link is unknown, used or too old."""


def keep_department(*, slug: str, title: str) -> bool:
    """Create or correct a department; says whether anything changed."""
    return _keep(Department, slug, title=title)


def keep_team(*, slug: str, title: str, department: str, home_tenant: str, works_in: str, lead: str) -> bool:
    return _keep(
        Team,
        slug,
        title=title,
        department_id=department,
        home_tenant_id=home_tenant,
        works_in_id=works_in,
        lead_slug=lead,
    )


def keep_person(*, slug: str, name: str, email: str, team: str, job_role: str) -> bool:
    return _keep(Person, slug, name=name, email=email, team_id=team, job_role=job_role)


def issue_key(
    *,
    label: str,
    scopes: Sequence[Scope],
    tenants: Sequence[str],
    now: datetime,
    person: str | None = None,
) -> str:
    """Make a key and return it: the only time it is readable."""
    key = f"cos_{secrets.token_urlsafe(24)}"
    _store_keys([(key, label, scopes, tenants, person)], now)
    return key


def issue_personal_keys(*, people: Iterable[str], now: datetime) -> dict[str, str]:
    """Make one management key for each person; returns them by slug."""
    keys = {slug: f"cos_{secrets.token_urlsafe(24)}" for slug in people}
    _store_keys([(key, slug, [Scope.PERSONAL], [], slug) for slug, key in keys.items()], now)
    return keys


def revoke_key(*, key_id: str, now: datetime) -> None:
    ApiKey.objects.filter(pk=key_id, revoked_at=None).update(revoked_at=now)


def make_sign_in_link(*, person: str, now: datetime, lasts_days: float = 0.5) -> str:
    """Return a token that signs `person` in once within `lasts_days`."""
    token = secrets.token_urlsafe(24)
    expires_at = now + timedelta(days=lasts_days)
    SignInLink.objects.create(sha256=_hash(token), person_id=person, expires_at=expires_at)
    return token


def use_sign_in_link(*, token: str, now: datetime) -> Person:
    """Return whom the link signs in and use it up. Raises LinkRefused."""
    taken = SignInLink.objects.filter(sha256=_hash(token), used_at=None, expires_at__gt=now).update(
        used_at=now
    )
    if taken != 1:
        raise LinkRefused("This sign-in link was used already, or is too old. Start again to get a new one.")
    return SignInLink.objects.select_related("person").get(sha256=_hash(token)).person


def _store_keys(
    keys: list[tuple[str, str, Sequence[Scope], Sequence[str], str | None]], now: datetime
) -> None:
    ApiKey.objects.bulk_create(
        ApiKey(
            id=id_of(now, "key", _hash(key)),
            sha256=_hash(key),
            label=label,
            person_id=person,
            scopes=list(scopes),
            tenants=list(tenants),
            created_at=now,
        )
        for key, label, scopes, tenants, person in keys
    )


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _keep(table: type[Department | Team | Person], slug: str, **values: str) -> bool:
    row = table._default_manager.filter(pk=slug).first()
    if row is None:
        table._default_manager.create(slug=slug, **values)
        return True
    if all(getattr(row, name) == value for name, value in values.items()):
        return False
    table._default_manager.filter(pk=slug).update(**values)
    return True
