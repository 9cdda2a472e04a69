"""Does a sequence of steps only add people? Proved, holding today, or broken with who would lose it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_world import DIRECTORY, release, world

from companyos.adoption.flags.domain import compile as compiler
from companyos.adoption.flags.domain.growth import Growth, Step, contains, judge_growth
from companyos.adoption.flags.domain.reach import who_is_on
from companyos.adoption.flags.domain.types import MAIN_SET, Audience, Cohort, Slice
from companyos.adoption.rollouts.domain.cohorts import judge_stages
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.stage_plan import CohortPart, HoldOut, StagePlan
from companyos.people.identity.domain.types import PersonRow
from companyos.surfaces.program.load import load_program

PROGRAM = Path(__file__).parents[3] / "program"


def cohort(**tenants: str) -> Cohort:
    return {tenant: frozenset(people.split()) for tenant, people in tenants.items()}


def test_who_would_lose_it_is_the_counter_example() -> None:
    proof = judge_growth([Step("Pilot", cohort(eng="ana ben")), Step("Expand", cohort(eng="ana", gtm="cem"))])
    assert proof.verdict is Growth.BROKEN
    assert proof.because == "ben of eng is on at Pilot and off at Expand"
    assert [(loss.tenant, loss.people) for loss in proof.losses] == [("eng", ("ben",))]


def test_without_rules_it_holds_for_those_who_are_here_today() -> None:
    proof = judge_growth([Step("Pilot", cohort(eng="ana")), Step("Expand", cohort(eng="ana ben"))])
    assert proof.verdict is Growth.HOLDS_TODAY


@pytest.mark.parametrize(
    ("wide", "narrow", "is_proved"),
    [
        (Slice(percent=25), Slice(percent=10), True),
        (Slice(percent=10), Slice(percent=25), False),
        (Slice(), Slice("eng", teams=("squad",)), True),
        (Slice("eng"), Slice("corp"), False),
        (Slice("eng", teams=("squad", "sales")), Slice("eng", teams=("squad",)), True),
        (Slice("eng", teams=("squad",)), Slice("eng"), False),
    ],
)
def test_rules_alone_prove_it_for_whoever_asks_R117(wide: Slice, narrow: Slice, is_proved: bool) -> None:
    assert contains(Audience((wide,)), Audience((narrow,))) is is_proved


def test_a_new_exception_or_prerequisite_proves_nothing() -> None:
    plain = Audience((Slice(),))
    assert not contains(replace(plain, exceptions=(Slice("eng"),)), plain)
    assert not contains(replace(plain, requires=("b",)), plain)
    assert contains(plain, replace(plain, requires=("b",), exceptions=(Slice("eng"),)))


slices = st.builds(
    Slice,
    tenant=st.sampled_from(["", "eng", "corp"]),
    teams=st.lists(st.sampled_from(["squad", "sales", "people-ops"]), unique=True, max_size=2).map(tuple),
    percent=st.sampled_from([100.0, 60.0, 20.0]),
)
audiences = st.builds(
    Audience,
    st.lists(slices, max_size=2).map(tuple),
    st.lists(slices.map(lambda s: replace(s, percent=100.0)), max_size=1).map(tuple),
)


@settings(max_examples=200, deadline=None, print_blob=True)
@given(audiences, audiences)
def test_what_is_proved_from_the_rules_holds_for_everybody_R117(before: Audience, after: Audience) -> None:
    on = [
        who_is_on(compiler.load_all(world(replace(release(), audience=a)))[MAIN_SET], "a", DIRECTORY)
        for a in (before, after)
    ]
    if contains(after, before):
        assert judge_growth([Step("before", on[0]), Step("after", on[1])]).verdict is not Growth.BROKEN


PEOPLE = tuple(
    PersonRow(f"{team}-{n}", "", team, "field", "gtm") for team in ("sales", "support") for n in range(3)
)


def plan(*stages: StagePlan) -> Plan:
    return replace(load_program(PROGRAM).plans[0], stages=stages)


PILOT = StagePlan("pilot", "Pilot", 1, 5, (CohortPart("gtm", teams=("sales",)),))
EXPAND = StagePlan("expand", "Expand", 2, 5, (CohortPart("gtm", everyone=True),))


def test_the_stages_of_a_plan_are_proved_R116() -> None:
    assert judge_stages(plan(PILOT, EXPAND), PEOPLE).verdict is Growth.HOLDS_TODAY
    held = replace(PILOT, cohort=EXPAND.cohort, excluded=(HoldOut("support", "expand", "quarter end"),))
    proof = judge_stages(plan(held, EXPAND), PEOPLE)
    assert proof.verdict is Growth.HOLDS_TODAY
    assert "support stays off until expand: quarter end" in proof.because


def test_holding_out_a_team_that_is_on_breaks_the_proof_with_its_people_R116() -> None:
    last = StagePlan("last", "Last", 3, 5, EXPAND.cohort)
    proof = judge_stages(
        plan(PILOT, replace(EXPAND, excluded=(HoldOut("sales", "last", "quarter end"),)), last), PEOPLE
    )
    assert proof.verdict is Growth.BROKEN
    assert proof.losses[0].people == ("sales-0", "sales-1", "sales-2")
    assert "quarter end" in proof.because


def test_the_programs_own_plans_only_grow_R116() -> None:
    program = load_program(PROGRAM)
    teams = {team.slug: team for team in program.teams}
    people = [
        PersonRow(
            p.slug, p.name, p.team, teams[p.team].department, teams[p.team].works_in or teams[p.team].tenant
        )
        for p in program.people
    ]
    for each in program.plans:
        assert judge_stages(each, people).verdict is Growth.HOLDS_TODAY
