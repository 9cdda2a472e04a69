"""Suggestions, councils and RFCs through the room's own actions (R87 to R91, R146)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client

from companyos.cli import comment_window
from companyos.kernel.evidence import Question
from companyos.people.identity import actions as identity_actions
from companyos.people.identity import queries as identity
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from companyos.work.roadmap import actions, queries
from companyos.work.roadmap.domain.types import Outcome, Place, RfcState, Rules
from companyos.work.roadmap.evidence import blocking_comments

PROGRAM = Path(__file__).parents[3] / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
DAY = timedelta(days=1)
# the people and tenants of the program, without what takes long to apply
LEAN = replace(load_program(PROGRAM), plans=(), flags=(), segments=(), flag_sets=(), measures={}, requests=())
GA = Question("unified-approvals", NOW, NOW, frozenset(), frozenset())


class Who:
    """A lead and some members of one tenant, and a stranger to it."""

    def __init__(self) -> None:
        team = next(each for each in identity.teams() if len(each.people) > 3 and each.tenant == "corporate")
        home = {each.slug: each.tenant for each in identity.everybody()}
        self.lead = team.lead
        self.ana, self.bo, self.cy = [each for each in team.people if each != team.lead][:3]
        self.stranger = next(each for each in home if home[each] == "go-to-market")
        self.tenant = "corporate"


@pytest.fixture
def who(db: None) -> Who:
    apply(LEAN, now=NOW)
    return Who()


def suggest(who: Who, title: str = "Export requests as CSV", *, private: bool = False) -> str:
    return actions.suggest(actor=who.ana, tenant=who.tenant, title=title, body="", private=private, now=NOW)


def vote(person: str, key: str, tenant: str = "corporate") -> None:
    actions.vote(actor=person, tenant=tenant, suggestion=key, now=NOW)


def test_R89_a_merge_counts_a_person_once_and_is_taken_back_exactly(who: Who) -> None:
    actions.keep_rules(Rules(2, (("go-to-market", 2.5),)))
    one, other, third = (suggest(who, f"Export requests {n}") for n in range(3))
    for person, key in ((who.bo, one), (who.bo, other), (who.cy, one)):
        vote(person, key)
    vote(who.stranger, other, "go-to-market")
    before = {row.id: row for row in queries.suggestions(reader=who.ana)}
    with pytest.raises(actions.NotYours):
        actions.merge(actor=who.ana, suggestion=one, into=other, because="the same", now=NOW)
    actions.merge(actor=who.lead, suggestion=one, into=other, because="the same", now=NOW)
    rows = {row.id: row for row in queries.suggestions(reader=who.ana)}
    assert one not in rows
    assert (rows[other].votes, rows[other].weighted, rows[other].carries) == (3, 4.5, (one,))
    vote(who.bo, third)  # both votes for the same are one of the budget
    for refused, act in (
        ("vote for that one", lambda: vote(who.ana, one)),
        ("voted for it already", lambda: vote(who.cy, other)),
        ("carries others", lambda: actions.merge(
            actor=who.lead, suggestion=other, into=third, because="more", now=NOW)),
        ("itself", lambda: actions.merge(actor=who.lead, suggestion=third, into=third, because="odd", now=NOW)),
        ("Place that one", lambda: actions.place(
            actor=who.lead, suggestion=one, to=Place.NOW, because="soon", now=NOW)),
    ):  # fmt: skip
        with pytest.raises(actions.Refused, match=refused):
            act()
    actions.take_back(actor=who.bo, suggestion=third, now=NOW)
    actions.unmerge(actor=who.lead, suggestion=one, now=NOW)
    assert {row.id: row for row in queries.suggestions(reader=who.ana)} == before
    actions.merge(actor=who.lead, suggestion=one, into=other, because="the same", now=NOW)
    told = actions.place(actor=who.lead, suggestion=other, to=Place.NEXT, because="Many want it", now=NOW)
    assert told == len({who.ana, who.bo, who.cy, who.stranger}), "voters of both, and who suggested them"


def test_R89_raw_and_weighted_votes_are_told_apart_and_come_back(who: Who) -> None:
    actions.keep_rules(Rules(2, (("go-to-market", 2.5),)))
    one, two, three = (suggest(who, f"Suggestion {n}") for n in range(3))
    vote(who.bo, one)
    vote(who.stranger, one, "go-to-market")
    row = queries.find(one, reader=who.bo)
    assert row is not None
    assert (row.votes, row.weighted, row.voted) == (2, 3.5, True)
    vote(who.bo, two)
    with pytest.raises(actions.Refused, match="All your 2 votes"):
        vote(who.bo, three)
    actions.place(actor=who.lead, suggestion=one, to=Place.DECLINED, because="Costs too much", now=NOW)
    vote(who.bo, three)
    with pytest.raises(actions.Refused, match="declined already"):
        vote(who.cy, one)
    actions.take_back(actor=who.bo, suggestion=two, now=NOW)
    with pytest.raises(actions.Refused, match="no vote to take back"):
        actions.take_back(actor=who.bo, suggestion=one, now=NOW)


def test_R89_each_change_is_answered_with_its_reason_to_every_voter(who: Who) -> None:
    key = suggest(who)
    vote(who.bo, key)
    vote(who.cy, key)
    with pytest.raises(actions.NotYours):
        actions.place(actor=who.bo, suggestion=key, to=Place.NOW, because="I want it", now=NOW)
    with pytest.raises(actions.Refused, match="Say why"):
        actions.place(actor=who.lead, suggestion=key, to=Place.NOW, because=" ", now=NOW)
    assert actions.place(actor=who.lead, suggestion=key, to=Place.NOW, because="Most wanted", now=NOW) == 3
    with pytest.raises(actions.Refused, match="Say what shipped it"):
        actions.place(actor=who.lead, suggestion=key, to=Place.SHIPPED, because="Done", now=NOW)
    actions.place(
        actor=who.lead, suggestion=key, to=Place.SHIPPED, because="Done", fix="release 1.4", now=NOW + DAY
    )
    for person in (who.ana, who.bo, who.cy):
        told = queries.answers_for(person)
        assert [(each.after, each.because, each.is_new) for each in told] == [
            (Place.SHIPPED, "Done", True), (Place.NOW, "Most wanted", True)
        ]  # fmt: skip
    actions.read_answers(actor=who.bo, now=NOW)
    assert not any(each.is_new for each in queries.answers_for(who.bo))
    assert queries.answers_for(who.stranger) == ()
    assert [each.told for each in queries.placed(key)] == [3, 3]


def test_a_private_suggestion_is_not_there_for_others(who: Who) -> None:
    key = suggest(who, "Salary bands in the HR pack", private=True)
    assert queries.find(key, reader=who.bo) is not None
    assert queries.find(key, reader=who.stranger) is None
    assert queries.suggestions(reader="") == queries.similar_to("salary bands", reader=who.stranger) == ()
    with pytest.raises(actions.NoSuch):
        vote(who.stranger, key, "go-to-market")
    with pytest.raises(actions.NoSuch):
        actions.suggest(actor=who.stranger, tenant=who.tenant, title="Let me in", body="", now=NOW)
    assert [row.id for row in queries.similar_to("salary bands", reader=who.bo)] == [key]


def test_R87_R88_a_council_sits_by_turns_and_answers_voters(who: Who) -> None:
    wanted, other = suggest(who, "Most wanted"), suggest(who, "Less wanted")
    for person, key in ((who.bo, wanted), (who.cy, wanted), (who.bo, other)):
        vote(person, key)
    with pytest.raises(actions.NotYours):
        actions.convene(actor=who.bo, now=NOW)
    month = actions.convene(actor=who.lead, now=NOW)
    with pytest.raises(actions.Refused, match="convened already"):
        actions.convene(actor=who.lead, now=NOW)
    held = queries.council(month)
    assert held is not None
    assert [point.title for point in held.agenda] == ["Most wanted", "Less wanted"]
    first = [turn.team for turn in held.turns]
    actions.skip(actor=who.lead, month=month, team=first[0], because="All at a customer's", now=NOW)
    with pytest.raises(actions.NoSuch):
        actions.skip(actor=who.lead, month=month, team=first[0], because="Twice", now=NOW)
    told = actions.decide(
        actor=who.lead,
        month=month,
        suggestion=wanted,
        outcome=Outcome.ACCEPT,
        because="Half of us want it",
        now=NOW,
    )
    assert told == 3
    row = queries.find(wanted, reader=who.bo)
    assert row is not None
    assert (row.place, row.because) == (Place.NEXT, "Half of us want it")
    with pytest.raises(actions.NoSuch, match="no point of this council"):
        actions.decide(actor=who.lead, month=month, suggestion=suggest(who, "Late"), outcome=Outcome.PARK,
                       because="Late", now=NOW)  # fmt: skip
    actions.convene(actor=who.lead, now=NOW + 30 * DAY)
    later = queries.council("2026-12")
    assert later is not None
    assert not set(first) & {turn.team for turn in later.turns}
    assert [point.title for point in later.agenda] == ["Less wanted"]


def test_R90_an_rfc_is_discussed_line_by_line_and_accepted_by_its_reviewers(who: Who) -> None:
    number = actions.draft(actor=who.ana, title="Store requests by month", body="One\nTwo\nThree", now=NOW)
    assert actions.draft(actor=who.bo, title="Another of them", body="", now=NOW) == number + 1
    with pytest.raises(actions.Refused, match="It is a draft"):
        actions.comment(actor=who.bo, number=number, text="No", now=NOW)
    with pytest.raises(actions.NotYours):
        actions.revise(actor=who.bo, number=number, title="Mine now", body="", now=NOW)
    actions.move(actor=who.ana, number=number, to=RfcState.DISCUSSION, because="Ready to read", now=NOW)
    with pytest.raises(actions.Refused, match="text stands"):
        actions.revise(actor=who.ana, number=number, title="Changed", body="", now=NOW)
    with pytest.raises(actions.Refused, match="3 lines"):
        actions.comment(actor=who.bo, number=number, text="Where?", line=4, now=NOW)
    key = actions.comment(actor=who.bo, number=number, text="Too slow", line=2, blocking=True, now=NOW)
    actions.comment(actor=who.ana, number=number, text="Measured: 3 ms", answers=key, now=NOW)
    actions.ask_reviewer(actor=who.ana, number=number, person=who.cy, now=NOW)
    actions.move(actor=who.ana, number=number, to=RfcState.FINAL_COMMENT, because="A week passed", now=NOW)
    for why in ("Still to approve", "1 blocking comments stand"):
        with pytest.raises(actions.Refused, match=why):
            actions.move(actor=who.ana, number=number, to=RfcState.ACCEPTED, because="Agreed", now=NOW)
        if why.startswith("Still"):
            actions.approve(actor=who.cy, number=number, now=NOW)
    with pytest.raises(actions.NotYours):
        actions.approve(actor=who.bo, number=number, now=NOW)
    actions.resolve(actor=who.bo, comment_id=key, because="3 ms is fine", now=NOW)
    actions.move(actor=who.ana, number=number, to=RfcState.ACCEPTED, because="Measured and agreed", now=NOW)
    found, threads = queries.find_rfc(number), queries.threads(number)
    assert found is not None
    assert (found.state, found.rationale, found.blocking, found.comments) == (
        RfcState.ACCEPTED, "Measured and agreed", 0, 2
    )  # fmt: skip
    assert [(t.line, t.first.text, [a.text for a in t.answers]) for t in threads] == [
        (2, "Too slow", ["Measured: 3 ms"])
    ]
    assert len(queries.history(number)) == 3
    assert [row.number for row in queries.rfcs(words="MONTH store")] == [number]
    with pytest.raises(actions.Refused, match="it is over"):
        actions.comment(actor=who.bo, number=number, text="Late", now=NOW)


def test_R91_internal_ga_opens_a_week_that_holds_external_ga(who: Who) -> None:
    assert blocking_comments(GA).problem == "internal GA has opened no window yet"
    number = actions.open_window(feature="unified-approvals", title="Unified Approvals", now=NOW)
    assert number is not None
    assert actions.open_window(feature="unified-approvals", title="Unified Approvals", now=NOW) is None
    key = actions.comment(actor=who.bo, number=number, text="Delegation is missing", blocking=True, now=NOW)
    actions.comment(actor=who.cy, number=number, text="Nice", now=NOW)
    assert (
        blocking_comments(GA).problem
        == f"RFC {number} takes comments until 16 Nov 2026; 1 blocking stand now"
    )
    assert actions.close_due(NOW + 7 * DAY - timedelta(seconds=1)) == 0
    with pytest.raises(actions.Refused, match="Say why"):
        actions.extend(actor=who.lead, number=number, until=NOW + 9 * DAY, because="", now=NOW)
    actions.extend(actor=who.lead, number=number, until=NOW + 9 * DAY, because="A holiday", now=NOW)
    assert actions.close_due(NOW + 7 * DAY) == 0
    assert actions.close_due(NOW + 9 * DAY) == 1
    found = queries.find_rfc(number)
    assert found is not None
    assert (found.state, found.summary) == (
        RfcState.FINAL_COMMENT, "2 comments by 2 people; 1 of them blocking, 1 of these stands."
    )  # fmt: skip
    assert (blocking_comments(GA).value, blocking_comments(GA).n) == (1.0, 2)
    actions.resolve(actor=who.lead, comment_id=key, because="Shipped in 1.4", now=NOW + 9 * DAY)
    assert blocking_comments(GA).value == 0.0


@pytest.mark.parametrize(
    ("move", "stage", "opens"),
    [("advance", "internal_ga", True), ("pause", "internal_ga", False), ("advance", "harden", False),
     ("advance", "external_ga_readiness", False)],
)  # fmt: skip
def test_R91_the_rollout_opens_the_window_when_the_stage_begins(
    who: Who, monkeypatch: pytest.MonkeyPatch, move: str, stage: str, opens: bool
) -> None:
    plan = load_program(PROGRAM).plans[0]
    state = SimpleNamespace(plan=plan, stage=stage, feature=plan.feature)
    monkeypatch.setattr(comment_window.rollouts, "state", lambda plan: state)
    opened = comment_window.open_at_internal_ga({"rollout": plan.slug, "move": move}, NOW)
    again = comment_window.open_at_internal_ga({"rollout": plan.slug, "move": move}, NOW)
    assert ((opened is not None), again) == (opens, None)
    if opened is not None:
        found = queries.find_rfc(opened)
        assert found is not None
        assert (found.title, found.closes_at) == (
            "Feedback on Unified Approvals Workflow after internal GA", NOW + 7 * DAY
        )  # fmt: skip


def test_over_http_a_refusal_says_whose_it_is(who: Who, client: Client) -> None:
    keys = identity_actions.issue_personal_keys(actor="test", people=[who.ana, who.bo, who.stranger], now=NOW)

    def call(person: str, path: str, **body: object) -> int:
        headers = {"authorization": f"Bearer {keys[person]}"}
        return client.post(
            f"/api/v1{path}", body, content_type="application/json", headers=headers
        ).status_code

    key = suggest(who, "Pay scales of the pilots", private=True)
    number = actions.draft(actor=who.ana, title="Store by month", body="", now=NOW)
    told = {
        call(who.ana, f"/suggestions/{key}/vote"): 200,
        call(who.ana, f"/suggestions/{key}/vote", again=1): 409,
        call(who.stranger, f"/suggestions/{key}/vote"): 404,
        call(who.ana, "/suggestions", tenant="corporate"): 422,
    }
    assert list(told) == list(told.values())
    assert call(who.bo, f"/suggestions/{key}/place", place="now", because="Mine") == 403
    assert call(who.bo, "/suggestions/none/vote") == call(who.bo, "/rfcs/99/approve") == 404
    assert call(who.bo, f"/rfcs/{number}/move", state="discussion", because="Mine") == 409
    assert call(who.bo, f"/rfcs/{number}/move", state="somewhere", because="Mine") == 422


def test_an_erasure_takes_votes_and_names_out(who: Who) -> None:
    key = suggest(who)
    vote(who.bo, key)
    assert actions.forget((who.bo, who.ana)) >= 3
    row = queries.find(key, reader=who.cy)
    assert row is not None
    assert (row.votes, row.author) == (0, "somebody")
