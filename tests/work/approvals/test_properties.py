"""What holds for every chain, organisation and order of acts (R58)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from companyos.work.approvals.domain.chain import Definition
from companyos.work.approvals.domain.due import acts_due
from companyos.work.approvals.domain.judge import Situation, judge
from companyos.work.approvals.domain.types import Act, ActKind, Status
from work.approvals.chains import MONDAY, NAMES, attempt, chain, org, situation

WHO = ("manager", "department-head", "budget-owner", "role:administration", "members:build", "person:hana")
DONE = tuple(ActKind)
OVER = {Status.WITHDRAWN, Status.DECLINED, Status.CANCELLED, Status.TIMED_OUT, Status.CARRIED_OUT}


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    groups: list[dict[str, Any]] = []
    for n in range(draw(st.integers(1, 3))):
        steps = [
            {
                "step": f"s{n}-{m}",
                "ask": draw(st.lists(st.sampled_from(WHO), min_size=1, max_size=3, unique=True)),
                "needs": draw(st.sampled_from(["any", "all", 1, 2, 3])),
                "escalate_after_days": draw(st.sampled_from([None, 2])),
                "time_out_after_days": draw(st.sampled_from([None, 5])),
                "remind_after_days": [1, 3],
            }
            for m in range(draw(st.integers(1, 2)))
        ]
        groups.append({"together": steps})
    return chain(*groups)


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    people = st.sampled_from(NAMES)
    delegates = draw(st.dictionaries(people, people, max_size=8))
    away = frozenset(draw(st.sets(people, max_size=4)))
    return situation(draw(definitions()), org(delegates=delegates, away=away), by=draw(people))


MOVES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(DONE), st.sampled_from(NAMES)), max_size=25
)


def quorum_of(step: Mapping[str, Any], s: Situation) -> int:
    """How many must say yes, worked out from the document alone: `all` is everybody named but who asks."""
    named = {p for who in step["ask"] for p in s.org.resolve(who, s.request.requester)}
    others = len(named - {s.request.requester})
    return max(1, {"any": 1, "all": others}.get(step["needs"], step["needs"]))


@settings(max_examples=300, deadline=None)
@given(situations(), MOVES)
def test_no_request_is_approved_without_its_quorum_nor_by_who_asks_R58(
    s: Situation, moves: list[tuple[str, ActKind, str]]
) -> None:
    for by, kind, to in moves:
        if kind in {ActKind.REMINDED, ActKind.ESCALATED, ActKind.TIMED_OUT, ActKind.ASKED}:
            continue  # only the software does these
        s, _ = attempt(s, by, kind, to=to)
        standing = judge(s)
        assert all(a.person != s.request.requester for a in standing.asked if a.step)
        yes = [a for a in s.acts if a.kind is ActKind.APPROVED and a.round == s.round]
        assert s.request.requester not in {a.by for a in yes}
        if standing.status in {Status.APPROVED, Status.CARRIED_OUT}:
            for group in s.definition.document["chain"]:
                for step in group["together"]:
                    given_by = {a.by for a in yes if a.step == step["step"]}
                    assert len(given_by) >= quorum_of(step, s)


@settings(max_examples=200, deadline=None)
@given(situations(), MOVES, st.integers(0, 24))
def test_what_ended_never_advances(s: Situation, moves: list[tuple[str, ActKind, str]], when: int) -> None:
    ended: Status | None = None
    for n, (by, kind, to) in enumerate(moves):
        if n == when:
            s, _ = attempt(s, s.request.requester, ActKind.WITHDRAWN)
        if kind not in {ActKind.REMINDED, ActKind.ESCALATED, ActKind.TIMED_OUT, ActKind.ASKED}:
            s, _ = attempt(s, by, kind, to=to)
        status = judge(s).status
        assert ended in (None, status)
        ended = status if status in OVER else None


@settings(max_examples=200, deadline=None)
@given(situations(), st.lists(st.integers(0, 60), min_size=1, max_size=12))
def test_reminders_escalations_and_time_outs_fire_once(s: Situation, hours: list[int]) -> None:
    now = MONDAY
    for later in hours:
        now += timedelta(hours=later)
        due = acts_due(s, now)
        s = replace(s, acts=(*s.acts, *due))
        assert acts_due(s, now) == () or any(a.kind is ActKind.ESCALATED for a in due)
    keys = [(a.kind, a.step, a.to) for a in s.acts if a.by == "companyos"]
    assert len(keys) == len(set(keys))
    assert sum(a.kind is ActKind.TIMED_OUT for a in s.acts) <= 1


def test_a_time_out_ends_a_request_that_nobody_answers() -> None:
    s = situation(chain({"step": "line", "ask": "manager", "time_out_after_days": 3}))
    assert acts_due(s, MONDAY + timedelta(days=2, hours=23)) == ()
    due = acts_due(s, MONDAY + timedelta(days=3))
    assert [a.kind for a in due] == [ActKind.TIMED_OUT]
    s = replace(s, acts=(*s.acts, *due))
    assert judge(s).status is Status.TIMED_OUT
    late = Act(ActKind.APPROVED, "ada", MONDAY + timedelta(days=4), "line", "ada")
    assert judge(replace(s, acts=(*s.acts, late))).status is Status.TIMED_OUT
