"""Holding a drill: begin, tick step after step, end, and say what it has shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from math import isfinite
from uuid import UUID

from django.db import transaction

from companyos.adoption.features import queries as features
from companyos.change.playbooks.actions.refusals import NoSuch, NotYours, Refused
from companyos.change.playbooks.domain.drills import (
    Judgement,
    Situation,
    done_at,
    judge,
    last_words,
    next_step,
)
from companyos.change.playbooks.domain.reading import is_followed, steps_document
from companyos.change.playbooks.domain.types import DrillRow, Kind, Playbook
from companyos.change.playbooks.models import Drill, DrillFinding, DrillRole, DrillTick
from companyos.change.playbooks.queries.drills import find_drill, ticks
from companyos.change.playbooks.queries.library import find_playbook, may_practise, may_run
from companyos.kernel.ids import id_of
from companyos.people.identity import queries as identity
from companyos.platform import outbox
from companyos.work.cases import actions as cases

_SCENARIO, _EVIDENCE, _LINK, _SAYS, _BECAUSE = 500, 2000, 300, 500, 1000
_CASE_TYPE = "request"  # a squad is asked to do something


def begin_drill(
    *,
    actor: str,
    playbook: str,
    scenario: str,
    roles: Mapping[str, str],
    now: datetime,
    feature: str | None = None,
) -> str:
    """Begin to practise a playbook in its newest version, which the drill keeps, and return the drill's id.

    `feature` is what it is practised for; None: what the playbook is about. The time runs from here. Raises Refused.
    """
    row = find_playbook(playbook)
    if row is None:
        raise NoSuch(f"There is no playbook {playbook!r}.")
    book = row.playbook
    about = _about(book, feature)
    if not may_practise(actor, book, about):
        raise NotYours(
            "Its owning team, the feature's squad and whoever leads a team begin a drill. Ask them."
        )
    if not scenario.strip():
        raise Refused("Say what has gone wrong in this drill: the scenario.")
    named = _named(book, roles)
    known = features.feature(about) if about else None
    with transaction.atomic():
        mine = Drill.objects.filter(playbook=playbook)
        if mine.filter(began_by=actor, feature=about, ended_at=None).exists():
            raise Refused("You are practising it already. End that drill, or break it off.")
        drill = str(id_of(now, "drill", playbook, mine.count()))
        made = Drill.objects.create(
            id=drill, playbook=book.slug, version=row.version, title=book.title, kind=book.kind, owner=book.owner,
            scenario=scenario.strip()[:_SCENARIO], feature=about, feature_version=known.version if known else "",
            steps=steps_document(book.steps), rollback_seconds=book.target.rollback_seconds,
            rto_minutes=book.target.rto_minutes, rpo_minutes=book.target.rpo_minutes, began_at=now, began_by=actor,
        )  # fmt: skip
        DrillRole.objects.bulk_create(DrillRole(drill=made, role=r, person=p) for r, p in named.items())
        outbox.publish("drill.begun", {"drill": drill, "playbook": book.slug, "feature": about}, at=now)
    return drill


def tick_step(
    *, actor: str, drill: str, step: int, holds: bool, now: datetime, evidence: str = "", link: str = ""
) -> None:
    """Keep that a step is done and whether its check held: the next, or an earlier one once more. Raises Refused."""
    if link and not is_followed(link):
        raise Refused("A link begins with https://, http:// or / for a page of ours.")
    if len(link) > _LINK or len(evidence) > _EVIDENCE:
        raise Refused("Evidence takes at most 2,000 characters, a link 300.")
    with transaction.atomic():
        row = _running(drill, actor)
        following = next_step(row.steps, ticks(drill))
        if not 1 <= step <= len(row.steps):
            raise Refused(f"This drill has {len(row.steps)} steps; there is no step {step}.")
        if following is not None and step > following:
            raise Refused(f"Step {following} comes first. Tick it, then go on.")
        DrillTick.objects.create(
            drill_id=drill,
            step=step,
            at=now,
            by=actor,
            holds=holds,
            evidence=evidence.strip(),
            link=link.strip(),
        )
        outbox.publish("drill.ticked", {"drill": drill, "step": step, "holds": holds}, at=now)


def end_drill(
    *, actor: str, drill: str, now: datetime, lost_minutes: float | None = None, abandoned: str = ""
) -> Judgement:
    """End a drill: its time stops, and what came of it is judged and kept. Raises Refused.

    `lost_minutes` is how much data was lost; `abandoned` says why it was broken off.
    """
    if lost_minutes is not None and not (isfinite(lost_minutes) and lost_minutes >= 0):
        raise Refused("Say in minutes how much data was lost; 0 for none.")
    with transaction.atomic():
        row = _running(drill, actor)
        said = ticks(drill)
        last, done = last_words(said), done_at(row.steps, said)
        seconds = ((done or now) - row.began_at).total_seconds()
        judged = judge(Situation(row.steps, last, seconds, row.target, lost_minutes, abandoned.strip()))
        Drill.objects.filter(pk=drill).update(
            done_at=done, ended_at=now, ended_by=actor, lost_minutes=lost_minutes, result=judged.result,
            because=judged.because[:_BECAUSE], rule=judged.rule,
        )  # fmt: skip
        told = {
            "drill": drill,
            "playbook": row.playbook,
            "feature": row.feature,
            "result": str(judged.result),
        }
        outbox.publish("drill.ended", told, at=now)
    return judged


def add_finding(*, actor: str, drill: str, says: str, owner: str, due_on: date, now: datetime) -> str:
    """Keep what a drill has shown and who does what about it, and open a case for it. Raises Refused.

    Returns the case's id; empty where the company has no case type that asks a squad to do something.
    """
    if not says.strip():
        raise Refused("Say what the drill has shown, and what is to be done.")
    if due_on < now.date():
        raise Refused("Give it a day that is still to come.")
    people = {each.slug for each in identity.everybody()}
    if owner not in people:
        raise Refused("Name who does it: one person.")
    with transaction.atomic():
        row = _mine(drill, actor, lock=True)
        n = DrillFinding.objects.filter(drill__pk=drill).count() + 1
        case = _open_case(actor, row, n, says.strip()[:_SAYS], due_on, now)
        DrillFinding.objects.create(
            drill_id=drill, n=n, says=says.strip()[:_SAYS], owner=owner, due_on=due_on,
            case=UUID(case) if case else None, at=now, by=actor,
        )  # fmt: skip
        outbox.publish("drill.finding", {"drill": drill, "n": n, "case": case}, at=now)
    return case


def _mine(drill: str, actor: str, *, lock: bool) -> DrillRow:
    if lock:
        list(Drill.objects.select_for_update().filter(pk=drill))  # one word after the other
    row = find_drill(drill)
    if row is None:
        raise NoSuch("There is no such drill.")
    if not may_run(actor, row):
        raise NotYours("Whoever has a role in this drill runs it, and whoever could have begun it.")
    return row


def _running(drill: str, actor: str) -> DrillRow:
    row = _mine(drill, actor, lock=True)
    if not row.runs:
        raise Refused(f"This drill has ended: {row.because}. Begin another.")
    return row


def _about(book: Playbook, feature: str | None) -> str:
    """What is practised: a recovery of the whole system or of one feature; of the others, what they are about."""
    if feature is None or feature == book.feature:
        return book.feature
    if book.kind is not Kind.RECOVERY or book.feature:
        raise Refused("This playbook says itself what it is about.")
    if feature and features.feature(feature) is None:
        raise Refused(f"There is no feature {feature!r}.")
    return feature


def _named(book: Playbook, roles: Mapping[str, str]) -> dict[str, str]:
    named = {role: person for role, person in roles.items() if person}
    wanted = {step.who for step in book.steps}
    people = {each.slug for each in identity.everybody()}
    for role, person in named.items():
        if role not in wanted:
            raise Refused(f"No step of this playbook is for {role!r}.")
        if person not in people:
            raise Refused(f"There is no person {person!r}.")
    return named


def _open_case(actor: str, row: DrillRow, n: int, says: str, due_on: date, now: datetime) -> str:
    try:
        return cases.open_case(
            actor=actor, type_slug=_CASE_TYPE, tenant=identity.works_in(actor), title=says[:200],
            body=f"Shown by a drill: [{row.title}](/drills/{row.id})", feature=row.feature, squad=row.owner,
            fields={"wanted": says, "by_when": due_on.isoformat()}, key=f"drill/{row.id}/{n}", now=now,
        )  # fmt: skip
    except (cases.NoSuchCase, LookupError):
        return ""
    except cases.Refused as refusal:
        raise Refused(str(refusal)) from None
