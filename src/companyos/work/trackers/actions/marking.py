"""Which cases have something to say to their tracker: marked when they change, sent by a job afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from companyos.platform.instance import instance
from companyos.work.cases import queries as cases
from companyos.work.trackers.actions.connecting import Refused, check_squad
from companyos.work.trackers.models import Connection, Issue

_TAKEN_ON = "case.triaged"
_HEARS = "a change of a case is passed on to the issue that it has"


def hear(topic: str, body: Mapping[str, Any], *, now: datetime) -> None:
    """Mark the issue of a case that changed. A case that a squad took on gets one where the squad has a tracker."""
    if not topic.startswith("case.") or topic == "case.told" or instance().rehearsal:
        return
    known = Issue.objects.across_tenants(because=_HEARS).filter(case=body["case"], connection__ended_at=None)
    if known.update(try_at=now) or topic != _TAKEN_ON:
        return
    found = cases.report_text(body["case"])
    connection = _connection_of(found.tenant, found.squad) if found else None
    if connection:
        _mark(connection, body["case"], now)


def send(*, actor: str, case: str, now: datetime) -> None:
    """Send a case to its squad's tracker, whatever state it is in."""
    found = cases.report_text(case)
    connection = _connection_of(found.tenant, found.squad) if found else None
    if found is None or connection is None:
        raise Refused("The case's squad has no tracker in this tenant. Connect one first.")
    check_squad(actor, found.squad)
    _mark(connection, case, now)


def try_again(*, actor: str, issue: int, now: datetime) -> None:
    """Try once more to send what was given up."""
    row = Issue.objects.across_tenants(because=_HEARS).select_related("connection").filter(pk=issue).first()
    if row is None or row.connection.ended_at:
        raise Refused("It is not connected any more.")
    check_squad(actor, row.connection.squad)
    Issue.objects.of(row.tenant_id).filter(pk=row.pk).update(try_at=now, attempts=1)


def _connection_of(tenant: str, squad: str) -> Connection | None:
    return Connection.objects.of(tenant).filter(squad=squad, ended_at=None).first()


def _mark(connection: Connection, case: str, now: datetime) -> None:
    row, fresh = Issue.objects.of(connection.tenant_id).get_or_create(
        case=case, defaults={"connection": connection, "try_at": now, "tenant_id": connection.tenant_id}
    )
    if not fresh:
        Issue.objects.of(connection.tenant_id).filter(pk=row.pk).update(try_at=now, connection=connection)
