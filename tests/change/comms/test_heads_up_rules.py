"""What is told of a change to come, when, and what is said of it afterwards (R112): pure rules and words."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from companyos.change.comms.domain.aftermath import Became, Standing, what_to_say
from companyos.change.comms.domain.heads_up import RULES, Act, Coming, Told, judge
from companyos.change.comms.domain.types import Size
from companyos.change.comms.domain.wording import (
    Story,
    daily_words,
    follow_up,
    moved_words,
    notice_words,
    post_words,
    titled,
    whom_said,
)
from companyos.kernel.business_time import WorkingCalendar

MADRID = ZoneInfo("Europe/Madrid")
CALENDAR = WorkingCalendar(MADRID, (time(9), time(17)), frozenset({date(2026, 3, 6)}))  # a Friday off
MONDAY = datetime(2026, 3, 9, 8, tzinfo=UTC)  # 09:00 in Madrid
DAY = timedelta(days=1)
TOLD = Told(MONDAY, MONDAY)


def _coming(
    *,
    affected: int = 14,
    size: Size = Size.MAJOR,
    at: datetime = MONDAY,
    told: Told | None = None,
    newcomers: int = 0,
    overdue: bool = False,
) -> Coming:
    return Coming(size, at, affected, told, newcomers, overdue)


@pytest.mark.parametrize(
    ("coming", "now", "act", "words"),
    [
        (_coming(affected=0), MONDAY - DAY, Act.DAILY, "alters what nobody sees"),
        (_coming(affected=0, told=TOLD), MONDAY, Act.DAILY, "nobody sees"),
        # five working days before Monday 9th, without the Friday off: Friday 27 February
        (_coming(), datetime(2026, 2, 27, 7, 59, tzinfo=UTC), Act.WAIT, "5 working days ahead, on Fri 27 Feb"),
        (_coming(), datetime(2026, 2, 27, 8, tzinfo=UTC), Act.TELL, "affects 14 people"),
        (_coming(), MONDAY + DAY, Act.TELL, "affects 14"),  # decided late: better late than never
        (_coming(told=TOLD), MONDAY - DAY, Act.NOTHING, "everybody affected was told"),
        (_coming(told=TOLD, newcomers=2), MONDAY - DAY, Act.TELL_NEWCOMERS, "2 of those affected"),
        (_coming(told=TOLD, at=MONDAY + DAY), MONDAY - DAY, Act.CORRECT, "within a working day"),
        (_coming(told=TOLD, at=MONDAY + timedelta(hours=2)), MONDAY - DAY, Act.CORRECT, "within"),
        (_coming(told=Told(MONDAY, MONDAY + DAY), at=MONDAY + DAY), MONDAY, Act.NOTHING, "told"),
        (_coming(told=TOLD, at=MONDAY + 2 * DAY), MONDAY - DAY, Act.SAY_MOVED, "moved by 2 working days"),
        (_coming(told=TOLD, at=MONDAY - 4 * DAY), MONDAY - 6 * DAY, Act.CORRECT, "within"),  # Thu, Fri is off
        (_coming(told=TOLD, at=MONDAY - 5 * DAY), MONDAY - 6 * DAY, Act.SAY_MOVED, "moved by 2"),
        (_coming(told=TOLD, at=MONDAY + DAY, overdue=True), MONDAY + DAY, Act.NOTHING, "told"),
        (_coming(told=TOLD, at=MONDAY + 2 * DAY, overdue=True), MONDAY + 2 * DAY, Act.SAY_OPEN, "waits for"),
        (
            _coming(told=Told(MONDAY, MONDAY, is_open=True), at=MONDAY + 3 * DAY, overdue=True),
            MONDAY + 3 * DAY, Act.NOTHING, "told",
        ),
        (
            _coming(told=Told(MONDAY, MONDAY, is_open=True), at=MONDAY + DAY),
            MONDAY, Act.SAY_MOVED, "a date again: Tue 10 Mar",
        ),
        (_coming(told=TOLD, newcomers=2, at=MONDAY + 2 * DAY), MONDAY - DAY, Act.SAY_MOVED, "moved"),
    ],
)  # fmt: skip
def test_R112_what_is_told_and_when(coming: Coming, now: datetime, act: Act, words: str) -> None:
    advice = judge(coming, days=5, calendar=CALENDAR, now=now)
    assert (advice.act, words in advice.because) == (act, True), advice


def test_R112_the_lead_time_is_that_of_the_size_and_every_rule_says_what_it_does() -> None:
    thursday = datetime(2026, 3, 5, 8, tzinfo=UTC)
    minor = judge(_coming(size=Size.MINOR), days=1, calendar=CALENDAR, now=thursday - timedelta(seconds=1))
    assert (minor.act, minor.until) == (Act.WAIT, thursday)
    assert judge(_coming(size=Size.MINOR), days=1, calendar=CALENDAR, now=thursday).act is Act.TELL
    assert all((rule.__doc__ or "").strip().endswith(".") for rule in RULES)


AT = datetime(2026, 3, 9, 8, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "became", "words"),
    [
        (Standing.COMING, Became(Standing.COMING, AT), ""),
        (Standing.COMING, Became(Standing.ON, AT, "go", 14, AT), "On since Mon 9 Mar 09:12 for 14 people."),
        (Standing.ON, Became(Standing.ON, AT, "go", 14, AT), ""),
        (Standing.ON, Became(Standing.PAUSED, AT, "An open Sev1."),
         "Paused Mon 9 Mar 09:12: An open Sev1. Whoever has it keeps it."),
        (Standing.PAUSED, Became(Standing.ON, AT, "mended", 14, AT), "Goes on since Mon 9 Mar 09:12: mended."),
        (Standing.ON, Became(Standing.TAKEN_BACK, AT, "taken back: errors 4.1 % against 0.6 %"),
         "Taken back Mon 9 Mar 09:12: errors 4.1 % against 0.6 %."),
        (Standing.ON, Became(Standing.PASSED, AT, "", 1, AT),
         "On since Mon 9 Mar 09:12 for 1 person; the stage has passed, it stays on."),
        (Standing.COMING, Became(Standing.SHADOW, AT),
         "Begun Mon 9 Mar 09:12 beside the old path, which goes on answering: nobody sees a difference yet."),
        (Standing.SHADOW, Became(Standing.ON, AT, "", 14, AT), "On since Mon 9 Mar 09:12 for 14 people."),
        (Standing.COMING, Became(Standing.OPEN, AT, "a freeze"), "The date is open since Mon 9 Mar 09:12: a freeze."),
        (Standing.COMING, Became(Standing.CALLED_OFF, AT, "killed"),
         "It does not come; called off Mon 9 Mar 09:12: killed."),
        (Standing.COMING, Became(Standing.REFUSED, AT, "It changed."),
         "It was to come Mon 9 Mar 09:12 and was not made: It changed."),
        (Standing.COMING, Became(Standing.DONE, AT, "", 3), "Done Mon 9 Mar 09:12 for 3 people."),
        (Standing.TAKEN_BACK, Became(Standing.ON, AT, "", 14, AT), ""),  # another attempt has a notice of its own
    ],
)  # fmt: skip
def test_R112_what_became_of_it_is_said_once_with_its_reason(
    said: Standing, became: Became, words: str
) -> None:
    assert what_to_say(said, became, MADRID) == words


def test_an_outcome_fits_its_field() -> None:
    assert len(what_to_say(Standing.ON, Became(Standing.PAUSED, AT, "x" * 900), MADRID)) == 300


STORY = Story(
    title="Approvals *are* new", what="One list\nfor all requests.", people=14,
    teams=("Finance", "Legal", "Sales", "Support", "IT"), happens_at=MONDAY,
    way_back="Taken back within seconds.", tell="Ana Ruiz", depends_on="as soon as the pilot passes its gates",
)  # fmt: skip


def test_a_notice_says_what_for_whom_when_the_way_back_and_whom_to_tell() -> None:
    assert notice_words(STORY, MADRID) == (
        "**What changes.** One list for all requests.\n\n"
        "**For whom.** 14 people of Finance, Legal, Sales and 2 more teams.\n\n"
        "**When.** Expected Mon 9 Mar 09:00 (Europe/Madrid), as soon as the pilot passes its gates. "
        "If that moves, it is told here.\n\n"
        "**The way back.** Taken back within seconds.\n\n"
        "**If something is wrong.** Tell Ana Ruiz."
    )


def test_the_post_says_the_same_in_plain_lines() -> None:
    assert post_words(STORY, MADRID).splitlines() == [
        "*Heads-up: Approvals are new*",
        "One list for all requests.",
        "For 14 people of Finance, Legal, Sales and 2 more teams.",
        "Expected Mon 9 Mar 09:00 (Europe/Madrid), as soon as the pilot passes its gates. "
        "If that moves, it is told here.",
        "Taken back within seconds. Tell Ana Ruiz.",
    ]
    assert follow_up(STORY.title, "On since Monday.") == "*Approvals are new*: On since Monday."


def test_small_words() -> None:
    assert whom_said(1, ()) == "1 person."
    assert whom_said(2, ("IT",)) == "2 people of IT."
    assert whom_said(1200, ("A", "B")) == "1,200 people of A and B."
    assert moved_words(MONDAY, MONDAY - DAY, MADRID, was_open=False) == (
        "Moved to Mon 9 Mar 09:00 (it was Sun 8 Mar 09:00)."
    )
    assert moved_words(MONDAY, MONDAY, MADRID, was_open=True) == "There is a date again: Mon 9 Mar 09:00."
    assert titled("x" * 200).endswith("…") and len(titled("x" * 200)) == 160
    daily = daily_words("Mon 9 Mar 16:00", [f"flag {n}" for n in range(33)]).splitlines()
    assert daily[0] == "*Changed until Mon 9 Mar 16:00; nobody sees a difference*"
    assert (daily[1], daily[-1], len(daily)) == ("• flag 0", "• and 3 more", 32)
