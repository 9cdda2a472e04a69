"""The files that say what is measured: each mistake with its line; objectives come in and go out unchanged (R94)."""

# ruff: noqa: E501  # a table of mistakes reads best in rows
from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from companyos.adoption.telemetry.domain.openslo import Measure, OwnEvents, PromQuery, hours, slos
from companyos.surfaces.program.load import BadProgram, load_program

FOLDER = Path(__file__).parents[3] / "program"
EVENTS, METRICS, SLOS, ON_CALL = "events.yaml", "metrics.yaml", "slos.yaml", "on_call.yaml"
KEPT = "retention.yaml"
MISTAKES = {
    "an event without purpose": (EVENTS, "    purpose: The start of a request, whoever works on it later.\n", "", "the field `purpose` is missing"),
    "an unknown owner": (EVENTS, "owner: security-grc", "owner: security", "no team or person `security`; did you mean `security-grc`"),
    "an unknown metric": (EVENTS, "serves: [task-success]", "serves: [task-succes]", "no metric `task-succes`; did you mean `task-success`"),
    "an event twice": (EVENTS, "name: task_failed", "name: task_started", "event `task_started` is already defined"),
    "an unknown kind of pii": (EVENTS, "pii: none", "pii: some", "`some` is not known; allowed: none, pseudonym, personal"),
    "an unknown criterion": (METRICS, "serves: [it-holds]", "serves: [it-hold]", "no criterion `it-hold`"),
    "an unknown star": (METRICS, "north_star: proven-inside-first", "north_star: proven", "no north star `proven`"),
    "an unknown query": (METRICS, "query: bounce", "query: bounces", "`bounces` is not known; allowed: active_people"),
    "measured twice": (METRICS, "    query: bounce\n", "    query: bounce\n    evidence: surveys.nps\n", "either `query` or `evidence`"),
    "an unknown survey": (METRICS, "{survey: usability}", "{survey: ease}", "no survey `ease`"),
    "a target in words": (METRICS, "target: 0.9\n", "target: high\n", "`high` does not belong here; write a number"),
    "nobody of that name": (ON_CALL, "mert-kaplan", "mert-caplan", "no person `mert-caplan`; did you mean `mert-kaplan`"),
    "turns from a tuesday": (ON_CALL, "2026-10-12", "2026-10-13", "`2026-10-13` is no Monday"),
    "an impossible objective": (SLOS, "target: 0.99", "target: 99", "`target`"),
    "an unknown feature": (SLOS, "service: unified-approvals", "service: approvals", "no feature `approvals`"),
    "an unknown policy": (SLOS, "alertPolicies: [budget-burns]", "alertPolicies: [burns]", "no AlertPolicy `burns`"),
    "an unknown route": (SLOS, "targetRef: approvals-on-call", "targetRef: on-call", "no route of on_call.yaml `on-call`"),
    "a wrong total": (SLOS, "measure: tasks}", "measure: responses}", "`tasks_without_failure` is a part of other requests"),
    "a limit is missing": (SLOS, ", ms: 1500", "", "the field `ms` is missing"),
    "an unknown kind": (SLOS, "kind: AlertPolicy", "kind: AlertRule", "`AlertRule` is not known; allowed: SLO"),
    "a field we would lose": (SLOS, "  budgetingMethod: Occurrences\n", "  budgetingMethod: Occurrences\n  composite: {}\n", "no field `composite` here"),
    "kept for two days": (KEPT, "days: 3\n", "days: 2\n", "`days`"),
    "kept for no tenant": (KEPT, "[training, experimental-qa]", "[trainings, experimental-qa]", "no tenant `trainings`; did you mean `training`"),
    "an event of two domains": (KEPT, "events: [survey.answered, survey.shown, survey.dismissed]", "events: [survey.answered]\n    tenants: [training]", "either of events or of tenants"),
    "a tenant of two domains": (KEPT, "    holds: events\n    days: 400", "    holds: events\n    tenants: [training]\n    days: 400", "`training` belongs to the domain on line"),
    "two rests": (KEPT, "    tenants: [training, experimental-qa]\n", "", "`the rest` belongs to the domain on line"),
    "a part of the quarantine": (KEPT, "    holds: quarantine\n", "    holds: quarantine\n    tenants: [corporate]\n", "only events are told apart"),
    "kept by nobody": (KEPT, "owner: sre", "owner: sres", "no team or person `sres`"),
    "another version": (SLOS, "apiVersion: openslo/v1", "apiVersion: openslo/v2", "`apiVersion`"),
}  # fmt: skip
PROMETHEUS = """
---
apiVersion: openslo/v1
kind: DataSource
metadata: {name: ours}
spec: {type: Prometheus, connectionDetails: {url: "https://prometheus.example.com"}}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: gateway}
spec:
  service: unified-approvals
  indicator:
    spec:
      ratioMetric:
        good: {metricSource: {type: Prometheus, metricSourceRef: ours, spec: {query: 'sum(increase(ok_total[{{.window}}]))'}}}
        total: {metricSource: {type: Prometheus, metricSourceRef: ours, spec: {query: 'sum(increase(all_total[{{.window}}]))'}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.999}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "program"))


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_told_with_its_line(folder: Path, name: str) -> None:
    file, old, new, words = MISTAKES[name]
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadProgram) as told:
        load_program(folder)
    (problem, *_) = [each for each in told.value.problems if words in each.message]
    near = text[: text.index(old)].count("\n") + 1
    assert problem.file == file
    assert problem.line == pytest.approx(near, abs=12), "on the line, or at the entry that lacks something"


@pytest.mark.parametrize("file", [EVENTS, METRICS, SLOS, ON_CALL, KEPT])
def test_a_file_that_cannot_be_read_is_told_alone(folder: Path, file: str) -> None:
    (folder / file).write_text("a: 1\nb: [\n", encoding="utf-8")
    with pytest.raises(BadProgram) as told:
        load_program(folder)
    (problem,) = told.value.problems
    assert (problem.file, problem.message[:22]) == (file, "this is not valid YAML")


def test_a_program_may_measure_nothing(folder: Path) -> None:
    for file in (EVENTS, METRICS, SLOS, ON_CALL, KEPT):
        (folder / file).unlink()
    assert not any(load_program(folder).measures.values())


def documents(folder: Path) -> list[dict[str, Any]]:
    return [document for _, document in load_program(folder).measures["openslo"]]


def test_objectives_are_read_as_written_R94(folder: Path) -> None:
    first, second = slos(documents(folder))
    assert (first.name, first.target, first.window_days, first.routes) == (
        "approvals-success",
        0.99,
        28,
        ("approvals-on-call",),
    )
    assert [(c.hours, c.burn, c.severity) for c in first.conditions] == [
        (1, 14.4, "page"),
        (6, 6, "page"),
        (72, 1, "ticket"),
    ]
    assert second.source == OwnEvents("unified-approvals", "unified", Measure.RESPONSES, 1500)


def test_an_objective_may_live_in_a_prometheus_R94(folder: Path) -> None:
    with (folder / SLOS).open("a", encoding="utf-8") as file:
        file.write(PROMETHEUS)
    found = {each.name: each for each in slos(documents(folder))}["gateway"]
    assert found.source == PromQuery(
        "https://prometheus.example.com",
        "sum(increase(ok_total[{{.window}}]))",
        "sum(increase(all_total[{{.window}}]))",
    )
    text = (folder / SLOS).read_text().replace("ok_total[{{.window}}]", "ok_total[5m]")
    (folder / SLOS).write_text(
        text.replace(
            "metricSourceRef: ours, spec: {query: 'sum(increase(all",
            "metricSourceRef: theirs, spec: {query: 'sum(increase(all",
        )
    )
    with pytest.raises(BadProgram) as told:
        load_program(folder)
    assert [p.message.split(";")[0] for p in told.value.problems] == [
        "the query has no `{{.window}}`",
        "there is no DataSource `theirs`",
    ]


@pytest.mark.parametrize(("text", "n"), [("30m", 0.5), ("6h", 6), ("3d", 72), ("4w", 672)])
def test_durations_are_those_of_openslo(text: str, n: float) -> None:
    assert hours(text) == n
