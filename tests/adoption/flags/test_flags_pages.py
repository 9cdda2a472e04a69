"""The flags pages as HTML: no template asks for what is not there, and a refusal keeps what was filled in."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from companyos.adoption.flags import actions, queries
from companyos.kernel.clock import VirtualClock
from companyos.platform.instance import Instance, instance, run_as
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program

PROGRAM = Path(__file__).parents[3] / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
WORDING = "approvals.reminder-wording"
PAGES = (
    "/flags", "/flags?stale=yes", "/flags?q=nothing", "/flags/new",
    "/segments", "/segments/new", "/segments/approvers",
)  # fmt: skip


class Undefined(str):
    """Makes a template that asks for something unknown fail instead of showing nothing."""

    def __contains__(self, key: object) -> bool:
        return True

    def __mod__(self, other: object) -> str:
        raise LookupError(f"the template asks for {other}, which is not there")


@pytest.fixture
def company(db: None, settings: Any) -> Any:
    strict = deepcopy(settings.TEMPLATES)
    strict[0]["OPTIONS"]["string_if_invalid"] = Undefined("%s")
    settings.TEMPLATES = strict
    before = instance()
    run_as(Instance(VirtualClock(NOW), before.calendar, before.folder, b"x" * 32))
    apply(load_program(PROGRAM), now=NOW)
    yield
    run_as(before)


@pytest.fixture
def ana(company: None) -> Client:
    return signed_in("ana-ruiz")


def signed_in(person: str) -> Client:
    client = Client()
    session = client.session
    session["person"] = person
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def form(**fields: Any) -> dict[str, Any]:
    return {
        "version": 1, "title": "Wording", "owner": "approvals-squad", "arms": "plain 1\nbold 1",
        "lifecycle": "live", "slices-0-there": "1", "slices-0-tenant": "training",
        "slices-0-percent": "100", "reason": "as agreed", **fields,
    }  # fmt: skip


def test_every_page_is_whole_in_every_state(ana: Client) -> None:
    later = NOW + timedelta(days=1)
    audience = {"slices": [{"tenant": "training"}]}
    actions.schedule(
        actor="ana-ruiz",
        key=WORDING,
        at=later,
        changes={"audience": audience},
        because="for the trainers",
        now=NOW,
    )
    actions.change(
        actor="ana-ruiz", key=WORDING, changes={"title": "B"}, version=1, because="shorter", now=NOW
    )
    actions.kill(actor="ana-ruiz", key="approvals.mail-out", because="it floods people", now=NOW)
    for path in (
        "/flags",
        "/flags?stale=yes",
        "/flags?q=nothing",
        "/flags/new",
        "/segments",
        "/segments/new",
        "/segments/approvers",
    ):
        assert ana.get(path).status_code == 200, path
    for key in queries.flag_keys():
        assert ana.get(f"/flags/{key}").status_code == 200
        assert ana.get(f"/flags/{key}/change").status_code == 200
    assert ana.get(f"/flags/{WORDING}", headers={"X-Fragment": "live"}).content.startswith(b'<div id="live"')
    assert b"Takes it from people" in ana.get(f"/flags/{WORDING}").content
    assert ana.get("/flags/no-such").status_code == 404
    assert ana.get("/segments/no-such").status_code == 404


def test_who_may_not_change_it_sees_why_and_no_button(company: None) -> None:
    page = signed_in("boyu-shen").get(f"/flags/{WORDING}").content.decode()
    assert "belongs to the team approvals-squad" in page
    assert "Kill…" not in page
    refused = signed_in("boyu-shen").post(f"/flags/{WORDING}/kill", {"reason": "I do not like it"})
    assert (refused.status_code, b"belongs to the team" in refused.content) == (403, True)


def test_the_preview_tells_what_the_form_would_do(ana: Client) -> None:
    page = ana.post(f"/flags/{WORDING}/preview", form()).content.decode()
    assert "6 people in 1 tenant; 6 new, 11 lose it" in page
    assert "Takes it from people" in page
    bad = ana.post(f"/flags/{WORDING}/preview", form(**{"slices-0-percent": "many"})).content.decode()
    assert "is no percentage" in bad
    everybody = {"key": "test.all", "kind": "release", "slices-0-tenant": "", "arms": ""}
    assert "Would be refused:" in ana.post("/flags/preview", form(**everybody)).content.decode()


def test_a_form_that_is_refused_keeps_what_was_filled_in(ana: Client) -> None:
    answer = ana.post(f"/flags/{WORDING}/change", form(title="A title kept", reason=""))
    assert (answer.status_code, b"Say why" in answer.content, b"A title kept" in answer.content) == (
        400,
        True,
        True,
    )
    stale = ana.post(f"/flags/{WORDING}/change", form(version=0))
    assert stale.status_code == 409
    assert b"Look again" in stale.content
    segment = ana.post(
        "/segments/approvers", {"version": 1, "reason": "a try", "document": '{"title": "A", "colour": 1}'}
    )
    assert (segment.status_code, b"there is no such field" in segment.content) == (400, True)
    assert b"&quot;colour&quot;: 1" in segment.content


def test_a_form_changes_a_flag_now_or_later(ana: Client) -> None:
    assert ana.post(f"/flags/{WORDING}/change", form(at="2026-11-10T09:00")).status_code == 302
    row = queries.scheduled(WORDING)[0]
    assert (row.at, row.outcome) == (NOW + timedelta(days=1), "waiting")
    assert ana.post(f"/flags/{WORDING}/change", form(title="Now")).status_code == 302
    state = queries.state_of(WORDING)
    assert state is not None
    assert (state.spec.title, state.version, state.spec.audience.slices[0].tenant) == ("Now", 2, "training")
    new = form(key="test.new", kind="experiment", title="New")
    assert ana.post("/flags/new", new).headers["Location"] == "/flags/test.new"
    assert (
        ana.post(f"/flags/{WORDING}/cancel", {"scheduled": row.id, "reason": "not needed"}).status_code == 302
    )
    assert queries.scheduled(WORDING)[0].outcome == "cancelled"
