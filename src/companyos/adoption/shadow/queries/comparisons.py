"""Comparisons as they came in: counted by workflow, day and class, with examples, times and coverage."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from companyos.adoption.shadow.domain.classes import NOT_COMPARED, ranked, standing
from companyos.adoption.shadow.domain.fixes import Fix
from companyos.adoption.shadow.domain.types import (
    DiffClass,
    Example,
    Latency,
    Mark,
    MarkKind,
    Seen,
    Standing,
    Variant,
)
from companyos.adoption.shadow.queries.connection import engine
from companyos.adoption.shadow.queries.marks import history, marks

COMPARED, NOISE = "shadow_compared", "shadow_noise"
REVERSE = "reverse-shadow"  # the mode in which the new path answers
_NOTHING_FIXED: dict[str, Any] = {"fixed": [], "fixed_at": []}
LOOK_BACK = timedelta(days=90)  # P9


def seen(
    feature: str,
    since: datetime,
    until: datetime,
    *,
    workflow: str = "",
    event: str = COMPARED,
    overtaken: bool = False,
) -> tuple[Seen, ...]:
    """Count comparisons. A case that ran again counts once, by its last run.

    What a fix has overtaken counts only where `overtaken` asks for it.
    """
    rows = engine().rows(
        "shadow_by_day",
        **_span(feature, since, until),
        workflow=workflow,
        event=event,
        **(_NOTHING_FIXED if overtaken else _fixed(feature)),
    )
    return tuple(_seen(*row) for row in rows)


def fixes(feature: str, since: datetime, now: datetime, *, workflow: str = "") -> tuple[Fix, ...]:
    """Return what was marked as fixed since a moment, with what ran before and after."""
    newest = {
        (each.workflow, each.signature): each
        for each in history(feature)
        if each.kind is MarkKind.FIXED and since < each.at <= now and workflow in ("", each.workflow)
    }
    return tuple(_fix(feature, since, now, mark) for mark in newest.values())


def _fix(feature: str, since: datetime, now: datetime, mark: Mark) -> Fix:
    before = seen(feature, since, mark.at, workflow=mark.workflow, overtaken=True)
    after = seen(feature, mark.at, now, workflow=mark.workflow, overtaken=True)
    mine = [each for each in before if each.signature == mark.signature]
    return Fix(
        mark.workflow,
        mark.signature,
        mine[0].places if mine else (),
        sum(each.count for each in mine),
        sum(each.count for each in before if each.verdict != NOT_COMPARED),
        sum(each.count for each in after if each.verdict != NOT_COMPARED),
    )


def _seen(
    workflow: str,
    day: object,
    signature: str,
    verdict: str,
    severity: int,
    places: str,
    count: int,
    tenants: list[str],
    first: datetime,
    last: datetime,
    new_answered: bool,
) -> Seen:
    names = tuple(json.loads(places or "[]"))
    where = tuple(sorted(tenants))
    return Seen(
        workflow, str(day), signature, verdict, severity, names, count, where, first, last, bool(new_answered)
    )


def standing_of(feature: str, since: datetime, now: datetime, *, workflow: str = "") -> Standing:
    """Return what the comparisons of a span come to."""
    rows = engine().rows("shadow_left_out", **_span(feature, since, now), workflow=workflow)
    left_out = {why: int(n) for why, n in rows}
    return standing(seen(feature, since, now, workflow=workflow), marks(feature), left_out, now)


def classes(feature: str, since: datetime, now: datetime, *, workflow: str = "") -> tuple[DiffClass, ...]:
    """Return the classes of differences, the one to look at first first."""
    noise = seen(feature, since, now, workflow=workflow, event=NOISE)
    return ranked(seen(feature, since, now, workflow=workflow), noise, marks(feature), now)


def find_class(feature: str, workflow: str, signature: str, now: datetime) -> DiffClass | None:
    """Return one class as it was seen in the last 90 days."""
    found = classes(feature, now - LOOK_BACK, now, workflow=workflow)
    return next((each for each in found if each.signature == signature), None)


def examples(
    feature: str, signature: str, since: datetime, until: datetime, *, most: int = 3
) -> tuple[Example, ...]:
    """Return the newest examples of a class."""
    rows = engine().rows("shadow_examples", **_span(feature, since, until), signature=signature, most=most)
    return tuple(_example(*row) for row in rows)


def latency(feature: str, since: datetime, until: datetime, *, workflow: str = "") -> Latency:
    """Return how long both sides took."""
    row = engine().rows("shadow_latency", **_span(feature, since, until), workflow=workflow)[0]
    n, *figures = row
    return Latency(int(n), *(float(each) if n else 0.0 for each in figures))


def coverage_variants(feature: str, now: datetime) -> tuple[Variant, ...]:
    """Return the ways through the old path in the last 90 days, the most used first (P9)."""
    told = marks(feature)
    explained = [s for (_, s), mark in told.items() if mark.explains(now)]
    rows = engine().rows(
        "shadow_variants", **_span(feature, now - LOOK_BACK, now), explained=explained, **_fixed(feature)
    )
    return tuple(Variant(name, int(cases), int(n), int(bad)) for name, cases, n, bad in rows)


def features_in_shadow(since: datetime, until: datetime) -> dict[str, int]:
    """Return how many comparisons each feature has."""
    rows = engine().rows("shadow_features", since=_ms(since), until=_ms(until))
    return {feature: int(n) for feature, n in rows}


def _fixed(feature: str) -> dict[str, Any]:
    """Since when each class that was fixed counts: from its last fix on, whatever was said after."""
    fixes: dict[str, Mark] = {
        each.signature: each for each in history(feature) if each.kind is MarkKind.FIXED
    }
    return {"fixed": list(fixes), "fixed_at": [_ms(each.at) for each in fixes.values()]}


def _example(
    at: datetime, tenant: str, case: str, variant: str, version: str, trace: str, example: str, mode: str
) -> Example:
    told = json.loads(example or "{}")
    fields = tuple(each for each in told.get("fields", ()) if isinstance(each, dict))
    if not fields:
        fields = ({"pointer": "", "kind": "", "control": told.get("old"), "candidate": told.get("new")},)
    says = str(told.get("says") or "; ".join(map(str, told.get("tried") or ())))
    return Example(at, tenant, case, variant, version, trace, fields, says, mode == REVERSE)


def _span(feature: str, since: datetime, until: datetime) -> dict[str, Any]:
    return {"feature": feature, "since": _ms(since), "until": _ms(until)}


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
