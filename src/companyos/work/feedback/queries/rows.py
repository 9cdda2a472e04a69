"""Suggestions and answers as frozen rows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch

from companyos.work.cases.domain.erasing import ERASED_TITLE
from companyos.work.feedback.domain.types import Answer, Axis, Guess, Judged, Report, Suggestion
from companyos.work.feedback.models import TriageAnswer, TriageSuggestion

_SQUADS = "a squad sees what is reported to it in every tenant; others see their tenants' reports only"
_LEARNING = "one model learns from every tenant; it keeps words that several reports share, no report"


def suggestion_of(case: str) -> Suggestion | None:
    """Return what was said of a case; whoever asks checks that the viewer may see it."""
    rows = TriageSuggestion.objects.across_tenants(because=_SQUADS).filter(case=case)
    found = rows.prefetch_related(_answers()).first()
    return _row(found) if found else None


def open_suggestions(
    *, tenants: Collection[str], squads: Collection[str], most: int
) -> tuple[Suggestion, ...]:
    """Return what waits for a person's word, oldest first: of these tenants, or sent to one of these squads."""
    rows = TriageSuggestion.objects.across_tenants(because=_SQUADS)
    settled = TriageAnswer.objects.across_tenants(because=_SQUADS).filter(
        suggestion=OuterRef("pk"), settled=True
    )
    waiting = rows.filter(~Exists(settled)).order_by("at", "id")
    handed = TriageAnswer.objects.across_tenants(because=_SQUADS).filter(
        suggestion=OuterRef("pk"), squad__in=list(squads)
    )
    mine = (
        waiting.filter(tenant__in=list(tenants))
        | waiting.filter(queue__in=list(squads))
        | waiting.filter(Exists(handed))
    )
    found = (_row(each) for each in mine.prefetch_related(_answers())[:most])
    return tuple(each for each in found if each.tenant in tenants or each.queue in squads)


def answered_texts() -> tuple[list[tuple[str, ...]], dict[Axis, list[str]]]:
    """Return every text whose triage was settled, oldest first, with the labels that people gave last."""
    rows = TriageAnswer.objects.across_tenants(because=_LEARNING).filter(settled=True)
    rows = rows.exclude(suggestion__title=ERASED_TITLE, suggestion__body="")
    latest: dict[int, TriageAnswer] = {}
    for answer in rows.select_related("suggestion").order_by("at", "id"):
        latest[answer.suggestion_id] = answer
    ordered = sorted(latest.values(), key=lambda each: (each.suggestion.at, each.suggestion_id))
    asked = [each.suggestion for each in ordered]
    texts: list[tuple[str, ...]] = [(each.title, each.body, each.feature) for each in asked]
    return texts, {
        Axis.SQUAD: [each.squad for each in ordered],
        Axis.TYPE: [each.type for each in ordered],
        Axis.SEVERITY: [each.severity for each in ordered],
    }


def answered() -> int:
    """Count the reports whose triage was settled."""
    rows = TriageAnswer.objects.across_tenants(because="a count of the whole company").filter(settled=True)
    return rows.values("suggestion").distinct().count()


def suggestions_since(since: datetime) -> tuple[Suggestion, ...]:
    """Return what was suggested or answered from then on, in every tenant: for figures."""
    because = "figures of the whole company, no text of anybody"
    rows = TriageSuggestion.objects.across_tenants(because=because).filter(at__gte=since)
    return tuple(
        _row(each, with_body=False) for each in rows.defer("body").prefetch_related(_answers()).order_by("id")
    )


def _answers() -> Prefetch[Any]:
    """The answers of suggestions that were already allowed."""
    return Prefetch("answers", queryset=TriageAnswer.objects.across_tenants(because=_SQUADS).order_by("nth"))


def stored(judged: tuple[Judged, ...]) -> list[dict[str, Any]]:
    """Write judgements as JSON."""
    return [
        {
            "axis": each.axis,
            "guesses": [[guess.label, guess.probability] for guess in each.guesses],
            "words": each.words,
            "sure": each.sure,
            "because": each.because,
            "rule": each.rule,
        }
        for each in judged
    ]


def _judged(document: dict[str, Any]) -> Judged:
    return Judged(
        Axis(document["axis"]),
        tuple(Guess(label, probability) for label, probability in document["guesses"]),
        tuple(document["words"]),
        document["sure"],
        document["because"],
        document["rule"],
    )


def _row(found: TriageSuggestion, *, with_body: bool = True) -> Suggestion:
    body = found.body if with_body else ""
    answers = found.answers.all()
    return Suggestion(
        found.pk,
        found.tenant_id,
        str(found.case),
        Report(found.title, body, found.feature, found.said_type, found.said_severity),
        tuple(_judged(each) for each in found.judged),
        found.model_id,
        found.at,
        tuple(
            Answer(a.squad, a.type, a.severity, a.accepted, a.settled, a.by, a.at, a.because) for a in answers
        ),
    )
