"""What is set going when a stage is entered, and what it says to people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.rollouts.domain.gate_specs import GateKind
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.stage_plan import StageKind, StagePlan
from companyos.kernel.business_time import WorkingCalendar

SURVEY_AFTER, HUDDLE_AFTER = 3, 1  # working days


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to be done for a stage that has just begun."""

    action: str
    due_at: datetime
    says: str


def entries_of(
    plan: Plan, stage: StagePlan, *, people: int, calendar: WorkingCalendar, now: datetime
) -> Iterator[Entry]:
    """Yield the entry actions of a stage: those that the plan names, in its order."""
    for action in stage.actions:
        if action == "post_heads_up":
            yield Entry(action, now, _heads_up(plan, stage, people))
        elif action == "schedule_huddle":
            due = calendar.add_working_days(now, HUDDLE_AFTER)
            yield Entry(
                action, due, f"Huddle of {stage.title}: how did the first day go for the {people} people?"
            )
        elif action == "create_survey":
            due = calendar.add_working_days(now, SURVEY_AFTER)
            asked = (
                ", ".join(gate.survey for gate in stage.gates if gate.kind is GateKind.SURVEY)
                or "how it goes"
            )
            yield Entry(action, due, f"Ask the {people} people of {stage.title} about {asked}")


def _heads_up(plan: Plan, stage: StagePlan, people: int) -> str:
    who = {StageKind.VOLUNTEER: "volunteers", StageKind.CUSTOMER_PILOT: "people of pilot customers"}
    return (
        f"{plan.title} is on for {people} {who.get(stage.kind, 'people')} ({stage.title}) from today. It can be taken"
        f" back within seconds; tell {plan.lead} or open a case when something is wrong."
    )
