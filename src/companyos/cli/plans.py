"""`companyos plan check PLAN`: can a company of this size learn what the plan asks? (R179)"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from ruamel.yaml import YAML

from companyos.adoption.rollouts.domain.critical import why_refused
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.plan_check import PlanCheck, check, repaired
from companyos.adoption.rollouts.domain.repairs import Repair
from companyos.adoption.rollouts.domain.setting import CASES_OF_A_PERSON, Crowd, Setting, crowds_of, scaled
from companyos.adoption.rollouts.rehearsal.workforce import BadWorkforce, Workforce, load_workforce
from companyos.cli.commands import Mistake
from companyos.cli.program import read_program
from companyos.people.identity.domain.types import PersonRow
from companyos.surfaces.program.types import Program

REFUSED = 1


def check_plan(options: argparse.Namespace) -> int:
    """Print what each gate's chances are. 0: accepted; 1: refused, with repairs; 2: bad input."""
    program = read_program(options.program)
    plan = next((each for each in program.plans if each.slug == options.plan), None)
    if plan is None:
        known = ", ".join(each.slug for each in program.plans)
        raise Mistake(f"there is no plan {options.plan!r}; the program has {known}.")
    setting = _setting(options, plan, len(program.people))
    crowds = scaled(crowds_of(plan, people_of_program(program)), setting.headcount)
    found = check(plan, crowds, setting)
    print("\n".join(_lines(found)))
    if options.write:
        _write(options.write, plan, crowds, setting)
    critical = any(each.slug == plan.feature and each.critical for each in program.features)
    unseen = why_refused(plan, declared=critical, today=datetime.now(UTC).date())
    if unseen:
        print(f"\nRefused: {unseen}.")
    return 0 if found.accepted and not unseen else REFUSED


def people_of_program(program: Program) -> list[PersonRow]:
    """Return the program's people as the directory would have them."""
    teams = {team.slug: team for team in program.teams}
    return [
        PersonRow(p.slug, p.name, p.team, teams[p.team].department, teams[p.team].tenant, p.role)
        for p in program.people
    ]


def _setting(options: argparse.Namespace, plan: Plan, directory: int) -> Setting:
    """Take the options, else what the plan expects (of the whole directory), else what the workforce declares."""
    expects, people = dict(plan.expects), options.people or directory
    cases = expects.get("cases_a_week")
    try:
        workforce = load_workforce(options.program / "workforce.yaml")
        return setting_of(
            workforce,
            people=people,
            cases=_first(options.cases, cases and cases * people / max(1, directory)),
            response=_first(options.response, expects.get("response")),
            error_rate=_first(options.error_rate, expects.get("error_rate")),
            success=expects.get("success"),
        )
    except (BadWorkforce, ValueError) as error:
        raise Mistake(str(error)) from None


def _first(told: float | None, expected: float | None) -> float | None:
    return expected if told is None else told


def setting_of(
    workforce: Workforce,
    *,
    people: int,
    cases: float | None = None,
    response: float | None = None,
    error_rate: float | None = None,
    success: float | None = None,
) -> Setting:
    """Return what a declared workforce does and hopes for; figures that are given outrank it."""
    return Setting(
        people,
        CASES_OF_A_PERSON * people if cases is None else cases,
        workforce.surveys.response if response is None else response,
        workforce.paths.existing.failure if error_rate is None else error_rate,
        expected_success=1 - workforce.paths.unified.failure if success is None else success,
        expected_completion=1 - workforce.paths.unified.abandonment,
        expected_happy=workforce.surveys.satisfied,
    )


def _lines(found: PlanCheck) -> list[str]:
    told = found.setting
    lines = [
        f"{found.plan.title}: {told.headcount} people, {told.cases_a_week:.0f} cases a week,"
        f" {told.response:.0%} answer, {told.error_rate:.2%} fail today"
    ]
    for stage in found.stages:
        lines.append(
            f"\n{stage.title}: {stage.working_days} working days, {stage.crowd.joining} join, {stage.crowd.on} on"
        )
        lines += [f"  the guardrail: {stage.catches}"] if stage.catches else []
        for gate in stage.gates:
            mark = "  " if gate.reachable else "! "
            lines.append(f"  {mark}{gate.odds.verdict:>4.0%}  {gate.spec.title}: {gate.says}")
            lines += [f"            {repair.name}: {repair.says}" for repair in gate.repairs]
    verdict = "Accepted" if found.accepted else "Refused"
    return [*lines, f"\n{verdict}: {found.because}."]


def _write(path: Path, plan: Plan, crowds: tuple[Crowd, ...], setting: Setting) -> None:
    """Write the plan with the first repair that is enough taken for each gate."""
    after, taken = repaired(plan, crowds, setting)
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump(after.to_document(), file)
    print(f"\nWritten to {path}, with {len(taken)} repairs:")
    print("\n".join(f"  {after.stages[each.stage].title}: {_said(each)}" for each in taken))


def _said(repair: Repair) -> str:
    return f"{repair.gate}: {repair.name} ({repair.says})"
