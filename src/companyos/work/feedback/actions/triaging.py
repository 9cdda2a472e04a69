"""Suggesting what a case is, and taking a person's word for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.platform import outbox
from companyos.work.cases.domain.types import Severity
from companyos.work.feedback import queries
from companyos.work.feedback.actions.joining import hand_over, take_on
from companyos.work.feedback.actions.refusals import NoSuchReport, NotYours, Overtaken, Unclear
from companyos.work.feedback.domain.types import Axis, Report, Suggestion
from companyos.work.feedback.models import TriageAnswer, TriageSuggestion

TYPES = ("bug", "feedback", "suggestion", "incident", "request")
_MOST_TEXT = 20_000
_MOST_REASON = 500


def suggest(*, actor: str, tenant: str, case: str, report: Report, now: datetime) -> Suggestion:
    """Say what a new case is and whose, and keep it; asked again, what was said first. `actor` reported it."""
    if (known := queries.suggestion_of(case)) is not None:
        return known
    said = _judged(report, now)
    with transaction.atomic():
        TriageSuggestion.objects.of(tenant).get_or_create(tenant_id=tenant, case=case, defaults=said)
        outbox.publish("feedback.suggested", {"case": case, "by": actor}, at=now)
    return _known(case)


def suggest_again(*, tenant: str, case: str, report: Report, now: datetime) -> None:
    """Say anew what a case is whose words changed."""
    TriageSuggestion.objects.of(tenant).filter(case=case).update(**_judged(report, now))
    outbox.publish("feedback.suggested", {"case": case, "by": "companyos"}, at=now)


def accept(*, actor: str, case: str, now: datetime) -> Suggestion:
    """Accept what triage says: a person of the squad that it names takes type, severity and owner.

    Raises NoSuchReport, NotYours for anybody else, Unclear when triage has no word for one of the three, Overtaken.
    """
    said = _visible(actor, case)
    labels = {axis: current(said, axis) for axis in Axis}
    if missing := [str(axis) for axis, label in labels.items() if not label]:
        raise Unclear(f"Say which {' and '.join(missing)} it is: triage has no word for it.")
    if labels[Axis.SQUAD] not in squads_of(actor):
        raise NotYours(f"Only somebody of {labels[Axis.SQUAD]} accepts it for them. You can hand it on.")
    return _answer(actor, said, labels, "", now)


def correct(
    *, actor: str, case: str, squad: str, case_type: str, severity: str, because: str, now: datetime
) -> Suggestion:
    """Say otherwise than triage. Somebody of the squad named settles it; anybody else who sees it hands it on to them.

    Raises NoSuchReport, Unclear for a squad, type or severity that there is not, Overtaken.
    """
    said = _visible(actor, case)
    if squad not in {team.slug for team in identity.teams()}:
        raise Unclear("Say which squad answers for it: one of the teams of the directory.")
    if case_type not in TYPES:
        raise Unclear(f"Say what type it is: {', '.join(TYPES)}.")
    if severity not in set(Severity):
        raise Unclear(f"Say how severe it is: {', '.join(Severity)}.")
    return _answer(
        actor,
        said,
        {Axis.SQUAD: squad, Axis.TYPE: case_type, Axis.SEVERITY: severity},
        because.strip()[:_MOST_REASON],
        now,
    )


def current(said: Suggestion, axis: Axis) -> str:
    """Return the label that stands: what a person said last, or else what triage names first."""
    if not said.answers:
        return said.of(axis).label
    last = said.answers[-1]
    return {Axis.SQUAD: last.squad, Axis.TYPE: last.type, Axis.SEVERITY: last.severity}[axis]


def squads_of(person: str) -> frozenset[str]:
    """Return the teams that a person belongs to or leads."""
    return frozenset(team.slug for team in identity.teams() if person in team.people or person == team.lead)


def may_see(person: str, said: Suggestion) -> bool:
    """A report is seen by the members of its tenant, and by the squad that it is sent to."""
    return tenants.is_member(tenant=said.tenant, person=person) or said.queue in squads_of(person)


def keep_answer(
    *, actor: str, said: Suggestion, labels: dict[Axis, str], because: str, settled: bool, now: datetime
) -> None:
    """Keep a person's word beside what triage said. Raises Overtaken."""
    body = {"case": said.case, "tenant": said.tenant, "by": actor, **{str(a): v for a, v in labels.items()}}
    try:
        with transaction.atomic():
            TriageAnswer(
                tenant_id=said.tenant,
                suggestion_id=said.id,
                nth=len(said.answers) + 1,
                squad=labels[Axis.SQUAD],
                type=labels[Axis.TYPE],
                severity=labels[Axis.SEVERITY],
                accepted=all(said.of(axis).label == label for axis, label in labels.items()),
                settled=settled,
                by=actor,
                at=now,
                because=because,
            ).save(force_insert=True)
            outbox.publish("feedback.triaged" if settled else "feedback.handed_on", body, at=now)
    except IntegrityError:
        raise Overtaken(
            "Somebody answered at the same moment. Look again: nothing of yours was kept."
        ) from None


def _judged(report: Report, now: datetime) -> dict[str, Any]:
    judged, version = queries.judged_now(report)
    squad = next(each for each in judged if each.axis is Axis.SQUAD)
    return {
        "title": report.title[:200],
        "body": report.body[:_MOST_TEXT],
        "feature": report.feature,
        "said_type": report.type,
        "said_severity": report.severity,
        "judged": queries.stored(judged),
        "queue": squad.label if squad.sure else "",
        "model_id": version,
        "at": now,
    }


def _answer(actor: str, said: Suggestion, labels: dict[Axis, str], because: str, now: datetime) -> Suggestion:
    settled = labels[Axis.SQUAD] in squads_of(actor)
    with transaction.atomic():
        keep_answer(actor=actor, said=said, labels=labels, because=because, settled=settled, now=now)
        if settled:
            take_on(actor=actor, case=said.case, labels=labels, now=now)
        else:
            hand_over(actor=actor, case=said.case, squad=labels[Axis.SQUAD], now=now)
    return _known(said.case)


def _visible(actor: str, case: str) -> Suggestion:
    said = queries.suggestion_of(case)
    if said is None or not may_see(actor, said):
        raise NoSuchReport("There is no such report that you may see.")
    if not said.is_open and said.answers[-1].by != actor and said.queue not in squads_of(actor):
        raise Overtaken(f"{identity.name_of(said.answers[-1].by)} of {said.queue} has settled it.")
    return said


def _known(case: str) -> Suggestion:
    found = queries.suggestion_of(case)
    if found is None:
        raise NoSuchReport("There is no such report that you may see.")
    return found
