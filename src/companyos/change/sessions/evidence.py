"""The facts that sessions offer to gates of kind `session` (R113)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from companyos.adoption.rollouts import queries as rollouts
from companyos.change.sessions import queries, wanted
from companyos.change.sessions.domain.standing import Standing, State, standing
from companyos.change.sessions.domain.types import Kind, SessionRow
from companyos.kernel.evidence import Fact, Question, offer
from companyos.people.identity import queries as identity
from companyos.platform.instance import instance

_HELD, _NEXT_HELD = "sessions.held", "sessions.next_held"


def session_held(question: Question) -> Fact:
    """Whether a huddle of this attempt at the stage was held or waived: ahead of it, or about its first day.

    A gate over it keeps the rollout in the stage until then.
    """
    plan = str(question.parameters["plan"])
    return _fact(_HELD, plan, question.stage, _huddles(plan, question.stage, question.attempt), question)


def next_session_held(question: Question) -> Fact:
    """Whether the huddle ahead of the NEXT stage was held or waived: with a gate over it that stage waits for it.

    The fact that a gate of kind `session` asks for with `evidence: sessions.next_held`.
    """
    plan = str(question.parameters["plan"])
    state = rollouts.state(plan)
    after = wanted.next_stage(state) if state else None
    if state is None or after is None:
        return Fact(
            _NEXT_HELD, problem="no stage comes after this one: this gate belongs to an earlier stage"
        )
    rows = _huddles(plan, after.slug, wanted.where(state).next_attempt)
    return _fact(_NEXT_HELD, plan, after.slug, [row for row in rows if row.ahead], question)


def _huddles(plan: str, stage: str, attempt: int) -> list[SessionRow]:
    return [row for row in queries.of_stage(plan, stage, attempt) if row.kind is Kind.HUDDLE]


def _fact(name: str, plan: str, stage: str, rows: Sequence[SessionRow], question: Question) -> Fact:
    if not rows:
        return Fact(
            name, unit="sessions", window="this stage", problem=f"no huddle of {stage} is planned yet"
        )
    calendar = instance().calendar
    judged = [(row, standing(row, calendar=calendar, now=question.now)) for row in rows]
    row, stands = min(judged, key=lambda each: _FIRST.index(each[1].state))
    return Fact(
        name,
        float(stands.counts),
        n=queries.how_many_attended([row.id]).get(row.id, 0),
        unit="sessions",
        window="this stage",
        source="attested",
        problem="" if stands.counts else f"{row.title}: {stands.because}",
        details={"session": row.id, "stage": stage, "state": str(stands.state), **_said(row, stands)},
    )


_FIRST = (State.HELD, State.WAIVED, State.PLANNED, State.MISSED, State.CANCELLED)


def _said(row: SessionRow, stands: Standing) -> dict[str, Any]:
    """Who answers for it. Of a waiver the name says that it is one: a gate shows the name."""
    told = {"link": f"/sessions/{row.id}"}
    if stands.state is State.HELD and row.held_at:
        name = identity.name_of(row.held_by)
        return {
            **told,
            "by": row.held_by,
            "by_name": name,
            "at": row.held_at.isoformat(),
            "note": row.outcome,
        }
    if stands.state is State.WAIVED and row.waived_at:
        name = f"{identity.name_of(row.waived_by)}, who waived it: {row.waived_because}"
        return {**told, "by": row.waived_by, "by_name": name, "at": row.waived_at.isoformat(),
                "note": row.waived_because, "waived": True}  # fmt: skip
    return told


def offer_evidence() -> None:
    offer(_HELD, session_held)
    offer(_NEXT_HELD, next_session_held)
