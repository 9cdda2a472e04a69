"""Saying something about a case: comments, questions to the reporter, votes, watching."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from companyos.people.identity import queries as identity
from companyos.work.cases.actions.refusals import Refused, Unclear
from companyos.work.cases.actions.triaging import check_reader, check_worker, refuse_over
from companyos.work.cases.actions.writing import change
from companyos.work.cases.domain.types import Event, EventKind
from companyos.work.cases.models import Case, Vote, Watcher
from companyos.work.cases.queries.people import watches

LONGEST_COMMENT, MOST_MENTIONS = 10_000, 20
_MENTION = re.compile(r"(?<![\w@/.])@([a-z0-9]+(?:-[a-z0-9]+)*)")


def comment(*, actor: str, case: str, text: str, now: datetime) -> None:
    """Say something in Markdown; `@slug` tells a person who may read the case. A reporter's words end the waiting."""
    said = _text(text)

    def decide(row: Case) -> Sequence[Event]:
        check_reader(row, actor)
        events = [Event(EventKind.COMMENTED, actor, now, {"text": said, "mentions": _mentions(said)})]
        if actor == row.reporter_id and row.waiting_since is not None:
            events.append(Event(EventKind.REPORTER_ANSWERED, actor, now))
        return events

    change(case, decide, now=now)


def ask_reporter(*, actor: str, case: str, text: str, now: datetime) -> None:
    """Ask the reporter something; clocks that wait for the reporter pause until they answer (R83)."""
    said = _text(text)

    def decide(row: Case) -> Sequence[Event]:
        check_worker(row, actor)
        refuse_over(row)
        if actor == row.reporter_id:
            raise Refused("You reported it yourself: nobody waits for you but you. Write a comment.")
        return (Event(EventKind.ASKED_REPORTER, actor, now, {"text": said}),)

    change(case, decide, now=now)


def go_on(*, actor: str, case: str, now: datetime) -> None:
    """Stop waiting for the reporter, whose answer came another way or is not needed any more."""

    def decide(row: Case) -> Sequence[Event]:
        check_worker(row, actor)
        return (Event(EventKind.REPORTER_ANSWERED, actor, now),) if row.waiting_since else ()

    change(case, decide, now=now)


def vote(*, actor: str, case: str, now: datetime) -> None:
    """Vote for a case, once; voting again changes nothing."""

    def decide(row: Case) -> Sequence[Event]:
        check_reader(row, actor)
        if Vote.objects.of(row.tenant_id).filter(case=row, person=actor).exists():
            return ()
        Vote(tenant_id=row.tenant_id, case=row, person=actor, at=now).save(force_insert=True)
        return (Event(EventKind.VOTED, actor, now),)

    change(case, decide, now=now)


def unvote(*, actor: str, case: str, now: datetime) -> None:
    """Take one's vote back."""

    def decide(row: Case) -> Sequence[Event]:
        gone, _ = Vote.objects.of(row.tenant_id).filter(case=row, person=actor).delete()
        if not gone:
            check_reader(row, actor)
        return (Event(EventKind.UNVOTED, actor, now),) if gone else ()

    change(case, decide, now=now)


def watch(*, actor: str, case: str, now: datetime) -> None:
    """Be told what happens to a case."""

    def decide(row: Case) -> Sequence[Event]:
        check_reader(row, actor)
        if watches(row, actor):
            return ()
        Watcher(tenant_id=row.tenant_id, case=row, person=actor, at=now).save(force_insert=True)
        return (Event(EventKind.WATCHED, actor, now),)

    change(case, decide, now=now)


def unwatch(*, actor: str, case: str, now: datetime) -> None:
    def decide(row: Case) -> Sequence[Event]:
        gone, _ = Watcher.objects.of(row.tenant_id).filter(case=row, person=actor).delete()
        if not gone:
            check_reader(row, actor)
        return (Event(EventKind.UNWATCHED, actor, now),) if gone else ()

    change(case, decide, now=now)


def _text(text: str) -> str:
    if not text.strip():
        raise Unclear("Write something: an empty comment helps nobody.", "text")
    if len(text) > LONGEST_COMMENT or "\x00" in text:
        raise Unclear(f"A comment takes {LONGEST_COMMENT:,} characters; attach a file for more.", "text")
    return text.strip()


def _mentions(text: str) -> list[str]:
    named = list(dict.fromkeys(_MENTION.findall(text)))[:MOST_MENTIONS]
    known = {person.slug for person in identity.everybody()} if named else set()
    return [slug for slug in named if slug in known]
