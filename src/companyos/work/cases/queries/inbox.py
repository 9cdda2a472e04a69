"""Cases in lists: the inbox with its filters, what a person reported, what they were told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import F, Q

from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.platform.tenancy import TenantQuerySet
from companyos.work.cases.domain.types import Phase
from companyos.work.cases.models import Case, Notice, SavedFilter, Watcher
from companyos.work.cases.queries.definitions import case_types, definition_of

PAGE = 50
_OPEN = Q(resolved_at=None, merged_into="")
_SEEN = "each list is cut to what its viewer may read"
_MINE = "a person reads what they reported and what they are told, wherever it is"
COUNTED = ("open", "untriaged", "unplanned", "waiting", "late")
_SCOPES = {
    "open": _OPEN,
    "untriaged": _OPEN & Q(triaged_at=None),
    "unplanned": _OPEN & Q(planned_at=None, triaged_at__isnull=False),
    "waiting": _OPEN & Q(waiting_since__isnull=False),
    "over": Q(resolved_at__isnull=False, merged_into=""),
    "merged": ~Q(merged_into=""),
    "all": Q(),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the inbox. `scope` is one of open, untriaged, unplanned, waiting, late, over, merged, all."""

    scope: str = "open"
    type: str = ""
    severity: str = ""
    squad: str = ""
    owner: str = ""
    feature: str = ""
    tenant: str = ""
    words: str = ""
    before: int = 0  # how many lines are left out: the page


@dataclass(frozen=True, slots=True)
class CaseLine:
    id: str
    tenant: str
    number: int
    type: str
    type_title: str
    title: str
    feature: str
    status: str
    phase: str
    severity: str
    squad: str
    owner: str
    reporter: str
    opened_at: datetime
    due_at: datetime | None
    waiting_since: datetime | None
    triaged_at: datetime | None
    resolved_at: datetime | None
    merged_into: str
    votes: int
    confirmed: str

    @property
    def label(self) -> str:
        return f"{self.tenant}-{self.number}"

    @property
    def look(self) -> str:
        """How the state is drawn: an accepted case is open, where an accepted RFC is done."""
        return "case_accepted" if self.phase == Phase.ACCEPTED else self.phase


@dataclass(frozen=True, slots=True)
class NoticeRow:
    case: str
    kind: str
    says: str
    at: datetime
    is_new: bool
    title: str


def inbox(viewer: str, asked: Asked, now: datetime) -> tuple[tuple[CaseLine, ...], int]:
    """Return a page of the cases that fit and that the viewer may read, soonest due first, and how many there are."""
    rows = _visible(viewer).filter(_fits(asked, now))
    order = F("due_at").asc(nulls_last=True)
    page = rows.order_by(order, "-opened_at", "id")[asked.before : asked.before + PAGE]
    return tuple(line_of(row) for row in page), rows.count()


def counts(viewer: str, now: datetime) -> dict[str, int]:
    """Count what the viewer may read in each scope."""
    rows = _visible(viewer)
    return {name: rows.filter(_scope(name, now)).count() for name in COUNTED}


def waiting_for_triage(viewer: str) -> int:
    """Count what waits for somebody of the viewer's own squad to triage it."""
    squads = _squads(viewer)
    rows = Case.objects.across_tenants(because=_SEEN)
    return rows.filter(_SCOPES["untriaged"], squad__in=squads).count() if squads else 0


def reported_by(person: str) -> tuple[CaseLine, ...]:
    rows = Case.objects.across_tenants(because=_MINE).filter(reporter_id=person)
    return tuple(line_of(row) for row in rows.order_by("-opened_at")[:PAGE])


def notices(person: str, *, case: str = "") -> tuple[NoticeRow, ...]:
    """Return what a person was told, newest first."""
    rows = Notice.objects.across_tenants(because=_MINE).filter(person=person)
    if case:
        rows = rows.filter(case_id=case)
    found = rows.select_related("case").order_by("-at", "-n")[:PAGE]
    return tuple(
        NoticeRow(str(n.case_id), n.kind, n.says, n.at, n.read_at is None, n.case.title) for n in found
    )


def saved_filters(person: str) -> tuple[tuple[int, str, str], ...]:
    rows = SavedFilter.objects.filter(person=person).order_by("title")
    return tuple(rows.values_list("id", "title", "query"))


def line_of(row: Case) -> CaseLine:
    definition = definition_of(row.type, row.type_version)
    return CaseLine(
        str(row.pk), row.tenant_id, row.number, row.type, definition.title, row.title, row.feature,
        definition.status(row.status).title, row.phase, row.severity, row.squad, row.owner, row.reporter_id,
        row.opened_at, row.due_at, row.waiting_since, row.triaged_at, row.resolved_at, row.merged_into, row.votes,
        row.confirmed,
    )  # fmt: skip


def _visible(viewer: str) -> TenantQuerySet:
    """Return the cases somebody may read: the same as `people.may_read`, as one question to the store."""
    types = case_types()
    homes = tenants.of_member(viewer)
    company = [each.slug for each in types if each.sees == "company"]
    squad_only = [each.slug for each in types if each.sees == "squad"]
    watched = Watcher.objects.across_tenants(because=_MINE).filter(person=viewer).values("case_id")
    may = [
        Q(reporter_id=viewer),
        Q(owner=viewer),
        Q(squad__in=_squads(viewer)),
        Q(type__in=company),
        Q(tenant_id__in=homes) & ~Q(type__in=squad_only),
        Q(pk__in=watched),
    ]
    return Case.objects.across_tenants(because=_SEEN).filter(reduce(or_, may))


def _squads(viewer: str) -> tuple[str, ...]:
    return tuple(team.slug for team in identity.teams() if viewer in (team.lead, *team.people))


def _fits(asked: Asked, now: datetime) -> Q:
    fits = _scope(asked.scope, now)
    for name, value in (
        ("type", asked.type),
        ("severity", asked.severity),
        ("squad", asked.squad),
        ("owner", asked.owner),
        ("feature", asked.feature),
        ("tenant_id", asked.tenant),
    ):
        if value:
            fits &= Q(**{name: value})
    for word in asked.words.split()[:8]:
        fits &= Q(title__icontains=word) | Q(body__icontains=word)
    return fits


def _scope(name: str, now: datetime) -> Q:
    return _OPEN & Q(due_at__lt=now) if name == "late" else _SCOPES.get(name, _OPEN)
