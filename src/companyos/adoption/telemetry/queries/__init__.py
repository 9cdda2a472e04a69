"""Questions to the event engine and to telemetry's tables: frozen answers out. One file per subject."""

from __future__ import annotations

from companyos.adoption.telemetry.queries.connection import Events, connect, engine
from companyos.adoption.telemetry.queries.definitions import counted_so_since
from companyos.adoption.telemetry.queries.exposures import Exposures, flag_exposures, flags_asked
from companyos.adoption.telemetry.queries.failing import FailingCase, failing_cases
from companyos.adoption.telemetry.queries.guardrails import Kept, kept_guardrail
from companyos.adoption.telemetry.queries.tasks import (
    Quantile,
    Span,
    Totals,
    bugs_counted,
    completions_by_person,
    days_with_tasks,
    error_sessions,
    error_sessions_by_feature,
    events_counted,
    first_exposure,
    first_exposures,
    handling_quantile,
    last_event,
    latency_quantile,
    latency_quantile_by_feature,
    person_days,
    tasks_seen,
    totals,
    totals_by_feature,
)

__all__ = [
    "Events",
    "Exposures",
    "FailingCase",
    "Kept",
    "Quantile",
    "Span",
    "Totals",
    "bugs_counted",
    "completions_by_person",
    "connect",
    "counted_so_since",
    "days_with_tasks",
    "engine",
    "error_sessions",
    "error_sessions_by_feature",
    "events_counted",
    "failing_cases",
    "first_exposure",
    "first_exposures",
    "flag_exposures",
    "flags_asked",
    "handling_quantile",
    "kept_guardrail",
    "last_event",
    "latency_quantile",
    "latency_quantile_by_feature",
    "person_days",
    "tasks_seen",
    "totals",
    "totals_by_feature",
]
