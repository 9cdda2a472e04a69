"""Diffs, an audience in plain words, and which flags are stale."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from small_world import release

from companyos.adoption.flags.domain.diff import diff, in_words
from companyos.adoption.flags.domain.documents import plain
from companyos.adoption.flags.domain.reach import reach_sentence
from companyos.adoption.flags.domain.stale import MARKS, Look, marks
from companyos.adoption.flags.domain.types import Arm, Audience, FlagState, Kind, Lifecycle, Slice

NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
TITLES = {
    "tenant gtm": "Sales, CS & Support", "team sales": "Sales", "team support": "Support", "segment vip": "Key people",
}  # fmt: skip


def test_a_diff_says_field_by_field_what_changed() -> None:
    before = release("a", Slice("gtm", teams=("sales",), percent=10))
    after = replace(
        before,
        title="B",
        expires=date(2027, 1, 1),
        audience=Audience((Slice("gtm", teams=("support",), percent=25), Slice("lab"))),
    )
    assert [each.sentence for each in diff(plain(before), plain(after))] == [
        "slice gtm, percent: 10 → 25",
        "slice gtm, teams: + support; − sales",
        "slice lab, everybody: yes, new",
        "expires: 2027-01-01, new",
        "title: A → B",
    ]
    assert diff(plain(before), plain(before)) == ()


def test_an_audience_reads_as_sentences() -> None:
    spec = replace(
        release("a", kind=Kind.EXPERIMENT, lifecycle=Lifecycle.PRERELEASE),
        arms=(Arm("plain", 1), Arm("bold", 3)),
        audience=Audience(
            (
                Slice("gtm", teams=("sales", "support"), percent=25),
                Slice(segments=("vip",)),
                Slice(people=("ana", "ben")),
            ),
            (Slice("gtm"),),
            ("b",),
        ),
    )
    assert in_words(spec, TITLES) == (
        "A prerelease: whatever follows, it is on only in the tenants that show prereleases.",
        "On for 25 % of Sales and Support in Sales, CS & Support.",
        "On for segment Key people.",
        "On for 2 named people.",
        "Never for everybody in Sales, CS & Support.",
        "Only where b is on.",
        "Those people are divided: 25% plain and 75% bold.",
    )
    assert in_words(release("a"), {}) == ("Off for everybody.",)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((214, 2, 31, 3), "214 people in 2 tenants; 31 new, 3 lose it"),
        ((1, 1, 1, 0), "1 person in 1 tenant; 1 new"),
        ((5, 1, 0, 1), "5 people in 1 tenant; 1 loses it"),
        ((0, 0, 0, 0), "nobody; nobody changes"),
    ],
)
def test_reach_in_one_sentence(counts: tuple[int, int, int, int], said: str) -> None:
    assert reach_sentence(*counts) == said


def look(days: int = 1, word: str = "staged", **fields: object) -> Look:
    spec = replace(
        release("a"), **{k: v for k, v in fields.items() if k in {"kind", "expires", "owner", "lifecycle"}}
    )  # type: ignore[arg-type]
    then = NOW - timedelta(days=days)
    return Look(
        FlagState(spec, 2), NOW, word, then, then, bool(fields.get("there", True)),
        fields.get("asked"), "asked" in fields,  # type: ignore[arg-type]
    )  # fmt: skip


STALE = {
    "fresh": (look(), []),
    "expired": (look(expires=date(2026, 11, 8)), ["past_its_day"]),
    "expires today": (look(expires=date(2026, 11, 9)), []),
    "on for all for long": (look(30, "org_wide"), ["the_same_for_everybody"]),
    "on for all since lately": (look(29, "org_wide"), []),
    "staged for long": (look(400), []),
    "a permission off for long": (look(90, "off", kind=Kind.PERMISSION), []),
    "never asked for": (look(40, asked=None), ["nobody_asks"]),
    "asked for today": (look(40, asked=NOW), []),
    "not asked for lately": (look(90, asked=NOW - timedelta(days=31)), ["nobody_asks"]),
    "nobody counts": (look(90), []),
    "owner gone": (look(there=False), ["the_owner_is_gone"]),
    "no owner": (look(owner=""), ["the_owner_is_gone"]),
    "archived": (look(90, "archived", lifecycle=Lifecycle.ARCHIVED, there=False), []),
}


@pytest.mark.parametrize("case", STALE)
def test_a_stale_flag_says_why(case: str) -> None:
    seen, rules = STALE[case]
    found = marks(seen)
    assert [mark.rule for mark in found] == rules
    assert all(mark.because for mark in found)


def test_every_mark_is_met_once_in_the_table() -> None:
    assert {rule.__name__ for rule in MARKS} == {rule for _, rules in STALE.values() for rule in rules}
