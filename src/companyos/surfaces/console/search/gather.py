"""Gathers what a person may go to: only what they may read, each from the room that has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.urls import reverse

from companyos.adoption.features import queries as features
from companyos.adoption.flags import queries as flags
from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.surveys import queries as surveys
from companyos.change.playbooks import queries as playbooks
from companyos.people.tenants import queries as tenants
from companyos.surfaces.console.search.matching import LONGEST_QUESTION, Entry, Group, fitting
from companyos.work.approvals import queries as approvals
from companyos.work.cases import queries as cases
from companyos.work.roadmap import queries as roadmap

_ACTS = (
    ("Report something", "case-kinds", "bug problem question feedback case"),
    ("Ask for approval", "request-kinds", "request expense leave purchase"),
    ("Make a suggestion", "roadmap", "idea wish vote"),
    ("Say who answers for you while you are away", "requests-away", "delegate holiday absence"),
    ("Choose how you hear of your requests", "requests-told", "mail slack daily notifications"),
    ("Go back to the old path for a day", "way-back", "switch off opt out"),
)
_PAGES = (
    ("Home", "home", "needs you start"),
    ("News", "news", "told digest unread changes"),
    ("Recognition", "recognition", "badge champion spotlight credit thanks"),
    ("Swag budget", "ledger", "ledger claim spend merchandise"),
    ("Announcements", "announcements", "reach heads-up"),
    ("Requests that wait for you", "requests", "approve inbox"),
    ("Your own requests", "requests-mine", ""),
    ("Triage", "triage", "new reports squad"),
    ("Cases", "cases", "bugs inbox feedback"),
    ("Your own cases", "cases-mine", "reported"),
    ("Tenants", "tenants", "map"),
    ("Features", "programme", "readiness programme"),
    ("Flags", "flags", "switches"),
    ("Segments", "segments", "cohorts"),
    ("Rollouts", "rollouts", "stages gates"),
    ("Telemetry", "telemetry", "funnel exposure"),
    ("Event catalogue", "telemetry-events", "schema"),
    ("Shadow runs", "shadow", "diff"),
    ("Roadmap", "roadmap", "suggestions votes"),
    ("Council", "council", "meeting agenda"),
    ("RFCs", "rfcs", "proposals"),
    ("Surveys", "surveys", "nps csat"),
    ("Questions to you", "questions", "survey answer"),
    ("Playbooks", "playbooks", "runbook drill rollback recovery support macros"),
    ("Alerts", "alerts", "pages slo"),
    ("Promises", "promises", "sla attainment"),
    ("Definitions", "definitions", "metrics words"),
    ("Trackers", "trackers", "github jira linear gitlab"),
    ("Webhooks", "webhooks", "slack outgoing"),
    ("Mailbox", "mailbox", "mail imap letters"),
)


def found(viewer: str, words: str, now: datetime) -> tuple[Group, ...]:
    """Return what fits the words and the viewer may read, by kind; without words, what waits and where to go."""
    asked = words[:LONGEST_QUESTION].strip()
    kinds = _every_kind(viewer, asked, now) if asked else _at_first(viewer)
    groups = (Group(title, fitting(asked, entries)) for title, entries in kinds)
    return tuple(group for group in groups if group.entries)


def _at_first(viewer: str) -> Iterator[tuple[str, Iterable[Entry]]]:
    waiting, _ = approvals.inbox(viewer, limit=5)
    yield "Waits for you", (_request(each.request, each.step) for each in waiting)
    yield "Do", _standing(_ACTS)
    yield "Go to", _standing(_PAGES)


def _every_kind(viewer: str, words: str, now: datetime) -> Iterator[tuple[str, Iterable[Entry]]]:
    yield "Do", _standing(_ACTS)
    yield "Go to", _standing(_PAGES)
    yield "Features", (Entry(f.title, reverse("feature", args=[f.slug]), f.slug) for f in features.features())
    yield (
        "Rollouts",
        (
            Entry(plan, reverse("rollout", args=[plan]), f"{status} {stage}")
            for plan, _, status, stage in rollouts.plans()
        ),
    )
    yield "Flags", (Entry(key, reverse("flag", args=[key])) for key in flags.flag_keys())
    yield (
        "Tenants",
        (Entry(title, reverse("tenant", args=[slug]), slug) for slug, title in tenants.titles().items()),
    )
    yield "Requests", _requests(viewer)
    yield "Cases", _cases(viewer, words, now)
    yield (
        "Suggestions",
        (
            Entry(row.title, reverse("suggestion", args=[row.id]), str(row.place))
            for row in roadmap.suggestions(reader=viewer)
        ),
    )
    yield (
        "RFCs",
        (
            Entry(row.title, reverse("rfc", args=[row.number]), f"RFC {row.number}", found=True)
            for row in roadmap.rfcs(words=words)
        ),
    )
    yield "Surveys", (Entry(each.title, reverse("survey", args=[each.slug])) for each in surveys.surveys())
    yield (
        "Playbooks",
        (
            Entry(row.playbook.title, reverse("playbook", args=[row.playbook.slug]), str(row.playbook.kind))
            for row in playbooks.playbooks()
        ),
    )


def _standing(pages: Iterable[tuple[str, str, str]]) -> Iterator[Entry]:
    return (Entry(title, reverse(name), known_as=words) for title, name, words in pages)


def _requests(viewer: str) -> Iterator[Entry]:
    waiting, _ = approvals.inbox(viewer)
    yield from (_request(each.request, each.step) for each in waiting)
    yield from (_request(row, row.status) for row in approvals.mine(viewer))


def _request(row: approvals.RequestRow, beside: str) -> Entry:
    return Entry(row.title, reverse("request", args=[row.id]), f"{row.tenant}-{row.number} {beside}")


def _cases(viewer: str, words: str, now: datetime) -> Iterator[Entry]:
    by_label = cases.detail(cases.id_of_label(words), viewer, now)
    if by_label is not None:
        yield _case(by_label.line)
    lines, _ = cases.inbox(viewer, cases.Asked(scope="all", words=words), now)
    yield from map(_case, lines)


def _case(line: cases.CaseLine) -> Entry:
    return Entry(line.title, reverse("case", args=[line.id]), f"{line.label} {line.status}", found=True)
