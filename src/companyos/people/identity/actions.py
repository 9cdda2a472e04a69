"""The only writers of the directory and of keys."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from companyos.kernel.ids import id_of
from companyos.people.identity.domain.keys import Wish, objection
from companyos.people.identity.domain.types import KeyKind, Pace, Scope, Way
from companyos.people.identity.models import ApiKey, Department, Person, SignInLink, Team, ToldHow


class KeyRefused(Exception):
    """The key is not issued or revoked as asked; says why, and what to do."""


class NoSuchKey(KeyRefused):
    """There is no such key."""


class LinkRefused(Exception):
    """The sign-in link is unknown, used or too old."""


def keep_department(*, slug: str, title: str, head: str = "") -> bool:
    """Create or correct a department; says whether anything changed."""
    return _keep(Department, slug, title=title, head_slug=head)


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


def choose_how_told(*, actor: str, ways: Iterable[Way], pace: Pace, now: datetime) -> None:
    """Say how oneself is written to; without a way, one reads the pages."""
    kept = {"ways": sorted(set(ways)), "pace": pace, "chosen_at": now}
    ToldHow.objects.update_or_create(person_id=actor, defaults=kept)


def issue_key(
    *,
    actor: str,
    label: str,
    scopes: Sequence[Scope],
    tenants: Sequence[str],
    now: datetime,
    kind: KeyKind = KeyKind.SERVER,
    origins: Sequence[str] = (),
) -> str:
    """Make a program's key and return it: the only time it is readable. Raises KeyRefused.

    Nobody may use it before a ruleset with it is published (see `companyos.adoption.flags.actions.new_ruleset`).
    """
    wish = Wish(kind, label, tuple(scopes), tuple(tenants), tuple(origins))
    if why := objection(wish):
        raise KeyRefused(why)
    key = _fresh_key()
    row = _row(key, label, scopes, tenants, actor, now)
    row.kind, row.origins = kind, list(origins)
    row.save(force_insert=True)
    return key


def issue_personal_keys(*, actor: str, people: Iterable[str], now: datetime) -> dict[str, str]:
    """Make one management key for each person; returns them by slug."""
    keys = {slug: _fresh_key() for slug in people}
    rows = {slug: _row(key, slug, [Scope.PERSONAL], [], actor, now) for slug, key in keys.items()}
    for slug, row in rows.items():
        row.person_id = slug
    ApiKey.objects.bulk_create(rows.values())
    return keys


def revoke_key(*, actor: str, key_id: str, because: str, now: datetime) -> bool:
    """Revoke a program's key for ever; says whether it was live. Raises NoSuchKey, KeyRefused.

    The edge refuses it once the list of revoked keys is published.
    """
    if not because.strip():
        raise KeyRefused("Say why: a reason is kept with every revoked key.")
    rows = ApiKey.objects.filter(pk=_as_uuid(key_id), person=None)
    changed = rows.filter(revoked_at=None).update(
        revoked_at=now, revoked_by=actor, revoked_because=because.strip()
    )
    if not changed and not rows.exists():
        raise NoSuchKey(f"There is no key {key_id!r}. `companyos keys list` shows them.")
    return bool(changed)


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


def _fresh_key() -> str:
    return f"cos_{secrets.token_urlsafe(24)}"


def _row(
    key: str, label: str, scopes: Sequence[Scope], tenants: Sequence[str], actor: str, now: datetime
) -> ApiKey:
    return ApiKey(
        id=id_of(now, "key", _hash(key)),
        sha256=_hash(key),
        label=label,
        scopes=list(scopes),
        tenants=list(tenants),
        created_at=now,
        created_by=actor,
    )


def _as_uuid(key_id: str) -> UUID:
    try:
        return UUID(key_id)
    except ValueError:
        raise NoSuchKey(f"{key_id!r} is no key's id. `companyos keys list` shows them.") from None


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
