"""R190: the failing cases of a stage with what each saw, and pairs in shadow, on each engine."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from companyos.adoption.telemetry import queries
from companyos.adoption.telemetry.queries import Span
from companyos.analytics.engine import Engine

ASKS = {"failing_cases", "case_variants", "shadow_pairs"}
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FLAG = "approvals.unified"


def store(engine: Engine, *rows: dict[str, Any]) -> tuple[str, Span]:
    """Store rows in a tenant and a feature of their own; minutes count from noon."""
    run = secrets.token_hex(4)
    blank = {"actor": "", "path": "", "kind": "", "case": "", "task": "", "value": None, "latency_ms": None}
    lines = []
    for number, row in enumerate(rows):
        at = (NOON + timedelta(minutes=row.pop("minute"))).isoformat(timespec="milliseconds")
        whole = {**blank, "by": "", "props": "", "tenant": f"t-{run}", "feature": f"f-{run}"}
        lines.append({**whole, "id": f"{run}-{number}", "time": at, "received": at, **row})
    ndjson = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    engine.insert("events", ndjson, token=run)
    return f"t-{run}", Span(f"f-{run}", (f"t-{run}",), NOON, NOON + timedelta(hours=1))


def failed(minute: int, case: str, actor: str = "ada", **props: str) -> dict[str, Any]:
    more = {"path": "unified", "kind": "approve", "case": case, "task": f"{case}-1", "actor": actor}
    return {"minute": minute, "event": "task_failed", "props": json.dumps(props), **more}


def met(minute: int, case: str, variant: str) -> dict[str, Any]:
    more = {"path": variant, "kind": FLAG, "case": case, "actor": "ada"}
    return {"minute": minute, "event": "feature_flag.evaluation", **more}


def test_failing_cases_come_with_what_they_saw_the_worst_first(engine: Engine) -> None:
    tenant, span = store(
        engine,
        met(-60, "one", "off"),
        met(-1, "one", "on"),
        failed(1, "one", error="timeout", trace="4bf92f"),
        failed(2, "two", error="conflict"),
        failed(3, "two", error="timeout"),
        failed(4, "theirs", actor="stranger"),  # not of the stage's people
        failed(61, "later"),  # after the rollback
        {**failed(5, "old"), "path": "existing"},
    )
    found = queries.failing_cases(span, flag=FLAG, people={"ada"})
    assert [(each.case, each.tenant, each.failures, each.variant) for each in found] == [
        ("two", tenant, 2, ""),
        ("one", tenant, 1, "on"),
    ]
    assert found[0].errors == ("conflict", "timeout")
    assert found[1].traces == ("4bf92f",)
    assert (found[0].last - found[0].first) == timedelta(minutes=1)
    assert len(queries.failing_cases(span, flag=FLAG, people={"ada"}, most=1)) == 1
    assert queries.failing_cases(span, flag=FLAG, people=()) == ()


def test_a_pair_in_shadow_counts_once_and_differs_when_any_report_says_so(engine: Engine) -> None:
    def pair(minute: int, case: str, value: float) -> dict[str, Any]:
        return {"minute": minute, "event": "shadow_compared", "case": case, "value": value}

    _, span = store(
        engine, pair(1, "a", 0), pair(2, "b", 1), pair(3, "b", 0), pair(4, "c", 0), pair(90, "d", 1)
    )
    assert queries.shadow_pairs(span) == (3, 1)
    assert queries.shadow_pairs(Span(span.feature, span.tenants, NOON - timedelta(hours=1), NOON)) == (0, 0)
