"""What a request will go through, in one sentence, before it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from companyos.work.approvals.domain.judge import Situation, judge, open_steps, situation_with
from companyos.work.approvals.domain.types import Act, ActKind

FEWEST = 5
_NUMBERS = ("no one", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class StepAhead:
    """A step that a request will meet, with who would be asked today."""

    title: str
    people: tuple[str, ...]
    whys: tuple[str, ...]
    needed: int
    is_stuck: bool


@dataclass(frozen=True, slots=True)
class Preview:
    sentence: str
    groups: tuple[tuple[StepAhead, ...], ...]
    usually: str
    is_stuck: bool


def preview_of(s: Situation, past_days: Sequence[float]) -> Preview:
    """Walk the chain as if each step were answered by the first who may; nothing is sent.

    `past_days` are the durations of earlier requests of this type in days; fewer than 5 are no usual.
    """
    groups = tuple(_groups(s))
    steps = [step for group in groups for step in group]
    told = ", then ".join(" and ".join(_said(step) for step in group) for group in groups)
    usually = _usually(past_days)
    sentence = f"Will go to {told}; {usually}." if steps else f"Needs no approval; {usually}."
    return Preview(sentence, groups, usually, any(step.is_stuck for step in steps))


def _groups(s: Situation) -> Iterator[tuple[StepAhead, ...]]:
    for _ in s.definition.groups:
        opened = open_steps(s)
        if not opened:
            return
        yield tuple(
            StepAhead(
                each.step.title,
                tuple(s.org.name(person) for _, person, _ in each.asked),
                tuple(f"Asked {why}" for _, _, why in each.asked),
                each.bench.needed,
                each.is_stuck,
            )
            for each in opened
        )
        if any(each.is_stuck for each in opened):
            return
        s = _answered(s)


def _answered(s: Situation) -> Situation:
    """Answer everything that is open, as the people who are asked would."""
    before = {each.step.slug for each in open_steps(s)}
    while asked := [a for a in judge(s).asked if a.step in before]:
        one = asked[0]
        s = situation_with(s, [Act(ActKind.APPROVED, one.person, one.since, one.step, one.seat, s.round)])
    return s


def _said(step: StepAhead) -> str:
    people = step.people
    if not people:
        return f"{step.title} (nobody can answer it)"
    if len(people) == 1:
        return people[0]
    if step.needed >= len(people):
        return f"{', '.join(people[:-1])} and {people[-1]}"
    many = _NUMBERS[step.needed] if step.needed < len(_NUMBERS) else str(step.needed)
    if len(people) > 4:
        return f"any {many} of {len(people)} people for {step.title}"
    return f"any {many} of {', '.join(people)}"


def _usually(days: Sequence[float]) -> str:
    if len(days) < FEWEST:
        return f"not enough earlier requests to say how long (n={len(days)})"
    return f"usually {median(days):.1f} days (n={len(days)})"
