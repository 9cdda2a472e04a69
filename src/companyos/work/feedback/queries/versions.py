"""Versions of the model, which of them answers, and trainings under way."""

from __future__ import annotations

from companyos.work.feedback.domain.types import ModelRow, TrainingRow, UseRow
from companyos.work.feedback.models import TriageModel, TriageModelUse, TriageTraining


def versions(most: int = 20) -> tuple[ModelRow, ...]:
    """Return the newest versions first."""
    rows = TriageModel.objects.prefetch_related("parts").order_by("-version")[:most]
    return tuple(_row(each) for each in rows)


def version_row(version: int) -> ModelRow | None:
    found = TriageModel.objects.prefetch_related("parts").filter(pk=version).first()
    return _row(found) if found else None


def uses(most: int = 20) -> tuple[UseRow, ...]:
    """Return which version answered from when on, the newest first."""
    rows = TriageModelUse.objects.order_by("-id")[:most]
    return tuple(UseRow(each.model_id, each.by, each.at, each.because) for each in rows)


def who_rolled_back() -> str:
    """Return the person whose choice of a version stands; empty when the newest took over by itself."""
    newest = TriageModelUse.objects.order_by("-id").first()
    return newest.by if newest is not None and newest.stays else ""


def latest_training() -> TrainingRow | None:
    found = TriageTraining.objects.order_by("-id").first()
    return _training(found) if found else None


def waiting_trainings() -> tuple[TrainingRow, ...]:
    """Return the trainings that have not ended, the oldest first."""
    return tuple(_training(each) for each in TriageTraining.objects.filter(ended_at=None).order_by("id"))


def _training(each: TriageTraining) -> TrainingRow:
    return TrainingRow(
        each.pk,
        each.by,
        each.because,
        each.asked_at,
        each.what,
        each.done,
        each.total,
        each.ended_at,
        each.outcome,
        each.model_id,
    )


def _row(found: TriageModel) -> ModelRow:
    parts = list(found.parts.all())
    return ModelRow(
        found.version,
        found.by,
        found.at,
        found.because,
        found.answers,
        {part.axis: part.quality for part in parts},
        found.skipped,
        sum(part.size for part in parts) // 1024,
        all(part.content is not None for part in parts),
    )
