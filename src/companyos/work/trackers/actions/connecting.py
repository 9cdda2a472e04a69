"""A squad connects a repository, for its cases of one tenant, and takes it away again."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import IntegrityError, transaction

from companyos.kernel.ids import id_of
from companyos.people.tenants import queries as tenants
from companyos.work.cases import queries as cases
from companyos.work.trackers.accounts import NoAccount, account
from companyos.work.trackers.models import Connection, Issue

_REPOSITORY = re.compile(r"[\w.-]+(?:/[\w.-]+)*")
_BY_ID = "the actor is judged against the squad of the connection"


class Refused(Exception):
    """It is not done; the text says why and what to do."""


class NotYours(Refused):
    """This person may not do that."""


def connect(
    *,
    actor: str,
    account_name: str,
    repository: str,
    tenant: str,
    squad: str,
    takes_issues: bool,
    now: datetime,
) -> str:
    """Connect and return the connection's id. What happens there is done here with the rights of the actor."""
    check_squad(actor, squad)
    if not tenants.is_member(tenant=tenant, person=actor):
        raise NotYours("Connect a tenant that you are in.")
    if tenant not in tenants.production_tenants():
        raise Refused("Nothing leaves a sandbox: connect a production tenant.")
    if not _REPOSITORY.fullmatch(repository) or ".." in repository:
        raise Refused("Write the repository as the tracker does, as owner/repository.")
    try:
        chosen = account(account_name)
    except NoAccount as problem:
        raise Refused(str(problem)) from None
    key = id_of(now, "tracker", tenant, squad, repository)
    row = Connection(
        id=key, tenant_id=tenant, account=chosen.name, kind=chosen.kind, repository=repository, squad=squad,
        takes_issues=takes_issues, by=actor, at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("The squad has a tracker in this tenant already. Disconnect it first.") from None
    return str(key)


def disconnect(*, actor: str, connection: str, now: datetime) -> None:
    """Stop syncing. What is there stays there, and its history stays here."""
    row = Connection.objects.across_tenants(because=_BY_ID).filter(pk=connection, ended_at=None).first()
    if row is None:
        raise Refused("It is not connected any more.")
    check_squad(actor, row.squad)
    Connection.objects.of(row.tenant_id).filter(pk=row.pk).update(ended_at=now, ended_by=actor)
    Issue.objects.of(row.tenant_id).filter(connection=row).update(try_at=None)


def check_squad(actor: str, squad: str) -> None:
    if actor not in cases.squad_of(squad):
        raise NotYours("Only people of the squad do this for it. Ask one of them.")
