"""Triage and its case say the same: who settles it here takes the case on there, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from companyos.work.cases import actions as cases
from companyos.work.cases import queries as case_queries
from companyos.work.feedback.actions.refusals import NoSuchReport, NotYours, Refused, Unclear
from companyos.work.feedback.domain.types import Axis


def take_on(*, actor: str, case: str, labels: Mapping[Axis, str], now: datetime) -> None:
    """Take a case on for one's squad, which stops its triage clock. Raises what triage raises."""
    known = case_queries.definition_of(labels[Axis.TYPE]).severities
    severity = labels[Axis.SEVERITY] if known else ""
    with _as_triage_says_it():
        cases.accept_triage(
            actor=actor,
            case=case,
            type_slug=labels[Axis.TYPE],
            severity=severity,
            squad=labels[Axis.SQUAD],
            owner=actor,
            now=now,
        )


def hand_over(*, actor: str, case: str, squad: str, now: datetime) -> None:
    """Hand a case to the squad that somebody named, so that it may be read and taken on there."""
    with _as_triage_says_it():
        cases.hand_on(actor=actor, case=case, squad=squad, now=now)


@contextmanager
def _as_triage_says_it() -> Iterator[None]:
    try:
        yield
    except cases.NoSuchCase as refusal:
        raise NoSuchReport(str(refusal)) from None
    except cases.NotAllowed as refusal:
        raise NotYours(str(refusal)) from None
    except cases.Unclear as refusal:
        raise Unclear(str(refusal)) from None
    except cases.Refused as refusal:
        raise Refused(str(refusal)) from None
