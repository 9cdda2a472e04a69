"""What pipelines send: test results as JUnit XML, load tests as benchmark JSON, scans as SARIF 2.1.0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from companyos.adoption.features.domain.work.reading import (
    Unreadable,
    each_element,
    figure,
    json_from,
    text,
    whole,
)
from companyos.kernel.evidence import Fact

_MOST_NAMED = 10
_BETTER = {"lower": lambda value, target: value <= target, "higher": lambda value, target: value >= target}


def junit(body: bytes) -> Fact:
    """Count the failures of a JUnit report, errors among them; `testcase` elements are counted, not the sums it claims.

    A report without a test says nothing, and a suite that claims more tests than it lists is refused.
    """
    counts = {"testcase": 0, "failure": 0, "error": 0, "skipped": 0}
    failed: list[str] = []
    last, claimed = "", 0

    def take(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal last, claimed
        if name == "testcase":
            last = f"{attributes.get('classname', '')}.{attributes.get('name', '')}".strip(".")[:200]
        if name == "testsuite" and "tests" in attributes:
            claimed = max(claimed, whole(attributes["tests"], "tests"))
        if name in counts:
            counts[name] += 1
        if name in {"failure", "error"} and len(failed) < _MOST_NAMED:
            failed.append(last)

    each_element(body, take)
    tests = counts["testcase"]
    if not tests:
        raise Unreadable("The report has no test case: it proves nothing.")
    if claimed > tests:
        raise Unreadable(f"A suite claims {claimed} tests and the report lists {tests}: it is not whole.")
    bad = counts["failure"] + counts["error"]
    return Fact(
        "features.ci_tests", float(bad), n=tests, unit="failures", window="one run", source="JUnit report",
        details={"skipped": counts["skipped"], "failed": failed},
    )  # fmt: skip


def benchmark(body: bytes) -> Fact:
    """Return the share of a load test's figures that meet their targets.

    `{"metrics": [{"name", "value", "target", "better"}]}`; `better` is lower or higher; `unit` may be given.
    """
    metrics = json_from(body).get("metrics")
    if not isinstance(metrics, list) or not metrics:
        raise Unreadable("`metrics` is a list with at least one figure.")
    told = [_metric(each) for each in metrics[:1000]]
    met = sum(bool(each["met"]) for each in told)
    return Fact(
        "features.load_test", met / len(told), n=len(told), unit="share", window="one run", source="benchmark",
        details={"metrics": told[:50], "missed": [each["name"] for each in told if not each["met"]][:_MOST_NAMED]},
    )  # fmt: skip


def sarif(body: bytes) -> Fact:
    """Count the open results of level `error` in a SARIF 2.1.0 log; suppressed ones and passes are left out."""
    document = json_from(body)
    runs = document.get("runs")
    if document.get("version") != "2.1.0" or not isinstance(runs, list) or not runs:
        raise Unreadable("A SARIF log of version 2.1.0 with at least one run is expected.")
    by_level: dict[str, int] = {}
    rules: list[str] = []
    for run in runs:
        results = run.get("results") if isinstance(run, dict) else None
        if not isinstance(results, list):
            raise Unreadable("A run without `results` did not finish: it proves nothing.")
        for result in results:
            level = _level(result)
            by_level[level] = by_level.get(level, 0) + 1
            if level == "error" and len(rules) < _MOST_NAMED:
                rules.append(str(result.get("ruleId", "without a rule"))[:100])
    return Fact(
        "features.security_scan", float(by_level.get("error", 0)), n=sum(by_level.values()), unit="findings",
        window="one scan", source="SARIF log", details={"by_level": by_level, "rules": rules},
    )  # fmt: skip


def _metric(each: Any) -> dict[str, Any]:
    if not isinstance(each, dict):
        raise Unreadable("Each metric is an object with name, value, target and better.")
    name = text(each, "name", longest=120)
    value, target = (
        figure(each.get("value"), f"value of {name}"),
        figure(each.get("target"), f"target of {name}"),
    )
    better = each.get("better")
    if better not in _BETTER:
        raise Unreadable(f"`better` of {name} is lower or higher.")
    met = bool(_BETTER[better](value, target))
    return {
        "name": name,
        "value": value,
        "target": target,
        "unit": str(each.get("unit", ""))[:20],
        "met": met,
    }


def _level(result: Any) -> str:
    """The level of a result; one that says none is a warning (SARIF 2.1.0, 3.27.10)."""
    if not isinstance(result, dict):
        raise Unreadable("Each result is an object.")
    if result.get("suppressions"):
        return "suppressed"
    kind = result.get("kind", "fail")
    return str(result.get("level", "warning")) if kind == "fail" else "none"
