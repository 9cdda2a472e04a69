"""One request with everything about it: its situation for the judgement, its history for a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from companyos.platform.instance import instance
from companyos.work.approvals.domain.chain import Definition
from companyos.work.approvals.domain.judge import Situation
from companyos.work.approvals.domain.org import Org
from companyos.work.approvals.domain.types import Act, ActKind, Path, Status
from companyos.work.approvals.domain.types import Request as Asking
from companyos.work.approvals.models import AskedNow, Attachment, Record, Request, RequestAct
from companyos.work.approvals.queries.definitions import carried_by, definition_of
from companyos.work.approvals.queries.inbox import RequestRow, row_of
from companyos.work.approvals.queries.organisation import organisation

_READER = "who may read is checked against the request itself: may_read"
_LIKE_IT = "durations of a type over all tenants, without names"
_PAST = 200
_BYTES = "whether bytes are still needed, whosever they are; nothing of them is shown"


@dataclass(frozen=True, slots=True)
class ActRow:
    kind: str
    by: str
    at: datetime
    step: str
    seat: str
    round: int
    note: str
    to: str
    via: str


@dataclass(frozen=True, slots=True)
class AskedRow:
    step: str
    title: str
    seat: str
    person: str
    why: str
    since: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class AttachedRow:
    id: str
    name: str
    size: int
    content_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RequestDetail:
    row: RequestRow
    definition: Definition
    fields: dict[str, Any]
    version: int
    round: int
    trace: str
    acts: tuple[ActRow, ...]
    asked: tuple[AskedRow, ...]
    attachments: tuple[AttachedRow, ...]
    record: str
    link: str = ""


def find(request_id: str, *, lock: bool = False) -> Request | None:
    """Return the row of a request; None for an id that is none. `lock` holds it where the store can."""
    try:
        key = UUID(request_id)
    except ValueError:
        return None
    every = Request.objects.across_tenants(because=_READER)
    row: Request | None = (every.select_for_update() if lock else every).filter(pk=key).first()
    return row


def acts_of(row: Request) -> tuple[Act, ...]:
    rows = RequestAct.objects.of(row.tenant_id).filter(request=row).order_by("n")
    return tuple(
        Act(ActKind(kind), by, at, step, seat, number, note, to)
        for kind, by, at, step, seat, number, note, to in rows.values_list(
            "kind", "by", "at", "step", "seat", "round", "note", "to"
        )
    )


def situation_for(row: Request, now: datetime, acts: Iterable[Act] | None = None) -> Situation:
    """Gather everything the judgement looks at, with the definition the request began with."""
    org = organisation(now)
    definition = definition_of(row.type, row.type_version)
    if definition is None:
        raise LookupError(f"version {row.type_version} of {row.type} is gone; versions are never deleted")
    asking = Asking(row.requester, row.fields, row.tenant_id)
    one = org.people.get(row.requester)
    chain = carried_by(row.path, definition, one.department if one else "").bound_to(row.fields)
    done = acts_of(row) if acts is None else tuple(acts)
    return Situation(chain, asking, done, _as_known_on(row.path, org), instance().calendar)


def _as_known_on(path: str, org: Org) -> Org:
    """The plain router knows of no delegation and of nobody's absence."""
    return Org(org.people, org.leads, org.heads) if path == Path.EXISTING else org


def situation_of(request_id: str, now: datetime) -> Situation | None:
    row = find(request_id)
    return situation_for(row, now) if row else None


def holds_file(sha256: str) -> bool:
    """Tell whether a request holds a file of these bytes."""
    return bool(Attachment.objects.across_tenants(because=_BYTES).filter(sha256=sha256).exists())


def may_read(person: str, request_id: str) -> bool:
    """Tell whether a person may read a request: what CompanyOS asks about itself, everybody of the company may."""
    row = find(request_id)
    return row is not None and (bool(row.about) or person in who_may_read(request_id))


def who_may_read(request_id: str) -> frozenset[str]:
    """Who asked, whom its chain names, who is asked, who did something to it. Nobody else reads a request."""
    row = find(request_id)
    if row is None:
        return frozenset()
    asked = AskedNow.objects.of(row.tenant_id).filter(request=row).values_list("person", flat=True)
    acts = RequestAct.objects.of(row.tenant_id).filter(request=row).values_list("by", "seat", "to")
    return frozenset(
        {row.requester, *_named_in_the_chain(row), *asked, *(name for act in acts for name in act if name)}
    )


def _named_in_the_chain(row: Request) -> frozenset[str]:
    if row.path == Path.IMPORTED:
        return frozenset()
    situation = situation_for(row, instance().now(), ())
    roles = {who for step in situation.definition.steps for who in step.who}
    return frozenset(each for who in roles for each in situation.org.resolve(who, row.requester))


def detail(request_id: str) -> RequestDetail | None:
    """Return a request with its history; None when there is none. Ask may_read before showing it."""
    row = find(request_id)
    if row is None:
        return None
    definition = definition_of(row.type, row.type_version)
    if definition is None:
        return None
    acts = RequestAct.objects.of(row.tenant_id).filter(request=row).order_by("n")
    asked = AskedNow.objects.of(row.tenant_id).filter(request=row).order_by("step", "id")
    files = Attachment.objects.of(row.tenant_id).filter(request=row).order_by("id")
    record = Record.objects.of(row.tenant_id).filter(request=row).first()
    return RequestDetail(
        row_of(row),
        definition,
        row.fields,
        row.version,
        row.round,
        row.trace,
        tuple(ActRow(a.kind, a.by, a.at, a.step, a.seat, a.round, a.note, a.to, a.via) for a in acts),
        tuple(AskedRow(a.step, a.title, a.seat, a.person, a.why, a.since, a.due_at) for a in asked),
        tuple(AttachedRow(str(f.id), f.name, f.size, f.content_type, f.sha256) for f in files),
        f"{record.by} at {record.at:%Y-%m-%d %H:%M}{': ' + record.note if record.note else ''}"
        if record
        else "",
        row.link,
    )


def past_days(slug: str) -> tuple[float, ...]:
    """How long the last decided requests of a type took, in days."""
    rows = (
        Request.objects.across_tenants(because=_LIKE_IT)
        .filter(type=slug, status__in=[Status.APPROVED, Status.DECLINED, Status.CARRIED_OUT])
        .exclude(decided_at=None)
        .order_by("-decided_at")[:_PAST]
    )
    return tuple((to - at).total_seconds() / 86400 for at, to in rows.values_list("asked_at", "decided_at"))


def report_of_trace(trace: str, reader: str) -> dict[str, Any] | None:
    """A process from request through approvals and execution to its record, by its one trace id (R14)."""
    row = Request.objects.across_tenants(because=_READER).filter(trace=trace).first()
    if row is None or not may_read(reader, str(row.id)):
        return None
    record = Record.objects.of(row.tenant_id).filter(request=row).first()
    return {
        "trace": trace,
        "request": {"id": str(row.id), "type": row.type, "type_version": row.type_version, "path": row.path,
                    "asked_at": row.asked_at, "status": row.status},
        "approvals": [
            {"kind": a.kind, "by": a.by, "step": a.step, "at": a.at}
            for a in acts_of(row) if a.kind not in {ActKind.COMMENTED, ActKind.ASKED}
        ],
        "record": {"by": record.by, "at": record.at, "note": record.note, "trace": record.trace} if record else None,
    }  # fmt: skip
