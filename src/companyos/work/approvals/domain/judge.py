"""Who is asked next, and why.

`judge` is the whole answer. It looks at one frozen `Situation` (the definition the request began with, what was
filled in, what has been done, the organisation) and asks the rules in order; the first with an opinion wins.
Nothing here reads a database or the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from companyos.kernel.business_time import WorkingCalendar
from companyos.work.approvals.domain.chain import Definition, Step
from companyos.work.approvals.domain.org import Org
from companyos.work.approvals.domain.seats import Bench, bench_of
from companyos.work.approvals.domain.types import Act, ActKind, Asked, Request, Standing, Status


@dataclass(frozen=True, slots=True)
class Situation:
    """A request with all that is known about it. `acts` are in the order in which they were done."""

    definition: Definition
    request: Request
    acts: tuple[Act, ...]
    org: Org
    calendar: WorkingCalendar

    @property
    def round(self) -> int:
        return 1 + sum(act.kind is ActKind.RESUBMITTED for act in self.acts)

    def last(self, *kinds: ActKind) -> Act | None:
        return next((act for act in reversed(self.acts) if act.kind in kinds), None)

    def answers(self, step: str, kind: ActKind = ActKind.APPROVED) -> tuple[Act, ...]:
        """The answers that count: those of this round."""
        now = self.round
        return tuple(a for a in self.acts if a.kind is kind and a.step == step and a.round == now)

    def context(self) -> dict[str, Any]:
        """What a condition may read."""
        one = self.org.people.get(self.request.requester)
        fields = self.request.fields
        about = {"department": one.department, "team": one.team, "role": one.role} if one else {}
        amount = fields.get(self.definition.amount_field, 0) if self.definition.amount_field else 0
        before = sorted({a.step for a in self.acts if a.kind is ActKind.APPROVED and a.round < self.round})
        return {
            "amount": amount,
            "field": dict(fields),
            "requester": about,
            "round": self.round,
            "answered_before": before,
        }


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step that waits for answers."""

    step: Step
    bench: Bench
    answers: tuple[Act, ...]
    since: datetime
    condition: str

    @property
    def missing(self) -> int:
        return self.bench.needed - len({act.by for act in self.answers})

    @property
    def asked(self) -> Iterator[tuple[str, str, str]]:
        """Whose answer is missing, who is to give it, and why."""
        seats, people = {a.seat for a in self.answers}, {a.by for a in self.answers}
        for seat in self.bench.seats:
            if seat.of not in seats and seat.person not in people:
                yield seat.of, seat.person, seat.why

    @property
    def is_stuck(self) -> bool:
        return sum(1 for _ in self.asked) < self.missing


Answer = Standing | None


def a_withdrawn_request_stays(s: Situation) -> Answer:
    """A request its author withdrew never goes on; they may ask anew."""
    act = s.last(ActKind.WITHDRAWN)
    return _ended(Status.WITHDRAWN, f"withdrawn by {s.org.name(act.by)}{_noted(act)}") if act else None


def a_cancelled_request_stays(s: Situation) -> Answer:
    """An approval that was cancelled is not carried out."""
    act = s.last(ActKind.CANCELLED)
    return _ended(Status.CANCELLED, f"cancelled by {s.org.name(act.by)}{_noted(act)}") if act else None


def a_carried_out_request_is_done(s: Situation) -> Answer:
    """What was approved has been done and recorded."""
    act = s.last(ActKind.CARRIED_OUT)
    return _ended(Status.CARRIED_OUT, f"carried out{_noted(act)}") if act else None


def a_request_out_of_time_stays(s: Situation) -> Answer:
    """A step that nobody answered in time ends the request; it was not approved."""
    act = s.last(ActKind.TIMED_OUT)
    return _ended(Status.TIMED_OUT, f"nobody answered {act.step} in time") if act else None


def a_decline_ends_it(s: Situation) -> Answer:
    """One no of somebody who was asked ends the request."""
    act = s.last(ActKind.DECLINED)
    return _ended(Status.DECLINED, f"declined by {s.org.name(act.by)}{_noted(act)}") if act else None


def a_returned_request_waits_for_its_author(s: Situation) -> Answer:
    """A request returned for changes asks its author; every step is answered again after that."""
    act = s.last(ActKind.RETURNED, ActKind.TAKEN_BACK, ActKind.RESUBMITTED)
    if act is None or act.kind is ActKind.RESUBMITTED:
        return None
    who = s.request.requester
    returned = s.last(ActKind.RETURNED) or act
    why = f"{s.org.name(returned.by)} asks for changes{_noted(returned)}"
    asked = Asked("", "Change it", who, who, why, act.at)
    return Standing(Status.RETURNED, why, "", s.round, (asked,))


def an_open_step_asks(s: Situation) -> Answer:
    """The first group with a step that lacks answers asks for them, all its steps at once."""
    opened = open_steps(s)
    if not opened:
        return None
    asked = tuple(each for step in opened for each in _asks(s, step))
    stuck = tuple(each.step.slug for each in opened if each.is_stuck)
    because = "; ".join(_waiting(each) for each in opened)
    return Standing(Status.OPEN, because, "", s.round, asked, stuck)


def every_step_met_approves(s: Situation) -> Answer:
    """Every step that applies has its answers: the request is approved."""
    met = [step.title for step in s.definition.steps if s.answers(step.slug)]
    return _ended(Status.APPROVED, f"answered: {', '.join(met)}" if met else "no step applies")


# The order is the policy: what ended stays ended.
RULES: tuple[Callable[[Situation], Answer], ...] = (
    a_withdrawn_request_stays,
    a_cancelled_request_stays,
    a_carried_out_request_is_done,
    a_request_out_of_time_stays,
    a_decline_ends_it,
    a_returned_request_waits_for_its_author,
    an_open_step_asks,
    every_step_met_approves,
)


def judge(situation: Situation) -> Standing:
    """Say where a request stands and who is asked next."""
    for rule in RULES:
        if answer := rule(situation):
            return Standing(
                answer.status, answer.because, rule.__name__, situation.round, answer.asked, answer.stuck
            )
    raise AssertionError("every_step_met_approves always answers")


def open_steps(s: Situation) -> tuple[OpenStep, ...]:
    """The steps that wait for answers: those of the first group that has any."""
    context = s.context()
    began = s.last(ActKind.ASKED, ActKind.RESUBMITTED) or s.acts[0]
    since = began.at
    for group in s.definition.groups:
        needed = [step for step in group if s.definition.conditions.hold(step.slug, context)]
        opened = [_opened(s, step, since) for step in needed]
        if waiting := tuple(each for each in opened if each.missing > 0):
            return waiting
        since = max([since, *(act.at for each in opened for act in each.answers)])
    return ()


def barred_from(s: Situation, step: Step) -> frozenset[str]:
    """Who may not answer a step: who asks, and who answered a step it is kept apart from."""
    before = (act.by for slug in step.not_who_answered for act in s.answers(slug))
    return frozenset({s.request.requester, *before})


def _opened(s: Situation, step: Step, since: datetime) -> OpenStep:
    in_this_round = [act for act in s.acts if act.step == step.slug and act.round == s.round]
    bench = bench_of(
        step,
        s.org,
        requester=s.request.requester,
        barred=barred_from(s, step),
        handed_on={a.by: a.to for a in in_this_round if a.kind is ActKind.DELEGATED},
        escalated=any(act.kind is ActKind.ESCALATED for act in in_this_round),
    )
    return OpenStep(step, bench, s.answers(step.slug), since, s.definition.conditions.said(step.slug))


def _asks(s: Situation, opened: OpenStep) -> Iterator[Asked]:
    step = opened.step
    days = step.escalate_after_days or step.time_out_after_days
    due = s.calendar.add_working_days(opened.since, days) if days else None
    for seat, person, why in opened.asked:
        because = ". ".join(filter(None, (f"Asked {why}", step.why, _applies(opened.condition))))
        yield Asked(step.slug, step.title, seat, person, because, opened.since, due)


def _applies(condition: str) -> str:
    return f"The step applies because {condition}" if condition else ""


def _waiting(opened: OpenStep) -> str:
    have = opened.bench.needed - opened.missing
    words = f"{opened.step.title} has {have} of {opened.bench.needed} answers"
    return f"{words}, and too few people can answer" if opened.is_stuck else words


def _ended(status: Status, because: str) -> Standing:
    return Standing(status, because, "")


def _noted(act: Act) -> str:
    return f": {act.note}" if act.note else ""


def situation_with(s: Situation, acts: Iterable[Act]) -> Situation:
    """The same request with more acts."""
    return Situation(s.definition, s.request, (*s.acts, *acts), s.org, s.calendar)
