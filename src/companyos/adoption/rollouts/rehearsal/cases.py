"""A case under way: who asked, on which path, and what of it is planned next."""

from __future__ import annotations

from dataclasses import dataclass

from companyos.adoption.rollouts.rehearsal.company import Person
from companyos.adoption.rollouts.rehearsal.courses import Course, Step
from companyos.adoption.rollouts.rehearsal.dice import Eight

EXISTING, UNIFIED = "existing", "unified"


@dataclass(slots=True)
class Case:
    """A case keeps the path its submitter's flag gave when it began, whatever the flag says later."""

    name: str
    submitter: Person
    path: str
    course: Course
    began_ms: int
    in_feature: bool = False  # whether it is asked and answered in the feature itself, too
    first_done_ms: int = 0  # completion of the first step, from which the log's durations run

    def done_ms(self, step: int) -> int:
        """When a step completes: the log's own time after the first step."""
        return self.first_done_ms + int(self.course.offsets[step] * 1000)

    def step(self, number: int) -> Step:
        return self.course.steps[number]

    def is_last(self, step: int) -> bool:
        return step + 1 == len(self.course.steps)


@dataclass(frozen=True, slots=True)
class Planned:
    """A step with everything chance decides about it, ready to be done when its time comes."""

    case: Case
    step: int
    starts_ms: int
    begins_anew_ms: int | None  # when the person gave the task up, the start of the second go
    by: Person | None  # nobody for a step of the software
    handling_ms: int
    draws: Eight


@dataclass(frozen=True, slots=True)
class Failure:
    """A task that failed on the new path; somebody may report it."""

    task: str
    submitter: Person
    case: str
    kind: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step of a case that goes through the feature itself."""

    case: Case
    number: int
    kind: str
    is_last: bool
