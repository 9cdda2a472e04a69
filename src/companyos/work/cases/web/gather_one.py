"""Gathers the page of one case, as its viewer may see it and with what they may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from typing import Any

from companyos.people.identity import queries as identity
from companyos.platform.markdown import html_of
from companyos.work.cases import queries
from companyos.work.cases.domain.measuring import hours
from companyos.work.cases.domain.types import Event, EventKind, LinkKind, Phase
from companyos.work.cases.queries.one import Detail, LinkRow, PlanRow
from companyos.work.cases.web.gather import choices
from companyos.work.cases.web.pages import CasePage, Clock, Fact, LinkView, Merged, PlanView, Said

CLOCKS = {"triage": "Triage", "plan": "Action plan", "fix": "Fix"}
_SAYS = {
    "opened": "reported it", "reworded": "changed its words",
    "triaged": "took it on", "assigned": "assigned it", "severity_set": "set the severity",
    "plan_proposed": "proposed a plan", "plan_accepted": "accepted a plan", "moved": "moved it", "resolved": "fixed it",
    "released": "released it", "reopened": "opened it again", "fix_confirmed": "answered whether it is fixed",
    "commented": "commented", "asked_reporter": "asked the reporter", "reporter_answered": "ended the waiting",
    "merged": "merged it", "unmerged": "took the merge back", "took_in": "merged another case into it",
    "gave_back": "took another case out again", "linked": "linked it", "unlinked": "took a link away",
    "voted": "voted for it", "unvoted": "took the vote back", "watched": "watches it",
    "unwatched": "watches it no more",
    "attached": "attached a file", "warned": "warned", "breached": "noted a breach", "escalated": "escalated it",
    "rejudged": "changed the calendar of the squad",
}  # fmt: skip
_HIDDEN = frozenset({EventKind.WATCHED, EventKind.UNWATCHED})
_WRITTEN = ("text",)
_LABELS = ("severity", "owner", "squad", "status", "label", "release", "resolution", "because", "note", "changes",
           "target", "name", "confirmed", "due")  # fmt: skip


def case_page(case: str, viewer: str, now: datetime, problem: str = "") -> CasePage | None:
    """Return one case for its viewer; None when it is not there, or not for them."""
    found = queries.detail(case, viewer, now)
    if found is None:
        return None
    names = {p.slug: p.name for p in identity.everybody()}
    teams = {t.slug: t for t in identity.teams()}
    titles = {slug: team.title for slug, team in teams.items()}
    mine = {slug: team.title for slug, team in teams.items() if viewer in (team.lead, *team.people)}
    row, definition = found.line, found.definition
    people = queries.squad_of(row.squad).union(*(queries.squad_of(slug) for slug in mine))
    return CasePage(
        now=now,
        row=row,
        reporter=names.get(row.reporter, row.reporter),
        owner=names.get(row.owner, row.owner),
        squad=titles.get(row.squad, row.squad),
        html=html_of(found.body),
        body=found.body,
        facts=tuple(_facts(found)),
        context=tuple(Fact(key.replace("_", " ").capitalize(), value) for key, value in found.context.items()),
        resolution=found.state.resolution,
        release=found.state.release,
        clocks=tuple(_clocks(found, now)),
        plans=tuple(_plan(plan, found.state.plan, names) for plan in found.plans),
        links=tuple(LinkView(link, _href(link)) for link in found.links),
        files=found.files,
        merged=tuple(
            Merged(each.line, names.get(each.line.reporter, each.line.reporter), html_of(each.body),
                   tuple(_said(event, names) for event in each.comments))
            for each in found.merged
        ),
        hidden_merged=found.hidden_merged,
        carrier=found.carrier,
        votes=len(found.voters),
        watching=len(found.watchers),
        said=tuple(_said(event, names) for event in reversed(found.events) if event.kind not in _HIDDEN),
        may=may(found, viewer, bool(mine)),
        types=choices({t.slug: t.title for t in queries.case_types()}, row.type),
        severities=choices({s: s.capitalize() for s in definition.severities}, row.severity),
        my_squads=choices(mine, row.squad),
        squads=choices(titles, row.squad),
        people=choices({slug: names.get(slug, slug) for slug in sorted(people)}, row.owner or viewer),
        moves=choices({to: definition.status(to).title for to in definition.status(found.state.status).moves}, ""),
        link_kinds=choices({str(kind): str(kind).replace("_", " ").capitalize() for kind in LinkKind}, ""),
        problem=problem,
    )  # fmt: skip


def may(found: Detail, viewer: str, has_squad: bool) -> frozenset[str]:
    """Return what the viewer may do now."""
    merged = bool(found.line.merged_into)
    phase = Phase(found.line.phase)
    ended = Phase(found.carrier.phase) if merged and found.carrier else phase
    is_reporter = viewer == found.line.reporter
    told = {"comment", "unwatch" if viewer in found.watchers else "watch"}
    told.add("unvote" if viewer in found.voters else "vote")
    if is_reporter and not found.state.confirmed and ended in {Phase.DONE, Phase.RELEASED}:
        told |= {"fixed"}
    if is_reporter and phase.is_over and not merged:
        told |= {"reopen"}
    if is_reporter and not phase.is_over and not merged and found.line.triaged_at is None:
        told |= {"reword"}
    if has_squad and not phase.is_over and not merged:
        told |= {"triage"}
    if found.may_work:
        told |= {"link", "unmerge"} if merged else {"link", "merge", "move"}
        if phase is Phase.DONE and not merged:
            told |= {"release"}
        if not phase.is_over and not merged:
            told |= {"assign", "severity", "plan", "ask"}
            told |= {"go-on"} if found.line.waiting_since else set()
            told |= {"accept-plan"} if found.in_squad and found.line.triaged_at else set()
    return frozenset(told)


def _facts(found: Detail) -> Iterator[Fact]:
    known = found.definition.form.get("properties", {})
    for name in [*(n for n in known if n in found.fields), *(n for n in found.fields if n not in known)]:
        value = found.fields[name]
        said = ("Yes" if value else "No") if isinstance(value, bool) else str(value)
        yield Fact(known.get(name, {}).get("title", name.replace("_", " ").capitalize()), said)


def _clocks(found: Detail, now: datetime) -> Iterator[Clock]:
    for reading in found.clocks:
        yield Clock(
            CLOCKS.get(reading.clock, reading.clock),
            reading.run,
            reading.state,
            reading.because,
            reading.rule,
            reading.started,
            reading.due_at,
            reading.elapsed,
            hours(reading.limit),
            found.calendar.zone.key,
            queries.explained(found, reading.clock, reading.run, now),
        )


def _plan(plan: PlanRow, accepted: int, names: Mapping[str, str]) -> PlanView:
    return PlanView(
        plan.n,
        names.get(plan.owner, plan.owner),
        plan.steps,
        datetime.combine(plan.due, time(), UTC),
        names.get(plan.proposed_by, plan.proposed_by),
        plan.n == accepted,
        names.get(plan.accepted_by, plan.accepted_by),
    )


def _href(link: LinkRow) -> str:
    return link.target if link.target.startswith(("https://", "http://")) else ""


def _said(event: Event, names: Mapping[str, str]) -> Said:
    says = _SAYS.get(event.kind, str(event.kind))
    words = (_word(key, event.body[key], names) for key in _LABELS if event.body.get(key))
    told = "; ".join(dict.fromkeys(words))  # a note and a resolution may say the same
    written = next((str(event.body[key]) for key in _WRITTEN if event.body.get(key)), "")
    by = "The clock" if event.by == "companyos" else names.get(event.by, event.by)
    shows = told and event.kind not in {EventKind.COMMENTED, EventKind.OPENED}
    return Said(by, f"{says}: {told}" if shows else says, html_of(written) if written else "", event.at)


def _word(key: str, value: Any, names: Mapping[str, str]) -> str:
    if key in {"owner", "confirmed"}:
        return names.get(str(value), str(value))
    return str(value).replace("-", " ") if key == "status" else str(value)
