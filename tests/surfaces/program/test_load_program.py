"""The shipped program loads, and says what the seed says about tenants, people and areas."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from companyos.surfaces.program.load import load_program
from companyos.surfaces.program.types import Program, TenantClass

FOLDER = Path(__file__).parents[3] / "program"
SIZES = {
    "platform-engineering": 12,
    "approvals-squad": 7,
    "sre": 9,
    "product-engineering": 22,
    "data-insights": 8,
    "security-grc": 10,
    "quality-engineering": 8,
    "people-ops": 9,
    "finance-operations": 14,
    "accounts-payable": 7,
    "it-operations": 10,
    "procurement": 6,
    "legal-compliance": 6,
    "facilities": 8,
    "sales": 20,
    "sales-ops": 9,
    "customer-success": 13,
    "support": 22,
    "enablement": 6,
}
AREAS_LED = {"platform-engineering": 5, "security-grc": 4, "sales-ops-cs": 3, "people-ops": 4, "support": 3}
ROLES = {"administration": 6, "budget_owner": 8, "pre_approver": 6, "director": 2, "supervisor": 19}
PEOPLE_ON = {
    "prep": 8,
    "pilot": 8 + 12 + 9,
    "expand": 29 + 9 + 22,
    "harden": 60 + 14 + 7 + 6,
    "internal_ga": 206 - 8,
    "external_ga_readiness": 206,
}


@pytest.fixture(scope="module")
def program() -> Program:
    return load_program(FOLDER)


def test_the_shipped_program_has_no_warnings(program: Program) -> None:
    assert program.warnings == ()


def test_five_tenants_of_which_two_are_sandboxes(program: Program) -> None:
    """R7, R11."""
    sandboxes = {t.slug for t in program.tenants if t.tenant_class is TenantClass.SANDBOX}
    assert len(program.tenants) == 5
    assert sandboxes == {"training", "experimental-qa"}
    assert all(t.may_hold == ("synthetic",) for t in program.tenants if t.slug in sandboxes)


def test_every_team_has_its_size(program: Program) -> None:
    assert Counter(person.team for person in program.people) == SIZES
    assert len(program.people) == 206


def test_every_team_is_an_internal_team_with_a_lead_and_three_people(program: Program) -> None:
    """R10, P2."""
    for team in program.teams:
        members = program.members(team.slug)
        assert members[0].slug == team.lead, f"{team.slug} is led by its first person"
        assert members[0].role == "supervisor"
        assert len(members) >= 3, team.slug


def test_people_have_names_addresses_and_roles_of_their_own(program: Program) -> None:
    for values in ([p.slug for p in program.people], [p.name for p in program.people]):
        assert len(set(values)) == 206
    assert all(p.slug.isascii() and p.email.endswith("@meridian.example") for p in program.people)
    roles = Counter(person.role for person in program.people)
    assert {role: n for role, n in roles.items() if role != "employee"} == ROLES


def test_five_lead_teams_adopt_nineteen_areas_first(program: Program) -> None:
    """R46."""
    assert {group.slug for group in program.lead_teams} == set(AREAS_LED)
    assert Counter(area.lead for area in program.areas) == AREAS_LED
    assert len({area.slug for area in program.areas}) == 19


def test_people_ops_works_in_a_second_tenant(program: Program) -> None:
    """R9: the home tenant is kept."""
    (team,) = (team for team in program.teams if team.works_in)
    assert (team.slug, team.tenants) == ("people-ops", ("corporate", "engineering-quality"))


def test_cohorts_only_grow_until_everybody_is_on(program: Program) -> None:
    """R116, R117, P8: the only hold-out is below 5 % and ends."""
    (plan,) = program.plans
    before: frozenset[tuple[str, str]] = frozenset()
    for stage in plan.stages:
        on = program.teams_on(plan, stage.slug)
        assert on > before, f"{stage.slug} adds people and takes nobody away"
        people = {person.slug for _, team in on for person in program.members(team)}
        assert len(people) == PEOPLE_ON[stage.slug], stage.slug
        before = on


def test_the_company_works_in_madrid(program: Program) -> None:
    company = program.company
    assert company.sprint_anchor.weekday() == 0
    assert company.baseline_starts == datetime(2026, 10, 12, 7, tzinfo=UTC)  # summer time
    assert company.plan_starts == datetime(2026, 11, 9, 8, tzinfo=UTC)
    assert not company.calendar.is_working_day(date(2026, 12, 25))


def test_a_plan_survives_the_way_to_its_document_and_back(program: Program) -> None:
    (plan,) = program.plans
    assert type(plan).from_document(plan.to_document()) == plan
    assert plan.index_of("harden") == 3
    assert plan.holder_of("program_lead") == plan.lead
    with pytest.raises(KeyError, match=r"no stage 'hardn'; it has prep, pilot"):
        plan.stage("hardn")
