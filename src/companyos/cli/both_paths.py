"""Both paths of approvals for a rehearsal's shadow: the program's chain, sound and with its planted difference."""

from __future__ import annotations

from companyos.adoption.rollouts.rehearsal.beside import Paths
from companyos.adoption.rollouts.rehearsal.feature import REQUEST_TYPE
from companyos.adoption.rollouts.rehearsal.workforce import Mismatch
from companyos.cli.commands import Mistake
from companyos.kernel.business_time import WorkingCalendar
from companyos.surfaces.program.types import Program
from companyos.work.approvals.domain.both_paths import BothPaths
from companyos.work.approvals.domain.chain import definition_from
from companyos.work.approvals.domain.org import Colleague, Org


def paths_of(program: Program, planted: Mismatch) -> Paths | None:
    """Return both paths; None where the program has no such request type. Raises Mistake for a step it has not."""
    document = next((each for each in program.requests if each["slug"] == REQUEST_TYPE), None)
    if document is None:
        return None
    company = program.company
    calendar = WorkingCalendar(company.zone, company.working_hours, company.holidays)
    sound = BothPaths(definition_from(document), _organisation(program), calendar)
    try:
        return Paths(sound, sound.with_step(planted.step, from_amount=planted.from_amount))
    except KeyError as error:
        raise Mistake(f"workforce.yaml, mismatch: {error.args[0]}.") from None


def _organisation(program: Program) -> Org:
    departments = {team.slug: team.department for team in program.teams}
    people = {p.slug: Colleague(p.slug, p.name, p.team, departments[p.team], p.role) for p in program.people}
    leads = {team.slug: team.lead for team in program.teams}
    return Org(people, leads, {each.slug: each.head for each in program.departments})
