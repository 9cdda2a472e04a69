"""Spotlight, pilots, quarters, balances and the credential: pure judgements as tables (R102, R105, R106, R107)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from companyos.change.recognition.domain.credential import credential, is_credential_of
from companyos.change.recognition.domain.ledger import (
    Balance,
    ClaimState,
    Deciding,
    Entry,
    EntryRow,
    balance_of,
    hundredths,
    shown,
    state_of,
    why_not_decide,
)
from companyos.change.recognition.domain.pilots import Arrival, Terms, pilots
from companyos.change.recognition.domain.quarters import Quarter, quarter_named, quarter_of
from companyos.change.recognition.domain.spotlight import Nomination, why_not_vote, winner
from companyos.kernel.data_integrity import did_key

AT = datetime(2026, 11, 9, 9, tzinfo=UTC)
DAY = timedelta(days=1)
MADRID = ZoneInfo("Europe/Madrid")


def nominated(key: str, voters: int = 1, day: int = 0) -> Nomination:
    return Nomination(key, key.upper(), AT + day * DAY, voters, frozenset({f"maker-of-{key}"}))


@pytest.mark.parametrize(
    ("nominations", "votes", "won", "says"),
    [
        ((), "", "", "Nothing shipped"),
        ((nominated("a"), nominated("b")), "", "", "Nobody voted for any of 2"),
        ((nominated("a"), nominated("b")), "abb", "b", "2 of 3 votes, 2 nominated."),
        (
            (nominated("a", 3), nominated("b", 7)),
            "ab",
            "b",
            "level with 1, and 7 wanted it before it shipped, 3 the",
        ),
        (
            (nominated("a", 3, 5), nominated("b", 3, 2)),
            "ab",
            "b",
            "level with 1 also by who wanted it, and it shipped",
        ),
        ((nominated("a", 3), nominated("b", 3)), "ab", "a", "so by its number"),
        (
            (nominated("a", 3, 5), nominated("b", 3, 2), nominated("c", 9)),
            "ab",
            "b",
            "1 of 2 votes, 3 nominated",
        ),
        (
            (nominated("a"),),
            "aagone",
            "a",
            "2 of 2 votes",
        ),  # votes for what is no nomination any more are not counted
    ],
)
def test_R105_ties_are_broken_openly(
    nominations: tuple[Nomination, ...], votes: str, won: str, says: str
) -> None:
    given = ["a", "a", "gone"] if votes == "aagone" else list(votes)
    found = winner(nominations, given)

    assert found.suggestion == won
    assert says in found.because


def test_R105_nobody_votes_for_their_own_or_too_early() -> None:
    assert why_not_vote(nominated("a"), "bo", is_open=True) is None
    assert "your own" in (why_not_vote(nominated("a"), "maker-of-a", is_open=True) or "")
    assert "not nominated" in (why_not_vote(None, "bo", is_open=True) or "")
    assert "not open" in (why_not_vote(nominated("a"), "bo", is_open=False) or "")


def test_R105_a_quarter_is_of_the_companys_calendar_and_its_vote_lasts_two_weeks() -> None:
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # in Madrid it is 2027
    q4 = Quarter(2026, 4)

    assert quarter_of(new_year, MADRID) == Quarter(2027, 1) == q4.following
    assert q4 == Quarter(2027, 1).before == quarter_of(new_year, UTC)
    assert [str(Quarter(2026, n).following) for n in (1, 2, 3, 4)] == [
        "2026-Q2",
        "2026-Q3",
        "2026-Q4",
        "2027-Q1",
    ]
    assert [str(Quarter(2026, n).before) for n in (1, 2, 3, 4)] == [
        "2025-Q4",
        "2026-Q1",
        "2026-Q2",
        "2026-Q3",
    ]
    assert q4.votes_at(new_year, MADRID) and not q4.votes_at(new_year - DAY, MADRID)
    assert not q4.votes_at(q4.closes(MADRID), MADRID)
    assert quarter_named("2026-Q4") == q4
    assert [quarter_named(odd) for odd in ("2026-Q5", "Q4", "2026", "", "0000-Q1", "²026-Q1")] == [None] * 6


def arrivals(**days: float) -> list[Arrival]:
    return [Arrival(team, AT + day * DAY) for team, day in days.items()]


@pytest.mark.parametrize(
    ("came", "teams", "places"),
    [
        ({}, 10, {}),
        ({"a": 0, "b": 3, "c": 9, "d": 12}, 10, {"a": 1, "b": 2, "c": 3}),
        ({"a": 0, "b": 0.9, "c": 9, "d": 12}, 10, {"a": 1, "b": 1, "c": 3}),
        ({"a": 0, "b": 5, "c": 5.1, "d": 5.2}, 10, {"a": 1, "b": 2, "c": 2, "d": 2}),
        ({"a": 0, "b": 0, "c": 0}, 4, {}),  # nearly everybody at once: nobody piloted anything
        ({"a": 0, "b": 5, "c": 5}, 4, {"a": 1}),
        ({"a": 0}, 1, {}),
    ],
)
def test_R106_the_first_teams_pilot_as_long_as_most_are_still_to_come(
    came: dict[str, float], teams: int, places: dict[str, int]
) -> None:
    assert {each.team: each.place for each in pilots(arrivals(**came), teams=teams, terms=Terms())} == places


def entry(kind: Entry, amount: int) -> EntryRow:
    return EntryRow(kind, amount, "", "ada", AT, "why")


def test_R107_the_balance_is_the_sum_of_the_lines() -> None:
    lines = [
        entry(Entry.BUDGETED, 1000), entry(Entry.CUT, 100), entry(Entry.APPROVED, 300), entry(Entry.DECLINED, 0),
        entry(Entry.APPROVED, 200), entry(Entry.SPENT, 250), entry(Entry.GIVEN_BACK, 50),
    ]  # fmt: skip

    assert balance_of(lines) == Balance(budget=900, free=450, promised=200, spent=250)
    assert balance_of([]) == Balance(0, 0, 0, 0)
    assert state_of([]) is ClaimState.ASKED
    assert state_of([Entry.APPROVED, Entry.SPENT, Entry.GIVEN_BACK]) is ClaimState.SPENT


OPEN = Deciding(
    "owner", frozenset({"owner"}), frozenset({"ada", "bo"}), "ada", ClaimState.ASKED, 100, 100, True
)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, None),
        ({"actor": "ada"}, "answer for the budget"),
        ({"team_people": frozenset({"owner"})}, "own team"),
        ({"asked_by": "owner"}, "own team"),
        ({"state": ClaimState.DECLINED}, "declined already"),
        ({"free": 99}, "1.00 is more than the 0.99 that remain"),
        ({"free": 0, "approves": False}, None),
    ],
)
def test_R107_who_decides_and_how_far(changes: dict[str, object], says: str | None) -> None:
    found = why_not_decide(replace(OPEN, **changes))  # type: ignore[arg-type]

    assert found is None if says is None else says in (found or "")


@pytest.mark.parametrize(
    ("text", "amount"), [("120", 12000), (" 120.5 ", 12050), ("0,05", 5), ("9999999.99", 999999999)]
)
def test_R107_amounts_are_read_in_hundredths(text: str, amount: int) -> None:
    assert hundredths(text) == amount
    assert shown(123456) == "1,234.56"


@pytest.mark.parametrize("odd", ["", "-5", "1.234", "1e3", "12345678", "1.2.3", "٣", ".5", "nan"])
def test_R107_what_is_no_amount_is_refused(odd: str) -> None:
    with pytest.raises(ValueError):
        hundredths(odd)


SEED = bytes(range(32))


def test_R102_the_credential_is_of_a_team_and_by_this_key_alone() -> None:
    made = credential(
        badge="019a6cd5-0000-7000-8000-000000000001", team="People Ops", feature="Unified Approvals",
        because="3 of 3 weeks.", evidence_sha256="ab" * 32, at=AT, issuer="CompanyOS",
        address="https://os.example", seed=SEED,
    )  # fmt: skip

    # what Open Badges 3.0 asks of an OpenBadgeCredential, its issuer, its subject and its achievement
    assert made["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert made["@context"][1].startswith("https://purl.imsglobal.org/spec/ob/v3p0/context")
    assert {"VerifiableCredential", "OpenBadgeCredential"} <= set(made["type"])
    assert {"id", "name", "issuer", "validFrom", "credentialSubject", "proof"} <= made.keys()
    assert {"id", "type"} <= made["issuer"].keys()
    subject = made["credentialSubject"]
    assert (
        subject["type"] == ["AchievementSubject"] and subject["identifier"][0]["identityHash"] == "People Ops"
    )
    assert {"id", "type", "name", "description", "criteria"} <= subject["achievement"].keys()
    assert is_credential_of(made, did_key(SEED))
    assert not is_credential_of(made, did_key(bytes(32)))
    assert not is_credential_of({**made, "name": "Another"}, did_key(SEED))
    assert not is_credential_of({**made, "issuer": did_key(SEED)}, did_key(SEED))
