"""Voting, rotation, agendas, RFC moves and similarity on pure code (R87 to R91): tables and properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companyos.work.roadmap.domain import rfc, voting
from companyos.work.roadmap.domain.agenda import agenda
from companyos.work.roadmap.domain.rotation import next_teams
from companyos.work.roadmap.domain.similar import similar
from companyos.work.roadmap.domain.types import Place, RfcRow, RfcState, SuggestionRow

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
BALLOT = voting.Ballot(Place.NEW, may_see=True, has_voted=False, spent=0, budget=3)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({}, None),
        ({"spent": 2}, None),
        ({"may_see": False}, "no such suggestion"),
        ({"place": Place.SHIPPED}, "shipped already"),
        ({"place": Place.DECLINED}, "declined already"),
        ({"has_voted": True}, "voted for it already"),
        ({"spent": 3}, "All your 3 votes are in use"),
        ({"has_voted": True, "spent": 3}, "voted for it already"),
    ],
)
def test_R89_a_vote_is_scarce_and_single(changed: dict[str, object], says: str | None) -> None:
    refusal = voting.why_not(replace(BALLOT, **changed))  # type: ignore[arg-type]
    assert (refusal is None) if says is None else (refusal is not None and says in refusal)


@given(st.integers(1, 9), st.integers(1, 5), st.integers(1, 40))
def test_R88_no_team_has_two_turns_before_all_have_one(teams: int, seats: int, months: int) -> None:
    names, turns = [f"t{n}" for n in range(teams)], list[str]()
    for _ in range(months):
        sits = next_teams(names, turns, seats)
        assert len(set(sits)) == len(sits) == min(seats, teams)
        for team in sits:
            turns.append(team)
            had = [turns.count(each) for each in names]
            assert max(had) - min(had) <= 1


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from("abcdefg"), st.booleans()), max_size=30), st.integers(1, 4))
def test_R88_whoever_was_there_all_along_has_a_turn_between_two_of_another(
    changes: list[tuple[str, bool]], seats: int
) -> None:
    """Teams join and leave; a month passes at each change."""
    there: dict[str, int] = {"x": 0, "y": 0}
    turns: list[tuple[str, int]] = []
    for month, (team, joins) in zip(count(1), changes, strict=False):
        if joins:
            there.setdefault(team, month)
        else:
            there.pop(team, None)
        for sits in next_teams(there, [each for each, _ in turns], seats):
            before = [m for each, m in turns if each == sits]
            for other, since in there.items():
                if before and other != sits and since <= before[-1]:
                    assert any(each == other and m >= before[-1] for each, m in turns) or other in {
                        each for each, m in turns if m == month
                    }
            turns.append((sits, month))


def test_R88_a_newcomer_waits_no_longer_than_the_round() -> None:
    assert next_teams("abc", ["a", "b", "c", "a"], 2) == ("b", "c")
    assert next_teams("abcd", ["a", "b", "c", "a"], 2) == ("d", "b")
    assert next_teams("abc", ["a", "b"], 2) == ("c", "a")
    assert next_teams([], [], 4) == ()


def row(key: str, votes: int, place: Place = Place.NEW, placed_days_ago: int | None = None) -> SuggestionRow:
    placed_at = None if placed_days_ago is None else NOW - timedelta(days=placed_days_ago)
    return SuggestionRow(
        key, "corporate", False, key, "", "", "ana", NOW, place, "", placed_at, "", votes, votes
    )


def request(number: int, state: RfcState, blocking: int = 0) -> RfcRow:
    return RfcRow(number, f"RFC {number}", "", "ana", "", state, NOW, None, False, "", "", blocking, blocking)


def test_R87_an_agenda_has_what_waits_and_what_people_want() -> None:
    points = agenda(
        [row("few", 1), row("none", 0), row("many", 9), row("parked", 5, Place.LATER, 91),
         row("parked lately", 7, Place.LATER, 89), row("done", 30, Place.SHIPPED, 200)],
        [request(1, RfcState.FINAL_COMMENT, 1), request(2, RfcState.DISCUSSION)],
        NOW,
    )  # fmt: skip
    assert [point.title for point in points] == ["RFC 1", "many", "parked", "few"]
    assert points[0].why == "final comment; 1 blocking comment stands"
    assert points[1].why == "9 votes, 9 weighted"
    assert "parked since" in points[2].why


READY = rfc.Asked(RfcState.FINAL_COMMENT, RfcState.ACCEPTED, True, "good", 1, (), 0, None, NOW)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({}, None),
        ({"may_move": False}, "Only its author"),
        ({"because": " "}, "Say why"),
        ({"missing": ("ana", "bo")}, "Still to approve: ana, bo"),
        ({"blocking": 2}, "2 blocking comments stand"),
        ({"blocking": 2, "missing": ("ana",), "to": RfcState.DECLINED}, None),
        ({"closes_at": NOW + timedelta(days=1)}, "open until 26 Nov 2026"),
        ({"closes_at": NOW}, None),
        ({"state": RfcState.DRAFT}, "From draft it goes to discussion, withdrawn."),
        ({"state": RfcState.ACCEPTED, "to": RfcState.WITHDRAWN}, "it is over"),
        (
            {"state": RfcState.DISCUSSION, "to": RfcState.FINAL_COMMENT, "reviewers": 0},
            "Name at least one reviewer",
        ),
        ({"state": RfcState.DISCUSSION, "to": RfcState.FINAL_COMMENT, "blocking": 3}, None),
    ],
)
def test_R90_an_rfc_moves_by_its_table(changed: dict[str, object], says: str | None) -> None:
    refusal = rfc.why_not(replace(READY, **changed))  # type: ignore[arg-type]
    assert (refusal is None) if says is None else (refusal is not None and says in refusal)


def test_R90_every_state_is_in_the_table_and_three_are_final() -> None:
    assert set(rfc.TRANSITIONS) == set(RfcState)
    assert [state for state, to in rfc.TRANSITIONS.items() if not to] == [
        RfcState.ACCEPTED, RfcState.DECLINED, RfcState.WITHDRAWN
    ]  # fmt: skip


def test_similar_suggestions_share_their_rare_words() -> None:
    others = [("1", "Export requests as CSV"), ("2", "Dark mode for the console"), ("3", "A CSV of my requests"),
              ("4", "Show requests of my team")]  # fmt: skip
    assert [key for key, _ in similar("export my requests to csv", others)][:2] == ["1", "3"]
    assert similar("zebra", others) == ()
    assert similar("", others) == similar("csv", []) == ()


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=10))
def test_similarity_is_a_share_and_gives_at_most_five(text: str, others: list[str]) -> None:
    found = similar(text, [(str(n), each) for n, each in enumerate(others)])
    assert len(found) <= 5
    assert all(0 < share <= 1 for _, share in found)
