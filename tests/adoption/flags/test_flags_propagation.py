"""N of N: who serves the newest version, who lags since when, who is gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from companyos.adoption.flags import actions, queries
from companyos.adoption.flags.domain.propagation import GONE_AFTER, Heard, spread

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PUBLISHED = {1: NOON - timedelta(days=9), 2: NOON - timedelta(days=3), 3: NOON}
SECOND = timedelta(seconds=1)


def after(wait: timedelta, *heard: Heard) -> tuple[list[str], list[str], list[str]]:
    found = spread(newest=3, published=PUBLISHED, heard=heard, now=NOON + wait)
    names = [[each.provider for each in group] for group in (found.lagging, found.gone)]
    return [*found.confirmed], names[0], names[1]


@pytest.mark.parametrize(
    ("version", "heard", "wait", "place"),
    [
        (3, NOON, SECOND, 0),
        (3, NOON, timedelta(days=9), 0),  # serves the newest: silence is no news
        (4, NOON, SECOND, 0),  # a file from elsewhere: newer is not behind
        (2, NOON - timedelta(days=2), SECOND, 1),  # had nothing to say for two days, and one second since
        (2, NOON - timedelta(days=2), GONE_AFTER, 1),
        (2, NOON - timedelta(days=2), GONE_AFTER + SECOND, 2),
        (2, NOON + timedelta(minutes=9), timedelta(minutes=18), 1),  # behind, and still speaking
        (2, NOON + timedelta(minutes=9), timedelta(minutes=20), 2),
        (2, None, SECOND, 1),
        (1, NOON - timedelta(days=8), SECOND, 2),  # behind since three days
    ],
)
def test_a_provider_confirms_lags_or_is_gone(
    version: int, heard: datetime | None, wait: timedelta, place: int
) -> None:
    groups = after(wait, Heard("checkout", version, heard))
    assert [bool(group) for group in groups] == [place == index for index in range(3)]


def test_who_lags_lags_since_the_first_version_it_has_not() -> None:
    heard = [Heard("a", 2, NOON), Heard("b", 1, NOON), Heard("c", 3, NOON)]
    found = spread(newest=3, published=PUBLISHED, heard=heard, now=NOON + SECOND)
    assert {each.provider: each.since for each in found.lagging} == {"a": NOON, "b": PUBLISHED[2]}
    assert (len(found.confirmed), found.providers) == (1, 3)


@pytest.mark.django_db
def test_reports_become_n_of_n_and_an_old_one_changes_nothing() -> None:
    for _ in range(2):
        actions.new_ruleset(actor="ann-lee", because="test", now=NOON)
    actions.record_serving(provider="a", version=2, heard_at=NOON)
    actions.record_serving(provider="a", version=1, heard_at=NOON + SECOND)
    actions.record_serving(provider="b", version=1, heard_at=NOON)
    found = queries.propagation(now=NOON + SECOND)
    assert (found.version, found.confirmed, found.providers) == (2, ("a",), 2)
    assert [(each.provider, each.since, each.heard_at) for each in found.lagging] == [("b", NOON, NOON)]
