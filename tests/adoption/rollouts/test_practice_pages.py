"""R45: practice in the console: begin, move, be refused, be told; no real rollout, flag or person is touched."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from re import search
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from companyos.adoption.rollouts.foretelling.lessons import Fault, Play
from companyos.adoption.rollouts.foretelling.practice import DAYS
from companyos.adoption.rollouts.foretelling.practised_stage import fault_of
from companyos.adoption.rollouts.models import DecisionRecord
from companyos.adoption.rollouts.web.forms import GameTicket, ticket
from companyos.kernel.clock import VirtualClock
from companyos.platform.instance import Instance, instance, run_as
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program

PROGRAM = Path(__file__).parents[3] / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
PLAN = "unified-approvals"
PAGE, MOVE = f"/rollouts/{PLAN}/practice", f"/rollouts/{PLAN}/practice/move"


@pytest.fixture
def player(db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    before = instance()
    run_as(Instance(VirtualClock(NOW), before.calendar, before.folder, b"x" * 32))
    apply(load_program(PROGRAM), now=NOW)
    monkeypatch.setattr("companyos.adoption.rollouts.web.views.work_lately", lambda *_, **__: (6.0, 0.01))
    client = Client()
    session = client.session
    session["person"] = "ana-ruiz"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    yield client
    run_as(before)


def begin(player: Client, stage: str = "expand") -> str:
    answer = player.post(MOVE, {"stage": stage})
    assert answer.status_code == 302
    return _game_in(player.get(answer["Location"]).content.decode())


def _game_in(page: str) -> str:
    found = search(r'name="game" value="([^"]+)"', page)
    assert found
    return unescape(found[1])


def a_game_with(fault: Fault, *, days: int = 0) -> str:
    seed = next(seed for seed in range(1_000) if fault_of(seed) is fault)
    plays = (Play.CARRY_ON,) * days
    return GameTicket(
        PLAN, 2, seed, 6.0, 0.01, began=0.0, ended=90.0 if days == DAYS else 0.0, plays=plays
    ).signed


def test_a_game_goes_day_by_day_to_its_debrief_R45(player: Client) -> None:
    game = begin(player)
    page = player.get(PAGE, {"game": game}).content.decode()
    assert "Day 1 of 10" in page
    assert "Debrief" not in page
    answer = player.post(MOVE, {"game": game, "play": "carry on"})
    page = player.get(answer["Location"]).content.decode()
    assert "Day 2 of 10" in page
    answer = player.post(MOVE, {"game": _game_in(page), "play": "roll back"})
    page = player.get(answer["Location"]).content.decode()
    assert "What it cost" in page
    assert "Another game" in page
    assert not DecisionRecord.objects.exists()


def test_every_fault_is_named_in_the_debrief_and_not_before(player: Client) -> None:
    for fault in Fault:
        said = "nothing was wrong" if fault is Fault.NONE else f"Hidden was: {fault}"
        assert said in player.get(PAGE, {"game": a_game_with(fault, days=DAYS)}).content.decode()
    still_open = player.get(PAGE, {"game": a_game_with(Fault.REGRESSION, days=4)}).content.decode()
    assert Fault.REGRESSION not in still_open


def test_a_move_that_may_not_be_made_says_why_and_changes_nothing(player: Client) -> None:
    game = begin(player)
    early = player.post(MOVE, {"game": game, "play": "advance"})
    assert early.status_code == 409
    assert "settles for 5 working days" in early.content.decode()
    for given, status in (
        ({"game": game, "play": "fly"}, 422),
        ({"game": "x" + game, "play": "hold"}, 422),
        ({"stage": "nowhere"}, 422),
    ):
        answer = player.post(MOVE, given)
        assert (answer.status_code, "<script" in answer.content.decode().split("<main")[1]) == (status, False)
    assert player.get(PAGE, {"game": "forged"}).status_code == 422
    assert player.get("/rollouts/nothing/practice").status_code == 404


def test_a_game_that_is_over_takes_no_more_moves(player: Client) -> None:
    location = player.post(MOVE, {"game": begin(player), "play": "roll back"})["Location"]
    over = location.split("game=")[1]
    assert player.post(MOVE, {"game": over, "play": "hold"}).status_code == 409


def test_a_ticket_of_another_plan_is_none(player: Client) -> None:
    assert ticket(a_game_with(Fault.NONE), "another") is None
    assert ticket(a_game_with(Fault.NONE), PLAN) is not None
