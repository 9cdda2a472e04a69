"""Banners through the room's actions, the pages and the API (R111)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from companyos.change.comms import actions as comms
from companyos.change.comms import queries as news
from companyos.change.comms.actions import NoSuch, NotYours, Refused
from companyos.change.comms.actions import banners as actions
from companyos.change.comms.domain.banners import Audience, Severity
from companyos.change.comms.domain.drafts import Draft
from companyos.change.comms.domain.types import Kind
from companyos.change.comms.models import BannerSeen
from companyos.change.comms.queries import banners as queries
from companyos.kernel.clock import VirtualClock
from companyos.people.identity import actions as identity_actions
from companyos.people.identity import queries as identity
from companyos.platform.instance import Instance, instance, run_as
from companyos.platform.models import OutboxMessage
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program

PROGRAM = Path(__file__).parents[3] / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LEAN = replace(load_program(PROGRAM), plans=(), flags=(), segments=(), flag_sets=(), measures={}, requests=())
DRAFT = Draft(
    "Approvals  move", "On Monday\nyour requests go there.", NOW + DAY, audience=Audience(("corporate",))
)


class Undefined(str):
    """Makes a template that asks for something unknown fail instead of showing nothing."""

    def __contains__(self, key: object) -> bool:
        return True

    def __mod__(self, other: object) -> str:
        raise LookupError(f"the template asks for {other}, which is not there")


class Who:
    """A lead and two members of a team in one tenant, and a stranger to it."""

    def __init__(self) -> None:
        team = next(each for each in identity.teams() if len(each.people) > 3 and each.tenant == "corporate")
        self.lead, self.team = team.lead, team.slug
        self.ana, self.bo = [each for each in team.people if each != team.lead][:2]
        self.stranger = next(each.slug for each in identity.everybody() if each.tenant == "go-to-market")
        self.corporate = [each.slug for each in identity.everybody() if each.tenant == "corporate"]


@pytest.fixture
def who(db: None, settings: Any) -> Iterator[Who]:
    strict = deepcopy(settings.TEMPLATES)
    strict[0]["OPTIONS"]["string_if_invalid"] = Undefined("%s")
    settings.TEMPLATES = strict
    before = instance()
    run_as(Instance(VirtualClock(NOW), before.calendar, before.folder, b"x" * 32))
    apply(LEAN, now=NOW)
    yield Who()
    run_as(before)


def make(who: Who, now: datetime = NOW, **changed: Any) -> str:
    return actions.make(actor=who.lead, draft=replace(DRAFT, **changed), now=now)


def shown(person: str, now: datetime = NOW) -> str:
    choice = actions.see(actor=person, now=now)
    return choice.shown.title if choice.shown else ""


def signed_in(person: str) -> Client:
    client = Client()
    session = client.session
    session["person"] = person
    session.save()
    client.cookies["sessionid"] = session.session_key
    return client


def test_R111_whoever_leads_a_team_makes_one_for_its_time_and_audience(who: Who) -> None:
    with pytest.raises(NotYours, match="leads a team"):
        actions.make(actor=who.ana, draft=DRAFT, now=NOW)
    made = make(who, starts_at=NOW - DAY)

    row = queries.find_banner(made)
    assert row is not None
    assert (row.title, row.words) == ("Approvals move", "On Monday your requests go there.")
    assert (row.starts_at, row.dismissible, row.needs_ack, row.by) == (NOW, True, False, who.lead)
    assert queries.audiences([row])[made] == frozenset(who.corporate)
    assert [shown(each) for each in (who.ana, who.stranger)] == ["Approvals move", ""]
    assert [shown(who.ana, now) for now in (NOW + DAY - HOUR, NOW + DAY)] == ["Approvals move", ""]
    assert OutboxMessage.objects.filter(topic="banner.made").count() == 1


def test_a_banner_that_cannot_be_is_refused_with_what_to_do(who: Who) -> None:
    changes: tuple[tuple[dict[str, Any], str], ...] = (
        ({"audience": Audience()}, "Nobody is in this audience"),
        ({"audience": Audience(("atlantis",))}, "no tenant 'atlantis'"),
        ({"audience": Audience(teams=("x",))}, "no team 'x'"),
        ({"audience": Audience(departments=("x",))}, "no department 'x'"),
        ({"notice": "x"}, "no such notice"),
        ({"link": "javascript:alert(1)", "link_words": "See"}, "Link to"),
    )
    for change, said in changes:
        with pytest.raises(Refused, match=said):
            make(who, **change)


def test_the_same_banner_is_not_made_twice_while_it_is_not_over(who: Who) -> None:
    made = make(who)
    with pytest.raises(Refused, match="there already"):
        make(who)
    make(who, audience=Audience(("go-to-market",)))
    actions.end(actor=who.lead, banner=made, because="a word was wrong", now=NOW + HOUR)
    make(who, now=NOW + HOUR)


def test_R111_teams_and_departments_and_the_people_of_a_notice_are_audiences(who: Who) -> None:
    me = identity.find(who.ana)
    assert me is not None
    told = comms.tell(
        actor=who.lead, key="stage/x", kind=Kind.STAGE, title="X", words="X", people=[who.stranger], now=NOW
    )
    for changed, sees in (
        ({"audience": Audience(teams=(who.team,))}, who.ana),
        ({"audience": Audience(departments=(me.department,))}, who.ana),
        ({"audience": Audience(), "notice": told}, who.stranger),
    ):
        made = make(who, **changed)
        assert [bool(shown(each)) for each in (who.ana, who.stranger)] == [
            sees == who.ana,
            sees == who.stranger,
        ]
        row = queries.find_banner(made)
        assert row is not None
        assert sees in queries.audiences([row])[made]
        actions.end(actor=who.lead, banner=made, because="next", now=NOW)


def test_R111_one_dismissed_never_comes_back_and_one_that_asks_stays_until_acknowledged(who: Who) -> None:
    plain = make(who)
    grave = make(who, title="Sign in anew", needs_ack=True, severity=Severity.WARNING)
    stays = make(who, title="It is slow", dismissible=False, severity=Severity.CRITICAL)

    assert shown(who.ana) == "It is slow"
    for refused, said in ((stays, "until it ends"), (grave, "say that you know")):
        with pytest.raises(Refused, match=said):
            actions.dismiss(actor=who.ana, banner=refused, now=NOW)
    with pytest.raises(Refused, match="asks for no word"):
        actions.acknowledge(actor=who.ana, banner=plain, now=NOW)
    with pytest.raises(NoSuch):
        actions.dismiss(actor=who.stranger, banner=plain, now=NOW)
    actions.end(actor=who.lead, banner=stays, because="it is fast again", now=NOW)
    assert shown(who.ana) == "Sign in anew"
    actions.acknowledge(actor=who.ana, banner=grave, now=NOW)
    actions.acknowledge(actor=who.ana, banner=grave, now=NOW + HOUR)
    assert shown(who.ana) == "Approvals move"
    actions.dismiss(actor=who.ana, banner=plain, now=NOW + HOUR)
    actions.dismiss(actor=who.ana, banner=plain, now=NOW + 2 * HOUR)
    assert shown(who.ana, NOW + 3 * HOUR) == ""
    assert shown(who.bo) == "Sign in anew"
    seen = BannerSeen.objects.get(banner__pk=plain, person=who.ana)
    assert (seen.first_shown_at, seen.dismissed_at) == (NOW, NOW + HOUR)
    assert OutboxMessage.objects.filter(topic="banner.acknowledged").count() == 1


def test_R111_three_a_day_are_new_and_the_others_wait_but_for_critical_ones(who: Who) -> None:
    for n in range(5):
        make(who, title=f"News {n}", ends_at=NOW + 3 * DAY, now=NOW + n * timedelta(minutes=1))
    later = NOW + HOUR
    for n in range(3):
        assert shown(who.ana, later) == f"News {n}"
        [row] = [each for each in queries.banners() if each.title == f"News {n}"]
        actions.dismiss(actor=who.ana, banner=row.id, now=later)
    assert actions.see(actor=who.ana, now=later).rule == "a_full_day_shows_nothing_new"
    make(who, title="It is down", severity=Severity.CRITICAL, now=later)
    assert shown(who.ana, later) == "It is down"
    assert shown(who.ana, later + DAY) == "News 3"  # what was critical has ended, and the day is over


def test_a_notice_and_its_banner_are_acknowledged_together(who: Who) -> None:
    told = comms.tell(
        actor=who.lead, key="stage/plan/1", kind=Kind.STAGE, title="Approvals", words="They change.",
        people=[who.ana, who.bo], needs_ack=True, now=NOW,
    )  # fmt: skip
    made = make(who, audience=Audience(), notice=told, needs_ack=True)

    actions.acknowledge(actor=who.ana, banner=made, now=NOW)
    assert news.unread(who.ana) == 0
    assert shown(who.bo) == "Approvals move"
    comms.acknowledge(actor=who.bo, notice=told, now=NOW)
    assert shown(who.bo) == ""
    row = queries.find_banner(made)
    assert row is not None
    became = queries.answers([row])[made]
    assert (became.people, became.shown, became.dismissed, became.acknowledged) == (2, 2, 0, 2)


def test_what_was_taken_back_ends_its_banners_and_the_first_end_stays(who: Who) -> None:
    told = comms.tell(
        actor=who.lead, key="stage/plan/1", kind=Kind.STAGE, title="A", words="A", people=[who.ana], now=NOW
    )
    made, other = make(who, notice=told), make(who)
    assert (
        comms.end_of_notice(actor="controller", key="stage/plan/1", because="Taken back: errors", now=NOW)
        == 1
    )
    assert comms.end_of_notice(actor="controller", key="stage/plan/1", because="again", now=NOW) == 0
    with pytest.raises(Refused, match="over already"):
        actions.end(actor=who.lead, banner=made, because="late", now=NOW)
    row = queries.find_banner(made)
    assert row is not None
    assert (row.ended_at, row.ended_by, row.ended_because) == (NOW, "controller", "Taken back: errors")
    assert [each.id for each in queries.not_over(NOW)] == [other]
    with pytest.raises(Refused, match="Say why"):
        actions.end(actor=who.lead, banner=other, because=" ", now=NOW)
    with pytest.raises(NotYours):
        actions.end(actor=who.ana, banner=other, because="I like", now=NOW)
    with pytest.raises(NoSuch):
        actions.end(actor=who.lead, banner="x", because="why", now=NOW)


def test_an_erased_person_leaves_no_trace_of_what_they_saw_or_made(who: Who) -> None:
    made = make(who)
    shown(who.ana)
    actions.end(actor=who.lead, banner=made, because="done", now=NOW)

    assert comms.forget([who.ana, who.lead]) == 3
    row = queries.find_banner(made)
    assert row is not None
    assert (row.by, row.ended_by) == ("somebody", "somebody")
    assert not BannerSeen.objects.exists()


def test_a_page_asks_once_where_nothing_is_in_force_and_little_where_much_is(who: Who) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert shown(who.ana) == ""
    assert len(asked) == 1
    for n in range(50):
        make(who, title=f"News {n}", priority=n % 9 + 1)
    first = shown(who.ana)
    with CaptureQueriesContext(connection) as asked:
        assert shown(who.ana) == first
    assert len(asked) == 2
    with CaptureQueriesContext(connection) as asked:
        assert shown(who.stranger) == ""
    assert len(asked) == 2


def test_a_busy_database_fails_no_page(who: Who, monkeypatch: pytest.MonkeyPatch) -> None:
    make(who)

    def busy(**_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(BannerSeen.objects, "create", busy)
    assert shown(who.ana) == "Approvals move"
    assert signed_in(who.ana).get("/news").status_code == 200
    assert not BannerSeen.objects.exists()
    monkeypatch.undo()
    shown(who.ana, NOW + HOUR)
    assert BannerSeen.objects.get().first_shown_at == NOW + HOUR
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            assert cursor.execute("PRAGMA busy_timeout").fetchone() == (5000,)


def test_R111_a_page_shows_one_banner_escaped_and_its_answer_leads_back(who: Who) -> None:
    made = make(who, title="<b>Look</b>", link="/rollouts", link_words="See & go")
    make(who, title="Another", priority=9)
    page = signed_in(who.ana)

    html = page.get("/news?a=1").content.decode()
    assert html.count('class="banner ') == 1
    assert "&lt;b&gt;Look&lt;/b&gt;" in html
    assert '<a href="/rollouts">See &amp; go</a>' in html
    assert 'name="next" value="/news?a=1"' in html
    assert "banner " not in page.get("/news", headers={"X-Fragment": "live"}).content.decode()
    assert "banner--" not in signed_in(who.stranger).get("/news").content.decode()
    for wanted, leads in (
        ("/news?a=1", "/news?a=1"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("", "/"),
    ):
        answer = page.post(f"/banners/{made}/dismiss", {"next": wanted})
        assert (answer.status_code, answer.headers["Location"]) == (302, leads)
    assert "Another" in page.get("/news").content.decode()
    in_place = page.post(f"/banners/{made}/dismiss", headers={"HX-Request": "true"})
    assert (in_place.status_code, "Dismissed." in in_place.content.decode()) == (200, True)
    assert page.get(f"/banners/{made}/dismiss").status_code == 405
    assert signed_in(who.stranger).post(f"/banners/{made}/dismiss").status_code == 404
    assert page.post(f"/banners/{made}/acknowledge").status_code == 409
    assert (
        page.post(f"/banners/{made}/acknowledge", headers={"HX-Request": "true"}).headers["HX-Refresh"]
        == "true"
    )
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = page.cookies
    assert strict.post(f"/banners/{made}/dismiss").status_code == 403


FORM = {
    "title": "Approvals move", "words": "On Monday.", "severity": "critical", "way": "acknowledge", "priority": "2",
    "starts_at": "", "ends_at": "2026-11-10T09:00", "tenants": ["corporate"],
}  # fmt: skip


def test_R111_the_pages_make_look_at_and_end_banners(who: Who) -> None:
    lead, ana = signed_in(who.lead), signed_in(who.ana)
    assert "No banner is in force" in ana.get("/banners").content.decode()
    assert "ask yours" in ana.get("/banners/new").content.decode()
    assert lead.get("/banners/new?title=Hello").status_code == 200

    look = lead.post("/banners/new", {**FORM, "act": "preview"})
    html = look.content.decode()
    assert (look.status_code, html.count('class="banner ')) == (200, 3)
    assert f"{len(who.corporate)} people in 1 tenant" in html
    assert not queries.banners()
    for change, status, said in (
        ({"ends_at": ""}, 409, "Say when it ends"),
        ({"ends_at": "soon"}, 409, "Write the moment"),
        ({"priority": "x"}, 409, "Choose a priority"),
        ({"link": "javascript:alert(1)", "link_words": "x"}, 409, "Link to"),
    ):
        refused = lead.post("/banners/new", {**FORM, **change, "act": "make"})
        assert (refused.status_code, said in refused.content.decode()) == (status, True)
        assert "On Monday." in refused.content.decode()  # what was filled in comes back
    assert ana.post("/banners/new", {**FORM, "act": "make"}).status_code == 403

    made = lead.post("/banners/new", {**FORM, "act": "make"})
    assert made.status_code == 302
    [row] = queries.banners()
    assert (row.severity, row.needs_ack, row.dismissible, row.priority) == (Severity.CRITICAL, True, False, 2)
    make(who, title="Other", severity=Severity.CRITICAL)
    make(who, title="Soon", starts_at=NOW + HOUR)
    html = lead.get("/banners").content.decode()
    assert "Two critical banners for" in html
    assert "Coming" in html
    here = [ana.get(f"/tenants/{each}").content.decode() for each in ("corporate", "go-to-market")]
    assert ["Banners here" in each for each in here] == [True, False]
    assert "I know" in ana.get("/news").content.decode()
    assert "As people see it" in lead.get(made.headers["Location"]).content.decode()
    assert lead.post(made.headers["Location"], {"because": ""}).status_code == 409
    assert ana.post(made.headers["Location"], {"because": "x"}).status_code == 403
    assert lead.post(made.headers["Location"], {"because": "It <b>moved</b>"}).status_code == 302
    html = lead.get(made.headers["Location"]).content.decode()
    assert "It &lt;b&gt;moved&lt;/b&gt;" in html
    assert "Ended early" in html
    assert "Ended" in lead.get("/banners").content.decode()
    assert lead.get("/banners/01a1cefc-3e80-724b-8d2b-23047b05fbb4").status_code == 404


@pytest.fixture
def call(who: Who) -> Callable[..., tuple[int, Any]]:
    keys = identity_actions.issue_personal_keys(
        actor="test", people=[who.lead, who.ana, who.stranger], now=NOW
    )

    def caller(person: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        client, headers = Client(), {"authorization": f"Bearer {keys[person]}"}
        if body is None:
            answer = client.get(f"/api/v1{path}", headers=headers)
        else:
            answer = client.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)
        return answer.status_code, answer.json()

    return caller


def test_R111_other_programs_show_it_and_answer_and_manage_over_the_api(
    who: Who, call: Callable[..., tuple[int, Any]]
) -> None:
    ask = {
        "title": "Approvals move",
        "words": "On Monday.",
        "ends_at": "2026-11-10T09:00:00",
        "tenants": ["corporate"],
    }
    assert call(who.ana, "/me/banner")[1]["rule"] == "without_a_banner_nothing_is_shown"
    assert call(who.ana, "/banners", ask)[0] == 403
    assert call(who.lead, "/banners", {**ask, "tenants": []})[0] == 409
    assert call(who.lead, "/banners", {**ask, "priority": 10})[0] == 422
    status, made = call(who.lead, "/banners", ask)
    assert status == 201
    status, mine = call(who.ana, "/me/banner")
    assert (status, mine["banner"]["id"], mine["rule"]) == (200, made["id"], "information_comes_last")
    assert call(who.stranger, "/me/banner")[1]["banner"] is None
    assert call(who.stranger, f"/me/banners/{made['id']}/dismiss", {})[0] == 404
    assert call(who.ana, f"/me/banners/{made['id']}/acknowledge", {})[0] == 409
    assert call(who.ana, f"/me/banners/{made['id']}/dismiss", {})[1] == {"dismissed": True}
    assert call(who.ana, "/me/banner")[1]["banner"] is None
    assert call(who.ana, "/me/banners/nothing/dismiss", {})[0] == 404
    [row] = call(who.ana, "/banners")[1]
    assert (row["became"]["shown"], row["became"]["dismissed"]) == (1, 1)
    assert row["became"]["people"] == len(who.corporate)
    assert call(who.ana, f"/banners/{made['id']}/end", {"because": "x"})[0] == 403
    assert call(who.lead, f"/banners/{made['id']}/end", {"because": "It moved."})[1] == {"ended": True}
