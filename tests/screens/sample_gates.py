"""Gates and moments for the sample screens."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from companyos.adoption.rollouts.domain.board import GateTile, Reading
from companyos.adoption.rollouts.domain.guardrail import CAVEAT
from companyos.adoption.rollouts.domain.types import Gate, Verdict
from companyos.adoption.telemetry.domain.comparison import TEAMS

NOW = datetime(2026, 11, 23, 14, 4, tzinfo=UTC)
SHA = "9f2c4b7d1e6a8035c4d2f1b09e7a6c5d3b2a190f8e7d6c5b4a39281706f5e4d3"


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def history(
    start: float, end: float, half: float, hours: int = 24, gap: int | None = None
) -> tuple[Reading, ...]:
    """A wavering walk from `start` to `end` whose interval narrows as evidence comes in."""
    readings = []
    for i in range(hours + 1):
        share = i / hours
        value = start + (end - start) * share + math.sin(i * 1.7) * half * 0.35
        width = half * (1.7 - 0.9 * share)
        at = ago(hours=hours - i)
        hole = gap is not None and gap <= i < gap + 3
        readings.append(
            Reading(at, None, None, None)
            if hole
            else Reading(at, value, max(value - width, 0), value + width)
        )
    return tuple(readings)


def gate(name: str, title: str, verdict: Verdict, because: str, **more: object) -> Gate:
    return replace(
        Gate(name, verdict, because, title=title, evidence=f"ev-{name}", evidence_sha256=SHA),
        **more,  # type: ignore[arg-type]
    )


ERRORS = GateTile(
    gate(
        "error-sessions",
        "Errors against each team's own baseline",
        Verdict.PENDING,
        "Exposed teams: 7 error sessions in 214 tasks. Going by the four weeks before and the other teams today, about"
        " 3.1 were expected. Evidence 6.4 to 1, merged from error 12.4, latency 1.1: advancing is stopped.",
        kind="guardrail",
        rule="five_to_one_stops_advancing",
        rolls_back=True,
        value=6.4,
        limit=20.0,
        n=214,
        unit="to 1",
        told={
            "comparison": "teams",
            "catches": "errors rising from 1.0% to 4.6% are taken back in four of five stages of 10 days, a rise to"
            " 2.2% in one of five",
            "signals": {
                "error": {"evidence": 12.4, "exposed_sessions": 7, "expected_sessions": 3.1, "problem": ""},
                "latency": {"evidence": 1.1, "exposed_sessions": 4, "expected_sessions": 3.8, "problem": ""},
                "shadow mismatch": {"problem": "not connected: nothing here sends it yet"},
            },
        },
    ),
    "since this stage began",
    tuple(Reading(ago(hours=each), value, None, None) for each, value in ((30, 1.2), (6, 3.8), (1, 6.4))),
    compares=TEAMS.says(),
    caveat=CAVEAT,
)
LATENCY = GateTile(
    gate(
        "p95_latency",
        "Slowest 5 % of requests",
        Verdict.PASSED,
        "214 ms is surely below 300 ms",
        value=214.0,
        low=203.0,
        high=226.0,
        limit=300.0,
        n=48210,
        unit="ms",
    ),
    "last 24 h",
    history(231, 214, 12, gap=9),
)
COMPLETION = GateTile(
    gate(
        "completion",
        "Task completion",
        Verdict.PENDING,
        "78.1 % could still be below 75 %: 82 more tasks are needed",
        value=0.781,
        low=0.728,
        high=0.829,
        limit=0.75,
        n=318,
        unit="share",
    ),
    "since the stage began",
    history(0.70, 0.781, 0.06),
)
CSAT = GateTile(
    gate(
        "satisfaction",
        "Satisfaction",
        Verdict.PENDING,
        "One answer so far; judged from 12 answers on",
        value=4.4,
        low=3.1,
        high=5.0,
        limit=4.0,
        n=1,
        unit="",
    ),
    "since the stage began",
    (Reading(ago(hours=2), 4.4, 3.1, 5.0),),
)
INCIDENTS = GateTile(
    gate(
        "sev1",
        "Open severe bugs",
        Verdict.PASSED,
        "None of severity 1 or 2 is open",
        value=0.0,
        limit=0.0,
        n=7,
        rolls_back=True,
    ),
    "now",
)
DRILL = GateTile(
    gate("drill", "Rollback drill", Verdict.PASSED, "Taken back in 1.4 s on 17 Nov; valid until 17 Dec"),
    "last 30 d",
)
BLIND = GateTile(
    gate("adoption", "Daily users", Verdict.PENDING, "No event has arrived yet", limit=12.0, evidence=None),
    "last 24 h",
)
