"""How an RFC goes: one table of states, and the rules that a move must pass (R90, R91)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from companyos.work.roadmap.domain.types import RfcState

WINDOW = timedelta(days=7)
LEAST_REASON = 3

TRANSITIONS: dict[RfcState, frozenset[RfcState]] = {
    RfcState.DRAFT: frozenset({RfcState.DISCUSSION, RfcState.WITHDRAWN}),
    RfcState.DISCUSSION: frozenset({RfcState.DRAFT, RfcState.FINAL_COMMENT, RfcState.WITHDRAWN}),
    RfcState.FINAL_COMMENT: frozenset(
        {RfcState.DISCUSSION, RfcState.ACCEPTED, RfcState.DECLINED, RfcState.WITHDRAWN}
    ),
    RfcState.ACCEPTED: frozenset(),
    RfcState.DECLINED: frozenset(),
    RfcState.WITHDRAWN: frozenset(),
}

TEMPLATE = """## What changes

## Why

## How it works

## What else was considered

## What it costs, and how to go back
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A move somebody asks for. `missing` are required reviewers who have not approved, `blocking` counts comments."""

    state: RfcState
    to: RfcState
    may_move: bool
    because: str
    reviewers: int
    missing: tuple[str, ...]
    blocking: int
    closes_at: datetime | None
    now: datetime


Refusal = str | None


def only_its_author_or_a_lead_moves_it(a: Asked) -> Refusal:
    """The author moves an RFC, or somebody who leads a team."""
    return None if a.may_move else "Only its author, or somebody who leads a team, moves an RFC."


def the_table_allows_it(a: Asked) -> Refusal:
    """Every move is in the table of states."""
    if a.to in TRANSITIONS[a.state]:
        return None
    allowed = ", ".join(_words(each) for each in sorted(TRANSITIONS[a.state])) or "nothing: it is over"
    return f"From {_words(a.state)} it goes to {allowed}."


def a_move_has_a_reason(a: Asked) -> Refusal:
    """A reason is kept with every move; of a decision it is the rationale."""
    return None if len(a.because.strip()) >= LEAST_REASON else "Say why: a reason is kept with every move."


def a_window_runs_its_time(a: Asked) -> Refusal:
    """While its window is open, comments are taken: nothing is decided."""
    early = a.closes_at is not None and a.now < a.closes_at
    ends = {RfcState.FINAL_COMMENT, RfcState.ACCEPTED, RfcState.DECLINED}
    return f"Its window is open until {a.closes_at:%d %b %Y %H:%M} UTC." if early and a.to in ends else None


def somebody_is_asked_to_review(a: Asked) -> Refusal:
    """Nothing goes to final comment without a required reviewer."""
    alone = a.to is RfcState.FINAL_COMMENT and not a.reviewers
    return "Name at least one reviewer first." if alone else None


def required_reviewers_approve(a: Asked) -> Refusal:
    """It is accepted when every required reviewer approved."""
    return f"Still to approve: {', '.join(a.missing)}." if a.to is RfcState.ACCEPTED and a.missing else None


def blocking_comments_are_resolved(a: Asked) -> Refusal:
    """It is not accepted while a blocking comment stands."""
    stands = a.to is RfcState.ACCEPTED and a.blocking
    return f"{a.blocking} blocking comments stand: resolve them with a word first." if stands else None


RULES: tuple[Callable[[Asked], Refusal], ...] = (
    only_its_author_or_a_lead_moves_it,
    the_table_allows_it,
    a_move_has_a_reason,
    a_window_runs_its_time,
    somebody_is_asked_to_review,
    required_reviewers_approve,
    blocking_comments_are_resolved,
)


def why_not(asked: Asked) -> Refusal:
    """Say why the move cannot be made; None when it can."""
    return next((refusal for rule in RULES if (refusal := rule(asked))), None)


def summary(comments: int, people: int, blocking: int, standing: int) -> str:
    """Draft what a window brought, from its counts."""
    if not comments:
        return "Nobody commented while the window was open."
    said = f"{comments} comment{'' if comments == 1 else 's'} by {people} {'person' if people == 1 else 'people'}"
    return f"{said}; {blocking} of them blocking, {standing} of these stand{'s' if standing == 1 else ''}."


def _words(state: RfcState) -> str:
    return state.value.replace("_", " ")
