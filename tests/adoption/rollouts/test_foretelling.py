"""The course of a plan in many worlds: the product's own gates, repeatable, and faults that are found (R45)."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import pytest

from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.foretelling.course import caught_in, course_of
from companyos.adoption.rollouts.foretelling.lessons import LESSONS, SETTLES, Fault, Play, why_not
from companyos.adoption.rollouts.foretelling.page import data_of, page_of
from companyos.adoption.rollouts.foretelling.practice import DAYS, debrief, play
from companyos.adoption.rollouts.foretelling.practised_stage import fault_of
from companyos.adoption.rollouts.foretelling.sources import Source, of_a_profile, of_telemetry
from companyos.adoption.rollouts.foretelling.work import Work
from companyos.adoption.rollouts.foretelling.worlds import foretell
from companyos.adoption.rollouts.rehearsal.profile import stored_profile
from companyos.adoption.rollouts.rehearsal.workforce import load_workforce
from companyos.cli.commands import run
from companyos.cli.plans import people_of_program
from companyos.surfaces.program.load import load_program

PROGRAM = Path(__file__).parents[3] / "program"
EXPAND = 2


@cache
def the_source() -> tuple[Plan, Source]:
    program = load_program(PROGRAM)
    production = frozenset(t.slug for t in program.tenants if t.tenant_class == "production")
    plan = program.plans[0]
    source = of_a_profile(
        plan,
        people_of_program(program),
        production,
        load_workforce(PROGRAM / "workforce.yaml"),
        stored_profile(),
        cases=None,
        starts=program.company.plan_starts.date(),
        sprint_anchor=program.company.sprint_anchor,
    )
    return plan, source


def worse(**paths: float) -> Source:
    _, source = the_source()
    import msgspec

    unified = msgspec.structs.replace(source.workforce.paths.unified, **paths)
    taken = msgspec.structs.replace(source.workforce.paths, unified=unified)
    return replace(source, workforce=msgspec.structs.replace(source.workforce, paths=taken))


def test_a_seed_is_a_world() -> None:
    plan, source = the_source()
    first, again, other = (caught_in(plan, source, EXPAND, 0.0, seed) for seed in (1, 1, 2))
    assert first == again
    assert first.exposed_tasks != other.exposed_tasks
    assert course_of(plan, source, 1) == course_of(plan, source, 1)


def test_a_sound_feature_gets_through_and_no_stage_is_shorter_than_planned() -> None:
    plan, source = the_source()
    for seed in range(3):
        course = course_of(plan, source, seed)
        assert course.done is not None
        assert [stage.slug for stage in plan.stages[: len(course.stages)]] == [s.slug for s in plan.stages]
        for stage, planned in zip(course.stages, plan.stages, strict=True):
            assert stage.days is not None
            assert stage.days >= planned.working_days


def test_a_feature_that_breaks_does_not_get_through() -> None:
    plan, _ = the_source()
    course = course_of(plan, worse(failure=0.3), 1)
    assert course.done is None
    assert course.stages[-1].false_rollbacks > 0


def test_every_kind_of_gate_is_drawn_or_known_to_be_left_out() -> None:
    plan, source = the_source()
    gates = tuple(
        GateSpec(f"g-{kind}", kind, kind, metric="task_success", at_least=0.5, times=1)
        for kind in GateKind
        if kind is not GateKind.RISK
    )
    stage = replace(plan.stages[0], gates=gates, working_days=1)
    course = course_of(replace(plan, stages=(stage,), risks=()), source, 1)
    assert course.stages[0].entered == 0


@pytest.mark.parametrize("seed", [4])
def test_the_worse_the_fault_the_sooner_it_is_found(seed: int) -> None:
    plan, source = the_source()
    found = {
        harm: [caught_in(plan, source, EXPAND, harm, seed * 100 + run) for run in range(8)]
        for harm in (0.02, 0.08, 0.5)
    }
    shares = [sum(each.days is not None for each in tried) for tried in found.values()]
    assert shares == sorted(shares)
    assert shares[-1] == 8
    broken = sorted(each.exposed_tasks for each in found[0.5])
    assert broken[4] <= 25  # total breakage: the median of exposed tasks


def test_the_report_has_every_stage_and_fault_and_escapes_what_it_shows() -> None:
    plan, source = the_source()
    plan = replace(plan, title="A <plan>", stages=plan.stages[:2])
    with ThreadPoolExecutor(1) as pool:
        said: list[tuple[int, int]] = []
        found = foretell(plan, source, worlds=20, seed=3, pool=pool, say=lambda *at: said.append(at))
    assert said[-1][0] == said[-1][1]
    page = page_of(found)
    assert "A &lt;plan&gt;" in page
    assert "<plan>" not in page
    told = json.loads(json.dumps(data_of(found)))
    assert [stage["slug"] for stage in told["stages"]] == ["prep", "pilot"]
    assert {fault["harm"] for fault in told["faults"]} == {
        "2 points",
        "4 points",
        "8 points",
        "total breakage",
    }
    assert all(stage["band"] in {"unlikely", "open", "likely"} for stage in told["stages"])


def test_telemetry_of_small_teams_is_drawn_towards_the_company() -> None:
    plan, source = the_source()
    program = load_program(PROGRAM)
    people = people_of_program(program)
    measured = {team.slug: (50.0, 0.5) for team in program.teams}
    quiet = program.teams[0].slug
    measured[quiet] = (1.0, 0.0)
    found = of_telemetry(
        plan,
        people,
        frozenset(),
        source.workforce,
        measured,
        days=20,
        starts=source.starts,
        sprint_anchor=source.sprint_anchor,
    )
    rates = {team.slug: team.error_rate for team in found.teams}
    assert 0 < rates[quiet] < 2 * rates[program.teams[1].slug]


def test_the_volume_is_that_of_the_declared_cases() -> None:
    _, source = the_source()
    days = [day for seed in range(12) for day in Work(source, Random(seed)).before()]
    a_day = sum(done.tasks for day in days for done in day.values()) / len(days)
    assert a_day == pytest.approx(0.9 * sum(team.tasks_a_day for team in source.teams), rel=0.15)


def game_with(fault: Fault) -> int:
    return next(seed for seed in range(500) if fault_of(seed) is fault)


@pytest.mark.parametrize("fault", list(Fault))
def test_each_hidden_fault_has_its_right_move_and_shows_itself(fault: Fault) -> None:
    plan, source = the_source()
    seed = game_with(fault)
    idle = play(plan, source, EXPAND, seed, [Play.CARRY_ON] * DAYS)
    told = debrief(plan, source, EXPAND, seed, idle.plays, seconds=1.0)
    assert (idle.over, told.fault, told.says) == (True, fault, LESSONS[fault].says)
    began = told.began_on_day or SETTLES + 1
    right = [Play.CARRY_ON] * (max(began, SETTLES + 1) - 1 if fault is Fault.NONE else began - 1)
    right.append(LESSONS[fault].right)
    if right[-1] is Play.HOLD:
        right += [Play.HOLD] * (DAYS - len(right))
    assert debrief(plan, source, EXPAND, seed, right, seconds=1.0).verdict == "right"
    look = idle.looks[began - 1]
    shown = {
        Fault.TELEMETRY_LOSS: look.tasks_today == 0,
        Fault.LATE_DATA: look.tasks_today == 0,
        Fault.LATENCY: look.p95_ms > 1500,
        Fault.WRONG_ROSTER: look.outside_cohort > 0.02,
        Fault.CONTROLLER_CRASH: idle.looks[-1].checked_days_ago > 2,
        Fault.SHARED_INCIDENT: look.other_errors_today > 3 * idle.looks[0].other_errors_today,
    }
    assert shown.get(fault, True)


def test_a_game_is_its_moves_and_a_stage_settles_first() -> None:
    plan, source = the_source()
    some = play(plan, source, EXPAND, 7, [Play.CARRY_ON, Play.HOLD])
    more = play(plan, source, EXPAND, 7, [Play.CARRY_ON, Play.HOLD, Play.ROLL_BACK])
    assert more.looks[:3] == some.looks
    assert (some.over, more.over) == (False, True)
    assert some.looks[2].held
    assert why_not(Play.ADVANCE, SETTLES)
    assert not why_not(Play.ADVANCE, SETTLES + 1)
    assert not why_not(Play.ROLL_BACK, 1)


def test_practice_is_played_in_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = game_with(Fault.REGRESSION)
    keys = iter(["x", "a", *"c" * 8, "r"])
    monkeypatch.setattr("builtins.input", lambda _: next(keys))
    asked = ["practise", "unified-approvals", "--program", str(PROGRAM), "--seed", str(seed)]
    assert run(asked) == 0
    said = capsys.readouterr().out
    assert "the stage settles" in said
    assert "Hidden was: regression" in said
    assert "You were right" in said
    assert run([*asked, "--stage", "nowhere"]) == 2
