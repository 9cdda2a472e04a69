"""Gathers the pages of shadow runs: queries in, frozen pages out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from companyos.adoption.features import queries as features
from companyos.adoption.shadow import queries
from companyos.adoption.shadow.domain.classes import NOT_COMPARED, PROVEN_SHARE, coverage
from companyos.adoption.shadow.domain.types import DiffClass, Example, Mark, MarkKind, Seen, Standing
from companyos.kernel.stats.binomial import upper_bound, wilson_lower, wilson_upper
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.surfaces.console.shadow.pages import (
    Authority,
    ClassLine,
    Day,
    Explorer,
    HomeLine,
    HomePage,
    MarkLine,
    Shown,
    Verdict,
)
from companyos.surfaces.ui.shadow_chart import match_chart

DAYS = (7, 30, 90)
CONFIDENCE = 0.95
_MOST_CLASSES = 50
_WITH_EXAMPLES = 10
_WORDS = {
    MarkKind.EXPECTED: ("passed", "Expected"),
    MarkKind.IGNORED: ("silenced", "Ignored"),
    MarkKind.BUG: ("failed", "Bug"),
    MarkKind.FIXED: ("failed", "Back after the fix"),
    MarkKind.OPEN: ("pending", "Unexplained"),
}


def home(now: datetime) -> HomePage:
    found = queries.features_in_shadow(now - timedelta(days=90), now)
    titles = {each.slug: each.title for each in features.features()}
    lines = (HomeLine(slug, titles[slug], found.get(slug, 0)) for slug in titles)
    return HomePage(tuple(sorted(lines, key=lambda each: -each.comparisons)), 90)


def explorer(feature: str, workflow: str, days: int, viewer: str, now: datetime) -> Explorer | None:
    row = features.feature(feature)
    if row is None:
        return None
    since, owners = now - timedelta(days=days), queries.owners_of(row.owner, row.lead_team)
    every = queries.seen(feature, since, now)
    workflows = tuple(sorted({each.workflow for each in every}))
    workflow = workflow if workflow in workflows else ""
    seen = [each for each in every if workflow in ("", each.workflow)]
    standing = queries.standing_of(feature, since, now, workflow=workflow)
    classes = queries.classes(feature, since, now, workflow=workflow)[:_MOST_CLASSES]
    variants = queries.coverage_variants(feature, now)
    by_day = _by_day(seen)
    upper = upper_bound(standing.unexplained, standing.compared, CONFIDENCE)
    return Explorer(
        feature,
        row.title,
        now,
        days,
        workflow,
        workflows,
        _verdict(standing, upper),
        standing,
        upper,
        match_chart("match", "Comparisons that agree, by day", by_day),
        by_day,
        tuple(_answered(standing)),
        tuple(_line(each, feature, since, viewer, owners, now, n) for n, each in enumerate(classes)),
        variants,
        coverage(variants),
        queries.latency(feature, since, now, workflow=workflow),
        tuple(MarkLine(each, identity.name_of(each.by)) for each in reversed(queries.history(feature))),
        viewer in owners,
    )


def _verdict(standing: Standing, upper: float) -> Verdict:
    n = standing.compared
    if not n:
        return Verdict(
            "info", "No data", "Nothing was compared in this time; docs/shadow.md says how to begin."
        )
    says = f"at most {upper:.2%} at 95 % confidence, {n:,} comparisons"
    if standing.skipped + standing.too_large > 0.1 * (n + standing.skipped + standing.too_large):
        return Verdict(
            "warn", "Too many calls were left out", f"What was compared does not speak for them; {says}."
        )
    if standing.unexplained:
        return Verdict("bad", f"{standing.unexplained:,} unexplained differences", f"{says.capitalize()}.")
    return Verdict("good", "No unexplained difference", f"{says.capitalize()}.")


def _answered(standing: Standing) -> Iterable[Authority]:
    """Who answered, old path first; a path that never did is left out."""
    for who, pairs in (("Old path", standing.old_answered), ("New path", standing.new_answered)):
        if n := pairs.compared:
            interval = wilson_lower(pairs.same, n, CONFIDENCE), wilson_upper(pairs.same, n, CONFIDENCE)
            yield Authority(who, n, pairs.unexplained, pairs.same / n, *interval)


def _by_day(seen: Iterable[Seen]) -> tuple[Day, ...]:
    counts: dict[str, list[int]] = {}
    for each in seen:
        if each.verdict == NOT_COMPARED:
            continue
        day = counts.setdefault(each.day, [0, 0])
        day[0] += each.count
        day[1] += 0 if each.signature else each.count
    return tuple(
        Day(day, n, same, wilson_lower(same, n, CONFIDENCE), wilson_upper(same, n, CONFIDENCE))
        for day, (n, same) in sorted(counts.items())
    )


def _line(
    each: DiffClass,
    feature: str,
    since: datetime,
    viewer: str,
    owners: frozenset[str],
    now: datetime,
    place: int,
) -> ClassLine:
    state, word = _WORDS[_kind_now(each.mark, now)]
    found = queries.examples(feature, each.signature, since, now) if place < _WITH_EXAMPLES else ()
    return ClassLine(
        each,
        state,
        word,
        identity.name_of(each.mark.by) if each.mark else "",
        tuple(Shown(example, _may_see(example, viewer, owners)) for example in found),
    )


def _kind_now(mark: Mark | None, now: datetime) -> MarkKind:
    if mark is None or (mark.kind is MarkKind.IGNORED and not mark.explains(now)):
        return MarkKind.OPEN
    return mark.kind


def _may_see(example: Example, viewer: str, owners: frozenset[str]) -> bool:
    """Values belong to a tenant: its members see them, and those who own the feature."""
    return viewer in owners or tenants.is_member(tenant=example.tenant, person=viewer)


def is_covered(share: float | None) -> bool:
    return share is not None and share >= PROVEN_SHARE
