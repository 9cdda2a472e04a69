"""What people are told, what they do with it, and what reach counts (R110, R115)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from companyos.change.comms import actions, queries
from companyos.change.comms.domain.reach import Reach, reach_of
from companyos.change.comms.domain.types import Kind, Receipt

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _receipt(
    person: str, opened: int | None = None, acknowledged: int | None = None, told: int = 0
) -> Receipt:
    """Hours after noon."""
    at = [None if hours is None else NOON + hours * HOUR for hours in (opened, acknowledged)]
    return Receipt(person, NOON + told * HOUR, at[0], at[1])


@pytest.mark.parametrize(
    ("affected", "receipts", "changes_in", "now_in", "counted"),
    [
        ((), (), 2, 5, (0, 0, 0, 0)),
        (("a", "b"), (), 2, 5, (2, 0, 0, 0)),
        (("a",), (_receipt("a", 1, 1),), 2, 5, (1, 1, 1, 1)),
        (("a",), (_receipt("a", 2, 2),), 2, 5, (1, 1, 1, 1)),  # at the moment of the change is before it
        (("a",), (_receipt("a", 3, 4),), 2, 5, (1, 1, 0, 0)),
        (("a",), (_receipt("a", 3, 4, told=3),), 2, 5, (1, 0, 0, 0)),
        (("a",), (_receipt("a", 1),), 9, 5, (1, 1, 1, 0)),  # still to come: what is known now
        (("a",), (_receipt("a", 4),), None, 5, (1, 1, 1, 0)),
        (("a", "b"), (_receipt("a", 1), _receipt("stranger", 1)), 2, 5, (2, 1, 1, 0)),
    ],
)
def test_reach_counts_those_affected_who_knew_in_time(
    affected: tuple[str, ...],
    receipts: tuple[Receipt, ...],
    changes_in: int | None,
    now_in: int,
    counted: tuple[int, ...],
) -> None:
    changes_at = None if changes_in is None else NOON + changes_in * HOUR
    found = reach_of(affected, receipts, changes_at=changes_at, now=NOON + now_in * HOUR)

    assert (found.people, found.told, found.opened, found.acknowledged) == counted


def test_the_share_is_of_who_said_so_where_that_is_asked() -> None:
    reach = Reach(4, 4, 3, 1, NOON)

    assert reach.share(needs_ack=False) == 0.75
    assert reach.share(needs_ack=True) == 0.25
    assert Reach(0, 0, 0, 0, NOON).share(needs_ack=True) is None


def _tell(
    *people: str, key: str = "stage/plan/pilot/1", needs_ack: bool = False, now: datetime = NOON
) -> str:
    return actions.tell(
        actor="controller", key=key, kind=Kind.STAGE, title="Approvals  are\nnew", words="They **change**.",
        people=people, changes_at=NOON + 2 * HOUR, needs_ack=needs_ack, now=now,
    )  # fmt: skip


@pytest.mark.django_db
def test_the_same_key_is_told_once_and_whoever_comes_later_is_told_then() -> None:
    first = _tell("ada", "bo")
    again = _tell("bo", "cy", now=NOON + HOUR)

    row = queries.find(first)
    assert first == again
    assert row is not None and row.title == "Approvals are new"
    told = queries.receipts([row])[first]
    assert [(each.person, each.told_at) for each in told] == [
        ("ada", NOON), ("bo", NOON), ("cy", NOON + HOUR),
    ]  # fmt: skip


@pytest.mark.django_db
def test_news_are_unread_until_they_are_opened_or_acknowledged_where_that_is_asked() -> None:
    plain, grave = _tell("ada"), _tell("ada", key="flag/1", needs_ack=True)
    assert queries.unread("ada") == 2

    assert actions.open_all(actor="ada", now=NOON + HOUR) == 1  # what asks for a word is not read away
    actions.open_one(actor="ada", notice=grave, now=NOON + HOUR)
    assert queries.unread("ada") == 1

    actions.acknowledge(actor="ada", notice=grave, now=NOON + 2 * HOUR)
    actions.acknowledge(actor="ada", notice=grave, now=NOON + 3 * HOUR)  # the first word stays
    assert queries.unread("ada") == 0
    told = queries.as_told_to("ada", grave)
    assert told is not None and told.opened_at == NOON + HOUR and told.acknowledged_at == NOON + 2 * HOUR
    assert queries.as_told_to("bo", plain) is None


@pytest.mark.django_db
def test_nobody_acknowledges_what_was_not_told_to_them() -> None:
    notice = _tell("ada")

    with pytest.raises(actions.NoSuch):
        actions.acknowledge(actor="bo", notice=notice, now=NOON)


@pytest.mark.django_db
def test_what_became_of_a_change_and_its_new_date_stand_with_the_notice() -> None:
    notice = _tell("ada")

    assert actions.move(key="stage/plan/pilot/1", changes_at=NOON + 5 * HOUR, now=NOON)
    assert not actions.move(key="stage/plan/pilot/1", changes_at=NOON + 5 * HOUR, now=NOON)
    assert actions.note_outcome(key="stage/plan/pilot/1", outcome="Taken back.", now=NOON)
    assert not actions.note_outcome(key="nothing", outcome="Taken back.", now=NOON)
    row = queries.find(notice)
    assert row is not None and row.changes_at == NOON + 5 * HOUR and row.outcome == "Taken back."


@pytest.mark.django_db
def test_an_erased_person_leaves_no_receipt_and_no_name() -> None:
    notice = _tell("ada", "bo")
    actions.open_one(actor="ada", notice=notice, now=NOON)

    assert actions.forget(["ada", "controller"]) == 2
    row = queries.find(notice)
    assert row is not None and row.by == "somebody"
    assert [each.person for each in queries.receipts([row])[notice]] == ["bo"]
