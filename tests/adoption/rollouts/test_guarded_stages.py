"""A stage compared as its plan declares, from the file to the flag: log, guardrail, decision, ruleset (R116, R181)."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from ruamel.yaml import YAML

from companyos.adoption.flags import queries as flags
from companyos.adoption.flags.domain.types import people_of
from companyos.adoption.rollouts import actions, queries
from companyos.adoption.rollouts.domain.types import Move, Status, Verdict
from companyos.adoption.telemetry import queries as telemetry
from companyos.analytics.events import Event, stored_body, stored_line
from companyos.analytics.inbox import DuplicateWindow, FrameKind, InboxLog
from companyos.cli.process import Process
from companyos.kernel.clock import VirtualClock
from companyos.kernel.stats.merge import Signal
from companyos.people.identity import actions as identity
from companyos.platform import outbox
from companyos.platform.models import OutboxMessage
from companyos.surfaces.edge import Edge
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from companyos.work.approvals import actions as approvals
from companyos.work.cases import actions as cases
from companyos.work.cases.domain.types import Severity

PROGRAM = Path(__file__).parents[3] / "program"
PLAN, LEAD, GRC = "unified-approvals", "ana-ruiz", "zeynep-yilmaz"
MONDAY = datetime(2026, 11, 9, 9, tzinfo=UTC)
ENGINEERS: dict[str, Any] = {"tenant": "engineering-quality", "everyone": True}
TWO_TEAMS: dict[str, Any] = {"tenant": "engineering-quality", "teams": ["platform-engineering", "sre"]}
TEAMS: dict[str, Any] = {"kind": "teams"}
HALF: dict[str, Any] = {"kind": "randomised", "share": 0.5}


class Instance:
    """A running instance on one data directory and a virtual clock, driven turn by turn."""

    def __init__(self, data: Path, folder: Path) -> None:
        self.data, self.program = data, load_program(folder)
        self.clock = VirtualClock(MONDAY)
        apply(self.program, now=MONDAY)
        self.sent = 0
        self.open()

    def open(self) -> None:
        self.process = Process(
            self.data, self.program, self.clock, InboxLog(self.data / "inbox"), rehearsal=True
        )

    def restart(self) -> None:
        self.process.close()
        self.open()

    def send(self, events: Iterable[Event]) -> None:
        made = list(events)
        lines = b"".join(stored_line(stored_body(e, now=e.time), received=e.time) + b"\n" for e in made)

        async def submit() -> None:
            await self.process.inbox.submit(FrameKind.EVENTS, lines, received=made[-1].time)

        asyncio.run(submit())
        self.process.tail.flush()

    def work(self, day: int, people: Iterable[str], path: str, *, failing: Iterable[str] = ()) -> None:
        """Each person does a task that morning; the `failing` fail at it."""
        fails, events = set(failing), []
        for place, person in enumerate(sorted(people)):
            self.sent += 1
            at = MONDAY + timedelta(days=day, minutes=10, seconds=place)
            event = ("task_started", at), ("task_failed", at + timedelta(minutes=1))
            for name, when in event[: 1 + (person in fails)]:
                task = f"t{self.sent}"
                events.append(
                    Event(
                        f"{name}-{task}",
                        name,
                        when,
                        "engineering-quality",
                        person,
                        PLAN,
                        path,
                        "approve",
                        task=task,
                    )
                )
        self.send(sorted(events, key=lambda e: (e.time, e.id)))

    def take_handed_in(self) -> None:
        """Let the log's owner write what the pages handed in, as the edge does every 50 ms."""
        window = DuplicateWindow.rebuilt(self.process.inbox, self.clock)
        folder = self.data / "handed-in"
        edge = Edge(
            rulesets=self.data / "edge",
            inbox=self.process.inbox,
            window=window,
            clock=self.clock,
            handed_in=folder,
        )
        asyncio.run(edge.take_handed_in())
        self.process.tail.flush()

    def reports_evidence(self) -> float:
        reading = self.process.controller._watching.reading(PLAN, points=2.0)
        return next(each.evidence for each in reading.signals if each.signal == Signal.HUMAN_REPORTS)

    def at(self, day: int, hour: float = 0.4) -> None:
        self.clock.set(MONDAY + timedelta(days=day, hours=hour))

    def move(self, move: Move) -> None:
        try:
            self._try_to(move)
        except actions.Asked as asked:  # the plan has no shadow, and names two people who say so
            approvals.approve(actor=GRC, request=asked.request, now=self.clock.now())  # and then it is done

    def _try_to(self, move: Move) -> None:
        version = queries.version_of(PLAN)
        assert version is not None
        self.process.controller.person_moves(
            actor=LEAD, plan=PLAN, wanted=move, reason="as planned", version=version, now=self.clock.now()
        )

    def tick(self, *, gates: bool = False) -> Any:
        self.process.controller.tick(self.clock.now(), gates=gates)
        return queries.state(PLAN)

    def on(self) -> frozenset[str]:
        return people_of(flags.cohort_of(self.program.features[0].flag))

    def guardrail(self) -> Any:
        state = queries.state(PLAN)
        assert state is not None
        return next(
            g for g in queries.latest_gates(PLAN, state.stage, state.attempt) if g.kind == "guardrail"
        )

    def everybody(self) -> list[str]:
        return [person.slug for person in self.program.people]


@pytest.fixture
def an_instance(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., Instance]]:
    made: list[Instance] = []

    def make(comparison: dict[str, Any] = TEAMS, cohort: dict[str, Any] = ENGINEERS) -> Instance:
        folder = tmp_path / "program"
        shutil.copytree(PROGRAM, folder)
        plan = folder / "plans" / f"{PLAN}.yaml"
        document = YAML(typ="safe").load(plan)
        document.pop("risks")  # the guardrail alone
        stage = document["stages"][0] | {
            "cohort": [cohort],
            "data_domains": ["finance", "procurement", "it"],
            "comparison": comparison,
        }
        exempt = {"by": ["ana-ruiz", "zeynep-yilmaz"], "why": "the guardrail alone", "until": "2027-12-31"}
        YAML().dump({**document, "stages": [stage], "without_shadow": exempt}, plan)
        made.append(Instance(tmp_path / "data", folder))
        return made[-1]

    yield make
    for each in made:
        each.process.close()


def a_month_before(instance: Instance) -> None:
    everybody = instance.everybody()
    for day in [d for d in range(-28, 0) if d % 7 < 5]:
        instance.work(day, everybody, "existing", failing=everybody[day % 7 :: 40])


def test_drawn_people_are_on_the_others_of_the_cohort_off_and_harm_is_taken_back(
    an_instance: Callable[..., Instance],
) -> None:
    instance = an_instance(HALF)
    instance.move(Move.START)
    state = instance.tick(gates=True)
    on, off = instance.on(), state.held_back
    cohort = {p.slug for p in instance.program.people if p.slug in on | off}
    assert on == state.people
    assert 25 <= len(on) < len(cohort)
    assert not on & off
    instance.work(0, on, "unified", failing=sorted(on)[:20])
    instance.work(0, off, "existing", failing=sorted(off)[:2])
    instance.at(0)
    assert instance.tick().status is Status.ROLLED_BACK
    assert not instance.on()
    decision = queries.board(PLAN, viewer=LEAD, now=instance.clock.now()).decisions[0]  # type: ignore[union-attr]
    assert decision.rule == "a_breach_rolls_back"
    assert "People drawn to be on: 20 error sessions" in decision.because
    instance.move(Move.RESUME)
    assert instance.on() == on  # the draw sticks: the same people, after a rollback too


def test_a_switchback_draws_each_day_anew(an_instance: Callable[..., Instance]) -> None:
    instance = an_instance({"kind": "switchback", "share": 0.5})
    instance.move(Move.START)
    stage = instance.tick(gates=True).newly_on
    days = []
    for day in range(4):
        instance.at(day)
        instance.tick(gates=True)
        days.append(instance.on())
    assert len(set(days)) == 4
    assert all(len(stage) * 0.25 < len(day) < len(stage) * 0.75 for day in days)
    assert all(day <= stage for day in days)
    instance.move(Move.PAUSE)
    instance.at(5)
    instance.tick(gates=True)
    assert instance.on() == days[-1]  # a person's pause moves nobody


def test_whole_teams_are_taken_back_and_the_rule_is_named(an_instance: Callable[..., Instance]) -> None:
    instance = an_instance(cohort=TWO_TEAMS)
    a_month_before(instance)
    instance.move(Move.START)
    instance.tick(gates=True)
    on = instance.on()
    instance.work(0, set(instance.everybody()) - on, "existing")
    instance.work(0, on, "unified", failing=on)
    instance.at(0)
    assert instance.tick().status is Status.ROLLED_BACK
    gate = instance.guardrail()
    assert (gate.verdict, gate.rule) == (Verdict.FAILED, "twenty_to_one_takes_back")
    assert gate.because.startswith(f"Exposed teams: {len(on)} error sessions in {len(on)} tasks. Going by")
    assert gate.because.endswith("(acts at 20). Rolling back.")


def test_without_comparison_harm_holds_and_pages_and_takes_nobody_off(
    an_instance: Callable[..., Instance],
) -> None:
    instance = an_instance({"kind": "none"}, TWO_TEAMS)
    a_month_before(instance)
    instance.move(Move.START)
    instance.tick(gates=True)
    on = instance.on()
    instance.work(0, on, "unified", failing=on)
    instance.at(0)
    state = instance.tick(gates=True)
    assert state.status is Status.PAUSED
    assert instance.on() == on
    assert instance.guardrail().rule == "without_a_group_it_only_holds"
    paged = OutboxMessage.objects.get(topic="rollout.paged")
    assert paged.body["to"] == LEAD
    assert "a person decides" in paged.body["because"]


def test_an_open_sev1_holds_at_once_and_until_it_is_resolved(an_instance: Callable[..., Instance]) -> None:
    instance = an_instance()
    instance.move(Move.START)
    instance.tick(gates=True)
    now = instance.clock.now()
    bug = cases.report_bug(
        actor=LEAD, tenant="corporate", feature=PLAN, severity=Severity.SEV1, title="Lost", body="", now=now
    )
    state = instance.tick()  # no minute has passed
    assert state.status is Status.PAUSED
    board = queries.board(PLAN, viewer=LEAD, now=now)
    assert board is not None
    assert board.decisions[0].rule == "an_open_sev1_holds"
    with pytest.raises(actions.Refused, match="a Sev1 is open"):
        instance.move(Move.RESUME)
    cases.resolve(actor=LEAD, case_id=bug.id, resolution="found", now=now)
    instance.move(Move.RESUME)
    assert instance.tick(gates=True).status is Status.ACTIVE


def test_a_bug_opened_as_a_case_moves_the_guardrail_once(an_instance: Callable[..., Instance]) -> None:
    instance = an_instance({"kind": "teams", "signals": ["error", "human_reports"]}, TWO_TEAMS)
    a_month_before(instance)
    instance.move(Move.START)
    instance.tick(gates=True)
    on = sorted(instance.on())
    instance.work(0, set(instance.everybody()) - set(on), "existing")
    instance.work(0, on, "unified")
    keys = identity.issue_personal_keys(actor="test", people=on[:4], now=instance.clock.now())
    found, said = [instance.reports_evidence()], []
    for hour, person in enumerate(on[:4]):
        instance.at(0, 0.5 + hour / 10)
        bug = {"feature": PLAN, "tenant": "engineering-quality", "title": "It lost my request"}
        called = {"content_type": "application/json", "headers": {"authorization": f"Bearer {keys[person]}"}}
        opened = Client().post("/api/v1/cases", bug | ({"severity": "sev3"} if hour else {}), **called)
        said.append(opened.json())
        instance.take_handed_in()
        found.append(instance.reports_evidence())
    assert found[0] == found[1]  # nobody knows yet how severe the first is
    assert found[1] < found[2] < found[3] < found[4]
    for topic in ("case.opened", "case.triaged", "case.severity_set"):  # heard again: still one report
        outbox.publish(
            topic, {"case": said[-1]["id"], "feature": PLAN, "type": "bug"}, at=instance.clock.now()
        )
    instance.take_handed_in()
    assert instance.reports_evidence() == found[4]
    assert not list((instance.data / "handed-in").iterdir())
    assert telemetry.bugs_counted() == 0
    instance.process.drain.catch_up()
    assert telemetry.bugs_counted() == 3


def test_stalled_telemetry_holds_and_leaves_what_was_counted(an_instance: Callable[..., Instance]) -> None:
    instance = an_instance(cohort=TWO_TEAMS)
    a_month_before(instance)
    instance.move(Move.START)
    instance.tick(gates=True)
    instance.work(0, set(instance.everybody()) - instance.on(), "existing")
    instance.work(0, instance.on(), "unified")
    instance.at(0)
    instance.tick(gates=True)
    before = instance.guardrail().value
    instance.at(3, hour=7)
    assert instance.tick(gates=True).status is Status.PAUSED
    gate = instance.guardrail()
    assert (gate.verdict, gate.rule, gate.value) == (Verdict.INCONCLUSIVE, "silence_holds", before)


@pytest.mark.parametrize("comparison", [TEAMS, HALF])
def test_a_restart_reads_what_was_kept_and_goes_on_exactly(
    an_instance: Callable[..., Instance], comparison: dict[str, Any]
) -> None:
    instance = an_instance(comparison)
    a_month_before(instance)
    instance.move(Move.START)
    instance.tick(gates=True)
    on = instance.on()
    off = instance.tick().held_back if comparison is HALF else set(instance.everybody()) - on
    instance.work(0, on, "unified", failing=sorted(on)[:2])
    instance.work(0, off, "existing", failing=sorted(off)[:1])
    instance.tick(gates=True)  # keeps
    instance.work(1, on, "unified", failing=sorted(on)[2:4])  # not kept: only in the log
    watching = instance.process.controller._watching
    before = watching.reading(PLAN, points=2.0)
    instance.restart()
    instance.process.tail.flush()
    again = instance.process.controller._watching
    assert again.reading(PLAN, points=2.0) == before
    assert again._watched[PLAN].after >= 0  # it was read back, not counted anew
    instance.process.drain.catch_up()
    instance.at(1)
    instance.tick(gates=True)
    assert again.doubt(PLAN) == ""  # counted again from stored events: the same


def test_an_erasure_counts_anew_and_drops_what_was_kept(an_instance: Callable[..., Instance]) -> None:
    instance = an_instance()
    a_month_before(instance)
    instance.move(Move.START)
    instance.tick(gates=True)
    instance.work(0, instance.on(), "unified", failing=sorted(instance.on())[:2])
    instance.tick(gates=True)
    watching = instance.process.controller._watching
    before = watching.reading(PLAN, points=2.0)
    assert telemetry.kept_guardrail(PLAN) is not None
    outbox.publish("telemetry.erased", {"erasure": "1"}, at=instance.clock.now())
    assert telemetry.kept_guardrail(PLAN) is None
    assert watching.reading(PLAN, points=2.0) == before  # nobody's events were taken out here
