"""Tasks counted for gates, once a tick: gates and risks ask the same of the same span, and many features at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from companyos.adoption.telemetry import queries
from companyos.adoption.telemetry.domain.company_time import SETTLES_IN, Company
from companyos.adoption.telemetry.queries import Quantile, Span, Totals
from companyos.kernel.evidence import Question
from companyos.people.tenants import queries as tenants

Measured = TypeVar("Measured")
P95 = 0.95
_WORTH_ONE_QUERY = 5  # features; below, asking each is as quick


class TaskCounts:
    """Asks the event engine. Between `prepare` with questions and without, nothing is asked twice."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._known: dict[object, Any] | None = None
        self._quantiles: dict[object, Quantile] = {}

    def prepare(self, questions: Sequence[Question]) -> None:
        """Begin a tick that asks these; with none, end it and forget. Many features are counted in two queries."""
        self._known = {} if questions else None
        alike = [each for each in questions if each.parameters.get("window") != "two_sprints"]
        since = {each.feature: each.since for each in alike}
        if len(since) >= _WORTH_ONE_QUERY and all(since[each.feature] == each.since for each in alike):
            self._known = self._counted_together([self.span(each) for each in alike])

    def prepare_latency(self, questions: Sequence[Question]) -> None:
        """Begin a tick that asks how long answers take; with no question, end it and forget."""
        self._quantiles = {}
        alike: dict[float, dict[str, Question]] = {}
        for each in questions:
            alike.setdefault(confidence_of(each), {})[each.feature] = each
        for confidence, asked in alike.items():
            if len(asked) >= _WORTH_ONE_QUERY:
                self._quantiles |= self._timed_together(list(asked.values()), confidence)

    def span(self, question: Question) -> Span:
        everywhere = self._once("every tenant", every_tenant)
        return Span(question.feature, everywhere, question.since, question.now)

    def totals(self, span: Span) -> Totals:
        """Tasks of a span; those that are settled began four hours before its end."""
        return self._once(
            ("totals", span), lambda: queries.totals(span, settled_before=span.until - SETTLES_IN)
        )

    def error_sessions(self, span: Span) -> int:
        zone = self._company.calendar.zone
        return self._once(("error sessions", span), lambda: queries.error_sessions(span, zone))

    def latency(self, span: Span, q: float, confidence: float) -> Quantile:
        """Return n, and the quantile of response time in ms with its interval."""
        key = "latency", span, q, confidence
        if key in self._quantiles:
            return self._quantiles[key]
        return self._once(key, lambda: queries.latency_quantile(span, q, confidence))

    def _counted_together(self, spans: Sequence[Span]) -> dict[object, Any]:
        since, one = {span.feature: span.since for span in spans}, spans[0]
        counted = queries.totals_by_feature(
            since, tenants=one.tenants, until=one.until, settled_before=one.until - SETTLES_IN
        )
        failed = queries.error_sessions_by_feature(
            since, tenants=one.tenants, until=one.until, zone=self._company.calendar.zone
        )
        totals = {("totals", span): counted[span.feature] for span in spans}
        return totals | {("error sessions", span): failed[span.feature] for span in spans}

    def _timed_together(self, questions: Sequence[Question], confidence: float) -> dict[object, Quantile]:
        spans = [self.span(each) for each in questions]
        found = queries.latency_quantile_by_feature(
            {span.feature: span.since for span in spans},
            P95,
            confidence,
            tenants=spans[0].tenants,
            until=spans[0].until,
        )
        return {("latency", span, P95, confidence): found[span.feature] for span in spans}

    def _once(self, key: object, measure: Callable[[], Measured]) -> Measured:
        known = self._known
        if known is None:
            return measure()
        if key not in known:
            known[key] = measure()
        return cast(Measured, known[key])


def confidence_of(question: Question) -> float:
    return float(question.parameters.get("confidence") or 0.95)


def every_tenant() -> tuple[str, ...]:
    return tuple(sorted(tenants.titles()))
