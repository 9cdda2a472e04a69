"""The facts about how a feature is watched: coverage, baseline, error budget, and whether pages arrive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from companyos.adoption.telemetry import actions
from companyos.adoption.telemetry.domain.baseline import LEAST_DAYS, cannot_be_judged
from companyos.adoption.telemetry.domain.catalogue import Coverage, coverage, orphans
from companyos.adoption.telemetry.queries import alerts, baselines, catalogue_seen, definitions, objectives
from companyos.adoption.telemetry.queries.tasks import Span
from companyos.adoption.telemetry.queries.uptake import OLD_PATH
from companyos.kernel.evidence import Fact, Question, ask, is_offered, offer
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants

TEST_HOLDS = timedelta(days=90)
BASELINE_LOOKS_BACK = timedelta(days=28)


def coverage_of(
    feature: str, *, tenants_on: tuple[str, ...], people: frozenset[str], now: datetime
) -> Coverage:
    """Judge what arrives of what the feature's success metrics need, where it is on (P13)."""
    catalogue = definitions.catalogue()
    facts = {metric.source: metric for metric in catalogue.success_metrics(feature) if metric.source}
    live = {
        name: ask(
            name, Question(feature, now - TEST_HOLDS, now, people, people, parameters=dict(m.parameters))
        ).value
        is not None
        for name, m in facts.items()
        if is_offered(name)
    }
    return coverage(
        catalogue,
        feature=feature,
        tenants=tenants_on,
        seen=catalogue_seen.last_seen(catalogue_seen.events_seen(now), feature),
        facts_live=live,
        ends=catalogue_seen.case_ends(catalogue, feature=feature, tenants=tenants_on, now=now),
        now=now,
    )


def take_baseline(
    *, actor: str, feature: str, stage: str, until: datetime, zone: ZoneInfo, now: datetime
) -> None:
    """Measure the four weeks of the old path before `until` and store them."""
    team_of = {person.slug: person.team for person in identity.everybody()}
    span = Span(feature, tuple(sorted(tenants.titles())), until - BASELINE_LOOKS_BACK, until, OLD_PATH)
    measured = baselines.measure(span, stage=stage, team_of=team_of, zone=str(zone))
    actions.keep_baseline(actor=actor, baseline=measured, now=now)


def baseline_of(feature: str) -> baselines.BaselineRow | None:
    """Return the baseline that a feature is judged by: the newest from before its first human stage."""
    return baselines.that_counts(feature, baselines.first_human(feature, tenants.production_tenants()))


class OperatingEvidence:
    """Answers questions about how a feature is watched, for one company's time zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def offer_evidence(self) -> None:
        answers: dict[str, Callable[[Question], Fact]] = {
            "telemetry.coverage": self.coverage,
            "telemetry.mapped": self.mapped,
            "telemetry.baseline": self.baseline,
            "telemetry.error_budget": self.error_budget,
            "telemetry.paging_tested": self.paging_tested,
        }
        for name, answer in answers.items():
            offer(name, answer)

    def coverage(self, question: Question) -> Fact:
        """Share of success metrics whose events are live within their cadence where the feature is on (R76, P13)."""
        on = tuple(sorted({p.tenant for p in identity.everybody() if p.slug in question.people}))
        found = coverage_of(question.feature, tenants_on=on, people=question.people, now=question.now)
        problem = (
            "" if found.share is not None else "the feature is on nowhere, or no success metric is written"
        )
        return Fact(
            "telemetry.coverage",
            found.share,
            n=len(found.rows),
            unit="share",
            window="each metric's own cadence",
            source="event catalogue",
            problem=problem,
            details={"gaps": list(found.gaps), "covered": found.covered, "tenants": list(on)},
        )

    def mapped(self, question: Question) -> Fact:
        """How many breaks the chain from events to north stars has (R177, P14)."""
        catalogue = definitions.catalogue()
        breaks = [f"{each.kind} {each.name} {each.says}" for each in orphans(catalogue)]
        problem = "" if catalogue.metrics else "no metric is written"
        value = None if problem else float(len(breaks))
        return Fact(
            "telemetry.mapped", value, n=len(catalogue.events), unit="breaks", window="as written",
            source="event catalogue", problem=problem, details={"breaks": breaks},
        )  # fmt: skip

    def baseline(self, question: Question) -> Fact:
        """Days of the old path in the stored baseline, and what cannot be judged by it (R66)."""
        newest = baseline_of(question.feature)
        unknown = cannot_be_judged(newest.baseline if newest else None)
        if newest is None:
            return Fact(
                "telemetry.baseline", n=0, unit="days", problem="no baseline", details={"cannot_judge": list(unknown)}
            )  # fmt: skip
        kept = newest.baseline
        return Fact(
            "telemetry.baseline",
            float(kept.days),
            n=kept.whole.tasks,
            unit="days",
            window=f"{kept.since:%d %b} to {kept.until:%d %b}",
            source="event engine",
            details={
                "stage": kept.stage,
                "needed": LEAST_DAYS,
                "success": kept.whole.success,
                "completion": kept.whole.completion,
                "latency_p95_ms": kept.whole.latency_p95_ms,
                "seconds_p50": kept.whole.seconds_p50,
                "teams": len(kept.by_team),
                "kinds": len(kept.by_kind),
                "cannot_judge": list(unknown),
            },
        )

    def error_budget(self, question: Question) -> Fact:
        """The smallest share of error budget left among the feature's objectives (R94)."""
        everywhere = tuple(sorted(tenants.titles()))
        found = [
            objectives.status(slo, tenants=everywhere, zone=self._zone, now=question.now)
            for slo in definitions.objectives(question.feature)
        ]
        known = [each for each in found if each.budget.left is not None]
        details = {each.slo.name: {"left": each.budget.left, "says": each.budget.says} for each in found}
        if not known or len(known) < len(found):
            unclear = [f"{e.slo.title}: {e.budget.says}" for e in found if e.budget.left is None]
            return Fact(
                "telemetry.error_budget", n=len(found), unit="share", source="event engine",
                problem="; ".join(unclear) or "no objective is written for this feature", details=details,
            )  # fmt: skip
        worst = min(known, key=lambda each: each.budget.left or 0.0)
        return Fact(
            "telemetry.error_budget",
            worst.budget.left,
            n=worst.budget.counts.total,
            unit="share",
            window=f"{worst.slo.window_days:g} days",
            source="event engine",
            details=details,
        )

    def paging_tested(self, question: Question) -> Fact:
        """Share of the feature's routes whose test page was acknowledged in the last 90 days (R158)."""
        routes = [r for r in map(definitions.route_of, definitions.objectives(question.feature)) if r]
        unique = {route.slug: route for route in routes}
        tested = {
            slug: alerts.last_tested(route, since=question.now - TEST_HOLDS) for slug, route in unique.items()
        }
        done = {slug: row for slug, row in tested.items() if row is not None}
        details = {
            slug: {
                "by": row.state.acknowledged_by,
                "at": row.state.acknowledged_at.isoformat() if row.state.acknowledged_at else "",
                "alert": row.id,
            }
            for slug, row in done.items()
        }
        missing = ", ".join(sorted(unique.keys() - done.keys()))
        problem = f"no acknowledged test page of {missing} in 90 days" if missing else ""
        if not unique:
            problem = "nobody is paged for this feature: it has no objective with a route"
        value = len(done) / len(unique) if unique and not problem else None
        return Fact(
            "telemetry.paging_tested", value, n=len(unique), unit="share", window="last 90 days",
            source="alert history", problem=problem, details=details,
        )  # fmt: skip
