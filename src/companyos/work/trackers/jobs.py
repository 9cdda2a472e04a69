"""Sending to trackers what cases have to say. Each step is kept as soon as it is done, so that none is done twice."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from companyos.people.identity import queries as identity
from companyos.platform.outgoing import LEASE, WAITS, Never, NotNow
from companyos.work.cases import actions as cases
from companyos.work.cases import queries as case_queries
from companyos.work.cases.actions.writing import locked
from companyos.work.cases.domain.types import EventKind, LinkKind
from companyos.work.cases.queries.one import Detail
from companyos.work.trackers.accounts import NoAccount, account
from companyos.work.trackers.actions.agreeing import held_by, mirror, weigh_what_happened_here
from companyos.work.trackers.calling import Caller
from companyos.work.trackers.domain.known import KINDS
from companyos.work.trackers.domain.types import Field, Ref, Tracker
from companyos.work.trackers.domain.wording import comment_of, draft_of, mark_of
from companyos.work.trackers.models import Delivery, Issue

KEPT = timedelta(days=400)  # deliveries: as long as one could sensibly be sent again
_EVERY = "the instance itself syncs the issues of every tenant"
_WORDS = frozenset({EventKind.COMMENTED, EventKind.ASKED_REPORTER})
_log = logging.getLogger(__name__)


def sync_due(*, now: datetime, limit: int = 20) -> int:
    """Sync the issues that are due; says how many are in step now."""
    due = Issue.objects.across_tenants(because=_EVERY).filter(try_at__lte=now, connection__ended_at=None)
    rows = due.select_related("connection").order_by("try_at", "id")[:limit]
    return sum(_try(row, now) for row in rows)


def forget_old(*, now: datetime) -> None:
    Delivery.objects.across_tenants(because=_EVERY).filter(at__lt=now - KEPT).delete()


def _try(issue: Issue, now: datetime) -> bool:
    mine = Issue.objects.of(issue.tenant_id).filter(pk=issue.pk, try_at=issue.try_at)
    lease = now + LEASE
    if not mine.update(try_at=lease, attempts=issue.attempts + 1):
        return False  # another process is at it
    issue.attempts += 1
    leased = Issue.objects.of(issue.tenant_id).filter(pk=issue.pk, try_at=lease)
    try:
        _sync(issue, now)
    except (Never, NoAccount) as problem:
        leased.update(try_at=None, problem=str(problem)[:300])
        return False
    except NotNow as problem:
        over = issue.attempts >= len(WAITS)
        again = None if over else now + max(WAITS[issue.attempts], problem.after)
        leased.update(try_at=again, problem=f"{'given up: ' if over else ''}{problem}"[:300])
        return False
    leased.update(try_at=None, attempts=0, problem="", synced_at=now)  # unless it was marked meanwhile
    return True


def _sync(issue: Issue, now: datetime) -> None:
    connection = issue.connection
    found = case_queries.detail(str(issue.case), connection.by, now)
    if found is None:
        raise Never("Whoever connected it may not read the case any more. Connect it again.")
    with transaction.atomic():
        weigh_what_happened_here(issue, found, now)
        issue.save(update_fields=["holds", "read_to"])
    tracker = KINDS[connection.kind]
    with Caller(account(connection.account)) as caller:
        if not issue.remote:
            _make(issue, found, tracker, caller, now)
        _set_fields(issue, tracker, caller)
        _say(issue, found, tracker, caller)


def _make(issue: Issue, found: Detail, tracker: Tracker, caller: Caller, now: datetime) -> None:
    label = f"{found.line.tenant}-{found.line.number}"
    severity = held.value if (held := held_by(issue, Field.SEVERITY)) else ""
    draft = draft_of(
        label,
        f"{settings.PUBLIC_URL}/cases/{issue.case}",
        found.line.title,
        found.body,
        found.line.type,
        severity,
    )
    repository = issue.connection.repository
    made = _made_before(issue, label, tracker, caller)
    ref = made or tracker.created(caller.ask(tracker.create(repository, draft)))
    with transaction.atomic():
        issue.remote, issue.url = ref.id[:64], ref.url[:300]
        issue.shows = {str(Field.STATUS): "open", str(Field.SEVERITY): severity}
        before = locked(str(issue.case)).version
        try:
            cases.link(
                actor=issue.connection.by,
                case=str(issue.case),
                kind=LinkKind.RELATED,
                target=ref.url,
                now=now,
            )
        except cases.Refused:
            _log.warning("the case %s could not be linked with %s", issue.case, ref.url)
        mirror(issue, before, locked(str(issue.case)).version)
        issue.save(update_fields=["remote", "url", "shows", "mirrored"])


def _made_before(issue: Issue, label: str, tracker: Tracker, caller: Caller) -> Ref | None:
    """After an attempt whose answer we never saw: is it there already?"""
    if issue.attempts < 2:
        return None
    known = tracker.read_recent(caller.ask(tracker.recent(issue.connection.repository)))
    return next((ref for ref, text in known if mark_of(text) == label), None)


def _set_fields(issue: Issue, tracker: Tracker, caller: Caller) -> None:
    for what in Field:
        held, shows = held_by(issue, what), str(issue.shows.get(str(what), ""))
        if held is None or held.value == shows:
            continue
        for call in tracker.set(issue.connection.repository, issue.remote, what, held.value, shows):
            caller.ask(call)
        issue.shows[str(what)] = held.value
        issue.save(update_fields=["shows"])


def _say(issue: Issue, found: Detail, tracker: Tracker, caller: Caller) -> None:
    label, repository = f"{found.line.tenant}-{found.line.number}", issue.connection.repository
    waiting = [
        (n, event) for n, event in enumerate(found.events, start=1)
        if event.kind in _WORDS and n > issue.said_to and n not in issue.mirrored
    ]  # fmt: skip
    said = _said_before(issue, tracker, caller) if waiting and issue.attempts > 1 else frozenset()
    for n, event in waiting:
        if f"{label}#{n}" not in said:
            text = comment_of(identity.name_of(event.by), label, n, str(event.body["text"]))
            caller.ask(tracker.comment(repository, issue.remote, text))
        issue.said_to = n
        issue.save(update_fields=["said_to"])


def _said_before(issue: Issue, tracker: Tracker, caller: Caller) -> frozenset[str]:
    texts = tracker.read_comments(caller.ask(tracker.comments(issue.connection.repository, issue.remote)))
    return frozenset(mark for text in texts if (mark := mark_of(text)))
