"""Trainings, versions of the model, and which of them answers."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import Max

from companyos.people.identity import queries as identity
from companyos.platform import outbox
from companyos.work.feedback import queries
from companyos.work.feedback.actions.refusals import NotYours, Refused, Unclear
from companyos.work.feedback.domain.succession import Decision, Situation, decide
from companyos.work.feedback.domain.types import Axis
from companyos.work.feedback.learner import Outcome
from companyos.work.feedback.models import (
    TriageModel,
    TriageModelPart,
    TriageModelUse,
    TriageTraining,
)

VERSIONS_KEPT = 10  # older ones keep their row and lose their content


def ask_training(*, actor: str, because: str, now: datetime) -> int:
    """Ask for a training; returns the training's number. Raises NotYours, Refused while one is under way."""
    check_trainer(actor)
    if TriageTraining.objects.filter(ended_at=None).exists():
        raise Refused("A training is under way already. What was answered meanwhile goes into the next.")
    made = TriageTraining.objects.create(by=actor, because=_reason(because), asked_at=now)
    return int(made.pk)


def check_trainer(actor: str) -> None:
    """Whoever leads a team has models learned and put into use; the night does it by itself. Raises NotYours."""
    if actor != "nightly" and not identity.may_manage_keys(actor):
        raise NotYours("Whoever leads a team may do this; ask one of them.")


def begin_training(*, training: int, now: datetime) -> bool:
    """Take a training for oneself; says whether it was still free."""
    free = TriageTraining.objects.filter(pk=training, begun_at=None, ended_at=None)
    return bool(free.update(begun_at=now, what="reading"))


def note_progress(*, training: int, what: str, done: int, total: int) -> None:
    TriageTraining.objects.filter(pk=training).update(what=what[:40], done=done, total=total)


def end_training(*, training: int, outcome: str, now: datetime, version: int | None = None) -> None:
    TriageTraining.objects.filter(pk=training, ended_at=None).update(
        what="ended", ended_at=now, outcome=outcome, model_id=version
    )


def keep_model(
    *, actor: str, because: str, answers: int, outcome: Outcome, now: datetime
) -> tuple[int, Decision]:
    """Keep what was learned as a new version, and let it take over unless a rule speaks against it."""
    squads = outcome.parts.get(Axis.SQUAD)
    decision = decide(
        Situation(squads.quality if squads else None, outcome.in_use, queries.who_rolled_back())
    )
    with transaction.atomic():
        version = (TriageModel.objects.aggregate(top=Max("version"))["top"] or 0) + 1
        model = TriageModel.objects.create(
            version=version,
            by=actor,
            at=now,
            because=because,
            answers=answers,
            skipped={str(axis): why for axis, why in outcome.skipped.items()},
        )
        for axis, part in outcome.parts.items():
            TriageModelPart.objects.create(
                model=model,
                axis=axis,
                quality=asdict(part.quality),
                sha256=sha256(part.content).hexdigest(),
                size=len(part.content),
                content=part.content,
            )
        if decision.takes_over:
            _use(version, actor, decision.because, now, stays=False)
        _forget_old_contents(version)
    return version, decision


def put_into_use(*, actor: str, version: int | None, because: str, now: datetime) -> None:
    """Let a version answer from now on (None: the ownership rules).

    Going back to an older one stays until a person puts the newest into use. Raises NotYours, Unclear without a
    reason, Refused for a version without content.
    """
    check_trainer(actor)
    because = _reason(because)
    newest = TriageModel.objects.aggregate(top=Max("version"))["top"]
    if version is not None:
        row = queries.version_row(version)
        if row is None or not row.is_kept:
            raise Refused(
                f"Version {version} is not kept any more; the newest {VERSIONS_KEPT} and the one in use are."
            )
    with transaction.atomic():
        _use(version, actor, because, now, stays=version != newest)


def _use(version: int | None, actor: str, because: str, now: datetime, *, stays: bool) -> None:
    TriageModelUse.objects.create(model_id=version, by=actor, stays=stays, at=now, because=because)
    outbox.publish("feedback.model_in_use", {"version": version, "by": actor}, at=now)


def _forget_old_contents(newest: int) -> None:
    old = TriageModelPart.objects.filter(model__version__lte=newest - VERSIONS_KEPT)
    old.exclude(model_id=queries.version_in_use()).update(content=None)


def _reason(because: str) -> str:
    said = because.strip()[:500]
    if len(said) < 3:
        raise Unclear("Say why: a reason is kept with every version.")
    return said
