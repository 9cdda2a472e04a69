"""The only writers of what people say of differences."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from companyos.adoption.shadow import queries
from companyos.adoption.shadow.domain.types import DiffClass, MarkKind
from companyos.adoption.shadow.models import ClassMark
from companyos.platform import outbox
from companyos.work.cases import actions as cases
from companyos.work.cases.domain.types import CaseRow, Severity

MOST_IGNORED = timedelta(days=30)
_SEVERITY = {5: Severity.SEV2, 4: Severity.SEV3, 3: Severity.SEV3}


class Refused(Exception):
    """What was asked cannot be done; says why."""


class NotYours(Refused):
    """Somebody who does not answer for the feature."""


class NoSuchClass(Refused):
    """No such difference was seen."""


def mark(
    *,
    actor: str,
    owners: frozenset[str],
    feature: str,
    workflow: str,
    signature: str,
    kind: MarkKind,
    because: str,
    now: datetime,
    until: datetime | None = None,
) -> None:
    """Say what a class of differences is. `owners` are the people who answer for the feature.

    Raises NotYours, NoSuchClass, and Refused without a reason or with a day that is past or too far away.
    """
    _check(actor, owners, because)
    if kind is MarkKind.IGNORED and (until is None or not now < until <= now + MOST_IGNORED):
        raise Refused("Say until when it is ignored: a moment to come, at most 30 days away.")
    _known(feature, workflow, signature, now)
    with transaction.atomic():
        _write(
            actor,
            feature,
            workflow,
            signature,
            kind,
            because,
            now,
            until if kind is MarkKind.IGNORED else None,
        )


def open_case(
    *,
    actor: str,
    owners: frozenset[str],
    feature: str,
    workflow: str,
    signature: str,
    because: str,
    now: datetime,
) -> CaseRow:
    """Open a bug for a class of differences, and mark the class as that bug. Raises as `mark` does."""
    _check(actor, owners, because)
    found = _known(feature, workflow, signature, now)
    if found.mark is not None and found.mark.kind is MarkKind.BUG and found.mark.case:
        raise Refused("A case was opened for it already; it is linked beside the class.")
    with transaction.atomic():
        case = cases.report_bug(
            actor=actor,
            tenant=found.tenants[0],
            feature=feature,
            severity=_SEVERITY.get(found.severity, Severity.SEV4),
            title=f"{workflow}: {', '.join(found.places)}"[:200],
            body=f"{because}\n\nSeen {found.count} times in shadow, {found.first:%d %b} to {found.last:%d %b}:"
            f" /shadow/{feature}#{signature}",
            now=now,
        )
        _write(actor, feature, workflow, signature, MarkKind.BUG, because, now, None, case.id)
    return case


def _check(actor: str, owners: frozenset[str], because: str) -> None:
    if actor not in owners:
        raise NotYours("Only the teams that own the feature or lead its adoption say what a difference is.")
    if len(because.strip()) < 3:
        raise Refused("Say why: a reason is kept with every mark.")


def _known(feature: str, workflow: str, signature: str, now: datetime) -> DiffClass:
    found = queries.find_class(feature, workflow, signature, now)
    if found is None:
        raise NoSuchClass("No such difference was seen in the last 90 days.")
    return found


def _write(
    actor: str,
    feature: str,
    workflow: str,
    signature: str,
    kind: MarkKind,
    because: str,
    now: datetime,
    until: datetime | None,
    case: str = "",
) -> None:
    ClassMark.objects.create(
        feature=feature,
        workflow=workflow,
        signature=signature,
        kind=kind,
        because=because.strip()[:500],
        until=until,
        case=case,
        by=actor,
        at=now,
    )
    outbox.publish("shadow.marked", {"feature": feature, "signature": signature, "kind": str(kind)}, at=now)
