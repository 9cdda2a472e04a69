"""A rollout rehearsed through the real interfaces: a server process, HTTP, the engine (R45)."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from companyos.adoption.features.domain.certificate import problems_of
from companyos.adoption.rollouts.foretelling.course import course_of
from companyos.adoption.rollouts.rehearsal.report import comparable
from companyos.cli.forecast import declared_source
from companyos.surfaces.program.load import load_program

ROOT = Path(__file__).parents[2]
ENDED_ELSEWHERE = 3


def rehearse(
    folder: Path, *arguments: object, expected: int = ENDED_ELSEWHERE, within: float = 400
) -> dict[str, Any]:
    out = folder / "out.json"
    command = [sys.executable, "-m", "companyos", "rehearse", "unified-approvals", "--report", str(out)]
    told = subprocess.run(
        [*command, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=within,
        check=False,
    )
    assert told.returncode == expected, told.stdout[-2000:] + told.stderr[-2000:]
    assert out.with_suffix(".html").read_text().startswith("<!doctype html>")
    report: dict[str, Any] = json.loads(out.read_text())
    return report


def verdicts(report: dict[str, Any], stage: str) -> dict[str, str]:
    found = [each for each in report["stages"] if each["name"] == stage]
    return {gate["name"]: gate["verdict"] for gate in found[-1]["gates"]}


@pytest.mark.slow  # with a fake server it is compared every time
def test_one_seed_gives_one_report_and_every_acknowledged_event_is_counted(tmp_path: Path) -> None:
    first, again = (rehearse(tmp_path, "--cases", 300, "--until", "pilot", "--seed", 7) for _ in range(2))
    assert comparable(first) == comparable(again)
    assert first["events_acked"] == first["events_counted"] > 3000
    prep = first["stages"][0]
    assert (prep["name"], prep["state"], prep["tenants"]) == ("prep", "passed", ["experimental-qa"])
    assert set(verdicts(first, "prep").values()) <= {"passed", "inconclusive"}
    assert first["stages"][1]["people"] == 21
    moves = [decision["move"] for decision in first["decisions"]]
    assert (moves[0], moves[-1]) == ("start", "advance")
    assert all(len(fact["sha256"]) == 64 for fact in first["decisions"][-1]["evidence"])


def test_a_planted_regression_is_taken_back_and_the_rollout_succeeds_later_R116(tmp_path: Path) -> None:
    asked = (
        "--cases",
        6000,
        "--fault",
        "regression@expand",
        "--fault",
        "mismatch@pilot",
        "--until",
        "harden",
    )
    report = rehearse(tmp_path, *asked)
    _pilot_began_in_shadow_and_switched_over(report)
    expand = [stage for stage in report["stages"] if stage["name"] == "expand"]
    assert [stage["state"] for stage in expand] == ["rolled_back", "passed"]
    back = next(decision for decision in report["decisions"] if decision["move"] == "roll_back")
    assert (back["rule"], back["actor"], back["people"]) == ("a_breach_rolls_back", "controller", 31)
    assert "Evidence" in back["because"]
    spread = next(each for each in report["propagation"] if each["version"] == back["ruleset_version"])
    assert (spread["confirmed"], spread["providers"]) == (12, 12)
    after = report["decisions"][report["decisions"].index(back) + 1]
    assert (after["move"], after["rule"]) == ("resume", "a_person_decides")
    assert report["fixes"]
    assert report["to_mend"]
    assert {(case["variant"], case["tenant"]) for case in report["to_mend"]} == {("on", "go-to-market")}
    scored = [each for each in report["foretold"] if each["pit"] is not None]
    assert {each["stage"] for each in scored} >= {"prep", "pilot"}
    assert all(0 <= each["pit"] <= 1 for each in scored)
    assert min(report["feature_by_stage"][stage] for stage in ("prep", "pilot", "expand")) > 0
    assert (report["feature_on_another_path"], report["feature_refused"]) == (0, {})
    assert report["events_acked"] == report["events_counted"]
    assert (
        0 < report["bugs_counted"] <= report["bugs_reported"] + 1
    )  # the planted difference is opened as one
    assert report["replayed"] == {"decisions": len(report["decisions"]), "the_same": len(report["decisions"])}


def _pilot_began_in_shadow_and_switched_over(report: dict[str, Any]) -> None:
    """R118, R136: the planted difference ranks first, blocks the stage, is fixed; the same stage switches over."""
    pilot = next(stage for stage in report["stages"] if stage["name"] == "pilot")
    decisions = [each for each in report["decisions"] if each["stage"] == "pilot"]
    moves = [(each["move"], each["rule"]) for each in decisions]
    assert moves == [
        ("advance", "all_clear_moves_on"),
        ("pause", "a_failed_gate_pauses"),
        ("resume", "a_person_decides"),
        ("switch_over", "a_shadow_ends_when_the_paths_agree"),
    ]
    blocked, over = decisions[1], decisions[3]
    assert "first /asked/manager missing, /last changed" in blocked["because"]
    assert (over["people"], over["at"], pilot["attempt"]) == (21, pilot["switched_at"], 1)
    spread = next(each for each in report["propagation"] if each["version"] == over["ruleset_version"])
    assert (spread["confirmed"], spread["providers"]) == (12, 12)
    shadow = report["shadow"]
    assert {(*each["places"], each["rank"], each["said"]) for each in shadow["found"]} == {
        ("/asked/budget-owner added", 1, "expected"),
        ("/asked/manager missing", "/last changed", 1, "bug"),
    }
    assert shadow["planted"]["began_at"] < blocked["at"] < shadow["planted"]["mended_at"] < over["at"]
    gate = next(each for each in pilot["gates"] if each["name"] == "paths-agree")
    assert (gate["verdict"], gate["n"] >= 59) == ("passed", True)
    assert pilot["entered_at"] < pilot["switched_at"] < pilot["left_at"]


@pytest.mark.slow
def test_worlds_without_a_server_are_like_the_one_with_it(tmp_path: Path) -> None:
    """The fast path beside HTTP: the same company, cases and plan. Days and volumes of the served run are among its."""
    report = rehearse(tmp_path, "--cases", 1500, "--until", "expand", "--seed", 45)
    program = load_program(ROOT / "program")
    options = argparse.Namespace(
        program=ROOT / "program", workforce=None, telemetry=False, log=None, cases=1500
    )
    plan = program.plans[0]
    source = declared_source(options, program, plan)
    worlds = [course_of(plan, source, seed) for seed in range(30)]
    calendar = program.company.calendar
    for place, stage in enumerate(report["stages"][:2]):
        on_since = "switched_at" if stage["switched_at"] else "entered_at"  # worlds begin when people are on
        entered, left = (datetime.fromisoformat(stage[name]) for name in (on_since, "left_at"))
        days = [world.stages[place].days for world in worlds if len(world.stages) > place]
        known = [each for each in days if each is not None]
        assert min(known) - 1 <= calendar.working_days_between(entered, left) <= max(known) + 1, stage["name"]
    (success,) = (gate for gate in report["stages"][1]["gates"] if gate["name"] == "success-rate")
    tasks = sorted(world.stages[1].tasks for world in worlds if len(world.stages) > 1)
    assert 0.7 * tasks[0] <= success["n"] <= 1.3 * tasks[-1]


@pytest.mark.slow
@pytest.mark.parametrize("asked", [("--cases", 6000), ("--cases", 1500, "--all-through-feature")])
def test_people_go_through_the_feature_itself_on_their_path_in_every_stage_R130(
    tmp_path: Path, asked: tuple[object, ...]
) -> None:
    report = rehearse(tmp_path, *asked, expected=0)
    assert problems_of(report["certificate"]) == ()  # two roles said go, and it verifies (R178)
    stages = {stage["name"] for stage in report["stages"] if stage["state"] == "passed"}
    assert report["feature_requests"] >= 300
    assert stages <= {stage for stage, n in report["feature_by_stage"].items() if n > 0}
    assert set(report["feature_by_path"]) == {"existing", "unified"}
    assert (report["feature_on_another_path"], report["feature_refused"]) == (0, {})
    assert report["feature_by_status"]["carried_out"] > 0.8 * sum(report["feature_by_status"].values())


@pytest.mark.slow
@pytest.mark.parametrize("log", ["DomesticDeclarations", "RequestForPayment"])
def test_every_case_of_a_real_log_goes_through_the_feature_R130(
    shared: Path, tmp_path: Path, log: str
) -> None:
    path = shared / "data" / "approvals" / f"{log}.xes.gz"
    report = rehearse(tmp_path, "--log", path, "--all-through-feature", expected=0, within=1800)
    assert report["feature_requests"] > report["cases_replayed"] > 6000
    assert (report["feature_on_another_path"], report["feature_refused"]) == (0, {})
    _nothing_is_missing_or_doubled(report)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "said", "counted"),
    [
        ("telemetry-loss", "nothing was heard of the exposed people", "events_lost"),
        ("late-data", "nothing was heard of the exposed people", "events_late"),
        ("wrong-roster", "decisions are suspended", "cases_astray"),
    ],
)
def test_what_reaches_the_controller_wrongly_holds_it_and_takes_nobody_back_R45(
    fault: str, said: str, counted: str, tmp_path: Path
) -> None:
    report = rehearse(tmp_path, "--cases", 6000, "--fault", f"{fault}@expand", "--until", "harden")
    answer = report["fault"]["answer"]
    assert (answer["move"], answer["rule"], said in answer["because"]) == ("pause", "doubt_pauses", True)
    assert report["fault"][counted] > 0
    assert report["fault"]["began_at"] < answer["at"] < report["fault"]["lifted_at"]
    assert report["ended_because"] == "harden was entered"
    expand = [stage["state"] for stage in report["stages"] if stage["name"] == "expand"]
    assert expand == (["rolled_back", "passed"] if fault == "wrong-roster" else ["passed"])
    backs = [each for each in report["decisions"] if each["move"] == "roll_back"]
    assert {each["actor"] for each in backs} <= {"ana-ruiz"}, "only a person begins afresh"
    assert not [each for each in report["decisions"] if "counted again" in each["because"]]
    _nothing_is_missing_or_doubled(report)


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "attempts"), [("late-data", 1), ("wrong-roster", 2)])
def test_a_plan_lives_through_it_to_its_end_R45(fault: str, attempts: int, tmp_path: Path) -> None:
    report = rehearse(tmp_path, "--fault", f"{fault}@expand", expected=0)
    assert report["final_state"] == "ready_for_external_ga"
    assert problems_of(report["certificate"]) == ()
    assert (report["fault"]["answer"]["move"], report["fault"]["answer"]["rule"]) == ("pause", "doubt_pauses")
    passed = {stage["name"]: stage["attempt"] for stage in report["stages"] if stage["state"] == "passed"}
    assert passed.pop("expand") == attempts
    assert set(passed.values()) == {1}, "the other stages do not know of it"
    _nothing_is_missing_or_doubled(report)


@pytest.mark.slow
def test_a_controller_killed_between_write_and_send_doubles_nothing_R45(tmp_path: Path) -> None:
    asked = ("--cases", 3000, "--fault", "controller-crash@expand", "--until", "harden")
    report = rehearse(tmp_path, *asked)
    assert report["ended_because"] == "harden was entered"
    answer = report["fault"]["answer"]
    same = [each for each in report["decisions"] if each["at"] == answer["at"]]
    assert [each["move"] for each in same] == [answer["move"]]
    assert report["fault"]["lifted_at"] is not None, "it was killed, and started again"
    assert report["wall"]["provider_reconnects"] >= 12
    assert not [each for each in report["decisions"] if "counted again" in each["because"]]
    spread = report["propagation"][-1]
    assert (spread["confirmed"], spread["providers"]) == (12, 12)
    _nothing_is_missing_or_doubled(report)


def _nothing_is_missing_or_doubled(report: dict[str, Any]) -> None:
    assert report["events_acked"] == report["events_counted"]
    assert report["replayed"] == {"decisions": len(report["decisions"]), "the_same": len(report["decisions"])}
    ids = [each["id"] for each in report["decisions"]]
    assert len(set(ids)) == len(ids)
    advances = [each["stage"] for each in report["decisions"] if each["move"] == "advance"]
    assert len(set(advances)) == len(advances)


WORSE = {
    "failures": ("    failure: 0.0015", "    failure: 0.05", {"error-sessions", "success-rate"}),
    "latency": ("    latency_ms_p50: 450", "    latency_ms_p50: 1900", {"latency"}),
    "abandonment": ("    abandonment: 0.02", "    abandonment: 0.25", {"completion"}),
    "opinions": ("  satisfied: 0.92", "  satisfied: 0.35", {"usability"}),
    "bugs": (
        "sev1: 0.01, sev2: 0.09, sev3: 0.50, sev4: 0.40",
        "sev1: 0.9, sev2: 0.1, sev3: 0, sev4: 0",
        {"sev-bugs"},
    ),
    "absence": (
        "  - {team: facilities, week: 1}",
        "\n".join(f"  - {{team: platform-engineering, week: {week}}}" for week in range(1, 15)),
        {"teams-using"},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", WORSE)
def test_each_worse_input_is_stopped_by_the_right_gate(what: str, tmp_path: Path) -> None:
    before, after, gates = WORSE[what]
    text = (ROOT / "program" / "workforce.yaml").read_text()
    assert before in text
    if what == "bugs":
        text = text.replace("    failure: 0.0015", "    failure: 0.004").replace(
            "reported: 0.08", "reported: 1.0"
        )
        text = text.replace("fixed_after_hours: [6, 20]", "fixed_after_hours: [400, 500]")
    workforce = tmp_path / "workforce.yaml"
    workforce.write_text(text.replace(before, after))
    report = rehearse(tmp_path, "--cases", 5000, "--until", "harden", "--workforce", workforce)
    stopped = [d for d in report["decisions"] if d["move"] in {"pause", "roll_back"}]
    assert stopped
    assert report["final_state"] == "held"
    blamed = {
        stage["name"]: stage["gates"]
        for stage in report["stages"]
        if stage["state"] in {"active", "rolled_back"}
    }
    failing = {
        g["name"]
        for gates_of in blamed.values()
        for g in gates_of
        if g["verdict"] in {"failed", "inconclusive"}
    }
    assert failing & gates, failing
