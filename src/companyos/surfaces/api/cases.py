"""Cases over HTTP: report, triage, plan, fix, merge, and how the clocks stand and why."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from ninja import Field, NinjaAPI, Router, Schema, Status

from companyos.adoption.features import queries as features
from companyos.people.tenants import queries as tenants
from companyos.platform.instance import now
from companyos.surfaces.api.answering import actor_of, tell_refusals
from companyos.surfaces.api.case_acts import router as acts
from companyos.work.cases import actions, evidence, queries
from companyos.work.cases.domain.types import CaseType, Origin, Severity
from companyos.work.feedback import queries as triage
from companyos.work.feedback.domain.types import Axis

router = Router(tags=["cases"])
_GONE = "There is no such case that you may see."


class CaseIn(Schema):
    type: str = Field("bug", max_length=32)
    feature: str = Field("", max_length=64)
    tenant: str = Field(max_length=64)
    severity: Severity | None = None
    title: str = Field(max_length=2_000)
    body: str = Field("", max_length=20_000)
    fields: dict[str, Any] | None = Field(None, max_length=40)
    context: dict[str, str] = Field(default_factory=dict, max_length=40)
    key: str = Field("", max_length=80)


class ChangeIn(Schema):
    feature: str = Field(max_length=64)
    title: str = Field(max_length=200)
    origin: Origin
    link: str = Field("", max_length=300)
    cases: list[str] = Field(default_factory=list, max_length=50)


class CalendarIn(Schema):
    zone: str = Field(max_length=64)
    holidays: list[date] = Field(default_factory=list, max_length=400)
    weekdays: list[int] = Field(default=[0, 1, 2, 3, 4], max_length=7)
    because: str = Field("", max_length=500)
    preview: bool = False


@router.get("/case-types")
def read_types(request: HttpRequest) -> Any:
    """Say what can be reported: form, states with their moves, severities, clocks and templates of each type."""
    return [asdict(each) for each in queries.case_types()]


@router.post("/cases", response={201: dict[str, Any]})
def open_case(request: HttpRequest, body: CaseIn) -> Any:
    """Report something. A program that knows a bug's severity may leave the form out; with a `key`, once only."""
    actor = actor_of(request)
    feature = features.feature(body.feature)
    if feature is None and (body.feature or body.type == CaseType.BUG):
        raise actions.NoSuchCase(f"There is no feature {body.feature!r} that you may see.")
    if not tenants.is_member(tenant=body.tenant, person=actor):
        raise actions.NoSuchCase(f"There is no tenant {body.tenant!r} that you may see.")
    squad = feature.owner if feature else ""
    if body.type == CaseType.BUG and body.severity and body.fields is None:
        row = actions.report_bug(
            actor=actor,
            tenant=body.tenant,
            feature=body.feature,
            severity=body.severity,
            title=body.title[:200],
            body=body.body,
            squad=squad,
            now=now(),
        )
        return Status(201, {"id": row.id, "number": row.number, **_as_triage_reads_it(row.id, body, actor)})
    made = actions.open_case(
        actor=actor,
        type_slug=body.type,
        tenant=body.tenant,
        feature=body.feature,
        severity=body.severity or "",
        title=body.title,
        body=body.body,
        fields=body.fields,
        context=body.context,
        squad=squad,
        key=body.key,
        now=now(),
    )
    found = queries.detail(made, actor, now())
    number = found.line.number if found else 0
    return Status(201, {"id": made, "number": number, **_as_triage_reads_it(made, body, actor)})


def _as_triage_reads_it(case: str, body: CaseIn, reader: str) -> dict[str, Any]:
    """What triage says of a new case, and what it reads like; nothing for what is no report."""
    said = triage.suggestion_of(case)
    if said is None:
        return {}
    near = triage.similar(title=body.title, body=body.body, tenants=tenants.of_member(reader), but=case)
    return {"triage": {"queue": said.queue, "squad": asdict(said.of(Axis.SQUAD))}, "similar": asdict(near)}


@router.post("/cases/import")
def import_cases(request: HttpRequest, tenant: str) -> Any:
    """Import a CSV file: the body itself. Says how many were made, were known, and each refused line with why."""
    actor = actor_of(request)
    if not tenants.is_member(tenant=tenant, person=actor):
        raise actions.NoSuchCase(f"There is no tenant {tenant!r} that you may see.")
    return asdict(actions.import_csv(actor=actor, tenant=tenant, content=request.body, now=now()))


@router.get("/cases")
def read_cases(
    request: HttpRequest,
    scope: str = "open",
    type: str = "",  # noqa: A002  # the name of the query parameter
    severity: str = "",
    squad: str = "",
    owner: str = "",
    feature: str = "",
    words: str = "",
    before: int = 0,
) -> Any:
    """List the cases one may read, soonest due: open, untriaged, unplanned, waiting, late, over, merged or all."""
    asked = queries.Asked(scope, type, severity, squad, owner, feature, "", words[:200], max(0, before))
    lines, n = queries.inbox(actor_of(request), asked, now())
    return {"n": n, "cases": [{**asdict(line), "label": line.label} for line in lines]}


@router.get("/cases/{case_id}")
def read_case(request: HttpRequest, case_id: str) -> Any:
    found = queries.detail(case_id, actor_of(request), now())
    if found is None:
        raise actions.NoSuchCase(_GONE)
    return {
        **asdict(found.line),
        "label": found.line.label,
        "body": found.body,
        "fields": found.fields,
        "context": found.context,
        "resolution": found.state.resolution,
        "release": found.state.release,
        "clocks": [asdict(each) for each in found.clocks],
        "plans": [asdict(each) for each in found.plans],
        "links": [asdict(each) for each in found.links],
        "files": [asdict(each) for each in found.files],
        "merged": [each.line.id for each in found.merged],
        "votes": len(found.voters),
        "history": [{"kind": e.kind, "by": e.by, "at": e.at, **e.body} for e in found.events],
    }


@router.get("/cases/{case_id}/clocks/{clock}/{run}")
def explain_clock(request: HttpRequest, case_id: str, clock: str, run: int) -> Any:
    """Explain one run of a clock: every piece of its time, whether it counts, and why not."""
    found = queries.detail(case_id, actor_of(request), now())
    reading = next((c for c in found.clocks if (c.clock, c.run) == (clock, run)), None) if found else None
    if found is None or reading is None:
        raise actions.NoSuchCase(_GONE)
    pieces = queries.explained(found, clock, run, now())
    return {
        **asdict(reading),
        "zone": found.calendar.zone.key,
        "stretches": [asdict(each) for each in pieces],
    }


@router.get("/squads/{squad}/calendar")
def read_calendar(request: HttpRequest, squad: str) -> Any:
    calendar = queries.calendar_of_squad(squad)
    return {
        "zone": calendar.zone.key,
        "weekdays": sorted(calendar.weekdays),
        "holidays": sorted(calendar.holidays),
        "own": squad in queries.calendars(),
    }


@router.put("/squads/{squad}/calendar")
def change_calendar(request: HttpRequest, squad: str, body: CalendarIn) -> Any:
    """Change when a squad works, or with `preview` only say what that would re-judge."""
    calendar = actions.calendar_said(body.zone, tuple(body.holidays), frozenset(body.weekdays))
    if body.preview:
        mine = actor_of(request) in queries.squad_of(squad)
        told = actions.what_it_rejudges(squad, calendar, now()) if mine else ()
    else:
        told = actions.change_calendar(
            actor=actor_of(request), squad=squad, calendar=calendar, because=body.because, now=now()
        )
    return {"changed": not body.preview, "rejudged": [asdict(each) for each in told]}


@router.post("/changes")
def ship_change(request: HttpRequest, body: ChangeIn) -> Any:
    """Say that a change has shipped and where it came from (R6); the feature's own squad does."""
    feature = features.feature(body.feature)
    if feature is None:
        raise actions.NoSuchCase(f"There is no feature {body.feature!r} that you may see.")
    if actor_of(request) not in queries.squad_of(feature.owner):
        raise actions.NotAllowed(f"Only the people of {feature.owner} say what shipped of {feature.slug}.")
    actions.ship(
        actor=actor_of(request),
        feature=body.feature,
        title=body.title,
        origin=body.origin,
        link=body.link,
        cases=tuple(body.cases),
        now=now(),
    )
    return {"shipped": True}


@router.get("/promises")
def read_promises(request: HttpRequest, feature: str = "", days: int = 28) -> Any:
    """How clocks were kept (R86), how long reports waited for a fix (R5), where changes came from (R6)."""
    since = now() - timedelta(days=max(1, min(days, 366)))
    kept = queries.outcomes(since, now(), feature)
    n = len(kept)
    return {
        "since": since,
        "attainment": evidence.share_of(sum(each.kept for each in kept), n) if n else None,
        "missed": [
            {"case": e.case, "label": e.label, "clock": e.clock, "at": e.at} for e in kept if not e.kept
        ],
        "fixes": evidence.fix_figures(*queries.fix_times(since, now(), feature)),
        "origins": queries.origins(since, now(), feature),
    }


@router.get("/me/reports")
def my_reports(request: HttpRequest) -> Any:
    """What one has reported, and what one was told about it."""
    me = actor_of(request)
    return {
        "reports": [{**asdict(line), "label": line.label} for line in queries.reported_by(me)],
        "notices": [asdict(each) for each in queries.notices(me)],
    }


def add_cases(api: NinjaAPI) -> None:
    api.add_router("", router)
    api.add_router("", acts)
    tell_refusals(
        api,
        {
            actions.NoSuchCase: 404,
            actions.NotAllowed: 403,
            actions.Unclear: 422,
            actions.Refused: 409,
        },
        field="path",
    )
