"""Which banner a person sees, what is asked of one, and which get in each other's way (R111): pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.change.comms.domain.banners import (
    LATELY,
    MOST_NEW,
    RULES,
    Audience,
    BannerRow,
    Offered,
    Severity,
    Situation,
    choose,
)
from companyos.change.comms.domain.conflicts import Placed, conflicts
from companyos.change.comms.domain.drafts import Draft, fault_of

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
INFO, WARNING, CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL


def banner(
    name: str,
    severity: Severity = INFO,
    *,
    since: int = 1,
    hours: int = 2,
    priority: int = 5,
    needs_ack: bool = False,
    ended: int | None = None,
) -> BannerRow:
    """`since` and `ended` are hours before noon."""
    starts_at, ended_at = NOON - since * HOUR, None if ended is None else NOON - ended * HOUR
    return BannerRow(
        name, name, "Words.", "", "", severity, Audience(("corporate",)), "", starts_at, starts_at + hours * HOUR,
        not needs_ack, needs_ack, priority, NOON, "ada", ended_at,
    )  # fmt: skip


def offered(row: BannerRow, shown: bool = False, *, answered: bool = False) -> Offered:
    return Offered(
        row.id, row.severity, row.title, row.words, "", "", row.dismissible, row.needs_ack, row.priority,
        row.starts_at, row.over_at, shown, answered,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("has", "new", "seen", "rule"),
    [
        ([], (), "", "without_a_banner_nothing_is_shown"),
        ([offered(banner("a", since=-1))], (), "", "without_a_banner_nothing_is_shown"),
        ([offered(banner("a", since=2))], (), "", "without_a_banner_nothing_is_shown"),  # its last moment is over
        ([offered(banner("a", since=0))], (), "a", "information_comes_last"),  # its first has begun
        ([offered(banner("a", hours=9, ended=0))], (), "", "without_a_banner_nothing_is_shown"),
        ([offered(banner("a"), True, answered=True)], (), "", "who_has_answered_is_left_alone"),
        ([offered(banner("a", needs_ack=True), True, answered=True)], (), "", "who_has_answered_is_left_alone"),
        ([offered(banner("a", needs_ack=True), True)], (1,), "a", "information_comes_last"),
        (
            [offered(banner("a", priority=1)), offered(banner("b", WARNING)),
             offered(banner("c", CRITICAL, priority=9))],
            (), "c", "a_critical_one_comes_first",
        ),
        (
            [offered(banner("a", priority=1)), offered(banner("b", WARNING))],
            (), "b", "a_warning_comes_before_information",
        ),
        ([offered(banner("a", priority=2)), offered(banner("b", priority=1))], (), "b", "information_comes_last"),
        ([offered(banner("a", since=1)), offered(banner("b", since=2, hours=9))], (), "b", "information_comes_last"),
        ([offered(banner("a", WARNING))], (1, 2, 3), "", "a_full_day_shows_nothing_new"),
        ([offered(banner("a", WARNING))], (1, 2), "a", "a_warning_comes_before_information"),
        ([offered(banner("a", WARNING))], (1, 2, 24), "a", "a_warning_comes_before_information"),  # a day ago is past
        ([offered(banner("a", CRITICAL))], (1, 2, 3), "a", "a_critical_one_comes_first"),
        # on a full day what was shown before stays, and what is new waits behind it
        ([offered(banner("a", WARNING)), offered(banner("b"), True)], (1, 2, 3), "b", "information_comes_last"),
    ],
)  # fmt: skip
def test_R111_the_first_rule_with_an_opinion_chooses(
    has: list[Offered], new: tuple[int, ...], seen: str, rule: str
) -> None:
    choice = choose(Situation(NOON, tuple(has), tuple(NOON - hours * HOUR for hours in new)))

    assert (choice.shown.id if choice.shown else "", choice.rule) == (seen, rule)
    assert choice.because


def test_a_choice_says_why_with_the_numbers() -> None:
    rows = (offered(banner("a", CRITICAL)), offered(banner("b")))
    assert (
        choose(Situation(NOON, rows)).because
        == "critical, priority 5, since 09 Mar 2026, 11:00; 1 other waits"
    )
    full = Situation(NOON, (offered(banner("a")),), (NOON,) * 3)
    assert choose(full).because == "3 were new to them within 24 hours, 3 are the most; 1 waits"
    assert all(rule.__doc__ for rule in RULES)


_moments = st.integers(-72, 2).map(lambda hours: NOON + hours * HOUR)


@st.composite
def _situations(draw: st.DrawFn) -> Situation:
    rows = []
    for n in range(draw(st.integers(0, 8))):
        row = banner(
            f"{n}", draw(st.sampled_from(Severity)), since=draw(st.integers(-2, 48)), hours=draw(st.integers(1, 72)),
            priority=draw(st.integers(1, 9)), needs_ack=draw(st.booleans()),
            ended=draw(st.none() | st.integers(-2, 48)),
        )  # fmt: skip
        rows.append(offered(row, draw(st.booleans()), answered=draw(st.booleans())))
    return Situation(NOON, tuple(rows), tuple(draw(st.lists(_moments, max_size=6))))


@given(_situations())
def test_R111_never_an_answered_one_and_critical_is_never_held_back(situation: Situation) -> None:
    choice = choose(situation)

    waiting = [e for e in situation.offered if e.starts_at <= NOON < e.over_at and not e.is_answered]
    critical = [each for each in waiting if each.severity is CRITICAL]
    day_is_full = sum(at > NOON - LATELY for at in situation.new_to_them) >= MOST_NEW
    if choice.shown is None:
        assert not critical
        assert not any(each.was_shown for each in waiting)  # what was shown stays until it is answered
        assert day_is_full or not waiting
    else:
        assert choice.shown in waiting
        assert (choice.shown in critical) == bool(critical)
        assert choice.shown.was_shown or critical or not day_is_full
    assert (
        choose(replace(situation, offered=situation.offered[::-1])) == choice
    )  # whatever the order they come in


@given(_situations())
def test_what_else_was_new_today_is_asked_only_where_it_matters(situation: Situation) -> None:
    without = choose(replace(situation, new_to_them=()))
    assert without.depends_on_the_day or choose(situation) == without


@given(st.lists(st.tuples(st.sampled_from(Severity), st.booleans()), min_size=1, max_size=12))
def test_R111_a_day_newly_shows_three_and_every_critical_one(asked: list[tuple[Severity, bool]]) -> None:
    """One person, a page an hour, answering what they answer at once."""
    answers = {f"{n:02}": does for n, (_, does) in enumerate(asked)}
    has = [offered(banner(f"{n:02}", severity, hours=99)) for n, (severity, _) in enumerate(asked)]
    new: list[datetime] = []
    for hour in range(24):
        now = NOON + hour * HOUR
        shown = choose(Situation(now, tuple(has), tuple(new))).shown
        if shown is None:
            continue
        if not shown.was_shown and shown.severity is not CRITICAL:
            new.append(now)
        has[has.index(shown)] = replace(shown, was_shown=True, is_answered=answers[shown.id])

    assert len(new) <= MOST_NEW
    critical = [each for each in has if each.severity is CRITICAL]
    if all(answers[each.id] for each in critical):
        assert all(each.is_answered for each in critical)


DRAFT = Draft("Approvals move", "On Monday.", NOON + 2 * HOUR, audience=Audience(("corporate",)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ""),
        ({"title": ""}, "Give the banner a title"),
        ({"words": ""}, "Give the banner a title"),
        ({"title": "x" * 81}, "81 characters; 80"),
        ({"words": "x" * 301}, "301 characters; 300"),
        ({"words": "x" * 300}, ""),
        ({"link": "/rollouts"}, "its own words"),
        ({"link_words": "See"}, "its own words"),
        *[({"link": link, "link_words": "See"}, "") for link in ("/rollouts?a=b#c", "https://a.example/x")],
        *[
            ({"link": link, "link_words": "See"}, "Link to")
            for link in ("javascript:alert(1)", "//a.example", "/\\a.example", "http:///x", "data:,x", "rollouts",
                         "/a b", "https://[", "/" + "x" * 300)
        ],
        ({"ends_at": NOON}, "ends later than it starts"),
        ({"starts_at": NOON + 2 * HOUR}, "ends later than it starts"),
        ({"starts_at": NOON - 99 * HOUR, "ends_at": NOON - HOUR}, "not in the past"),
        ({"ends_at": NOON + timedelta(days=60)}, ""),
        ({"ends_at": NOON + timedelta(days=61)}, "61 days; 60"),
        ({"starts_at": NOON + timedelta(days=90), "ends_at": NOON + timedelta(days=100)}, ""),
        ({"priority": 0}, "from 1"),
        ({"priority": 10}, "from 1"),
    ],
)  # fmt: skip
def test_what_is_asked_of_a_banner(change: dict[str, object], said: str) -> None:
    found = fault_of(replace(DRAFT, **change), NOON)  # type: ignore[arg-type]
    assert (said in found) if said else not found


HOME = {"ada": "Corporate", "bo": "Corporate", "cy": "Sales"}


def _conflicts(*rows: tuple[BannerRow, str]) -> list[tuple[int, str]]:
    return [
        (each.people, each.says)
        for each in conflicts([Placed(row, frozenset(people.split())) for row, people in rows], HOME)
    ]


def test_two_critical_ones_at_once_are_a_conflict_that_says_which_is_first() -> None:
    older, newer = banner("Old", CRITICAL, since=2, hours=9), banner("New", CRITICAL, hours=9)

    assert _conflicts((newer, "ada bo"), (older, "ada bo cy")) == [
        (2, "Two critical banners for Corporate at once: “Old” is shown first, the older; "
            "“New” waits until it is answered.")
    ]  # fmt: skip
    assert "priority 1 before 5" in _conflicts((replace(newer, priority=1), "ada"), (older, "ada"))[0][1]
    assert not _conflicts((newer, "ada"), (older, "cy"))
    assert not _conflicts((newer, "ada"), (replace(older, ended_at=newer.starts_at), "ada"))
    assert not _conflicts((newer, "ada"), (replace(older, severity=WARNING), "ada"))


def test_more_than_a_day_shows_is_a_conflict_of_those_who_have_them_at_once() -> None:
    rows = [banner(f"{n}", hours=9) for n in range(5)]

    assert not _conflicts(*((row, "ada") for row in rows[:3]))
    found = _conflicts(*((row, "ada cy") for row in rows[:4]), (rows[4], "bo"))
    assert [people for people, _ in found] == [2]
    assert found[0][1].startswith("4 banners that are not critical for Corporate, Sales at once: ")
