"""R108, R109: what an edition says by itself, whom its items concern, and what keeps it from being told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from companyos.adoption.features.domain.types import FeatureState
from companyos.adoption.rollouts.domain.types import Turn
from companyos.change.comms.domain.drafting import (
    Feature,
    Fragment,
    Happened,
    Reached,
    Shipped,
    Turned,
    Wanted,
    draft,
    due_since,
    renewed,
)
from companyos.change.comms.domain.release_editing import Said, Unfit, edited
from companyos.change.comms.domain.release_letter import Letter, html_of, text_of
from companyos.change.comms.domain.release_notes import (
    Item,
    ItemOrigin,
    NoteState,
    leads_somewhere,
    read_by,
    readers,
)
from companyos.change.comms.domain.release_rules import APPROVING, PUBLISHING, SAVING, Asked, why_not
from companyos.change.comms.domain.types import Size
from companyos.platform.markdown import html_of as marked
from companyos.work.cases.domain.types import Origin

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
DAY = timedelta(days=1)
KNOWN = Happened(
    features={"approvals": Feature("Approvals", "Ask once.", Size.MAJOR), "search": Feature("Search")},
    tenants={"corporate": "Corporate", "go-to-market": "Go-to-Market"},
)
SHIPPED = Shipped("c1", "search", "Search finds names", "https://x.example/1", Origin.CUSTOMER, (), (), NOON)
WANTED = Wanted("s1", "search", "Find names", "Many missed it.", "", 12, NOON)
BEGAN = Turned(
    "d1", "plan", "approvals", "pilot", "Pilot", Turn.BEGAN, "as planned", ("corporate",), 64, False, NOON
)
BACK = replace(
    BEGAN, decision="d2", turn=Turn.TAKEN_BACK, because="errors: 4 % of tasks", people=64, at=NOON + DAY
)
GA = Reached("approvals", FeatureState.INTERNAL_GA, "all gates passed", NOON)


def _said(happened: Happened) -> list[tuple[str, str, tuple[str, ...], str]]:
    return [(each.key, each.title, each.tenants, str(each.size)) for each in draft(happened)]


@pytest.mark.parametrize(
    ("happened", "said"),
    [
        ({}, []),
        ({"shipped": (SHIPPED,)}, [("change/c1", "Search finds names", (), "minor")]),
        (
            {"shipped": (replace(SHIPPED, tenants=("corporate",)),)},
            [("change/c1", "Search finds names", ("corporate",), "minor")],
        ),
        ({"wanted": (WANTED,)}, [("suggestion/s1", "You asked, we shipped: Find names", (), "minor")]),
        (  # the same change is told once
            {"shipped": (replace(SHIPPED, title="FIND names"),), "wanted": (WANTED,)},
            [("suggestion/s1", "You asked, we shipped: Find names", (), "minor")],
        ),
        ({"turns": (BEGAN,)}, [("stage/d1", "Approvals: Pilot has begun", ("corporate",), "major")]),
        (  # of a stage the last turn is told
            {"turns": (BEGAN, BACK)},
            [("stage/d2", "Approvals was taken back at Pilot", ("corporate",), "major")],
        ),
        (
            {"turns": (BEGAN, BACK, replace(BEGAN, decision="d3", at=NOON + 2 * DAY))},
            [("stage/d3", "Approvals: Pilot has begun again", ("corporate",), "major")],
        ),
        (  # what was taken back everywhere is no news as a stage that began
            {
                "turns": (
                    BEGAN,
                    replace(BACK, stage="expand", title="Expand", everything=True, tenants=("corporate", "lab")),
                )
            },
            [("stage/d2", "Approvals was taken back everywhere", ("corporate",), "major")],
        ),
        (  # a sandbox is no news
            {"turns": (replace(BEGAN, tenants=("lab",)),)},
            [],
        ),
        (  # the move that brought GA is told as that
            {"reached": (GA,), "turns": (BEGAN,)},
            [("ga/approvals/internal_ga", "Approvals has reached internal GA", (), "major")],
        ),
        (  # GA that did not last is no news
            {"reached": (GA,), "turns": (replace(BACK, everything=True),)},
            [("stage/d2", "Approvals was taken back everywhere", ("corporate",), "major")],
        ),
        (
            {"reached": (replace(GA, state=FeatureState.EXTERNAL_GA),)},
            [("ga/approvals/external_ga", "Approvals is open to customers", (), "major")],
        ),
        (
            {"fragments": (Fragment("3.speed", "Pages open faster. All of them.\n"), Fragment("4", " "))},
            [("fragment/3.speed", "Pages open faster", (), "minor")],
        ),
        (  # what is major comes first
            {"shipped": (SHIPPED,), "turns": (BEGAN,)},
            [
                ("stage/d1", "Approvals: Pilot has begun", ("corporate",), "major"),
                ("change/c1", "Search finds names", (), "minor"),
            ],
        ),
    ],
)  # fmt: skip
def test_R108_an_edition_is_drafted_from_what_happened(
    happened: dict[str, object], said: list[tuple[str, str, tuple[str, ...], str]]
) -> None:
    assert _said(replace(KNOWN, **happened)) == said  # type: ignore[arg-type]


def test_R108_each_item_says_where_it_came_from() -> None:
    whole = replace(KNOWN, shipped=(SHIPPED,), wanted=(WANTED,), turns=(BEGAN, BACK))
    why = {each.key: (each.words, each.why, each.source, each.link) for each in draft(whole)}
    assert why == {
        "stage/d2": (
            "It began in these weeks and was stopped: errors: 4 % of tasks. 64 people work as before.",
            "Decided on 10 March: errors: 4 % of tasks",
            "/decisions/d2",
            "",
        ),
        "suggestion/s1": (
            "12 people voted for it. Many missed it.",
            "Placed as shipped on 9 March, with 12 votes",
            "/roadmap/s1",
            "/roadmap/s1",
        ),
        "change/c1": (
            "Customers asked for it.",
            "Shipped on 9 March; asked for by customers",
            "https://x.example/1",
            "https://x.example/1",
        ),
    }


def test_a_link_that_does_something_else_is_never_told() -> None:
    for link in ("javascript:alert(1)", "//evil.example", "/\\evil.example", "data:text/html,x", "release 4"):
        assert not leads_somewhere(link)
        assert draft(replace(KNOWN, shipped=(replace(SHIPPED, link=link),)))[0].link == ""


def test_R108_a_draft_that_takes_in_what_is_new_keeps_what_people_wrote() -> None:
    first = draft(replace(KNOWN, shipped=(SHIPPED,), turns=(BEGAN,)))
    own = Item("by-hand/1", ItemOrigin.BY_HAND, "Thanks")
    written = tuple(replace(each, words="In our words.") for each in first)
    fresh = draft(replace(KNOWN, shipped=(SHIPPED,), turns=(BEGAN, BACK)))

    found = {each.key: (each.words, each.left_out) for each in renewed((*written, own), fresh)}
    assert found["change/c1"] == ("In our words.", False)
    assert found["stage/d1"] == ("In our words.", True)  # it does not hold any more
    assert found["stage/d2"][1] is False
    assert found["by-hand/1"] == ("", False)


@pytest.mark.parametrize(
    ("last", "first_after", "now_after", "since"),
    [
        (0, 1, 13, None),
        (0, 1, 14, 0.0),
        (0, None, 20, None),  # nothing happened: the period goes on
        (None, None, 20, None),
        (None, 10, 20, None),  # ten days since the first thing
        (None, 5, 20, 5.0),
    ],
)
def test_R108_an_edition_is_due_when_two_weeks_are_over_and_there_is_something_to_tell(
    last: int | None, first_after: int | None, now_after: int, since: float | None
) -> None:
    shipped = () if first_after is None else (replace(SHIPPED, at=NOON + first_after * DAY),)
    found = due_since(
        None if last is None else NOON + last * DAY,
        lambda at: replace(KNOWN, shipped=shipped),
        NOON + now_after * DAY,
    )
    assert (found is None) == (since is None)
    if found is not None and since is not None:
        assert timedelta() <= NOON + since * DAY - found <= timedelta(seconds=1)


ALL, OURS, THEIRS = (
    Item("a", ItemOrigin.CHANGE, "For all"),
    Item("b", ItemOrigin.STAGE, "Ours", tenants=("corporate",)),
    Item("c", ItemOrigin.STAGE, "Theirs", tenants=("go-to-market", "lab")),
)


def test_R108_each_reader_sees_the_items_of_their_tenants() -> None:
    out = Item("d", ItemOrigin.CHANGE, "Left out", left_out=True)
    assert read_by((ALL, OURS, THEIRS, out), ["corporate"]) == (ALL, OURS)
    assert read_by((ALL, OURS, THEIRS), []) == (ALL,)
    belongs = {"ana": {"corporate"}, "bo": {"corporate", "lab"}, "cy": {"lab"}, "di": {"other"}, "ed": set()}
    assert readers((OURS, THEIRS, out), belongs) == {
        (OURS,): ("ana",), (OURS, THEIRS): ("bo",), (THEIRS,): ("cy",),
    }  # fmt: skip
    assert readers((out,), belongs) == {}
    assert sorted(p for each in readers((ALL, OURS), belongs).values() for p in each) == sorted(belongs)


DRAFT = Asked("ana", 3, NoteState.DRAFT, 3, None, "March", 2, "bo", "")
APPROVED = replace(DRAFT, state=NoteState.APPROVED, approved_by="ana")
PUBLISHED = replace(APPROVED, state=NoteState.PUBLISHED, shown=3)
CORRECTION = replace(PUBLISHED, seen=4, version=4, approved_by="", because="It is Tuesday")


@pytest.mark.parametrize(
    ("rules", "asked", "says"),
    [
        (SAVING, DRAFT, ""),
        (SAVING, replace(DRAFT, seen=2), "Somebody saved version 3 meanwhile"),
        (SAVING, replace(DRAFT, title=" "), "Give the note a title"),
        (SAVING, replace(DRAFT, told=0), ""),
        (SAVING, APPROVED, ""),
        (SAVING, PUBLISHED, "say what you put right"),
        (SAVING, replace(PUBLISHED, because="It is Tuesday"), ""),
        (APPROVING, DRAFT, ""),
        (APPROVING, replace(DRAFT, last_editor="ana"), "another person approves it"),
        (APPROVING, replace(DRAFT, told=0), "Every item is left out"),
        (APPROVING, replace(DRAFT, seen=2), "meanwhile"),
        (APPROVING, APPROVED, "approved already"),
        (APPROVING, PUBLISHED, "approved already"),
        (APPROVING, CORRECTION, ""),
        (APPROVING, replace(CORRECTION, last_editor="ana"), "another person approves it"),
        (PUBLISHING, APPROVED, ""),
        (PUBLISHING, DRAFT, "Somebody other than its last editor approves it first"),
        (PUBLISHING, replace(APPROVED, told=0), "Every item is left out"),
        (PUBLISHING, replace(APPROVED, seen=2), "meanwhile"),
        (PUBLISHING, PUBLISHED, "published already"),
    ],
)
def test_R108_what_keeps_a_note_from_being_told(rules: object, asked: Asked, says: str) -> None:
    found = why_not(rules, asked)  # type: ignore[arg-type]
    assert says in found
    assert bool(says) == bool(found)


def test_R108_people_reword_leave_out_and_add_but_never_say_where_an_item_came_from() -> None:
    before = draft(replace(KNOWN, shipped=(SHIPPED,), turns=(BEGAN,)))
    own = Item("by-hand/4", ItemOrigin.BY_HAND, "Gone")
    made = edited(
        (*before, own),
        [
            Said("Faster search", "change/c1", words=" Try it. ", tenants=("corporate",)),
            Said("Thank you", link="/roadmap", size=Size.MAJOR),
            Said("And you", "change/none"),
        ],
        tenants={"corporate"},
    )
    assert [(e.key, e.title, e.words, e.tenants, e.origin, e.left_out) for e in made] == [
        ("change/c1", "Faster search", "Try it.", ("corporate",), ItemOrigin.CHANGE, False),
        ("by-hand/6", "Thank you", "", (), ItemOrigin.BY_HAND, False),
        ("by-hand/7", "And you", "", (), ItemOrigin.BY_HAND, False),
        ("stage/d1", before[0].title, before[0].words, ("corporate",), ItemOrigin.STAGE, True),
    ]
    assert made[0].source == before[1].source


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ([Said(" ", "change/c1")], "Item 1 has no title"),
        ([Said("A", link="javascript:alert(1)")], "no web address"),
        ([Said("A", tenants=("lab",))], "lab, which is no production tenant"),
        ([Said("A", "change/c1"), Said("B", "change/c1")], "named twice"),
        ([Said(str(n)) for n in range(201)], "at most 200"),
    ],
)
def test_an_item_that_cannot_be_told_so_says_what_to_do(said: list[Said], problem: str) -> None:
    with pytest.raises(Unfit, match=problem):
        edited(draft(replace(KNOWN, shipped=(SHIPPED,))), said, tenants={"corporate"})


def test_R109_a_mail_holds_nothing_that_somebody_wrote_as_markup() -> None:
    hostile = '<script>alert("x")</script>'
    item = Item("a", ItemOrigin.BY_HAND, hostile, f"{hostile} **bold**", "/roadmap", size=Size.MAJOR)
    letter = Letter(hostile, hostile, (item,), "https://app.example", "/release-notes/1", "/requests/told")

    html = html_of(letter, marked)
    assert "<script" not in html
    assert "<strong>bold</strong>" in html
    assert '<a href="https://app.example/roadmap">' in html
    text = text_of(letter)
    assert f"{hostile} (major change)\n{hostile} **bold**\nhttps://app.example/roadmap" in text
    assert "https://app.example/release-notes/1" in text
    assert "https://app.example/requests/told" in text
