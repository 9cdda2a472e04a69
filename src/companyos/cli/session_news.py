"""Sessions in people's news: who is invited, and that one was moved, given to another host, waived or called off.

The two rooms do not see each other; here is where they meet.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from companyos.change.comms import actions as comms
from companyos.change.comms.domain.types import Kind
from companyos.change.sessions import queries
from companyos.change.sessions.domain.types import SessionRow
from companyos.people.identity import queries as identity
from companyos.platform.instance import instance

_log = logging.getLogger(__name__)
_INVITES = frozenset({"session.planned", "session.invited"})
_CHANGES = frozenset({"session.moved", "session.handed_over", "session.called_off", "session.waived"})


def tell_of_session(topic: str, body: dict[str, Any], now: datetime) -> None:
    """Tell those invited; what cannot be told must not stop the relay. Nobody is told each week of an open hour."""
    if topic not in _INVITES | _CHANGES:
        return
    try:
        row = queries.find(body["session"])
        if row is not None and topic in _INVITES:
            _invite(row, body, now)
        elif row is not None:
            _tell_change(row, topic, body, now)
    except Exception:
        _log.exception("nobody could be told of the session %s", body.get("session"))


def _invite(row: SessionRow, body: dict[str, Any], now: datetime) -> None:
    people = frozenset(body["people"])
    if people:
        words = "\n".join(
            [f"**{_at(row.begins_at)}**, {row.minutes} minutes, with {identity.name_of(row.host)}.", ""]
            + [f"- {item.says}" for item in row.agenda]
        )
        _tell(row, f"session/{row.id}", row.title, words, people, body, now)


def _tell_change(row: SessionRow, topic: str, body: dict[str, Any], now: datetime) -> None:
    title, why = _said(row, topic, body)
    by = identity.name_of(body["by"])
    words = f"{why}\n\n{by} says so." if by != body["by"] else why
    _tell(row, f"session/{row.id}/{body.get('change', 'waived')}", title, words, _people(row), body, now)


def _said(row: SessionRow, topic: str, body: dict[str, Any]) -> tuple[str, str]:
    why = next((each.because for each in queries.changes(row.id) if each.id == body.get("change")), "")
    if topic == "session.moved":
        return f"Moved to {_at(row.begins_at)}: {row.title}", why
    if topic == "session.handed_over":
        return f"{identity.name_of(row.host)} hosts now: {row.title}", why
    if topic == "session.waived":
        return f"Not needed: {row.title}", row.waived_because
    return f"Called off: {row.title}", row.cancelled_because


def _people(row: SessionRow) -> frozenset[str]:
    if row.open_to_all:
        return frozenset(each.slug for each in identity.everybody())
    return frozenset((*queries.invited(row.id), row.host))


def _tell(
    row: SessionRow,
    key: str,
    title: str,
    words: str,
    people: frozenset[str],
    body: dict[str, Any],
    now: datetime,
) -> None:
    comms.tell(
        actor=body["by"], key=key, kind=Kind.SESSION, title=title, words=words, people=people,
        feature=row.feature, link=f"/sessions/{row.id}", now=now,
    )  # fmt: skip


def _at(at: datetime) -> str:
    zone = instance().calendar.zone
    return f"{at.astimezone(zone):%a %d %b, %H:%M} ({zone.key})"
