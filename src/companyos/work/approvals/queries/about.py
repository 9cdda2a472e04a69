"""Requests about something of CompanyOS itself: how the room that it belongs to reads what was answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, When

from companyos.work.approvals.domain.types import ANSWERS, ActKind, Status
from companyos.work.approvals.models import AskedNow, Request, RequestAct

_ITS_ROOM = "a room reads requests about what is its own, wherever they run"


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that was given: `seat` is whose it is, `by` who gave it."""

    kind: ActKind
    seat: str
    by: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class RequestAbout:
    """The newest request about one thing, with its answers in order and who is still asked."""

    id: str
    about: str
    trace: str
    status: Status
    because: str
    requester: str
    fields: Mapping[str, Any]
    asked_at: datetime
    decided_at: datetime | None
    answers: tuple[Answered, ...]
    asked: tuple[str, ...]

    def pairs(self, field: str) -> dict[str, str]:
        """Return the people that a field names for the chain, by the role before each (`role=person`)."""
        pairs = (each.rpartition("=") for each in str(self.fields.get(field, "")).split())
        return {role or person: person for role, _, person in pairs}

    def answer_of(self, seat: str) -> Answered | None:
        return next((each for each in reversed(self.answers) if each.seat == seat), None)

    @property
    def is_open(self) -> bool:
        return self.status in {Status.OPEN, Status.RETURNED}

    @property
    def is_approved(self) -> bool:
        return self.status in {Status.APPROVED, Status.CARRIED_OUT}


@dataclass(frozen=True, slots=True)
class LinkedRequest:
    """One request as a line on the page of what it is about; `people` are still asked, since `waits_since`."""

    id: str
    title: str
    status: Status
    because: str
    requester: str
    asked_at: datetime
    decided_at: datetime | None
    people: tuple[str, ...]
    waits_since: datetime | None


def requests_linked_to(pages: Collection[str], limit: int = 20) -> tuple[LinkedRequest, ...]:
    """Return the requests about what has one of these pages: open ones first, then the newest."""
    rows = Request.objects.across_tenants(because=_ITS_ROOM).filter(link__in=pages).exclude(about="")
    is_open = Case(When(status__in=[Status.OPEN, Status.RETURNED], then=0), default=1)
    found = list(rows.order_by(is_open, "-asked_at", "-number")[:limit])
    asked = AskedNow.objects.across_tenants(because=_ITS_ROOM).filter(request__in=[row.id for row in found])
    waiting: dict[object, list[AskedNow]] = {row.id: [] for row in found}
    for one in asked.order_by("since", "id"):
        waiting[one.request_id].append(one)
    return tuple(_linked(row, waiting[row.id]) for row in found)


def _linked(row: Request, waiting: list[AskedNow]) -> LinkedRequest:
    return LinkedRequest(
        str(row.id),
        row.title,
        Status(row.status),
        row.because,
        row.requester,
        row.asked_at,
        row.decided_at,
        tuple(dict.fromkeys(one.person for one in waiting)),
        waiting[0].since if waiting else None,
    )


def request_about(about: str) -> RequestAbout | None:
    return requests_about([about]).get(about)


def requests_about(abouts: Collection[str]) -> dict[str, RequestAbout]:
    """Return the newest request about each of these things; what nobody asked about is left out."""
    rows = Request.objects.across_tenants(because=_ITS_ROOM).filter(about__in=[a for a in abouts if a])
    newest = {row.about: row for row in rows.order_by("asked_at", "number")}
    if not newest:
        return {}
    ids = [row.id for row in newest.values()]
    acts = RequestAct.objects.across_tenants(because=_ITS_ROOM).filter(request__in=ids, kind__in=ANSWERS)
    asked = AskedNow.objects.across_tenants(because=_ITS_ROOM).filter(request__in=ids)
    answers: dict[object, list[Answered]] = {key: [] for key in ids}
    waiting: dict[object, list[str]] = {key: [] for key in ids}
    for act in acts.order_by("n"):
        answers[act.request_id].append(Answered(ActKind(act.kind), act.seat, act.by, act.at, act.note))
    for one in asked.order_by("id"):
        waiting[one.request_id].append(one.person)
    return {
        about: RequestAbout(
            str(row.id),
            about,
            row.trace,
            Status(row.status),
            row.because,
            row.requester,
            row.fields,
            row.asked_at,
            row.decided_at,
            tuple(answers[row.id]),
            tuple(waiting[row.id]),
        )
        for about, row in newest.items()
    }
