"""Faults between people's work and the controller: what reaches the server, who goes astray, who starts it again."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adoption.rollouts.rehearsal.small_company import people_of
from companyos.adoption.rollouts.rehearsal.client import Answer, NoAnswer
from companyos.adoption.rollouts.rehearsal.company import Company
from companyos.adoption.rollouts.rehearsal.events import Event
from companyos.adoption.rollouts.rehearsal.fault import Regression
from companyos.adoption.rollouts.rehearsal.line import Line
from companyos.adoption.rollouts.rehearsal.link import Link
from companyos.adoption.rollouts.rehearsal.order import DriveFailed, Fault, Keys, Order
from companyos.adoption.rollouts.rehearsal.people import Leads
from companyos.adoption.rollouts.rehearsal.profile import stored_profile
from companyos.adoption.rollouts.rehearsal.rollout import Rollout, SeenGate
from companyos.adoption.rollouts.rehearsal.workforce import Workforce
from companyos.kernel.business_time import WorkingCalendar

ENTERED = datetime(2026, 11, 9, 9, tzinfo=UTC)
PEOPLE = people_of()
OURS = PEOPLE[0]
COLLEAGUE = next(p for p in PEOPLE[1:] if p.team == OURS.team)
OTHER = next(p for p in PEOPLE if p.team != OURS.team)


def at_stage(stage: str, status: str = "active", *, in_shadow: bool = False) -> Any:
    return SimpleNamespace(stage=stage, status=status, in_shadow=in_shadow)


def begun(kind: str, workforce: Workforce) -> tuple[Regression, Line]:
    fault = Regression(Fault.parse(f"{kind}@expand"), workforce.fault)
    fault.sees(at_stage("expand"), ENTERED)
    fault.exposes(OURS)
    return fault, Line(fault, PEOPLE)


def events(*actors: str, hour: int = 1) -> list[Event]:
    at = ENTERED + timedelta(hours=hour)
    return [Event(f"e-{hour}-{actor}", "task_started", at, "corporate", actor) for actor in actors]


def heard(line: Line, sent: list[Event], hour: int) -> list[str]:
    return [event.id for event in line.lets_through(sent, ENTERED + timedelta(hours=hour))]


def test_lost_telemetry_is_that_of_the_stage_s_teams_until_it_is_mended(workforce: Workforce) -> None:
    fault, line = begun("telemetry-loss", workforce)
    people = OURS.slug, COLLEAGUE.slug, OTHER.slug
    assert heard(line, events(*people), 1) == [f"e-1-{OTHER.slug}"]
    fault.sees(at_stage("expand", "paused"), ENTERED + timedelta(hours=2))
    assert not fault.can_be_lifted(ENTERED + timedelta(hours=3))
    assert fault.can_be_lifted(ENTERED + timedelta(hours=2 + workforce.fault.lifted_after_hours))
    fault.lift(ENTERED + timedelta(days=2))
    assert len(heard(line, events(*people, hour=50), 50)) == 3
    assert line.as_used() == {"events_lost": 2}
    told = fault.as_used()
    assert told is not None
    assert told["stopped_by"] == (ENTERED + timedelta(hours=2)).isoformat()


def test_late_data_come_a_day_later_with_their_own_times(workforce: Workforce) -> None:
    fault, line = begun("late-data", workforce)
    assert heard(line, events(OURS.slug, OTHER.slug), 1) == [f"e-1-{OTHER.slug}"]
    fault.sees(at_stage("expand", "paused"), ENTERED + timedelta(hours=2))
    assert not fault.can_be_lifted(ENTERED + timedelta(days=3)), "nobody mends it: they come by themselves"
    assert heard(line, events(OURS.slug, hour=25), 25) == [f"e-1-{OURS.slug}", f"e-25-{OURS.slug}"]
    assert not fault.is_on
    assert line.as_used() == {"events_late": 2}


def test_with_a_wrong_roster_people_who_are_off_take_the_new_path(workforce: Workforce) -> None:
    fault, line = begun("wrong-roster", workforce)
    astray = [person for person in PEOPLE if line.path_taken(person, "existing") == "unified"]
    assert len(astray) == -(-len(PEOPLE) // 7)
    assert line.path_taken(OTHER, "unified") == "unified"
    assert line.as_used() == {"cases_astray": len(astray)}
    assert len(line.lets_through(events(OURS.slug, OTHER.slug), ENTERED)) == 2
    fault.lift(ENTERED)
    assert {line.path_taken(person, "existing") for person in PEOPLE} == {"existing"}


@pytest.mark.parametrize("kind", ["telemetry-loss", "late-data", "wrong-roster", "controller-crash"])
def test_while_a_stage_is_in_shadow_nobody_is_on_and_nothing_is_planted(
    workforce: Workforce, kind: str
) -> None:
    fault = Regression(Fault.parse(f"{kind}@pilot"), workforce.fault)
    fault.sees(at_stage("pilot", in_shadow=True), ENTERED)
    assert not fault.is_on
    fault.sees(at_stage("pilot"), ENTERED)
    assert fault.is_on
    assert fault.more_failures(OURS, "unified") == 0


@pytest.fixture
def order_of_one(workforce: Workforce) -> tuple[Keys, Order, WorkingCalendar]:
    hours, nowhere = (time(9), time(17)), frozenset[date]()
    order = Order(
        plan="p",
        people=PEOPLE,
        workforce=workforce,
        profile=stored_profile(),
        log=None,
        fault=None,
        seed=1,
        cases=1,
        starts_at=ENTERED,
        zone=ZoneInfo("UTC"),
        holidays=nowhere,
        until_stage=None,
        pace_seconds=None,
    )
    keys = Keys("http://127.0.0.1:9", "clock", "server", {})
    return keys, order, WorkingCalendar(ZoneInfo("UTC"), hours, nowhere)


class _DyingClient:
    """A server that dies at the first move of the clock after it was asked to."""

    def __init__(self) -> None:
        self.dead, self.asked = False, list[str]()

    async def post(self, path: str, key: str, body: Any, headers: Any = None) -> Answer:
        self.asked.append(path)
        if self.dead:
            raise NoAnswer("nothing answers")
        self.dead = path.endswith("/crash")
        return Answer(200, {}, b"{}")


def test_a_server_that_was_asked_to_die_is_started_where_it_was_and_asked_again(order_of_one: Any) -> None:
    client, restarted, said = _DyingClient(), list[datetime](), list[str]()

    def again(now: datetime) -> None:
        restarted.append(now)
        client.dead = False

    async def run() -> None:
        link = Link(client, *order_of_one, said.append, again)  # type: ignore[arg-type]
        began = link.now
        await link.let_the_controller_die()
        await link.set_clock(began + timedelta(hours=1), look=True)
        assert restarted == [began]
        assert link.now == began + timedelta(hours=1)

    asyncio.run(run())
    assert client.asked == ["/rehearsal/v1/crash", "/rehearsal/v1/clock", "/rehearsal/v1/clock"]
    assert "killed with its decision written and nothing sent" in said[0]


def test_a_server_that_dies_unasked_ends_the_rehearsal(order_of_one: Any) -> None:
    async def run() -> None:
        client = _DyingClient()
        link = Link(client, *order_of_one, print)  # type: ignore[arg-type]
        with pytest.raises(DriveFailed, match="start the server again"):
            await link.let_the_controller_die()
        with pytest.raises(NoAnswer):
            await link.set_clock(link.now + timedelta(hours=1), look=True)

    asyncio.run(run())


class _Desk:
    """What people do at their desks, written down."""

    def __init__(self, order: Order) -> None:
        self.order, self.company, self.acts = order, Company(PEOPLE, ()), list[str]()
        self.lead = self.squad_lead = OURS

    async def post(self, path: str, who: Any, body: Any) -> Answer:
        self.acts.append(path.rpartition("/")[2])
        return Answer(201, {}, b"{}")

    async def move(self, verb: str, who: Any, reason: str, now: datetime) -> bool:
        self.acts.append(verb)
        return True

    def note(self, *told: Any) -> None: ...


@pytest.mark.parametrize(
    ("kind", "at_first", "a_day_later", "then"),
    [
        ("telemetry-loss", [], ["fixes", "resume"], []),
        ("late-data", [], [], []),
        ("wrong-roster", [], ["fixes", "roll-back"], ["resume"]),
    ],
)
def test_nobody_resumes_before_the_line_is_mended(
    workforce: Workforce,
    order_of_one: tuple[Keys, Order, WorkingCalendar],
    kind: str,
    at_first: list[str],
    a_day_later: list[str],
    then: list[str],
) -> None:
    fault, _ = begun(kind, workforce)
    _, order, calendar = order_of_one
    desk = _Desk(order)
    leads = Leads(desk, calendar, fault)  # type: ignore[arg-type]
    paused = Rollout(
        version=1, status="paused", stage="expand", gates=(SeenGate("g", verdict="inconclusive"),)
    )
    taken_back = Rollout(version=2, status="rolled_back", stage="expand")

    def acts_at(hours: float, rollout: Rollout) -> list[str]:
        before, now = len(desk.acts), ENTERED + timedelta(hours=hours)
        fault.sees(rollout, now)
        asyncio.run(leads.act(rollout, now))
        return desk.acts[before:]

    assert acts_at(2, paused) == at_first
    found = acts_at(27, paused) + (acts_at(29, paused) if kind == "telemetry-loss" else [])
    assert found == a_day_later
    assert acts_at(50, taken_back) == then
