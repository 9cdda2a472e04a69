"""Scorecards as last judged, what changed, and what was said for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.features.domain.scorecards import Readiness, readiness_from
from companyos.adoption.features.models import Attestation, ReadinessChange, ReadinessNow, WorkEvidence


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A row that changed its verdict."""

    feature: str
    row: str
    at: datetime
    before: str
    after: str
    because: str
    value: float | None
    regressed: bool


@dataclass(frozen=True, slots=True)
class WordRow:
    """What somebody said for a row."""

    row: str
    version: str
    at: datetime
    by: str
    link: str
    note: str
    expires_at: datetime


def readiness_of(feature: str) -> Readiness | None:
    """Return a feature's scorecards as last judged; None before that."""
    row = ReadinessNow.objects.filter(pk=feature).values_list("document", flat=True).first()
    return readiness_from(row) if row else None


def all_readiness() -> dict[str, Readiness]:
    return {each.feature_id: readiness_from(each.document) for each in ReadinessNow.objects.all()}


def all_judged_at() -> dict[str, datetime]:
    """Return when each feature's scorecards were last judged; those that something changed in are left out."""
    return dict(ReadinessNow.objects.filter(is_out_of_date=False).values_list("feature_id", "at"))


def is_fresh(feature: str, since: datetime) -> bool:
    """Tell whether the scorecards were judged since a moment and nothing they rest on has changed here."""
    return ReadinessNow.objects.filter(pk=feature, at__gte=since, is_out_of_date=False).exists()


def changes_of(feature: str, limit: int = 30) -> tuple[ChangeRow, ...]:
    return tuple(
        _change(each)
        for each in ReadinessChange.objects.filter(feature=feature).order_by("-at", "-id")[:limit]
    )


def regressions() -> tuple[ChangeRow, ...]:
    """Return the rows that went back after internal GA and have not passed again."""
    newest: dict[tuple[str, str], ReadinessChange] = {}
    touched = ReadinessChange.objects.filter(regressed=True).values_list("feature", flat=True).distinct()
    for each in ReadinessChange.objects.filter(feature__in=list(touched)).order_by("at", "id"):
        before = newest.get((each.feature_id, each.row))
        each.regressed = each.regressed or bool(before and before.regressed and each.after != "passed")
        newest[each.feature_id, each.row] = each
    return tuple(_change(each) for each in newest.values() if each.regressed)


def earlier_values(feature: str) -> dict[str, tuple[float, datetime]]:
    """Return the figure each row had before its present one, with when it was measured: what a trend compares with."""
    found: dict[str, list[tuple[float, datetime]]] = {}
    for each in ReadinessChange.objects.filter(feature=feature).exclude(value=None).order_by("at", "id"):
        found.setdefault(each.row, []).append((float(each.value or 0.0), each.at))
    return {row: values[-2] for row, values in found.items() if len(values) > 1}


def words_of(feature: str) -> tuple[WordRow, ...]:
    rows = Attestation.objects.filter(feature=feature).order_by("-at", "-id")
    return tuple(WordRow(w.row, w.version, w.at, w.by, w.link, w.note, w.expires_at) for w in rows)


def work_of(feature: str) -> tuple[dict[str, object], ...]:
    """Return what came from work for a feature, newest first, as the API shows it."""
    return tuple(
        {
            "id": str(each.pk),
            "name": each.name,
            "version": each.version,
            "at": each.at.isoformat(),
            "by": each.by,
            "link": each.link,
            "sha256": each.sha256,
            "fact": each.body,
        }
        for each in WorkEvidence.objects.filter(feature=feature).order_by("-at", "-id")[:100]
    )


def _change(each: ReadinessChange) -> ChangeRow:
    return ChangeRow(
        each.feature_id, each.row, each.at, each.before, each.after, each.because, each.value, each.regressed
    )
