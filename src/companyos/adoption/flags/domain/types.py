"""Cohorts, and the flagd document they compile to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Cohort = Mapping[str, frozenset[str]]  # tenant -> people who are on there


@dataclass(frozen=True, slots=True)
class RulesetRow:
    version: int
    at: datetime
    author: str
    because: str


@dataclass(frozen=True, slots=True)
class ServingRow:
    provider: str
    version: int


def people_of(cohort: Cohort) -> frozenset[str]:
    return frozenset().union(*cohort.values()) if cohort else frozenset()


def flag_document(flags: Mapping[str, Cohort]) -> dict[str, Any]:
    """Compile cohorts to flagd definitions (https://flagd.dev/reference/flag-definitions).

    Whole teams go on together, so a cohort is explicit membership: no bucket, nothing to re-draw, and taking
    people back never depends on a hash.
    """
    return {
        "flags": {key: _flag(key) for key in sorted(flags)},
        "$evaluators": {_evaluator(key): _membership(flags[key]) for key in sorted(flags)},
        "metadata": {"flagSetId": "companyos"},
    }


def _flag(key: str) -> dict[str, Any]:
    return {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "off",
        "targeting": {"if": [{"$ref": _evaluator(key)}, "on", "off"]},
        "metadata": {"kind": "release"},
    }


def _evaluator(key: str) -> str:
    return f"cohort of {key}"


def _membership(cohort: Cohort) -> dict[str, Any]:
    return {"or": [_members_of(tenant, cohort[tenant]) for tenant in sorted(cohort)] or [False]}


def _members_of(tenant: str, people: Iterable[str]) -> dict[str, Any]:
    return {"and": [{"==": [{"var": "tenant"}, tenant]}, {"in": [{"var": "targetingKey"}, sorted(people)]}]}
