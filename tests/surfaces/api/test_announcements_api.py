"""Announcing, one's own news and migrations over the management API (R110, R112, R115)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from companyos.people.identity import queries as identity
from companyos.platform.instance import now
from surfaces.api.test_approvals_api import Caller, call

__all__ = ["call"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_R115_what_is_announced_is_read_acknowledged_and_counted(call: Caller) -> None:
    team = next(each for each in identity.teams() if len(each.people) > 2)
    reader = next(each for each in team.people if each != team.lead)
    other = next(each.slug for each in identity.everybody() if each.team != team.slug)
    said = {
        "title": "Offices move",
        "words": "To the **third** floor.",
        "teams": [team.slug],
        "needs_ack": True,
    }
    member = next(p.slug for p in identity.everybody() if p.slug not in {t.lead for t in identity.teams()})
    assert call(member, "/announcements", said)[0] == 403
    status, made = call(team.lead, "/announcements", said)
    assert status == 201
    assert call(reader, "/me/news")[1][0]["notice"]["title"] == "Offices move"
    assert call(other, "/me/news")[1] == []
    assert call(other, f"/me/news/{made['id']}/acknowledge", {})[0] == 404
    assert call(other, "/me/news/nothing/acknowledge", {})[0] == 404
    assert call(reader, f"/me/news/{made['id']}/acknowledge", {})[0] == 200
    [told] = call(other, "/announcements")[1]
    people = len(team.people)
    assert (told["reach"]["told"], told["reach"]["acknowledged"], told["reach"]["share"]) == (
        people, 1, 1 / people)  # fmt: skip


def test_R112_a_migration_is_announced_put_off_and_called_off(call: Caller) -> None:
    team, at = identity.teams()[0], now() + timedelta(days=9)
    said = {"about": "migration", "title": "New tables", "words": "Requests move.", "teams": [team.slug]}
    assert call(team.lead, "/announcements", said)[0] == 409, "it says when"
    said |= {"changes_at": at.isoformat()}
    assert "how the migration is taken back" in call(team.lead, "/announcements", said)[1]["error"]
    status, made = call(team.lead, "/announcements", {**said, "way_back": "It cannot be taken back."})
    assert status == 201
    path = f"/announcements/{made['id']}"
    later = {"changes_at": (at + timedelta(days=3)).isoformat()}
    assert call(team.lead, f"{path}/put-off", later)[0] == 200
    assert call(team.lead, f"{path}/went", {"went": "lost"})[0] == 409
    assert call(team.lead, f"{path}/went", {"went": "called_off", "because": "not needed"})[0] == 200
    [told] = call(team.lead, "/announcements")[1]
    assert told["kind"] == "migration"
    assert told["outcome"].startswith("It does not come; called off")
    assert call(team.lead, f"{path}/went", {"went": "done"})[0] == 409


def test_R115_the_start_of_a_rollout_is_announced_by_whoever_leads_it(call: Caller) -> None:
    said = {
        "about": "start",
        "rollout": "unified-approvals",
        "changes_at": (now() + timedelta(days=9)).isoformat(),
    }
    assert call("dohyun-bae", "/announcements", said)[0] == 403
    assert call("ana-ruiz", "/announcements", {**said, "rollout": "none"})[0] == 404
    assert call("ana-ruiz", "/announcements", said)[0] == 201
