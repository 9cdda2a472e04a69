"""What comparisons come to: which differences are explained, and which class to look at first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from companyos.adoption.shadow.domain.types import (
    Answered,
    DiffClass,
    Mark,
    MarkKind,
    Seen,
    Standing,
    Variant,
)

Key = tuple[str, str]  # workflow and signature
PROVEN_SHARE = 0.95  # P9
NOT_COMPARED = "too_large"


def standing(
    seen: Iterable[Seen], marks: Mapping[Key, Mark], left_out: Mapping[str, int], now: datetime
) -> Standing:
    """Count what agreed, what differs and is explained, and what differs unexplained.

    Noise is not taken off here: a gate is about every difference that nobody has explained.
    """
    rows = list(seen)
    too_large = sum(each.count for each in rows if each.verdict == NOT_COMPARED)
    same, explained, unexplained = _counted(rows, marks, now)
    after = _counted([each for each in rows if each.new_answered], marks, now)
    new_answered = Answered(sum(after), after[0], after[2])
    n = same + explained + unexplained
    return Standing(n, same, explained, unexplained, too_large, dict(left_out), new_answered)


def _counted(rows: Iterable[Seen], marks: Mapping[Key, Mark], now: datetime) -> tuple[int, int, int]:
    """Count the pairs that agree, that differ and are explained, and that differ unexplained."""
    same = explained = unexplained = 0
    for each in rows:
        if each.verdict == NOT_COMPARED:
            continue
        if not each.signature:
            same += each.count
        elif _explains(marks.get((each.workflow, each.signature)), now):
            explained += each.count
        else:
            unexplained += each.count
    return same, explained, unexplained


def ranked(
    seen: Iterable[Seen], noise: Iterable[Seen], marks: Mapping[Key, Mark], now: datetime
) -> tuple[DiffClass, ...]:
    """Return the classes, the weightiest unexplained first: (count less noise) times severity.

    The noise of a class is how often control differs from itself in that class, carried over to as many comparisons.
    """
    rows, noises = list(seen), list(noise)
    compared, runs = _by_workflow(rows), _by_workflow(noises)
    noisy: dict[Key, int] = {}
    for each in noises:
        if each.signature:
            key = each.workflow, each.signature
            noisy[key] = noisy.get(key, 0) + each.count
    groups: dict[Key, list[Seen]] = {}
    for each in rows:
        if each.signature and each.verdict != NOT_COMPARED:
            groups.setdefault((each.workflow, each.signature), []).append(each)
    classes = [
        _class(key, group, _share(noisy.get(key, 0), runs.get(key[0], 0)) * compared[key[0]], marks, now)
        for key, group in groups.items()
    ]
    return tuple(
        sorted(classes, key=lambda each: (each.is_explained, -each.score, -each.count, each.signature))
    )


def coverage(variants: Iterable[Variant]) -> float | None:
    """Return the share of the old path's cases whose way was exercised with no unexplained difference (P9).

    None where the old path told of no case: that is no data, not full coverage.
    """
    known = [each for each in variants if each.cases]
    cases = sum(each.cases for each in known)
    return sum(each.cases for each in known if each.is_proven) / cases if cases else None


def _class(
    key: Key, group: list[Seen], by_noise: float, marks: Mapping[Key, Mark], now: datetime
) -> DiffClass:
    mark = marks.get(key)
    newest = max(group, key=lambda each: each.last)
    return DiffClass(
        key[0],
        key[1],
        newest.verdict,
        newest.places,
        max(each.severity for each in group),
        sum(each.count for each in group),
        by_noise,
        tuple(sorted({tenant for each in group for tenant in each.tenants})),
        min(each.first for each in group),
        newest.last,
        mark,
        _explains(mark, now),
        mark is not None and mark.kind is MarkKind.FIXED,  # older comparisons were left out when counting
        sum(each.count for each in group if each.new_answered),
    )


def _by_workflow(rows: Iterable[Seen]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for each in rows:
        if each.verdict != NOT_COMPARED:
            counts[each.workflow] = counts.get(each.workflow, 0) + each.count
    return counts


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _explains(mark: Mark | None, now: datetime) -> bool:
    return mark is not None and mark.explains(now)
