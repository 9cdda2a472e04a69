"""The pages of recognition and its routes as their callers meet them (R102 to R107)."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from change.recognition.test_recognition_room import DAY, NOW, Engine, champions, engine, shipped, team_of
from change.recognition.test_swag_ledger import PILOT, claim, set_budget
from companyos.change.recognition import actions, queries
from companyos.change.recognition.domain.credential import is_credential_of
from companyos.kernel.clock import VirtualClock
from companyos.kernel.data_integrity import did_key
from companyos.people.identity import actions as identity
from companyos.platform.instance import Instance, instance, run_as
from companyos.platform.signing_key import signing_seed

__all__ = ["engine"]
LEAD, HEAD, STRANGER = "kenji-fujimori", "jiwoo-kang", "bruno-figueira"
LATER = NOW + 31 * DAY


class Undefined(str):
    """Makes a template that asks for something unknown fail instead of showing nothing."""

    def __contains__(self, key: object) -> bool:
        return True

    def __mod__(self, other: object) -> str:
        raise LookupError(f"the template asks for {other}, which is not there")


@pytest.fixture
def world(engine: Engine, settings: Any, tmp_path: Path) -> Iterator[Engine]:
    strict = deepcopy(settings.TEMPLATES)
    strict[0]["OPTIONS"]["string_if_invalid"] = Undefined("%s")
    settings.TEMPLATES = strict
    before = instance()
    run_as(Instance(VirtualClock(LATER), before.calendar, tmp_path, b"x" * 32))
    yield engine
    run_as(before)


def of(person: str) -> Client:
    client = Client()
    session = client.session
    session["person"] = person
    session.save()
    return client


def read(person: str, path: str) -> str:
    answer = of(person).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_R102_empty_pages_say_what_they_are_for(world: Engine) -> None:
    said = read(STRANGER, "/recognition")
    for title in (
        "No badge yet",
        "Nobody was judged",
        "Nothing is nominated",
        "No pilot credit",
        "No budget for this",
    ):
        assert title in said
    assert "No budget yet" in read(STRANGER, "/recognition/ledger")
    for path in ("badges/01a1cefc-3e80-724b-8d2b-23047b05fbb4", "spotlight/2026-Q4", "spotlight/x"):
        assert of(STRANGER).get(f"/recognition/{path}").status_code == 404
    assert of(STRANGER).post("/recognition").status_code == 403


def test_R102_a_lead_has_it_judged_and_the_page_shows_every_number(world: Engine) -> None:
    team = team_of(PILOT)
    champions(world, team)
    assert of(LEAD).post("/recognition").status_code == 302
    said = read(STRANGER, "/recognition")
    assert "Dogfood Champion of Unified Approvals Workflow" in said
    assert "use and feedback make a champion" in said and "3 of 3 actionable" in said
    assert "+25" in said and "until" in said  # the same team piloted it
    assert not any(person in said for person in team.people)  # no person stands on a page about teams

    (badge,) = queries.badges()
    page = read(STRANGER, f"/recognition/badges/{badge.id}")
    assert badge.sha256 in page and "As hashed" in page and "Take it back" not in page
    assert of(STRANGER).post(f"/recognition/badges/{badge.id}", {"because": "No"}).status_code == 403
    made = of(STRANGER).get(f"/recognition/badges/{badge.id}.json")
    assert made["Content-Disposition"].endswith(f'badge-{badge.id}.json"')
    assert is_credential_of(made.json(), did_key(signing_seed(instance().folder)))
    assert not any(person in made.content.decode() for person in team.people)

    assert of(LEAD).post(f"/recognition/badges/{badge.id}", {"because": "<b>Made up</b>"}).status_code == 302
    assert "&lt;b&gt;Made up&lt;/b&gt;" in read(STRANGER, f"/recognition/badges/{badge.id}")
    assert of(STRANGER).get(f"/recognition/badges/{badge.id}.json").status_code == 410
    assert "Taken back" in read(STRANGER, "/recognition")


def test_R105_the_winner_page_says_what_it_changed_and_who_suggested_it(world: Engine) -> None:
    ana, bo = [each for each in team_of(PILOT).people if each != "aiko-shibuya"][:2]
    key, zone = shipped("Sum <over> all", ana, NOW), queries.company_zone()
    clock = VirtualClock(queries.current_vote(ana, NOW, zone).opens_at + DAY)
    run_as(Instance(clock, instance().calendar, instance().folder, b"x" * 32))
    assert "Your own" in read(ana, "/recognition")
    asked = {"quarter": "2026-Q4", "suggestion": key}
    assert of(ana).post("/recognition/vote", asked).status_code == 409
    assert of(bo).post("/recognition/vote", asked).status_code == 302
    assert "Your vote" in read(bo, "/recognition")
    clock.set(clock.now() + 14 * DAY)
    assert of(LEAD).post("/recognition").status_code == 302
    said = read(STRANGER, "/recognition/spotlight/2026-Q4")
    assert "Sum &lt;over&gt; all" in said and "release 1" in said and "suggested by" in said
    assert "2026-Q4" in read(STRANGER, "/recognition")


def test_R107_the_ledger_is_set_claimed_decided_and_spent_on_its_page(world: Engine) -> None:
    champions(world, team_of(PILOT))
    actions.give_credits(now=LATER)
    person, page = team_of(PILOT).people[0], "/recognition/ledger"
    budget = {
        "do": "set", "quarter": "2026-Q4", "amount": "500", "currency": "eur", "because": "For pilots", "second": "",
    }  # fmt: skip
    assert of(STRANGER).post(page, budget).status_code == 403
    assert "Write an amount" in of(HEAD).post(page, budget | {"amount": "much"}).content.decode()
    assert of(HEAD).post(page, budget).status_code == 302
    hoodies = {"do": "claim", "team": PILOT, "what": "<i>Hoodies</i>", "amount": "200.50"}
    assert of(person).post(page, hoodies).status_code == 302
    assert "Claim something" not in read(STRANGER, page)
    (row,) = queries.ledger("2026-Q4").claims  # type: ignore[union-attr]
    assert "Approve" in read(HEAD, page) and "Approve" not in read(person, page)
    assert of(person).post(page, {"do": "approve", "claim": row.id, "because": "Mine"}).status_code == 403
    assert of(HEAD).post(page, {"do": "approve", "claim": row.id, "because": "First"}).status_code == 302
    spent = {"do": "spend", "claim": row.id, "amount": "180", "because": "Invoice 7"}
    assert of(HEAD).post(page, spent).status_code == 302
    said = read(STRANGER, page)
    assert "&lt;i&gt;Hoodies" in said and "320.00" in said and "Given back" in said
    assert of(HEAD).post(page, {"do": "dance"}).status_code == 409
    assert "320.00" in read(STRANGER, "/recognition")


def test_R102_to_R107_over_the_api(world: Engine) -> None:
    team = team_of(PILOT)
    keys = identity.issue_personal_keys(actor="test", people=[HEAD, LEAD, STRANGER, team.people[0]], now=NOW)

    def call(who: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        headers = {"authorization": f"Bearer {keys[who]}"}
        address = f"/api/v1/recognition/{path}"
        answer = (
            Client().get(address, headers=headers)
            if body is None
            else Client().post(address, body, content_type="application/json", headers=headers)
        )
        return answer.status_code, answer.json()

    champions(world, team)
    actions.judge_teams(now=LATER)
    actions.give_credits(now=LATER)
    assert {each["verdict"] for each in call(STRANGER, "standings")[1]} >= {
        "earned",
        "not_yet",
        "not_eligible",
    }
    ((badge,), (credit,)) = call(STRANGER, "badges")[1], call(STRANGER, "credits")[1]
    assert (badge["team"], credit["percent"]) == (PILOT, 25)
    assert call(STRANGER, f"badges/{badge['id']}")[1]["sha256"] == badge["sha256"]
    assert call(STRANGER, f"badges/{badge['id']}/credential")[1]["proof"]["cryptosuite"] == "eddsa-jcs-2022"
    assert call(STRANGER, f"badges/{badge['id']}/revoke", {"because": "No reason"})[0] == 403
    assert call(LEAD, f"badges/{badge['id']}/revoke", {"because": "Made up"})[0] == 200
    assert call(STRANGER, f"badges/{badge['id']}/credential")[0] == 409
    assert call(STRANGER, "badges/01a1cefc-3e80-724b-8d2b-23047b05fbb4")[0] == 404

    key = shipped("Sum over all", team.people[0], NOW)
    (nominated,) = call(team.people[0], "spotlights/vote")[1]["nominations"]
    assert nominated["own"] and "by" not in nominated
    assert call(STRANGER, "spotlights/2026-Q4/vote", {"suggestion": key})[0] == 409
    assert call(STRANGER, "spotlights")[1] == []

    budget = {"amount": 50_000, "currency": "EUR", "because": "For pilots"}
    assert call(STRANGER, "ledger/2026-Q4/budget", budget)[0] == 403
    assert call(HEAD, "ledger/2026-Q4/budget", budget)[0] == 200
    status, made = call(team.people[0], "claims", {"team": PILOT, "what": "Mugs", "amount": 9_000})
    assert status == 201
    assert call(HEAD, f"claims/{made['id']}/decide", {"approves": True, "because": "First"})[0] == 200
    assert call(HEAD, f"claims/{made['id']}/spend", {"amount": 8_000, "note": "Invoice 7"})[0] == 200
    (row,) = call(STRANGER, "ledger")[1]
    assert row["balance"] == {"budget": 50_000, "free": 42_000, "promised": 0, "spent": 8_000}
    assert Client().get("/api/v1/recognition/ledger").status_code == 401


def test_R106_the_roadmap_shows_the_credit_beside_the_raw_figure(world: Engine) -> None:
    champions(world, team_of(PILOT))
    actions.give_credits(now=LATER)
    key = shipped("Sum over all", team_of(PILOT).people[0], NOW)
    assert "0 with pilot credit" in read(STRANGER, f"/roadmap/{key}").replace("\xa0", " ")


def test_R107_who_answers_for_the_budget_reads_why_they_do_not_decide(world: Engine) -> None:
    champions(world, team_of(PILOT))
    actions.give_credits(now=LATER)
    set_budget(50_000, actor="aiko-shibuya", second="")
    claim(1_000)
    said = read("aiko-shibuya", "/recognition/ledger")
    assert "Nobody decides about a claim of their own team" in said and "Approve" not in said
