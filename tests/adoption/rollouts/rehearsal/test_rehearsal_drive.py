"""The lock step against a server that plays along: a plan in seconds, twice the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from adoption.rollouts.rehearsal.fake_server import FakeServer
from adoption.rollouts.rehearsal.small_company import people_of
from companyos.adoption.rollouts.rehearsal.drive import drive
from companyos.adoption.rollouts.rehearsal.order import DriveFailed, Fault, Keys, Order, Progress
from companyos.adoption.rollouts.rehearsal.page import page_of
from companyos.adoption.rollouts.rehearsal.profile import stored_profile
from companyos.adoption.rollouts.rehearsal.report import comparable
from companyos.adoption.rollouts.rehearsal.workforce import Workforce

MADRID = ZoneInfo("Europe/Madrid")
START = datetime(2026, 10, 12, 7, tzinfo=UTC)
PREP = datetime(2026, 11, 9, 8, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def order(workforce: Workforce) -> Order:
    return Order(
        plan="p",
        people=people_of(),
        workforce=workforce,
        profile=stored_profile(),
        log=None,
        fault=None,
        seed=4,
        cases=200,
        starts_at=START,
        zone=MADRID,
        holidays=frozenset(),
        until_stage=None,
        pace_seconds=None,
    )


def driven(order: Order, server: FakeServer | None = None) -> tuple[FakeServer, dict, list[Progress]]:  # type: ignore[type-arg]
    server = server or FakeServer()
    said: list[Progress] = []

    async def run() -> dict:  # type: ignore[type-arg]
        async with server.running():
            keys = Keys(server.url, "clock", "server", {p.slug: p.slug for p in order.people})
            return (await drive(order, keys, say=said.append, peak_rss_mb=lambda: 12.5)).report

    return server, asyncio.run(run()), said


def test_a_plan_runs_to_its_end_and_every_event_lies_in_its_slice(order: Order) -> None:
    server, report, said = driven(order)
    assert (report["final_state"], report["ended_because"]) == ("completed", "completed")
    assert server.out_of_time == []
    assert report["events_acked"] == len(server.events) == report["events_counted"]
    assert report["cases_sampled"] == server.evaluations == report["evaluations"]
    assert report["cases_replayed"] == 0
    assert {moment.minute % 15 for moment in server.clock} == {0}
    assert server.clock[0] == START
    assert [act["did"] for act in report["acts"] if act["did"] == "start"] == ["start"]
    assert next(act["at"] for act in report["acts"]) == PREP.isoformat()
    assert len(server.serving) == order.workforce.providers
    assert set(server.serving.values()) == {server.version}
    assert report["surveys_answered"] > 0
    assert report["peak_rss_mb"] == report["wall"]["peak_rss_mb"] == 12.5
    assert said[0].status == "baseline"


def test_no_look_is_skipped(order: Order) -> None:
    server, _, _ = driven(replace(order, cases=5, until_stage="pilot"))
    local = [moment.astimezone(MADRID) for moment in server.clock]
    hours = {(moment.date(), moment.hour) for moment in local if moment.minute == 0}
    worked = {moment.date() for moment in local if moment.weekday() < 5}
    last = local[-1].date()
    assert {(day, hour) for day in worked if day < last for hour in (9, 11, 13, 15)} <= hours


def test_one_seed_gives_equal_reports(order: Order) -> None:
    (_, one, _), (_, same, _), (_, other, _) = (driven(replace(order, seed=seed)) for seed in (4, 4, 5))
    assert comparable(one) == comparable(same)
    assert one["events_acked"] != other["events_acked"]


def test_a_log_is_replayed_case_by_case(order: Order, a_log: Path) -> None:
    server, report, _ = driven(replace(order, log=a_log, cases=None))
    begun = [e["case"] for e in server.events.values() if e["event"] == "case_started"]
    from_log = sorted(case for case in begun if case.startswith("log-"))
    assert len(set(begun)) == len(begun)
    assert from_log == [f"log-{n:06d}" for n in range(1, report["cases_replayed"] + 1)]
    assert report["log"]["name"] == a_log.name
    assert report["cases_open_at_end"] == len(begun) - sum(
        e["event"] == "case_closed" for e in server.events.values()
    )


def test_a_case_keeps_the_path_it_began_on(order: Order) -> None:
    server, _, _ = driven(order)
    paths: dict[str, set[str]] = {}
    for event in server.events.values():
        if event["event"] != "feature_flag.evaluation":
            paths.setdefault(event["case"], set()).add(event["path"])
    assert {frozenset(taken) for taken in paths.values()} == {frozenset({"existing"}), frozenset({"unified"})}


def test_a_regression_rolls_back_is_fixed_and_the_plan_goes_on(order: Order, workforce: Workforce) -> None:
    worse = replace(order, cases=1500, fault=Fault.parse("regression@expand"))
    _, report, _ = driven(worse)
    did = [act["did"] for act in report["acts"]]
    assert report["fault"]["rolled_back_by"] < report["fault"]["lifted_at"]
    assert did.index("fix") < did.index("resume")
    assert report["final_state"] == "completed"
    resumed = next(act for act in report["acts"] if act["did"] == "resume")
    assert resumed["who"] == "approvals-squad-0"


def test_a_shared_incident_strikes_both_paths_for_a_day_and_the_plan_goes_on(order: Order) -> None:
    server, report, _ = driven(replace(order, cases=800, fault=Fault.parse("shared-incident@expand")))
    assert report["final_state"] == "completed"
    began = datetime.fromisoformat(report["fault"]["began_at"])
    during, before = (
        [e for e in server.events.values() if since <= datetime.fromisoformat(e["time"]) < since + DAY]
        for since in (began, began - 7 * DAY)
    )
    assert _failed_share(during, "existing") > 5 * _failed_share(before, "existing")
    assert _failed_share(during, "unified") > 0.05


def _failed_share(events: list[dict[str, Any]], path: str) -> float:
    """Failed tasks a started one; at least one in five hundred, so that a quiet day compares."""
    of_path = [e["event"] for e in events if e.get("path") == path]
    return max(0.002, of_path.count("task_failed") / max(1, of_path.count("task_started")))


def test_while_a_rollback_delays_the_plan_the_log_waits(
    order: Order, a_log: Path, workforce: Workforce
) -> None:
    certain = msgspec.structs.replace(workforce.fault, more_failures=0.9)
    struck = msgspec.structs.replace(workforce, fault=certain)
    fault = Fault.parse("regression@expand")
    delayed = replace(order, workforce=struck, fault=fault, log=a_log, cases=None)
    server = FakeServer(failures_that_roll_back=2)
    _, report, _ = driven(delayed, server)
    assert report["final_state"] == "completed"
    days = {e["time"][:10]: e["case"][:3] for e in server.events.values() if e["event"] == "case_started"}
    kinds = [days[day] for day in sorted(days) if day >= "2026-11-09"]
    after_the_delay = kinds.index("day")
    assert "log" in kinds[after_the_delay:]


def test_a_stopped_rollout_nobody_repairs_ends_the_run(order: Order) -> None:
    server = FakeServer(failures_that_roll_back=1)
    _, report, _ = driven(replace(order, cases=2500, patience_days=3), server)
    assert report["final_state"] == "rolled_back"
    assert report["ended_because"] == "rolled_back for 3 working days and nobody acted"


def test_a_lead_waits_two_days_for_proof_then_advances_with_a_reason(order: Order) -> None:
    _, report, _ = driven(replace(order, until_stage="pilot"), FakeServer(proof_is_missing=True))
    advanced = next(act for act in report["acts"] if act["did"] == "advance")
    assert advanced["because"].startswith("advanced without proof: usability")
    assert datetime.fromisoformat(advanced["at"]) == datetime(2026, 11, 18, 8, tzinfo=UTC)


def test_a_server_that_is_not_there_is_named(order: Order) -> None:
    with pytest.raises(DriveFailed, match="nothing answers"):
        asyncio.run(drive(order, Keys("http://127.0.0.1:9", "c", "s", {}), say=print))


def test_the_page_escapes_what_it_shows(order: Order) -> None:
    _, report, _ = driven(replace(order, cases=5, until_stage="pilot"))
    page = page_of({**report, "ended_because": "<script>x</script>"})
    assert "<script>" not in page
    assert "paths.unified.failure" in page


@pytest.mark.parametrize("text", ["regression", "regression@", "@expand", "outage@expand"])
def test_a_fault_that_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="KIND@STAGE"):
        Fault.parse(text)
