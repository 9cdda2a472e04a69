"""The facts about flags: who met which variant, and when each was last asked for."""

from __future__ import annotations

from datetime import timedelta

from companyos.adoption.telemetry import queries
from companyos.kernel.evidence import Fact, Question


def flag_exposures(question: Question) -> Fact:
    """Who met which variant of a flag, tenant by tenant (R95): distinct people, and evaluations."""
    flag = str(question.parameters["flag"])
    met = queries.flag_exposures(flag, question.since, question.now)
    days = max(1, round((question.now - question.since) / timedelta(days=1)))
    return Fact(
        "telemetry.flag_exposures",
        float(met.people),
        n=met.evaluations,
        unit="people",
        window=f"the last {days} days",
        source="event engine",
        problem="" if met.evaluations else "no program has reported an evaluation of this flag",
        details={"rows": met.rows, "variants": met.by_variant},
    )


def flags_asked(question: Question) -> Fact:
    """When each flag was last evaluated, by any program that reports it."""
    asked = queries.flags_asked(question.since, question.now)
    problem = "" if asked else "no program reports evaluations"
    return Fact(
        "telemetry.flags_asked", float(len(asked)), source="event engine", problem=problem, details=asked
    )
