"""Objectives as OpenSLO v1 documents, read into types. The documents themselves are kept, so an export loses nothing.

Two sources measure: `companyos` (our own events) and `Prometheus` (a PromQL query each for good and total, with
`{{.window}}` where the span goes).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from companyos.adoption.telemetry.domain.slo import Condition

Document = Mapping[str, Any]
VERSION = "openslo/v1"
_HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0, "w": 168.0}


class Measure(StrEnum):
    TASKS = "tasks_without_failure"
    RESPONSES = "responses_within_ms"


@dataclass(frozen=True, slots=True)
class OwnEvents:
    """Measured by the event engine, on one path of a feature."""

    feature: str
    path: str
    measure: Measure
    ms: float = 0.0


@dataclass(frozen=True, slots=True)
class PromQuery:
    """Measured by a company's Prometheus."""

    url: str
    good: str
    total: str


@dataclass(frozen=True, slots=True)
class Slo:
    name: str
    title: str
    says: str
    feature: str
    target: float
    window_days: float
    source: OwnEvents | PromQuery
    conditions: tuple[Condition, ...]
    routes: tuple[str, ...]


def slos(documents: Iterable[Document]) -> tuple[Slo, ...]:
    """Read checked documents: data sources and alert policies are joined to the objectives that name them."""
    by_kind: dict[str, dict[str, Document]] = {}
    for document in documents:
        by_kind.setdefault(document["kind"], {})[document["metadata"]["name"]] = document
    return tuple(_slo(each, by_kind) for each in by_kind.get("SLO", {}).values())


def hours(duration: str) -> float:
    """Return the hours of `5m`, `6h`, `3d` or `4w`."""
    return float(duration[:-1]) * _HOURS[duration[-1]]


def _slo(document: Document, by_kind: Mapping[str, Mapping[str, Document]]) -> Slo:
    spec, metadata = document["spec"], document["metadata"]
    policies = [by_kind["AlertPolicy"][name] for name in spec.get("alertPolicies", ())]
    return Slo(
        metadata["name"],
        metadata.get("displayName", metadata["name"]),
        spec.get("description", ""),
        spec["service"],
        spec["objectives"][0]["target"],
        hours(spec["timeWindow"][0]["duration"]) / 24,
        _source(spec["indicator"]["spec"]["ratioMetric"], spec["service"], by_kind.get("DataSource", {})),
        tuple(_condition(each) for policy in policies for each in policy["spec"]["conditions"]),
        tuple(t["targetRef"] for policy in policies for t in policy["spec"].get("notificationTargets", ())),
    )


def _condition(document: Document) -> Condition:
    spec, metadata = document["spec"], document["metadata"]
    rule = spec["condition"]
    title = metadata.get("displayName", metadata["name"])
    return Condition(
        metadata["name"], hours(rule["lookbackWindow"]), rule["threshold"], spec["severity"], title
    )


def _source(ratio: Document, feature: str, sources: Mapping[str, Document]) -> OwnEvents | PromQuery:
    good, total = ratio["good"]["metricSource"], ratio["total"]["metricSource"]
    if good["type"] == "companyos":
        spec = good["spec"]
        return OwnEvents(feature, spec["path"], Measure(spec["measure"]), float(spec.get("ms", 0)))
    url = sources[good["metricSourceRef"]]["spec"]["connectionDetails"]["url"]
    return PromQuery(url, good["spec"]["query"], total["spec"]["query"])
