"""A small company and a small log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from companyos.adoption.rollouts.rehearsal.company import Person

TEAMS = ("people-ops", "approvals-squad", "security-grc", "sre", "sales", "support")
ROLES = ("supervisor", "employee", "administration", "budget_owner", "pre_approver", "director")


def people_of(teams: tuple[str, ...] = TEAMS) -> tuple[Person, ...]:
    return tuple(
        Person(f"{team}-{n}", team, "operations", ROLES[n], "corporate") for team in teams for n in range(6)
    )


def xes_of(cases: int) -> str:
    steps = (
        ("Declaration SUBMITTED by EMPLOYEE", "EMPLOYEE", "STAFF MEMBER", 0),
        ("Declaration FINAL_APPROVED by SUPERVISOR", "SUPERVISOR", "STAFF MEMBER", 7260.5),
        ("Request Payment", "UNDEFINED", "SYSTEM", 90000),
    )
    begin = datetime(2017, 1, 9, 9, tzinfo=UTC)
    traces = []
    for case in reversed(range(cases)):
        events = "".join(
            f'<event><string key="concept:name" value="{name}"/><string key="org:role" value="{role}"/>'
            f'<string key="org:resource" value="{by}"/><date key="time:timestamp" '
            f'value="{(begin + timedelta(hours=case, seconds=after + case)).isoformat()}"/></event>'
            for name, role, by, after in steps
        )
        traces.append(f'<trace><string key="concept:name" value="case {case}"/>{events}</trace>')
    return f'<log xes.version="1.0" xmlns="http://www.xes-standard.org/">{"".join(traces)}</log>'
