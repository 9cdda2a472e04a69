"""Gathers the page of the models: how triage does in use, what each version was worth, what is under way."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from companyos.people.identity import queries as identity
from companyos.work.feedback import actions, queries
from companyos.work.feedback.domain.learning import LEAST_ANSWERS, is_installed
from companyos.work.feedback.domain.standing import Standing, standing
from companyos.work.feedback.domain.types import ModelRow, Suggestion
from companyos.work.feedback.web.pages import (
    Figure,
    ModelPage,
    QualityLine,
    UseLine,
    VersionLine,
)

DAYS = (7, 30, 90)


def model_page(viewer: str, days: int, now: datetime, *, problem: str = "") -> ModelPage:
    version, training = queries.version_in_use(), queries.latest_training()
    suggestions = queries.suggestions_since(now - timedelta(days=days))
    whole = standing(suggestions)
    texts, _ = queries.answered_texts()
    squads = {team.slug: team.title for team in identity.teams()}
    return ModelPage(
        now,
        version,
        days,
        whole.suggested,
        _figures(whole),
        _by_version(suggestions),
        len(texts),
        LEAST_ANSWERS,
        is_installed(),
        training,
        identity.name_of(training.by) if training else "",
        tuple(_version(row, version) for row in queries.versions()),
        tuple(UseLine(u.version, identity.name_of(u.by), u.at, u.because) for u in queries.uses()),
        tuple(
            (each.title, squads.get(each.squad, each.squad), ", ".join(each.words))
            for each in queries.ownerships()
        ),
        _may_train(viewer),
        problem,
    )


def _figures(found: Standing) -> tuple[Figure, ...]:
    return (
        Figure("Accuracy", found.right, "settled reports", "the squad named first was the one that took it"),
        Figure(
            "Accuracy where sure",
            found.right_when_sure,
            "settled reports",
            "the same, at or above the threshold",
        ),
        Figure("Coverage", found.covered, "suggestions", "sure enough to go to a squad by itself"),
        Figure(
            "Override rate", found.overridden, "settled reports", "a person changed squad, type or severity"
        ),
    )


def _by_version(
    suggestions: tuple[Suggestion, ...],
) -> tuple[tuple[str, int, tuple[Figure, ...]], ...]:
    by: dict[int | None, list[Suggestion]] = defaultdict(list)
    for each in suggestions:
        by[each.model].append(each)
    found = (
        (f"Version {v}" if v else "Ownership rules", standing(by[v]))
        for v in sorted(by, key=lambda v: -(v or 0))
    )
    return tuple((name, each.suggested, _figures(each)) for name, each in found)


def _version(row: ModelRow, in_use: int | None) -> VersionLine:
    qualities = tuple(
        QualityLine(
            axis.capitalize(),
            int(found["n"]),
            found["accuracy"],
            found["macro_f1"],
            found["threshold"] if found["threshold"] <= 1 else None,
            found["covered"],
            found["covered_right"],
            found["ece"],
        )
        for axis, found in row.quality.items()
    )
    return VersionLine(
        row, identity.name_of(row.by), qualities, tuple(sorted(row.skipped.items())), row.version == in_use
    )


def _may_train(viewer: str) -> bool:
    try:
        actions.check_trainer(viewer)
    except actions.NotYours:
        return False
    return True
