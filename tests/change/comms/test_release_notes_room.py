"""R108, R109, R110: an edition from its draft to its readers, through the room's own actions and pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from companyos.adoption.rollouts import actions as rollouts
from companyos.adoption.rollouts import queries as rollout_queries
from companyos.adoption.rollouts.domain.decide import Decision
from companyos.adoption.rollouts.domain.types import Move, Turn
from companyos.change.comms import actions, jobs, queries
from companyos.change.comms.domain.drafting import EVERY, Fragment
from companyos.change.comms.domain.release_editing import Said
from companyos.change.comms.domain.release_notes import NoteState, VersionRow
from companyos.change.comms.domain.types import Kind
from companyos.kernel.clock import VirtualClock
from companyos.kernel.ids import id_of
from companyos.people.identity import actions as identity_actions
from companyos.people.identity import queries as identity
from companyos.people.identity.domain.types import Pace, Way
from companyos.people.tenants import queries as tenants
from companyos.platform.instance import Instance, instance, run_as
from companyos.platform.models import OutboxMessage, Outgoing
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from companyos.work.cases import actions as cases
from companyos.work.cases.domain.types import Origin
from companyos.work.cases.models import Case, ShippedChange
from companyos.work.roadmap import actions as roadmap
from companyos.work.roadmap.domain.types import Place

PROGRAM = Path(__file__).parents[3] / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
DAY = timedelta(days=1)
FEATURE = "unified-approvals"
HOSTILE = '<img src=x onerror="alert(1)">'


@cache
def whole() -> Any:
    return load_program(PROGRAM)


@cache
def lean() -> Any:
    nothing: dict[str, Any] = dict.fromkeys(
        ("plans", "flags", "segments", "flag_sets", "requests", "surveys"), ()
    )
    return replace(whole(), measures={}, **nothing)


class Who:
    """Two who lead a team, and somebody who leads none of each of two tenants."""

    def __init__(self) -> None:
        leads = sorted({team.lead for team in identity.teams()} - {""})
        self.lead, self.other = leads[:2]
        home = {each.slug: each.tenant for each in identity.everybody() if each.slug not in leads}
        mine = {each: tenants.of_member(each) for each in home}
        self.here = next(each for each in home if mine[each] == ("corporate",))
        self.there = next(each for each in home if mine[each] == ("go-to-market",))


@pytest.fixture
def at_noon(db: None, tmp_path: Path) -> Iterator[None]:
    before = instance()
    run_as(Instance(VirtualClock(NOW), whole().company.calendar, tmp_path, b"secret"))
    yield
    run_as(before)


@pytest.fixture
def who(at_noon: None) -> Who:
    apply(lean(), now=NOW - 30 * DAY)
    return Who()


def _ship(who: Who, title: str = "Search finds names", at: datetime = NOW - DAY, **said: Any) -> None:
    cases.ship(actor=who.lead, feature=FEATURE, title=title, origin=Origin.CUSTOMER, now=at, **said)


def _text(note: str) -> VersionRow:
    row = queries.release_note(note)
    assert row is not None
    text = queries.version_of(note, row.version)
    assert text is not None
    return text


def _save(note: str, actor: str, said: list[Said] | None = None, **changes: Any) -> int:
    text = _text(note)
    own = [
        Said(e.title, e.key, e.words, e.link, e.feature, e.tenants, e.size, e.left_out) for e in text.items
    ]
    asked: dict[str, Any] = {
        "version": text.n, "title": text.title, "introduction": text.introduction, "items": said or own, "now": NOW,
    }  # fmt: skip
    return actions.save_release_note(actor=actor, note=note, **(asked | changes))


def _published(who: Who, said: list[Said]) -> str:
    note = actions.draft_release_note(actor=who.lead, now=NOW)
    n = _save(note, who.lead, said)
    actions.approve_release_note(actor=who.other, note=note, version=n, now=NOW)
    actions.publish_release_note(actor=who.lead, note=note, version=n, now=NOW)
    return note


def _client(person: str) -> Client:
    client = Client()
    session = client.session
    session["person"] = person
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


SAID = [
    Said("For everybody", words="All **of** you."),
    Said("For Corporate", tenants=("corporate",)),
    Said("For Go-to-Market", tenants=("go-to-market",)),
]


def test_R108_an_edition_is_gathered_from_the_rooms_where_it_happened(at_noon: None) -> None:
    apply(whole(), now=NOW - 30 * DAY)
    who = Who()
    _ship(who)
    _ship(who, "Before the period", NOW - 20 * DAY)
    for kind, title in (("bug", "Our own words"), ("review", "For the squad alone")):
        case = _case(who, kind, title)
        ShippedChange.objects.create(
            id=case.pk, feature=FEATURE, title=title, origin=Origin.INTERNAL_FEEDBACK, cases=[str(case.pk)],
            by=who.here, at=NOW - DAY,
        )  # fmt: skip
    for title, private in (("Export as CSV", False), ("A secret wish", True)):
        key = roadmap.suggest(
            actor=who.here, tenant="corporate", title=title, body="", private=private, now=NOW - 9 * DAY
        )
        steward = next(
            t.lead for t in identity.teams() if tenants.is_member(tenant="corporate", person=t.lead)
        )
        roadmap.place(
            actor=steward, suggestion=key, to=Place.SHIPPED, because="Many want it", fix="release 4", now=NOW - DAY
        )  # fmt: skip
    _move(Move.START, NOW - 6 * DAY)
    _move(Move.ADVANCE, NOW - 5 * DAY)  # in shadow: nobody has anything new
    _move(Move.SWITCH_OVER, NOW - 4 * DAY)
    _move(Move.ADVANCE, NOW - 3 * DAY)
    _move(Move.PAUSE, NOW - 2.5 * DAY)
    _move(Move.RESUME, NOW - 2 * DAY)
    turned = rollout_queries.stage_turns(NOW - EVERY, NOW)
    assert [(each.stage, each.turn) for each in turned] == [
        (stage, Turn.BEGAN) for stage in ("prep", "pilot", "expand")
    ]
    _move(Move.ROLL_BACK, NOW - DAY)
    last = rollout_queries.stage_turns(NOW - EVERY, NOW)[-1]
    assert (last.turn, last.stage, last.everything) == (Turn.TAKEN_BACK, turned[-1].stage, False)

    text = _text(actions.draft_release_note(actor=who.lead, now=NOW))
    found = {each.title: each.tenants for each in text.items}
    assert found["Search finds names"] == ()
    assert found["Our own words"] == ("corporate",)
    assert found["You asked, we shipped: Export as CSV"] == ()
    assert found[f"Unified Approvals Workflow was taken back at {last.title}"]
    assert not any(word in title for title in found for word in ("squad", "secret", "Before", "Prep"))
    assert text.title == "Release notes 1: 26 October to 9 November"


def test_R108_internal_ga_and_the_end_of_a_rollout_are_told(at_noon: None) -> None:
    apply(whole(), now=NOW - 30 * DAY)
    moves = [Move.START, Move.ADVANCE, Move.SWITCH_OVER, *[Move.ADVANCE] * 4, Move.COMPLETE]
    for days, move in enumerate(moves):
        _move(move, NOW - 10 * DAY + days * DAY)
    text = _text(actions.draft_release_note(actor=Who().lead, now=NOW))
    assert [each.title for each in text.items] == [
        "Unified Approvals Workflow has reached internal GA",
        "Unified Approvals Workflow: Pilot has begun",
        "Unified Approvals Workflow: Expand has begun",
        "Unified Approvals Workflow: Harden has begun",
        "Unified Approvals Workflow: Internal GA has begun",
        "Unified Approvals Workflow has passed every stage",
    ]


def _case(who: Who, kind: str, title: str) -> Case:
    return Case.all_rows.create(
        tenant_id="corporate", id=id_of(NOW, "case", title), number=len(title), type=kind, type_version=1, title=title,
        reporter_id=who.here, opened_at=NOW - 2 * DAY, feature=FEATURE, status="open", phase="new",
    )  # fmt: skip


def _move(move: Move, at: datetime) -> None:
    version = rollout_queries.version_of(FEATURE)
    assert version is not None
    rollouts.move(
        actor="ana-ruiz", plan=FEATURE, decision=Decision(move, "as planned", "a_person_decides"), version=version,
        judged=rollouts.Judged(), calendar=whole().company.calendar, now=at,
    )  # fmt: skip


def test_R108_a_note_goes_from_draft_to_its_readers_with_two_pairs_of_eyes(who: Who) -> None:
    _ship(who)
    with pytest.raises(actions.NotYours):
        actions.draft_release_note(actor=who.here, now=NOW)
    note = actions.draft_release_note(actor=who.lead, now=NOW)
    n = _save(note, who.lead, SAID)
    with pytest.raises(actions.Refused, match="meanwhile"):
        _save(note, who.other, version=n - 1)
    with pytest.raises(actions.Refused, match="another person"):
        actions.approve_release_note(actor=who.lead, note=note, version=n, now=NOW)
    with pytest.raises(actions.Refused, match="approves it first"):
        actions.publish_release_note(actor=who.lead, note=note, version=n, now=NOW)
    actions.approve_release_note(actor=who.other, note=note, version=n, now=NOW)
    n = _save(note, who.other)  # an approval was of the words before
    with pytest.raises(actions.Refused, match="approves it first"):
        actions.publish_release_note(actor=who.lead, note=note, version=n, now=NOW)
    actions.approve_release_note(actor=who.lead, note=note, version=n, now=NOW)
    actions.publish_release_note(actor=who.lead, note=note, version=n, now=NOW)
    with pytest.raises(actions.Refused, match="published already"):
        actions.publish_release_note(actor=who.lead, note=note, version=n, now=NOW)

    row = queries.release_note(note)
    assert row is not None
    assert (row.state, row.shown, row.number) == (NoteState.PUBLISHED, 3, 1)
    assert [(each.n, each.by, each.approved_by) for each in queries.versions_of(note)] == [
        (3, who.other, who.lead), (2, who.lead, who.other), (1, who.lead, ""),
    ]  # fmt: skip
    left_out = [each.title for each in _text(note).items if each.left_out]
    assert left_out == ["Search finds names"]
    topics = OutboxMessage.objects.filter(topic__startswith="release_note.").values_list("topic", flat=True)
    assert set(topics) == {f"release_note.{each}" for each in ("drafted", "saved", "approved", "published")}


def test_R109_R110_everybody_whom_an_item_concerns_is_told_once_and_by_mail_who_chose_it(who: Who) -> None:
    identity_actions.choose_how_told(actor=who.there, ways=[], pace=Pace.AT_ONCE, now=NOW)
    note = _published(who, SAID[1:])

    row = queries.find_by_key(queries.note_key(note))
    assert row is not None
    assert (row.kind, row.link, "For Corporate" in row.words) == (
        Kind.RELEASE_NOTE,
        f"/release-notes/{note}",
        False,
    )
    told = {each.person for each in queries.receipts([row])[row.id]}
    concerned = {
        each for each, mine in queries.belongs().items() if mine & {"corporate", "go-to-market"}
    }  # fmt: skip
    assert told == concerned
    assert len(told) < len(identity.everybody())
    mails = {each.key.rpartition(" ")[2]: each for each in Outgoing.objects.filter(channel="mail")}
    ways = identity.reached(concerned)
    assert set(mails) == {each for each, how in ways.items() if Way.MAIL in how.ways}
    assert who.there not in mails
    words = mails[who.here].words
    assert "For Corporate" in words["text"]
    assert "For Corporate" in words["html"]
    assert "For Go-to-Market" not in words["text"] + words["html"]
    assert words["headers"]["List-Unsubscribe"].endswith("/requests/told>")


def test_R110_a_reader_opens_their_own_items_and_a_receipt_is_kept(who: Who) -> None:
    note = _published(who, [*SAID, Said(HOSTILE, words=f"{HOSTILE} [x](javascript:alert(1))")])
    row = queries.find_by_key(queries.note_key(note))
    assert row is not None
    client = _client(who.here)
    assert queries.unread(who.here) == 1
    assert "New" in client.get("/release-notes").content.decode()
    page = client.get(f"/release-notes/{note}").content.decode()

    assert queries.unread(who.here) == 0
    assert queries.reach(row, NOW + DAY).opened == 1
    assert "For everybody" in page
    assert "For Corporate" in page
    assert "For Go-to-Market" not in page
    assert "<img src=x" not in page
    assert "javascript:" not in page.replace("[x](javascript:alert(1))", "")
    for path in ("/edit", "/versions/1"):
        assert client.get(f"/release-notes/{note}{path}").status_code == 404
    for path in ("/edit", "/approve", "/publish"):
        assert client.post(f"/release-notes/{note}{path}", {"version": 1}).status_code == 404


def test_R108_a_draft_is_seen_by_its_editors_alone(who: Who) -> None:
    _ship(who)
    note = actions.draft_release_note(actor=who.lead, now=NOW)
    title = _text(note).title
    assert _client(who.here).get(f"/release-notes/{note}").status_code == 404
    assert title not in _client(who.here).get("/release-notes").content.decode()
    assert title in _client(who.lead).get("/release-notes").content.decode()
    assert _client(who.lead).get(f"/release-notes/{note}").headers["Location"].endswith("/edit")
    assert _client(who.here).post("/release-notes").status_code == 403


def test_R108_the_editor_saves_approves_and_publishes_on_the_page(who: Who) -> None:
    _ship(who)
    writer, other = _client(who.lead), _client(who.other)
    edit = writer.post("/release-notes").headers["Location"]
    text = _text(edit.split("/")[2])
    form = {
        "version": "1", "count": "1", "title": "What is new", "introduction": "Dear all,", "key-0": text.items[0].key,
        "title-0": "Better words", "words-0": "Try it.", "link-0": "/roadmap", "tenants-0": ["corporate"],
        "title-1": "By hand", "major-1": "on",
    }  # fmt: skip
    wrong = writer.post(edit, form | {"link-0": "javascript:x"})
    assert (wrong.status_code, "Better words" in wrong.content.decode()) == (409, True)
    assert "no web address" in wrong.content.decode()
    assert writer.post(edit, form).status_code == 302
    assert writer.post(edit, form).status_code == 409  # a second save of version 1
    page = writer.get(edit).content.decode()
    assert "You saved this version; another person approves it." in page
    assert "whom no item concerns" in page
    mail = writer.get(f"{edit}?as=mail&tenant=go-to-market").content.decode()
    assert "By hand (major change)" in mail
    assert "Better words (" not in mail
    base = edit.removesuffix("/edit")
    assert other.post(f"{base}/publish", {"version": "2"}).status_code == 409
    assert other.post(f"{base}/approve", {"version": "2"}).status_code == 302
    assert other.post(f"{base}/publish", {"version": "2"}).status_code == 302
    assert "What readers see." in other.get(edit).content.decode()
    assert "Better words" in other.get(f"{base}/versions/2").content.decode()
    assert "Search finds names" in other.get(f"{base}/versions/1").content.decode()


def test_R108_a_published_note_is_corrected_not_edited(who: Who) -> None:
    note = _published(who, SAID[1:2])
    mails = Outgoing.objects.count()
    Outgoing.objects.filter(key__endswith=who.here).delete()  # as after a month
    text = _text(note)
    wider = [Said("For Corporate and more", text.items[0].key, tenants=("corporate", "go-to-market"))]
    with pytest.raises(actions.Refused, match="say what you put right"):
        _save(note, who.lead, wider)
    n = _save(note, who.lead, wider, because="It reaches Go-to-Market too")
    assert "and more" not in _client(who.here).get(f"/release-notes/{note}").content.decode()
    assert "waits for approval" in _client(who.other).get(f"/release-notes/{note}/edit").content.decode()
    with pytest.raises(actions.Refused, match="another person"):
        actions.approve_release_note(actor=who.lead, note=note, version=n, now=NOW)
    actions.approve_release_note(actor=who.other, note=note, version=n, now=NOW)

    page = _client(who.here).get(f"/release-notes/{note}").content.decode()
    assert "For Corporate and more" in page
    assert "It reaches Go-to-Market too" in page
    assert queries.unread(who.there) == 1  # told now
    assert not Outgoing.objects.filter(key__endswith=who.here).exists()  # nobody is written to twice
    assert Outgoing.objects.count() > mails
    row = queries.find_by_key(queries.note_key(note))
    assert row is not None and row.outcome == "Corrected: It reaches Go-to-Market too"


def test_R108_an_edition_drafts_itself_every_two_weeks_and_once(who: Who, monkeypatch: Any) -> None:
    assert jobs.draft_due(NOW) == ""  # nothing has happened
    _ship(who, at=NOW - 13 * DAY)
    assert jobs.draft_due(NOW) == ""
    first = jobs.draft_due(NOW + DAY)
    assert _text(first).by == "companyos"
    assert jobs.draft_due(NOW + 40 * DAY) == ""  # one in the making
    actions.approve_release_note(actor=who.lead, note=first, version=1, now=NOW + DAY)
    actions.publish_release_note(actor=who.lead, note=first, version=1, now=NOW + 2 * DAY)
    _ship(who, "Another", at=NOW + 5 * DAY)
    assert jobs.draft_due(NOW + 14 * DAY) == ""
    at = NOW + 15 * DAY
    before = queries.newest_release_note()
    second = jobs.draft_due(at)
    row = queries.release_note(second)
    assert row is not None
    assert (row.number, row.since, row.until) == (2, NOW + DAY, at)
    monkeypatch.setattr(
        "companyos.change.comms.actions.release_drafting.newest_release_note", lambda: before
    )  # another process, which looked at the same moment
    assert jobs.draft_due(at + timedelta(seconds=1)) == ""
    assert len(queries.release_notes()) == 2


def test_R108_drafting_again_takes_in_what_is_new_and_fragments(who: Who) -> None:
    _ship(who)
    note = actions.draft_release_note(actor=who.lead, now=NOW)
    assert actions.draft_release_note(actor=who.other, now=NOW + DAY) == note
    assert _text(note).n == 1  # nothing new
    _ship(who, "Another", at=NOW + DAY)
    told = [Fragment("4.speed", "Pages open faster.")]
    actions.draft_release_note(actor=who.other, fragments=told, now=NOW + 2 * DAY)
    actions.draft_release_note(actor=who.other, fragments=told, now=NOW + 3 * DAY)
    text, row = _text(note), queries.release_note(note)
    assert row is not None and row.until == NOW + 2 * DAY
    assert (text.n, [each.title for each in text.items]) == (
        2, ["Search finds names", "Another", "Pages open faster"],
    )  # fmt: skip


def test_R108_over_http(who: Who) -> None:
    _ship(who)
    keys = identity_actions.issue_personal_keys(actor="test", people=[who.lead, who.other, who.here], now=NOW)
    client = Client()

    def call(person: str, path: str, body: Any = None) -> Any:
        headers = {"authorization": f"Bearer {keys[person]}"}
        path = f"/api/v1/release-notes{path}"
        if body is None:
            return client.get(path, headers=headers)
        return client.post(path, body, content_type="application/json", headers=headers)

    assert call(who.here, "", {}).status_code == 403
    made = call(who.lead, "", {"fragments": [{"name": "4", "text": "Pages open faster."}]}).json()
    note = f"/{made['id']}"
    assert [each["origin"] for each in made["newest"]["items"]] == ["change", "fragment"]
    assert call(who.here, note).status_code == 404
    assert call(who.here, "").json() == []
    body = {
        "version": 1,
        "title": "New",
        "items": [{"title": "Here", "tenants": ["corporate"]}, {"title": "All"}],
    }
    assert call(who.lead, f"{note}/save", body).json() == {"version": 2}
    assert call(who.lead, f"{note}/save", body).status_code == 409
    assert call(who.here, f"{note}/save", body | {"version": 2}).status_code == 403
    assert call(who.lead, f"{note}/approve", {"version": 2}).status_code == 409
    assert call(who.other, f"{note}/approve", {"version": 2}).status_code == 200
    told = call(who.other, f"{note}/publish", {"version": 2}).json()
    assert told["people"] == len(identity.everybody())
    read = call(who.here, note).json()
    assert ([each["title"] for each in read["reads"]["items"]], "newest" in read) == (["Here", "All"], False)
    assert call(who.here, "/none").status_code == 404


def test_an_erased_person_leaves_no_name_in_release_notes(who: Who) -> None:
    note = _published(who, SAID)
    assert actions.forget([who.lead, who.other]) > 0
    row = queries.release_note(note)
    assert row is not None and row.published_by == "somebody"
    assert {each.by for each in queries.versions_of(note)} == {"somebody"}
    assert {each.approved_by for each in queries.versions_of(note)} == {"", "somebody"}
