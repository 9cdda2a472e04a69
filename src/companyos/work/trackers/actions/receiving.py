"""A tracker's message: signed, taken once, weighed, and done here. What we did there ourselves is recognised."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from companyos.work.cases import actions as cases
from companyos.work.cases import queries as case_queries
from companyos.work.cases.actions.writing import locked
from companyos.work.cases.domain.types import LinkKind
from companyos.work.trackers.accounts import NoAccount, account, person_of
from companyos.work.trackers.actions.agreeing import do_here, mirror, weigh, weigh_what_happened_here
from companyos.work.trackers.domain.known import KINDS
from companyos.work.trackers.domain.types import Account, Change, Heard, Side, Tracker, Unreadable
from companyos.work.trackers.domain.wording import mark_of, quiet, severity_in, taken
from companyos.work.trackers.models import Connection, Delivery, Issue

_BY_ID = "the signature proves that the tracker of this connection speaks"
_ALREADY = "heard before; nothing was changed"


class NoSuchConnection(Exception):
    """Nothing is connected under this address."""


class NotSigned(Exception):
    """The message is not from the tracker."""


def receive(*, connection: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """Take one message and say what came of it. Raises NoSuchConnection, NotSigned, Unreadable."""
    row = Connection.objects.across_tenants(because=_BY_ID).filter(pk=connection, ended_at=None).first()
    if row is None:
        raise NoSuchConnection("Nothing is connected here any more.")
    try:
        here = account(row.account)
    except NoAccount as problem:
        raise NoSuchConnection(str(problem)) from None
    tracker, low = KINDS[row.kind], {name.lower(): value for name, value in headers.items()}
    if not tracker.is_signed(low, body, here.secret, now):
        raise NotSigned("The signature does not fit: is the secret the one in the accounts file?")
    delivery = tracker.delivery(low, body)[:128]
    if not delivery:
        raise Unreadable("the message does not say which one it is")
    try:
        said = json.loads(body)
        heard = tracker.read(low, said, row.repository)
    except Unreadable as problem:
        return _keep(row, delivery, "", f"not understood: {problem}", False, now)
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        return _keep(row, delivery, "", f"not understood: {type(problem).__name__} {problem}", False, now)
    if heard is None:
        return _keep(row, delivery, "", "none of our business", True, now)
    try:
        with transaction.atomic():
            kept = _row(row, delivery, heard.issue.id, now)
            outcome, is_fine = _take(row, tracker, here, heard, now)
            Delivery.objects.of(row.tenant_id).filter(pk=kept.pk).update(
                outcome=outcome[:300], is_fine=is_fine
            )
            return outcome
    except IntegrityError:
        return _ALREADY


def _take(row: Connection, tracker: Tracker, here: Account, heard: Heard, now: datetime) -> tuple[str, bool]:
    is_ours = bool(here.login and heard.by.lower() == here.login.lower())
    issue = Issue.objects.of(row.tenant_id).filter(connection=row, remote=heard.issue.id).first()
    if issue is None:
        if is_ours or mark_of(heard.body) or not heard.is_new:
            return "our own, or of no case here", True
        return _open(row, tracker, heard, now)
    issue = Issue.objects.of(row.tenant_id).select_for_update().get(pk=issue.pk)
    if is_ours or mark_of(heard.comment):
        for what, value in heard.values.items():
            issue.shows[str(what)] = value
        issue.save(update_fields=["shows"])
        return "what we did there ourselves", True
    said = [*_fields(row, tracker, issue, heard, now), *_comment(row, tracker, issue, heard, now)]
    issue.try_at = now  # whatever lost there is put right there
    issue.save()
    problems = [each for each, is_fine in said if not is_fine]
    return "; ".join(each for each, _ in said) or "nothing new", not problems


def _fields(
    row: Connection, tracker: Tracker, issue: Issue, heard: Heard, now: datetime
) -> list[tuple[str, bool]]:
    found = case_queries.detail(str(issue.case), row.by, now)
    if found is None:
        return [("whoever connected it may not read the case any more", False)]
    weigh_what_happened_here(issue, found, now)
    outcomes = []
    for what, value in heard.values.items():
        if issue.shows.get(str(what), "") == value:
            continue
        issue.shows[str(what)] = value
        change = Change(what, value, heard.at, f"{heard.by} on {tracker.title}", heard.is_person, Side.THERE)
        if not weigh(issue, change, now):
            outcomes.append((f"{what} {value or 'none'}: ours holds", True))
            continue
        refused = do_here(issue, _actor(row, heard), what, heard, value, tracker.title, now)
        outcomes.append((f"{what} {value or 'none'}" + (f", but: {refused}" if refused else ""), not refused))
    return outcomes


def _comment(
    row: Connection, tracker: Tracker, issue: Issue, heard: Heard, now: datetime
) -> list[tuple[str, bool]]:
    if not heard.comment.strip():
        return []
    case = str(issue.case)
    before = locked(case).version
    text = taken(heard.by, tracker.title, heard.comment)
    try:
        cases.comment(actor=_actor(row, heard), case=case, text=text, now=now)
    except cases.Refused as refusal:
        return [(f"a comment, but: {refusal}", False)]
    mirror(issue, before, locked(case).version)
    return [("a comment", True)]


def _open(row: Connection, tracker: Tracker, heard: Heard, now: datetime) -> tuple[str, bool]:
    """Open a case for an issue that somebody opened there, with the rights of whoever connected it."""
    if not row.takes_issues:
        return "an issue of no case here", True
    is_bug = any(label.lower() == "bug" for label in heard.labels)
    body = f"{heard.by} opened it on {tracker.title}: {heard.issue.url}\n\n{quiet(heard.body)}"
    try:
        case = cases.open_case(
            actor=row.by,
            type_slug="bug" if is_bug else "feedback",
            tenant=row.tenant_id,
            title=quiet(heard.title),
            body=body,
            squad=row.squad,
            fields={"actual": quiet(heard.body)[:2000] or quiet(heard.title)} if is_bug else {},
            severity=severity_in(heard.labels) if is_bug else "",
            key=f"{row.account} {heard.issue.id}",
            now=now,
        )
    except cases.Refused as refusal:
        return f"a new issue, but: {refusal}", False
    issue = Issue(
        tenant_id=row.tenant_id, connection=row, case=case, remote=heard.issue.id, url=heard.issue.url[:300],
        shows={str(what): value for what, value in heard.values.items()}, try_at=now, mirrored=[1, 2],
    )  # fmt: skip
    for what, value in heard.values.items():
        change = Change(what, value, heard.at, f"{heard.by} on {tracker.title}", heard.is_person, Side.THERE)
        if not issue.pk:
            issue.save(force_insert=True)
        weigh(issue, change, now)
    issue.save()
    cases.link(actor=row.by, case=case, kind=LinkKind.RELATED, target=heard.issue.url, now=now)
    return "a new issue: a case was opened", True


def _actor(row: Connection, heard: Heard) -> str:
    """Whoever it is here, if the accounts file says so and they belong to the squad; else who connected it."""
    known = person_of(row.account, heard.by)
    return known if known in case_queries.squad_of(row.squad) else row.by


def _row(row: Connection, delivery: str, about: str, now: datetime) -> Delivery:
    kept = Delivery(
        tenant_id=row.tenant_id,
        connection=row,
        delivery=delivery,
        at=now,
        about=about,
        outcome="",
        is_fine=True,
    )
    kept.save(force_insert=True)
    return kept


def _keep(row: Connection, delivery: str, about: str, outcome: str, is_fine: bool, now: datetime) -> str:
    Delivery.all_rows.bulk_create(
        [
            Delivery(
                tenant_id=row.tenant_id, connection=row, delivery=delivery, at=now, about=about,
                outcome=outcome[:300], is_fine=is_fine,
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    return outcome
